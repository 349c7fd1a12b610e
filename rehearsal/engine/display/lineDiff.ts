/** A run of lines that were added, deleted or kept. */
export interface LineRun {
  kind: "insert" | "delete" | "equal";
  lines: string[];
}

/** Above this many pairs of lines the middle is shown as replaced whole: nobody reads more, and it would take long. */
const maxComparedPairs = 4_000_000;

/** The shortest way from one text to another in whole lines, deletes ahead of inserts. */
export function diffLines(oldText: string, newText: string): LineRun[] {
  const old = oldText.split("\n");
  const current = newText.split("\n");
  let start = 0;
  while (start < old.length && start < current.length && old[start] === current[start]) {
    start++;
  }
  let end = 0;
  while (
    end < old.length - start &&
    end < current.length - start &&
    old[old.length - 1 - end] === current[current.length - 1 - end]
  ) {
    end++;
  }
  const runs: LineRun[] = [];
  add(runs, "equal", old.slice(0, start));
  addMiddle(runs, old.slice(start, old.length - end), current.slice(start, current.length - end));
  add(runs, "equal", old.slice(old.length - end));
  return runs;
}

function addMiddle(runs: LineRun[], old: string[], current: string[]): void {
  if (old.length * current.length > maxComparedPairs) {
    add(runs, "delete", old);
    add(runs, "insert", current);
    return;
  }
  const lengths = longestCommonLengths(old, current);
  let i = 0;
  let j = 0;
  while (i < old.length || j < current.length) {
    const [oldLine, line] = [old[i], current[j]];
    if (oldLine !== undefined && line !== undefined && oldLine === line) {
      add(runs, "equal", [oldLine]);
      i++;
      j++;
    } else if (oldLine !== undefined && (line === undefined || at(lengths, i + 1, j) >= at(lengths, i, j + 1))) {
      add(runs, "delete", [oldLine]);
      i++;
    } else if (line !== undefined) {
      add(runs, "insert", [line]);
      j++;
    }
  }
}

/** For each pair of positions the length of the longest common subsequence of what follows. */
function longestCommonLengths(old: string[], current: string[]): Uint32Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Uint32Array(current.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    const row = rows[i];
    for (let j = current.length - 1; row !== undefined && j >= 0; j--) {
      row[j] =
        old[i] === current[j] ? at(rows, i + 1, j + 1) + 1 : Math.max(at(rows, i + 1, j), at(rows, i, j + 1));
    }
  }
  return rows;
}

function at(rows: Uint32Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}

function add(runs: LineRun[], kind: LineRun["kind"], lines: string[]): void {
  if (lines.length === 0) {
    return;
  }
  const last = runs.at(-1);
  if (last?.kind === kind) {
    last.lines.push(...lines);
  } else {
    runs.push({ kind, lines: [...lines] });
  }
}
