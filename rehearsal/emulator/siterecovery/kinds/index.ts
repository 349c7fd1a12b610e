/** The provider kinds of this emulator. */

import { invalidInput, Refusal } from "../errors.js";
import type { ItemState, VaultState } from "../state.js";
import { hyperVReplica } from "./hyperVReplica/index.js";
import { hyperVReplicaAzure } from "./hyperVReplicaAzure/index.js";
import { inMage } from "./inMage/index.js";
import { inMageAzureV2 } from "./inMageAzureV2/index.js";
import { inMageRcm } from "./inMageRcm/index.js";
import { inMageRcmFailback } from "./inMageRcmFailback/index.js";
import type { FailoverTarget, ProviderKind } from "./kind.js";

const kinds: Record<string, ProviderKind> = {
  HyperVReplica2012: hyperVReplica("HyperVReplica2012"),
  HyperVReplica2012R2: hyperVReplica("HyperVReplica2012R2"),
  HyperVReplicaAzure: hyperVReplicaAzure,
  InMage: inMage,
  InMageAzureV2: inMageAzureV2,
  InMageRcm: inMageRcm,
  InMageRcmFailback: inMageRcmFailback,
};

/** Kinds that Azure knows and this emulator does not have: better refused by name than half done. */
const missingKinds = ["A2A", "HyperVReplica", "VMwareCbt"];

export function kindOf(item: ItemState): ProviderKind {
  return kindNamed(item.details.instanceType);
}

/** The kind of what the state holds; another word would be a fault of the state. */
export function kindNamed(instanceType: string): ProviderKind {
  const kind = kinds[instanceType];
  if (kind === undefined) throw new Error(`no provider kind "${instanceType}"`);
  return kind;
}

/** What a failover of the item builds in Azure. @throws Error for a kind that does not fail over to Azure */
export function targetOf(vault: VaultState, item: ItemState): FailoverTarget {
  const target = kindOf(item).target?.(vault, item);
  if (target === undefined) throw new Error(`a failover of ${item.name} builds nothing in Azure`);
  return target;
}

/** The kind that a request names in `instanceType`. */
export function namedKind(input: unknown, path: string): ProviderKind {
  const instanceType =
    typeof input === "object" && input !== null && "instanceType" in input ? input.instanceType : undefined;
  const kind = typeof instanceType === "string" ? kinds[instanceType] : undefined;
  if (kind !== undefined) return kind;
  const allowed = Object.keys(kinds).join(", ");
  if (typeof instanceType === "string" && missingKinds.includes(instanceType)) {
    throw new Refusal(501, [
      {
        code: "NotImplemented",
        message: `${path}.instanceType: "${instanceType}" is not emulated; emulated: ${allowed}`,
        possibleCauses: "The emulator has no behaviour for this provider kind.",
        recommendedAction: `Use one of: ${allowed}.`,
      },
    ]);
  }
  const given =
    instanceType === undefined ? "is missing" : `${JSON.stringify(instanceType)} is not a provider kind`;
  throw invalidInput([{ path: `${path}.instanceType`, message: `${given}; allowed: ${allowed}` }]);
}
