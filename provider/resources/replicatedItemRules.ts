/** What the inputs of a replicated item may say together, by provider kind. */

import { containsUnknown } from "../connectivity/unknown.js";
import type { CheckFailure, Properties } from "./handler.js";
import { kindRules } from "./replicatedItemSettings.js";

/** Adds everything that is wrong between the inputs; each by itself is the schema's business. */
export function rules(inputs: Properties, failures: CheckFailure[]): void {
  const kind = kindRules[String(inputs.instanceType)];
  for (const key of kind?.required ?? []) {
    if (inputs[key] === undefined && !failures.some((failure) => failure.property === key))
      failures.push({
        property: key,
        reason: `is required for instanceType ${JSON.stringify(inputs.instanceType)}`,
      });
  }
  for (const key of kind?.foreign ?? []) {
    if (inputs[key] !== undefined)
      failures.push({
        property: key,
        reason: `value ${JSON.stringify(inputs[key])} is not for instanceType ${JSON.stringify(inputs.instanceType)}`,
      });
  }
  if (inputs.instanceType === "HyperVReplicaAzure") hyperVDiskRules(inputs, failures);
  else diskRules(inputs, failures);
  if (inputs.targetAvailabilitySetId !== undefined && inputs.targetAvailabilityZone !== undefined) {
    failures.push({
      property: "targetAvailabilityZone",
      reason: "is not allowed together with targetAvailabilitySetId: a machine is in a zone or in a set",
    });
  }
  const nics = Array.isArray(inputs.nics) ? inputs.nics.map((nic) => (isPlain(nic) ? nic : {})) : [];
  const seen = new Map<string, number>();
  nics.forEach((nic, index) => {
    const key = String(nic.nicId).toLowerCase();
    const first = seen.get(key);
    if (nic.nicId === undefined || containsUnknown(nic.nicId)) return;
    if (first === undefined) seen.set(key, index);
    else
      failures.push({
        property: `nics[${index}].nicId`,
        reason: `value ${JSON.stringify(nic.nicId)} is given twice; nics[${first}] has it already`,
      });
  });
  const primaries = nics.flatMap((nic, index) => (nic.isPrimary === true ? [index] : []));
  for (const index of primaries.slice(1)) {
    failures.push({
      property: `nics[${index}].isPrimary`,
      reason: `value true is allowed for one adapter only; nics[${primaries[0]}] is the primary one`,
    });
  }
  for (const [index, nic] of nics.entries()) {
    if (
      nic.targetStaticIpAddress !== undefined &&
      nic.targetSubnetName === undefined &&
      inputs.targetSubnetName === undefined
    ) {
      failures.push({
        property: `nics[${index}].targetStaticIpAddress`,
        reason: `value ${JSON.stringify(nic.targetStaticIpAddress)} needs a subnet: give targetSubnetName`,
      });
    }
  }
}

function diskRules(inputs: Properties, failures: CheckFailure[]): void {
  if (inputs.disks !== undefined && inputs.disksDefault !== undefined) {
    failures.push({ property: "disksDefault", reason: "is not allowed together with disks; give one of the two" });
  }
  if (inputs.disks === undefined && inputs.disksDefault === undefined) {
    failures.push({
      property: "disksDefault",
      reason: "is required: give disksDefault for all disks, or disks one by one",
    });
  }
}

/** Hyper-V replicates to a storage account, which can fail back, or to managed disks, which cannot. */
function hyperVDiskRules(inputs: Properties, failures: CheckFailure[]): void {
  if (inputs.disks !== undefined && inputs.diskIds !== undefined) {
    failures.push({
      property: "diskIds",
      reason: "is not allowed together with disks; give diskIds for a storage account, or disks for managed disks",
    });
  }
  if (inputs.disks === undefined && inputs.diskIds === undefined) {
    failures.push({
      property: "diskIds",
      reason: "is required: give diskIds to replicate to a storage account, or disks for managed disks",
    });
  }
  if (inputs.disks === undefined && inputs.targetStorageAccountId === undefined) {
    failures.push({
      property: "targetStorageAccountId",
      reason: "is required: the storage account that the disks replicate to",
    });
  }
}

function isPlain(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
