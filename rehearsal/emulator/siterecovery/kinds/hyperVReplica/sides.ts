/** The two clouds between which a machine replicates. */

import type { ContainerState, HyperVFabric } from "../../fabricState.js";
import { hyperVFabric } from "../../fabricState.js";
import { hyperVReplicaOf } from "../../itemDetails.js";
import { keyOf } from "../../names.js";
import type { ItemState, SourceMachine, VaultState } from "../../state.js";

export interface Side {
  fabric: HyperVFabric;
  container: ContainerState;
  /** Key of `VaultState.machines`. */
  machineKey: string;
  machine: SourceMachine;
}

function side(vault: VaultState, fabricName: string, containerName: string, machineKey: string): Side {
  const fabric = vault.fabrics[keyOf(fabricName)];
  const machine = vault.machines[machineKey];
  if (fabric === undefined || machine === undefined) {
    throw new Error(`there is no ${fabric === undefined ? `fabric ${fabricName}` : `machine ${machineKey}`}`);
  }
  const container = hyperVFabric(fabric).containers[keyOf(containerName)];
  if (container === undefined) throw new Error(`the fabric ${fabricName} has no container ${containerName}`);
  return { fabric: hyperVFabric(fabric), container, machineKey, machine };
}

/** Where the machine was first protected. */
export function primarySide(vault: VaultState, item: ItemState): Side {
  return side(vault, item.fabricName, item.containerName, item.details.machine);
}

/** The cloud that the machine was first protected to. */
export function recoverySide(vault: VaultState, item: ItemState): Side {
  const { fabricName, containerName, machine } = hyperVReplicaOf(item).recovery;
  return side(vault, fabricName, containerName, machine);
}

/** Where the machine runs, and where it would go. */
export function runningSide(vault: VaultState, item: ItemState): Side {
  return item.activeLocation === "Primary" ? primarySide(vault, item) : recoverySide(vault, item);
}

export function otherSide(vault: VaultState, item: ItemState): Side {
  return item.activeLocation === "Primary" ? recoverySide(vault, item) : primarySide(vault, item);
}

/** Recorded: which side sends changes only with the reverse replication, not with the failover. */
export function isFailedOver(item: ItemState): boolean {
  return /^(Unplanned|Planned)Failover(Commit|States)/.test(item.protectionState);
}

/** The side that sends, and the one that receives, as jobs name them. */
export function replicationOf(vault: VaultState, item: ItemState): { from: Side; to: Side } {
  const [running, other] = [runningSide(vault, item), otherSide(vault, item)];
  return isFailedOver(item) ? { from: other, to: running } : { from: running, to: other };
}
