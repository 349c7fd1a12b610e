/** What the end of a job means for its items, scenario by scenario; where kinds differ, their journeys say it. */

import type { Scenario } from "../jobs/scenario.js";
import { itemKey } from "../names.js";
import type { ItemState, VaultState } from "../state.js";
import { journeyOf } from "./journeys.js";
import { startInitialReplication } from "./replication.js";

function byJourney(scenario: string): Scenario {
  return { itemEnds: (run, item, succeeded) => journeyOf(item).ends[scenario]?.(run, item, succeeded) };
}

function removeItem(vault: VaultState, item: ItemState, succeeded: boolean): void {
  if (succeeded) delete vault.items[itemKey(item)];
}

export const itemScenarios: Record<string, Scenario> = {
  EnableDr: {
    itemEnds(run, item, succeeded) {
      // The item stays, so that the job can be restarted or the protection disabled.
      if (succeeded) startInitialReplication(run.world, run.vault, item);
      else item.protectionState = "EnablingFailed";
    },
  },
  DisableDr: { itemEnds: (run, item, succeeded) => removeItem(run.vault, item, succeeded) },
  PurgeVm: { itemEnds: (run, item, succeeded) => removeItem(run.vault, item, succeeded) },
  TestFailover: {
    itemEnds(run, item, succeeded) {
      if (succeeded) item.lastTestFailoverAt = run.job.startedAt;
    },
  },
  TestFailoverCleanup: {
    itemEnds(run, item, succeeded) {
      const of = Object.values(run.vault.jobs).findLast(
        (job) => job.scenario === "TestFailover" && job.items.includes(itemKey(item)),
      );
      if (succeeded && of !== undefined) of.input.testFailoverStatus = "Completed";
    },
  },
  UnplannedFailover: byJourney("UnplannedFailover"),
  PlannedFailover: byJourney("PlannedFailover"),
  CommitFailover: byJourney("CommitFailover"),
  CancelFailover: byJourney("CancelFailover"),
  SwitchReplicationGroupProtection: byJourney("SwitchReplicationGroupProtection"),
  ReprotectReplicationGroup: byJourney("ReprotectReplicationGroup"),
  ReverseReplication: byJourney("ReverseReplication"),
  IrCompletion: {},
  PrimaryIrCompletion: {},
  SecondaryIrCompletion: {},
  ChangePit: {},
};
