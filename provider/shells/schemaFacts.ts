/** What a zod schema says of itself, for everything that is generated from schemas. */

import { z } from "zod";
import { texts } from "./schemaTexts.js";

/** The comments of a schema, in its own shape. */
export interface SchemaDocs {
  text: string;
  properties?: Record<string, SchemaDocs>;
  element?: SchemaDocs;
}

/**
 * The description of a property: its comment, after the text for names that say enough where they are declared.
 *
 * @param at `<type>.<property>`
 * @returns an empty text where there is neither
 */
export function description(text: string, at: string): string {
  const own = at.slice(at.lastIndexOf(".") + 1);
  const isBare = text === "" || /^(?:Allowed|One of): /.test(text);
  const fallback = isBare ? (texts.get(at) ?? texts.get(own) ?? "") : "";
  return [fallback, text].filter(Boolean).join(" ");
}

/** A type without what makes it optional. */
export function inner(type: z.ZodType): z.ZodType {
  let current = type;
  while (true) {
    if (current instanceof z.ZodOptional || current instanceof z.ZodDefault || current instanceof z.ZodNullable)
      current = current.unwrap() as z.ZodType;
    else if (current instanceof z.ZodPipe) current = current.out as z.ZodType;
    else return current;
  }
}

/**
 * A union as one object whose discriminator says which of the other properties count. In Go, C# and Java a union of
 * objects would be an untyped value.
 */
export function flattened(union: z.ZodDiscriminatedUnion): z.ZodObject {
  const variants = union.options as z.ZodObject[];
  const discriminator = union.def.discriminator;
  const kinds = variants.flatMap((variant) => [
    ...((variant.shape as Record<string, z.ZodLiteral>)[discriminator]?.values ?? []),
  ]);
  const merged: Record<string, z.ZodType> = {};
  for (const variant of variants)
    for (const [key, type] of Object.entries(variant.shape as Record<string, z.ZodType>)) {
      const isShared = variants.every((other) => key in other.shape);
      merged[key] = isShared || type instanceof z.ZodOptional ? type : type.optional();
    }
  return z.strictObject({ ...merged, [discriminator]: z.enum(kinds.map(String) as [string, ...string[]]) });
}

export function isLeftOut(schema: z.ZodObject, key: string): boolean {
  const verdict = ((schema.shape as Record<string, z.ZodType>)[key] ?? z.never()).safeParse(undefined);
  return verdict.success && verdict.data === undefined;
}

/** What a program must give: neither optional nor with a default. */
export function requiredOf(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape).flatMap(([key, type]) =>
    (type as z.ZodType).safeParse(undefined).success ? [] : [key],
  );
}

/** A comment with the allowed values and the default, where the schema knows more than the comment says. */
export function withFacts(text: string, type: z.ZodType): string {
  const parts = [text];
  const refusal = inner(type).safeParse(Symbol.iterator);
  const message = refusal.success ? "" : (refusal.error.issues[0]?.message ?? "");
  const allowed = /^allowed: (.+)$/s.exec(message)?.[1];
  if (allowed !== undefined && !isTold(text, allowed)) parts.push(`Allowed: ${allowed}.`);
  const fallback = type.safeParse(undefined);
  if (fallback.success && fallback.data !== undefined && !/default/i.test(text))
    parts.push(
      `Default ${typeof fallback.data === "string" ? `\`${fallback.data}\`` : JSON.stringify(fallback.data)}.`,
    );
  return parts.filter(Boolean).join(" ");
}

/** True where a comment says already what is allowed, or nobody needs to be told. */
function isTold(text: string, allowed: string): boolean {
  if (/^(?:true, false|a text|a text that is not empty|the path of a file)$/.test(allowed)) return true;
  const range = /\d+-[\d_]+$/.exec(allowed)?.[0];
  return text.includes(allowed) || (range !== undefined && text.includes(range));
}

/** A type's name as words, for a type that needs no more text than that. */
export function nameAsText(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
  return `${words.replace(/^./, (first) => first.toUpperCase())}.`;
}
