/**
 * Starting an action at most once. The target is read again before every request, an open job of the same kind is
 * attached to, and after an answer that leaves the outcome unclear the target is looked at before anything is sent
 * again.
 */

import { createHash, randomBytes } from "node:crypto";
import { Conflict, JobFailed, NotAllowedInState, Unclear } from "../siterecovery/errors.js";
import type { Action, Job, JobTask, SiteRecovery, Target } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import type { Context } from "./handler.js";

/**
 * What makes a job recognisable as ours: the client request id that Azure keeps at the front of the job's activityId
 * (recorded). Its first half is the same for the same declaration, the second half new for each run.
 */
export interface Mark {
  /** The part that is the same in every run of the same declaration. */
  declaration: string;
  /** The whole client request id: a GUID. */
  clientRequestId: string;
}

export function markOf(...declaration: unknown[]): Mark {
  const digest = createHash("sha256").update(JSON.stringify(declaration)).digest("hex");
  const hex = digest.slice(0, 16) + randomBytes(8).toString("hex");
  const clientRequestId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { declaration: clientRequestId.slice(0, 18), clientRequestId };
}

/** True for a job that a run of the same declaration started, this one or an earlier one. */
export function isOurs(job: Pick<Job, "activityId">, mark: Mark): boolean {
  return job.activityId?.toLowerCase().startsWith(mark.declaration) ?? false;
}

export interface StartRequest {
  siteRecovery: SiteRecovery;
  /** Words for messages, e.g. `recovery plan "web"`. */
  name: string;
  readTarget: () => Promise<Target>;
  action: () => Promise<Action> | Action;
  /** Azure's scenario names of this action. */
  scenarioNames: readonly string[];
  /** The operations of which Azure must offer one. */
  operations: readonly string[];
  mark: Mark;
  /** Attach only to an open job of ours: a drill of somebody else is not our drill. */
  isOwnOnly?: boolean;
}

const attempts = 8;

/**
 * Starts the action, or finds the job that is it already.
 *
 * @throws Conflict when another job holds the target, NotAllowedInState when Azure does not offer the operation,
 * Unclear when it cannot be told whether the action began.
 */
export async function startOnce(request: StartRequest): Promise<Job> {
  const { siteRecovery, mark, scenarioNames } = request;
  const doing = `starting ${request.operations.join(" or ")} of ${request.name}`;
  for (let attempt = 0; ; attempt += 1) {
    const target = await request.readTarget();
    const open = await siteRecovery.findOpenJob(target);
    if (open) {
      if (scenarioNames.includes(open.scenarioName) && (!request.isOwnOnly || isOurs(open, mark))) return open;
      throw new Conflict(
        `${doing}: job "${open.scenarioName}" (${open.name}) is running on it since ${open.startTime ?? "a moment"}, started by somebody else. Nothing was started. Wait until it has ended and run \`pulumi up\` again.`,
        { operation: doing },
      );
    }
    if (attempt > 0) {
      // Azure may have taken the request although its answer was lost; the job may even have ended meanwhile.
      const jobs = await listByScenario(siteRecovery, target, scenarioNames);
      const started = jobs.find((job) => job.activityId?.toLowerCase().startsWith(mark.clientRequestId));
      if (started) return started;
    }
    requireOffered(target, request, doing);
    try {
      return await siteRecovery.startAction(target, await request.action(), mark.clientRequestId);
    } catch (error) {
      if (!(error instanceof Unclear) || attempt + 1 >= attempts) throw error;
      await siteRecovery.pause(Math.min(100 * 2 ** attempt, 10_000));
    }
  }
}

/** Jobs of the named scenarios on a target, newest first. */
export async function listByScenario(
  siteRecovery: SiteRecovery,
  target: Target,
  scenarioNames: readonly string[],
): Promise<Job[]> {
  const jobs = await siteRecovery.listJobs(target);
  return jobs
    .filter((job) => scenarioNames.includes(job.scenarioName))
    .sort((a, b) => Date.parse(b.startTime ?? "") - Date.parse(a.startTime ?? ""));
}

function requireOffered(target: Target, request: StartRequest, doing: string): void {
  const offered = target.kind === "replicatedItem" ? target.item.allowedOperations : target.plan.allowedOperations;
  if (request.operations.some((operation) => offered.includes(operation))) return;
  const state = target.kind === "replicatedItem" ? `, protection state ${target.item.protectionState}` : "";
  throw new NotAllowedInState(
    `${doing}: Azure does not offer it now (allowed operations: ${offered.join(", ") || "none"}${state}). Nothing was started.`,
    { operation: doing, resourceId: target.kind === "replicatedItem" ? target.item.id : target.plan.id },
  );
}

/**
 * States that a job ends well in. `PartiallySucceeded` is none: a plan that ran on past an error ends in it, and a drill
 * that lost a machine has proved the opposite of what was asked.
 */
const goodEnds = ["Succeeded", "CompletedWithInformation"];

export function hasGoodEnd(job: Pick<Job, "state">): boolean {
  return goodEnds.includes(job.state);
}

/** @throws JobFailed with Azure's causes and advice. */
export function requireGoodEnd(job: Job, doing: string): void {
  if (!hasGoodEnd(job)) throw failureOf(job, doing);
}

/** A job that did not end well, with Azure's causes and advice. */
export function failureOf(job: Job, doing: string): JobFailed {
  return new JobFailed(`${doing}: job ${job.name} ended ${job.state}.${describeErrors(job)}`, {
    ...defined({ code: job.errors[0]?.code }),
    jobName: job.name,
    operation: doing,
  });
}

/**
 * A job's errors with their causes and advice, each as a sentence; empty where there are none. What a plan's machines
 * have in common is told once, with how often.
 */
export function describeErrors(job: Job): string {
  const times = new Map<string, number>();
  for (const error of job.errors) {
    const told =
      ` ${error.taskName ? `Task ${error.taskName}: ` : ""}${error.message} (${error.code}).` +
      (error.possibleCauses ? ` Possible causes: ${error.possibleCauses}` : "") +
      (error.recommendedAction ? ` Recommended: ${error.recommendedAction}` : "");
    times.set(told, (times.get(told) ?? 0) + 1);
  }
  return [...times].map(([told, count]) => (count === 1 ? told : `${told} (${count} times.)`)).join("");
}

/**
 * One line whenever tasks of a job changed their state. Of a plan the group tasks are told, and of their machines only
 * those that failed: a hundred machines would drown everything else.
 */
export function progress(context: Context, name: string): (job: Job) => void {
  const shown = new Map<string, string>();
  const news = (task: JobTask): string[] => {
    const key = `${task.name}/${task.friendlyName}/${task.machineName ?? ""}`;
    if (task.state === "NotStarted" || shown.get(key) === task.state) return [];
    shown.set(key, task.state);
    return [`${task.friendlyName || task.name}${task.machineName ? ` (${task.machineName})` : ""}: ${task.state}`];
  };
  return (job) => {
    const changes = job.tasks.flatMap((task) => [...news(task), ...task.children.filter(hasFailed).flatMap(news)]);
    if (changes.length > 0) context.log("status", `${name}: ${changes.join(", ")}`);
  };
}

function hasFailed(task: JobTask): boolean {
  return task.state === "Failed";
}
