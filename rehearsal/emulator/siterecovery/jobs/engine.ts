/**
 * Runs jobs on the timeline. A job is a row of tasks; a group's tasks run side by side. A task takes effect when its
 * length is over, so a state file opened again, or a clock that jumps, gives the same end.
 */

import type { TimelineHandler, World } from "../../core.js";
import { failedTask } from "../../faults.js";
import type { Json } from "../../json.js";
import type { Reason } from "../errors.js";
import { recordJobEvent } from "../events.js";
import { seconds, vaultKey } from "../names.js";
import type { JobErrorState, JobState, TaskState, VaultState } from "../state.js";
import type { JobTables, Run } from "./scenario.js";

export function jobTimeline(tables: JobTables): Record<string, TimelineHandler> {
  return {
    "siterecovery.job.start": (data, world) => {
      const run = runOf(data, world);
      if (run === undefined || run.job.state !== "NotStarted") return;
      run.job.state = "InProgress";
      run.job.startedAt = run.now;
      tables.scenarios[run.job.scenario]?.begins?.(run);
      advance(run, tables);
    },
    "siterecovery.task.due": (data, world) => {
      const run = runOf(data, world);
      const task = run === undefined ? undefined : taskAt(run.job, String(data.path));
      if (run?.job.state === "InProgress" && task?.state === "NotStarted") advance(run, tables);
    },
    "siterecovery.task.end": (data, world) => {
      const run = runOf(data, world);
      const task = run === undefined ? undefined : taskAt(run.job, String(data.path));
      if (run === undefined || run.job.state !== "InProgress" || task?.state !== "InProgress") return;
      endTask(run, task, tables);
      if (run.job.state === "InProgress") advance(run, tables);
    },
  };
}

function runOf(data: { [key: string]: Json }, world: World): Run | undefined {
  const vault = world.state.siteRecovery.vaults[String(data.vault)];
  const job = vault?.jobs[String(data.job)];
  return vault === undefined || job === undefined ? undefined : { world, vault, job, now: world.clock.now() };
}

function taskAt(job: JobState, path: string): TaskState | undefined {
  const [first, second] = path.split("/").map(Number);
  const task = first === undefined ? undefined : job.tasks[first];
  return second === undefined ? task : task?.children?.[second];
}

/** Begins the next task, or ends the job; does nothing while a task still runs. */
function advance(run: Run, tables: JobTables): void {
  const { job } = run;
  for (const [index, task] of job.tasks.entries()) {
    if (task.children !== undefined && task.state === "InProgress") endGroup(run, task);
    if (task.state === "InProgress") return;
    if (task.state !== "NotStarted") continue;
    if (isLeftOut(job, task)) {
      leaveOut(task);
      continue;
    }
    if (task.pauseSeconds !== undefined) {
      pause(run, task, task.pauseSeconds, String(index));
      return;
    }
    if (task.isSkipped === true) {
      leaveOut(task);
      continue;
    }
    beginTask(run, task, String(index));
    if (isRunning(task)) return;
  }
  endJob(run, tables);
}

/** The task is looked at again after its pause, which it has once. */
function pause(run: Run, task: TaskState, pauseSeconds: number, path: string): void {
  delete task.pauseSeconds;
  const data = { vault: vaultKey(run.vault), job: run.job.name, path };
  run.world.schedule(run.now + pauseSeconds * seconds, "siterecovery.task.due", data);
}

function isRunning(task: TaskState): boolean {
  return task.state === "InProgress";
}

/** After a failure: a step for a failed item is left out, and in a job of one item everything is. */
function isLeftOut(job: JobState, task: TaskState): boolean {
  if (job.isStopped === true) return true;
  if (job.planName === null) return hasFailed(job);
  return task.item !== undefined && job.failedItems.includes(task.item);
}

function leaveOut(task: TaskState): void {
  task.state = "Other";
  for (const child of task.children ?? []) child.state = "Other";
}

function beginTask(run: Run, task: TaskState, path: string): void {
  task.startedAt = run.now;
  if (task.children === undefined) {
    task.state = "InProgress";
    schedule(run, task, path);
    return;
  }
  for (const [index, child] of task.children.entries()) {
    if (child.isSkipped === true || isLeftOut(run.job, child)) {
      child.state = "Other";
      continue;
    }
    child.state = "InProgress";
    child.startedAt = run.now;
    schedule(run, child, `${path}/${index}`);
  }
  task.state = "InProgress";
  endGroup(run, task);
}

function schedule(run: Run, task: TaskState, path: string): void {
  const data = { vault: vaultKey(run.vault), job: run.job.name, path };
  run.world.schedule(run.now + task.seconds * seconds, "siterecovery.task.end", data);
}

/** A group ends with its last task; it has failed if one of them has. */
function endGroup(run: Run, group: TaskState): void {
  const children = group.children ?? [];
  if (children.some((child) => child.state === "InProgress")) return;
  group.state = children.some((child) => child.state === "Failed") ? "Failed" : "Succeeded";
  group.endedAt = run.now;
}

function endTask(run: Run, task: TaskState, tables: JobTables): void {
  const { job, world, vault, now } = run;
  const item = task.item === undefined ? undefined : vault.items[task.item];
  const targetName = item?.friendlyName ?? job.targetObjectName;
  const fault = failedTask(world, { scenarioName: job.scenario, taskName: task.name, targetName });
  const step = task.step === undefined ? undefined : tables.steps[task.step];
  if (task.step !== undefined && step === undefined)
    throw new Error(`no step "${task.step}" for task ${task.name}`);
  const outcome =
    fault !== undefined ? { failure: faultReason(fault, task) } : (step?.(run, task, item) ?? "done");
  if (outcome === "suspended") {
    task.state = "Suspended";
    job.state = "Suspended";
    job.suspendedAt = now;
    return;
  }
  if (outcome === "notNeeded") {
    task.state = "Other";
    return;
  }
  task.endedAt = now;
  if (outcome === "done") task.state = "Succeeded";
  else if ("warning" in outcome) {
    task.state = outcome.task === "done" ? "Succeeded" : "Other";
    addError(run, task, outcome.warning, "Warning");
  } else fail(run, task, outcome.failure);
}

function addError(run: Run, task: TaskState, reason: Reason, level: JobErrorState["level"]): void {
  const error: JobErrorState = { ...reason, level, taskId: task.taskId, at: run.now };
  task.errors.push(error);
  run.job.errors.push(error);
}

function hasFailed(job: JobState): boolean {
  return job.errors.some((error) => error.level === "Error");
}

function fail(run: Run, task: TaskState, reason: Reason): void {
  task.state = "Failed";
  addError(run, task, reason, "Error");
  // A step without an item stands for all of them.
  const all = task.action === undefined ? run.job.items : leftByAction(run.job);
  const items = task.item !== undefined ? [task.item] : all;
  for (const key of items) if (!run.job.failedItems.includes(key)) run.job.failedItems.push(key);
}

/** A failed action stops a planned run, where nothing may be lost; every other run of a plan goes on past it. */
function leftByAction(job: JobState): string[] {
  if (job.scenario !== "PlannedFailover") return [];
  job.isStopped = true;
  const boots = job.tasks
    .filter((task) => task.group?.groupType === "Boot")
    .flatMap((task) => task.children ?? []);
  const isUp = (key: string) => boots.some((task) => task.item === key && task.state === "Succeeded");
  return job.items.filter((key) => !isUp(key));
}

function faultReason(fault: { code?: string; message?: string }, task: TaskState): Reason {
  return {
    code: fault.code ?? "499",
    message: fault.message ?? "An internal error occurred.",
    possibleCauses: `The step '${task.friendlyName}' met an error.`,
    recommendedAction: "Resolve the error and start the operation again.",
  };
}

function endJob(run: Run, tables: JobTables): void {
  const { job, vault, now } = run;
  job.endedAt = now;
  job.state = endState(job);
  release(run, tables);
  recordJobEvent(run.world, vault, job);
}

function endState(job: JobState): JobState["state"] {
  if (job.errors.length === 0) return "Succeeded";
  if (!hasFailed(job)) return "CompletedWithInformation";
  const isPartial = job.planName !== null && job.failedItems.length < job.items.length;
  return isPartial ? "PartiallySucceeded" : "Failed";
}

/** Gives items and plan back and runs the scenario's last hooks. */
function release(run: Run, tables: JobTables): void {
  const { job, vault } = run;
  const scenario = tables.scenarios[job.scenario];
  for (const key of job.items) {
    const item = vault.items[key];
    if (item === undefined) continue;
    if (item.currentJob === job.name) item.currentJob = null;
    scenario?.itemEnds?.(run, item, job.state !== "Cancelled" && !job.failedItems.includes(key));
  }
  scenario?.ends?.(run);
  const plan = job.planName === null ? undefined : vault.plans[job.planName.toLowerCase()];
  if (plan === undefined) return;
  if (plan.currentJob === job.name) plan.currentJob = null;
  tables.planEnds(run, plan);
}

/** Stops a job where it is: steps that ended stay done. */
export function cancelJob(world: World, vault: VaultState, job: JobState, tables: JobTables): void {
  const now = world.clock.now();
  for (const task of job.tasks.flatMap((each) => [each, ...(each.children ?? [])])) {
    if (task.state === "InProgress" || task.state === "Suspended") [task.state, task.endedAt] = ["Cancelled", now];
    if (task.state === "NotStarted") task.state = "Other";
  }
  job.state = "Cancelled";
  job.startedAt ??= now;
  job.endedAt = now;
  const run = { world, vault, job, now };
  release(run, tables);
  recordJobEvent(world, vault, job);
}

/** Marks what the job waited for as done and goes on. */
export function resumeJob(world: World, vault: VaultState, job: JobState, tables: JobTables): void {
  const now = world.clock.now();
  job.state = "InProgress";
  job.suspendedAt = null;
  for (const task of job.tasks) {
    if (task.state === "Suspended") [task.state, task.endedAt] = ["Succeeded", now];
  }
  advance({ world, vault, job, now }, tables);
}

/** Runs a failed job again, under its own name: what had succeeded is not repeated. */
export function restartJob(world: World, vault: VaultState, job: JobState): void {
  job.state = "NotStarted";
  job.endedAt = null;
  job.errors = [];
  job.failedItems = [];
  job.isStopped = false;
  for (const task of job.tasks) {
    if (task.state === "Succeeded") continue;
    Object.assign(task, { state: "NotStarted", startedAt: null, endedAt: null, errors: [] });
  }
  for (const key of job.items) {
    const item = vault.items[key];
    if (item !== undefined) item.currentJob = job.name;
  }
  world.schedule(world.clock.now(), "siterecovery.job.start", { vault: vaultKey(vault), job: job.name });
}
