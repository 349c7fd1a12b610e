/** The run of a recovery plan: all machines fail over side by side, then the boot groups start one after another. */

import type { DrillTasks, FailoverScenario, FailoverTasks } from "../items/journey.js";
import { journeyOf } from "../items/journeys.js";
import type { TaskSpec } from "../jobs/start.js";
import type { ActionInput } from "../kinds/kind.js";
import { itemKey, keyOf, lastSegment, microsoftAzure } from "../names.js";
import type { ItemState, PlanAction, PlanGroup, PlanState, VaultState } from "../state.js";
import { actionSeconds, isRun } from "./actions.js";
import { itemsOfGroup, itemsOfPlan } from "./items.js";

export type FailoverDirection = "PrimaryToRecovery" | "RecoveryToPrimary";

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

/** The step of an item's own job at which a person completes the failover. */
const waitStep = "hyperV.wait";

/** The copies of machines that run on meanwhile. */
function synchronised(all: FailoverTasks[]): TaskSpec[] {
  return all
    .map(({ prepare }) => prepare)
    .filter((task) => task.step === waitStep && task.isSkipped !== true)
    .map(({ step: _, ...task }) => task);
}

/** All machines side by side; then the plan waits, once for all of them. */
function synchronisation(copying: TaskSpec[]): TaskSpec[] {
  const name = "RecoveryPlanCompleteFailover";
  return [
    group(
      "RecoveryPlanSynchronizationGroup",
      `All groups data synchronization (${copying.length})`,
      "Failover",
      copying,
    ),
    { taskId: name, name, friendlyName: "Complete failover", seconds: 0, step: "plan.wait" },
  ];
}

function group(
  taskId: string,
  friendlyName: string,
  groupType: PlanGroup["groupType"],
  children: TaskSpec[],
): TaskSpec {
  return { taskId, name: taskId, friendlyName, seconds: 0, children, group: { name: friendlyName, groupType } };
}

interface Scope {
  vault: VaultState;
  plan: PlanState;
  kind: Kind;
  direction: FailoverDirection;
}

/** The actions that are meant for this kind of failover and direction. */
function actions({ vault, plan, kind, direction }: Scope, list: PlanAction[], prefix: string): TaskSpec[] {
  const where = {
    hasVmm: vault.fabrics[keyOf(lastSegment(plan.primaryFabricId))]?.kind === "VMM",
    isToAzure: plan.recoveryFabricId === microsoftAzure,
  };
  return list
    .filter((action) => action.failoverTypes.includes(kind) && action.failoverDirections.includes(direction))
    .map((action, index) => ({
      taskId: `${prefix}${index}`,
      name: action.actionName,
      friendlyName: action.actionName,
      seconds: actionSeconds(vault, action),
      step: "plan.action",
      action,
      isSkipped: !isRun(action, direction, where),
    }));
}

function around(of: Scope, each: PlanGroup, name: string, tasks: TaskSpec[]): TaskSpec[] {
  const [before, after] = [each.startGroupActions, each.endGroupActions];
  return [...actions(of, before, `${name}PreAction`), ...tasks, ...actions(of, after, `${name}PostAction`)];
}

function run(
  of: Scope,
  tasksOf: {
    check: (item: ItemState) => TaskSpec;
    shutdown?: (item: ItemState) => TaskSpec;
    /** Before anything goes down. */
    synchronise?: TaskSpec[];
    failover: (item: ItemState) => TaskSpec;
    boot: (item: ItemState) => TaskSpec;
  },
): TaskSpec[] {
  const { vault, plan } = of;
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
      return around(of, each, "RecoveryPlanShutdownGroup", [shutdown]);
    }
    if (each.groupType === "Failover") {
      const failover = group(
        "RecoveryPlanFailoverGroup",
        `All groups failover (${all.length})`,
        "Failover",
        all.map(tasksOf.failover),
      );
      return around(of, each, "RecoveryPlanFailoverGroup", [failover]);
    }
    boots += 1;
    const items = itemsOfGroup(vault, each);
    const id = `RecoveryPlanBootGroup${boots}`;
    return around(of, each, id, [
      group(id, `Group ${boots}: Start (${items.length})`, "Boot", items.map(tasksOf.boot)),
    ]);
  });
  return [prerequisites(all.map(tasksOf.check)), ...(tasksOf.synchronise ?? []), ...tasks];
}

function drillOf(vault: VaultState, item: ItemState): DrillTasks {
  const tasks = journeyOf(item).drill?.(vault, item);
  if (tasks === undefined) throw new Error(`${item.name} has no test failover`);
  return tasks;
}

export function planTestFailoverTasks(
  vault: VaultState,
  plan: PlanState,
  direction: FailoverDirection,
): TaskSpec[] {
  return run(
    { vault, plan, kind: "TestFailover", direction },
    {
      check: (item) => drillOf(vault, item).check,
      failover: (item) => drillOf(vault, item).initiate,
      boot: (item) => drillOf(vault, item).make,
    },
  );
}

/**
 * A failover of all machines, each by the tasks of its own kind. What a machine's own job does before the failover
 * itself is done by the failover's task: a plan has no task of its own for it.
 */
export function planFailoverTasks(
  vault: VaultState,
  plan: PlanState,
  scenario: FailoverScenario,
  direction: FailoverDirection,
  inputs: Map<ItemState, ActionInput>,
): TaskSpec[] {
  const all = new Map<string, FailoverTasks>();
  for (const [item, input] of inputs) {
    all.set(itemKey(item), journeyOf(item).failover(vault, item, scenario, input));
  }
  const tasksOf = (item: ItemState): FailoverTasks => {
    const tasks = all.get(itemKey(item));
    if (tasks === undefined) throw new Error(`the plan ${plan.name} has no tasks for ${item.name}`);
    return tasks;
  };
  const hasShutdown = [...all.values()].some((tasks) => tasks.shutdown.isSkipped !== true);
  const copying = synchronised([...all.values()]);
  return run(
    { vault, plan, kind: scenario, direction },
    {
      check: (item) => tasksOf(item).check,
      ...(hasShutdown ? { shutdown: (item: ItemState) => tasksOf(item).shutdown } : {}),
      ...(copying.length === 0 ? {} : { synchronise: synchronisation(copying) }),
      failover: (item) => {
        const { prepare, failover } = tasksOf(item);
        if (prepare.step === waitStep) return failover;
        const seconds = failover.seconds + (prepare.isSkipped === true ? 0 : prepare.seconds);
        return { ...failover, seconds };
      },
      boot: (item) => tasksOf(item).boot,
    },
  );
}

export function planCleanupTasks(vault: VaultState, items: ItemState[]): TaskSpec[] {
  const children = items.map((item) => drillOf(vault, item).remove);
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

/** All machines side by side, step after step. */
export function planCancelTasks(items: ItemState[]): TaskSpec[] {
  const rows = items.map((item) => journeyOf(item).cancel?.(item).tasks ?? []);
  const longest = Math.max(0, ...rows.map((row) => row.length));
  const steps = Array.from({ length: longest }, (_, index) => rows.flatMap((row) => row.slice(index, index + 1)));
  return steps.map((children, index) =>
    group(
      `RecoveryPlanCancelGroup${index + 1}`,
      `${children[0]?.friendlyName ?? ""} (${children.length})`,
      "Failover",
      children,
    ),
  );
}
