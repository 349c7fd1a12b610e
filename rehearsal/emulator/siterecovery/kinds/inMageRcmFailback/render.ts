/** `providerSpecificDetails` of an item that replicates back to VMware: the recorded fields in the recorded order. */

import { attachedParts } from "../../../compute.js";
import type { World } from "../../../core.js";
import type { Json } from "../../../json.js";
import { inMageRcmFabric } from "../../fabricState.js";
import { detailsOf, type InMageRcmDisk } from "../../itemDetails.js";
import { minutes, policyId, ticks } from "../../names.js";
import type { Call } from "../../operation.js";
import type { FabricState, ItemState } from "../../state.js";

const heartbeatEvery = 3 * minutes;
/** Recorded: nothing is shown at the start, and zero five minutes later. */
const queuedFor = 2 * minutes;

export function renderDetails({ world, vault }: Call, on: FabricState, item: ItemState): unknown {
  const fabric = inMageRcmFabric(on);
  const details = detailsOf(item, "InMageRcmFailback");
  const { forward } = details;
  const machine = vault.machines[details.machine];
  // What the machine in Azure has changed and its agent has not sent: two seconds' worth.
  const pending = item.replicationStoppedAt === null ? ((machine?.churnMBPerHour ?? 0) / 3600) * 2 : 0;
  const last = details.lastPlannedFailover;
  const isCopying = item.protectionState === "InitialReplicationInProgress";
  const hasBegun = isCopying && world.clock.now() - (item.replicationStartedAt ?? 0) >= queuedFor;
  const count = hasBegun ? 0 : null;
  return {
    instanceType: "InMageRcmFailback",
    internalIdentifier: item.internalIdentifier,
    azureVirtualMachineId: details.azureVirtualMachineId,
    multiVmGroupName: details.multiVmGroupName,
    reprotectAgentId: details.reprotectAgentId,
    reprotectAgentName: fabric.appliance.name,
    osType: machine?.osType ?? "Windows",
    logStorageAccountId: details.logStorageAccountId,
    targetvCenterId: `${fabric.vmwareSiteId}/vcenters/vcenter`,
    targetDataStoreName: details.datastoreName,
    targetVmName: item.friendlyName,
    initialReplicationProgressPercentage: count,
    initialReplicationProcessedBytes: count,
    initialReplicationTransferredBytes: count,
    initialReplicationProgressHealth: hasBegun ? "InProgress" : "None",
    resyncProgressPercentage: null,
    resyncProcessedBytes: null,
    resyncTransferredBytes: null,
    resyncProgressHealth: "None",
    resyncRequired: "false",
    resyncState: "None",
    protectedDisks: forward.disks.map((disk) => renderDisk(disk, isCopying, hasBegun, pending)),
    mobilityAgentDetails: {
      version: machine?.agentVersion ?? fabric.appliance.version,
      latestVersion: null,
      driverVersion: machine?.agentVersion ?? fabric.appliance.version,
      latestUpgradableVersionWithoutReboot: null,
      lastHeartbeatUtc: ticks(Math.floor(world.clock.now() / heartbeatEvery) * heartbeatEvery),
      reasonsBlockingUpgrade: ["UnsupportedProtectionScenario"],
      isUpgradeable: "false",
    },
    vmNics: cardsOf(world, details.azureVirtualMachineId),
    ...(last === null
      ? {}
      : { lastPlannedFailoverStartTime: ticks(last.startedAt), lastPlannedFailoverStatus: last.status }),
    discoveredVmDetails: null,
    lastUsedPolicyId: policyId(vault, details.forwardPolicyName),
    lastUsedPolicyFriendlyName: details.forwardPolicyName,
    isAgentRegistrationSuccessfulAfterFailover: null,
  };
}

/**
 * The recorded disk still calls its first copy incomplete when the item is Protected, and never shows how far it is: only
 * the changes are copied.
 */
function renderDisk(disk: InMageRcmDisk, isCopying: boolean, hasBegun: boolean, pending: number): unknown {
  const time = hasBegun ? "" : null;
  return {
    diskId: disk.diskId,
    diskName: disk.diskName,
    isOSDisk: String(disk.isOsDisk),
    capacityInBytes: disk.capacityInBytes,
    diskUuid: disk.diskId,
    dataPendingInLogDataStoreInMB: 0,
    dataPendingAtSourceAgentInMB: disk.isOsDisk ? pending : 0,
    isInitialReplicationComplete: "false",
    ...(isCopying
      ? {
          irDetails: {
            progressHealth: "Queued",
            transferredBytes: 0,
            last15MinutesTransferredBytes: 0,
            lastDataTransferTimeUtc: time,
            processedBytes: 0,
            startTime: time,
            lastRefreshTime: time,
            progressPercentage: null,
          },
        }
      : {}),
  };
}

/** The network cards of the machine in Azure, as long as it exists. */
function cardsOf(world: World, machineId: string): Json[] {
  const machine = world.arm.get(machineId);
  if (machine === undefined) return [];
  return attachedParts(machine).flatMap(({ id }): Json[] => {
    const card = world.arm.get(id);
    if (card?.type !== "Microsoft.Network/networkInterfaces") return [];
    const configurations = card.properties.ipConfigurations;
    const first = Array.isArray(configurations)
      ? (configurations[0] as { properties?: { privateIPAddress?: string } })
      : {};
    return [
      {
        macAddress: String(card.properties.macAddress ?? "").replaceAll("-", ":"),
        networkName: null,
        adapterType: null,
        sourceIpAddress: first.properties?.privateIPAddress ?? "",
      },
    ];
  });
}
