/**
 * Properties between Pulumi's wire form and the handlers' plain JSON. Secrets arrive wrapped; they are unwrapped for
 * the handlers and wrapped again in every answer: at the same place, and wherever a secret text turns up inside another
 * value (a plan that repeats an address, a message).
 */

import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { isUnknown } from "../connectivity/unknown.js";
import type { Properties } from "../resources/handler.js";

/** Pulumi's tags of special values. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Where secrets are in a value: all of it, or below some keys. */
export type SecretMask = true | { readonly [key: string]: SecretMask };

export interface Opened {
  values: Properties;
  mask: SecretMask | undefined;
}

/** Texts shorter than this are in too many other texts to be told from them. */
const shortest = 3;

/** The secret texts that a process has seen: none of them may leave it in clear. */
export class SecretTexts {
  readonly #texts = new Set<string>();
  #pattern: RegExp | undefined;

  /** Remembers every text inside a secret value, also in the forms that messages and addresses give it. */
  learn(value: unknown): void {
    if (typeof value === "number") this.#add(String(value));
    else if (typeof value === "string") {
      if (isUnknown(value)) return;
      this.#add(value);
      this.#add(JSON.stringify(value).slice(1, -1));
      this.#add(encodeURIComponent(value));
      // Text of several lines is shown line by line.
      for (const line of value.split("\n")) this.#add(line.trim());
    } else if (typeof value === "object" && value !== null)
      for (const inner of Object.values(value)) this.learn(inner);
  }

  /** True where a text holds a secret one; case does not matter, since ids are compared without it. */
  isIn(text: string): boolean {
    return this.#texts.size > 0 && this.#test(text);
  }

  /** The text with `[secret]` in the place of every secret. */
  redact(text: string): string {
    if (this.#texts.size === 0) return text;
    return text.replace(new RegExp(this.#expression().source, "gi"), "[secret]");
  }

  #add(text: string): void {
    if (text.length < shortest || this.#texts.has(text)) return;
    this.#texts.add(text);
    this.#pattern = undefined;
  }

  #test(text: string): boolean {
    return this.#expression().test(text);
  }

  #expression(): RegExp {
    if (!this.#pattern) {
      // The longest first, so that no part of a secret stays behind a shorter one.
      const escaped = [...this.#texts]
        .sort((a, b) => b.length - a.length)
        .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      this.#pattern = new RegExp(escaped.join("|"), "i");
    }
    return this.#pattern;
  }
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

function below(mask: SecretMask | undefined, key: string | number): SecretMask | undefined {
  return mask === undefined || mask === true ? mask : mask[String(key)];
}

function wrap(value: unknown, mask: SecretMask | undefined, texts: SecretTexts): unknown {
  if (mask === true || (typeof value === "string" && texts.isIn(value))) {
    return { [signatureKey]: secretSignature, value };
  }
  if (Array.isArray(value)) return value.map((element, index) => wrap(element, below(mask, index), texts));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, wrap(inner, below(mask, key), texts)]),
  );
}
