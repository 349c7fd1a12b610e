/**
 * Properties between Pulumi's wire form and the handlers' plain JSON. Secrets arrive wrapped; they are unwrapped for
 * the handlers and wrapped again in every answer.
 */

import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "../resources/handler.js";
import { below, type SecretMask, type SecretTexts, secretSignature, signatureKey, wrap } from "./secretTexts.js";

export interface Opened {
  values: Properties;
  mask: SecretMask | undefined;
}

/** Properties of a request, plain, with the places of their secrets. */
export function open(message: struct.Struct | undefined, texts: SecretTexts): Opened {
  const { value, mask } = unwrap(message?.toJavaScript() ?? {}, texts);
  return { values: value as Properties, mask };
}

/** Properties of an answer: what is secret in one of the masks, or holds a secret text, goes out wrapped. */
export function seal(
  values: Properties,
  texts: SecretTexts,
  ...masks: readonly (SecretMask | undefined)[]
): struct.Struct {
  // JSON and nothing else: a Struct takes no `undefined`, dates or the like.
  const plain = JSON.parse(JSON.stringify(values)) as Properties;
  const mask = masks.reduce<SecretMask | undefined>(merge, undefined);
  const sealed = Object.fromEntries(
    Object.entries(plain).map(([key, value]) => [key, wrap(value, below(mask, key), texts)]),
  );
  return struct.Struct.fromJavaScript(sealed as Parameters<typeof struct.Struct.fromJavaScript>[0]);
}

function unwrap(value: unknown, texts: SecretTexts): { value: unknown; mask: SecretMask | undefined } {
  if (Array.isArray(value)) {
    const parts = value.map((element) => unwrap(element, texts));
    return {
      value: parts.map((part) => part.value),
      mask: maskOf(parts.map((part, index) => [index, part.mask])),
    };
  }
  if (typeof value !== "object" || value === null) return { value, mask: undefined };
  const entries = value as Properties;
  if (entries[signatureKey] === secretSignature) {
    // Pulumi may wrap a secret inside a secret; the outer one covers it.
    const inner = unwrap(entries.value ?? null, texts).value;
    texts.learn(inner);
    return { value: inner, mask: true };
  }
  const parts = Object.entries(entries).map(([key, inner]) => [key, unwrap(inner, texts)] as const);
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
