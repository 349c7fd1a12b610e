import { createHash } from "node:crypto";
import { byName } from "./byName.js";
import type { Estate, EstateMachine, EstateReplicatedItem } from "./schema.js";

/** Where each part of an estate lies in Azure: the ids that seeding gives and others refer to. */

/** A GUID that depends on the given words alone: the same machine of the same estate has the same one in every run. */
export function guidOf(...words: (string | number)[]): string {
  const hex = createHash("sha256").update(words.join("\u0000")).digest("hex");
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function resourceGroupId(estate: Estate, resourceGroup = estate.resourceGroup): string {
  return `/subscriptions/${estate.subscriptionId}/resourceGroups/${resourceGroup}`;
}

export function vaultId(estate: Estate): string {
  return `${resourceGroupId(estate)}/providers/Microsoft.RecoveryServices/vaults/${estate.vault.name}`;
}

/** Id of a virtual network of the estate, by its name. */
export function virtualNetworkId(estate: Estate, network: string): string {
  const found = byName(estate.networks).get(network);
  return `${resourceGroupId(estate, found?.resourceGroup)}/providers/Microsoft.Network/virtualNetworks/${found?.name ?? network}`;
}

export function networkSecurityGroupId(estate: Estate, group: string): string {
  const found = byName(estate.networkSecurityGroups).get(group);
  return `${resourceGroupId(estate, found?.resourceGroup)}/providers/Microsoft.Network/networkSecurityGroups/${found?.name ?? group}`;
}

export function routeTableId(estate: Estate, table: string): string {
  const found = byName(estate.routeTables).get(table);
  return `${resourceGroupId(estate, found?.resourceGroup)}/providers/Microsoft.Network/routeTables/${found?.name ?? table}`;
}

export function fabricName(estate: Estate): string {
  return estate.fabric?.name ?? `${estate.vault.name}-vmwarefabric`;
}

export function protectionContainerName(estate: Estate): string {
  return estate.protectionContainer?.name ?? `${estate.vault.name}-replicationcontainer`;
}

/** The Microsoft.OffAzure site that the appliance reports VMware machines to. */
export function vmwareSiteId(estate: Estate): string {
  const site = estate.fabric?.vmwareSite ?? `${estate.vault.name}vmwaresite`;
  return `${resourceGroupId(estate)}/providers/Microsoft.OffAzure/VMwareSites/${site}`;
}

/** The Microsoft.OffAzure site that the appliance reports physical servers to. */
export function physicalSiteId(estate: Estate): string {
  const site = estate.fabric?.physicalSite ?? `${estate.vault.name}physicalsite`;
  return `${resourceGroupId(estate)}/providers/Microsoft.OffAzure/ServerSites/${site}`;
}

/** The GUID by which vCenter (or the appliance, for a physical server) knows a machine. */
export function machineGuid(estate: Estate, machine: EstateMachine): string {
  return guidOf("machine", estate.seed, machine.name);
}

/** The id of a machine on Hyper-V, as a protectable item: as written, else a GUID made from its name. */
export function hyperVMachineId(estate: Estate, machine: EstateMachine): string {
  return machine.hyperV?.id ?? guidOf("hyperVMachine", estate.seed, machine.name);
}

/** `fabricDiscoveryMachineId` of a machine. */
export function offAzureMachineId(estate: Estate, machine: EstateMachine): string {
  return machine.kind === "physical"
    ? `${physicalSiteId(estate)}/machines/${machineGuid(estate, machine)}`
    : `${vmwareSiteId(estate)}/machines/vcenter_${machineGuid(estate, machine)}`;
}

/** Id of a disk on-premises: as written, else a GUID in vSphere's manner. */
export function diskId(estate: Estate, machine: EstateMachine, index: number): string {
  const written = machine.disks[index]?.id;
  return written ?? `6000C29${guidOf("disk", estate.seed, machine.name, index).slice(7)}`;
}

/** Whether a disk holds the operating system: the one that says so, else the first. */
export function isOsDisk(machine: EstateMachine, index: number): boolean {
  const marked = machine.disks.findIndex((disk) => disk.isOs === true);
  return index === (marked === -1 ? 0 : marked);
}

/** MAC address of a network card: as written, else one of VMware's range. */
export function macAddress(estate: Estate, machine: EstateMachine, index: number): string {
  const written = machine.nics[index]?.mac;
  if (written) return written;
  const hex = guidOf("nic", estate.seed, machine.name, index).replaceAll("-", "");
  // VMware gives generated addresses below 00:50:56:40.
  const third = Number.parseInt(hex.slice(0, 2), 16) % 0x40;
  return `00:50:56:${third.toString(16).padStart(2, "0")}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}

/** Id of a run-as account by its name. */
export function runAsAccountId(estate: Estate, account: string): string {
  const found = byName(estate.runAsAccounts).get(account);
  const id = found?.id ?? guidOf("runAsAccount", estate.seed, found?.name ?? account);
  return `${vmwareSiteId(estate)}/runasaccounts/${id}`;
}

export function processServerId(estate: Estate): string {
  return estate.appliance.processServerId ?? guidOf("processServer", estate.seed, estate.appliance.name);
}

/** Where a failover of an item to Azure leads. An estate that passed its checks names the network and the subnet. */
export function azureTargetOf(
  estate: Estate,
  item: EstateReplicatedItem,
): { networkId: string; subnetName: string; testNetworkId: string } {
  return {
    networkId: virtualNetworkId(estate, item.targetNetwork ?? ""),
    subnetName: item.targetSubnet ?? "",
    testNetworkId: item.testNetwork === undefined ? "" : virtualNetworkId(estate, item.testNetwork),
  };
}

/** The machine of a replicated item. @throws Error where the estate has none */
export function machineOf(estate: Estate, item: EstateReplicatedItem): EstateMachine {
  const machine = byName(estate.machines).get(item.machine);
  if (machine === undefined) throw new Error(`the estate has no machine ${item.machine}`);
  return machine;
}

/** Id of a storage account for replicas: the named one, else the estate's first, else one that no estate needs to have. */
export function storageAccountId(estate: Estate, name: string | undefined): string {
  const account = byName(estate.storageAccounts).get(name) ?? estate.storageAccounts[0];
  return `${resourceGroupId(estate, account?.resourceGroup)}/providers/Microsoft.Storage/storageAccounts/${account?.name ?? "replicas"}`;
}

/** What a machine's own operating system calls its disk, by position. */
export function guestDiskName(osType: string, index: number): string {
  return osType === "Windows" ? `\\\\.\\PHYSICALDRIVE${index}` : `/dev/sd${String.fromCharCode(97 + index)}`;
}
