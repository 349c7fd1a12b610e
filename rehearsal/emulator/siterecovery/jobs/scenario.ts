/** What the kinds of jobs do: their steps, and their hooks at a job's begin and end. */

import type { World } from "../../core.js";
import type { Reason } from "../errors.js";
import type { ItemState, JobState, PlanState, TaskState, VaultState } from "../state.js";

/** What a step or a hook of a scenario sees. */
export interface Run {
  world: World;
  vault: VaultState;
  job: JobState;
  now: number;
}

/**
 * With a warning, on a task that was done or left out, the job goes on, to end as CompletedWithInformation. A task that
 * turns out not to be needed ends as `Other`.
 */
export type StepOutcome =
  | "done"
  | "suspended"
  | "notNeeded"
  | { failure: Reason }
  | { warning: Reason; task: "done" | "leftOut" };

/** What takes effect at the end of a task; `item` is the item that the task names. */
export type Step = (run: Run, task: TaskState, item: ItemState | undefined) => StepOutcome;

/** A step that works on one item; a task without one would be a fault of the table. */
export function onItem(step: (run: Run, item: ItemState, task: TaskState) => StepOutcome): Step {
  return (run, task, item) => {
    if (item === undefined) throw new Error(`the task ${task.name} names no item`);
    return step(run, item, task);
  };
}

export interface Scenario {
  /** When the job begins, after the moment in which it has no name yet. */
  begins?(run: Run): void;
  /** Once for each item, at the end of the job. */
  itemEnds?(run: Run, item: ItemState, succeeded: boolean): void;
  ends?(run: Run): void;
}

export interface JobTables {
  scenarios: Record<string, Scenario>;
  steps: Record<string, Step>;
  /** At the end of each job of a recovery plan. */
  planEnds(run: Run, plan: PlanState): void;
}
