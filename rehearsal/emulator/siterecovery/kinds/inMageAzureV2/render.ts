/** `providerSpecificDetails` of a classic item: the recorded facts under the names of the published contract. */

import { detailsOf, type InMageAzureV2Item } from "../../itemDetails.js";
import { policyOf } from "../../items/policyOf.js";
import { stateDescription } from "../../items/stateDescriptions.js";
import { minutes, ticks, wholeSeconds } from "../../names.js";
import type { Call } from "../../operation.js";
import { latestRecoveryPoint } from "../../recoveryPoints.js";
import type { FabricState, ItemState } from "../../state.js";
import { renderNic } from "../hyperVReplicaAzure/nics.js";
import { pointPolicy } from "./policy.js";

export function renderDetails({ world, vault }: Call, fabric: FabricState, item: ItemState): unknown {
  const details = detailsOf(item, "InMageAzureV2");
  const machine = vault.machines[details.machine];
  const now = world.clock.now();
  const policy = policyOf(vault, item);
  const point = policy === undefined ? undefined : latestRecoveryPoint(item, pointPolicy(policy), now);
  const until = Math.min(now, item.replicationStoppedAt ?? now);
  const calculatedAt = Math.floor(until / minutes) * minutes;
  const rpoInSeconds = point === undefined ? 0 : Math.max(0, Math.floor((calculatedAt - point.at) / 1000));
  return {
    instanceType: "InMageAzureV2",
    infrastructureVmId: item.internalIdentifier,
    vCenterInfrastructureId: "1",
    protectionStage: "DifferentialSync",
    vmId: item.internalIdentifier,
    vmProtectionState: item.protectionState,
    vmProtectionStateDescription: stateDescription(item.protectionState),
    resyncProgressPercentage: 0,
    rpoInSeconds,
    compressedDataRateInMB: machine?.churnMBPerHour ?? 0,
    uncompressedDataRateInMB: machine?.churnMBPerHour ?? 0,
    ipAddress: machine?.nics[0]?.ip ?? "",
    agentVersion: machine?.agentVersion ?? "",
    isAgentUpdateRequired: "NotRequired",
    isRebootAfterUpdateRequired: "NotRequired",
    lastHeartbeat: wholeSeconds(calculatedAt),
    processServerId: details.processServerId,
    multiVmGroupId: details.multiVmGroupName ?? "",
    multiVmGroupName: details.multiVmGroupName ?? "",
    multiVmSyncStatus: policy?.details.multiVmSyncStatus ?? "Disabled",
    protectedDisks: details.disks.map((disk, index) => renderDisk(disk, index, rpoInSeconds, calculatedAt)),
    diskResized: "NotResized",
    masterTargetId: details.masterTargetId,
    sourceVmCpuCount: machine?.cores ?? 0,
    sourceVmRamSizeInMB: machine?.memoryMB ?? 0,
    osType: details.osType,
    vhdName: details.osType === "Windows" ? "\\\\.\\PHYSICALDRIVE0" : "/dev/sda",
    osDiskId: details.disks.find((disk) => disk.isOsDisk)?.vhdId ?? "",
    azureVMDiskDetails: item.failover === null ? [] : details.disks.map(renderAzureDisk),
    recoveryAzureVMName: details.targetVmName,
    recoveryAzureVMSize: details.targetVmSize,
    recoveryAzureStorageAccount: details.storageAccountId,
    recoveryAzureLogStorageAccountId: null,
    vmNics: details.nics.map((nic) =>
      renderNic(nic, { target: details.targetNetworkId, test: details.testNetworkId }),
    ),
    selectedRecoveryAzureNetworkId: details.targetNetworkId,
    selectedTfoAzureNetworkId: details.testNetworkId,
    discoveryType: machine?.isPhysical === true ? "physical" : "vCenter",
    enableRdpOnTargetOption: "Never",
    datastores: machine?.isPhysical === true || fabric.kind !== "VMware" ? [] : datastoresOf(fabric),
    targetVmId: item.failover?.virtualMachineId ?? "",
    recoveryAzureResourceGroupId: details.targetResourceGroupId,
    recoveryAvailabilitySetId: "",
    useManagedDisks: String(details.usesManagedDisks),
    licenseType: details.licenseType,
    validationErrors: [],
    lastRpoCalculatedTime: ticks(calculatedAt),
    lastUpdateReceivedTime: ticks(calculatedAt),
    replicaId: `${item.internalIdentifier}_replica_${item.containerName}`,
    osVersion: machine?.osName ?? "",
  };
}

function datastoresOf(fabric: Extract<FabricState, { kind: "VMware" }>): string[] {
  return fabric.masterTargets.flatMap((server) => server.datastores).slice(0, 1);
}

function renderDisk(
  disk: InMageAzureV2Item["disks"][number],
  index: number,
  rpoInSeconds: number,
  calculatedAt: number,
): unknown {
  return {
    diskId: disk.vhdId,
    diskName: `Disk${index}`,
    protectionStage: "DifferentialSync",
    healthErrorCode: null,
    rpoInSeconds,
    resyncRequired: "NotRequired",
    resyncProgressPercentage: 0,
    resyncDurationInSeconds: 0,
    diskCapacityInBytes: disk.sizeMB * 1024 ** 2,
    fileSystemCapacityInBytes: disk.sizeMB * 1024 ** 2,
    sourceDataInMegaBytes: 0,
    psDataInMegaBytes: 0,
    targetDataInMegaBytes: 0,
    diskResized: "NotResized",
    lastRpoCalculatedTime: ticks(calculatedAt),
  };
}

function renderAzureDisk(disk: InMageAzureV2Item["disks"][number], index: number): unknown {
  return {
    vhdType: null,
    vhdId: disk.vhdId,
    vhdName: null,
    maxSizeMB: null,
    targetDiskLocation: disk.targetManagedDiskId,
    targetDiskName: `PHYSICALDRIVE${index}`,
    lunId: null,
  };
}
