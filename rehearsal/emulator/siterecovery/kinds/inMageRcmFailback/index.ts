/** Modernised VMware and physical machines on their way back: from Azure to VMware. The item is the same as before. */

import { inMageRcmFabric } from "../../fabricState.js";
import { containerId, fabricId } from "../../names.js";
import type { ProviderKind } from "../kind.js";
import { readAction } from "./actions.js";
import { mappingDetails, pointPolicy, policyDetails } from "./policy.js";
import { renderDetails } from "./render.js";

/** As recorded, the first three; the committed and the failed one are chosen after other kinds' words. */
const byProtectionState: Record<string, string[]> = {
  InitialReplicationInProgress: ["DisableProtection"],
  Protected: ["PlannedFailover", "DisableProtection"],
  CommitPendingStatesBegin: [
    "CompleteMigration",
    "Commit",
    "DisableProtection",
    "SwitchProtection",
    "CancelFailover",
  ],
  PlannedFailoverStatesBegin: ["CompleteMigration", "DisableProtection", "SwitchProtection"],
  // Disabling now would lose the way back to a running machine, so the documents warn of it.
  PlannedFailoverFailed: ["CancelFailover"],
};

export const inMageRcmFailback: ProviderKind = {
  instanceType: "InMageRcmFailback",
  providerId: (_vault, fabric) => inMageRcmFabric(fabric).appliance.id,
  fabricProvider: () => "InMageRcmFabric",
  protectedItemType: "",
  protectableItemId: () => null,
  noPoint: "",
  // Recorded: Protected between 15 and 20 minutes after the reprotection's end, and nothing in between.
  initialReplication: { copiedMinutes: null, protectedMinutes: 18, firstPointLagMinutes: 5 },
  policyDetails,
  pointPolicy,
  mappingDetails,
  readAction,
  direction: (_item, action) => (action === "reProtect" ? "PrimaryToRecovery" : "RecoveryToPrimary"),
  recoverySide: (vault, item) => ({
    fabricFriendlyName: item.fabricName,
    fabricId: fabricId(vault, item.fabricName),
    containerFriendlyName: item.containerName,
    containerId: containerId(vault, item.fabricName, item.containerName),
  }),
  renderDetails,
  allowedOperations: (item) => [...(byProtectionState[item.protectionState] ?? [])],
  committedState: () => "PlannedFailoverStatesBegin",
  hydrationReasons: () => [],
  healthErrors: () => [],
};
