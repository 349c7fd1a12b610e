/** `providerSpecificDetails` of an InMageRcm item: the recorded fields in the recorded order, absent where absent. */

import type { Json } from "../../../json.js";
import type { InMageRcmFabric } from "../../fabricState.js";
import { inMageRcmFabric } from "../../fabricState.js";
import { detailsOf, type InMageRcmDisk, type InMageRcmNic } from "../../itemDetails.js";
import { policyOf } from "../../items/policyOf.js";
import { hours, minutes, recoveryPointId, ticks } from "../../names.js";
import type { Call } from "../../operation.js";
import { latestRecoveryPoint } from "../../recoveryPoints.js";
import type { FabricState, ItemState, SourceMachine } from "../../state.js";
import { isOlder } from "./hydration.js";
import { sourceMachine } from "./machines.js";
import { pointPolicy } from "./policy.js";
import { type CopyProgress, copyProgress } from "./progress.js";

/** Heartbeats and discovery reach the service some minutes late. */
const heartbeatEvery = 3 * minutes;

export function renderDetails({ world, vault }: Call, on: FabricState, item: ItemState): unknown {
  const fabric = inMageRcmFabric(on);
  const details = detailsOf(item, "InMageRcm");
  const now = world.clock.now();
  const machine = sourceMachine(world, vault, details.fabricDiscoveryMachineId);
  const policy = policyOf(vault, item);
  const point = policy === undefined ? undefined : latestRecoveryPoint(item, pointPolicy(policy), now);
  const failoverPoint = item.failoverRecoveryPoint;
  const progress = copyProgress(item, now);
  const isCopying = item.replicationStartedAt !== null && item.protectedAt === null;
  const percentage = isCopying ? progress.percentage : null;
  const capacity = details.disks.reduce((sum, disk) => sum + disk.capacityInBytes, 0);
  const bytes = percentage === null ? null : Math.floor((capacity * percentage) / 100);
  return {
    instanceType: "InMageRcm",
    internalIdentifier: item.internalIdentifier,
    fabricDiscoveryMachineId: details.fabricDiscoveryMachineId,
    multiVmGroupName: details.multiVmGroupName,
    discoveryType: machine?.isPhysical === true ? "Physical" : "VCenter",
    processServerId: details.processServerId,
    processorCoreCount: machine?.cores ?? 0,
    allocatedMemoryInMB: machine?.memoryMB ?? 0,
    processServerName: fabric.appliance.name,
    runAsAccountId: details.runAsAccountId,
    osType: machine?.osType ?? "Windows",
    firmwareType: machine?.firmware ?? "BIOS",
    primaryNicIpAddress: details.nics.find((nic) => nic.isPrimary)?.sourceIpAddress ?? null,
    targetGeneration: machine?.firmware === "UEFI" ? "V2" : "V1",
    licenseType: details.licenseType,
    storageAccountId: null,
    targetVmName: details.targetVmName,
    targetVmSize: details.targetVmSize,
    targetResourceGroupId: details.targetResourceGroupId,
    targetLocation: vault.location,
    targetAvailabilitySetId: details.targetAvailabilitySetId,
    targetAvailabilityZone: details.targetAvailabilityZone,
    targetProximityPlacementGroupId: details.targetProximityPlacementGroupId,
    targetBootDiagnosticsStorageAccountId: details.targetBootDiagnosticsStorageAccountId,
    targetNetworkId: details.targetNetworkId,
    testNetworkId: details.testNetworkId,
    failoverRecoveryPointId:
      failoverPoint === null ? null : recoveryPointId(vault, fabric, item, failoverPoint.name),
    ...(point === undefined ? {} : { lastRecoveryPointReceived: ticks(point.at) }),
    ...(point === undefined ? {} : rpo(item, point.at, now)),
    lastRecoveryPointId: point === undefined ? null : recoveryPointId(vault, fabric, item, point.name),
    initialReplicationProgressPercentage: percentage,
    initialReplicationProcessedBytes: bytes,
    initialReplicationTransferredBytes: bytes,
    initialReplicationProgressHealth: percentage === null ? "None" : "InProgress",
    resyncProgressPercentage: null,
    resyncProcessedBytes: null,
    resyncTransferredBytes: null,
    resyncProgressHealth: "None",
    resyncRequired: "false",
    resyncState: "None",
    agentUpgradeState: "None",
    lastAgentUpgradeType: null,
    agentUpgradeJobId: null,
    agentUpgradeAttemptToVersion: null,
    protectedDisks: details.disks.map((disk) => renderDisk(disk, item, machine, progress, now)),
    isLastUpgradeSuccessful: "false",
    isAgentRegistrationSuccessfulAfterFailover: item.isAgentRegisteredAfterFailover,
    ...agent(fabric, item, machine, now),
    vmNics: details.nics.map(renderNic),
    discoveredVmDetails: discovered(fabric, item, machine, now),
  };
}

/** The age of what would be lost, as last computed: the service looks every minute. */
function rpo(item: ItemState, pointAt: number, now: number): { [key: string]: Json } {
  const until = Math.min(now, item.replicationStoppedAt ?? now);
  const calculatedAt = Math.max(pointAt, Math.floor(until / minutes) * minutes);
  return {
    lastRpoInSeconds: Math.floor((calculatedAt - pointAt) / 1000),
    lastRpoCalculatedTime: ticks(calculatedAt),
  };
}

/** MB that the machine has changed and the appliance has not sent: a few seconds' worth. */
function pendingAtSource(machine: SourceMachine | undefined, item: ItemState): number {
  if (machine === undefined || item.replicationStartedAt === null || item.replicationStoppedAt !== null) return 0;
  return Math.round((machine.churnMBPerHour / 3600) * 2 * 1024) / 1024;
}

function renderDisk(
  disk: InMageRcmDisk,
  item: ItemState,
  machine: SourceMachine | undefined,
  progress: CopyProgress,
  now: number,
): unknown {
  const isComplete = progress.isDiskComplete && item.replicationStartedAt !== null;
  const copied = Math.floor((disk.capacityInBytes * (progress.percentage ?? 0)) / 100);
  const hasBegun = item.replicationStartedAt !== null && progress.percentage !== null;
  return {
    diskId: disk.diskId,
    diskName: disk.diskName,
    isOSDisk: String(disk.isOsDisk),
    capacityInBytes: disk.capacityInBytes,
    logStorageAccountId: disk.logStorageAccountId,
    diskEncryptionSetId: disk.diskEncryptionSetId,
    seedManagedDiskId: disk.seedManagedDiskId,
    seedBlobUri: null,
    targetManagedDiskId: disk.targetManagedDiskId,
    targetBlobUri: null,
    diskType: disk.diskType,
    dataPendingInLogDataStoreInMB: 0,
    dataPendingAtSourceAgentInMB: disk.isOsDisk ? pendingAtSource(machine, item) : 0,
    isInitialReplicationComplete: String(isComplete),
    ...(isComplete
      ? {}
      : {
          irDetails: {
            progressHealth: hasBegun ? "InProgress" : "Queued",
            transferredBytes: copied,
            last15MinutesTransferredBytes: copied,
            lastDataTransferTimeUtc: hasBegun ? (copied > 0 ? agentTime(now) : "") : null,
            processedBytes: copied,
            startTime: hasBegun ? agentTime(progress.startedAt) : null,
            lastRefreshTime: hasBegun ? usTime(progress.refreshedAt) : null,
            progressPercentage: hasBegun ? progress.percentage : null,
          },
        }),
  };
}

/** `2023-Aug-26 03:26:50`, as the agent writes times. */
function agentTime(at: number): string {
  const [day = "", time = ""] = new Date(at).toISOString().slice(0, 19).split("T");
  const month = new Date(at).toLocaleString("en-US", { month: "short", timeZone: "UTC" });
  return `${day.slice(0, 4)}-${month}-${day.slice(8)} ${time}`;
}

/** `8/26/2023 3:27:04 AM`, as the appliance writes times. */
function usTime(at: number): string {
  return new Date(at).toLocaleString("en-US", { timeZone: "UTC" }).replace(",", "").replaceAll("\u202f", " ");
}

function renderNic(nic: InMageRcmNic): unknown {
  return {
    nicId: nic.nicId,
    isPrimaryNic: String(nic.isPrimary),
    isSelectedForFailover: String(nic.isSelectedForFailover),
    sourceIPAddress: nic.sourceIpAddress,
    sourceIPAddressType: nic.sourceIpAddressType,
    sourceNetworkId: nic.sourceNetworkId,
    sourceSubnetName: null,
    targetIPAddress: nic.targetIpAddress,
    targetIPAddressType: nic.targetIpAddress === "" ? "Dynamic" : "Static",
    targetSubnetName: nic.targetSubnetName,
    testSubnetName: nic.testSubnetName,
    testIPAddress: nic.testIpAddress,
    testIPAddressType: nic.testIpAddress === null ? "Dynamic" : "Static",
  };
}

/** The agent's versions; an appliance newer than the agent offers its own version as the upgrade. */
function agent(fabric: InMageRcmFabric, item: ItemState, machine: SourceMachine | undefined, now: number): object {
  const version = machine?.agentVersion ?? fabric.appliance.version;
  const latest = fabric.appliance.version;
  const isUpgradeable = isOlder(version, latest.split(".").map(Number));
  const heartbeatAt = Math.max(item.enabledAt, Math.floor(now / heartbeatEvery) * heartbeatEvery);
  return {
    mobilityAgentDetails: {
      version,
      latestVersion: isUpgradeable ? latest : null,
      latestAgentReleaseDate: null,
      driverVersion: version,
      latestUpgradableVersionWithoutReboot: isUpgradeable ? latest : null,
      lastHeartbeatUtc: ticks(heartbeatAt),
      reasonsBlockingUpgrade: isUpgradeable ? [] : ["AlreadyOnLatestVersion"],
      isUpgradeable: String(isUpgradeable),
    },
    lastAgentUpgradeErrorDetails: [],
    agentUpgradeBlockingErrorDetails: isUpgradeable
      ? []
      : [
          {
            errorCode: "InMageRcmUpgradeBlockedAlreadyOnLatestVersion",
            errorMessage: `The Mobility agent of source machine '${item.friendlyName}' cannot be updated.`,
            possibleCauses: `The Mobility agent of source machine '${item.friendlyName}' is already on latest version '${version}'.`,
            recommendedAction: "No action is needed as agent is already on the latest version.",
            errorMessageParameters: {
              vmName: item.friendlyName,
              rcmUri: serviceEndpoint("rcm"),
              applianceName: fabric.appliance.name,
              agentVersion: version,
              latestVersion: null,
            },
            errorTags: { category: "ClientError" },
          },
        ],
  };
}

/** Addresses of the service's own endpoints; nothing of the emulator calls them. */
export function serviceEndpoint(role: string): string {
  return `https://pod01-${role}1.emulator.invalid`;
}

function discovered(
  fabric: InMageRcmFabric,
  item: ItemState,
  machine: SourceMachine | undefined,
  now: number,
): unknown {
  if (machine === undefined) return null;
  const discoveredAt = Math.max(item.enabledAt, Math.floor(now / (5 * minutes)) * 5 * minutes);
  return {
    vCenterId: machine.isPhysical ? null : `${fabric.vmwareSiteId}/vcenters/vcenter`,
    vCenterFqdn: "",
    datastores: machine.isPhysical ? [] : fabric.datastores.slice(0, 1),
    ipAddresses: machine.nics.map((nic) => nic.ip),
    vmwareToolsStatus: machine.isPhysical ? null : "OK",
    powerStatus: machine.isPoweredOn ? "ON" : "OFF",
    vmFqdn: machine.name,
    osName: machine.osName,
    createdTimestamp: offsetTime(item.enabledAt - 24 * hours),
    updatedTimestamp: offsetTime(discoveredAt),
    isDeleted: false,
    lastDiscoveryTimeInUtc: ticks(discoveredAt),
  };
}

/** `2023-08-18T08:29:59.372000+00:00`: discovery writes the zone as an offset. */
function offsetTime(at: number): string {
  return new Date(at).toISOString().replace(/Z$/, "000+00:00");
}
