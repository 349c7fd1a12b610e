/** Enabling replication of a machine on Hyper-V, and changing its target settings. */

import { z } from "zod";
import { guidOf } from "../../../estate/names.js";
import { invalidInput } from "../../errors.js";
import { detailsOf, type HyperVReplicaAzureItem } from "../../itemDetails.js";
import { subnetsOf } from "../../items/subnets.js";
import { requireParts, requireVmSize } from "../../items/targetParts.js";
import { lastSegment, sameName } from "../../names.js";
import { type Call, propertiesOf } from "../../operation.js";
import type { FabricState, ItemState, SourceMachine } from "../../state.js";
import type { Enabled, Problem } from "../kind.js";
import { changedNics, nicsSchema } from "./nics.js";

const text = z.string().nullish();
const boolean = z
  .string()
  .regex(/^(true|false)$/i, { error: 'allowed: "true", "false"' })
  .nullish();
const tags = z.record(z.string(), z.string()).nullish();
const license = z.enum(["NotSpecified", "NoLicenseType", "WindowsServer"]).nullish();
const sqlLicense = z.enum(["NotSpecified", "NoLicenseType", "PAYG", "AHUB"]).nullish();

const schema = z.object({
  protectableItemId: text,
  providerSpecificDetails: z.object({
    instanceType: z.literal("HyperVReplicaAzure"),
    hvHostVmId: text,
    vmName: text,
    osType: z.enum(["Windows", "Linux"]).nullish(),
    vhdId: text,
    targetStorageAccountId: text,
    logStorageAccountId: text,
    disksToInclude: z.array(z.string()).nullish(),
    disksToIncludeForManagedDisks: z
      .array(
        z.object({ diskId: z.string(), logStorageAccountId: text, diskType: text, diskEncryptionSetId: text }),
      )
      .nullish(),
    useManagedDisks: boolean,
    useManagedDisksForReplication: boolean,
    diskType: text,
    enableRdpOnTargetOption: text,
    targetAzureNetworkId: text,
    targetAzureSubnetId: text,
    targetAzureV2ResourceGroupId: text,
    targetAzureVmName: text,
    targetVmSize: text,
    licenseType: license,
    sqlServerLicenseType: sqlLicense,
    targetAvailabilitySetId: text,
    targetAvailabilityZone: text,
    targetProximityPlacementGroupId: text,
    targetVmTags: tags,
    seedManagedDiskTags: tags,
    targetManagedDiskTags: tags,
    targetNicTags: tags,
  }),
});

const vmNamePattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const isTrue = (value: string | null | undefined) => value != null && sameName(value, "true");
const optional = (value: string | null | undefined) => (value == null || value === "" ? null : value);

/** The machine behind a protectable item of this fabric. */
function machineOf(call: Call, fabric: FabricState, id: string): [string, SourceMachine] | undefined {
  const name = lastSegment(id);
  return Object.entries(call.vault.machines).find(
    ([, { hyperV }]) =>
      hyperV !== undefined && sameName(hyperV.vmId, name) && sameName(hyperV.fabricName, fabric.name),
  );
}

type Wanted = z.infer<typeof schema>["providerSpecificDetails"];
const wantedPath = "properties.providerSpecificDetails";

function checkVmName(name: string, path: string, problems: Problem[]): void {
  if (vmNamePattern.test(name)) return;
  const message = `"${name}" is not a name of a virtual machine; allowed: 1-63 letters, digits and hyphens, alphanumeric at both ends`;
  problems.push({ path, message });
}

/** Where the machine will stand in Azure, and where its replica is kept. */
function checkTarget(call: Call, wanted: Wanted, problems: Problem[]): void {
  const path = wantedPath;
  if (optional(wanted.targetAzureV2ResourceGroupId) === null) {
    const message = "is missing; allowed: the id of a resource group";
    problems.push({ path: `${path}.targetAzureV2ResourceGroupId`, message });
  }
  if (optional(wanted.targetStorageAccountId) === null && !isTrue(wanted.useManagedDisksForReplication)) {
    const message = 'is missing; allowed: the id of a storage account, or useManagedDisksForReplication "true"';
    problems.push({ path: `${path}.targetStorageAccountId`, message });
  }
  requireVmSize(wanted.targetVmSize, `${path}.targetVmSize`, problems);
  const parts = [
    ["targetAzureV2ResourceGroupId", "resourceGroup"],
    ["targetStorageAccountId", "storageAccount"],
    ["logStorageAccountId", "storageAccount"],
    ["targetAvailabilitySetId", "availabilitySet"],
    ["targetProximityPlacementGroupId", "proximityPlacementGroup"],
  ] as const;
  requireParts(
    call.world,
    [
      ...parts.map(([name, type]) => ({ path: `${path}.${name}`, id: wanted[name], type })),
      ...(wanted.disksToIncludeForManagedDisks ?? []).flatMap((disk, index) => {
        const at = `${path}.disksToIncludeForManagedDisks.${index}`;
        return [
          { path: `${at}.logStorageAccountId`, id: disk.logStorageAccountId, type: "storageAccount" } as const,
          { path: `${at}.diskEncryptionSetId`, id: disk.diskEncryptionSetId, type: "diskEncryptionSet" } as const,
        ];
      }),
    ],
    problems,
  );
}

/** The disks that are named; none = all. */
function chosenDisks(wanted: Wanted): string[] {
  return [
    ...(wanted.disksToInclude ?? []),
    ...(wanted.disksToIncludeForManagedDisks ?? []).map((disk) => disk.diskId),
  ];
}

function checkDisks(machine: SourceMachine, chosen: readonly string[], osDisk: string, problems: Problem[]): void {
  const known = machine.disks.map((disk) => disk.id);
  const check = (id: string, path: string) => {
    if (known.some((each) => sameName(each, id))) return;
    const message = `"${id}" is not a disk of ${machine.name}; allowed: ${known.join(", ")}`;
    problems.push({ path: `${wantedPath}.${path}`, message });
  };
  for (const [index, id] of chosen.entries()) check(id, `disksToInclude.${index}`);
  check(osDisk, "vhdId");
}

/** @throws Refusal listing everything that is wrong with the input. */
export function enable(call: Call, fabric: FabricState): Enabled {
  const body = propertiesOf(call.request, schema);
  const wanted = body.providerSpecificDetails;
  const problems: Problem[] = [];
  const found = machineOf(call, fabric, body.protectableItemId ?? "");
  if (found === undefined) {
    const given =
      body.protectableItemId == null
        ? "is missing"
        : `"${body.protectableItemId}" is not a protectable item of the fabric '${fabric.name}'`;
    problems.push({
      path: "properties.protectableItemId",
      message: `${given}; list the replicationProtectableItems of the container`,
    });
  }
  const machine = found?.[1];
  const vmName = optional(wanted.targetAzureVmName) ?? optional(wanted.vmName) ?? machine?.name ?? "";
  checkVmName(vmName, `${wantedPath}.targetAzureVmName`, problems);
  checkTarget(call, wanted, problems);
  const { targetAzureNetworkId, targetAzureSubnetId } = wanted;
  const subnetName = checkNetwork(call, targetAzureNetworkId, targetAzureSubnetId, wantedPath, problems);
  const osDisk = optional(wanted.vhdId) ?? machine?.disks.find((disk) => disk.isOsDisk)?.id ?? "";
  const chosen = chosenDisks(wanted);
  if (machine !== undefined) checkDisks(machine, chosen, osDisk, problems);
  if (found === undefined || machine?.hyperV === undefined || problems.length > 0) throw invalidInput(problems);
  const isIncluded = (id: string) =>
    chosen.length === 0 || sameName(id, osDisk) || chosen.some((each) => sameName(each, id));
  const details: HyperVReplicaAzureItem = {
    instanceType: "HyperVReplicaAzure",
    machine: found[0],
    multiVmGroupName: null,
    protectableItemName: machine.hyperV.vmId,
    osType: wanted.osType ?? machine.osType,
    targetVmName: vmName,
    targetVmSize: optional(wanted.targetVmSize) ?? fittingSize(machine),
    targetResourceGroupId: wanted.targetAzureV2ResourceGroupId ?? "",
    targetNetworkId: wanted.targetAzureNetworkId ?? "",
    testNetworkId: "",
    storageAccountId: optional(wanted.targetStorageAccountId),
    logStorageAccountId: optional(wanted.logStorageAccountId),
    usesManagedDisks: isTrue(wanted.useManagedDisks) || isTrue(wanted.useManagedDisksForReplication),
    diskType: optional(wanted.diskType),
    enableRdpOnTargetOption: wanted.enableRdpOnTargetOption ?? "Never",
    licenseType: wanted.licenseType ?? "NotSpecified",
    sqlServerLicenseType: wanted.sqlServerLicenseType ?? "NotSpecified",
    targetAvailabilitySetId: optional(wanted.targetAvailabilitySetId),
    targetAvailabilityZone: optional(wanted.targetAvailabilityZone),
    targetProximityPlacementGroupId: optional(wanted.targetProximityPlacementGroupId),
    tags: {
      vm: wanted.targetVmTags ?? {},
      seedDisk: wanted.seedManagedDiskTags ?? null,
      disk: wanted.targetManagedDiskTags ?? null,
      nic: wanted.targetNicTags ?? {},
    },
    disks: machine.disks
      .filter((disk) => isIncluded(disk.id))
      .map((disk, index) => ({
        vhdId: disk.id,
        vhdName: disk.name ?? `${machine.name}_disk_${index + 1}`,
        isOsDisk: sameName(disk.id, osDisk),
        sizeMB: disk.sizeGB * 1024,
        targetDiskName: null,
        targetManagedDiskId: null,
      })),
    nics: selectableNics(machine, vmName, subnetName),
  };
  return { details, friendlyName: machine.name, internalIdentifier: machine.hyperV.vmId };
}

export function selectableNics(
  machine: SourceMachine,
  vmName: string,
  subnetName: string,
): HyperVReplicaAzureItem["nics"] {
  return machine.nics.map((nic, index) => ({
    nicId: nic.mac,
    vmNetworkName: nic.network,
    sourceIpAddress: nic.ip,
    selectionType: "SelectedByDefault",
    targetSubnetName: subnetName,
    targetIpAddress: "",
    testSubnetName: null,
    testIpAddress: null,
    targetNicName: `nic-${vmName}-${String(index).padStart(2, "0")}-${guidOf("targetNic", machine.name, nic.mac)}`,
    more: {},
  }));
}

/** The name of the subnet, which may be given as an id. */
function checkNetwork(
  { world }: Call,
  networkId: string | null | undefined,
  subnetId: string | null | undefined,
  path: string,
  problems: Problem[],
): string {
  const name = optional(subnetId) === null ? "" : lastSegment(subnetId ?? "");
  if (optional(networkId) === null) return name;
  const network = world.arm.get(networkId ?? "");
  if (network === undefined) {
    problems.push({
      path: `${path}.targetAzureNetworkId`,
      message: `"${networkId}" is not an existing virtual network`,
    });
    return name;
  }
  const names = subnetsOf(world, network.id).map((subnet) => subnet.name);
  if (name !== "" && !names.some((each) => sameName(each, name))) {
    const message = `"${subnetId}" is not a subnet of ${network.name}; allowed: ${names.join(", ")}`;
    problems.push({ path: `${path}.targetAzureSubnetId`, message });
  }
  return name;
}

/** The smallest size of a common family that holds the machine; Azure chooses by a rule of its own. */
export function fittingSize(machine: SourceMachine): string {
  const sizes: [number, number, string][] = [
    [1, 1024, "Standard_B1s"],
    [2, 4096, "Standard_B2s"],
    [2, 8192, "Standard_B2ms"],
    [4, 16384, "Standard_D4s_v3"],
    [8, 32768, "Standard_D8s_v3"],
    [16, 65536, "Standard_D16s_v3"],
  ];
  const fitting = sizes.find(([cores, memory]) => machine.cores <= cores && machine.memoryMB <= memory);
  return fitting?.[2] ?? "Standard_D32s_v3";
}

const updateSchema = z.object({
  recoveryAzureVMName: text,
  recoveryAzureVMSize: text,
  selectedRecoveryAzureNetworkId: text,
  selectedTfoAzureNetworkId: text,
  selectedSourceNicId: text,
  enableRdpOnTargetOption: text,
  vmNics: nicsSchema,
  licenseType: license,
  recoveryAvailabilitySetId: text,
  providerSpecificDetails: z
    .object({
      instanceType: z.literal("HyperVReplicaAzure"),
      recoveryAzureV2ResourceGroupId: text,
      useManagedDisks: boolean,
      targetProximityPlacementGroupId: text,
      targetAvailabilityZone: text,
      targetVmTags: tags,
      targetManagedDiskTags: tags,
      targetNicTags: tags,
      sqlServerLicenseType: sqlLicense,
      vmDisks: z.array(z.object({ diskId: z.string(), targetDiskName: text })).nullish(),
    })
    .nullish(),
});

/** The item's settings after PATCH: what the body leaves out stays as it is. */
export function update(call: Call, item: ItemState): HyperVReplicaAzureItem {
  const wanted = propertiesOf(call.request, updateSchema);
  const own = wanted.providerSpecificDetails;
  const before = detailsOf(item, "HyperVReplicaAzure");
  const problems: Problem[] = [];
  const name = wanted.recoveryAzureVMName ?? before.targetVmName;
  checkVmName(name, "properties.recoveryAzureVMName", problems);
  for (const field of ["selectedRecoveryAzureNetworkId", "selectedTfoAzureNetworkId"] as const) {
    const id = optional(wanted[field]);
    if (id !== null && call.world.arm.get(id) === undefined) {
      problems.push({ path: `properties.${field}`, message: `"${id}" is not an existing virtual network` });
    }
  }
  requireVmSize(wanted.recoveryAzureVMSize, "properties.recoveryAzureVMSize", problems);
  const ownPath = "properties.providerSpecificDetails";
  requireParts(
    call.world,
    [
      {
        path: "properties.recoveryAvailabilitySetId",
        id: wanted.recoveryAvailabilitySetId,
        type: "availabilitySet",
      },
      {
        path: `${ownPath}.recoveryAzureV2ResourceGroupId`,
        id: own?.recoveryAzureV2ResourceGroupId,
        type: "resourceGroup",
      },
      {
        path: `${ownPath}.targetProximityPlacementGroupId`,
        id: own?.targetProximityPlacementGroupId,
        type: "proximityPlacementGroup",
      },
    ],
    problems,
  );
  const nics = changedNics(before.nics, wanted.vmNics, item.friendlyName, problems);
  if (problems.length > 0) throw invalidInput(problems);
  const disks = before.disks.map((disk) => {
    const change = own?.vmDisks?.find((each) => sameName(each.diskId, disk.vhdId));
    return change?.targetDiskName == null ? disk : { ...disk, targetDiskName: change.targetDiskName };
  });
  return {
    ...before,
    targetVmName: name,
    targetVmSize: wanted.recoveryAzureVMSize ?? before.targetVmSize,
    targetNetworkId: wanted.selectedRecoveryAzureNetworkId ?? before.targetNetworkId,
    testNetworkId: wanted.selectedTfoAzureNetworkId ?? before.testNetworkId,
    enableRdpOnTargetOption: wanted.enableRdpOnTargetOption ?? before.enableRdpOnTargetOption,
    licenseType: wanted.licenseType ?? before.licenseType,
    targetAvailabilitySetId: wanted.recoveryAvailabilitySetId ?? before.targetAvailabilitySetId,
    targetResourceGroupId: own?.recoveryAzureV2ResourceGroupId ?? before.targetResourceGroupId,
    usesManagedDisks: own?.useManagedDisks == null ? before.usesManagedDisks : isTrue(own.useManagedDisks),
    targetProximityPlacementGroupId:
      own?.targetProximityPlacementGroupId ?? before.targetProximityPlacementGroupId,
    targetAvailabilityZone: own?.targetAvailabilityZone ?? before.targetAvailabilityZone,
    sqlServerLicenseType: own?.sqlServerLicenseType ?? before.sqlServerLicenseType,
    tags: {
      ...before.tags,
      vm: own?.targetVmTags ?? before.tags.vm,
      disk: own?.targetManagedDiskTags ?? before.tags.disk,
      nic: own?.targetNicTags ?? before.tags.nic,
    },
    disks,
    nics,
  };
}
