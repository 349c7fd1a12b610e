/** Checks that all parts of an estate share. */

import type { ByName } from "../byName.js";
import type { EstateProblem } from "../errors.js";

export type Path = (string | number)[];

/** Names that an earlier entry of the list has already. */
export function repeated(list: readonly { name: string }[], path: Path, kind: string): EstateProblem[] {
  const seen = new Set<string>();
  return list.flatMap((entry, index) => {
    const key = entry.name.toLowerCase();
    if (seen.has(key)) {
      return [{ path: [...path, index, "name"], message: `"${entry.name}" is the name of another ${kind} too` }];
    }
    seen.add(key);
    return [];
  });
}

/** A name that nothing has; `where` says what was looked through. */
export function unknown(
  name: string | undefined,
  known: ByName<{ name: string }>,
  path: Path,
  where: string,
): EstateProblem[] {
  if (name === undefined || known.has(name)) return [];
  const allowed = known.names().join(", ") || "none is declared";
  return [{ path, message: `"${name}" is not one of ${where}; allowed: ${allowed}` }];
}
