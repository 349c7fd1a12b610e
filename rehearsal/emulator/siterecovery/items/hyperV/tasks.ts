/** The tasks of a machine on Hyper-V to Azure and back: names and words as recorded where there is a recording. */

import type { TaskSpec } from "../../jobs/start.js";
import type { ActionInput } from "../../kinds/kind.js";
import type { ItemState } from "../../state.js";
import type { FailoverTasks } from "../journey.js";
import { onItem, plannedTasks, unplannedTasks } from "../tasks.js";

type Row = [taskId: string, name: string, friendlyName: string, seconds: number, step?: string];

const task = (item: ItemState, [id, name, words, seconds, step]: Row): TaskSpec =>
  onItem(item, [id, name, words, seconds], step);

/** Recorded: 52 seconds. */
export function enableTasks(item: ItemState): TaskSpec[] {
  return [
    task(item, [
      "EnableProtectionPreflightChecksTask",
      "EnableProtectionPrerequisitesCheck",
      "Prerequisites check for enabling protection",
      5,
    ]),
    task(item, ["CreateProtectionTargetTask", "CreateProtectionTarget", "Identifying the replication target", 8]),
    task(item, ["EnableProtectionTask", "EnableProtection", "Enable replication", 15, "enable.name"]),
    task(item, ["StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication", 20]),
    task(item, ["UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 4]),
  ];
}

/** Recorded: 13 minutes and a half for all of it. */
export function toAzureTasks(item: ItemState, input: ActionInput): FailoverTasks {
  const isSynchronised = input.performShutdown === true && input.recoveryPointId === undefined;
  return unplannedTasks(item, {
    check: { seconds: 11, step: "unplannedFailover.check" },
    shutdown: { seconds: 60, step: "hyperV.tryShutdown", isSkipped: input.performShutdown !== true },
    prepare: { seconds: 90, step: "unplannedFailover.point", isSkipped: !isSynchronised },
    failover: { seconds: 700, step: "unplannedFailover.point" },
    boot: { seconds: 94, step: "unplannedFailover.make" },
  });
}

/** Chosen: no recording shows a planned failover to Azure. */
export function plannedToAzureTasks(item: ItemState): FailoverTasks {
  return plannedTasks(item, {
    check: { seconds: 11, step: "hyperV.checkPlanned" },
    shutdown: { seconds: 60, step: "hyperV.shutdown" },
    prepare: { seconds: 90, step: "unplannedFailover.point" },
    failover: { seconds: 540, step: "unplannedFailover.point" },
    boot: { seconds: 94, step: "unplannedFailover.make" },
  });
}

/**
 * Back from Azure. With `ForSynchronization` the machine in Azure runs on while its data is copied, and then a person
 * completes the failover; the recording has only the length of that first part. The names of the tasks are chosen.
 */
export function failbackTasks(item: ItemState, input: ActionInput): FailoverTasks {
  const isSynchronisedFirst = input.more?.dataSyncOption === "ForSynchronization";
  return {
    check: task(item, [
      "PlannedFailoverPreflightChecksTask",
      "VmPfoPrerequisitesCheck",
      "Prerequisites check for planned failover",
      11,
      "hyperV.checkFailback",
    ]),
    prepare: {
      ...task(item, [
        "DataSynchronizationTask",
        "VmDataSynchronization",
        "Synchronizing data",
        676,
        "hyperV.wait",
      ]),
      isSkipped: !isSynchronisedFirst,
    },
    shutdown: task(item, [
      "ShutdownVmOnPrimary",
      "VmShutdownVmOnPrimary",
      "Shut down the virtual machine",
      60,
      "hyperV.stopAzure",
    ]),
    // The rest of the changes, or all of the disks.
    failover: task(item, ["FailoverTask", "VmFailover", "Start failover", isSynchronisedFirst ? 120 : 1500]),
    boot: task(item, [
      "StartVmOnSecondary",
      "VmFoStartVmOnSecondary",
      "Start the virtual machine on-premises",
      90,
      "hyperV.start",
    ]),
  };
}

/** Names as listed for Hyper-V; only changes since the machine in Azure was shut down are sent. */
export function reverseTasks(item: ItemState): TaskSpec[] {
  return [
    task(item, [
      "CreateProtectionTargetTask",
      "CreateProtectionTarget",
      "Identifying the replication target",
      20,
      "hyperV.checkReverse",
    ]),
    task(item, ["EnableProtectionTask", "EnableProtection", "Enable replication", 60]),
    task(item, ["StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication", 30]),
  ];
}

/** Recorded: done within a second or two. */
export function commitTasks(item: ItemState, step: string): TaskSpec[] {
  return [
    task(item, ["CommitPreflightChecksTask", "VmCommitPrerequisitesCheck", "Prerequisite check", 0.3]),
    task(item, ["CommitTask", "VmCommit", "Commit", 0.5, step]),
  ];
}

/** Names from a VMM site's recording, the length from that of VMM to Azure. */
export function completionTasks(item: ItemState): TaskSpec[] {
  return [
    task(item, [
      "CompleteInitialReplicationTask",
      "CompleteInitialReplication",
      "Complete initial replication",
      20,
    ]),
    task(item, [
      "ReplicaConfigurationPreflightChecksTask",
      "FailWorkflowOnIRFailureTask",
      "Finalizing initial replication",
      6,
    ]),
    task(item, [
      "ReplicaConfigurationTask",
      "ReplicaConfiguration",
      "Complete network and post-replication configuration",
      21,
    ]),
    task(item, ["UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 3.5]),
  ];
}
