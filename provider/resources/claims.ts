/**
 * Which ARM ids the program of this run declares. A delete of such an id is a rename's: it must only forget, also where
 * the create of the new name was in an earlier `up` that failed afterwards, or failed itself in this one.
 */

/** ARM ids in lower case. */
export class Claims {
  readonly #declared = new Set<string>();
  /** Declared, and to be deleted first because the replacement has the same id. */
  readonly #replaced = new Set<string>();
  /** Those that the stack has had before this run. */
  readonly #ofStack = new Set<string>();

  /** @param isOfStack whether the resource that declares it has a state already */
  declare(id: string, isOfStack: boolean): void {
    this.#declared.add(id.toLowerCase());
    if (isOfStack) this.#ofStack.add(id.toLowerCase());
  }

  /** True where a resource of the program makes it, or keeps it, whatever else becomes of it in this run. */
  isDeclared(id: string): boolean {
    return this.#declared.has(id.toLowerCase());
  }

  /**
   * True where a resource that has a state declares it. Pulumi checks a replacement a second time as if it were new, and
   * the thing with its id is then the stack's own.
   */
  isOfStack(id: string): boolean {
    return this.#ofStack.has(id.toLowerCase());
  }

  /** Takes effect for what was declared before only: the diffs of a refresh come before every check, and decide nothing. */
  replace(id: string): void {
    if (this.#declared.has(id.toLowerCase())) this.#replaced.add(id.toLowerCase());
  }

  has(id: string): boolean {
    return this.#declared.has(id.toLowerCase()) && !this.#replaced.has(id.toLowerCase());
  }
}
