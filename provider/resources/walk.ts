/**
 * Going along an authorised path. A plan's own call is used only while all its machines are at one stage, are the ones
 * the walk began with, and Azure offers the operation on the plan; else machines move one by one in boot order.
 */

import type { Decision } from "../lifecycle/authorise.js";
import { asPlanned, nextStep, type Step, stretch } from "../lifecycle/path.js";
import { describeObservation, observe, type Scenario, type Stage } from "../lifecycle/stages.js";
import { JobFailed, NotAllowedInState } from "../siterecovery/errors.js";
import { type Action, type ReplicatedItem, sameId } from "../siterecovery/siteRecovery.js";
import { inBootOrder } from "./bootOrder.js";
import { certificatesOf } from "./certificates.js";
import { defined } from "./compare.js";
import type { Context, Properties } from "./handler.js";
import { reportShutdown, untilEnd } from "./jobEnds.js";
import { timeoutOf } from "./schema.js";
import { failureOf, hasGoodEnd, type Mark, markOf, startOnce } from "./start.js";
import { chooseRecoveryPoint, describeTarget, type LoadedTarget, loadSettled, loadTarget } from "./target.js";
import { failbackSettings, needsItemCalls, reprotectSettings, reverseSettings } from "./wayBack.js";

/** The mark on the jobs of a walk: the plan's own, or those of its machines where they move one by one. */
export function failoverMark(id: string, news: Properties): Mark {
  return markOf("Failover", id.toLowerCase(), news.stage, news.startFrom ?? null);
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
function notOnTop(stage: Stage): string {
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

/** With its region down, Azure cannot make the latest point, whatever its error says. */
function withOtherPoint(error: JobFailed): JobFailed {
  const { code, operation, jobName } = error;
  return new JobFailed(
    `${error.message} Where the region is down, the latest point cannot be made from what has arrived: declare recoveryPoint: "latestProcessed" and run \`pulumi up\` again.`,
    defined({ code, operation, jobName, cause: error }),
  );
}

function stageOf(item: ReplicatedItem): string {
  const observation = observe(item);
  return observation.kind === "stage" ? observation.stage : observation.kind;
}

function isAmong(ids: readonly string[], item: ReplicatedItem): boolean {
  return ids.some((id) => sameId(id, item.id));
}
