/** What all machines and items of an estate have in common, whatever they stand on. */

import type { World } from "../../core.js";
import { isOsDisk } from "../../estate/names.js";
import type { EstateMachine, EstateReplicatedItem } from "../../estate/schema.js";
import { neverFailedOver, startInitialReplication } from "../items/replication.js";
import { days, itemKey, keyOf } from "../names.js";
import type { ItemState, MappingState, SourceMachine, VaultState } from "../state.js";

/** What the estate says of a machine itself. */
export function describedMachine(machine: EstateMachine) {
  return {
    name: machine.name,
    osType: machine.os.type,
    osName: [machine.os.name, machine.os.version].filter((part) => part !== undefined).join(" "),
    cores: machine.size.cores,
    memoryMB: machine.size.memoryMB,
    isDhcpEnabled: machine.dhcpEnabled,
    bootDrivers: machine.bootDrivers,
    churnMBPerHour: machine.churnMBPerHour,
    isPoweredOn: machine.powerState === "on",
  } satisfies Partial<SourceMachine>;
}

/** What differs between machines that an appliance and that a configuration server has discovered. */
interface Discovered {
  isPhysical: boolean;
  /** By position. */
  diskId(index: number): string;
  /** By position. */
  mac(index: number): string;
}

/** A VMware or physical machine, as an appliance or a configuration server tells of it. */
export function discoveredMachine(machine: EstateMachine, discovered: Discovered): SourceMachine {
  return {
    ...describedMachine(machine),
    isPhysical: discovered.isPhysical,
    firmware: machine.firmware === "uefi" ? "UEFI" : "BIOS",
    disks: machine.disks.map((disk, index) => ({
      id: discovered.diskId(index),
      sizeGB: disk.sizeGB,
      isOsDisk: isOsDisk(machine, index),
    })),
    nics: machine.nics.map((nic, index) => ({
      mac: discovered.mac(index),
      network: nic.network,
      ip: nic.ip,
      ipType: nic.ipType === "dynamic" ? "Dynamic" : "Static",
    })),
    agentVersion: machine.mobilityAgent.version,
  };
}

/** Puts a mapping of a policy to a container into the vault. */
export function addMapping(vault: VaultState, mapping: MappingState): void {
  vault.mappings[keyOf(mapping.fabricName, mapping.containerName, mapping.name)] = mapping;
}

/** What the estate wants of a network card of the machine in Azure; addresses are those of the first one. */
export function wantedOfCard(wanted: EstateReplicatedItem, index: number) {
  const isFirst = index === 0;
  return {
    targetIpAddress: (isFirst ? wanted.targetIp : undefined) ?? "",
    testSubnetName: wanted.testSubnet ?? null,
    testIpAddress: (isFirst ? wanted.testIp : undefined) ?? null,
  };
}

/** Disks as virtual hard disks, before a failover. @param nameOf their names by position */
export function virtualHardDisks(source: SourceMachine, nameOf: (index: number) => string) {
  return source.disks.map((disk, index) => ({
    vhdId: disk.id,
    vhdName: disk.name ?? nameOf(index),
    isOsDisk: disk.isOsDisk,
    sizeMB: disk.sizeGB * 1024,
    targetDiskName: null,
    targetManagedDiskId: null,
  }));
}

type Place = Pick<ItemState, "fabricName" | "containerName" | "internalIdentifier" | "details">;

/**
 * Puts an item into the vault that never failed over: replicated for an hour before it was protected, or, where it is not
 * protected yet, since the clock's start.
 */
export function addItem(world: World, vault: VaultState, wanted: EstateReplicatedItem, place: Place): ItemState {
  const now = world.clock.now();
  const since = wanted.protectedSince === undefined ? now - days : Date.parse(wanted.protectedSince);
  const isProtected = wanted.state !== "initialReplication";
  const machine = vault.machines[place.details.machine];
  const item: ItemState = {
    ...place,
    name: wanted.name ?? wanted.machine,
    friendlyName: machine?.name ?? wanted.machine,
    eventCorrelationId: world.newGuid(),
    policyName: wanted.policy,
    ...neverFailedOver,
    protectionState: "Protected",
    enabledAt: isProtected ? since - days / 24 : now,
    replicationStartedAt: isProtected ? since - days / 24 : now,
    initialCopyDoneAt: isProtected ? since : null,
    protectedAt: isProtected ? since : null,
    requestedPoints: [],
  };
  vault.items[itemKey(item)] = item;
  if (!isProtected) startInitialReplication(world, vault, item);
  return item;
}
