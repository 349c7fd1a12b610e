/** The machines that a failover makes in Azure: which network, subnet and address, and under which name. */

import { createVirtualMachine, type NetworkInterfaceSpec, type VirtualMachineMade } from "../../compute.js";
import type { World } from "../../core.js";
import { ArmError } from "../../errors.js";
import { guidOf } from "../../estate/names.js";
import { parseAddress } from "../../network/addresses.js";
import { allocateAddress, findSubnet } from "../../network/allocation.js";
import type { Reason } from "../errors.js";
import { kindOf, targetOf } from "../kinds/index.js";
import type { FailoverTarget, TargetNic } from "../kinds/kind.js";
import { lastSegment, sameName } from "../names.js";
import type { ItemState, VaultState } from "../state.js";
import { fallbackSubnet, subnetsOf } from "./subnets.js";

export interface Placement {
  /** As the item's settings have it. */
  wantedName: string;
  /** The same, unless a machine has that name already. */
  name: string;
  networkId: string;
  isTest: boolean;
}

/**
 * Where an item's machine goes: a test machine has `-test` behind its name. A name that is taken gets a GUID behind it,
 * as recorded.
 */
export function placementOf(
  world: World,
  vault: VaultState,
  item: ItemState,
  testNetworkId: string | null,
): Placement {
  const target = targetOf(vault, item);
  const isTest = testNetworkId !== null;
  const wantedName = isTest ? `${target.vmName}-test` : target.vmName;
  const isTaken = isNameTaken(world, target.resourceGroupId, wantedName);
  const suffix = guidOf("virtualMachine", item.internalIdentifier, world.clock.now());
  return {
    wantedName,
    name: isTaken ? `${wantedName}-${suffix}` : wantedName,
    networkId: isTest ? testNetworkId || target.testNetworkId || target.networkId : target.networkId,
    isTest,
  };
}

function isNameTaken(world: World, resourceGroupId: string, name: string): boolean {
  return world.arm.get(`${resourceGroupId}/providers/Microsoft.Compute/virtualMachines/${name}`) !== undefined;
}

/** Enabling notices already that the name is taken, and goes on. */
export function takenNameWarning(world: World, vault: VaultState, item: ItemState): Reason | undefined {
  const { resourceGroupId, vmName } = targetOf(vault, item);
  const words = kindOf(item).takenName;
  if (words === undefined || !isNameTaken(world, resourceGroupId, vmName)) return undefined;
  return reason(
    words.code,
    words.message(vmName),
    "Choose another target name, or remove the machine that has it.",
  );
}

/** What a failover says about a name that it had to change. */
export function changedNameWarning(placement: Placement): Reason | undefined {
  if (placement.name === placement.wantedName) return undefined;
  const message = `The VM name '${placement.wantedName}' was modified to '${placement.name}' to avoid name conflicts.`;
  return reason(
    "28175",
    message,
    "Nothing is needed. Remove the machine that has the name before the next failover.",
  );
}

/** What stands in the way of making the machine, as the prerequisites check finds it; empty = nothing. */
export function placementProblems(
  world: World,
  vault: VaultState,
  item: ItemState,
  placement: Placement,
): Reason[] {
  const target = targetOf(vault, item);
  if (world.arm.get(target.resourceGroupId) === undefined) {
    return [
      reason("TargetResourceGroupMissing", `The resource group '${target.resourceGroupId}' does not exist.`),
    ];
  }
  if (world.arm.get(placement.networkId) === undefined) {
    const message = `The virtual network '${placement.networkId}' of '${item.friendlyName}' does not exist.`;
    return [reason("70038", message)];
  }
  const problems: Reason[] = [];
  const promised = new Map<string, Map<number, string>>();
  for (const [index, nic] of target.nics.entries()) {
    try {
      const spec = cardSpec(world, placement, nic, index);
      const subnet = findSubnet(world, spec.subnetId, placement.name);
      const already = promised.get(subnet.id) ?? new Map<number, string>();
      promised.set(subnet.id, already);
      const address = allocateAddress(world, subnet, `${placement.name}/${index}`, spec.privateIpAddress, already);
      already.set(parseAddress(address) ?? 0, `${placement.name}/${index}`);
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      problems.push(addressReason(item, error));
    }
  }
  return problems;
}

function reason(
  code: string,
  message: string,
  action = "Correct the item's target settings and start the failover again.",
): Reason {
  return { code, message, possibleCauses: message, recommendedAction: action };
}

function addressReason(item: ItemState, error: ArmError): Reason {
  const message = `The replica IP addresses of the network adapter of '${item.friendlyName}' are invalid: ${error.message}`;
  return reason(
    "ReplicaIpAddressInvalid",
    message,
    "Choose a free address of the target subnet, or clean up the test failover that holds it.",
  );
}

/**
 * Makes the machine.
 *
 * @throws ArmError as `createVirtualMachine` does; `failureOf` words it for a job.
 */
export function makeVirtualMachine(
  world: World,
  vault: VaultState,
  item: ItemState,
  placement: Placement,
): VirtualMachineMade {
  const target = targetOf(vault, item);
  const suffix = guidOf("disk", item.internalIdentifier, placement.name, world.clock.now());
  return createVirtualMachine(world, {
    resourceGroupId: target.resourceGroupId,
    name: placement.name,
    size: target.vmSize,
    location: vault.location,
    osType: target.osType,
    availabilitySetId: target.availabilitySetId,
    zone: target.availabilityZone,
    nics: target.nics.map((nic, index) => cardSpec(world, placement, nic, index)),
    disks: diskSpecs(target, placement.name, suffix),
  });
}

export function failureOf(item: ItemState, error: unknown): Reason {
  if (!(error instanceof ArmError)) throw error;
  return reason("28031", `The virtual machine of '${item.friendlyName}' could not be created: ${error.message}`);
}

function diskSpecs(target: FailoverTarget, name: string, suffix: string) {
  return [
    { name: `PHYSICALDRIVE0-${name}-${suffix}`, ...target.osDisk, isOsDisk: true },
    ...target.dataDisks.map((disk, index) => ({
      name: `PHYSICALDRIVE${index + 1}-${name}-${suffix}`,
      ...disk,
      isOsDisk: false,
    })),
  ];
}

/**
 * Real failover: the item's subnet, its address if one is set, else any. Test: the item's own test settings, else the
 * subnet of the same name, else the first in alphabetical order that takes machines; the test address, else the item's if it is free there.
 */
export function cardSpec(
  world: World,
  placement: Pick<Placement, "name" | "networkId" | "isTest">,
  nic: TargetNic,
  index: number,
): NetworkInterfaceSpec {
  const subnets = subnetsOf(world, placement.networkId);
  const named = (name: string | null) =>
    name ? subnets.find((subnet) => sameName(subnet.name, name)) : undefined;
  const name = `${placement.name}-nic-${index}`;
  if (!placement.isTest) {
    // A name that the network does not have is no reason to run the machine in another subnet than was asked for.
    const subnet = nic.subnetName === "" ? fallbackSubnet(subnets) : named(nic.subnetName);
    const subnetId = subnet?.id ?? `${placement.networkId}/subnets/${nic.subnetName}`;
    return nic.address === "" ? { name, subnetId } : { name, subnetId, privateIpAddress: nic.address };
  }
  const subnet = named(nic.testSubnetName) ?? named(nic.subnetName) ?? fallbackSubnet(subnets);
  const subnetId = subnet?.id ?? `${placement.networkId}/subnets/${nic.testSubnetName ?? nic.subnetName}`;
  const address = [nic.testAddress, nic.address].find(
    (each) => each !== null && each !== "" && isFree(world, subnetId, each),
  );
  return address == null ? { name, subnetId } : { name, subnetId, privateIpAddress: address };
}

function isFree(world: World, subnetId: string, address: string): boolean {
  try {
    allocateAddress(world, findSubnet(world, subnetId, subnetId), "wish", address, new Map());
    return true;
  } catch (error) {
    if (error instanceof ArmError) return false;
    throw error;
  }
}

/** Name of the subnet of the machine's first card. */
export function subnetNameOf(made: VirtualMachineMade): string {
  return lastSegment(made.networkInterfaces[0]?.subnetId ?? "");
}
