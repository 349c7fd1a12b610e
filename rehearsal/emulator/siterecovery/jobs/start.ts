/** Starting a job: its row of tasks, and what it holds until its end. */

import type { World } from "../../core.js";
import type { Json } from "../../json.js";
import { itemKey, seconds, vaultKey } from "../names.js";
import type { ItemState, JobState, PlanState, TaskState, VaultState } from "../state.js";

export interface TaskSpec {
  taskId: string;
  name: string;
  friendlyName: string;
  seconds: number;
  step?: string;
  item?: string;
  children?: TaskSpec[];
  group?: TaskState["group"];
  action?: TaskState["action"];
  isSkipped?: boolean;
  pauseSeconds?: number;
}

export interface JobSpec {
  scenario: string;
  friendlyName: string;
  clientRequestId: string;
  resourceId: string;
  targetObjectId: string;
  targetObjectName: string;
  targetInstanceType: string;
  tasks: TaskSpec[];
  /** Seconds in which the job exists without a name, state NotStarted. Recorded: up to one. */
  startDelaySeconds: number;
  detailsType?: JobState["detailsType"];
  isRestartable?: boolean;
  removesResource?: boolean;
  items?: ItemState[];
  plan?: PlanState;
  affectedObjects?: Record<string, string>;
  input?: { [key: string]: Json };
}

/** Creates the job and puts its start on the timeline; items and plan are held by it until its end. */
export function startJob(world: World, vault: VaultState, spec: JobSpec): JobState {
  const now = world.clock.now();
  const job: JobState = {
    name: world.newGuid(),
    scenario: spec.scenario,
    friendlyName: spec.friendlyName,
    detailsType: spec.detailsType ?? "AsrJobDetails",
    isRestartable: spec.isRestartable ?? false,
    state: "NotStarted",
    createdAt: now,
    startedAt: null,
    endedAt: null,
    activityId: `${spec.clientRequestId} ActivityId: ${world.newGuid()}`,
    resourceId: spec.resourceId,
    removesResource: spec.removesResource ?? false,
    targetObjectId: spec.targetObjectId,
    targetObjectName: spec.targetObjectName,
    targetInstanceType: spec.targetInstanceType,
    items: (spec.items ?? []).map(itemKey),
    failedItems: [],
    planName: spec.plan?.name ?? null,
    tasks: spec.tasks.map(toTask),
    errors: [],
    affectedObjects: spec.affectedObjects ?? {},
    input: spec.input ?? {},
    protectedItemDetails: [],
  };
  vault.jobs[job.name] = job;
  for (const item of spec.items ?? []) item.currentJob = job.name;
  if (spec.plan !== undefined) spec.plan.currentJob = job.name;
  const delay = spec.startDelaySeconds * seconds;
  if (delay === 0) job.startedAt = now;
  world.schedule(now + delay, "siterecovery.job.start", { vault: vaultKey(vault), job: job.name });
  return job;
}

function toTask(spec: TaskSpec): TaskState {
  const { children, ...rest } = spec;
  const task: TaskState = {
    ...rest,
    state: "NotStarted",
    startedAt: null,
    endedAt: null,
    errors: [],
  };
  if (children !== undefined) task.children = children.map(toTask);
  return task;
}

/** The job that holds an item or a plan, if one runs. */
export function openJob(vault: VaultState, holder: { currentJob: string | null }): JobState | undefined {
  const job = holder.currentJob === null ? undefined : vault.jobs[holder.currentJob];
  return job !== undefined && isOpen(job) ? job : undefined;
}

export function isOpen(job: JobState): boolean {
  return job.state === "NotStarted" || job.state === "InProgress" || job.state === "Suspended";
}
