/** One thing wrong with an estate. */
export interface EstateProblem {
  /** Property path, such as `networks.0.subnets.1.addressPrefix`; empty for the file as a whole. */
  path: (string | number)[];
  message: string;
}

/** An estate that cannot be used; the message has one line for each problem: `file:line: path: what is wrong`. */
export class EstateError extends Error {
  override readonly name = "EstateError";
  constructor(
    file: string,
    readonly problems: { line: number | undefined; path: string; message: string }[],
  ) {
    const count = `${problems.length} problem${problems.length === 1 ? "" : "s"}`;
    const lines = problems.map(
      ({ line, path, message }) =>
        `  ${file}${line === undefined ? "" : `:${line}`}: ${path === "" ? "" : `${path}: `}${message}`,
    );
    super([`reading estate "${file}": ${count}`, ...lines].join("\n"));
  }
}
