/** The tasks of classic machines: names and lengths as recorded, the way back after the way to Azure. */

import type { TaskSpec } from "../../jobs/start.js";
import type { ActionInput } from "../../kinds/kind.js";
import type { ItemState, VaultState } from "../../state.js";
import type { FailoverTasks } from "../journey.js";
import { hydration, onItem, unplannedTasks } from "../tasks.js";

type Row = [taskId: string, name: string, friendlyName: string, seconds: number, step?: string];

const task = (item: ItemState, [id, name, words, seconds, step]: Row): TaskSpec =>
  onItem(item, [id, name, words, seconds], step);

interface Steps {
  check: string;
  shutdown: string;
  point: string;
  make: string;
}

/** Recorded: 136 seconds for a failover to Azure without shutdown. */
export function classicFailoverTasks(
  vault: VaultState,
  item: ItemState,
  input: ActionInput,
  steps: Steps,
): FailoverTasks {
  const isLatest = input.recoveryPointId === undefined && input.performShutdown === true;
  return unplannedTasks(item, {
    check: { seconds: 3.5, step: steps.check },
    shutdown: { seconds: 60, step: steps.shutdown, isSkipped: input.performShutdown !== true },
    prepare: { seconds: 90, step: steps.point, isSkipped: !isLatest },
    failover: { seconds: 132 + hydration(vault, item), step: steps.point },
    boot: { seconds: 0.3, step: steps.make },
  });
}

/** Recorded: named a second or more after the call, and over at once; ids that mean nothing. */
export function commitTasks(item: ItemState, step: string): TaskSpec[] {
  return [
    task(item, ["CommitPreflightChecksTask", "VmCommitPrerequisitesCheck", "Prerequisite check", 0.3]),
    task(item, ["CommitTask", "VmCommit", "Commit", 0.4, step]),
  ];
}
