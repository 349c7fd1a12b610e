/** Machines of classic VMware on their way back: from Azure to VMware, by an unplanned failover. */

import { z } from "zod";
import { invalidInput, notAllowed } from "../../errors.js";
import { fabricOf, vmwareFabric } from "../../fabricState.js";
import { detailsOf } from "../../itemDetails.js";
import { stateDescription } from "../../items/stateDescriptions.js";
import { containerId, fabricId, friendlyNamesOf, keyOf, lastSegment, policyId, sameName } from "../../names.js";
import { type Call, propertiesOf } from "../../operation.js";
import type { FabricState, ItemState } from "../../state.js";
import { classicIsClosed } from "../classicRefusal.js";
import { pointPolicy } from "../inMageAzureV2/policy.js";
import type { ActionInput, ItemAction, Problem, ProviderKind } from "../kind.js";

/** The first two as published; the others are chosen after the way to Azure: no recording goes that far. */
const byProtectionState: Record<string, string[]> = {
  InitialReplicationInProgress: ["DisableProtection"],
  Protected: ["UnplannedFailover", "DisableProtection"],
  UnplannedFailoverFailed: ["UnplannedFailover", "DisableProtection"],
  UnplannedFailoverCommitPendingStatesBegin: ["CompleteMigration", "Commit", "DisableProtection"],
  UnplannedFailoverStatesBegin: ["CompleteMigration", "DisableProtection", "SwitchProtection"],
};

const text = z.string().nullish();
const failover = z.object({
  failoverDirection: text,
  providerSpecificDetails: z.object({
    instanceType: z.literal("InMage"),
    recoveryPointType: z.enum(["LatestTime", "LatestTag"]).nullish(),
  }),
});
const reProtect = z.object({
  failoverDirection: text,
  providerSpecificDetails: z.object({
    instanceType: z.literal("InMageAzureV2"),
    processServerId: text,
    policyId: text,
    masterTargetId: text,
    storageAccountId: text,
  }),
});

function readAction(call: Call, item: ItemState, action: ItemAction): ActionInput {
  if (action === "unplannedFailover") {
    const body = propertiesOf(call.request, failover);
    const isTag = body.providerSpecificDetails.recoveryPointType === "LatestTag";
    return {
      failoverDirection: body.failoverDirection ?? undefined,
      recoveryPointType: isTag ? "LatestApplicationConsistent" : "Latest",
    };
  }
  if (action === "reProtect") return readReprotect(call, item);
  throw notAllowed(
    "OperationNotAllowedOnProtectedItem",
    `'${item.friendlyName}' replicates from Azure to VMware (InMage), which has no ${action}.`,
    "Fail back with an unplanned failover.",
  );
}

/** `more`: `policyName`, `processServerId`. */
function readReprotect({ request, vault }: Call, item: ItemState): ActionInput {
  const body = propertiesOf(request, reProtect);
  const wanted = body.providerSpecificDetails;
  const fabric = vmwareFabric(fabricOf(vault, item));
  const path = "properties.providerSpecificDetails";
  const problems: Problem[] = [];
  const server = wanted.processServerId ?? fabric.processServers[0]?.id ?? "";
  if (!fabric.processServers.some((each) => sameName(each.id, server))) {
    const allowed = fabric.processServers.map((each) => each.id).join(", ") || "none";
    const message = `"${server}" is not a process server of the fabric; allowed: ${allowed}`;
    problems.push({ path: `${path}.processServerId`, message });
  }
  const id = wanted.policyId ?? policyId(vault, detailsOf(item, "InMage").forwardPolicyName);
  const policy = vault.policies[keyOf(lastSegment(id))];
  if (policy?.details.instanceType !== "InMageAzureV2" || !sameName(id, policyId(vault, policy.name))) {
    const message = `"${id}" is not an InMageAzureV2 policy of this vault`;
    problems.push({ path: `${path}.policyId`, message });
  }
  if (policy === undefined || problems.length > 0) throw invalidInput(problems);
  return {
    failoverDirection: body.failoverDirection ?? undefined,
    more: { policyName: policy.name, processServerId: server },
  };
}

function renderDetails({ vault }: Call, _fabric: FabricState, item: ItemState): unknown {
  const details = detailsOf(item, "InMage");
  const machine = vault.machines[details.machine];
  return {
    instanceType: "InMage",
    activeSiteType: item.activeLocation === "Primary" ? "Azure" : "VMware",
    sourceVmCpuCount: machine?.cores ?? 0,
    sourceVmRamSizeInMB: machine?.memoryMB ?? 0,
    osDetails: { osType: machine?.osType ?? "Windows" },
    protectionStage: item.protectionState === "Protected" ? "DifferentialSync" : "Resync",
    vmId: item.internalIdentifier,
    vmProtectionState: item.protectionState,
    vmProtectionStateDescription: stateDescription(item.protectionState),
    consistencyPoints: {},
    diskResized: "NotResized",
    rebootAfterUpdateStatus: "NotRequired",
    multiVmGroupId: details.multiVmGroupName ?? "",
    multiVmGroupName: details.multiVmGroupName ?? "",
    multiVmSyncStatus: "Disabled",
    agentDetails: { agentVersion: machine?.agentVersion ?? "" },
    processServerId: details.processServerId,
    masterTargetId: details.masterTargetId,
    ipAddress: machine?.nics[0]?.ip ?? "",
    infrastructureVmId: item.internalIdentifier,
    vmNics: [],
    discoveryType: machine?.isPhysical === true ? "physical" : "vCenter",
    azureStorageAccountId: details.forward.storageAccountId,
    datastores: details.datastoreName === "" ? [] : [details.datastoreName],
    validationErrors: [],
    osVersion: machine?.osName ?? "",
    protectedDisks: details.forward.disks.map((disk, index) => ({
      diskId: disk.vhdId,
      diskName: `Disk${index}`,
      diskCapacityInBytes: disk.sizeMB * 1024 ** 2,
    })),
  };
}

export const inMage: ProviderKind = {
  instanceType: "InMage",
  providerId: (_vault, fabric) => fabric.internalIdentifier,
  fabricProvider: () => "InMageFabric",
  protectedItemType: "",
  protectableItemId: (vault, item) =>
    `${containerId(vault, item.fabricName, item.containerName)}/replicationProtectableItems/${item.internalIdentifier}`,
  recoverySide: (vault, item) => ({
    fabricFriendlyName: friendlyNamesOf(vault, item).fabric,
    fabricId: fabricId(vault, item.fabricName),
    containerFriendlyName: friendlyNamesOf(vault, item).container,
    containerId: containerId(vault, item.fabricName, item.containerName),
  }),
  noPoint: "",
  // Chosen, after modernised machines.
  initialReplication: { copiedMinutes: null, protectedMinutes: 18, firstPointLagMinutes: 5 },
  policyDetails: () => {
    throw classicIsClosed("InMage", "Making or changing a policy");
  },
  pointPolicy,
  mappingDetails: () => null,
  readAction,
  direction: (_item, action) => (action === "reProtect" ? "PrimaryToRecovery" : "RecoveryToPrimary"),
  renderDetails,
  allowedOperations: (item) => [...(byProtectionState[item.protectionState] ?? [])],
  committedState: () => "UnplannedFailoverStatesBegin",
  hydrationReasons: () => [],
  healthErrors: () => [],
};
