import type { ArmResource, World } from "./core.js";
import { ArmError, invalidReference } from "./errors.js";
import { parseAddress } from "./network/addresses.js";
import { allocateAddress, findSubnet, isObject, referencedId } from "./network/allocation.js";

/** A virtual machine to make, with its network cards and managed disks, as a failover makes one. */
export interface VirtualMachineSpec {
  /** `/subscriptions/{s}/resourceGroups/{rg}` in which everything is made. */
  resourceGroupId: string;
  name: string;
  /** Such as `Standard_D2s_v3`. */
  size: string;
  location: string;
  osType: "Windows" | "Linux";
  tags?: Record<string, string>;
  availabilitySetId?: string;
  zone?: string;
  /** The first is the primary one, unless another says that it is. At least one. */
  nics: NetworkInterfaceSpec[];
  /** Exactly one holds the operating system; default: one disk `<name>-osdisk` of 127 GB. */
  disks?: DiskSpec[];
}

export interface NetworkInterfaceSpec {
  name: string;
  subnetId: string;
  /** Static where given; left out = the lowest free address, dynamic. */
  privateIpAddress?: string;
  isPrimary?: boolean;
  networkSecurityGroupId?: string;
  /** `00-0D-3A-...`; default: one of Azure's range. */
  macAddress?: string;
}

export interface DiskSpec {
  name: string;
  sizeGB: number;
  isOsDisk: boolean;
  /** Default `Premium_LRS`. */
  sku?: string | undefined;
}

/** What `createVirtualMachine` made. */
export interface VirtualMachineMade {
  id: string;
  /** The machine's own GUID, `properties.vmId`. */
  vmId: string;
  networkInterfaces: { id: string; name: string; subnetId: string; privateIpAddress: string; isStatic: boolean }[];
  disks: { id: string; name: string }[];
}

/**
 * Makes a virtual machine with its network cards and disks. All or nothing: what is refused is refused before the
 * first resource exists.
 * @throws AddressUnavailable (network/allocation.ts) where an address is taken, reserved, out of range, or none is left
 * @throws ArmError `InvalidResourceReference` for a subnet that does not exist, 409 `Conflict` for a name in use
 */
export function createVirtualMachine(world: World, spec: VirtualMachineSpec): VirtualMachineMade {
  const id = `${spec.resourceGroupId}/providers/Microsoft.Compute/virtualMachines/${spec.name}`;
  refuseTaken(world, id);
  if (spec.nics.length === 0)
    throw new ArmError(
      400,
      "InvalidParameter",
      `Virtual machine ${spec.name} must have at least one network interface.`,
    );
  const cards = placeCards(world, spec);
  const disks = (spec.disks ?? [{ name: `${spec.name}-osdisk`, sizeGB: 127, isOsDisk: true }]).map((disk) => ({
    ...disk,
    id: `${spec.resourceGroupId}/providers/Microsoft.Compute/disks/${disk.name}`,
    sku: disk.sku ?? "Premium_LRS",
  }));
  for (const disk of disks) refuseTaken(world, disk.id);

  const createdAt = new Date(world.clock.now()).toISOString();
  for (const card of cards) world.arm.put(networkInterface(world, card));
  for (const disk of disks) world.arm.put(managedDisk(world, spec, disk, id, createdAt));
  const vmId = world.newGuid();
  world.arm.put(virtualMachine(spec, { id, vmId, createdAt }, cards, disks));
  return {
    id,
    vmId,
    networkInterfaces: cards.map(({ id, name, subnetId, address, isStatic }) => ({
      id,
      name,
      subnetId,
      privateIpAddress: address,
      isStatic,
    })),
    disks: disks.map(({ id, name }) => ({ id, name })),
  };
}

/** Finds every card its subnet and address; nothing is written. */
function placeCards(world: World, spec: VirtualMachineSpec): PlacedCard[] {
  const promised = new Map<string, Map<number, string>>();
  const marked = spec.nics.findIndex((nic) => nic.isPrimary);
  return spec.nics.map((nic, index) => {
    const id = `${spec.resourceGroupId}/providers/Microsoft.Network/networkInterfaces/${nic.name}`;
    refuseTaken(world, id);
    const subnet = findSubnet(world, nic.subnetId, id);
    const group = nic.networkSecurityGroupId;
    if (group !== undefined && !world.arm.get(group)) throw invalidReference(group, id);
    const already = promised.get(subnet.id.toLowerCase()) ?? new Map<number, string>();
    promised.set(subnet.id.toLowerCase(), already);
    const configurationId = `${id}/ipConfigurations/${nic.name}-ipConfig`;
    const address = allocateAddress(world, subnet, configurationId, nic.privateIpAddress, already);
    already.set(parseAddress(address) ?? 0, configurationId);
    return {
      id,
      name: nic.name,
      location: spec.location,
      tags: spec.tags,
      subnetId: subnet.id,
      address,
      isStatic: nic.privateIpAddress !== undefined,
      isPrimary: index === (marked === -1 ? 0 : marked),
      networkSecurityGroupId: group,
      macAddress: nic.macAddress,
    };
  });
}

/**
 * Deletes a virtual machine and, as Azure does for `deleteOption: Delete`, the cards and disks that were made with it;
 * what somebody attached later stays. A public address on a card stays too. Returns whether there was such a machine.
 */
export function deleteVirtualMachine(world: World, id: string): boolean {
  const machine = world.arm.get(id);
  if (machine?.type.toLowerCase() !== "microsoft.compute/virtualmachines") return false;
  world.arm.delete(id);
  for (const part of attachedParts(machine)) {
    if (part.isDeletedWithMachine) world.arm.delete(part.id);
    else {
      const disk = world.arm.get(part.id);
      if (disk?.type !== "Microsoft.Compute/disks") continue;
      const { managedBy: _, ...rest } = disk;
      world.arm.put({ ...rest, properties: { ...disk.properties, diskState: "Unattached" } });
    }
  }
  return true;
}

/** The network cards and disks of a virtual machine, the primary card first. */
export function attachedParts(machine: ArmResource): { id: string; isDeletedWithMachine: boolean }[] {
  const network = isObject(machine.properties.networkProfile) ? machine.properties.networkProfile : {};
  const storage = isObject(machine.properties.storageProfile) ? machine.properties.storageProfile : {};
  const cards = (Array.isArray(network.networkInterfaces) ? network.networkInterfaces : [])
    .filter(isObject)
    .map((card) => ({ card, properties: isObject(card.properties) ? card.properties : {} }))
    .sort((a, b) => Number(b.properties.primary === true) - Number(a.properties.primary === true));
  const disks = [storage.osDisk, ...(Array.isArray(storage.dataDisks) ? storage.dataDisks : [])].filter(isObject);
  return [
    ...cards.map(({ card, properties }) => ({ id: referencedId(card), delete: properties.deleteOption })),
    ...disks.map((disk) => ({ id: referencedId(disk.managedDisk), delete: disk.deleteOption })),
  ].flatMap((part) => (part.id ? [{ id: part.id, isDeletedWithMachine: part.delete === "Delete" }] : []));
}

/** A network card with the place that it gets. */
interface PlacedCard {
  id: string;
  name: string;
  location: string;
  tags: Record<string, string> | undefined;
  subnetId: string;
  address: string;
  isStatic: boolean;
  isPrimary: boolean;
  networkSecurityGroupId: string | undefined;
  macAddress: string | undefined;
}

function networkInterface(world: World, card: PlacedCard): ArmResource {
  const { name } = card;
  const etag = `W/"${world.newGuid()}"`;
  return {
    name,
    id: card.id,
    etag,
    type: "Microsoft.Network/networkInterfaces",
    location: card.location,
    ...(card.tags && { tags: card.tags }),
    properties: {
      provisioningState: "Succeeded",
      resourceGuid: world.newGuid(),
      ipConfigurations: [
        {
          name: `${name}-ipConfig`,
          id: `${card.id}/ipConfigurations/${name}-ipConfig`,
          etag,
          type: "Microsoft.Network/networkInterfaces/ipConfigurations",
          properties: {
            provisioningState: "Succeeded",
            privateIPAddress: card.address,
            privateIPAllocationMethod: card.isStatic ? "Static" : "Dynamic",
            subnet: { id: card.subnetId },
            primary: true,
            privateIPAddressVersion: "IPv4",
          },
        },
      ],
      dnsSettings: { dnsServers: [], appliedDnsServers: [] },
      macAddress: card.macAddress ?? azureMacAddress(world),
      enableAcceleratedNetworking: false,
      enableIPForwarding: false,
      ...(card.networkSecurityGroupId && { networkSecurityGroup: { id: card.networkSecurityGroupId } }),
      primary: card.isPrimary,
      hostedWorkloads: [],
      tapConfigurations: [],
      nicType: "Standard",
    },
  };
}

/** A disk with the id that it gets. */
interface PlacedDisk extends DiskSpec {
  id: string;
  sku: string;
}

function managedDisk(
  world: World,
  spec: VirtualMachineSpec,
  disk: PlacedDisk,
  managedBy: string,
  createdAt: string,
): ArmResource {
  return {
    name: disk.name,
    id: disk.id,
    type: "Microsoft.Compute/disks",
    location: spec.location,
    ...(spec.tags && { tags: spec.tags }),
    ...(spec.zone && { zones: [spec.zone] }),
    managedBy,
    sku: { name: disk.sku, tier: disk.sku.split("_")[0] },
    properties: {
      ...(disk.isOsDisk && { osType: spec.osType }),
      creationData: { createOption: "Empty" },
      diskSizeGB: disk.sizeGB,
      diskSizeBytes: disk.sizeGB * 2 ** 30,
      timeCreated: createdAt,
      provisioningState: "Succeeded",
      diskState: "Attached",
      uniqueId: world.newGuid(),
    },
  };
}

function virtualMachine(
  spec: VirtualMachineSpec,
  own: { id: string; vmId: string; createdAt: string },
  cards: readonly PlacedCard[],
  disks: readonly PlacedDisk[],
): ArmResource {
  const osDisk = disks.find((disk) => disk.isOsDisk);
  const attached = (disk: PlacedDisk) => ({
    name: disk.name,
    createOption: "Attach",
    caching: "ReadWrite",
    managedDisk: { storageAccountType: disk.sku, id: disk.id },
    deleteOption: "Delete",
    diskSizeGB: disk.sizeGB,
  });
  return {
    name: spec.name,
    id: own.id,
    type: "Microsoft.Compute/virtualMachines",
    location: spec.location,
    ...(spec.tags && { tags: spec.tags }),
    ...(spec.zone && { zones: [spec.zone] }),
    properties: {
      hardwareProfile: { vmSize: spec.size },
      provisioningState: "Succeeded",
      vmId: own.vmId,
      ...(spec.availabilitySetId && { availabilitySet: { id: spec.availabilitySetId } }),
      storageProfile: {
        ...(osDisk && { osDisk: { osType: spec.osType, ...attached(osDisk) } }),
        dataDisks: disks.filter((disk) => !disk.isOsDisk).map((disk, lun) => ({ lun, ...attached(disk) })),
      },
      networkProfile: {
        networkInterfaces: cards.map(({ id, isPrimary }) => ({
          id,
          properties: { primary: isPrimary, deleteOption: "Delete" },
        })),
      },
      timeCreated: own.createdAt,
    },
  };
}

/** A MAC address as Azure gives them to network cards. */
export function azureMacAddress(world: World): string {
  const hex = world.newGuid().toUpperCase();
  return `00-0D-3A-${hex.slice(0, 2)}-${hex.slice(2, 4)}-${hex.slice(4, 6)}`;
}

function refuseTaken(world: World, id: string): void {
  if (!world.arm.get(id)) return;
  throw new ArmError(409, "Conflict", `The resource ${id} already exists.`);
}
