/** A problem that ends the operation and is the user's to solve: its message is all that they need to see. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

/** A resource that was made or changed but did not reach the wanted state: it is kept, with the reasons. */
export class InitializationFailed extends Error {
  override readonly name = "InitializationFailed";

  constructor(
    readonly id: string,
    readonly properties: import("./propertyValues.js").PropertyMap,
    readonly inputs: import("./propertyValues.js").PropertyMap | undefined,
    /** Why, one entry per reason. Empty if the provider gave none: then nothing will repair the resource. */
    readonly reasons: string[],
  ) {
    super(
      reasons.length === 0
        ? "resource init failed"
        : `${reasons.length} ${reasons.length === 1 ? "error" : "errors"} occurred:\n${reasons.map((reason) => `\t* ${reason}\n`).join("")}\n`,
    );
  }
}

/** A provider cannot compare yet, since its own configuration is not known in a preview. */
export class DiffUnavailable extends Error {
  override readonly name = "DiffUnavailable";
}

/** Every problem in one message: the first line alone if there is one, a list otherwise. */
export function joinProblems(heading: string, problems: string[]): string {
  return problems.length === 1
    ? `${heading}: ${problems[0]}`
    : `${heading}:\n${problems.map((p) => `  - ${p}`).join("\n")}`;
}
