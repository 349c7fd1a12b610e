/** ARM ids. */

/** Those that are there, each once without regard to case, in the order found. */
export function unique(values: readonly (string | undefined)[]): string[] {
  const byKey = new Map<string, string>();
  for (const value of values) {
    if (value !== undefined && !byKey.has(value.toLowerCase())) byKey.set(value.toLowerCase(), value);
  }
  return [...byKey.values()];
}

export function lastSegment(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
