/** What each provider kind keeps of a replicated item, discriminated by `instanceType`. */

export type ItemDetails =
  | InMageRcmItem
  | InMageRcmFailbackItem
  | HyperVReplicaAzureItem
  | InMageAzureV2Item
  | InMageItem
  | HyperVReplicaItem;

/** The details of an item of this kind; another kind would be a fault of the caller. */
export function detailsOf<T extends ItemDetails["instanceType"]>(
  item: { name: string; details: ItemDetails },
  instanceType: T,
): Extract<ItemDetails, { instanceType: T }> {
  const { details } = item;
  if (isOf(details, instanceType)) return details;
  throw new Error(`the item ${item.name} is of kind ${details.instanceType}, not ${instanceType}`);
}

function isOf<T extends ItemDetails["instanceType"]>(
  details: ItemDetails,
  instanceType: T,
): details is Extract<ItemDetails, { instanceType: T }> {
  return details.instanceType === instanceType;
}

export interface InMageRcmItem {
  instanceType: "InMageRcm";
  fabricDiscoveryMachineId: string;
  /** Key of `VaultState.machines`. */
  machine: string;
  processServerId: string;
  runAsAccountId: string | null;
  multiVmGroupName: string | null;
  targetVmName: string;
  targetVmSize: string;
  targetResourceGroupId: string;
  targetNetworkId: string;
  testNetworkId: string;
  targetAvailabilitySetId: string;
  targetAvailabilityZone: string;
  targetProximityPlacementGroupId: string;
  targetBootDiagnosticsStorageAccountId: string;
  licenseType: string;
  disks: InMageRcmDisk[];
  nics: InMageRcmNic[];
}

export interface InMageRcmDisk {
  diskId: string;
  diskName: string;
  isOsDisk: boolean;
  capacityInBytes: number;
  logStorageAccountId: string;
  diskType: string;
  diskEncryptionSetId: string | null;
  seedManagedDiskId: string;
  targetManagedDiskId: string | null;
}

export interface InMageRcmNic {
  nicId: string;
  isPrimary: boolean;
  isSelectedForFailover: boolean;
  sourceIpAddress: string;
  sourceIpAddressType: "Static" | "Dynamic";
  sourceNetworkId: string;
  /** Empty: any free address. */
  targetIpAddress: string;
  targetSubnetName: string;
  testSubnetName: string | null;
  testIpAddress: string | null;
}

/** The same machine replicating from Azure to VMware. */
export interface InMageRcmFailbackItem {
  instanceType: "InMageRcmFailback";
  machine: string;
  multiVmGroupName: string | null;
  /** The settings towards Azure, for the next turn. */
  forward: InMageRcmItem;
  forwardPolicyName: string;
  azureVirtualMachineId: string;
  reprotectAgentId: string;
  datastoreName: string;
  logStorageAccountId: string;
  lastPlannedFailover: { startedAt: number; status: "Succeeded" | "Failed" | "Cancelled" | "Unknown" } | null;
}

/** A machine on a Hyper-V host, of a site or of a VMM cloud, on its way to Azure and back: one kind for both ways. */
export interface HyperVReplicaAzureItem {
  instanceType: "HyperVReplicaAzure";
  machine: string;
  multiVmGroupName: null;
  protectableItemName: string;
  osType: "Windows" | "Linux";
  targetVmName: string;
  targetVmSize: string;
  targetResourceGroupId: string;
  /** Empty: none. A machine in VMM takes the network that its VM network is mapped to. */
  targetNetworkId: string;
  testNetworkId: string;
  storageAccountId: string | null;
  logStorageAccountId: string | null;
  usesManagedDisks: boolean;
  diskType: string | null;
  enableRdpOnTargetOption: string;
  licenseType: string;
  sqlServerLicenseType: string;
  targetAvailabilitySetId: string | null;
  targetAvailabilityZone: string | null;
  targetProximityPlacementGroupId: string | null;
  tags: { vm: Tags; seedDisk: Tags | null; disk: Tags | null; nic: Tags };
  disks: HyperVDisk[];
  nics: SelectableNic[];
}

type Tags = Record<string, string>;

export interface HyperVDisk {
  vhdId: string;
  vhdName: string;
  isOsDisk: boolean;
  sizeMB: number;
  targetDiskName: string | null;
  targetManagedDiskId: string | null;
}

/** A network card of the kinds that hold several addresses for each card; this emulator has one. */
export interface SelectableNic {
  nicId: string;
  vmNetworkName: string;
  sourceIpAddress: string;
  selectionType: "NotSelected" | "SelectedByDefault" | "SelectedByUser";
  targetSubnetName: string;
  /** Empty: any free address. */
  targetIpAddress: string;
  testSubnetName: string | null;
  testIpAddress: string | null;
  targetNicName: string | null;
  /** What else was set, as it came: security groups, public addresses, accelerated networking. */
  more: { [key: string]: string | boolean | string[] | null };
}

/** A classic VMware machine or physical server on its way to Azure. */
export interface InMageAzureV2Item {
  instanceType: "InMageAzureV2";
  machine: string;
  multiVmGroupName: string | null;
  osType: "Windows" | "Linux";
  targetVmName: string;
  targetVmSize: string;
  targetResourceGroupId: string;
  targetNetworkId: string;
  testNetworkId: string;
  storageAccountId: string;
  usesManagedDisks: boolean;
  licenseType: string;
  processServerId: string;
  masterTargetId: string;
  disks: HyperVDisk[];
  nics: SelectableNic[];
}

/** The same machine replicating from Azure to VMware. */
export interface InMageItem {
  instanceType: "InMage";
  machine: string;
  multiVmGroupName: string | null;
  /** The settings towards Azure, for the next turn. */
  forward: InMageAzureV2Item;
  forwardPolicyName: string;
  processServerId: string;
  masterTargetId: string;
  retentionDrive: string;
  datastoreName: string;
}

/** A machine that replicates between two clouds of VMM servers: one kind for both ways. */
export interface HyperVReplicaItem {
  instanceType: "HyperVReplica2012R2" | "HyperVReplica2012";
  /** Key of `VaultState.machines`: the machine in the cloud where it was first protected. */
  machine: string;
  multiVmGroupName: null;
  /** The other cloud, and the key of the machine there. */
  recovery: { fabricName: string; containerName: string; machine: string };
  /** When an unplanned failover broke the replication; null: since then a planned one went well. */
  brokenAt: number | null;
}

export function isHyperVReplica(details: ItemDetails): details is HyperVReplicaItem {
  return details.instanceType === "HyperVReplica2012R2" || details.instanceType === "HyperVReplica2012";
}

/** The details of an item that replicates between clouds; another would be a fault of the caller. */
export function hyperVReplicaOf(item: { name: string; details: ItemDetails }): HyperVReplicaItem {
  if (isHyperVReplica(item.details)) return item.details;
  throw new Error(`the item ${item.name} is of kind ${item.details.instanceType}, which goes to no other cloud`);
}
