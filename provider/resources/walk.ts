/**
 * Going along an authorised path. A plan's own call is used only while all its machines are at one stage, are the ones
 * the walk began with, and Azure offers the operation on the plan; else machines move one by one in boot order.
 */

import type { Decision } from "../lifecycle/authorise.js";
import { asPlanned, nextStep, type Step, stretch } from "../lifecycle/path.js";
import { pickPoint } from "../lifecycle/recoveryPoints.js";
import { describeObservation, observe, type Scenario, type Stage } from "../lifecycle/stages.js";
import { InvalidInput, JobFailed, NotAllowedInState } from "../siterecovery/errors.js";
import {
  type Action,
  type Job,
  type JobTask,
  type ReplicatedItem,
  sameId,
  type Target,
} from "../siterecovery/siteRecovery.js";
import { certificatesOf } from "./certificates.js";
import { defined } from "./compare.js";
import type { Context, Properties } from "./handler.js";
import { timeoutOf } from "./schema.js";
import { failureOf, hasGoodEnd, type Mark, markOf, progress, requireGoodEnd, startOnce } from "./start.js";
import {
  chooseRecoveryPoint,
  describeTarget,
  itemsInDrill,
  type LoadedTarget,
  loadSettled,
  loadTarget,
} from "./target.js";
import { show } from "./validate.js";
import { isWaiting, throwTogether, WaitsForPerson, waitingForOf } from "./waiting.js";
import { failbackSettings, needsItemCalls, reprotectSettings, reverseSettings } from "./wayBack.js";

/** The mark on the jobs of a walk: the plan's own, or those of its machines where they move one by one. */
export function failoverMark(id: string, news: Properties): Mark {
  return markOf("Failover", id.toLowerCase(), news.stage, news.startFrom ?? null);
}

/** The mark on the clean-up of a drill that stood in a failover's way. */
export function cleanUpMark(id: string, news: Properties): Mark {
  return markOf("TestFailoverCleanup", id.toLowerCase(), news.stage);
}

export interface Walked {
  /** The target as it is afterwards. */
  loaded: LoadedTarget;
  /** What went wrong on the way although every machine got where it was to go: scripts, shutdowns of the source. */
  findings: string[];
}

/**
 * Walks until every machine of the walk is where it is declared. The machines furthest behind go first, so that a plan is
 * together again for its own call.
 *
 * @throws WaitsForPerson where Azure waits for a person, JobFailed also where a plan's actions failed on the way and
 * more steps would follow: what cannot be undone is not started on top of that
 */
export async function walkAlong(
  context: Context,
  id: string,
  news: Properties,
  decision: Extract<Decision, { kind: "walk" }>,
  scenario: Scenario,
): Promise<Walked> {
  const { from, to, items } = decision.walk;
  const order = stretch(scenario, from, to);
  const findings: string[] = [];
  let loaded = await loadTarget(context, id, { isFresh: true });
  for (;;) {
    const under = loaded.items.filter((item) => isAmong(items, item) && stageOf(item) !== to);
    const at = order.find((stage) => under.some((item) => stageOf(item) === stage));
    if (at === undefined) break;
    const movers = under.filter((item) => stageOf(item) === at);
    await waitUntilReady(loaded, movers, at, news);
    loaded = await loadTarget(context, id, { isFresh: true });
    const step = stepOf(scenario, at, to, loaded, movers, news);
    const failed = await takeStep(context, loaded, movers, step, news, findings);
    loaded = await loadSettled(context, id);
    const left = loaded.items.filter(
      (item) => movers.some((mover) => sameId(mover.id, item.id)) && !isFurther(order, at, item),
    );
    if (left.length > 0) {
      if (failed) throw failed;
      throw new NotAllowedInState(
        `going on from ${at} with ${describeTarget(loaded)}: the job ended, but ${left.map((item) => `${item.friendlyName} is ${describeObservation(item)}`).join("; ")}.`,
        { resourceId: id },
      );
    }
    if (!failed) continue;
    if (loaded.items.some((item) => isAmong(items, item) && stageOf(item) !== to)) {
      const { code, operation, jobName } = failed;
      throw new JobFailed(
        `${failed.message} ${notOnTop(step.to)}`,
        defined({ code, operation, jobName, cause: failed }),
      );
    }
    context.log("warning", `${failed.message} Every machine reached ${step.to} all the same.`);
    findings.push(failed.message);
  }
  if (news.waitUntil !== "started" && (to === "reprotected" || to === "protected")) {
    const movers = loaded.items.filter((item) => isAmong(items, item));
    if (await waitUntilReady(loaded, movers, to, news)) loaded = await loadSettled(context, id);
  }
  return { loaded, findings };
}

/** Why a walk stops at a stage that was reached: what cannot be undone is a person's decision once something failed. */
export function notOnTop(stage: Stage): string {
  return `Every machine reached ${stage} all the same; what follows was not started on top of that.`;
}

/** Reprotect and reverse replication end their jobs long before the data is there; until then nothing else is offered. */
export async function waitUntilReady(
  loaded: LoadedTarget,
  movers: readonly ReplicatedItem[],
  stage: Stage,
  news: Properties,
): Promise<boolean> {
  const waiting = movers.filter((item) => {
    const observation = observe(item);
    return observation.kind === "stage" && observation.stage === stage && !observation.isReady;
  });
  await Promise.all(
    waiting.map((item) =>
      loaded.siteRecovery.waitForItem(item.id, (now) => isReadyAt(now, stage), timeoutOf(news, 240)),
    ),
  );
  return waiting.length > 0;
}

function isReadyAt(item: ReplicatedItem, stage: Stage): boolean {
  const observation = observe(item);
  // Further on it is somebody else's doing, and no reason to wait for ever.
  return observation.kind === "stage" && (observation.stage !== stage || observation.isReady);
}

function isFurther(order: readonly Stage[], at: Stage, item: ReplicatedItem): boolean {
  const stages: readonly string[] = order;
  return stages.indexOf(stageOf(item)) > order.indexOf(at);
}

/** The step from here: what Azure offers all of the machines decides where there are two ways. */
function stepOf(
  scenario: Scenario,
  at: Stage,
  to: Stage,
  loaded: LoadedTarget,
  movers: readonly ReplicatedItem[],
  news: Properties,
): Step {
  const [first, ...others] = loaded.items.filter((item) => movers.some((mover) => sameId(mover.id, item.id)));
  const common = (first?.allowedOperations ?? []).filter((operation) =>
    others.every((item) => item.allowedOperations.includes(operation)),
  );
  const step = nextStep(scenario, at, to, common);
  if (!step) throw new NotAllowedInState(`going on with ${describeTarget(loaded)}: no way from ${at} to ${to}`);
  return news.kind === "planned" ? asPlanned(step) : step;
}

/** Steps that Azure takes item by item only; the plan's reprotect is documented as no longer working. */
const itemOnly: readonly Step["action"][] = ["reprotect", "reverseReplicate"];

/** Returns the failure of a job that half succeeded: whether it stopped the machines is for their stages to tell. */
async function takeStep(
  context: Context,
  loaded: LoadedTarget,
  movers: readonly ReplicatedItem[],
  step: Step,
  news: Properties,
  findings: string[],
): Promise<JobFailed | undefined> {
  const mayUsePlan =
    loaded.target.kind === "recoveryPlan" &&
    movers.length === loaded.items.length &&
    !itemOnly.includes(step.action) &&
    !(step.action === "failback" && needsItemCalls(news)) &&
    step.operations.some(
      (operation) =>
        loaded.target.kind === "recoveryPlan" && loaded.target.plan.allowedOperations.includes(operation),
    );
  if (loaded.kind === "replicatedItem" || mayUsePlan) return take(context, loaded, step, news, findings);
  await inBootOrder(loaded, movers, async (item) => {
    const failed = await take(
      context,
      await loadTarget(context, item.id, { isFresh: true }),
      step,
      news,
      findings,
    );
    if (failed) throw failed;
  });
  return undefined;
}

async function take(
  context: Context,
  loaded: LoadedTarget,
  step: Step,
  news: Properties,
  findings: string[],
): Promise<JobFailed | undefined> {
  const { siteRecovery, id } = loaded;
  const name = describeTarget(loaded);
  const doing = `${step.action} of ${name}`;
  const job = await startOnce({
    siteRecovery,
    name,
    readTarget: async () => (await loadTarget(context, id, { isFresh: true })).target,
    action: () => actionOf(loaded, step, news),
    scenarioNames: step.scenarioNames,
    operations: step.operations,
    mark: failoverMark(id, news),
  });
  const ended = await untilEnd(context, loaded, job, doing, news);
  if (step.action === "unplannedFailover") reportShutdown(context, ended, name, findings);
  if (hasGoodEnd(ended)) return undefined;
  const failed = failureOf(ended, doing);
  if (ended.state === "PartiallySucceeded") return failed;
  throw step.action === "unplannedFailover" && news.recoveryPoint === "latest" ? withOtherPoint(failed) : failed;
}

async function actionOf(loaded: LoadedTarget, step: Step, news: Properties): Promise<Action> {
  const [item] = loaded.items;
  if (!item) throw new NotAllowedInState(`${step.action} of ${describeTarget(loaded)}: it has no machine`);
  const certificates = defined({ certificates: certificatesOf(news) });
  switch (step.action) {
    case "unplannedFailover":
      return {
        kind: "unplannedFailover",
        shutdownSource: news.shutdownSource === true,
        recoveryPoint: await chooseRecoveryPoint(loaded, String(news.recoveryPoint)),
        ...certificates,
      };
    case "plannedFailover":
      return { kind: "plannedFailover", ...certificates };
    case "failoverCommit":
    case "failbackCommit":
      return { kind: "failoverCommit" };
    case "failoverCancel":
      return { kind: "failoverCancel" };
    case "reprotect":
      return { kind: "reprotect", settings: reprotectSettings(item, news) };
    case "failback":
      return { kind: "failback", settings: failbackSettings(item, news), ...certificates };
    case "reverseReplicate":
      return { kind: "reverseReplicate", settings: reverseSettings(item, news) };
  }
}

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

/** @throws WaitsForPerson, Timeout */
async function untilEnd(
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

/** With its region down, Azure cannot make the latest point, whatever its error says. */
function withOtherPoint(error: JobFailed): JobFailed {
  const { code, operation, jobName } = error;
  return new JobFailed(
    `${error.message} Where the region is down, the latest point cannot be made from what has arrived: declare recoveryPoint: "latestProcessed" and run \`pulumi up\` again.`,
    defined({ code, operation, jobName, cause: error }),
  );
}

/** The shutdown of the source is best effort: the failover goes on without it, and the user has to know. */
export function reportShutdown(context: Context, job: Job, name: string, findings: string[]): void {
  const missed = (tasks: readonly JobTask[]): JobTask[] =>
    tasks.flatMap((task) => [
      ...(/shutdown/i.test(task.name) && task.children.length === 0 && isMissed(task) ? [task] : []),
      ...missed(task.children),
    ]);
  for (const task of missed(job.tasks)) {
    const machine = task.machineName ?? job.targetObjectName ?? "the source machine";
    const told = `${name}: ${machine} could not be shut down, and the failover went on: it may still run on-premises.${task.errors.length > 0 ? ` ${task.errors.join(" ")}` : ""}`;
    context.log("warning", told);
    findings.push(told);
  }
}

/** Failed, or left out with a warning; a task that was not needed is left out without one. */
function isMissed(task: JobTask): boolean {
  return task.state === "Failed" || task.errors.length > 0;
}

/**
 * Changes the point of each machine that the failover moved, in boot order.
 *
 * @throws InvalidInput for `latest`, which no change can name, and for a point that is gone
 */
export async function changeRecoveryPoint(
  context: Context,
  loaded: LoadedTarget,
  news: Properties,
  items: readonly string[],
): Promise<LoadedTarget> {
  const choice = String(news.recoveryPoint);
  if (choice === "latest") {
    throw new InvalidInput(
      `changing the recovery point of ${describeTarget(loaded)}: recoveryPoint "latest" is no legal change: replication has stopped, and no new point can be made. Allowed: latestProcessed, latestApplicationConsistent, or for a single machine the ARM id of a recovery point`,
      { resourceId: loaded.id },
    );
  }
  const movers = loaded.items.filter((item) => isAmong(items, item));
  const picked = new Map<string, string>();
  for (const item of movers) {
    const choiceOfItem = pickPoint(choice, await loaded.siteRecovery.getRecoveryPoints(item.id));
    if (choiceOfItem.kind !== "point") {
      throw new InvalidInput(
        `changing the recovery point of ${item.friendlyName}: recoveryPoint ${show(choice)}: ${choiceOfItem.kind === "none" ? choiceOfItem.reason : "not possible"}. Nothing was started.`,
        { resourceId: item.id },
      );
    }
    picked.set(item.id, choiceOfItem.point.id);
  }
  await inBootOrder(loaded, movers, async (item) => {
    const recoveryPointId = picked.get(item.id);
    if (recoveryPointId === undefined || isSamePoint(item.failoverRecoveryPointId, recoveryPointId)) return;
    const single = await loadTarget(context, item.id, { isFresh: true });
    const name = describeTarget(single);
    const job = await startOnce({
      siteRecovery: single.siteRecovery,
      name,
      readTarget: async (): Promise<Target> => (await loadTarget(context, item.id, { isFresh: true })).target,
      action: () => ({
        kind: "applyRecoveryPoint",
        recoveryPointId,
        ...defined({ certificates: certificatesOf(news) }),
      }),
      scenarioNames: ["ChangePit"],
      operations: ["ChangePit"],
      mark: markOf("ChangePit", item.id.toLowerCase(), recoveryPointId.toLowerCase()),
    });
    await finish(context, single, job, `changing the recovery point of ${name}`, news);
  });
  return loadSettled(context, loaded.id);
}

/**
 * Cleans up the drill in the way of a failover, where the declaration says so.
 *
 * @throws NotAllowedInState naming the drill and the argument that allows it
 */
export async function cleanUpDrill(context: Context, loaded: LoadedTarget, news: Properties): Promise<void> {
  const waiting = itemsInDrill(loaded);
  if (news.cleanUpTestFailover !== true) {
    throw new NotAllowedInState(
      `Failover of ${describeTarget(loaded)}: a test failover waits for its clean-up on ${waiting.map((item) => item.friendlyName).join(", ")}, and Azure offers nothing else until then. Nothing was started. Clean it up, or set cleanUpTestFailover: true.`,
      { resourceId: loaded.id },
    );
  }
  const isPlanDrill =
    loaded.target.kind === "recoveryPlan" && loaded.target.plan.allowedOperations.includes("TestFailoverCleanup");
  const ids = loaded.kind === "replicatedItem" || isPlanDrill ? [loaded.id] : waiting.map((item) => item.id);
  for (const id of ids) {
    const single = await loadTarget(context, id, { isFresh: true });
    const name = describeTarget(single);
    const job = await startOnce({
      siteRecovery: single.siteRecovery,
      name,
      readTarget: async () => (await loadTarget(context, id, { isFresh: true })).target,
      action: () => ({
        kind: "testFailoverCleanup",
        comments: "Cleaned up by pulumi-siterecovery before a failover",
      }),
      scenarioNames: ["TestFailoverCleanup"],
      operations: ["TestFailoverCleanup"],
      mark: cleanUpMark(id, news),
    });
    await finish(context, single, job, `cleaning up the test failover of ${name}`, news);
  }
  await loadSettled(context, loaded.id);
}

/** Boot groups one after another; the machines of one group together. Goes on past an error, as a plan's own run does. */
export async function inBootOrder(
  loaded: LoadedTarget,
  items: readonly ReplicatedItem[],
  act: (item: ReplicatedItem) => Promise<void>,
): Promise<void> {
  const groups = [...new Set(items.map((item) => loaded.bootGroup(item)))].sort((a, b) => a - b);
  const errors: unknown[] = [];
  for (const group of groups) {
    const results = await Promise.allSettled(items.filter((item) => loaded.bootGroup(item) === group).map(act));
    for (const result of results) if (result.status === "rejected") errors.push(result.reason);
  }
  throwTogether(errors);
}

function stageOf(item: ReplicatedItem): string {
  const observation = observe(item);
  return observation.kind === "stage" ? observation.stage : observation.kind;
}

function isAmong(ids: readonly string[], item: ReplicatedItem): boolean {
  return ids.some((id) => id.toLowerCase() === item.id.toLowerCase());
}

function isSamePoint(a: string | undefined, b: string): boolean {
  const last = (id: string) => id.slice(id.lastIndexOf("/") + 1).toLowerCase();
  return a !== undefined && a !== "" && last(a) === last(b);
}
