/** Puts an estate's replication between clouds of VMM servers into the state: policies, pairs of clouds, machines. */

import type { World } from "../../core.js";
import { byName } from "../../estate/byName.js";
import { guidOf, machineOf } from "../../estate/names.js";
import type { Estate, EstateReplicatedItem } from "../../estate/schema.js";
import type { HyperVFabric } from "../fabricState.js";
import { usualDetails } from "../kinds/hyperVReplica/policy.js";
import { containerId, keyOf } from "../names.js";
import type { ItemState, SourceMachine, VaultState } from "../state.js";
import { hyperVFabricOf, machineKey } from "./hyperV.js";
import { addItem, addMapping } from "./parts.js";

/** Whether the item goes from one cloud to another, which its policy decides. */
export function isBetweenClouds(estate: Estate, item: EstateReplicatedItem): boolean {
  return machineOf(estate, item).kind === "hyperv" && byName(estate.vmmPolicies).get(item.policy) !== undefined;
}

/** `server/cloud` as the fabric and the container that stand for them. */
function cloudOf(vault: VaultState, place: string): { fabric: HyperVFabric; containerName: string } {
  const [server = "", cloud = ""] = place.split("/");
  const fabric = hyperVFabricOf(vault, server);
  const container = Object.values(fabric.containers).find(
    (each) => (each.friendlyName ?? each.name).toLowerCase() === cloud.toLowerCase(),
  );
  if (container === undefined) throw new Error(`the estate has no cloud ${place}`);
  return { fabric, containerName: container.name };
}

export function seedCloudPairs(vault: VaultState, estate: Estate): void {
  for (const policy of estate.vmmPolicies) {
    const isR2 = policy.instanceType === "HyperVReplica2012R2";
    vault.policies[keyOf(policy.name)] = {
      name: policy.name,
      internalIdentifier: guidOf("policy", estate.seed, policy.name),
      details: {
        instanceType: policy.instanceType,
        ...(isR2 ? { replicationFrequencyInSeconds: policy.replicationFrequencySeconds } : {}),
        recoveryPoints: policy.recoveryPoints,
        applicationConsistentSnapshotFrequencyInHours: policy.applicationConsistentFrequencyInHours,
        ...usualDetails,
      },
    };
    for (const { name = policy.name, from, to } of policy.mappings) {
      const [source, target] = [cloudOf(vault, from), cloudOf(vault, to)];
      addMapping(vault, {
        name,
        fabricName: source.fabric.name,
        containerName: source.containerName,
        policyName: policy.name,
        targetContainer: containerId(vault, target.fabric.name, target.containerName),
        details: null,
      });
    }
  }
}

export function seedCloudItem(
  world: World,
  vault: VaultState,
  estate: Estate,
  wanted: EstateReplicatedItem,
): ItemState {
  const machine = machineOf(estate, wanted);
  const policy = byName(estate.vmmPolicies).get(wanted.policy);
  const key = machineKey(estate, machine);
  const source = vault.machines[key];
  const own = `${machine.hyperV?.vmmServer ?? ""}/${machine.hyperV?.cloud ?? ""}`.toLowerCase();
  const pair = policy?.mappings.find(({ from }) => from.toLowerCase() === own);
  if (policy === undefined || pair === undefined || source?.hyperV === undefined) {
    throw new Error(`the machine ${machine.name} replicates to no other cloud`);
  }
  const recovery = cloudOf(vault, pair.to);
  const copy = copyOf(source, source.hyperV, recovery);
  const copyKey = `hyperv/${copy.hyperV?.vmId ?? ""}`;
  vault.machines[copyKey] = copy;
  return addItem(world, vault, wanted, {
    fabricName: source.hyperV.fabricName,
    containerName: source.hyperV.containerName,
    internalIdentifier: source.hyperV.vmId,
    details: {
      instanceType: policy.instanceType,
      machine: key,
      multiVmGroupName: null,
      recovery: { fabricName: recovery.fabric.name, containerName: recovery.containerName, machine: copyKey },
      brokenAt: null,
    },
  });
}

/** The replica: off, with network cards of its own that are connected when it starts. */
function copyOf(
  source: SourceMachine,
  place: NonNullable<SourceMachine["hyperV"]>,
  { fabric, containerName }: { fabric: HyperVFabric; containerName: string },
): SourceMachine {
  return {
    ...structuredClone(source),
    isPoweredOn: false,
    nics: source.nics.map((nic) => ({ ...nic, mac: guidOf("replicaNic", nic.mac), network: "" })),
    hyperV: {
      ...place,
      fabricName: fabric.name,
      containerName,
      hostId: fabric.hosts[0]?.id ?? "",
      vmId: guidOf("replica", place.vmId),
      isCopy: true,
    },
  };
}
