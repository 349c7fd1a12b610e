/** Finds the secrets among a resource's arguments, for what Pulumi does not tell a dynamic provider. */

import * as pulumi from "@pulumi/pulumi";
import type { SecretPath } from "../provider/shells/secretInputs.js";
import { SecretTexts } from "../provider/shells/secretTexts.js";

export interface SecretArgs {
  /** Where secrets are; undefined where there are none. */
  paths: Promise<SecretPath[] | undefined>;
  /** Their texts, once they are known. */
  texts: SecretTexts;
}

export function secretArgs(args: object): SecretArgs {
  const texts = new SecretTexts();
  const paths = find(args, [], texts).then((found) => (found.length > 0 ? found : undefined));
  return { paths, texts };
}

async function find(value: unknown, path: SecretPath, texts: SecretTexts): Promise<SecretPath[]> {
  if (pulumi.Output.isInstance(value)) {
    // An output that fails is reported where the resource waits for it.
    const isSecret = await pulumi.isSecret(value).catch(() => false);
    if (!isSecret) return [];
    value.apply((known) => texts.learn(known));
    return [path];
  }
  if (value instanceof Promise) return value.then((inner) => find(inner, path, texts)).catch(() => []);
  const parts = Array.isArray(value) ? [...value.entries()] : isPlain(value) ? Object.entries(value) : [];
  const found = await Promise.all(parts.map(([key, inner]) => find(inner, [...path, key], texts)));
  return found.flat();
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
