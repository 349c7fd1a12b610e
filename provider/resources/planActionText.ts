/** The actions of a recovery plan in words, as previews of failovers and drills name them. */

import type { Scenario } from "../lifecycle/stages.js";
import type { RecoveryPlan, RecoveryPlanAction } from "../siterecovery/siteRecovery.js";
import { show } from "./validate.js";

/** A run of a plan in Azure's words: which of the plan's actions are for it. */
export interface PlanRun {
  type: "TestFailover" | "UnplannedFailover" | "PlannedFailover";
  direction: "PrimaryToRecovery" | "RecoveryToPrimary";
  /** Whether the run shuts machines down: without that Azure leaves the shutdown group out, its actions included. */
  shutsDown: boolean;
}

/**
 * What the plan runs around its groups, in order, and where it will wait for a person.
 *
 * @see https://learn.microsoft.com/azure/site-recovery/site-recovery-create-recovery-plans
 */
export function describePlanActions(plan: RecoveryPlan, scenario: Scenario, run: PlanRun): string[] {
  const isBack = run.direction === "RecoveryToPrimary";
  const hasNoVmm = scenario === "vmware" || scenario === "vmwareClassic";
  const words = {
    manual: "the run waits for a person",
    runbook: "runbook",
    script: hasNoVmm ? "script, which only a VMM server runs: not run" : "script",
  };
  const said: string[] = [];
  let boots = 0;
  for (const { groupType, startGroupActions, endGroupActions } of plan.groups) {
    if (groupType === "Boot") boots += 1;
    if (groupType === "Shutdown" && !run.shutsDown) continue;
    const where = groupType === "Boot" ? `boot group ${boots}` : `the ${groupType.toLowerCase()} of all`;
    const tell = (when: string, actions: readonly RecoveryPlanAction[]) => {
      for (const { name, failoverTypes, failoverDirections, details } of actions) {
        const isMeant = failoverTypes.includes(run.type) && failoverDirections.includes(run.direction);
        // On the way back Azure runs no runbook.
        if (!isMeant || (isBack && details.kind === "runbook")) continue;
        said.push(`${when} ${where} ${show(name)} (${words[details.kind]})`);
      }
    };
    tell("before", startGroupActions);
    tell("after", endGroupActions);
  }
  return said;
}
