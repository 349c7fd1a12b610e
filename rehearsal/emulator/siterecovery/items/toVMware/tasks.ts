/**
 * The tasks of the way back to VMware and out again: names as recorded (those of the reprotection from a classic
 * machine's recording), lengths so that the jobs last as long as the recorded ones.
 */

import type { TaskSpec } from "../../jobs/start.js";
import type { ItemState } from "../../state.js";
import type { FailoverTasks } from "../journey.js";
import { onItem } from "../tasks.js";

/** Whether a reprotection has to commit the failover first. */
function isCommitPending(item: ItemState): boolean {
  return /CommitPending|CommitRequired/.test(item.protectionState);
}

export function reprotectTasks(item: ItemState, steps: { check: string; commit: string }): TaskSpec[] {
  const task = (id: string, name: string, words: string, seconds: number, step?: string) =>
    onItem(item, [id, name, words, seconds], step);
  const same = (name: string, words: string, seconds: number, step?: string) =>
    task(name, name, words, seconds, step);
  const commit = task("CommitFailoverTask", "VmCommitFailover", "Committing failover", 30, steps.commit);
  return [
    same("SwitchReplicationGroupProtectionPreflightTask", "Prerequisite check", 10, steps.check),
    { ...commit, isSkipped: !isCommitPending(item) },
    same("DiscoverReplicaTask", "Discovering replica virtual machine", 60),
    same("GetSwitchProtectionRequirementsTask", "Getting reprotection requirements", 20),
    same("ProtectReplicaTask", "Reprotecting virtual machine", 601),
  ];
}

export function failbackTasks(item: ItemState): FailoverTasks {
  const same = (id: string, name: string, words: string, seconds: number, step?: string) =>
    onItem(item, [id, name, words, seconds], step);
  return {
    check: same(
      "PlannedFailoverPreflightChecksTask",
      "VmPfoPrerequisitesCheck",
      "Prerequisites check for planned failover",
      11,
      "toVMware.check",
    ),
    shutdown: same(
      "PrepareProtectedEntitiesTask",
      "VmPrepareProtectedEntitiesTask",
      "Synchronizing the latest changes",
      600,
      "toVMware.synchronise",
    ),
    prepare: same("PrepareForFailoverTask", "VmPrepareForFailover", "Preparing for failover", 100),
    failover: same("FailoverTask", "VmFailover", "Start failover", 300, "toVMware.stopAzure"),
    boot: same(
      "StartVmOnSecondary",
      "VmFoStartVmOnSecondary",
      "Start the virtual machine on-premises",
      263,
      "toVMware.start",
    ),
  };
}

export function cancelTasks(item: ItemState): TaskSpec[] {
  const same = (name: string, words: string, seconds: number, step?: string) =>
    onItem(item, [name, name, words, seconds], step);
  return [
    same("CancelFailoverPreflightChecksTask", "Prerequisites check for cancelling the failover", 5),
    same("CancelFailoverRecovery", "Reverting the disks on the recovery site", 120, "toVMware.revert"),
    same("CancelFailoverPrimaryTask", "Resuming replication on the primary site", 60),
    same("StartVmOnPrimary", "Start the virtual machine", 75, "toVMware.startAzure"),
  ];
}
