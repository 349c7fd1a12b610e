/** Lists in pages, with an absolute nextLink that the service's clients follow as it is. */

import type { ArmRequest, ArmResponse } from "../core.js";
import { invalidInput } from "./errors.js";

/** The longest page; small enough that a vault of a thousand items shows whether a client pages. */
const pageSize = 100;

/**
 * One page of a list; `render` is called for the page's entries only.
 *
 * @param tokenName the query parameter that goes on: most operations do not document one, so nextLink brings its own.
 */
export function page<T>(
  request: ArmRequest,
  entries: T[],
  render: (entry: T) => unknown,
  tokenName = "skipToken",
): ArmResponse {
  const token = request.query.get(tokenName) ?? request.query.get(`$${tokenName}`) ?? "0";
  const start = /^\d+$/.test(token) ? Number(token) : Number.NaN;
  if (!Number.isSafeInteger(start)) {
    throw invalidInput([
      { path: tokenName, message: `"${token}" is not a token of this list; use nextLink as it came` },
    ]);
  }
  const slice = entries.slice(start, start + pageSize);
  const next = start + pageSize < entries.length ? start + pageSize : null;
  return {
    status: 200,
    body: { value: slice.map(render), nextLink: next === null ? null : nextLink(request, tokenName, next) },
  };
}

function nextLink(request: ArmRequest, tokenName: string, next: number): string {
  const query = new URLSearchParams(request.query);
  query.delete(`$${tokenName}`);
  query.set(tokenName, String(next));
  return `${request.origin}${request.path}?${query.toString()}`;
}
