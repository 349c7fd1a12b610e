/** Enabling replication of a discovered machine, and changing its target settings. */

import { z } from "zod";
import { guestDiskName, guidOf } from "../../../estate/names.js";
import { invalidInput } from "../../errors.js";
import { detailsOf, type InMageRcmDisk, type InMageRcmItem, type InMageRcmNic } from "../../itemDetails.js";
import { subnetsOf } from "../../items/subnets.js";
import { requireParts, requireVmSize } from "../../items/targetParts.js";
import { internalIdentifierOf, keyOf, sameName } from "../../names.js";
import { type Call, propertiesOf } from "../../operation.js";
import type { FabricState, ItemState, SourceMachine } from "../../state.js";
import type { Enabled, Problem } from "../kind.js";
import { sourceMachine } from "./machines.js";

const optionalText = z.string().nullish();
const diskSchema = z.object({
  logStorageAccountId: z.string(),
  diskType: z.enum(["Standard_LRS", "Premium_LRS", "StandardSSD_LRS"]),
  diskEncryptionSetId: optionalText,
});

const detailsSchema = z.object({
  instanceType: z.literal("InMageRcm"),
  fabricDiscoveryMachineId: z.string(),
  targetResourceGroupId: z.string(),
  processServerId: z.string(),
  disksToInclude: z.array(diskSchema.extend({ diskId: z.string() })).nullish(),
  disksDefault: diskSchema.nullish(),
  targetNetworkId: optionalText,
  testNetworkId: optionalText,
  targetSubnetName: optionalText,
  testSubnetName: optionalText,
  targetVmName: optionalText,
  targetVmSize: optionalText,
  licenseType: z.enum(["NotSpecified", "NoLicenseType", "WindowsServer"]).nullish(),
  targetAvailabilitySetId: optionalText,
  targetAvailabilityZone: optionalText,
  targetProximityPlacementGroupId: optionalText,
  targetBootDiagnosticsStorageAccountId: optionalText,
  runAsAccountId: optionalText,
  multiVmGroupName: optionalText,
});
const enableSchema = z.object({ providerSpecificDetails: detailsSchema });
type EnableInput = z.output<typeof detailsSchema>;

const vmNamePattern = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** @throws Refusal listing everything that is wrong with the input. */
export function enable(call: Call, fabric: FabricState): Enabled {
  const path = "properties.providerSpecificDetails";
  const { providerSpecificDetails: wanted } = propertiesOf(call.request, enableSchema);
  if (fabric.kind !== "InMageRcm") throw unfit(fabric, path);
  const problems: Problem[] = [];
  const machine = sourceMachine(call.world, call.vault, wanted.fabricDiscoveryMachineId);
  if (machine === undefined) {
    const message = `"${wanted.fabricDiscoveryMachineId}" is not a discovered machine; list the machines of the VMwareSites or ServerSites resource of the fabric`;
    problems.push({ path: `${path}.fabricDiscoveryMachineId`, message });
  }
  if (!sameName(wanted.processServerId, fabric.appliance.id)) {
    const message = `"${wanted.processServerId}" is not a process server of the fabric; allowed: ${fabric.appliance.id}`;
    problems.push({ path: `${path}.processServerId`, message });
  }
  if (
    wanted.runAsAccountId != null &&
    !fabric.runAsAccounts.some((account) => sameName(account.id, wanted.runAsAccountId ?? ""))
  ) {
    const allowed = fabric.runAsAccounts.map((account) => account.id).join(", ") || "none is registered";
    const message = `"${wanted.runAsAccountId}" is not a run-as account of the fabric; allowed: ${allowed}`;
    problems.push({ path: `${path}.runAsAccountId`, message });
  }
  const vmName = wanted.targetVmName ?? machine?.name ?? "";
  checkTarget(call, { ...wanted, targetVmName: vmName }, path, problems);
  checkParts(call, wanted, path, problems);
  const chosenDisks = [
    ...(wanted.disksToInclude ?? []).map((disk, index) => ({ disk, at: `${path}.disksToInclude.${index}` })),
    ...(wanted.disksDefault == null ? [] : [{ disk: wanted.disksDefault, at: `${path}.disksDefault` }]),
  ];
  for (const { disk, at } of chosenDisks) {
    const { logStorageAccountId, diskEncryptionSetId } = disk;
    requireParts(
      call.world,
      [
        { path: `${at}.logStorageAccountId`, id: logStorageAccountId, type: "storageAccount" },
        { path: `${at}.diskEncryptionSetId`, id: diskEncryptionSetId, type: "diskEncryptionSet" },
      ],
      problems,
    );
  }
  const disks = machine === undefined ? [] : includedDisks(wanted, machine, path, problems);
  if (machine === undefined || problems.length > 0) throw invalidInput(problems);
  return {
    friendlyName: machine.name,
    internalIdentifier: internalIdentifierOf(call.vault, wanted.fabricDiscoveryMachineId),
    details: {
      instanceType: "InMageRcm",
      fabricDiscoveryMachineId: wanted.fabricDiscoveryMachineId,
      machine: keyOf(wanted.fabricDiscoveryMachineId),
      processServerId: fabric.appliance.id,
      runAsAccountId: wanted.runAsAccountId ?? null,
      multiVmGroupName: wanted.multiVmGroupName ?? null,
      targetVmName: vmName,
      targetVmSize: wanted.targetVmSize ?? fittingSize(machine),
      targetResourceGroupId: wanted.targetResourceGroupId,
      targetNetworkId: wanted.targetNetworkId ?? "",
      testNetworkId: wanted.testNetworkId ?? "",
      targetAvailabilitySetId: wanted.targetAvailabilitySetId ?? "",
      targetAvailabilityZone: wanted.targetAvailabilityZone ?? "",
      targetProximityPlacementGroupId: wanted.targetProximityPlacementGroupId ?? "",
      targetBootDiagnosticsStorageAccountId: wanted.targetBootDiagnosticsStorageAccountId ?? "",
      licenseType: wanted.licenseType ?? "NotSpecified",
      disks: disks.map((disk) => ({
        ...disk,
        seedManagedDiskId: seedDiskId(wanted.targetResourceGroupId, machine, disk),
      })),
      nics: machine.nics.map((nic, index) => ({
        nicId: nic.mac,
        isPrimary: index === 0,
        isSelectedForFailover: true,
        sourceIpAddress: nic.ip,
        sourceIpAddressType: nic.ipType,
        sourceNetworkId: nic.network,
        targetIpAddress: "",
        targetSubnetName: wanted.targetSubnetName ?? "",
        testSubnetName: wanted.testSubnetName ?? null,
        testIpAddress: null,
      })),
    },
  };
}

/** Checks that hold for enable and for update alike. */
function checkTarget(
  { world }: Call,
  wanted: Pick<
    EnableInput,
    | "targetVmName"
    | "targetNetworkId"
    | "testNetworkId"
    | "targetSubnetName"
    | "testSubnetName"
    | "targetResourceGroupId"
  >,
  path: string,
  problems: Problem[],
): void {
  if (wanted.targetVmName != null && !vmNamePattern.test(wanted.targetVmName)) {
    const message = `"${wanted.targetVmName}" is not a name of a virtual machine; allowed: 1-63 letters, digits and hyphens, alphanumeric at both ends`;
    problems.push({ path: `${path}.targetVmName`, message });
  }
  for (const [networkField, subnetField] of [
    ["targetNetworkId", "targetSubnetName"],
    ["testNetworkId", "testSubnetName"],
  ] as const) {
    const networkId = wanted[networkField];
    if (networkId == null || networkId === "") continue;
    const network = world.arm.get(networkId);
    if (network === undefined) {
      problems.push({
        path: `${path}.${networkField}`,
        message: `"${networkId}" is not an existing virtual network`,
      });
      continue;
    }
    const subnet = wanted[subnetField];
    const names = subnetsOf(world, network.id).map((each) => each.name);
    if (subnet != null && subnet !== "" && !names.some((name) => sameName(name, subnet))) {
      const message = `"${subnet}" is not a subnet of ${network.name}; allowed: ${names.join(", ")}`;
      problems.push({ path: `${path}.${subnetField}`, message });
    }
  }
}

/** Of an update only what it gives: what was there when it was set may be gone since. */
function checkParts(
  { world }: Call,
  wanted: Partial<
    Pick<
      EnableInput,
      | "targetVmSize"
      | "targetResourceGroupId"
      | "targetAvailabilitySetId"
      | "targetProximityPlacementGroupId"
      | "targetBootDiagnosticsStorageAccountId"
    >
  >,
  path: string,
  problems: Problem[],
): void {
  requireVmSize(wanted.targetVmSize, `${path}.targetVmSize`, problems);
  const bootAccount = "targetBootDiagnosticsStorageAccountId";
  requireParts(
    world,
    [
      { path: `${path}.targetResourceGroupId`, id: wanted.targetResourceGroupId, type: "resourceGroup" },
      { path: `${path}.targetAvailabilitySetId`, id: wanted.targetAvailabilitySetId, type: "availabilitySet" },
      {
        path: `${path}.targetProximityPlacementGroupId`,
        id: wanted.targetProximityPlacementGroupId,
        type: "proximityPlacementGroup",
      },
      { path: `${path}.${bootAccount}`, id: wanted[bootAccount], type: "storageAccount" },
    ],
    problems,
  );
}

function includedDisks(
  wanted: EnableInput,
  machine: SourceMachine,
  path: string,
  problems: Problem[],
): Omit<InMageRcmDisk, "seedManagedDiskId">[] {
  const chosen = wanted.disksToInclude ?? [];
  if (chosen.length === 0 && wanted.disksDefault == null) {
    problems.push({ path: `${path}.disksToInclude`, message: "is missing; give disksToInclude or disksDefault" });
  }
  const known = machine.disks.map((disk) => disk.id);
  for (const [index, disk] of chosen.entries()) {
    if (known.some((id) => sameName(id, disk.diskId))) continue;
    const message = `"${disk.diskId}" is not a disk of ${machine.name}; allowed: ${known.join(", ")}`;
    problems.push({ path: `${path}.disksToInclude.${index}.diskId`, message });
  }
  const included = machine.disks.flatMap((disk, index) => {
    const settings =
      chosen.length === 0 ? wanted.disksDefault : chosen.find((each) => sameName(each.diskId, disk.id));
    if (settings == null) return [];
    return [
      {
        diskId: disk.id,
        diskName: guestDiskName(machine.osType, index),
        isOsDisk: disk.isOsDisk,
        capacityInBytes: disk.sizeGB * 1024 ** 3,
        logStorageAccountId: settings.logStorageAccountId,
        diskType: settings.diskType,
        diskEncryptionSetId: settings.diskEncryptionSetId ?? null,
        targetManagedDiskId: null,
      },
    ];
  });
  if (chosen.length > 0 && !included.some((disk) => disk.isOsDisk)) {
    problems.push({
      path: `${path}.disksToInclude`,
      message: `leaves out the operating system's disk of ${machine.name}`,
    });
  }
  return included;
}

function seedDiskId(resourceGroupId: string, machine: SourceMachine, disk: { diskId: string }): string {
  const name = `asrseeddisk-${machine.name.slice(0, 8)}-${guidOf("seedDisk", machine.name, disk.diskId)}`;
  return `${resourceGroupId}/providers/Microsoft.Compute/disks/${name}`;
}

/** The smallest size of a common family that holds the machine; Azure chooses by a rule of its own. */
function fittingSize(machine: SourceMachine): string {
  const sizes: [number, number, string][] = [
    [2, 4096, "Standard_F2s_v2"],
    [4, 8192, "Standard_F4s_v2"],
    [4, 16384, "Standard_D4s_v3"],
    [8, 16384, "Standard_F8s_v2"],
    [8, 32768, "Standard_D8s_v3"],
    [16, 65536, "Standard_D16s_v3"],
    [32, 131072, "Standard_D32s_v3"],
  ];
  return (
    sizes.find(([cores, memory]) => machine.cores <= cores && machine.memoryMB <= memory)?.[2] ??
    "Standard_D64s_v3"
  );
}

const updateNicSchema = z.object({
  nicId: z.string(),
  isPrimaryNic: z.string(),
  isSelectedForFailover: optionalText,
  targetSubnetName: optionalText,
  targetStaticIPAddress: optionalText,
  testSubnetName: optionalText,
  testStaticIPAddress: optionalText,
});

const updateSchema = z.object({
  providerSpecificDetails: z.object({
    instanceType: z.literal("InMageRcm"),
    targetVmName: optionalText,
    targetVmSize: optionalText,
    targetResourceGroupId: optionalText,
    targetAvailabilitySetId: optionalText,
    targetAvailabilityZone: optionalText,
    targetProximityPlacementGroupId: optionalText,
    targetBootDiagnosticsStorageAccountId: optionalText,
    targetNetworkId: optionalText,
    testNetworkId: optionalText,
    licenseType: z.enum(["NotSpecified", "NoLicenseType", "WindowsServer"]).nullish(),
    vmNics: z.array(updateNicSchema).nullish(),
  }),
});

/** The item's settings after PATCH: what the body leaves out stays as it is. */
export function update(call: Call, item: ItemState): InMageRcmItem {
  const path = "properties.providerSpecificDetails";
  const { providerSpecificDetails: wanted } = propertiesOf(call.request, updateSchema);
  const problems: Problem[] = [];
  const before = detailsOf(item, "InMageRcm");
  const { vmNics, instanceType, ...settings } = wanted;
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value != null));
  const after: InMageRcmItem = { ...before, ...given, instanceType, nics: before.nics.map((nic) => ({ ...nic })) };
  checkTarget(call, { ...after, targetSubnetName: "", testSubnetName: "" }, path, problems);
  checkParts(call, { ...wanted, targetResourceGroupId: wanted.targetResourceGroupId ?? "" }, path, problems);
  for (const [index, change] of (vmNics ?? []).entries()) {
    const nic = after.nics.find((each) => sameName(each.nicId, change.nicId));
    if (nic === undefined) {
      const allowed = after.nics.map((each) => each.nicId).join(", ");
      const message = `"${change.nicId}" is not a network card of ${item.friendlyName}; allowed: ${allowed}`;
      problems.push({ path: `${path}.vmNics.${index}.nicId`, message });
      continue;
    }
    applyNic(nic, change);
    const subnets = { targetSubnetName: nic.targetSubnetName, testSubnetName: nic.testSubnetName ?? "" };
    const networks = { targetNetworkId: after.targetNetworkId, testNetworkId: after.testNetworkId };
    const nicProblems: Problem[] = [];
    checkTarget(
      call,
      { ...subnets, ...networks, targetVmName: null, targetResourceGroupId: "" },
      `${path}.vmNics.${index}`,
      nicProblems,
    );
    problems.push(...nicProblems.filter((problem) => problem.path.endsWith("SubnetName")));
  }
  if (problems.length > 0) throw invalidInput(problems);
  return after;
}

function applyNic(nic: InMageRcmNic, change: z.output<typeof updateNicSchema>): void {
  nic.isPrimary = sameName(change.isPrimaryNic, "true");
  if (change.isSelectedForFailover != null)
    nic.isSelectedForFailover = sameName(change.isSelectedForFailover, "true");
  if (change.targetSubnetName != null) nic.targetSubnetName = change.targetSubnetName;
  if (change.targetStaticIPAddress != null) nic.targetIpAddress = change.targetStaticIPAddress;
  if (change.testSubnetName != null) nic.testSubnetName = change.testSubnetName;
  if (change.testStaticIPAddress != null)
    nic.testIpAddress = change.testStaticIPAddress === "" ? null : change.testStaticIPAddress;
}

function unfit(fabric: FabricState, path: string): Error {
  const message = `"InMageRcm" does not fit the fabric '${fabric.name}' of kind ${fabric.kind}`;
  return invalidInput([{ path: `${path}.instanceType`, message }]);
}
