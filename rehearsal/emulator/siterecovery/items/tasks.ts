/**
 * The tasks of each action: names and words as recorded, lengths near the recorded ones. An item's job runs them one
 * after another; a plan's job takes single ones of them for the machines of a group.
 */

import type { TaskSpec } from "../jobs/engine.js";
import { kindOf } from "../kinds/index.js";
import { itemKey } from "../names.js";
import type { ItemState, VaultState } from "../state.js";

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
  ["EnableProtectionTask", "EnableProtection", "Enable replication", 1470],
  ["StartInitialReplicationTask", "VmStartInitialReplication", "Starting initial replication", 60],
  ["UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 30],
] as const;

const disable = [
  [
    "DisableProtectionOnPrimaryTask",
    "DisableProtectionOnPrimary",
    "Disabling protection on the primary server",
    60,
  ],
  [
    "DisableProtectionOnSecondaryTask",
    "DisableProtectionOnSecondary",
    "Disabling protection on the recovery server",
    20,
  ],
  ["UpdateDraStateTask", "UpdateDraState", "Updating the provider states", 5],
] as const;

function template(
  [taskId, name, friendlyName, seconds]: readonly [string, string, string, number],
  step?: string,
): Template {
  return { taskId, name, friendlyName, seconds, ...(step === undefined ? {} : { step }) };
}

function row(rows: readonly (readonly [string, string, string, number])[]): TaskSpec[] {
  return rows.map((each) => template(each));
}

export const enableTasks = (): TaskSpec[] => row(enable);
export const disableTasks = (): TaskSpec[] => row(disable);

export const updateTasks = (): TaskSpec[] => [
  template(
    ["UpdateVmPropertiesTask", "UpdateVmPropertiesTask", "Updating the virtual machine's properties", 20],
    "item.update",
  ),
];

/** A plan's machine does what an item's first tasks do in one. */
export function testFailoverTasks(vault: VaultState, item: ItemState): TaskSpec[] {
  return [
    template(
      ["TestFailoverPreflightChecksTask", "VmTfoPrerequisitesCheck", "Prerequisites check for test failover", 11],
      "testFailover.check",
    ),
    template(
      ["BeginTestFailoverTask", "VmTfoInitiateFailover", "Starting test failover", 623],
      "testFailover.point",
    ),
    template(
      [
        "PrepareTestProtectedEntitiesTask",
        "VmTfoPrepareTestVm",
        "Creating test virtual machine",
        140 + hydration(vault, item),
      ],
      "testFailover.make",
    ),
    template(["BootTestProtectedEntitiesTask", "VmTfoBootTestVm", "Start the virtual machine", 1]),
  ].map((task) => ({ ...task, item: itemKey(item) }));
}

export function testFailoverInitiate(item: ItemState): TaskSpec {
  const task = template(
    ["BeginTestFailoverTask", "VmTfoInitiateFailover", "Starting test failover", 634],
    "testFailover.initiate",
  );
  return { ...task, item: itemKey(item) };
}

export function testFailoverPrepare(vault: VaultState, item: ItemState): TaskSpec {
  const seconds = 141 + hydration(vault, item);
  const task = template(
    ["PrepareTestProtectedEntitiesTask", "VmTfoPrepareTestVm", "Creating test virtual machine", seconds],
    "testFailover.make",
  );
  return { ...task, item: itemKey(item) };
}

export function cleanupTasks(item: ItemState): TaskSpec[] {
  return [
    template([
      "TestFailoverCleanupPreflightChecksTask",
      "VmTfoCleanupPreflightsCheck",
      "Prerequisites check for test failover cleanup",
      1,
    ]),
    template(["EndTestFailoverTask", "VmTfoEndFailover", "Ending test failover", 1]),
    template(
      ["CleanupTestProtectedEntitiesTask", "VmTfoDeleteTestVm", "Clean up the test virtual machine", 130],
      "testFailover.delete",
    ),
  ].map((task) => ({ ...task, item: itemKey(item) }));
}

export interface UnplannedOptions {
  performShutdown: boolean;
  /** Whether a new point is to be made: only then there is something to synchronise. */
  isLatest: boolean;
}

export function unplannedFailoverTasks(vault: VaultState, item: ItemState, options: UnplannedOptions): TaskSpec[] {
  return [
    template(
      ["UnplannedFailoverPreflightChecksTask", "VmUfoPrerequisitesCheck", "Prerequisites check for failover", 11],
      "unplannedFailover.check",
    ),
    { ...shutdownTask(item), isSkipped: !options.performShutdown },
    {
      ...template(
        [
          "PrepareForUnPlannedFailoverTask",
          "VmPrepareForUnPlannedFailover",
          "Synchronizing the latest changes",
          90,
        ],
        "unplannedFailover.synchronise",
      ),
      isSkipped: !options.isLatest,
    },
    template(
      ["FailoverTask", "VmFailover", "Start failover", 400 + hydration(vault, item)],
      "unplannedFailover.point",
    ),
    bootTask(item),
  ].map((task) => ({ ...task, item: itemKey(item) }));
}

export function shutdownTask(item: ItemState): TaskSpec {
  const task = template(
    ["ShutdownVmOnPrimaryForUFO", "VmShutdownVmOnPrimary", "Shut down the virtual machine", 60],
    "unplannedFailover.shutdown",
  );
  return { ...task, item: itemKey(item) };
}

export function failoverTask(vault: VaultState, item: ItemState): TaskSpec {
  const seconds = 500 + hydration(vault, item);
  const task = template(["FailoverTask", "VmFailover", "Start failover", seconds], "unplannedFailover.initiate");
  return { ...task, item: itemKey(item) };
}

export function bootTask(item: ItemState): TaskSpec {
  const task = template(
    ["StartVmOnSecondary", "VmFoStartVmOnSecondary", "Start the replica virtual machine", 75],
    "unplannedFailover.make",
  );
  return { ...task, item: itemKey(item) };
}

export function commitTasks(item: ItemState): TaskSpec[] {
  return [
    template(["CommitPreflightChecksTask", "VmCommitPrerequisitesCheck", "Prerequisite check", 5]),
    template(["CommitTask", "VmCommit", "Commit", 55], "commit"),
  ].map((task) => ({ ...task, item: itemKey(item) }));
}

/** No recording has this job's tasks: the names are chosen after the others'. */
export function changePointTasks(item: ItemState): TaskSpec[] {
  return [
    template(
      [
        "ChangePitPreflightChecksTask",
        "VmChangePitPrerequisitesCheck",
        "Prerequisites check for changing the recovery point",
        5,
      ],
      "changePoint.check",
    ),
    template(["ChangePitTask", "VmChangePit", "Change the recovery point", 235], "changePoint"),
  ].map((task) => ({ ...task, item: itemKey(item) }));
}
