/** The run of a recovery plan: all machines fail over side by side, then the boot groups start one after another. */

import type { FailoverScenario, FailoverTasks } from "../items/journey.js";
import { journeyOf } from "../items/journeys.js";
import {
  deleteTestMachineTask,
  testFailoverCheckTask,
  testFailoverInitiateTask,
  testFailoverMakeTask,
} from "../items/tasks.js";
import type { TaskSpec } from "../jobs/engine.js";
import type { ActionInput } from "../kinds/kind.js";
import { itemKey } from "../names.js";
import type { ItemState, PlanAction, PlanGroup, PlanState, VaultState } from "../state.js";
import { itemsOfGroup, itemsOfPlan } from "./items.js";

/** Scripts and runbooks take as long as nothing in the emulator needs them to. */
const scriptSeconds = 60;

type Kind = "TestFailover" | FailoverScenario;

const checkWords = "Prerequisites check for the recovery plan";

/** Each machine is checked by itself: one that fails does not hold back the others. */
function prerequisites(children: TaskSpec[]): TaskSpec {
  const taskId = "RecoveryPlanPrerequisitesCheck";
  return { taskId, name: taskId, friendlyName: checkWords, seconds: 0, children };
}

/** Where there is nothing to check by machine. */
const shortCheck: TaskSpec = {
  taskId: "RecoveryPlanPreflightChecksTask",
  name: "RecoveryPlanPrerequisitesCheck",
  friendlyName: checkWords,
  seconds: 2,
};

function group(
  taskId: string,
  friendlyName: string,
  groupType: PlanGroup["groupType"],
  children: TaskSpec[],
): TaskSpec {
  return { taskId, name: taskId, friendlyName, seconds: 0, children, group: { name: friendlyName, groupType } };
}

/** The actions that are meant for this kind of failover to Azure. */
function actions(list: PlanAction[], kind: Kind, prefix: string): TaskSpec[] {
  return list
    .filter(
      (action) => action.failoverTypes.includes(kind) && action.failoverDirections.includes("PrimaryToRecovery"),
    )
    .map((action, index) => ({
      taskId: `${prefix}${index}`,
      name: action.actionName,
      friendlyName: action.actionName,
      seconds: action.customDetails.instanceType === "ManualActionDetails" ? 0 : scriptSeconds,
      step: "plan.action",
      action,
    }));
}

function around(each: PlanGroup, kind: Kind, name: string, tasks: TaskSpec[]): TaskSpec[] {
  const [before, after] = [each.startGroupActions, each.endGroupActions];
  return [...actions(before, kind, `${name}PreAction`), ...tasks, ...actions(after, kind, `${name}PostAction`)];
}

function run(
  vault: VaultState,
  plan: PlanState,
  kind: Kind,
  tasksOf: {
    check: (item: ItemState) => TaskSpec;
    shutdown?: (item: ItemState) => TaskSpec;
    failover: (item: ItemState) => TaskSpec;
    boot: (item: ItemState) => TaskSpec;
  },
): TaskSpec[] {
  const all = itemsOfPlan(vault, plan);
  let boots = 0;
  const tasks = plan.groups.flatMap((each): TaskSpec[] => {
    if (each.groupType === "Shutdown") {
      if (tasksOf.shutdown === undefined) return [];
      const shutdown = group(
        "RecoveryPlanShutdownGroup",
        `All groups shutdown (${all.length})`,
        "Shutdown",
        all.map(tasksOf.shutdown),
      );
      return around(each, kind, "RecoveryPlanShutdownGroup", [shutdown]);
    }
    if (each.groupType === "Failover") {
      const failover = group(
        "RecoveryPlanFailoverGroup",
        `All groups failover (${all.length})`,
        "Failover",
        all.map(tasksOf.failover),
      );
      return around(each, kind, "RecoveryPlanFailoverGroup", [failover]);
    }
    boots += 1;
    const items = itemsOfGroup(vault, each);
    const id = `RecoveryPlanBootGroup${boots}`;
    return around(each, kind, id, [
      group(id, `Group ${boots}: Start (${items.length})`, "Boot", items.map(tasksOf.boot)),
    ]);
  });
  return [prerequisites(all.map(tasksOf.check)), ...tasks];
}

export function planTestFailoverTasks(vault: VaultState, plan: PlanState): TaskSpec[] {
  return run(vault, plan, "TestFailover", {
    check: testFailoverCheckTask,
    failover: testFailoverInitiateTask,
    boot: (item) => testFailoverMakeTask(vault, item),
  });
}

/**
 * A failover of all machines, each by the tasks of its own kind. What a machine's own job does before the failover
 * itself is done by the failover's task: a plan has no task of its own for it.
 */
export function planFailoverTasks(
  vault: VaultState,
  plan: PlanState,
  scenario: FailoverScenario,
  inputOf: (item: ItemState) => ActionInput,
): TaskSpec[] {
  const all = new Map<string, FailoverTasks>();
  for (const item of itemsOfPlan(vault, plan)) {
    all.set(itemKey(item), journeyOf(item).failover(vault, item, scenario, inputOf(item)));
  }
  const tasksOf = (item: ItemState): FailoverTasks => {
    const tasks = all.get(itemKey(item));
    if (tasks === undefined) throw new Error(`the plan ${plan.name} has no tasks for ${item.name}`);
    return tasks;
  };
  const hasShutdown = [...all.values()].some((tasks) => tasks.shutdown.isSkipped !== true);
  return run(vault, plan, scenario, {
    check: (item) => tasksOf(item).check,
    ...(hasShutdown ? { shutdown: (item: ItemState) => tasksOf(item).shutdown } : {}),
    failover: (item) => {
      const { prepare, failover } = tasksOf(item);
      const seconds = failover.seconds + (prepare.isSkipped === true ? 0 : prepare.seconds);
      return { ...failover, seconds };
    },
    boot: (item) => tasksOf(item).boot,
  });
}

export function planCleanupTasks(items: ItemState[]): TaskSpec[] {
  const children = items.map(deleteTestMachineTask);
  return [
    shortCheck,
    group("RecoveryPlanCleanupGroup", `All groups test failover cleanup (${items.length})`, "Failover", children),
  ];
}

export function planCommitTasks(items: ItemState[]): TaskSpec[] {
  // The check before it is the plan's own.
  const children = items.flatMap((item) => journeyOf(item).commit(item).slice(-1));
  return [
    shortCheck,
    group("RecoveryPlanCommitGroup", `All groups commit (${items.length})`, "Failover", children),
  ];
}
