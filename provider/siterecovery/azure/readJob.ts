import { z } from "zod";
import type { Job, JobError, JobTask } from "../siteRecovery.js";
import { list, moment, number, object, readResource, text, words } from "./answers.js";

/** A job with what only the adapter needs. */
export interface WireJob extends Job {
  /** ProtectionEntity, RecoveryPlan, ... */
  targetInstanceType?: string;
  /** Ids of the machines on both sides, as a job that was read by its name tells them. */
  machineIds?: string[];
}

const errorDetails = object({
  serviceErrorDetails: object({
    code: text,
    message: text,
    possibleCauses: text,
    recommendedAction: text,
  }).optional(),
  providerErrorDetails: object({
    errorCode: number,
    errorId: text,
    errorMessage: text,
    possibleCauses: text,
    recommendedAction: text,
  }).optional(),
  taskId: text,
});

const jobTask = object({ targetObjectName: text });

const taskShape = {
  taskId: text,
  name: text,
  friendlyName: text,
  state: text,
  startTime: moment,
  endTime: moment,
  customDetails: object({
    instanceType: text,
    jobTask: jobTask.optional(),
    name: text,
    instructions: text,
  }).optional(),
  errors: list(errorDetails),
};

/** Groups of a recovery plan hold tasks, which hold none again deeper than Azure nests them. */
interface WireTask {
  taskId?: string;
  name?: string;
  friendlyName?: string;
  state?: string;
  startTime?: string;
  endTime?: string;
  customDetails?: {
    instanceType?: string;
    jobTask?: { targetObjectName?: string };
    /** Of a manual action. */
    name?: string;
    instructions?: string;
  };
  errors: z.output<typeof errorDetails>[];
  groupTaskCustomDetails?: { childTasks: WireTask[] };
}

const task: z.ZodType<WireTask> = object({
  ...taskShape,
  groupTaskCustomDetails: object({ childTasks: list(z.lazy((): z.ZodType<WireTask> => task)) }).optional(),
});

const job = object({
  activityId: text,
  scenarioName: text,
  state: text,
  stateDescription: text,
  startTime: moment,
  endTime: moment,
  allowedActions: words,
  targetObjectId: text,
  targetObjectName: text,
  targetInstanceType: text,
  tasks: list(task),
  errors: list(errorDetails),
  customDetails: object({
    affectedObjectDetails: object({ primaryVmId: text, recoveryVmId: text }).optional(),
    protectedItemDetails: list(
      object({
        name: text,
        friendlyName: text,
        testVmName: text,
        recoveryPointId: text,
        recoveryPointTime: moment,
      }),
    ),
  }),
});

export function readJob(answer: unknown): WireJob {
  const { id, name, properties: wire } = readResource(answer, job);
  const taskNames = new Map<string, string>();
  collectTaskNames(wire.tasks, taskNames);
  return {
    id,
    name,
    scenarioName: wire.scenarioName ?? "None",
    state: wire.state ?? "NotStarted",
    stateDescription: wire.stateDescription,
    startTime: wire.startTime,
    endTime: wire.endTime,
    activityId: wire.activityId,
    targetObjectId: wire.targetObjectId,
    targetObjectName: wire.targetObjectName,
    targetInstanceType: wire.targetInstanceType,
    machineIds: Object.values(wire.customDetails.affectedObjectDetails ?? {}).flatMap((each) => each ?? []),
    allowedActions: wire.allowedActions,
    tasks: wire.tasks.map(readTask),
    errors: [...wire.errors, ...errorsOfTasks(wire.tasks, wire.errors)].map((each) => readError(each, taskNames)),
    protectedItems: wire.customDetails.protectedItemDetails.map(({ name, ...rest }) => ({
      name: name ?? "",
      ...rest,
    })),
  };
}

function readTask(wire: WireTask): JobTask {
  return {
    name: wire.name ?? "",
    friendlyName: wire.friendlyName ?? wire.name ?? "",
    state: wire.state ?? "NotStarted",
    startTime: wire.startTime,
    endTime: wire.endTime,
    errors: wire.errors.map((each) => readError(each, new Map()).message),
    children: (wire.groupTaskCustomDetails?.childTasks ?? []).map(readTask),
    machineName: wire.customDetails?.jobTask?.targetObjectName,
    manualAction: readManualAction(wire),
  };
}

function readManualAction(wire: WireTask): JobTask["manualAction"] {
  if (wire.customDetails?.instanceType !== "ManualActionTaskDetails") return undefined;
  const { name, instructions } = wire.customDetails;
  return {
    name: name ?? wire.friendlyName ?? wire.name ?? "",
    ...(instructions === undefined ? {} : { instructions }),
  };
}

function readError(wire: z.output<typeof errorDetails>, taskNames: ReadonlyMap<string, string>): JobError {
  const service = wire.serviceErrorDetails;
  const provider = wire.providerErrorDetails;
  return {
    code: service?.code ?? provider?.errorId ?? provider?.errorCode?.toString() ?? "",
    message: service?.message ?? provider?.errorMessage ?? "Azure gave no text",
    possibleCauses: service?.possibleCauses ?? provider?.possibleCauses,
    recommendedAction: service?.recommendedAction ?? provider?.recommendedAction,
    taskName: wire.taskId === undefined ? undefined : (taskNames.get(wire.taskId) ?? wire.taskId),
  };
}

/** Errors that stand at a task only, told of with the others. */
function errorsOfTasks(
  tasks: WireTask[],
  known: z.output<typeof errorDetails>[],
): z.output<typeof errorDetails>[] {
  const key = (each: z.output<typeof errorDetails>): string =>
    `${each.serviceErrorDetails?.code ?? each.providerErrorDetails?.errorId ?? ""} ${each.serviceErrorDetails?.message ?? each.providerErrorDetails?.errorMessage ?? ""}`;
  const seen = new Set(known.map(key));
  const found: z.output<typeof errorDetails>[] = [];
  const visit = (list: WireTask[]): void => {
    for (const each of list) {
      for (const error of each.errors) {
        if (seen.has(key(error))) continue;
        seen.add(key(error));
        found.push({ ...error, taskId: error.taskId ?? each.taskId });
      }
      visit(each.groupTaskCustomDetails?.childTasks ?? []);
    }
  };
  visit(tasks);
  return found;
}

function collectTaskNames(tasks: WireTask[], names: Map<string, string>): void {
  for (const each of tasks) {
    if (each.taskId !== undefined) names.set(each.taskId, each.friendlyName ?? each.name ?? each.taskId);
    collectTaskNames(each.groupTaskCustomDetails?.childTasks ?? [], names);
  }
}

const ENDED = new Set([
  "Succeeded",
  "Failed",
  "Cancelled",
  "Canceled",
  "PartiallySucceeded",
  "CompletedWithInformation",
]);
const OPEN = new Set(["NotStarted", "InProgress", "Cancelling", "Suspended", "None", ""]);

/** True where a job does nothing more. States that Azure adds later count as ended once they have an end time. */
export function isEnded(job: Job): boolean {
  return ENDED.has(job.state) || (!OPEN.has(job.state) && job.endTime !== undefined);
}

/** True where a job waits for a person, and so will not end by waiting. */
export function isSuspended(job: Job): boolean {
  return job.state === "Suspended";
}

/** True where everything was done; `PartiallySucceeded` is not. */
export function isSuccess(job: Job): boolean {
  return job.state === "Succeeded" || job.state === "CompletedWithInformation";
}

/** True where a job is not yet named, right after its start. */
export function isUnnamed(job: Job): boolean {
  return job.scenarioName === "None";
}

/** A job as it is known from the answer to its start alone. */
export function startedJob(name: string, vaultId: string): WireJob {
  return {
    id: `${vaultId}/replicationJobs/${name}`,
    name,
    scenarioName: "None",
    state: "NotStarted",
    allowedActions: [],
    tasks: [],
    errors: [],
    protectedItems: [],
  };
}
