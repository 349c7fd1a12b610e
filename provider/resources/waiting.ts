/**
 * Where Azure waits for a person: a manual action of a plan, or "complete failover" of a Hyper-V failback that
 * synchronised its data. The `up` ends well, says what to do, and a later one that names it in `completed` goes on.
 */

import type { Job, JobTask } from "../siterecovery/siteRecovery.js";
import type { Context, Properties } from "./handler.js";

export interface WaitingFor {
  kind: "manualAction" | "completeFailover" | "unknown";
  /** What `completed` must hold to go on. */
  name: string;
  instructions: string;
}

/** A job waits for a person, or the jobs of several machines do; nothing failed. */
export class WaitsForPerson extends Error {
  constructor(
    readonly waitingFor: WaitingFor,
    /** The jobs of other machines that wait as well. */
    readonly others: readonly WaitingFor[] = [],
  ) {
    super([waitingFor, ...others].map((each) => `waiting for ${each.name}: ${each.instructions}`).join("\n"));
    this.name = new.target.name;
  }
}

/**
 * What came of several machines at once: where all that did not end well only wait for a person, so does the whole.
 *
 * @throws WaitsForPerson, or an Error with the reasons of all; nothing where there is none
 */
export function throwTogether(errors: readonly unknown[]): void {
  const [first] = errors;
  if (errors.length === 0) return;
  if (errors.length === 1) throw first;
  const waits = errors.flatMap((error) =>
    error instanceof WaitsForPerson ? [error.waitingFor, ...error.others] : [],
  );
  const [waiting, ...others] = waits;
  if (waiting && errors.every((error) => error instanceof WaitsForPerson))
    throw new WaitsForPerson(waiting, others);
  throw new Error(errors.map((error) => (error instanceof Error ? error.message : String(error))).join("\n"));
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

type Announced = WaitingFor & { completedBefore?: string[] };

function announcement(name: string, prior: Properties | undefined): Announced | undefined {
  const first = prior?.waitingFor as Announced | undefined;
  const others = (prior?.alsoWaitingFor ?? []) as Announced[];
  return [...(first ? [first] : []), ...others].find((announced) => announced.name === name);
}

/**
 * True where the program says that it is done. Only a word that was added after the wait was announced counts: a name
 * that still stands there from an earlier run must not complete the next one.
 */
export function isCompleted({ name }: WaitingFor, news: Properties, prior: Properties | undefined): boolean {
  const announced = announcement(name, prior);
  if (!announced) return false;
  const before = announced.completedBefore ?? [];
  return namesIn(news.completed).includes(name) && !before.includes(name);
}

/** The waits as outputs; they remember which names stood in `completed` already when they were announced. */
export function describeWaits(error: WaitsForPerson, news: Properties, prior: Properties | undefined): Properties {
  const others = error.others.map((waiting) => waitingOutput(waiting, news, prior));
  return {
    waitingFor: waitingOutput(error.waitingFor, news, prior),
    ...(others.length > 0 ? { alsoWaitingFor: others } : {}),
  };
}

/** One wait as an output. */
export function waitingOutput(waiting: WaitingFor, news: Properties, prior: Properties | undefined): Announced {
  const announced = announcement(waiting.name, prior);
  const completed = namesIn(news.completed);
  const before = announced
    ? (announced.completedBefore ?? []).filter((name) => completed.includes(name))
    : completed;
  const stale = before.includes(waiting.name)
    ? " It stands in completed since before this run: take it out, run `pulumi up`, and add it once it is done."
    : "";
  return { ...waiting, instructions: `${waiting.instructions}${stale}`, completedBefore: before };
}

/** Says on the run itself what a person has to do: outputs are not always looked at. */
export function tellWaits(context: Context, target: string, outputs: Properties): void {
  const { waitingFor, alsoWaitingFor } = outputs as { waitingFor?: Announced; alsoWaitingFor?: Announced[] };
  const waits = [...(waitingFor ? [waitingFor] : []), ...(alsoWaitingFor ?? [])];
  for (const { name, instructions } of waits)
    context.log("warning", `Azure waits for a person, on ${target}: ${name}. ${instructions}`);
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
