import { z } from "zod";

/**
 * Building blocks for reading Azure's answers. The SDK types them loosely and drops what it spells otherwise, so: keys
 * are compared without case, empty strings are absent, "true" is true, and Azure's dates of the years 1, 1601 and 1753
 * mean never. What is taken for whatever comes is one step of zod's and no schema behind it: a machine has a hundred.
 */

/** Text; absent where Azure sends null, "" or something else. */
export const text = z.transform((value: unknown) =>
  typeof value === "string" && value !== "" ? value : undefined,
);

/** A number, or a string that is one. */
export const number = z.transform((value: unknown) => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
});

/** A boolean, which Site Recovery mostly sends as "true" or "false"; absent is false. */
export const flag = z.transform(
  (value: unknown) => value === true || (typeof value === "string" && value.toLowerCase() === "true"),
);

/** A point in time as ISO 8601, UTC; never-dates are absent. */
export const moment = z.transform((value: unknown) => {
  const date = value instanceof Date ? value : typeof value === "string" ? new Date(value) : undefined;
  if (date === undefined || Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1900) return undefined;
  return date.toISOString();
});

/** A list; null and anything else is an empty one. */
export function list<T extends z.ZodType>(entry: T): z.ZodType<z.output<T>[]> {
  return z.preprocess((value) => (Array.isArray(value) ? value : []), z.array(entry));
}

/** Strings of a list, others left out. */
export const words = z.transform((value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [],
);

/** An object whose keys are found in any case; null is an empty one. */
export function object<T extends z.ZodRawShape>(shape: T): z.ZodType<z.output<z.ZodObject<T>>> {
  const canonical = new Map(Object.keys(shape).map((key) => [key.toLowerCase(), key]));
  return z.preprocess((value) => {
    const found: Record<string, unknown> = {};
    if (typeof value !== "object" || value === null) return found;
    for (const [key, entry] of Object.entries(value)) {
      const name = canonical.get(key.toLowerCase());
      if (name === undefined || entry === undefined || entry === null) continue;
      if (key === name || found[name] === undefined) found[name] = entry;
    }
    return found;
  }, z.object(shape));
}

/** A resource of the vault: id, name and its properties. */
export interface Resource<T> {
  id: string;
  name: string;
  properties: T;
}

const envelope = object({ id: z.string(), name: z.string(), properties: z.unknown() });

/** Reads what every resource of the vault has round its properties. @throws ZodError where id or name is missing */
export function readResource<T>(answer: unknown, properties: z.ZodType<T>): Resource<T> {
  const { id, name, properties: wire } = envelope.parse(answer);
  return { id, name, properties: properties.parse(wire ?? {}) };
}
