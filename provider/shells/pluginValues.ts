/**
 * Properties between Pulumi's wire form and the handlers' plain JSON. Secrets arrive wrapped; they are unwrapped for
 * the handlers and wrapped again in every answer.
 */

import struct from "google-protobuf/google/protobuf/struct_pb.js";
import type { Properties } from "../resources/handler.js";
import { below, type SecretMask, type SecretTexts, secretSignature, signatureKey } from "./secretTexts.js";

export interface Opened {
  values: Properties;
  mask: SecretMask | undefined;
}

/** Properties of a request, plain, with the places of their secrets. */
export function open(message: struct.Struct | undefined, texts: SecretTexts): Opened {
  if (message === undefined) return { values: {}, mask: undefined };
  const { value, mask } = openStruct(message, texts);
  // Properties as a whole are never a secret, each of them may be.
  return { values: value as Properties, mask };
}

/**
 * Properties of an answer: what is secret in one of the masks, or holds a secret text, goes out wrapped. As JSON would
 * have it, `undefined` is left out: a Struct takes none.
 */
export function seal(
  values: Properties,
  texts: SecretTexts,
  ...masks: readonly (SecretMask | undefined)[]
): struct.Struct {
  return sealStruct(values, masks.reduce<SecretMask | undefined>(merge, undefined), texts);
}

function sealStruct(
  values: Properties,
  mask: SecretMask | undefined,
  texts: SecretTexts | undefined,
): struct.Struct {
  const sealed = new struct.Struct();
  const fields = sealed.getFieldsMap();
  for (const [key, value] of Object.entries(values)) {
    const field = sealValue(value, below(mask, key), texts);
    if (field) fields.set(key, field);
  }
  return sealed;
}

interface Unwrapped {
  value: unknown;
  mask: SecretMask | undefined;
}

// Every property of every resource passes here several times in each operation: one pass, and no copy between.
function openStruct(message: struct.Struct, texts: SecretTexts): Unwrapped {
  const fields = message.getFieldsMap();
  if (fields.get(signatureKey)?.getStringValue() === secretSignature) {
    // Pulumi may wrap a secret inside a secret; the outer one covers it.
    const wrapped = fields.get("value");
    const inner = wrapped === undefined ? null : openValue(wrapped, texts).value;
    texts.learn(inner);
    return { value: inner, mask: true };
  }
  const value: Properties = {};
  let mask: Record<string, SecretMask> | undefined;
  fields.forEach((field, key) => {
    const opened = openValue(field, texts);
    value[key] = opened.value;
    if (opened.mask !== undefined) mask = { ...mask, [key]: opened.mask };
  });
  return { value, mask };
}

function openValue(value: struct.Value, texts: SecretTexts): Unwrapped {
  const { KindCase } = struct.Value;
  switch (value.getKindCase()) {
    case KindCase.STRING_VALUE:
      return { value: value.getStringValue(), mask: undefined };
    case KindCase.NUMBER_VALUE:
      return { value: value.getNumberValue(), mask: undefined };
    case KindCase.BOOL_VALUE:
      return { value: value.getBoolValue(), mask: undefined };
    case KindCase.STRUCT_VALUE:
      return openStruct(value.getStructValue() ?? new struct.Struct(), texts);
    case KindCase.LIST_VALUE: {
      const parts = (value.getListValue()?.getValuesList() ?? []).map((element) => openValue(element, texts));
      return {
        value: parts.map((part) => part.value),
        mask: maskOf(parts.map((part, index) => [index, part.mask])),
      };
    }
    default:
      return { value: null, mask: undefined };
  }
}

/** A value as the wire has it; undefined for what JSON does not know. */
function sealValue(
  given: unknown,
  mask: SecretMask | undefined,
  texts: SecretTexts | undefined,
): struct.Value | undefined {
  const value = hasToJson(given) ? given.toJSON() : given;
  if (value === undefined || typeof value === "function" || typeof value === "symbol") return undefined;
  if (mask === true || (typeof value === "string" && texts?.isIn(value))) return secretValue(value);
  const sealed = new struct.Value();
  if (typeof value === "string") sealed.setStringValue(value);
  else if (typeof value === "boolean") sealed.setBoolValue(value);
  else if (typeof value === "number" && Number.isFinite(value)) sealed.setNumberValue(value);
  else if (Array.isArray(value)) {
    const list = new struct.ListValue();
    list.setValuesList(
      value.map((element, index) => sealValue(element, below(mask, index), texts) ?? nullValue()),
    );
    sealed.setListValue(list);
  } else if (typeof value === "object" && value !== null)
    sealed.setStructValue(sealStruct(value as Properties, mask, texts));
  else sealed.setNullValue(struct.NullValue.NULL_VALUE);
  return sealed;
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

/** A secret in Pulumi's wrapping; nothing inside it is wrapped again. */
function secretValue(value: unknown): struct.Value {
  const wrapped = new struct.Struct();
  wrapped.getFieldsMap().set(signatureKey, new struct.Value().setStringValue(secretSignature));
  wrapped.getFieldsMap().set("value", sealValue(value, undefined, undefined) ?? nullValue());
  return new struct.Value().setStructValue(wrapped);
}

function nullValue(): struct.Value {
  return new struct.Value().setNullValue(struct.NullValue.NULL_VALUE);
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return typeof value === "object" && value !== null && "toJSON" in value && typeof value.toJSON === "function";
}
