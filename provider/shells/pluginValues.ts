/**
 * Properties between Pulumi's wire form and the handlers' plain JSON. Secrets arrive wrapped; they are unwrapped for
 * the handlers and wrapped again in every answer.
 */

import { readProperties, writeProperties } from "../../protocol/properties.js";
import type { Properties } from "../resources/handler.js";
import { type SecretMask, type SecretTexts, secretSignature, signatureKey, wrap } from "./secretTexts.js";

export interface Opened {
  values: Properties;
  mask: SecretMask | undefined;
}

const signature = Buffer.from(signatureKey);

/** Properties of a request, plain, with the places of their secrets. */
export function open(message: Buffer | null, texts: SecretTexts): Opened {
  if (message === null) return { values: {}, mask: undefined };
  const values = readProperties(message);
  if (!message.includes(signature)) return { values, mask: undefined };
  const opened = openValue(values, texts);
  // Properties as a whole are never a secret, each of them may be.
  return { values: opened.value as Properties, mask: opened.mask };
}

/**
 * Properties of an answer: what is secret in one of the masks, or holds a secret text, goes out wrapped. As JSON would
 * have it, `undefined` is left out: the wire has none.
 */
export function seal(
  values: Properties,
  texts: SecretTexts,
  ...masks: readonly (SecretMask | undefined)[]
): Buffer {
  const mask = masks.reduce<SecretMask | undefined>(merge, undefined);
  if (mask === undefined && texts.isEmpty) return writeProperties(values);
  return writeProperties(wrap(JSON.parse(JSON.stringify(values)), mask, texts) as Properties);
}

interface Unwrapped {
  value: unknown;
  mask: SecretMask | undefined;
}

function openValue(value: unknown, texts: SecretTexts): Unwrapped {
  if (Array.isArray(value)) {
    const parts = value.map((element) => openValue(element, texts));
    return {
      value: parts.map((part) => part.value),
      mask: maskOf(parts.map((part, index) => [index, part.mask])),
    };
  }
  if (typeof value !== "object" || value === null) return { value, mask: undefined };
  const properties = value as Properties;
  if (properties[signatureKey] === secretSignature) {
    // Pulumi may wrap a secret inside a secret; the outer one covers it.
    const inner = openValue(properties.value ?? null, texts).value;
    texts.learn(inner);
    return { value: inner, mask: true };
  }
  const parts = Object.entries(properties).map(([key, inner]) => [key, openValue(inner, texts)] as const);
  return {
    value: Object.fromEntries(parts.map(([key, part]) => [key, part.value])),
    mask: maskOf(parts.map(([key, part]) => [key, part.mask])),
  };
}

function maskOf(parts: readonly (readonly [string | number, SecretMask | undefined])[]): SecretMask | undefined {
  const marked = parts.flatMap(([key, mask]) => (mask === undefined ? [] : [[String(key), mask] as const]));
  return marked.length > 0 ? Object.fromEntries(marked) : undefined;
}

function merge(a: SecretMask | undefined, b: SecretMask | undefined): SecretMask | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a === true || b === true) return true;
  return Object.fromEntries(
    [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
      const merged = merge(a[key], b[key]);
      return merged === undefined ? [] : [[key, merged]];
    }),
  );
}
