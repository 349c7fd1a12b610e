import type { ArmRequest } from "../core.js";
import { ArmError } from "../errors.js";

/** Entries of a page where the client asks for no other number. */
const defaultSize = 100;

/**
 * One page of a list in ARM's form. `$top` (1-1000) sets the size; the next page's absolute address, built on the
 * request's own Host header, carries a `$skipToken`. `nextLink` is left out on the last page.
 */
export function page<T>(
  request: ArmRequest,
  entries: readonly T[],
  size = defaultSize,
): { value: T[]; nextLink?: string } {
  const top = parameter(request, "$top");
  const token = parameter(request, "$skipToken");
  const length = top === undefined ? size : Number(top);
  if (!Number.isInteger(length) || length < 1 || length > 1000)
    throw new ArmError(400, "InvalidQueryParameter", `The query parameter $top is '${top}'; allowed: 1-1000.`);
  const start = token === undefined ? 0 : decode(token);
  if (start === undefined)
    throw new ArmError(
      400,
      "InvalidSkipToken",
      `The query parameter $skipToken is '${token}', which no answer contained.`,
    );
  const end = start + length;
  const value = entries.slice(start, end);
  if (end >= entries.length) return { value };
  const query = new URLSearchParams([...request.query].filter(([name]) => name.toLowerCase() !== "$skiptoken"));
  query.set("$skipToken", encode(end));
  return { value, nextLink: `${request.origin}${request.path}?${query.toString().replaceAll("%24", "$")}` };
}

function parameter(request: ArmRequest, name: string): string | undefined {
  for (const [key, value] of request.query) if (key.toLowerCase() === name.toLowerCase()) return value;
  return undefined;
}

function encode(start: number): string {
  return Buffer.from(`start:${start}`).toString("base64url");
}

function decode(token: string): number | undefined {
  const match = /^start:(\d{1,9})$/.exec(Buffer.from(token, "base64url").toString("utf8"));
  return match ? Number(match[1]) : undefined;
}
