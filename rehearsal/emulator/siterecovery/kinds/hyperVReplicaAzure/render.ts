/** `providerSpecificDetails` of a machine on Hyper-V: the recorded fields in the recorded order. */

import { guidOf } from "../../../estate/names.js";
import { detailsOf, type HyperVDisk } from "../../itemDetails.js";
import { policyOf } from "../../items/policyOf.js";
import { stateDescription } from "../../items/stateDescriptions.js";
import { openJob } from "../../jobs/start.js";
import { minutes, ticks, wholeSeconds } from "../../names.js";
import type { Call } from "../../operation.js";
import { latestRecoveryPoint } from "../../recoveryPoints.js";
import type { FabricState, ItemState, VaultState } from "../../state.js";
import { networkOf } from "./networks.js";
import { renderNic } from "./nics.js";
import { initialCopyMinutes, pointPolicy } from "./policy.js";

export function renderDetails({ world, vault }: Call, _fabric: FabricState, item: ItemState): unknown {
  const details = detailsOf(item, "HyperVReplicaAzure");
  const machine = vault.machines[details.machine];
  const now = world.clock.now();
  const policy = policyOf(vault, item);
  const point = policy === undefined ? undefined : latestRecoveryPoint(item, pointPolicy(policy), now);
  const state = machineState(vault, item);
  // Until the first point exists, the cards are not known.
  const isKnown = item.protectedAt !== null;
  const primary = details.nics.find((nic) => nic.selectionType !== "NotSelected") ?? details.nics[0];
  return {
    instanceType: "HyperVReplicaAzure",
    azureVmDiskDetails: details.disks.map((disk, index) =>
      renderDisk(disk, index, machine?.hyperV?.sourceItemId ?? ""),
    ),
    recoveryAzureVmName: details.targetVmName,
    recoveryAzureVMSize: details.targetVmSize,
    recoveryAzureStorageAccount: details.storageAccountId,
    recoveryAzureLogStorageAccountId: details.logStorageAccountId,
    lastReplicatedTime: point === undefined ? null : wholeSeconds(point.at),
    ...rpo(item, point?.at, now),
    vmId: item.internalIdentifier,
    vmProtectionState: state,
    vmProtectionStateDescription: stateDescription(state),
    initialReplicationDetails: {
      initialReplicationType: "InitialReplication",
      initialReplicationProgressPercentage: copiedPercentage(item, now),
    },
    vmNics: isKnown
      ? details.nics.map((nic) =>
          renderNic(nic, { target: networkOf(vault, item, nic), test: details.testNetworkId }),
        )
      : [],
    selectedRecoveryAzureNetworkId: isKnown ? networkOf(vault, item, primary) || null : null,
    selectedSourceNicId: isKnown ? (primary?.nicId ?? null) : null,
    encryption: policy?.details.encryption ?? "Disabled",
    oSDetails: {
      osType: details.osType,
      productType: "UNKNOWN",
      osEdition: "Standard",
      oSVersion: "1.1.1.1",
      oSMajorVersion: "0",
      oSMinorVersion: "0",
    },
    sourceVmRamSizeInMB: machine?.memoryMB ?? 0,
    sourceVmCpuCount: machine?.cores ?? 0,
    enableRdpOnTargetOption: details.enableRdpOnTargetOption,
    recoveryAzureResourceGroupId: details.targetResourceGroupId,
    recoveryAvailabilitySetId: details.targetAvailabilitySetId,
    targetAvailabilityZone: details.targetAvailabilityZone,
    targetProximityPlacementGroupId: details.targetProximityPlacementGroupId,
    useManagedDisks: String(details.usesManagedDisks),
    licenseType: details.licenseType,
    sqlServerLicenseType: details.sqlServerLicenseType,
    ...(point === undefined ? {} : { lastRecoveryPointReceived: ticks(point.at) }),
    targetVmTags: details.tags.vm,
    seedManagedDiskTags: details.tags.seedDisk,
    targetManagedDiskTags: details.tags.disk,
    targetNicTags: isKnown ? details.tags.nic : null,
    protectedManagedDisks: details.usesManagedDisks
      ? details.disks.map((disk) => ({
          diskId: disk.vhdId,
          seedManagedDiskId: `${details.targetResourceGroupId}/providers/Microsoft.Compute/disks/asrseeddisk-${guidOf("seedDisk", disk.vhdId)}`,
          replicaDiskType: details.diskType,
          diskEncryptionSetId: null,
          targetDiskName: disk.targetDiskName,
        }))
      : [],
  };
}

/** While protection is being completed, the machine's own state lags behind the item's. */
function machineState(vault: VaultState, item: ItemState): string {
  if (/^InitialReplication/.test(item.protectionState)) return "UnprotectedStatesBegin";
  const job = openJob(vault, item);
  const isCompleting = job?.scenario === "IrCompletion" && job.tasks.at(-1)?.state === "NotStarted";
  return isCompleting ? "ReplicaConfigurationInProgress" : item.protectionState;
}

function copiedPercentage(item: ItemState, now: number): string {
  if (item.replicationStartedAt === null) return "0";
  const elapsed = (now - item.replicationStartedAt) / (initialCopyMinutes * minutes);
  return String(item.protectedAt === null ? Math.floor(100 * Math.min(1, Math.max(0, elapsed))) : 100);
}

function rpo(item: ItemState, pointAt: number | undefined, now: number): object {
  if (pointAt === undefined) return { rpoInSeconds: null, lastRpoCalculatedTime: null };
  const until = Math.min(now, item.replicationStoppedAt ?? now);
  const calculatedAt = Math.max(pointAt, Math.floor(until / minutes) * minutes);
  return {
    rpoInSeconds: Math.floor((calculatedAt - pointAt) / 1000),
    lastRpoCalculatedTime: ticks(calculatedAt),
  };
}

function renderDisk(disk: HyperVDisk, index: number, sourceItemId: string): unknown {
  return {
    vhdType: disk.isOsDisk ? "OperatingSystem" : "Data",
    vhdId: disk.vhdId,
    diskId: `${sourceItemId}_${guidOf("controller", sourceItemId)}_0_${index}`.toUpperCase(),
    vhdName: disk.vhdName,
    maxSizeMB: String(disk.sizeMB),
    targetDiskLocation: null,
    targetDiskName: disk.targetDiskName,
    lunId: String(index),
    diskEncryptionSetId: null,
    customTargetDiskName: disk.targetDiskName,
  };
}
