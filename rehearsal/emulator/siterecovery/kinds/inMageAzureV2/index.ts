/** Machines of classic VMware and physical servers to Azure: existing ones only. */

import { detailsOf } from "../../itemDetails.js";
import { containerId } from "../../names.js";
import type { ItemState } from "../../state.js";
import { classicIsClosed } from "../classicRefusal.js";
import { hydrationReasons } from "../inMageRcm/hydration.js";
import type { FailoverTarget, ProviderKind } from "../kind.js";
import { readAction } from "./actions.js";
import { pointPolicy } from "./policy.js";
import { renderDetails } from "./render.js";

/** Recorded, but for the one before the commit, which is that of modernised machines. */
const byProtectionState: Record<string, string[]> = {
  Protected: ["UnplannedFailover", "DisableProtection", "TestFailover"],
  InitialReplicationInProgress: ["DisableProtection"],
  UnplannedFailoverFailed: ["UnplannedFailover", "DisableProtection", "TestFailover"],
  UnplannedFailoverCompletionFailed: ["DisableProtection"],
  UnplannedFailoverCommitPendingStatesBegin: [
    "CompleteMigration",
    "Commit",
    "DisableProtection",
    "ChangePit",
    "SwitchProtection",
  ],
  UnplannedFailoverStatesBegin: ["CompleteMigration", "DisableProtection", "SwitchProtection"],
};

function allowedOperations(item: ItemState): string[] {
  if (item.testFailoverState === "WaitingForCompletion") return ["TestFailoverCleanup"];
  return [...(byProtectionState[item.protectionState] ?? [])];
}

export const inMageAzureV2: ProviderKind = {
  instanceType: "InMageAzureV2",
  providerId: (_vault, fabric) => fabric.internalIdentifier,
  fabricProvider: () => "InMageFabric",
  takenName: {
    code: "28061",
    message: (vmName) => `The virtual machine name '${vmName}' is unavailable.`,
  },
  protectedItemType: "",
  protectableItemId: (vault, item) =>
    `${containerId(vault, item.fabricName, item.containerName)}/replicationProtectableItems/${item.internalIdentifier}`,
  noPoint: null,
  // Chosen: no recording shows a classic machine's first copy.
  initialReplication: { copiedMinutes: null, protectedMinutes: 30, firstPointLagMinutes: 5 },
  policyDetails: () => {
    throw classicIsClosed("InMageAzureV2", "Making or changing a policy");
  },
  pointPolicy,
  mappingDetails: () => null,
  readAction,
  direction: (_item, action) => (action === "reProtect" ? "RecoveryToPrimary" : "PrimaryToRecovery"),
  renderDetails,
  allowedOperations,
  committedState: () => "UnplannedFailoverStatesBegin",
  target(_vault, item): FailoverTarget {
    const details = detailsOf(item, "InMageAzureV2");
    const disk = (megabytes: number) => ({ sizeGB: Math.ceil(megabytes / 1024) });
    return {
      vmName: details.targetVmName,
      vmSize: details.targetVmSize,
      resourceGroupId: details.targetResourceGroupId,
      networkId: details.targetNetworkId,
      testNetworkId: details.testNetworkId,
      osType: details.osType,
      availabilitySetId: "",
      availabilityZone: "",
      osDisk: disk(details.disks.find((each) => each.isOsDisk)?.sizeMB ?? 1024),
      dataDisks: details.disks.filter((each) => !each.isOsDisk).map(({ sizeMB }) => disk(sizeMB)),
      nics: details.nics.map((nic) => ({
        subnetName: nic.targetSubnetName,
        address: nic.targetIpAddress,
        testSubnetName: nic.testSubnetName,
        testAddress: nic.testIpAddress,
      })),
    };
  },
  hydrationReasons(vault, item) {
    const machine = vault.machines[item.details.machine];
    return machine === undefined ? [] : hydrationReasons(machine);
  },
  healthErrors: () => [],
};
