/** The tasks of classic machines: names and lengths as recorded, the way back after the way to Azure. */

import type { TaskSpec } from "../../jobs/engine.js";
import type { ActionInput } from "../../kinds/kind.js";
import type { ItemState, VaultState } from "../../state.js";
import type { FailoverTasks } from "../journey.js";
import { hydration, onItem } from "../tasks.js";

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
export function unplannedTasks(
  vault: VaultState,
  item: ItemState,
  input: ActionInput,
  steps: Steps,
): FailoverTasks {
  const isLatest = input.recoveryPointId === undefined && input.performShutdown === true;
  return {
    check: task(item, [
      "UnplannedFailoverPreflightChecksTask",
      "VmUfoPrerequisitesCheck",
      "Prerequisites check for failover",
      3.5,
      steps.check,
    ]),
    shutdown: {
      ...task(item, [
        "ShutdownVmOnPrimaryForUFO",
        "VmShutdownVmOnPrimary",
        "Shut down the virtual machine",
        60,
        steps.shutdown,
      ]),
      isSkipped: input.performShutdown !== true,
    },
    prepare: {
      ...task(item, [
        "PrepareForUnPlannedFailoverTask",
        "VmPrepareForUnPlannedFailover",
        "Synchronizing the latest changes",
        90,
        steps.point,
      ]),
      isSkipped: !isLatest,
    },
    failover: task(item, [
      "FailoverTask",
      "VmFailover",
      "Start failover",
      132 + hydration(vault, item),
      steps.point,
    ]),
    boot: task(item, [
      "StartVmOnSecondary",
      "VmFoStartVmOnSecondary",
      "Start the replica virtual machine",
      0.3,
      steps.make,
    ]),
  };
}

/** Recorded: named a second or more after the call, and over at once; ids that mean nothing. */
export function commitTasks(item: ItemState, step: string): TaskSpec[] {
  return [
    task(item, ["CommitPreflightChecksTask", "VmCommitPrerequisitesCheck", "Prerequisite check", 0.3]),
    task(item, ["CommitTask", "VmCommit", "Commit", 0.4, step]),
  ];
}
