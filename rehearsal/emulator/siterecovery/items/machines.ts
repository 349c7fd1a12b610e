/** Machines on both sides as failovers turn them on, off and away. */

import { attachedParts, deleteVirtualMachine } from "../../compute.js";
import type { World } from "../../core.js";
import type { ItemState, VaultState } from "../state.js";

/** Turns the machine on-premises on or off, for its discovery too. */
export function setSourcePower(world: World, vault: VaultState, item: ItemState, isOn: boolean): void {
  const key = item.details.machine;
  const machine = vault.machines[key];
  if (machine !== undefined) machine.isPoweredOn = isOn;
  const resource = world.arm.get(key);
  if (resource === undefined || !("powerStatus" in resource.properties)) return;
  world.arm.put({ ...resource, properties: { ...resource.properties, powerStatus: isOn ? "ON" : "OFF" } });
}

/** Turns a machine in Azure on or off; returns whether there is one. */
export function setAzurePower(world: World, id: string, isOn: boolean): boolean {
  const machine = world.arm.get(id);
  if (machine === undefined) return false;
  world.arm.put({ ...machine, powerState: isOn ? "running" : "deallocated" });
  return true;
}

export function isRunningInAzure(world: World, id: string): boolean {
  const machine = world.arm.get(id);
  return machine !== undefined && (machine.powerState ?? "running") === "running";
}

/** Takes away exactly what a failover made: the machine, its cards and its disks. */
export function removeMachine(world: World, id: string): void {
  const machine = world.arm.get(id);
  const parts = machine === undefined ? [] : attachedParts(machine);
  deleteVirtualMachine(world, id);
  for (const part of parts) world.arm.delete(part.id);
}
