/**
 * The tasks of a machine between two clouds: names, words, lengths and the pauses between them as recorded, where the
 * two ways differ as recorded each way.
 */

import type { TaskSpec } from "../../jobs/start.js";
import type { ActionInput } from "../../kinds/kind.js";
import type { ItemState } from "../../state.js";
import type { DrillTasks, FailoverTasks } from "../journey.js";
import { onItem, plannedTasks, unplannedTasks } from "../tasks.js";

type Row = [taskId: string, name: string, friendlyName: string, seconds: number, step?: string];

const task = (item: ItemState, [id, name, words, seconds, step]: Row, pauseSeconds?: number): TaskSpec => ({
  ...onItem(item, [id, name, words, seconds], step),
  ...(pauseSeconds === undefined ? {} : { pauseSeconds }),
});

/** Recorded both ways, and of a planned failover too: five minutes. */
const startSeconds = 318;

/** Recorded without a shutdown: its task succeeds at once, and changes nothing. */
export function toOtherCloudTasks(item: ItemState, input: ActionInput): FailoverTasks {
  const isShutDown = input.performShutdown === true;
  return unplannedTasks(item, {
    check: { seconds: 0.3, step: "vmm.check", pauseSeconds: 0.5 },
    shutdown: { seconds: isShutDown ? 60 : 0.14, step: "vmm.tryShutdown" },
    prepare: { seconds: isShutDown ? 30 : 0.25, step: "vmm.synchronise" },
    failover: { seconds: 13, step: "vmm.failover" },
    boot: { seconds: startSeconds, step: "vmm.start" },
  });
}

export function plannedToOtherCloudTasks(item: ItemState): FailoverTasks {
  return plannedTasks(item, {
    check: { seconds: 10, step: "vmm.checkPlanned", pauseSeconds: 39.5 },
    shutdown: { seconds: 12.6, step: "vmm.shutdown" },
    prepare: { seconds: 10.2, step: "vmm.failover" },
    failover: { seconds: 13.7, step: "vmm.failover" },
    boot: { seconds: startSeconds, step: "vmm.start" },
  });
}

export function commitTasks(item: ItemState): TaskSpec[] {
  return [
    task(item, ["CommitPreflightChecksTask", "VmCommitPrerequisitesCheck", "Prerequisite check", 0.27], 0.13),
    task(item, ["CommitTask", "VmCommit", "Commit", 65, "commit"], 0.09),
  ];
}

/** Seconds of commit, shutdown, preparation, start of the replication, wait for a first copy, update. */
const reverseSeconds = {
  toRecovery: [34.2, 12.4, 17.3, 58.5, 26.9, 10],
  toPrimary: [9.9, 69.2, 10.5, 14, 15.6, 5],
} as const;

/**
 * After an unplanned failover the old machine may still run, and is shut down; after a planned one that was committed
 * there is less to do, and more to prepare.
 */
export function reverseTasks(item: ItemState): TaskSpec[] {
  const isPending = /CommitPending|CommitRequired/.test(item.protectionState);
  const isPlanned = item.protectionState.startsWith("PlannedFailover");
  const [commit, shutdown, prepare, initiate, copy, update] =
    item.activeLocation === "Recovery" ? reverseSeconds.toRecovery : reverseSeconds.toPrimary;
  const [check, commitName] = ["VmReverseReplicationPrerequisitesCheck", "VmCommit"];
  const skipped = { isSkipped: true };
  return [
    task(item, [check, check, "Prerequisites check", 0.17, "vmm.checkReverse"], isPlanned ? 0.25 : 0.92),
    {
      ...task(item, ["CommitTask", commitName, "Commit", commit, "commit"], 0.05),
      ...(isPending ? {} : skipped),
    },
    ...(isPlanned
      ? []
      : [
          task(item, [
            "ShutdownVmOnSecondaryTask",
            "VmShutdownVmOnSecondary",
            "Shut down the virtual machine",
            shutdown,
            "vmm.stopOld",
          ]),
        ]),
    task(item, [
      "PrepareForReverseReplicationTask",
      "VmPrepareForReverseReplication",
      "Preparing for reverse replication",
      isPlanned ? 102.4 : prepare,
    ]),
    task(item, [
      "InitiateReverseReplicationTask",
      "VmInitiateReverseReplication",
      "Start reverse replication",
      isPlanned ? 20.6 : initiate,
    ]),
    ...(isPlanned
      ? []
      : [
          {
            ...task(
              item,
              ["StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication", 0],
              copy,
            ),
            ...skipped,
          },
        ]),
    task(item, ["UpdateDraStateTask", "UpdateDraState", "Updating the provider states", isPlanned ? 8.3 : update]),
  ];
}

/** What follows a reverse replication on both sides. Recorded: on the one that sends, from a second to half a minute. */
export function completionTasks(item: ItemState, isReceiving: boolean): TaskSpec[] {
  const skipped = { isSkipped: true };
  return [
    task(item, [
      "CompleteInitialReplicationTask",
      "CompleteInitialReplication",
      "Complete initial replication",
      isReceiving ? 62 : 40,
    ]),
    task(item, [
      "ReplicaConfigurationPreflightChecksTask",
      "FailWorkflowOnIRFailureTask",
      "Finalizing initial replication",
      0.1,
    ]),
    {
      ...task(item, [
        "ReplicaConfigurationTask",
        "ReplicaConfiguration",
        "Complete network and post-replication configuration",
        0,
      ]),
      ...skipped,
    },
    {
      ...task(item, ["UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 43]),
      ...(isReceiving ? {} : skipped),
    },
  ];
}

/** Names and lengths as recorded of a Hyper-V site: no recording shows a test failover to another cloud. */
export function drillTasks(item: ItemState): DrillTasks {
  return {
    check: task(item, [
      "TestFailoverPreflightChecksTask",
      "VmTfoPrerequisitesCheck",
      "Prerequisites check for test failover",
      11,
      "vmm.checkTest",
    ]),
    initiate: task(item, ["BeginTestFailoverTask", "VmTfoInitiateFailover", "Starting test failover", 30]),
    make: task(item, [
      "PrepareTestProtectedEntitiesTask",
      "VmTfoPrepareTestVm",
      "Creating test virtual machine",
      60,
      "vmm.makeTest",
    ]),
    boot: task(item, ["BootTestProtectedEntitiesTask", "VmTfoBootTestVm", "Start the virtual machine", 315]),
    remove: task(item, [
      "CleanupTestProtectedEntitiesTask",
      "VmTfoDeleteTestVm",
      "Clean up the test virtual machine",
      60,
      "vmm.deleteTest",
    ]),
  };
}
