/** The ends of a failover's jobs: waited for, and what went wrong in one that went on all the same. */

import type { Job, JobTask } from "../siterecovery/siteRecovery.js";
import type { Context, Properties } from "./handler.js";
import { timeoutOf } from "./schema.js";
import { progress, requireGoodEnd } from "./start.js";
import { describeTarget, type LoadedTarget } from "./target.js";
import { isWaiting, WaitsForPerson, waitingForOf } from "./waiting.js";

/** Waits for a job's end, a good one. @throws JobFailed, WaitsForPerson, Timeout */
export async function finish(
  context: Context,
  loaded: LoadedTarget,
  job: Job,
  doing: string,
  news: Properties,
): Promise<void> {
  requireGoodEnd(await untilEnd(context, loaded, job, doing, news), doing);
}

/** Waits for a job's end, however it is. @throws WaitsForPerson, Timeout */
export async function untilEnd(
  context: Context,
  loaded: LoadedTarget,
  job: Job,
  doing: string,
  news: Properties,
): Promise<Job> {
  const ended = await loaded.siteRecovery.waitForJob(job.name, {
    ...timeoutOf(news, 240),
    onProgress: progress(context, doing),
  });
  if (isWaiting(ended)) throw new WaitsForPerson(waitingForOf(ended, describeTarget(loaded)));
  return ended;
}

/**
 * The shutdown of the source is best effort: the failover goes on without it, and the user has to know.
 *
 * @param findings Takes what was missed; what stands there already was told before.
 */
export function reportShutdown(context: Context, job: Job, name: string, findings: string[]): void {
  const missed = (tasks: readonly JobTask[]): JobTask[] =>
    tasks.flatMap((task) => [
      ...(/shutdown/i.test(task.name) && task.children.length === 0 && isMissed(task) ? [task] : []),
      ...missed(task.children),
    ]);
  for (const task of missed(job.tasks)) {
    const machine = task.machineName ?? job.targetObjectName ?? "the source machine";
    const told = `${name}: ${machine} could not be shut down, and the failover went on: it may still run on-premises.${task.errors.length > 0 ? ` ${task.errors.join(" ")}` : ""}`;
    if (findings.includes(told)) continue;
    context.log("warning", told);
    findings.push(told);
  }
}

/** Failed, or left out with a warning; a task that was not needed is left out without one. */
function isMissed(task: JobTask): boolean {
  return task.state === "Failed" || task.errors.length > 0;
}
