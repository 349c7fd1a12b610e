/** One line of the table: what was measured, against which bound. */
export interface Row {
  what: string;
  /** What is promised; empty = reported only. */
  bound: string;
  measured: string;
  /** Absent where there is no bound. */
  isHeld?: boolean;
}

/** A figure that must not be above its bound. */
export function atMost(what: string, measured: number, bound: number, unit: string, digits = 0): Row {
  return {
    what,
    bound: `<= ${bound}${unit}`,
    measured: `${measured.toFixed(digits)}${unit}`,
    isHeld: measured <= bound,
  };
}

/** A figure without a bound. */
export function report(what: string, measured: string): Row {
  return { what, bound: "", measured };
}

export function printTable(rows: readonly Row[]): void {
  const width = (texts: string[]) => Math.max(...texts.map((text) => text.length));
  const columns = [
    width(["what", ...rows.map((row) => row.what)]),
    width(["bound", ...rows.map((row) => row.bound)]),
    width(["measured", ...rows.map((row) => row.measured)]),
  ] as const;
  const line = (what: string, bound: string, measured: string, verdict: string) =>
    console.log(
      `${what.padEnd(columns[0])}  ${bound.padStart(columns[1])}  ${measured.padStart(columns[2])}  ${verdict}`.trimEnd(),
    );
  line("what", "bound", "measured", "");
  for (const row of rows)
    line(row.what, row.bound, row.measured, row.isHeld === undefined ? "" : row.isHeld ? "held" : "NOT HELD");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
