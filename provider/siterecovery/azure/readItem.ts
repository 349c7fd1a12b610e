import type { z } from "zod";
import type { CurrentScenario, ReplicatedDisk, ReplicatedItem, ReplicatedNic } from "../siteRecovery.js";
import { flag, list, moment, number, object, readResource, text, words } from "./answers.js";
import { parseItemId } from "./ids.js";

const healthError = object({
  errorCode: text,
  errorLevel: text,
  errorMessage: text,
  summaryMessage: text,
  possibleCauses: text,
  recommendedAction: text,
});

/** Hyper-V and classic machines; the recorded ones of 2017 are flat, without configurations. */
const ipConfig = object({
  isPrimary: flag,
  staticIPAddress: text,
  recoverySubnetName: text,
  recoveryStaticIPAddress: text,
  recoveryIPAddressType: text,
  tfoSubnetName: text,
  tfoStaticIPAddress: text,
});

const nic = object({
  nicId: text,
  ipConfigs: list(ipConfig),
  selectionType: text,
  recoveryVMNetworkId: text,
  tfoVMNetworkId: text,
  recoveryVMSubnetName: text,
  replicaNicStaticIPAddress: text,
  primaryNicStaticIPAddress: text,
  isPrimaryNic: flag,
  isSelectedForFailover: flag,
  sourceIPAddress: text,
  targetSubnetName: text,
  targetIPAddress: text,
  targetIPAddressType: text,
  testSubnetName: text,
  testIPAddress: text,
  testIPAddressType: text,
  // The failback leg names them otherwise.
  macAddress: text,
});

/** A disk of a Hyper-V machine that replicates to a storage account. */
const azureVmDisk = object({
  vhdType: text,
  vhdId: text,
  diskId: text,
  vhdName: text,
  maxSizeMB: number,
  diskEncryptionSetId: text,
});

const disk = object({
  diskId: text,
  diskName: text,
  isOSDisk: flag,
  capacityInBytes: number,
  // Of classic machines.
  diskCapacityInBytes: number,
  logStorageAccountId: text,
  diskType: text,
  diskEncryptionSetId: text,
});

export const currentScenario = object({ scenarioName: text, jobId: text, startTime: moment });

/** Provider details of every kind; no two kinds use one name for different things. */
const providerDetails = object({
  instanceType: text,
  internalIdentifier: text,
  vmId: text,
  osType: text,
  targetVmName: text,
  targetVmSize: text,
  targetResourceGroupId: text,
  targetNetworkId: text,
  testNetworkId: text,
  targetAvailabilitySetId: text,
  targetAvailabilityZone: text,
  targetProximityPlacementGroupId: text,
  targetBootDiagnosticsStorageAccountId: text,
  licenseType: text,
  multiVmGroupName: text,
  fabricDiscoveryMachineId: text,
  discoveryType: text,
  processServerId: text,
  runAsAccountId: text,
  firmwareType: text,
  mobilityAgentDetails: object({ version: text }).optional(),
  lastRpoInSeconds: number,
  lastRecoveryPointReceived: moment,
  initialReplicationProgressPercentage: number,
  failoverRecoveryPointId: text,
  vmNics: list(nic),
  protectedDisks: list(disk),
  reprotectAgentId: text,
  targetDataStoreName: text,
  azureVirtualMachineId: text,
  logStorageAccountId: text,
  // Hyper-V and classic machines.
  recoveryAzureVmName: text,
  recoveryAzureVMSize: text,
  recoveryAzureResourceGroupId: text,
  recoveryAzureStorageAccount: text,
  recoveryAzureLogStorageAccountId: text,
  recoveryAvailabilitySetId: text,
  selectedRecoveryAzureNetworkId: text,
  selectedTfoAzureNetworkId: text,
  selectedSourceNicId: text,
  enableRdpOnTargetOption: text,
  useManagedDisks: text,
  encryption: text,
  oSDetails: object({ osType: text }).optional(),
  azureVmDiskDetails: list(azureVmDisk),
  protectedManagedDisks: list(disk),
  rpoInSeconds: number,
  agentVersion: text,
  masterTargetId: text,
  datastores: words,
  // Of classic machines, whose disks and cards do not say it themselves.
  osDiskId: text,
  ipAddress: text,
  initialReplicationDetails: object({ initialReplicationProgressPercentage: number }).optional(),
});

type ProviderDetails = z.output<typeof providerDetails>;

const item = object({
  friendlyName: text,
  protectionState: text,
  protectionStateDescription: text,
  activeLocation: text,
  testFailoverState: text,
  allowedOperations: words,
  replicationHealth: text,
  failoverHealth: text,
  healthErrors: list(healthError),
  policyId: text,
  protectableItemId: text,
  currentScenario: currentScenario.optional(),
  failoverRecoveryPointId: text,
  lastSuccessfulFailoverTime: moment,
  lastSuccessfulTestFailoverTime: moment,
  providerSpecificDetails: providerDetails,
});

/** What an item is busy with; undefined where Azure says `None`. */
export function readScenario(found: z.output<typeof currentScenario> | undefined): CurrentScenario | undefined {
  const jobName = found?.jobId?.split("/").at(-1);
  if (found?.jobId === undefined || jobName === undefined || jobName === "" || jobName === "None")
    return undefined;
  // A job that just began is known by its id before it has a name.
  return { scenarioName: found.scenarioName ?? "None", jobId: found.jobId, jobName, startTime: found.startTime };
}

/** A replicated item in our words. @throws ZodError where not even id and name are there */
export function readItem(answer: unknown): ReplicatedItem {
  const { id, name, properties: wire } = readResource(answer, item);
  const provider = wire.providerSpecificDetails;
  const place = parseItemId(id);
  return {
    id,
    name,
    friendlyName: wire.friendlyName ?? name,
    fabricName: place?.fabricName ?? "",
    protectionContainerName: place?.protectionContainerName ?? "",
    instanceType: provider.instanceType ?? "",
    protectionState: wire.protectionState ?? "",
    protectionStateDescription: wire.protectionStateDescription ?? wire.protectionState ?? "",
    activeLocation: wire.activeLocation ?? "",
    testFailoverState: wire.testFailoverState ?? "None",
    allowedOperations: wire.allowedOperations,
    replicationHealth: wire.replicationHealth ?? "None",
    failoverHealth: wire.failoverHealth,
    healthErrors: wire.healthErrors.map((each) => ({
      code: each.errorCode ?? "",
      level: each.errorLevel ?? "Error",
      message: each.errorMessage ?? each.summaryMessage ?? "",
      possibleCauses: each.possibleCauses,
      recommendedAction: each.recommendedAction,
    })),
    policyId: wire.policyId,
    currentScenario: readScenario(wire.currentScenario),
    failoverRecoveryPointId: wire.failoverRecoveryPointId ?? provider.failoverRecoveryPointId,
    lastSuccessfulFailoverTime: wire.lastSuccessfulFailoverTime,
    lastSuccessfulTestFailoverTime: wire.lastSuccessfulTestFailoverTime,
    internalId: provider.internalIdentifier ?? provider.vmId,
    osType: provider.osType ?? provider.oSDetails?.osType,
    targetVmName: provider.targetVmName ?? provider.recoveryAzureVmName,
    targetVmSize: provider.targetVmSize ?? provider.recoveryAzureVMSize,
    targetResourceGroupId: provider.targetResourceGroupId ?? provider.recoveryAzureResourceGroupId,
    targetNetworkId:
      provider.targetNetworkId ??
      provider.selectedRecoveryAzureNetworkId ??
      firstOf(provider, "recoveryVMNetworkId"),
    testNetworkId:
      provider.testNetworkId ?? provider.selectedTfoAzureNetworkId ?? firstOf(provider, "tfoVMNetworkId"),
    targetAvailabilitySetId: provider.targetAvailabilitySetId ?? provider.recoveryAvailabilitySetId,
    targetAvailabilityZone: provider.targetAvailabilityZone,
    targetProximityPlacementGroupId: provider.targetProximityPlacementGroupId,
    targetBootDiagnosticsStorageAccountId: provider.targetBootDiagnosticsStorageAccountId,
    licenseType: provider.licenseType,
    multiVmGroupName: provider.multiVmGroupName,
    fabricDiscoveryMachineId: provider.fabricDiscoveryMachineId,
    discoveryType: provider.discoveryType,
    processServerId: provider.processServerId,
    runAsAccountId: provider.runAsAccountId,
    firmwareType: provider.firmwareType,
    mobilityAgentVersion: provider.mobilityAgentDetails?.version ?? provider.agentVersion,
    lastRpoInSeconds: provider.lastRpoInSeconds ?? provider.rpoInSeconds,
    lastRecoveryPointReceived: provider.lastRecoveryPointReceived,
    initialReplicationProgressPercentage:
      provider.initialReplicationProgressPercentage ??
      provider.initialReplicationDetails?.initialReplicationProgressPercentage,
    nics: provider.vmNics.map((each) => (isRcm(provider) ? readRcmNic(each) : readOtherNic(each, provider))),
    disks: readDisks(provider),
    ...(isRcm(provider) ? {} : { usesManagedDisks: usesManagedDisks(provider) }),
    ...(provider.encryption === undefined ? {} : { isEncrypted: !/^disabled$/i.test(provider.encryption) }),
    protectableItemId: wire.protectableItemId,
    targetStorageAccountId: provider.recoveryAzureStorageAccount,
    logStorageAccountId: provider.recoveryAzureLogStorageAccountId ?? provider.logStorageAccountId,
    enableRdpOnTarget: provider.enableRdpOnTargetOption,
    reprotectAgentId: provider.reprotectAgentId,
    datastoreName: provider.targetDataStoreName ?? provider.datastores[0],
    azureVirtualMachineId: provider.azureVirtualMachineId,
  };
}

function isRcm(provider: ProviderDetails): boolean {
  return provider.instanceType === "InMageRcm" || provider.instanceType === "InMageRcmFailback";
}

/** Azure says "false" where disks lie in a storage account; managed disks are listed apart. */
function usesManagedDisks(provider: ProviderDetails): boolean {
  return /^true$/i.test(provider.useManagedDisks ?? "") || provider.protectedManagedDisks.length > 0;
}

function firstOf(provider: ProviderDetails, key: "recoveryVMNetworkId" | "tfoVMNetworkId"): string | undefined {
  return provider.vmNics.flatMap((each) => each[key] ?? [])[0];
}

function readRcmNic(each: z.output<typeof nic>): ReplicatedNic {
  return {
    nicId: each.nicId ?? each.macAddress ?? "",
    isPrimary: each.isPrimaryNic,
    isSelectedForFailover: each.isSelectedForFailover,
    sourceIpAddress: each.sourceIPAddress,
    targetSubnetName: each.targetSubnetName,
    // An address may stand there with type Dynamic: then it was not asked for.
    targetIpAddress: isDynamic(each.targetIPAddressType) ? undefined : each.targetIPAddress,
    testSubnetName: each.testSubnetName,
    testIpAddress: isDynamic(each.testIPAddressType) ? undefined : each.testIPAddress,
  };
}

function readOtherNic(each: z.output<typeof nic>, provider: ProviderDetails): ReplicatedNic {
  const config = each.ipConfigs.find(({ isPrimary }) => isPrimary) ?? each.ipConfigs[0];
  const isDynamicTarget = isDynamic(config?.recoveryIPAddressType);
  const isPrimary =
    provider.selectedSourceNicId === undefined
      ? provider.vmNics[0]?.nicId === each.nicId
      : provider.selectedSourceNicId.toLowerCase() === each.nicId?.toLowerCase();
  return {
    nicId: each.nicId ?? "",
    isPrimary,
    isSelectedForFailover: each.selectionType !== "NotSelected",
    sourceIpAddress:
      config?.staticIPAddress ??
      each.primaryNicStaticIPAddress ??
      (isPrimary && provider.instanceType === "InMageAzureV2" ? provider.ipAddress : undefined),
    targetSubnetName: config?.recoverySubnetName ?? each.recoveryVMSubnetName,
    targetIpAddress: isDynamicTarget
      ? undefined
      : (config?.recoveryStaticIPAddress ?? each.replicaNicStaticIPAddress),
    testSubnetName: config?.tfoSubnetName,
    testIpAddress: config?.tfoStaticIPAddress,
  };
}

function readDisks(provider: ProviderDetails): ReplicatedDisk[] {
  const listed = provider.protectedDisks.length > 0 ? provider.protectedDisks : provider.protectedManagedDisks;
  if (listed.length > 0) {
    return listed.map((each) => ({
      diskId: each.diskId ?? "",
      diskName: each.diskName,
      isOsDisk: each.isOSDisk || (each.diskId !== undefined && each.diskId === provider.osDiskId),
      capacityInBytes: each.capacityInBytes ?? each.diskCapacityInBytes,
      logStorageAccountId: each.logStorageAccountId,
      diskType: each.diskType,
      diskEncryptionSetId: each.diskEncryptionSetId,
    }));
  }
  return provider.azureVmDiskDetails.map((each) => ({
    diskId: each.vhdId ?? each.diskId ?? "",
    diskName: each.vhdName,
    isOsDisk: each.vhdType === "OperatingSystem",
    capacityInBytes: each.maxSizeMB === undefined ? undefined : each.maxSizeMB * 1024 * 1024,
    diskEncryptionSetId: each.diskEncryptionSetId,
  }));
}

function isDynamic(type: string | undefined): boolean {
  return type?.toLowerCase() === "dynamic";
}
