/**
 * Where Azure waits for a person: a manual action of a plan, or "complete failover" of a Hyper-V failback that
 * synchronised its data. The `up` ends well, says what to do, and a later one that names it in `completed` goes on.
 */

import type { Job, JobTask } from "../siterecovery/siteRecovery.js";
import type { Properties } from "./handler.js";

export interface WaitingFor {
  kind: "manualAction" | "completeFailover" | "unknown";
  /** What `completed` must hold to go on. */
  name: string;
  instructions: string;
}

/** A job waits for a person; nothing failed. */
export class WaitsForPerson extends Error {
  constructor(
    readonly waitingFor: WaitingFor,
    readonly job: Job,
  ) {
    super(`waiting for ${waitingFor.name}: ${waitingFor.instructions}`);
    this.name = new.target.name;
  }
}

export function isWaiting(job: Pick<Job, "state">): boolean {
  return job.state === "Suspended";
}

/**
 * What a suspended job waits for.
 *
 * @param target Words for messages, such as `replicated item "app01"`.
 */
export function waitingForOf(job: Job, target: string): WaitingFor {
  const manual = everyTask(job.tasks).find((task) => task.manualAction !== undefined && isOpenTask(task));
  if (manual?.manualAction) {
    const { name, instructions } = manual.manualAction;
    return {
      kind: "manualAction",
      name,
      instructions: `${instructions ?? "The plan gives no instructions."} When it is done, add ${JSON.stringify(name)} to completed and run \`pulumi up\` again.`,
    };
  }
  if (job.scenarioName === "PlannedFailover") {
    const name = `complete failover of ${job.targetObjectName ?? target}`;
    return {
      kind: "completeFailover",
      name,
      instructions: `The data of ${target} is synchronised. To go on, Azure shuts the machine in Azure down, sends the last changes and starts the machine on-premises: when that may happen, add ${JSON.stringify(name)} to completed and run \`pulumi up\` again.`,
    };
  }
  const name = `${job.scenarioName} of ${job.targetObjectName ?? target}`;
  return {
    kind: "unknown",
    name,
    instructions: `Job ${job.name} of ${target} waits for a person${job.stateDescription ? ` (${job.stateDescription})` : ""}. Look at it in the portal (Site Recovery jobs); to let it go on, add ${JSON.stringify(name)} to completed and run \`pulumi up\` again.`,
  };
}

/**
 * True where the program says that it is done. Only a word that was added after the wait was announced counts: a name
 * that still stands there from an earlier run must not complete the next one.
 */
export function isCompleted(waiting: WaitingFor, news: Properties, prior: Properties | undefined): boolean {
  const announced = prior?.waitingFor as (WaitingFor & { completedBefore?: string[] }) | undefined;
  if (announced?.name !== waiting.name) return false;
  const before = announced.completedBefore ?? [];
  return namesIn(news.completed).includes(waiting.name) && !before.includes(waiting.name);
}

/** The wait as an output; remembers which names stood in `completed` already when it was announced. */
export function waitingOutput(waiting: WaitingFor, news: Properties, prior: Properties | undefined): Properties {
  const announced = prior?.waitingFor as (WaitingFor & { completedBefore?: string[] }) | undefined;
  const before =
    announced?.name === waiting.name
      ? (announced.completedBefore ?? []).filter((name) => namesIn(news.completed).includes(name))
      : namesIn(news.completed);
  const isStale = before.includes(waiting.name);
  return {
    ...waiting,
    ...(isStale
      ? {
          instructions: `${waiting.instructions} It stands in completed since before this run: take it out, run \`pulumi up\`, and add it once it is done.`,
        }
      : {}),
    completedBefore: before,
  };
}

function namesIn(completed: unknown): string[] {
  return Array.isArray(completed) ? completed.map(String) : [];
}

function everyTask(tasks: readonly JobTask[]): JobTask[] {
  return tasks.flatMap((task) => [task, ...everyTask(task.children)]);
}

function isOpenTask(task: JobTask): boolean {
  return ["Suspended", "InProgress", "WaitingForManualAction"].includes(task.state);
}
