/**
 * Which arguments are secret, for the dynamic shell: Pulumi hands secrets to dynamic providers as plain values and wraps
 * only results under the same key. So the resource classes say where secrets are, and the shell finds them again in
 * everything else that it answers.
 */

import type { CheckFailure, Properties } from "../resources/handler.js";
import type { SecretTexts } from "./secretTexts.js";

/** The key of that list among a resource's inputs and outputs; there only where an argument is secret. */
export const secretInputsKey = "__secretInputs";

/** Keys and indices from the inputs down to a secret value. */
export type SecretPath = (string | number)[];

/** The arguments that are secret or hold secrets. */
export function secretKeys(properties: Properties): Set<string> {
  const paths = properties[secretInputsKey];
  return new Set(
    Array.isArray(paths) ? paths.flatMap((path) => (Array.isArray(path) ? [String(path[0])] : [])) : [],
  );
}

/** A check's failure in which nothing secret is said: Pulumi prints the value of a property that it is told of. */
export function withoutSecretProperty(
  failure: CheckFailure,
  isSecret: (key: string) => boolean,
  texts: SecretTexts,
): CheckFailure {
  const [key = ""] = /^[^.[]+/.exec(failure.property) ?? [];
  const reason = texts.redact(failure.reason);
  return isSecret(key)
    ? { property: "", reason: `${failure.property} ${reason}` }
    : { property: failure.property, reason };
}

/** Remembers the secrets that inputs or outputs name themselves. */
export function learnSecretInputs(properties: Properties, texts: SecretTexts): void {
  const paths = properties[secretInputsKey];
  if (!Array.isArray(paths)) return;
  for (const path of paths) if (Array.isArray(path)) texts.learn(at(properties, path));
}

function at(value: unknown, path: readonly unknown[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[String(key)] : undefined,
    value,
  );
}
