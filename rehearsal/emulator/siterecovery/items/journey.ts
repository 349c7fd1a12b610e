/** How a provider kind goes through its actions: the tasks of their jobs, and what the end of a job means for the item. */

import type { Run } from "../jobs/scenario.js";
import type { JobSpec, TaskSpec } from "../jobs/start.js";
import type { ActionInput } from "../kinds/kind.js";
import type { ItemState, VaultState } from "../state.js";

export type FailoverScenario = "UnplannedFailover" | "PlannedFailover";

/** By the part that each has in a recovery plan's run; an item's own job runs them in this order. */
export interface FailoverTasks {
  check: TaskSpec;
  shutdown: TaskSpec;
  prepare: TaskSpec;
  failover: TaskSpec;
  boot: TaskSpec;
}

/** The same of a test failover; `remove` is its cleanup's. */
export interface DrillTasks {
  check: TaskSpec;
  initiate: TaskSpec;
  make: TaskSpec;
  boot: TaskSpec;
  remove: TaskSpec;
}

export type ItemJob = Pick<JobSpec, "scenario" | "friendlyName" | "tasks"> & Partial<JobSpec>;

export type ItemEnd = (run: Run, item: ItemState, succeeded: boolean) => void;

export interface Journey {
  /** Seconds before the job of a failover or a test failover has its name; default 0.8. */
  startDelaySeconds?: number;
  /** The same of a commit. */
  commitDelaySeconds?: number;
  /** Absent: such items are never enabled. */
  enable?(item: ItemState): TaskSpec[];
  failover(vault: VaultState, item: ItemState, scenario: FailoverScenario, input: ActionInput): FailoverTasks;
  commit(item: ItemState): TaskSpec[];
  /** The other direction of replication; absent: this kind has none. */
  reprotect?(item: ItemState, input: ActionInput): ItemJob;
  cancel?(item: ItemState): ItemJob;
  /** Absent: such items have no test failover. */
  drill?(vault: VaultState, item: ItemState): DrillTasks;
  /** Another recovery point after a failover; absent: the point stays. */
  changePoint?(item: ItemState): TaskSpec[];
  /** By scenario: once for each item, at the end of a job. */
  ends: Record<string, ItemEnd>;
}
