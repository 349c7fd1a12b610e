/** Circles in a graph of imports. */

/**
 * Groups of files that import one another, however far the way round; each sorted, and they among themselves.
 *
 * @param imports what each file imports; what is no file of the graph leads nowhere
 */
export function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];

  const visit = (file: string): number => {
    const number = order.size;
    order.set(file, number);
    lowest.set(file, number);
    path.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!imports.has(next)) continue;
      const reached = order.has(next) ? (path.includes(next) ? (order.get(next) ?? number) : number) : visit(next);
      lowest.set(file, Math.min(lowest.get(file) ?? number, reached));
    }
    const least = lowest.get(file) ?? number;
    if (least === number) {
      const together = path.splice(path.indexOf(file));
      if (together.length > 1 || imports.get(file)?.includes(file)) circles.push(together.sort());
    }
    return least;
  };

  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return circles.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}
