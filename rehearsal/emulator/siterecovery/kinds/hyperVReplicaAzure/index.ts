/** Machines on Hyper-V, of a site or of VMM, to Azure and back. */

import { detailsOf } from "../../itemDetails.js";
import { containerId } from "../../names.js";
import type { FailoverTarget, ProviderKind } from "../kind.js";
import { isInAzure, readAction } from "./actions.js";
import { enable, update } from "./enable.js";
import { networkOf } from "./networks.js";
import { initialCopyMinutes, pointPolicy, policyDetails } from "./policy.js";
import { renderDetails } from "./render.js";
import { allowedOperations } from "./states.js";

export const hyperVReplicaAzure: ProviderKind = {
  instanceType: "HyperVReplicaAzure",
  providerId: (vault, fabric, item) =>
    fabric.kind === "VMM"
      ? fabric.internalIdentifier
      : (vault.machines[item.details.machine]?.hyperV?.hostId ?? ""),
  fabricProvider: (fabric) => (fabric.kind === "VMM" ? "VmmFabric" : "HyperVSiteFabric"),
  takenName: {
    code: "28061",
    message: (vmName) => `The virtual machine name '${vmName}' is unavailable.`,
  },
  protectedItemType: "HyperVVirtualMachine",
  protectableItemId: (vault, item) =>
    `${containerId(vault, item.fabricName, item.containerName)}/replicationProtectableItems/${detailsOf(item, "HyperVReplicaAzure").protectableItemName}`,
  noPoint: null,
  // Recorded: the copy ends within 5 minutes, and 9 minutes after it a job of its own completes the protection.
  initialReplication: { copiedMinutes: initialCopyMinutes, protectedMinutes: 14.5, firstPointLagMinutes: 4.8 },
  completesProtection: true,
  policyDetails,
  pointPolicy,
  mappingDetails: () => null,
  enable,
  update,
  readAction,
  direction: (item, action) => {
    if (action === "plannedFailover" && isInAzure(item)) return "RecoveryToPrimary";
    return "PrimaryToRecovery";
  },
  renderDetails,
  allowedOperations,
  committedState: (item) =>
    item.protectionState === "PlannedFailoverCommitRequired"
      ? "PlannedFailoverStatesBegin"
      : "UnplannedFailoverStatesBegin",
  target(vault, item): FailoverTarget {
    const details = detailsOf(item, "HyperVReplicaAzure");
    const disk = (megabytes: number) => ({
      sizeGB: Math.ceil(megabytes / 1024),
      sku: details.diskType ?? undefined,
    });
    const selected = details.nics.filter((nic) => nic.selectionType !== "NotSelected");
    return {
      vmName: details.targetVmName,
      vmSize: details.targetVmSize,
      resourceGroupId: details.targetResourceGroupId,
      networkId: networkOf(vault, item, selected[0]),
      testNetworkId: details.testNetworkId,
      osType: details.osType,
      availabilitySetId: details.targetAvailabilitySetId ?? "",
      availabilityZone: details.targetAvailabilityZone ?? "",
      osDisk: disk(details.disks.find((each) => each.isOsDisk)?.sizeMB ?? 1024),
      dataDisks: details.disks.filter((each) => !each.isOsDisk).map(({ sizeMB }) => disk(sizeMB)),
      nics: selected.map((nic) => ({
        subnetName: nic.targetSubnetName,
        address: nic.targetIpAddress,
        testSubnetName: nic.testSubnetName,
        testAddress: nic.testIpAddress,
      })),
    };
  },
  hydrationReasons: () => [],
  // Recorded: none, not even for a machine that was never tested.
  healthErrors: () => [],
};
