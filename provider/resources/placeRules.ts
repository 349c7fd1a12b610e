/** Where the things that inputs name have to lie: what Azure refuses only after a preview that said nothing. */

import { containsUnknown } from "../connectivity/unknown.js";
import type { CheckFailure, Properties } from "./handler.js";
import { fabricId, vaultId } from "./ids.js";
import { vaultKeys, vaultOf } from "./schema.js";
import { show } from "./validate.js";

/** An id of Site Recovery, checked by its schema already, must lie in the resource's own vault. */
export function requireInVault(inputs: Properties, property: string, id: unknown, failures: CheckFailure[]): void {
  if (!isKnownVault(inputs)) return;
  const { vaultName } = vaultOf(inputs);
  requireBelow(
    vaultId(vaultOf(inputs)),
    property,
    id,
    failures,
    `in another vault; allowed: one of vault ${show(vaultName)}`,
  );
}

/** A replicated item must be protected in the fabric that the inputs name, and so in their vault. */
export function requireInFabric(
  inputs: Properties,
  property: string,
  id: unknown,
  failures: CheckFailure[],
): void {
  const { fabricName } = inputs;
  if (!isKnownVault(inputs) || typeof fabricName !== "string" || containsUnknown(fabricName)) return;
  const vault = vaultOf(inputs);
  const what = `not protected in fabric ${show(fabricName)} of vault ${show(vault.vaultName)}, which fabricName says`;
  requireBelow(fabricId(vault, fabricName), property, id, failures, what);
}

/** True where every part of the vault's coordinates is known. */
export function isKnownVault(inputs: Properties): boolean {
  return vaultKeys.every((key) => typeof inputs[key] === "string" && !containsUnknown(inputs[key]));
}

function requireBelow(
  parent: string,
  property: string,
  id: unknown,
  failures: CheckFailure[],
  what: string,
): void {
  if (typeof id !== "string" || containsUnknown(id) || failures.some((failure) => failure.property === property))
    return;
  if (id.toLowerCase().startsWith(`${parent.toLowerCase()}/`)) return;
  failures.push({ property, reason: `value ${show(id)} is ${what}` });
}
