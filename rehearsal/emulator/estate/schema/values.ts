/** Names, addresses, numbers and times as an estate file may write them, with the words for those it may not. */

import { z } from "zod";
import { parseAddress, parsePrefix } from "../../network/addresses.js";
import { parseIpv6Range } from "../../network/ipv6.js";

const name = (least: number, most: number, pattern: RegExp, allowed: string) =>
  z
    .string({ error: (issue) => `must be text, given ${shown(issue.input)}` })
    .refine((value) => value.length >= least && value.length <= most && pattern.test(value), {
      error: (issue) =>
        `${shown(issue.input)} is not a valid name; allowed: ${least}-${most} characters, ${allowed}`,
    });

export const networkName = name(
  1,
  80,
  /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/,
  "letters, digits, '_', '.', '-', beginning with a letter or digit and ending with one or '_'",
);
export const virtualNetworkName = name(
  2,
  64,
  /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/,
  "letters, digits, '_', '.', '-', beginning with a letter or digit and ending with one or '_'",
);
export const resourceGroupName = name(
  1,
  90,
  /^[\w().-]*[\w()-]$/,
  "letters, digits, '_', '-', '.', '(', ')', not ending in '.'",
);
export const vaultName = name(2, 50, /^[A-Za-z][A-Za-z0-9-]*$/, "letters, digits, '-', beginning with a letter");
export const itemName = name(
  1,
  128,
  /^[^/\\?#%&<>\s][^/\\?#%&<>]*$/,
  "no '/', '\\', '?', '#', '%', '&', '<', '>'",
);
export const machineName = name(
  1,
  63,
  /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
  "letters, digits, '-', '.', alphanumeric ends",
);
export const storageName = name(3, 24, /^[a-z0-9]+$/, "lower-case letters and digits");

export const address = z.string().refine((value) => parseAddress(value) !== undefined, {
  error: (issue) => `${shown(issue.input)} is not an IPv4 address; allowed: four numbers 0-255, such as 10.20.1.4`,
});
export const prefix = z.string().refine((value) => parsePrefix(value) !== undefined, {
  error: (issue) =>
    `${shown(issue.input)} is not an IPv4 prefix; allowed: a network address and a length, such as 10.20.1.0/24`,
});
export const ipv6Prefix = z
  .string()
  .refine((value) => value.includes("/") && parseIpv6Range(value) !== undefined, {
    error: (issue) =>
      `${shown(issue.input)} is not an IPv6 prefix; allowed: an address and a length, such as fd00:20:1::/64`,
  });
export const wholeNumber = (least: number, most: number, unit?: string) =>
  z
    .int({
      error: (issue) =>
        `must be a whole number${unit === undefined ? "" : ` of ${unit}`}, given ${shown(issue.input)}`,
    })
    .refine((value) => value >= least && value <= most, {
      error: (issue) =>
        `${shown(issue.input)} is out of range; allowed: ${least}-${most}${unit === undefined ? "" : ` ${unit}`}`,
    });
export const guid = z.string().refine((value) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value), {
  error: (issue) => `${shown(issue.input)} is not a GUID; allowed: 8-4-4-4-12 hexadecimal digits`,
});
export const instant = z.union([z.string(), z.date()]).transform((value, context) => {
  const time = value instanceof Date ? value.getTime() : Date.parse(value);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  context.addIssue({
    code: "custom",
    message: `${shown(value)} is not a time; allowed: ISO 8601 such as 2026-01-31T08:00:00Z`,
  });
  return z.NEVER;
});
export const stringList = z
  .array(z.string().min(1, { error: "must not be empty" }))
  .min(1, { error: "must name at least one" });

/** What an error message shows of a value: short, on one line. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
