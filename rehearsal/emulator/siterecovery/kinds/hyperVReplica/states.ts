/** What may be started in which state: recorded both ways, but for the states of a failed or unfinished start. */

import type { ItemState } from "../../state.js";

const ready = ["PlannedFailover", "UnplannedFailover", "DisableProtection", "TestFailover"];
const pending = ["CompleteMigration", "ReverseReplicate", "Commit", "DisableProtection", "ChangePit"];
const committed = ["CompleteMigration", "ReverseReplicate", "DisableProtection"];

const byProtectionState: Record<string, string[]> = {
  InitialReplicationInProgress: ["DisableProtection"],
  Protected: ready,
  UnplannedFailoverCommitPendingStatesBegin: pending,
  PlannedFailoverCommitRequired: pending,
  PlannedFailoverStatesBegin: committed,
  // Chosen, after the planned one.
  UnplannedFailoverStatesBegin: committed,
  UnplannedFailoverFailed: ["UnplannedFailover", "DisableProtection", "TestFailover"],
  UnplannedFailoverCompletionFailed: ["DisableProtection"],
};

export function allowedOperations(item: ItemState): string[] {
  if (item.testFailoverState === "WaitingForCompletion") return ["TestFailoverCleanup"];
  return [...(byProtectionState[item.protectionState] ?? [])];
}
