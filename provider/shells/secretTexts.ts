/**
 * What a process knows of secrets: their texts, and the form that Pulumi gives them. A secret is to be secret in every
 * answer: at its own place, and wherever its text turns up inside another value (a plan that repeats an address, a
 * message).
 */

import { isUnknown } from "../connectivity/unknown.js";

/** Pulumi's tags of special values. */
export const signatureKey = "4dabf18193072939515e22adb298388d";
export const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Where secrets are in a value: all of it, or below some keys. */
export type SecretMask = true | { readonly [key: string]: SecretMask };

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
      // What an ARM id names is called by its last part.
      if (/^\/subscriptions\//i.test(value)) this.#add(value.slice(value.lastIndexOf("/") + 1));
    } else if (typeof value === "object" && value !== null)
      for (const inner of Object.values(value)) this.learn(inner);
  }

  /** True where nothing secret was seen yet. */
  get isEmpty(): boolean {
    return this.#texts.size === 0;
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

  /** JSON with `[secret]` in the place of every secret, in texts at any depth. */
  redactIn<T>(value: T): T {
    if (this.#texts.size === 0) return value;
    return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
      typeof inner === "string" ? this.redact(inner) : inner,
    ) as T;
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

/** The mask of a part of a value. */
export function below(mask: SecretMask | undefined, key: string | number): SecretMask | undefined {
  return mask === undefined || mask === true ? mask : mask[String(key)];
}

/** A value with its secrets in Pulumi's wrapping: those of the mask, and every text that holds a secret one. */
export function wrap(value: unknown, mask: SecretMask | undefined, texts: SecretTexts): unknown {
  if (mask === undefined && texts.isEmpty) return value;
  if (mask === true || (typeof value === "string" && texts.isIn(value))) {
    return { [signatureKey]: secretSignature, value };
  }
  if (Array.isArray(value)) return value.map((element, index) => wrap(element, below(mask, index), texts));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, wrap(inner, below(mask, key), texts)]),
  );
}
