/** Turns a zod schema's verdict into check failures: every one names the property, the value and what is allowed. */

import { z } from "zod";
import { isUnknown } from "../connectivity/unknown.js";
import type { CheckFailure, Properties } from "./handler.js";
import { didYouMean } from "./nearest.js";

export interface Validated {
  /** The inputs with defaults filled in, whatever else is wrong with them. */
  inputs: Properties;
  failures: CheckFailure[];
}

/**
 * Checks inputs that may hold unknown values: what concerns an unknown value is passed over.
 */
export function validate(schema: z.ZodObject, news: Properties): Validated {
  const verdict = schema.safeParse(news, { reportInput: true });
  if (verdict.success) return { inputs: verdict.data, failures: [] };
  const failures = verdict.error.issues.flatMap((issue) =>
    touchesUnknown(news, issue) ? [] : toFailures(issue, news, schema),
  );
  return { inputs: withDefaults(schema, news), failures };
}

/** `a.b[0].c` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

/** A value in a message: short, and never more than a line. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  // Of an ARM id it is the end that tells which one is meant.
  return text.length > 120 ? `${text.slice(0, 30)}...${text.slice(-87)}` : text;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === "object" && inner !== null ? (inner as Record<PropertyKey, unknown>)[part] : undefined,
    value,
  );
}

type Issue = z.core.$ZodIssue;

/** True where the issue's value, or something it lies in, is unknown. */
function touchesUnknown(news: Properties, issue: Issue): boolean {
  return issue.path.some((_, index) => isUnknown(at(news, issue.path.slice(0, index + 1))));
}

function toFailures(issue: Issue, news: Properties, schema: z.ZodObject): CheckFailure[] {
  if (issue.code === "unrecognized_keys") {
    const allowed = allowedKeys(schema, issue.path, news);
    return issue.keys.map((key) => ({
      property: pathText([...issue.path, key]),
      reason: `is not a property here${didYouMean(key, allowed)}${allowed.length > 0 ? `; allowed: ${allowed.join(", ")}` : ""}`,
    }));
  }
  const value = at(news, issue.path);
  const property = pathText(issue.path);
  if (value === undefined) return [{ property, reason: `is required; ${expectation(issue)}` }];
  const words = issue.code === "invalid_value" ? issue.values.map(String) : [];
  const meant = typeof value === "string" ? didYouMean(value, words) : "";
  return [{ property, reason: `value ${show(value)} is not allowed${meant}; ${expectation(issue)}` }];
}

function expectation(issue: Issue): string {
  if (issue.code === "invalid_value" && issue.message.startsWith("Invalid"))
    return `allowed: ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
  // Our own messages say what is allowed; zod's default ones begin with "Invalid".
  if (issue.code === "invalid_type" && issue.message.startsWith("Invalid"))
    return `allowed: ${kindsOfValue[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_union") {
    const inner = issue.errors.flat().map((other) => expectation(other as Issue));
    return inner.length > 0 ? [...new Set(inner)].join(", or ") : issue.message;
  }
  return issue.message;
}

/** What a program of any language would call it. */
const kindsOfValue: Readonly<Record<string, string>> = {
  array: "a list",
  object: "an object",
  record: "an object",
  string: "a text",
  number: "a number",
  boolean: "true, false",
};

/** The keys that the object at a path of a value may have; of a union those of the option that its discriminator names. */
function allowedKeys(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  let inner: z.ZodType | undefined = schema;
  for (const [depth, part] of path.entries()) {
    inner = chosen(unwrap(inner), at(value, path.slice(0, depth)));
    if (inner instanceof z.ZodObject) inner = (inner.shape as Record<string, z.ZodType>)[String(part)];
    else if (inner instanceof z.ZodArray) inner = inner.element as z.ZodType;
    else return [];
  }
  const object = chosen(unwrap(inner), at(value, path));
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function chosen(schema: z.ZodType | undefined, value: unknown): z.ZodType | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const key = schema.def.discriminator;
  const word = (value as Properties | undefined)?.[key];
  return (schema.options as z.ZodObject[]).find(
    (option) => (option.shape[key] as z.ZodType).safeParse(word).success,
  );
}

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodNullable) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}

/** Fills top-level defaults without the rest having to be valid, so that a preview with unknown values shows them. */
function withDefaults(schema: z.ZodObject, news: Properties): Properties {
  const filled: Properties = { ...news };
  for (const [key, inner] of Object.entries(schema.shape)) {
    if (filled[key] !== undefined) continue;
    const fallback = (inner as z.ZodType).safeParse(undefined);
    if (fallback.success && fallback.data !== undefined) filled[key] = fallback.data;
  }
  return filled;
}
