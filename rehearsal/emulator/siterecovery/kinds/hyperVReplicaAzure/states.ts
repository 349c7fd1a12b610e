/** What may be started in which state. Recorded or from published examples; where neither exists, chosen as said. */

import type { ItemState } from "../../state.js";

const ready = ["PlannedFailover", "UnplannedFailover", "DisableProtection", "TestFailover"];
const pending = ["CompleteMigration", "Commit", "DisableProtection", "ChangePit"];
const committed = ["CompleteMigration", "DisableProtection", "Failback"];

/** The machine runs in Azure. */
const inAzure: Record<string, string[]> = {
  PlannedFailoverCommitRequired: pending,
  UnplannedFailoverCommitPendingStatesBegin: pending,
  PlannedFailoverStatesBegin: committed,
  // Chosen: the example of a committed failover is that of a planned one.
  UnplannedFailoverStatesBegin: committed,
};

/** The machine runs on-premises. */
const atHome: Record<string, string[]> = {
  UnprotectedStatesBegin: ["DisableProtection"],
  EnablingFailed: ["DisableProtection"],
  InitialReplicationInProgress: ["DisableProtection"],
  InitialReplicationRecoveryCompletionPending: ["DisableProtection"],
  Protected: ready,
  UnplannedFailoverFailed: ["UnplannedFailover", "DisableProtection", "TestFailover"],
  UnplannedFailoverCompletionFailed: ["DisableProtection"],
  // Chosen, both, after the recordings between two VMM sites: no recording shows a failback from Azure afterwards.
  PlannedFailoverCommitRequired: ["CompleteMigration", "Commit", "DisableProtection"],
  PlannedFailoverStatesBegin: ["CompleteMigration", "ReverseReplicate", "DisableProtection"],
};

export function allowedOperations(item: ItemState): string[] {
  if (item.testFailoverState === "WaitingForCompletion") return ["TestFailoverCleanup"];
  const table = item.activeLocation === "Recovery" ? inAzure : atHome;
  return [...(table[item.protectionState] ?? [])];
}
