/**
 * Which ARM ids the program of this run declares. A delete of such an id is a rename's: it must only forget, also where
 * the create of the new name was in an earlier `up` that failed afterwards, or failed itself in this one.
 */

/** ARM ids in lower case. */
export class Claims {
  readonly #declared = new Set<string>();
  /** Declared, and to be deleted first because the replacement has the same id. */
  readonly #replaced = new Set<string>();

  declare(id: string): void {
    this.#declared.add(id.toLowerCase());
  }

  /** Takes effect for what was declared before only: the diffs of a refresh come before every check, and decide nothing. */
  replace(id: string): void {
    if (this.#declared.has(id.toLowerCase())) this.#replaced.add(id.toLowerCase());
  }

  has(id: string): boolean {
    return this.#declared.has(id.toLowerCase()) && !this.#replaced.has(id.toLowerCase());
  }
}
