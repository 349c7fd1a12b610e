/** The settings of a replicated machine: their schema, their comparison with Azure's answer, and the calls they become. */

import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import type {
  EnableReplicationSettings,
  ReplicatedItem,
  ReplicatedItemUpdate,
} from "../siterecovery/siteRecovery.js";
import { defined, keepSpelling, sameValue } from "./compare.js";
import type { Properties } from "./handler.js";
import { armId, existingName, ipv4, resourceGroupId, targetVmName, text } from "./schema.js";

const anyText = z.string({ error: "allowed: a text" }).min(1, "allowed: a text that is not empty");
const diskType = z.enum(["Standard_LRS", "Premium_LRS", "StandardSSD_LRS"]);
const virtualNetworkId = armId("Microsoft.Network/virtualNetworks");
const storageAccountId = armId("Microsoft.Storage/storageAccounts");
const diskEncryptionSetId = armId("Microsoft.Compute/diskEncryptionSets");

/** @see https://learn.microsoft.com/rest/api/site-recovery/replication-protected-items/create (InMageRcm) */
export const settingsSchema = {
  /** Provider kind. InMageRcm (default) = modernised VMware and physical machines, HyperVReplicaAzure = Hyper-V with and without VMM. */
  instanceType: z
    .enum(["InMageRcm", "HyperVReplicaAzure"], {
      error:
        'allowed: "InMageRcm", "HyperVReplicaAzure"; replication of classic machines (InMageAzureV2) and between VMM sites (HyperVReplica2012R2) cannot be enabled, what exists of it is driven by Failover',
    })
    .default("InMageRcm"),
  /** ARM id of the replication policy. */
  policyId: armId("Microsoft.RecoveryServices/vaults/replicationPolicies"),
  /** VMware and physical, required: ARM id of the discovered machine: Microsoft.OffAzure/VMwareSites (or ServerSites) .../machines/<name>. */
  fabricDiscoveryMachineId: text(
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.OffAzure\/(VMwareSites|ServerSites)\/[^/]+\/machines\/[^/]+$/i,
    "the ARM id of a machine that the appliance discovered: .../providers/Microsoft.OffAzure/VMwareSites|ServerSites/<site>/machines/<name>",
  ).optional(),
  /** VMware and physical, required: id of the appliance's process server: a GUID. */
  processServerId: anyText.optional(),
  /** Hyper-V, required: ARM id of the protectable item, as the vault lists it. */
  protectableItemId: armId(
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectableItems",
  ).optional(),
  /** Hyper-V, required: the machine's operating system. */
  guestOsType: z.enum(["Windows", "Linux"]).optional(),
  /** Hyper-V, required: id of the disk that holds the operating system. */
  osDiskId: anyText.optional(),
  /** Hyper-V: ids of the disks to replicate to the storage account. Give this, or `disks` for managed disks, which cannot fail back. */
  diskIds: z.array(anyText).min(1, "allowed: at least one disk").optional(),
  /** Hyper-V: ARM id of the storage account that the disks replicate to; required unless `disks` are given. */
  targetStorageAccountId: storageAccountId.optional(),
  /** Hyper-V: ARM id of the storage account for replication logs, where the other one is premium storage. */
  logStorageAccountId: storageAccountId.optional(),
  /** Hyper-V: whether Azure opens remote desktop in the failed-over machine. Default: Azure's, Never. */
  enableRdpOnTarget: z.enum(["Never", "OnlyOnTestFailover", "Always"]).optional(),
  /** VMware and physical: ARM id of the run-as account that installs the mobility agent; used when replication is enabled, not changed later. */
  runAsAccountId: anyText.optional(),
  /** ARM id of the resource group that the failed-over machine is made in. */
  targetResourceGroupId: resourceGroupId,
  /**
   * ARM id of the virtual network of a failover. Of a network that the same program makes, the output `id`: a text is looked
   * up in the preview.
   */
  targetNetworkId: virtualNetworkId.optional(),
  /** ARM id of the virtual network of a test failover; best another one: a drill in the network of a failover needs `allowProductionNetwork`. */
  testNetworkId: virtualNetworkId.optional(),
  /** Subnet of the target network for every adapter without a setting of its own. */
  targetSubnetName: existingName.optional(),
  /** Subnet of the test network for every adapter without a setting of its own. */
  testSubnetName: existingName.optional(),
  /** Name of the machine that a failover makes. Default: Azure takes the source machine's. */
  targetVmName: targetVmName.optional(),
  /** Azure VM size, e.g. Standard_D4s_v5. Default: Azure chooses by the source's cores and memory. */
  targetVmSize: text(/^(Standard|Basic)_[A-Za-z0-9_-]+$/, "an Azure VM size such as Standard_D4s_v5").optional(),
  licenseType: z.enum(["NotSpecified", "NoLicenseType", "WindowsServer"]).optional(),
  targetAvailabilitySetId: armId("Microsoft.Compute/availabilitySets").optional(),
  targetAvailabilityZone: z.enum(["1", "2", "3"]).optional(),
  targetProximityPlacementGroupId: armId("Microsoft.Compute/proximityPlacementGroups").optional(),
  targetBootDiagnosticsStorageAccountId: storageAccountId.optional(),
  /** Machines of one group get consistent recovery points at the same instant. */
  multiVmGroupName: anyText.optional(),
  /** The disks to replicate, one by one. Give this or `disksDefault`. */
  disks: z
    .array(
      z.strictObject({
        diskId: anyText,
        logStorageAccountId: storageAccountId,
        diskType,
        diskEncryptionSetId: diskEncryptionSetId.optional(),
      }),
    )
    .min(1, "allowed: at least one disk")
    .optional(),
  /** Settings for all disks of the machine. Give this or `disks`. */
  disksDefault: z
    .strictObject({
      logStorageAccountId: storageAccountId,
      diskType,
      diskEncryptionSetId: diskEncryptionSetId.optional(),
    })
    .optional(),
};

export const nicSchema = z.strictObject({
  /** Azure's id of the adapter: its MAC address for VMware and physical machines. */
  nicId: anyText,
  isPrimary: z.boolean({ error: "allowed: true, false" }).optional(),
  /** Whether the failed-over machine gets this adapter. Default true. */
  isSelectedForFailover: z.boolean({ error: "allowed: true, false" }).optional(),
  targetSubnetName: existingName.optional(),
  /** Static address in the target subnet; left out = Azure chooses. */
  targetStaticIpAddress: ipv4.optional(),
  testSubnetName: existingName.optional(),
  testStaticIpAddress: ipv4.optional(),
});

/** A change of one of these needs replication to be disabled and enabled again. */
export const restarting = [
  "instanceType",
  "fabricDiscoveryMachineId",
  "policyId",
  "processServerId",
  "multiVmGroupName",
  "disks",
  "disksDefault",
  "protectableItemId",
  "guestOsType",
  "osDiskId",
  "diskIds",
  "targetStorageAccountId",
  "logStorageAccountId",
];

/** What a kind needs, and which keys it does not have. */
export const kindRules: Readonly<Record<string, { required: readonly string[]; foreign: readonly string[] }>> = {
  InMageRcm: {
    required: ["fabricDiscoveryMachineId", "processServerId"],
    foreign: [
      "protectableItemId",
      "guestOsType",
      "osDiskId",
      "diskIds",
      "targetStorageAccountId",
      "logStorageAccountId",
      "enableRdpOnTarget",
    ],
  },
  HyperVReplicaAzure: {
    required: ["protectableItemId", "guestOsType", "osDiskId"],
    foreign: [
      "fabricDiscoveryMachineId",
      "processServerId",
      "runAsAccountId",
      "disksDefault",
      "multiVmGroupName",
      "targetBootDiagnosticsStorageAccountId",
    ],
  },
};

/** What Azure changes in place. */
const plain = [
  "targetVmName",
  "targetVmSize",
  "targetResourceGroupId",
  "targetAvailabilitySetId",
  "targetAvailabilityZone",
  "targetProximityPlacementGroupId",
  "targetBootDiagnosticsStorageAccountId",
  "targetNetworkId",
  "testNetworkId",
  "licenseType",
  "enableRdpOnTarget",
] as const;

export const inPlace: readonly string[] = [...plain, "targetSubnetName", "testSubnetName", "nics"];

export interface Difference {
  key: string;
  wanted: unknown;
  observed: unknown;
}

/** The given settings that Azure has otherwise. */
export function differences(wanted: Properties, item: ReplicatedItem): Difference[] {
  const observed = observedInputs(wanted, item);
  return [...restarting, ...inPlace].flatMap((key) =>
    wanted[key] === undefined || containsUnknown(wanted[key]) || sameValue(wanted[key], observed[key])
      ? []
      : [{ key, wanted: wanted[key], observed: observed[key] }],
  );
}

/** The given inputs with Azure's answer in their place, in the user's spelling where both mean the same. */
export function observedInputs(stored: Properties, item: ReplicatedItem): Properties {
  const azure: Properties = {
    instanceType: item.instanceType,
    policyId: item.policyId,
    fabricDiscoveryMachineId: item.fabricDiscoveryMachineId,
    processServerId: item.processServerId,
    multiVmGroupName: item.multiVmGroupName,
    protectableItemId: item.protectableItemId,
    guestOsType: item.osType,
    osDiskId: item.disks.length === 0 ? stored.osDiskId : item.disks.find((disk) => disk.isOsDisk)?.diskId,
    diskIds: observedDiskIds(stored.diskIds, item),
    targetStorageAccountId: item.targetStorageAccountId,
    logStorageAccountId: item.logStorageAccountId,
    disks: observedDisks(stored.disks, item),
    disksDefault: observedDefault(stored.disksDefault, item),
    nics: observedNics(stored.nics, item),
    targetSubnetName: commonSubnet(stored, item, "targetSubnetName"),
    testSubnetName: commonSubnet(stored, item, "testSubnetName"),
    ...Object.fromEntries(plain.map((key) => [key, item[key]])),
  };
  return defined(
    Object.fromEntries(
      Object.entries(stored).map(([key, value]) => [
        key,
        key in azure && value !== undefined ? keepSpelling(value, azure[key]) : value,
      ]),
    ),
  );
}

function observedDisks(stored: unknown, item: ReplicatedItem): unknown {
  if (!Array.isArray(stored)) return undefined;
  const wanted = stored as Properties[];
  const has = (disk: Properties) => item.disks.some((other) => sameText(other.diskId, disk.diskId));
  const known = wanted.filter(has).map((disk) => {
    const found = item.disks.find((other) => sameText(other.diskId, disk.diskId));
    return defined(
      Object.fromEntries(
        Object.keys(disk).map((key) => [key, keepSpelling(disk[key], (found as Properties | undefined)?.[key])]),
      ),
    );
  });
  const more = item.disks.filter((disk) => !wanted.some((other) => sameText(other.diskId, disk.diskId)));
  return [
    ...known,
    ...more.map((disk) =>
      defined({ diskId: disk.diskId, logStorageAccountId: disk.logStorageAccountId, diskType: disk.diskType }),
    ),
  ];
}

/** The same disks in whatever order are the same. */
function observedDiskIds(stored: unknown, item: ReplicatedItem): unknown {
  // Disks are listed only once replication runs; until then the request stands.
  if (!Array.isArray(stored) || item.disks.length === 0) return stored;
  const found = item.disks.map((disk) => disk.diskId);
  const wanted = stored.map(String);
  const isSame =
    wanted.length === found.length && wanted.every((id) => found.some((other) => sameText(other, id)));
  return isSame ? stored : found;
}

function observedDefault(stored: unknown, item: ReplicatedItem): unknown {
  const [disk] = item.disks;
  // Disks are listed only once replication runs; until then the request stands.
  if (stored === undefined || !disk) return stored;
  const wanted = stored as Properties;
  return defined(
    Object.fromEntries(
      Object.keys(wanted).map((key) => [key, keepSpelling(wanted[key], (disk as unknown as Properties)[key])]),
    ),
  );
}

/** Wire fields of an adapter's settings by the name of the input. */
const nicFields: Record<string, (nic: ReplicatedItem["nics"][number]) => unknown> = {
  isPrimary: (nic) => nic.isPrimary,
  isSelectedForFailover: (nic) => nic.isSelectedForFailover,
  targetSubnetName: (nic) => nic.targetSubnetName,
  targetStaticIpAddress: (nic) => nic.targetIpAddress,
  testSubnetName: (nic) => nic.testSubnetName,
  testStaticIpAddress: (nic) => nic.testIpAddress,
};

function observedNics(stored: unknown, item: ReplicatedItem): unknown {
  if (!Array.isArray(stored)) return undefined;
  return (stored as Properties[]).flatMap((wanted) => {
    const found = item.nics.find((nic) => sameText(nic.nicId, wanted.nicId));
    if (!found) return [];
    // An address that was left out means "Azure chooses": one that Azure holds all the same is a difference.
    const isCompared = (key: string) => key in wanted || key.endsWith("StaticIpAddress");
    const fields = Object.entries(nicFields).flatMap(([key, get]) =>
      isCompared(key) ? [[key, keepSpelling(wanted[key], get(found))]] : [],
    );
    return [defined({ nicId: wanted.nicId, ...Object.fromEntries(fields) })];
  });
}

/** The subnet that all adapters without one of their own share; Azure keeps it per adapter only. */
function commonSubnet(
  stored: Properties,
  item: ReplicatedItem,
  key: "targetSubnetName" | "testSubnetName",
): unknown {
  const own = new Set(
    nicsIn(stored).flatMap((nic) => (nic[key] === undefined ? [] : [String(nic.nicId).toLowerCase()])),
  );
  const rest = item.nics.filter((nic) => !own.has(nic.nicId.toLowerCase()));
  const other = rest.find((nic) => nic[key] !== stored[key]);
  return other ? other[key] : stored[key];
}

/** What Azure must change to match the wanted settings; undefined where nothing differs. */
export function updateFor(wanted: Properties, item: ReplicatedItem): ReplicatedItemUpdate | undefined {
  const changed = differences(wanted, item)
    .map((difference) => difference.key)
    .filter((key) => inPlace.includes(key));
  if (changed.length === 0) return undefined;
  const update: Properties = Object.fromEntries(
    plain.filter((key) => changed.includes(key)).map((key) => [key, wanted[key]]),
  );
  if (["nics", "targetSubnetName", "testSubnetName"].some((key) => changed.includes(key)))
    update.nics = wantedNics(wanted, item);
  return update as ReplicatedItemUpdate;
}

/** All adapters, the given settings over those that Azure has: the update replaces the whole list. */
function wantedNics(wanted: Properties, item: ReplicatedItem): ReplicatedItemUpdate["nics"] {
  const given = nicsIn(wanted);
  const givesPrimary = given.some((nic) => nic.isPrimary === true);
  return item.nics.map((nic) => {
    const listed = given.find((other) => sameText(nic.nicId, other.nicId));
    const own = listed ?? {};
    return defined({
      nicId: nic.nicId,
      isPrimaryNic: own.isPrimary === undefined ? !givesPrimary && nic.isPrimary : own.isPrimary === true,
      isSelectedForFailover:
        own.isSelectedForFailover === undefined ? nic.isSelectedForFailover : own.isSelectedForFailover === true,
      targetSubnetName: textOr(own.targetSubnetName ?? wanted.targetSubnetName, nic.targetSubnetName),
      targetStaticIpAddress: textOr(own.targetStaticIpAddress, listed ? undefined : nic.targetIpAddress),
      testSubnetName: textOr(own.testSubnetName ?? wanted.testSubnetName, nic.testSubnetName),
      testStaticIpAddress: textOr(own.testStaticIpAddress, listed ? undefined : nic.testIpAddress),
    });
  });
}

export function enableSettings(inputs: Properties): EnableReplicationSettings {
  const keys = [...restarting, ...plain, "runAsAccountId", "targetSubnetName", "testSubnetName"];
  const { guestOsType: osType, ...settings } = defined(
    Object.fromEntries(keys.map((key) => [key, inputs[key]])),
  ) as Properties;
  return defined({ ...settings, osType }) as unknown as EnableReplicationSettings;
}

function nicsIn(properties: Properties): Properties[] {
  return Array.isArray(properties.nics) ? (properties.nics as Properties[]) : [];
}

function sameText(a: unknown, b: unknown): boolean {
  return String(a).toLowerCase() === String(b).toLowerCase();
}

function textOr(value: unknown, fallback: string | undefined): string | undefined {
  return typeof value === "string" ? value : fallback;
}
