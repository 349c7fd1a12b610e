/** When what ran, from the times that Azure writes into its jobs: no clock of ours is in them. */

import type { Job, JobTask, ReplicatedItem } from "../siterecovery/siteRecovery.js";
import { secondsBetween } from "./duration.js";
import type { JobEvidence, TaskEvidence } from "./types.js";

/** What a job says of a machine. */
export function protectedItemOf(job: Job, item: ReplicatedItem): Job["protectedItems"][number] | undefined {
  const names = namesOf(item);
  return job.protectedItems.find((entry) =>
    [entry.name, entry.friendlyName].some((name) => name !== undefined && names.includes(name.toLowerCase())),
  );
}

/**
 * When the machine ran: the end of the last good task that names it. A job that names no machine is one machine's own,
 * and then all its tasks count.
 */
export function runningSince(job: Job, item: ReplicatedItem): string | undefined {
  const tasks = flatten(job.tasks);
  const names = namesOf(item);
  const own = tasks.filter((task) => task.machineName && names.includes(task.machineName.toLowerCase()));
  const relevant = own.length > 0 ? own : tasks.some((task) => task.machineName) ? [] : tasks;
  // A machine whose last step failed does not run, however well the steps before it ended.
  if (relevant.some((task) => task.state === "Failed" && !/shutdown/i.test(task.name))) return undefined;
  const ends = relevant.flatMap((task) => (task.state === "Succeeded" && task.endTime ? [task.endTime] : []));
  return ends.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}

/** The steps of a job. @param machine whose own job it is, where it is one machine's */
export function tasksOf(job: Job, machine: string | undefined): TaskEvidence[] {
  return flatten(job.tasks).map((task) => {
    const on = task.machineName ?? machine;
    const seconds = secondsBetween(task.startTime, task.endTime);
    return {
      name: task.friendlyName || task.name,
      state: task.state,
      ...(on === undefined ? {} : { machine: on }),
      ...(task.startTime === undefined ? {} : { startTime: task.startTime }),
      ...(task.endTime === undefined ? {} : { endTime: task.endTime }),
      ...(seconds === undefined ? {} : { seconds }),
    };
  });
}

export function jobEvidence(job: Job): JobEvidence {
  const seconds = secondsBetween(job.startTime, job.endTime);
  return {
    name: job.name,
    scenarioName: job.scenarioName,
    state: job.state,
    ...(job.targetObjectName === undefined ? {} : { targetName: job.targetObjectName }),
    ...(job.startTime === undefined ? {} : { startTime: job.startTime }),
    ...(job.endTime === undefined ? {} : { endTime: job.endTime }),
    ...(seconds === undefined ? {} : { seconds }),
  };
}

function namesOf(item: ReplicatedItem): string[] {
  return [item.name, item.friendlyName, item.internalId].flatMap((name) => (name ? [name.toLowerCase()] : []));
}

function flatten(tasks: readonly JobTask[]): JobTask[] {
  return tasks.flatMap((task) => [task, ...flatten(task.children)]);
}
