/** Where a target is, whether something runs on it that the declaration covers, and what may start. */

import {
  authorise,
  type Decision,
  type Declaration,
  type ItemAtStage,
  lastFailover,
  type OpenWalk,
} from "../lifecycle/authorise.js";
import { describeObservation, observe, type Scenario, type Stage, scenarioOf } from "../lifecycle/stages.js";
import { Conflict, type JobFailed, NotAllowedInState } from "../siterecovery/errors.js";
import { type Job, type ReplicatedItem, sameId, type Target } from "../siterecovery/siteRecovery.js";
import { inBootOrder } from "./bootOrder.js";
import { defined } from "./compare.js";
import { cleanupNames, startNames } from "./drill.js";
import { cleanUpMark } from "./drillInTheWay.js";
import type { Context, Properties } from "./handler.js";
import { reportShutdown } from "./jobEnds.js";
import { timeoutOf } from "./schema.js";
import { failureOf, hasGoodEnd, isOurs, listByScenario, progress } from "./start.js";
import { describeTarget, type LoadedTarget, loadSettled, loadTarget } from "./target.js";
import { isCompleted, isWaiting, throwTogether, WaitsForPerson, waitingForOf } from "./waiting.js";
import { failoverMark } from "./walk.js";

export function scenarioOfTarget(loaded: LoadedTarget): Scenario {
  const kinds = new Set(loaded.items.map((item) => scenarioOf(item.instanceType)));
  const [kind] = kinds;
  if (kinds.size !== 1 || kind === undefined) {
    throw new NotAllowedInState(
      `Failover of ${describeTarget(loaded)}: its machines replicate as ${[...new Set(loaded.items.map((item) => item.instanceType))].join(", ") || "nothing"}, which this version does not drive. Allowed: one of InMageRcm, InMageAzureV2, HyperVReplicaAzure, HyperVReplica2012R2`,
      { resourceId: loaded.id },
    );
  }
  return kind;
}

/** @throws NotAllowedInState for an item at no known stage */
export function atStages(items: readonly ReplicatedItem[]): ItemAtStage[] {
  return items.map((item) => {
    const observation = observe(item);
    if (observation.kind !== "stage") {
      throw new NotAllowedInState(
        `reading replicated item "${item.friendlyName}": it is ${describeObservation(item)}. Nothing was started.`,
        {
          resourceId: item.id,
        },
      );
    }
    return defined({
      id: item.id,
      name: item.friendlyName,
      stage: observation.stage,
      lastFailoverTime: item.lastSuccessfulFailoverTime,
    });
  });
}

/** Azure's names of the jobs that a walk starts. */
export const stepNames = [
  "UnplannedFailover",
  "PlannedFailover",
  "CommitFailover",
  "FinalizeFailback",
  "CancelFailover",
  "SwitchReplicationGroupProtection",
  "ReprotectReplicationGroup",
  "ReverseReplication",
  "ChangePit",
];

/** Azure's names of the jobs of a drill. */
const drillNames = [...startNames, ...cleanupNames];

/** How long Azure may take to write down that a job was resumed. */
const resumedWithinMs = 30_000;

/** Those of them by which a machine changes its side. */
const failoverNames = ["UnplannedFailover", "PlannedFailover"];

/**
 * Waits for the end of a job that may wait for a person on its way, and lets it go on where the program says that it is
 * done.
 *
 * @throws WaitsForPerson
 */
async function endOf(
  target: Target,
  { siteRecovery }: LoadedTarget,
  job: Job,
  news: Properties,
  prior: Properties | undefined,
  wait: () => Promise<Job>,
): Promise<Job> {
  const words = describeTarget({ kind: target.kind, name: nameOf(target) });
  let ended = await wait();
  if (isWaiting(ended)) {
    const waiting = waitingForOf(ended, words);
    if (!isCompleted(waiting, news, prior)) throw new WaitsForPerson(waiting);
    await siteRecovery.resumeJob(job.name, `${waiting.name}: completed`);
    ended = await wait();
    const isTheSame = () => isWaiting(ended) && waitingForOf(ended, words).name === waiting.name;
    for (let pause = 250; isTheSame() && pause < resumedWithinMs; pause *= 2) {
      await siteRecovery.pause(pause);
      ended = await wait();
    }
    if (isWaiting(ended)) throw new WaitsForPerson(waitingForOf(ended, words));
  }
  return ended;
}

/** What went wrong in jobs that this `up` did not start, although every machine got where it was to go. */
export interface Missed {
  /** Nothing is started on top of these. */
  failures: string[];
  /** Sources that were not shut down: best effort, and no reason to stop. */
  shutdowns: string[];
}

/**
 * Waits out what is already running where the declaration covers it, so that stages can be told: our own job after a
 * crash, or a step that somebody else started on the very way that was declared.
 *
 * @param missed Takes what went wrong in such a job although every machine got where it was to go.
 * @throws WaitsForPerson, JobFailed where a machine did not get there: it starts again only by a new `up`
 */
export async function settle(
  context: Context,
  id: string,
  news: Properties,
  prior: Properties | undefined,
  missed: Missed,
): Promise<LoadedTarget> {
  const loaded = await loadTarget(context, id, { isFresh: true });
  const isChanged =
    prior === undefined ||
    prior.walk !== undefined ||
    prior.lastAppliedStage !== news.stage ||
    prior.appliedRecoveryPoint !== news.recoveryPoint;
  const isBusy =
    loaded.items.some((item) => observe(item).kind === "busy") ||
    (loaded.target.kind === "recoveryPlan" && loaded.target.plan.currentScenario);
  if (!isBusy) return loaded;
  const seen = new Set<string>();
  const partly: JobFailed[] = [];
  const drills: { job: Job; refusal: Conflict }[] = [];
  const settleOne = async (target: Target): Promise<void> => {
    const job = await loaded.siteRecovery.findOpenJob(target);
    // The machines of a plan's job name that job too.
    if (!job || seen.has(job.name)) return;
    seen.add(job.name);
    const isStep = stepNames.includes(job.scenarioName);
    const isOwnCleanUp =
      job.scenarioName === "TestFailoverCleanup" &&
      news.cleanUpTestFailover === true &&
      isOurs(job, cleanUpMark(idOf(target), news));
    const mayWait =
      isOwnCleanUp ||
      (isChanged && isStep && (prior !== undefined || isOurs(job, failoverMark(idOf(target), news))));
    if (!mayWait) {
      const refusal = new Conflict(
        `Failover of ${describeTarget(loaded)}: job ${job.scenarioName} (${job.name}) is running on it and was not started by this declaration. Nothing was started. Wait until it has ended and run \`pulumi up\` again.`,
        { resourceId: id },
      );
      if (!drillNames.includes(job.scenarioName)) throw refusal;
      drills.push({ job, refusal });
      return;
    }
    const doing = `${job.scenarioName} of ${describeTarget({ kind: target.kind, name: nameOf(target) })}`;
    const options = { ...timeoutOf(news, 240), onProgress: progress(context, doing) };
    const wait = () => loaded.siteRecovery.waitForJob(job.name, options);
    const ended = await endOf(target, loaded, job, news, prior, wait);
    if (job.scenarioName === "UnplannedFailover")
      reportShutdown(context, ended, describeTarget(loaded), missed.shutdowns);
    if (hasGoodEnd(ended)) return;
    const failed = failureOf(ended, doing);
    if (ended.state !== "PartiallySucceeded") throw failed;
    partly.push(failed);
  };
  await settleOne(loaded.target);
  if (loaded.kind === "recoveryPlan")
    await inBootOrder(loaded, loaded.items, (item) => settleOne({ kind: "replicatedItem", item }));
  const [drill] = drills;
  const settled = drill
    ? duringDrill(
        await loadTarget(context, id, { isFresh: true }),
        drills.map(({ job }) => job),
      )
    : await loadSettled(context, id);
  if (drill && (await decide(settled, news, prior)).decision.kind === "walk") throw drill.refusal;
  if (partly.length > 0 && !isTogether(settled, prior)) throwTogether(partly);
  for (const { message } of partly) {
    context.log("warning", `${message} Every machine arrived all the same.`);
    missed.failures.push(message);
  }
  return settled;
}

/**
 * A drill moves no machine: while its job runs, its machines are where they will be when it has ended. A program that
 * declares both a drill and a failover of one plan has them created at the same time.
 */
function duringDrill(loaded: LoadedTarget, drills: readonly Job[]): LoadedTarget {
  const isDrill = (jobName: string) => drills.some(({ name }) => sameId(name, jobName));
  const items = loaded.items.map((item) => {
    const { currentScenario, ...rest } = item;
    const isHeld =
      observe(item).kind === "busy" && (currentScenario === undefined || isDrill(currentScenario.jobName));
    return isHeld ? { ...rest, allowedOperations: ["TestFailoverCleanup"] } : item;
  });
  const [first] = items;
  const target: Target =
    loaded.target.kind === "replicatedItem" && first ? { kind: "replicatedItem", item: first } : loaded.target;
  return { ...loaded, target, items };
}

/** Whether the machines of the walk left where it began, all of them, and are at one stage. */
function isTogether(loaded: LoadedTarget, prior: Properties | undefined): boolean {
  const walk = prior?.walk as OpenWalk | undefined;
  const moved = loaded.items.filter(
    (item) => walk === undefined || walk.items.some((entry) => sameId(entry, item.id)),
  );
  const stages = new Set(
    moved.map((item) => {
      const observation = observe(item);
      return observation.kind === "stage" ? observation.stage : observation.kind;
    }),
  );
  const from = walk?.from ?? prior?.lastAppliedStage;
  return stages.size === 1 && ![...stages].some((stage) => stage === from);
}

/** What is declared of machines that are where they are, against what a state knows of them; no state on a create. */
export function declarationOf(
  scenario: Scenario,
  items: readonly ItemAtStage[],
  news: Properties,
  prior: Properties | undefined,
): Declaration {
  return {
    scenario,
    stage: news.stage as Stage,
    through: news.through === true,
    startFrom: news.startFrom as string | undefined,
    lastAppliedStage: prior?.lastAppliedStage as Stage | undefined,
    walk: prior?.walk as OpenWalk | undefined,
    managedItems: prior?.items as string[] | undefined,
    lastFailover: prior?.lastFailover as string | undefined,
    items,
  };
}

/** What a declaration comes to, and the machines as that was decided: with the times of failovers that jobs tell. */
export interface Decided {
  decision: Decision;
  items: readonly ItemAtStage[];
}

export async function decide(
  loaded: LoadedTarget,
  news: Properties,
  prior: Properties | undefined,
): Promise<Decided> {
  const items = atStages(loaded.items);
  const declaration = declarationOf(scenarioOfTarget(loaded), items, news, prior);
  const first = authorise(declaration);
  const open = declaration.walk?.to === declaration.stage ? declaration.walk : undefined;
  // Machines of an open walk that are on their way tell by that alone that they belong to it; those at its beginning may
  // have gone once round.
  const isOnItsWay = open && !items.some((item) => item.stage === open.from && isWithoutTime(item));
  if (isOnItsWay || first.kind === "nothing") return { decision: first, items };
  const timed = { ...declaration, items: await withJobHistory(loaded, items) };
  const decision = authorise(timed);
  if (decision.kind !== "refused" || prior !== undefined || news.startFrom === undefined)
    return { decision, items: timed.items };
  // A create that was killed after its first step finds a stage and a time that `startFrom` does not name any more; its
  // own mark on the last job tells that the walk is its own.
  const from = String(news.startFrom).split("@")[0] as Stage;
  const since = String(news.startFrom).slice(from.length + 1);
  return {
    decision:
      (await lastOwnSteps(loaded, news)).length > 0
        ? authorise({ ...declaration, ownUnfinishedWalk: { from, since } })
        : decision,
    items: timed.items,
  };
}

/** Azure does not say when it failed over last. */
function isWithoutTime(item: ItemAtStage): boolean {
  return item.lastFailoverTime === undefined;
}

/**
 * A reprotect takes the time of the last failover from the item (recorded): a machine that went once round looks as one
 * that never failed over. The jobs tell, for as long as Azure keeps them.
 */
async function withJobHistory(
  loaded: LoadedTarget,
  items: readonly ItemAtStage[],
): Promise<readonly ItemAtStage[]> {
  if (!items.some(isWithoutTime)) return items;
  const latest = async (target: Target): Promise<string | undefined> => {
    const jobs = await listByScenario(loaded.siteRecovery, target, failoverNames);
    return jobs.find(hasGoodEnd)?.startTime;
  };
  const ofPlan = loaded.target.kind === "recoveryPlan" ? await latest(loaded.target) : undefined;
  return Promise.all(
    items.map(async (item) => {
      const own = loaded.items.find(({ id }) => id === item.id);
      if (!isWithoutTime(item) || !own) return item;
      const ofItem = await latest({ kind: "replicatedItem", item: own });
      const time = lastFailover([{ lastFailoverTime: ofPlan }, { lastFailoverTime: ofItem }]);
      return time === "never" ? item : { ...item, lastFailoverTime: time };
    }),
  );
}

/** The last failover of any of the machines, or `never`, as the outputs keep it: a state that lies behind it is old. */
export async function lastFailoverOf(loaded: LoadedTarget): Promise<string> {
  const observed = loaded.items.map((item) => ({ item, observation: observe(item) }));
  const items = observed.map(({ item, observation }) => ({
    id: item.id,
    name: item.friendlyName,
    stage: observation.kind === "stage" ? observation.stage : ("failedOver" as const),
    lastFailoverTime: item.lastSuccessfulFailoverTime,
  }));
  return lastFailover(await withJobHistory(loaded, items));
}

/** The last step of a walk where this declaration started it: the plan's own, or those of its machines. */
export async function lastOwnSteps(
  loaded: LoadedTarget,
  news: Properties,
): Promise<{ target: Target; job: Job }[]> {
  const ownOf = async (target: Target): Promise<{ target: Target; job: Job }[]> => {
    const [job] = await listByScenario(loaded.siteRecovery, target, stepNames);
    return job && isOurs(job, failoverMark(idOf(target), news)) ? [{ target, job }] : [];
  };
  const own = await ownOf(loaded.target);
  if (own.length > 0 || loaded.kind === "replicatedItem") return own;
  return (await Promise.all(loaded.items.map((item) => ownOf({ kind: "replicatedItem", item })))).flat();
}

function idOf(target: Target): string {
  return target.kind === "replicatedItem" ? target.item.id : target.plan.id;
}

export function nameOf(target: Target): string {
  return target.kind === "replicatedItem" ? target.item.name : target.plan.name;
}
