/**
 * A set of URNs, some of them given by patterns: `*` stands for anything but a colon, `**` for anything at all. A set
 * that names nothing restricts nothing.
 *
 * @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/ (--target)
 */
export class UrnSelection {
  private readonly urns: Set<string>;
  private readonly patterns: readonly RegExp[];

  constructor(urnsAndPatterns: readonly string[]) {
    this.urns = new Set(urnsAndPatterns.filter((text) => !text.includes("*")));
    this.patterns = urnsAndPatterns.filter((text) => text.includes("*")).map(patternOf);
  }

  /** True if only some resources are meant. */
  get isRestricted(): boolean {
    return this.urns.size > 0 || this.patterns.length > 0;
  }

  /** The URNs that were given in full: these must exist. */
  get literals(): readonly string[] {
    return [...this.urns];
  }

  /** True if the set names this URN. */
  has(urn: string): boolean {
    return this.urns.has(urn) || this.patterns.some((pattern) => pattern.test(urn));
  }

  /** A set of the same that can grow by itself. */
  copy(): GrowingSelection {
    return new GrowingSelection(this);
  }
}

/** A selection to which an operation adds what depends on it. */
export class GrowingSelection {
  private readonly added = new Set<string>();

  constructor(private readonly origin: UrnSelection) {}

  has(urn: string): boolean {
    return this.added.has(urn) || this.origin.has(urn);
  }

  add(urn: string): void {
    this.added.add(urn);
  }
}

function patternOf(text: string): RegExp {
  const quoted = text
    .split("**")
    .map((part) =>
      part
        .split("*")
        .map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
        .join("[^:]*"),
    )
    .join(".*");
  return new RegExp(`^${quoted}$`, "s");
}
