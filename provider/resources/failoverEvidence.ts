/**
 * The evidence of a `Failover`: of each walk that moved machines, to Azure and back. It is read from the jobs after the
 * walk's end, so that a process that was killed on the way loses none of it.
 */

import type { ConnectivityPlan } from "../connectivity/index.js";
import type { RunEvidence } from "../evidence/types.js";
import { isLater } from "../lifecycle/authorise.js";
import { stretch } from "../lifecycle/path.js";
import type { Stage } from "../lifecycle/stages.js";
import {
  type Job,
  type ReplicatedItem,
  type SiteRecovery,
  sameId,
  type Target,
} from "../siterecovery/siteRecovery.js";
import { machineNameOf } from "./connectivity.js";
import { isOpenedFor } from "./connectivityRun.js";
import { collectEvidence } from "./evidence.js";
import { held, historyPending, missedGoals, record, warnOfGoals } from "./evidenceArgs.js";
import type { ConnectivityCheck } from "./failoverConnectivity.js";
import { type Context, PartialFailure, type Properties } from "./handler.js";
import { itemsInAzure } from "./itemsInAzure.js";
import { scenarioOfTarget } from "./settle.js";
import { hasGoodEnd, isOurs, listByScenario } from "./start.js";
import { type LoadedTarget, loadTarget } from "./target.js";
import { failoverMark } from "./walk.js";

/** A walk whose evidence could not be read; the next `up` tries again. */
const evidencePending = "evidencePending";

/** Runs that are kept in the outputs; the history keeps all. */
const mostRuns = 6;

/** Where a walk that has ended began, and the last failover before it. */
interface EndedWalk {
  from: Stage;
  to: Stage;
  since: string;
}

interface Result {
  id: string;
  outputs: Properties;
}

/**
 * Reaches a stage and adds the evidence of what moved machines on the way.
 *
 * @throws PartialFailure where a goal is missed and `failOnMissedGoal` is set: the machines are where they were declared
 */
export async function withEvidence(
  context: Context,
  news: Properties,
  prior: Properties | undefined,
  reach: () => Promise<Result>,
): Promise<Result> {
  let result: Result;
  try {
    result = await reach();
  } catch (error) {
    // What earlier walks proved is kept, whatever becomes of this one.
    if (error instanceof PartialFailure) Object.assign(error.properties, kept(prior));
    throw error;
  }
  const { id } = result;
  const walk = endedWalk(news, prior, result.outputs);
  const what = `failover of ${String(news.targetId).split("/").at(-1)}`;
  let evidence = runsIn(prior).map((run) => held(run, news));
  let pending: Properties = {};
  if (walk) {
    try {
      const added = await evidenceOf(context, id, news, prior, result.outputs, walk);
      const isNewTurn = walk.from === "protected" && added.length > 0;
      for (const run of added) warnOfGoals(context, run, news, what);
      const names = added.map(({ jobName }) => jobName);
      evidence = [
        ...(isNewTurn ? [] : evidence.filter(({ jobName }) => !names.includes(jobName))),
        ...added,
      ].slice(-mostRuns);
    } catch (error) {
      context.log(
        "warning",
        `${what}: the machines are where they were declared, but the evidence could not be read: ${(error instanceof Error ? error.message : String(error)).replace(/\.+$/, "")}. The next \`pulumi up\` tries again.`,
      );
      pending = { [evidencePending]: walk };
    }
  }
  for (const run of evidence) {
    if (walk || prior?.[historyPending] === true) Object.assign(pending, await record(context, news, run, what));
  }
  const outputs = { ...result.outputs, ...(evidence.length > 0 ? { evidence } : {}), ...pending };
  const reasons = missedByFailover(outputs, news);
  if (reasons.length > 0)
    throw new PartialFailure(id, outputs, [
      ...reasons,
      "The machines are where they were declared, and the run is recorded. Nothing is started again by this.",
    ]);
  return { id, outputs };
}

/** True where an `up` has something to settle although nothing that was declared has changed. */
export function isEvidenceUnsettled(olds: Properties, news: Properties): boolean {
  return (
    olds[historyPending] === true || olds[evidencePending] !== undefined || missedByFailover(olds, news).length > 0
  );
}

/** The goals of the run that led to where the machines are now; a later walk has left them behind. */
function missedByFailover(outputs: Properties, news: Properties): string[] {
  const last = runsIn(outputs).at(-1);
  return last?.toStage === outputs.lastAppliedStage && news.stage === outputs.lastAppliedStage
    ? missedGoals(last, news, `failover of ${last?.targetName}`)
    : [];
}

function runsIn(outputs: Properties | undefined): RunEvidence[] {
  return Array.isArray(outputs?.evidence) ? (outputs.evidence as RunEvidence[]) : [];
}

function kept(prior: Properties | undefined): Properties {
  return Object.fromEntries(
    ["evidence", historyPending, evidencePending].flatMap((key) =>
      prior && key in prior ? [[key, prior[key]]] : [],
    ),
  );
}

/** The walk that this `up` ended, or an earlier one whose evidence is still to be read. */
function endedWalk(news: Properties, prior: Properties | undefined, outputs: Properties): EndedWalk | undefined {
  if (outputs.walk !== undefined) return undefined;
  const to = outputs.lastAppliedStage as Stage;
  const open = prior?.walk as EndedWalk | undefined;
  if (open) return { from: open.from, to, since: open.since };
  if (prior) {
    const from = prior.lastAppliedStage as Stage;
    if (from !== to) return { from, to, since: String(prior.lastFailover ?? "never") };
    return prior[evidencePending] as EndedWalk | undefined;
  }
  if (news.startFrom === undefined) return undefined;
  const [from = to, since = "never"] = String(news.startFrom).split(/@(.*)/s) as [Stage, string?];
  return from === to ? undefined : { from, to, since };
}

/** The legs of a walk that move machines, oldest first; a walk through the whole turn has two. */
async function evidenceOf(
  context: Context,
  id: string,
  news: Properties,
  prior: Properties | undefined,
  outputs: Properties,
  walk: EndedWalk,
): Promise<RunEvidence[]> {
  const loaded = await loadTarget(context, id, { isFresh: true });
  const way = stretch(scenarioOfTarget(loaded), walk.from, walk.to).slice(1);
  const isThere = way.includes("failedOver");
  const isBack = way.includes("failedBack");
  if (!isThere && !isBack) return [];
  const found = await movingJobs(loaded, news, walk.since);
  const legs = isThere && isBack ? [found.map(first), found.map(last)] : [found.map(last)];
  const made: RunEvidence[] = [];
  for (const [index, jobs] of legs.entries()) {
    const isLegThere = isThere && index === 0;
    // Once the machines are back, those in Azure do not run any more, and nobody can be asked about them.
    const isInAzure = isLegThere && !isBack;
    const run = await legEvidence(context, loaded, jobs, isInAzure, news, prior, outputs, {
      fromStage: isLegThere ? walk.from : isThere ? "committed" : walk.from,
      toStage: isLegThere && isBack ? "failedOver" : walk.to,
    });
    if (run) made.push(run);
  }
  return made;
}

async function legEvidence(
  context: Context,
  loaded: LoadedTarget,
  found: readonly { name: string | undefined; items: ReplicatedItem[] }[],
  isInAzure: boolean,
  news: Properties,
  prior: Properties | undefined,
  outputs: Properties,
  stages: { fromStage: string; toStage: string },
): Promise<RunEvidence | undefined> {
  const { siteRecovery } = loaded;
  const plan = (news.connectivityPlan ?? prior?.connectivityPlan) as ConnectivityPlan | undefined;
  const jobs: { job: Job; items: ReplicatedItem[] }[] = [];
  for (const { name, items } of found) {
    const job = name === undefined ? undefined : await siteRecovery.getJob(name);
    if (job) jobs.push({ job, items });
  }
  if (jobs.length === 0) return undefined;
  const movers = jobs.flatMap(({ items }) => items);
  // After a reprotect an item no longer names what it failed over to.
  const facts = isInAzure ? await itemsInAzure(siteRecovery, movers, plan) : [];
  const items = movers.map((item) => facts.find(({ id }) => sameId(id, item.id)) ?? item);
  const checks = (outputs.connectivityCheck as ConnectivityCheck[] | undefined) ?? [];
  const evidence = await collectEvidence(context, {
    kind: "failover",
    loaded: { ...loaded, items },
    jobs,
    plan: isInAzure ? plan : undefined,
    machineName: (item) => (isInAzure ? machineNameOf(item, "failover") : undefined),
    wasOpened: (item) => isOpenedFor(news, item.friendlyName),
    verified: (item) => checks.find(({ name }) => name === item.friendlyName)?.access,
    asked: {
      ...(stages.fromStage === "protected" ? { recoveryPoint: String(news.recoveryPoint) } : {}),
      ...stages,
    },
  });
  return held(evidence, news);
}

interface ItemJobs {
  items: ReplicatedItem[];
  /** Names of the jobs that moved them, oldest first. */
  names: string[];
}

const first = ({ items, names }: ItemJobs) => ({ items, name: names[0] });
const last = ({ items, names }: ItemJobs) => ({ items, name: names.at(-1) });

/** The jobs of this declaration that moved machines since a failover: the plan's own, else those of its machines. */
async function movingJobs(loaded: LoadedTarget, news: Properties, since: string): Promise<ItemJobs[]> {
  const ofTarget = await jobsOf(loaded.siteRecovery, loaded.target, loaded.id, news, since);
  if (ofTarget.length > 0 || loaded.kind === "replicatedItem") return [{ items: loaded.items, names: ofTarget }];
  return Promise.all(
    loaded.items.map(async (item) => ({
      items: [item],
      names: await jobsOf(loaded.siteRecovery, { kind: "replicatedItem", item }, item.id, news, since),
    })),
  );
}

async function jobsOf(
  siteRecovery: SiteRecovery,
  target: Target,
  id: string,
  news: Properties,
  since: string,
): Promise<string[]> {
  const mark = failoverMark(id, news);
  return (await listByScenario(siteRecovery, target, ["UnplannedFailover", "PlannedFailover"]))
    .filter((job) => isOurs(job, mark) && isLater(job.startTime, since) && (hasGoodEnd(job) || isPartly(job)))
    .map(({ name }) => name)
    .reverse();
}

/** A plan's job whose machines all arrived although one of its actions failed. */
function isPartly(job: Job): boolean {
  return job.state === "PartiallySucceeded";
}
