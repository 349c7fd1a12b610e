/**
 * Scripts, runbooks and manual actions around the groups of a recovery plan. What a script does in the emulator is what
 * the estate says of it; one that it does not know takes a minute and succeeds.
 */

import type { Reason } from "../errors.js";
import type { Run, StepOutcome } from "../jobs/scenario.js";
import { keyOf } from "../names.js";
import type { PlanAction, TaskState, VaultState } from "../state.js";

const usualSeconds = 60;
/** @see https://learn.microsoft.com/azure/site-recovery/hyper-v-vmm-recovery-script */
const scriptTimeoutSeconds = 600;
/** The fair share of an Azure sandbox. */
const runbookTimeoutSeconds = 3 * 3600;

/** Path of a script or id of a runbook. */
function workOf(action: PlanAction): string {
  return String(action.customDetails.path ?? action.customDetails.runbookId ?? "");
}

function behaviourOf(vault: VaultState, action: PlanAction): { seconds: number; fails: boolean } {
  return vault.scripts?.[keyOf(workOf(action))] ?? { seconds: usualSeconds, fails: false };
}

/** Seconds: given as such, as `00:10:00`, or as `PT10M`; never more than the service allows. */
function timeoutOf(action: PlanAction): number {
  const isScript = action.customDetails.instanceType === "ScriptActionDetails";
  const most = isScript ? scriptTimeoutSeconds : runbookTimeoutSeconds;
  const given = String(action.customDetails.timeout ?? "");
  const parts = /^(\d+):(\d\d):(\d\d)$/.exec(given) ?? /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(given);
  const [, hours = "0", minutes = "0", seconds = "0"] = parts ?? [];
  const total = parts === null ? Number(given) : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return Number.isFinite(total) && total > 0 ? Math.min(total, most) : most;
}

/** A script that takes longer than its timeout is ended then. */
export function actionSeconds(vault: VaultState, action: PlanAction): number {
  if (action.customDetails.instanceType === "ManualActionDetails") return 0;
  return Math.min(behaviourOf(vault, action).seconds, timeoutOf(action));
}

/**
 * Whether the service runs it: scripts live on a VMM server, runbooks run on the way to Azure and on no other.
 * @see https://learn.microsoft.com/azure/site-recovery/site-recovery-create-recovery-plans
 */
export function isRun(
  action: PlanAction,
  direction: string,
  { hasVmm, isToAzure }: { hasVmm: boolean; isToAzure: boolean },
): boolean {
  switch (action.customDetails.instanceType) {
    case "ManualActionDetails":
      return true;
    case "ScriptActionDetails":
      return hasVmm;
    default:
      return isToAzure && direction === "PrimaryToRecovery";
  }
}

export function runAction(run: Run, task: TaskState): StepOutcome {
  const { action } = task;
  if (action === undefined) throw new Error(`the task ${task.name} has no action`);
  // A person has to do it: the job waits until somebody resumes it.
  if (action.customDetails.instanceType === "ManualActionDetails") return "suspended";
  const { seconds, fails } = behaviourOf(run.vault, action);
  const timeout = timeoutOf(action);
  if (seconds > timeout) {
    return { failure: failure(action, "ScriptTimedOut", `did not end within ${timeout} seconds`) };
  }
  return fails ? { failure: failure(action, "ScriptFailed", "wrote to its error output") } : "done";
}

function failure(action: PlanAction, code: string, what: string): Reason {
  return {
    code,
    message: `The action '${action.actionName}' (${workOf(action)}) ${what}.`,
    possibleCauses: "The script or runbook met an error, or takes too long.",
    recommendedAction: "Correct the script, and start the recovery plan again.",
  };
}
