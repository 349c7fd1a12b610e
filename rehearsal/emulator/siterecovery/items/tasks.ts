/**
 * The tasks of each action: names and words as recorded, lengths near the recorded ones. An item's job runs them one
 * after another; a plan's job takes single ones of them for the machines of a group.
 */

import type { TaskSpec } from "../jobs/start.js";
import { kindOf } from "../kinds/index.js";
import type { ActionInput } from "../kinds/kind.js";
import { itemKey } from "../names.js";
import type { ItemState, VaultState } from "../state.js";
import type { DrillTasks, FailoverTasks } from "./journey.js";

/** Machines that are not ready to boot in Azure take 8 to 10 minutes more. */
const hydrationSeconds = 9 * 60;

export function hydration(vault: VaultState, item: ItemState): number {
  return kindOf(item).hydrationReasons(vault, item).length > 0 ? hydrationSeconds : 0;
}

type Template = Omit<TaskSpec, "item">;

const enable = [
  [
    "EnableProtectionPreflightChecksTask",
    "EnableProtectionPrerequisitesCheck",
    "Prerequisites check for enabling protection",
    30,
  ],
  ["CreateProtectionTargetTask", "CreateProtectionTarget", "Identifying the replication target", 60],
  ["EnableProtectionTask", "EnableProtection", "Enable replication", 1030],
  ["StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication", 500],
  ["UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 30],
] as const;

/** A task that works on one item. */
export function onItem(item: ItemState, row: readonly [string, string, string, number], step?: string): TaskSpec {
  return { ...template(row, step), item: itemKey(item) };
}

function template(
  [taskId, name, friendlyName, seconds]: readonly [string, string, string, number],
  step?: string,
): Template {
  return { taskId, name, friendlyName, seconds, ...(step === undefined ? {} : { step }) };
}

export function enableTasks(item: ItemState): TaskSpec[] {
  return enable.map((each) =>
    each[1] === "EnableProtection" ? onItem(item, each, "enable.name") : template(each),
  );
}
/** Recorded: 67 seconds for modernised VMware, 57 with VMM. */
export function disableTasks(item: ItemState): TaskSpec[] {
  const [primary, secondary] = item.details.instanceType === "HyperVReplicaAzure" ? [40, 12] : [45, 17];
  return [
    template([
      "DisableProtectionOnPrimaryTask",
      "DisableProtectionOnPrimary",
      "Disabling protection on the primary server",
      primary ?? 0,
    ]),
    template([
      "DisableProtectionOnSecondaryTask",
      "DisableProtectionOnSecondary",
      "Disabling protection on the recovery server",
      secondary ?? 0,
    ]),
    template(["UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 5]),
  ];
}

export const updateTasks = (): TaskSpec[] => [
  template(
    ["UpdateVmPropertiesTask", "UpdateVmPropertiesTask", "Updating the virtual machine's properties", 20],
    "item.update",
  ),
];

/** A test failover to Azure. */
export function azureDrillTasks(vault: VaultState, item: ItemState): DrillTasks {
  const task = (taskId: string, name: string, words: string, seconds: number, step?: string) =>
    onItem(item, [taskId, name, words, seconds], step);
  const check = "Prerequisites check for test failover";
  const [make, makeSeconds] = ["Creating test virtual machine", 140 + hydration(vault, item)];
  const remove = "Clean up the test virtual machine";
  return {
    check: task("TestFailoverPreflightChecksTask", "VmTfoPrerequisitesCheck", check, 11, "testFailover.check"),
    initiate: task("BeginTestFailoverTask", "VmTfoInitiateFailover", "Starting test failover", 623),
    make: task("PrepareTestProtectedEntitiesTask", "VmTfoPrepareTestVm", make, makeSeconds, "testFailover.make"),
    boot: task("BootTestProtectedEntitiesTask", "VmTfoBootTestVm", "Start the virtual machine", 1),
    remove: task("CleanupTestProtectedEntitiesTask", "VmTfoDeleteTestVm", remove, 130, "testFailover.delete"),
  };
}

/** What an item's own cleanup does before it removes the test machine. */
export function cleanupTasks(item: ItemState, remove: TaskSpec): TaskSpec[] {
  const words = "Prerequisites check for test failover cleanup";
  return [
    onItem(item, ["TestFailoverCleanupPreflightChecksTask", "VmTfoCleanupPreflightsCheck", words, 1]),
    onItem(item, ["EndTestFailoverTask", "VmTfoEndFailover", "Ending test failover", 1]),
    remove,
  ];
}

/** How one part of a failover goes: its length, what takes effect at its end, and whether it is needed at all. */
export type Part = Pick<TaskSpec, "seconds" | "step" | "pauseSeconds" | "isSkipped">;
type Parts = Record<keyof FailoverTasks, Part>;
type Names = Record<keyof FailoverTasks, readonly [taskId: string, name: string, friendlyName: string]>;

const lastNames = {
  failover: ["FailoverTask", "VmFailover", "Start failover"],
  boot: ["StartVmOnSecondary", "VmFoStartVmOnSecondary", "Start the replica virtual machine"],
} as const;

/** As recorded of every kind. */
const unplannedNames: Names = {
  check: ["UnplannedFailoverPreflightChecksTask", "VmUfoPrerequisitesCheck", "Prerequisites check for failover"],
  shutdown: ["ShutdownVmOnPrimaryForUFO", "VmShutdownVmOnPrimary", "Shut down the virtual machine"],
  prepare: [
    "PrepareForUnPlannedFailoverTask",
    "VmPrepareForUnPlannedFailover",
    "Synchronizing the latest changes",
  ],
  ...lastNames,
};

/** As recorded between two VMM sites. */
const plannedNames: Names = {
  check: [
    "PlannedFailoverPreflightChecksTask",
    "VmPfoPrerequisitesCheck",
    "Prerequisites check for planned failover",
  ],
  shutdown: ["ShutdownVmOnPrimary", "VmShutdownVmOnPrimary", "Shut down the virtual machine"],
  prepare: ["PrepareForFailoverTask", "VmPrepareForFailover", "Preparing for failover"],
  ...lastNames,
};

function tasksOf(item: ItemState, names: Names, parts: Parts): FailoverTasks {
  const task = (key: keyof FailoverTasks): TaskSpec => {
    const [taskId, name, friendlyName] = names[key];
    return { ...parts[key], taskId, name, friendlyName, item: itemKey(item) };
  };
  return {
    check: task("check"),
    shutdown: task("shutdown"),
    prepare: task("prepare"),
    failover: task("failover"),
    boot: task("boot"),
  };
}

export function unplannedTasks(item: ItemState, parts: Parts): FailoverTasks {
  return tasksOf(item, unplannedNames, parts);
}

export function plannedTasks(item: ItemState, parts: Parts): FailoverTasks {
  return tasksOf(item, plannedNames, parts);
}

export function unplannedFailoverTasks(vault: VaultState, item: ItemState, input: ActionInput): FailoverTasks {
  // Only with Latest there is something to synchronise: a new point is to be made.
  const isLatest = input.recoveryPointId === undefined && (input.recoveryPointType ?? "Latest") === "Latest";
  return unplannedTasks(item, {
    check: { seconds: 11, step: "unplannedFailover.check" },
    shutdown: { seconds: 60, step: "unplannedFailover.shutdown", isSkipped: input.performShutdown !== true },
    prepare: { seconds: 90, step: "unplannedFailover.point", isSkipped: !isLatest },
    failover: { seconds: 400 + hydration(vault, item), step: "unplannedFailover.point" },
    boot: { seconds: 75, step: "unplannedFailover.make" },
  });
}

export function commitTasks(item: ItemState, step: string): TaskSpec[] {
  return [
    onItem(item, ["CommitPreflightChecksTask", "VmCommitPrerequisitesCheck", "Prerequisite check", 5]),
    onItem(item, ["CommitTask", "VmCommit", "Commit", 55], step),
  ];
}

/** No recording has this job's tasks: the names are chosen after the others'. */
export function changePointTasks(item: ItemState, steps: { check?: string; change: string }): TaskSpec[] {
  const words = "Prerequisites check for changing the recovery point";
  return [
    onItem(item, ["ChangePitPreflightChecksTask", "VmChangePitPrerequisitesCheck", words, 5], steps.check),
    onItem(item, ["ChangePitTask", "VmChangePit", "Change the recovery point", 235], steps.change),
  ];
}
