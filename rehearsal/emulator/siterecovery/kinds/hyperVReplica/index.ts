/** Machines on Hyper-V that replicate from a cloud of one VMM server to a cloud of another, there and back. */

import { containerId, fabricFriendlyName, fabricId } from "../../names.js";
import type { ItemState, VaultState } from "../../state.js";
import type { ProviderKind, RecoverySide } from "../kind.js";
import { readAction } from "./actions.js";
import { healthErrors } from "./health.js";
import { pointPolicy, policyDetails, type ReplicaType } from "./policy.js";
import { renderDetails } from "./render.js";
import { recoverySide, replicationOf, type Side } from "./sides.js";
import { allowedOperations } from "./states.js";
import { testNetwork } from "./testNetwork.js";

/** Existing items are driven; none can be made, because the service takes no new ones. */
export function hyperVReplica(instanceType: ReplicaType): ProviderKind {
  return {
    instanceType,
    providerId: (_vault, fabric) => fabric.internalIdentifier,
    fabricProvider: () => "VmmFabric",
    protectedItemType: "HyperVVirtualMachine",
    protectableItemId: (vault, item) =>
      `${containerId(vault, item.fabricName, item.containerName)}/replicationProtectableItems/${item.internalIdentifier}`,
    recoverySide: otherCloud,
    noPoint: "",
    // Chosen: no recording shows the first copy to another cloud.
    initialReplication: { copiedMinutes: null, protectedMinutes: 15, firstPointLagMinutes: 0 },
    policyDetails: policyDetails(instanceType),
    pointPolicy,
    mappingDetails: () => null,
    readAction,
    // Recorded: roles do not flip; the direction is the one from where the machine runs, also of what reverses it.
    direction: (item) => (item.activeLocation === "Primary" ? "PrimaryToRecovery" : "RecoveryToPrimary"),
    renderDetails,
    allowedOperations,
    committedState: (item) =>
      item.protectionState === "PlannedFailoverCommitRequired"
        ? "PlannedFailoverStatesBegin"
        : "UnplannedFailoverStatesBegin",
    hydrationReasons: () => [],
    healthErrors,
    affectedObjects,
    testNetwork,
  };
}

/** Recorded: always the cloud that the machine was first protected to, wherever it runs. */
function otherCloud(vault: VaultState, item: ItemState): RecoverySide {
  const { fabric, container } = recoverySide(vault, item);
  return {
    fabricFriendlyName: fabricFriendlyName(fabric),
    fabricId: fabricId(vault, fabric.name),
    containerFriendlyName: container.friendlyName ?? container.name,
    containerId: containerId(vault, fabric.name, container.name),
  };
}

/** Recorded: what a job calls primary is the side that sends, and the machine there is the job's target. */
function affectedObjects(vault: VaultState, item: ItemState): Record<string, string> {
  const { from, to } = replicationOf(vault, item);
  const policy = vault.policies[item.policyName.toLowerCase()];
  return {
    ...named("primary", from),
    ...named("recovery", to),
    protectionProfileId: policy?.internalIdentifier ?? "",
    primaryFabricProviderId: "VMM",
    recoveryFabricProviderId: "VMM",
  };
}

function named(role: "primary" | "recovery", { fabric, container, machine }: Side): Record<string, string> {
  return {
    [`${role}VmId`]: machine.hyperV?.vmId ?? "",
    [`${role}VmName`]: machine.name,
    [`${role}CloudId`]: container.name,
    [`${role}CloudName`]: container.friendlyName ?? container.name,
    [`${role}VmmId`]: fabric.internalIdentifier,
    [`${role}VmmName`]: fabricFriendlyName(fabric),
  };
}
