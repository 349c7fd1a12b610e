/** The `$filter` forms that clients really send: names compared with `eq`, joined by `and`. */

import type { ArmRequest } from "../core.js";
import { invalidInput } from "./errors.js";

/**
 * `( JobStatus eq 'Succeeded' ) and StartTime eq '...'` as lower-case names and their values.
 *
 * @throws Refusal for another form, or a name that the list cannot be filtered by.
 */
export function filterOf(request: ArmRequest, allowedNames: string[]): Record<string, string> {
  const text = request.query.get("$filter");
  if (text === null || text.trim() === "") return {};
  const filter: Record<string, string> = {};
  for (const part of text.split(/\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)/i)) {
    const match = /^[(\s]*([A-Za-z]+)\s+eq\s+'([^']*)'[)\s]*$/.exec(part);
    const [, name, value] = match ?? [];
    if (name === undefined || value === undefined) {
      throw invalidInput([
        { path: "$filter", message: `"${part}" is not understood; allowed: <name> eq '<value>', joined by and` },
      ]);
    }
    if (!allowedNames.some((allowed) => allowed.toLowerCase() === name.toLowerCase())) {
      throw invalidInput([
        { path: "$filter", message: `"${name}" is not a name of this list; allowed: ${allowedNames.join(", ")}` },
      ]);
    }
    filter[name.toLowerCase()] = value;
  }
  return filter;
}

/** A time of a filter, ISO or as the portal writes it (`8/18/2017 2:05:00 AM`, UTC), in milliseconds since 1970. */
export function timeOf(name: string, value: string): number {
  const hasZone = /Z$|[+-]\d\d:?\d\d$/.test(value);
  const time = Date.parse(hasZone ? value : `${value} UTC`);
  const fallback = Number.isNaN(time) ? Date.parse(`${value}Z`) : time;
  if (Number.isNaN(fallback)) {
    throw invalidInput([
      { path: "$filter", message: `${name} '${value}' is not a time; give one as 2023-08-26T04:00:00Z` },
    ]);
  }
  return fallback;
}
