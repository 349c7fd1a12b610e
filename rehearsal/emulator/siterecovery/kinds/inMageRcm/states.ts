/** What may be started in which state, as recorded; order included. */

import type { ItemState } from "../../state.js";

const byProtectionState: Record<string, string[]> = {
  UnprotectedStatesBegin: ["DisableProtection"],
  EnablingFailed: ["DisableProtection"],
  InitialReplicationInProgress: ["DisableProtection"],
  InitialReplicationRecoveryCompletionPending: ["DisableProtection"],
  Protected: ["UnplannedFailover", "DisableProtection", "TestFailover"],
  UnplannedFailoverFailed: ["UnplannedFailover", "DisableProtection", "TestFailover"],
  UnplannedFailoverCompletionFailed: ["DisableProtection"],
  UnplannedFailoverCommitPendingStatesBegin: [
    "CompleteMigration",
    "Commit",
    "DisableProtection",
    "ChangePit",
    "SwitchProtection",
  ],
  UnplannedFailoverCommitted: ["CompleteMigration", "DisableProtection", "SwitchProtection"],
};

export function allowedOperations(item: ItemState): string[] {
  if (item.testFailoverState === "WaitingForCompletion") return ["TestFailoverCleanup"];
  return [...(byProtectionState[item.protectionState] ?? [])];
}
