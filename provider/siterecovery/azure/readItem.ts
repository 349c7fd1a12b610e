import type { z } from "zod";
import type { CurrentScenario, ReplicatedItem } from "../siteRecovery.js";
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

const nic = object({
  nicId: text,
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

const disk = object({
  diskId: text,
  diskName: text,
  isOSDisk: flag,
  capacityInBytes: number,
  logStorageAccountId: text,
  diskType: text,
  diskEncryptionSetId: text,
});

export const currentScenario = object({ scenarioName: text, jobId: text, startTime: moment });

/** Provider details of InMageRcm and InMageRcmFailback, and what others share with them. */
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
});

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
    osType: provider.osType,
    targetVmName: provider.targetVmName,
    targetVmSize: provider.targetVmSize,
    targetResourceGroupId: provider.targetResourceGroupId,
    targetNetworkId: provider.targetNetworkId,
    testNetworkId: provider.testNetworkId,
    targetAvailabilitySetId: provider.targetAvailabilitySetId,
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
    mobilityAgentVersion: provider.mobilityAgentDetails?.version,
    lastRpoInSeconds: provider.lastRpoInSeconds,
    lastRecoveryPointReceived: provider.lastRecoveryPointReceived,
    initialReplicationProgressPercentage: provider.initialReplicationProgressPercentage,
    nics: provider.vmNics.map((each) => ({
      nicId: each.nicId ?? each.macAddress ?? "",
      isPrimary: each.isPrimaryNic,
      isSelectedForFailover: each.isSelectedForFailover,
      sourceIpAddress: each.sourceIPAddress,
      targetSubnetName: each.targetSubnetName,
      // An address may stand there with type Dynamic: then it was not asked for.
      targetIpAddress: isDynamic(each.targetIPAddressType) ? undefined : each.targetIPAddress,
      testSubnetName: each.testSubnetName,
      testIpAddress: isDynamic(each.testIPAddressType) ? undefined : each.testIPAddress,
    })),
    disks: provider.protectedDisks.map((each) => ({
      diskId: each.diskId ?? "",
      diskName: each.diskName,
      isOsDisk: each.isOSDisk,
      capacityInBytes: each.capacityInBytes,
      logStorageAccountId: each.logStorageAccountId,
      diskType: each.diskType,
      diskEncryptionSetId: each.diskEncryptionSetId,
    })),
  };
}

function isDynamic(type: string | undefined): boolean {
  return type?.toLowerCase() === "dynamic";
}
