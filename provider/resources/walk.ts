/**
 * Going along an authorised path. A plan's own call is used only while all its machines are at one stage, are the ones
 * the walk began with, and Azure offers the operation on the plan; else machines move one by one in boot order.
 */

import type { Decision } from "../lifecycle/authorise.js";
import type { Step } from "../lifecycle/path.js";
import { pickPoint } from "../lifecycle/recoveryPoints.js";
import { observe } from "../lifecycle/stages.js";
import { InvalidInput, NotAllowedInState } from "../siterecovery/errors.js";
import { type Action, type Job, type ReplicatedItem, sameId, type Target } from "../siterecovery/siteRecovery.js";
import type { Context, Properties } from "./handler.js";
import { timeoutOf } from "./schema.js";
import { type Mark, markOf, progress, requireGoodEnd, startOnce } from "./start.js";
import {
  chooseRecoveryPoint,
  describeTarget,
  itemsInDrill,
  type LoadedTarget,
  loadSettled,
  loadTarget,
} from "./target.js";
import { show } from "./validate.js";

/** The mark on the jobs of a walk: the plan's own, or those of its machines where they move one by one. */
export function failoverMark(id: string, news: Properties): Mark {
  return markOf("Failover", id.toLowerCase(), news.stage, news.startFrom ?? null);
}

/** The mark on the clean-up of a drill that stood in a failover's way. */
export function cleanUpMark(id: string, news: Properties): Mark {
  return markOf("TestFailoverCleanup", id.toLowerCase(), news.stage);
}

/** Walks every step; returns the target as it is afterwards. */
export async function walkAlong(
  context: Context,
  id: string,
  news: Properties,
  decision: Extract<Decision, { kind: "walk" }>,
): Promise<LoadedTarget> {
  let loaded = await loadTarget(context, id, { isFresh: true });
  for (const step of decision.steps) {
    const movers = loaded.items.filter(
      (item) => isAmong(decision.walk.items, item) && stageOf(item) === step.from,
    );
    if (movers.length === 0) continue;
    const isWholePlan = loaded.target.kind === "recoveryPlan" && movers.length === loaded.items.length;
    const isOffered =
      loaded.target.kind === "recoveryPlan" && loaded.target.plan.allowedOperations.includes(step.operation);
    if (loaded.kind === "replicatedItem" || (isWholePlan && isOffered)) await take(context, loaded, step, news);
    else await inBootOrder(loaded, movers, (item) => takeAlone(context, item, step, news));
    loaded = await loadSettled(context, id);
    const reached = decision.steps.slice(decision.steps.indexOf(step)).map((later) => later.to);
    const left = loaded.items.filter(
      (item) =>
        movers.some((mover) => sameId(mover.id, item.id)) && !reached.some((stage) => stage === stageOf(item)),
    );
    if (left.length > 0) {
      throw new NotAllowedInState(
        `${step.action} of ${describeTarget(loaded)}: the job ended, but ${left.map((item) => item.friendlyName).join(", ")} did not reach ${step.to}.`,
        { resourceId: id },
      );
    }
  }
  return loaded;
}

async function take(context: Context, loaded: LoadedTarget, step: Step, news: Properties): Promise<void> {
  const { siteRecovery, id } = loaded;
  const name = describeTarget(loaded);
  const job = await startOnce({
    siteRecovery,
    name,
    readTarget: async () => (await loadTarget(context, id, { isFresh: true })).target,
    action: () => actionOf(loaded, step, news),
    scenarioNames: step.scenarioNames,
    operation: step.operation,
    mark: failoverMark(id, news),
  });
  await finish(context, loaded, job, `${step.action} of ${name}`, news);
}

async function takeAlone(context: Context, item: ReplicatedItem, step: Step, news: Properties): Promise<void> {
  await take(context, await loadTarget(context, item.id, { isFresh: true }), step, news);
}

async function actionOf(loaded: LoadedTarget, step: Step, news: Properties): Promise<Action> {
  if (step.action === "unplannedFailover") {
    return {
      kind: "unplannedFailover",
      shutdownSource: news.shutdownSource === true,
      recoveryPoint: await chooseRecoveryPoint(loaded, String(news.recoveryPoint)),
    };
  }
  if (step.action === "failoverCommit") return { kind: "failoverCommit" };
  throw new NotAllowedInState(
    `${step.action} of ${describeTarget(loaded)}: this version does not drive that step`,
  );
}

async function finish(
  context: Context,
  loaded: LoadedTarget,
  job: Job,
  doing: string,
  news: Properties,
): Promise<void> {
  const ended = await loaded.siteRecovery.waitForJob(job.name, {
    ...timeoutOf(news, 240),
    onProgress: progress(context, doing),
  });
  requireGoodEnd(ended, doing);
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
      action: () => ({ kind: "applyRecoveryPoint", recoveryPointId }),
      scenarioNames: ["ChangePit"],
      operation: "ChangePit",
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
      operation: "TestFailoverCleanup",
      mark: cleanUpMark(id, news),
    });
    await finish(context, single, job, `cleaning up the test failover of ${name}`, news);
  }
  await loadSettled(context, loaded.id);
}

/** Boot groups one after another; the machines of one group together. Goes on past an error, as a plan's own run does. */
async function inBootOrder(
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
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1)
    throw new Error(errors.map((error) => (error instanceof Error ? error.message : String(error))).join("\n"));
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
