/** The entries of one list of an estate, found by their names without regard to case. */
export class ByName<T extends { name: string }> {
  readonly #entries = new Map<string, T>();

  constructor(private readonly list: readonly T[]) {
    for (const entry of list) {
      const key = entry.name.toLowerCase();
      // Of two with one name, which is a mistake of its own, the first counts.
      if (!this.#entries.has(key)) this.#entries.set(key, entry);
    }
  }

  get(name: string | undefined): T | undefined {
    return name === undefined ? undefined : this.#entries.get(name.toLowerCase());
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase());
  }

  /** In the list's order. */
  names(): string[] {
    return this.list.map((entry) => entry.name);
  }
}

const known = new WeakMap<readonly object[], ByName<{ name: string }>>();

/** The index of a list that does not change any more: made once, however often it is asked for. */
export function byName<T extends { name: string }>(list: readonly T[]): ByName<T> {
  const index = known.get(list) ?? new ByName<{ name: string }>(list);
  known.set(list, index);
  // What is kept for a list was made from that list.
  return index as ByName<T>;
}
