/** Running a drill: started at most once, waited for, and recorded when it has ended. */

import type { ConnectivityPlan } from "../connectivity/types.js";
import { protectedItemOf } from "../evidence/times.js";
import type { RunEvidence } from "../evidence/types.js";
import { Conflict, InvalidInput, Timeout } from "../siterecovery/errors.js";
import type { Action, Job, ReplicatedItem } from "../siterecovery/siteRecovery.js";
import { certificatesOf } from "./certificates.js";
import { defined } from "./compare.js";
import { appliedKey, isOpenedFor, type SettledConnectivity, settleConnectivity } from "./connectivityRun.js";
import { drillMark, startNames, testVmName, waitingDrill } from "./drill.js";
import { drillFailures, isBetweenSites, isDrillBetweenSites, networkIdOf } from "./drillNetwork.js";
import { isDrilledAtFirstSite, requireDrillable } from "./drillState.js";
import { collectEvidence } from "./evidence.js";
import { findingLines, held, historyPending, missedGoals, record, warnOfGoals } from "./evidenceArgs.js";
import { type Context, keep, PartialFailure, type Properties } from "./handler.js";
import { drillKey } from "./ids.js";
import { digestOf } from "./preview.js";
import { timeoutOf } from "./schema.js";
import { hasGoodEnd, isOurs, type Mark, progress, requireGoodEnd, startOnce } from "./start.js";
import {
  chooseRecoveryPoint,
  describeTarget,
  itemsInDrill,
  type LoadedTarget,
  loadSettled,
  loadTarget,
} from "./target.js";
import { productionNetworkFailures } from "./testFailoverPreview.js";
import { isCompleted, isWaiting, tellWaits, WaitsForPerson, waitingForOf, waitingOutput } from "./waiting.js";

interface Result {
  id: string;
  outputs: Properties;
}

/**
 * Runs the declared drill, or goes on with it where an earlier run began it.
 *
 * @throws PartialFailure where machines were made and something is not as it should be
 */
export async function runDrill(
  context: Context,
  id: string,
  news: Properties,
  prior: Properties | undefined,
): Promise<Result> {
  const loaded = await loadTarget(context, id, { isFresh: true });
  const name = describeTarget(loaded);
  const open = await loaded.siteRecovery.findOpenJob(loaded.target);
  if (!open && itemsInDrill(loaded).length === 0) {
    const over = await endedWell(loaded, prior?.jobName);
    if (over) return cleanedUpElsewhere(context, loaded, over, news);
  }
  let job = await startOrFind(context, loaded, open !== undefined, news);
  keep(context, drillKey(id));
  try {
    job = await endOf(context, loaded, job, news, prior);
  } catch (error) {
    if (error instanceof WaitsForPerson) {
      const waitingFor = waitingOutput(error.waitingFor, news, prior);
      tellWaits(context, name, { waitingFor });
      const more = { jobName: job.name, waitingFor, ...priorApplied(prior) };
      return { id, outputs: drillOutputs(news, "running", more) };
    }
    const reasons = [error instanceof Error ? error.message : String(error)];
    if (error instanceof Timeout)
      reasons.push("The test failover goes on in Azure. Run `pulumi up` again to go on waiting.");
    throw new PartialFailure(id, drillOutputs(news, "running", { jobName: job.name }), reasons);
  }
  return settleDrill(context, id, name, job, news, prior);
}

/** The outputs of a drill: its inputs, and what became of it. */
function drillOutputs(news: Properties, status: string, more: Properties): Properties {
  return { ...news, preview: { lines: [], drift: [] }, previewDigest: digestOf(news), status, ...more };
}

/**
 * Ends an `up` with a drill that has run: as it was measured, and failed where its goals demand that.
 *
 * @throws PartialFailure where a goal is missed and `failOnMissedGoal` is set
 */
export function endDrill(id: string, outputs: Properties, name: string): Result {
  const missed = missedGoals(outputs.evidence as RunEvidence | undefined, outputs, `test failover of ${name}`);
  if (missed.length === 0) return { id, outputs };
  throw new PartialFailure(id, outputs, [
    ...missed,
    "The drill is recorded. `pulumi destroy` cleans it up; a changed `triggers` cleans up and runs it again.",
  ]);
}

/** A drill that has ended: connectivity, evidence, history. */
async function settleDrill(
  context: Context,
  id: string,
  name: string,
  job: Job,
  news: Properties,
  prior: Properties | undefined,
): Promise<Result> {
  let loaded: LoadedTarget;
  let evidence: RunEvidence;
  let connectivity: SettledConnectivity = { outputs: {} };
  let doing = "its evidence could not be read";
  try {
    loaded = await loadSettled(context, id);
    if (hasGoodEnd(job) && !isDrillBetweenSites(loaded)) {
      doing = "its connectivity could not be settled";
      connectivity = await settleConnectivity(context, loaded, news, prior, {
        purpose: "testFailover",
        networkId: String(news.testNetworkId),
        allowProductionNetwork: news.allowProductionNetwork === true,
        machineName: (item) => vmNameOf(job, item),
      });
      doing = "its evidence could not be read";
    }
    const plan = connectivity.plan ?? (news.connectivityPlan as ConnectivityPlan | undefined);
    evidence = await drillEvidence(context, loaded, job, plan, news);
  } catch (error) {
    // The machines are there: a drill that the state forgot would never be cleaned up.
    throw new PartialFailure(id, drillOutputs(news, "running", { jobName: job.name, ...priorApplied(prior) }), [
      `${name}: the test failover has ended, but ${doing}: ${error instanceof Error ? error.message : String(error)}`,
      "Run `pulumi up` again to go on; nothing is started a second time.",
    ]);
  }
  const recorded = await record(context, news, evidence, `test failover of ${name}`);
  const outputs = { ...evidenceOutputs(evidence), ...recorded };
  try {
    requireGoodEnd(job, `test failover of ${name}`);
  } catch (error) {
    if (itemsInDrill(loaded).length === 0) throw error;
    throw new PartialFailure(id, drillOutputs(news, "failed", outputs), [
      error instanceof Error ? error.message : String(error),
      "Test machines were made. `pulumi destroy` cleans them up; a changed `triggers` cleans up and runs the drill again.",
    ]);
  }
  warnOfGoals(context, evidence, news, `test failover of ${name}`);
  return endDrill(id, drillOutputs(news, "waitingForCleanup", { ...outputs, ...connectivity.outputs }), name);
}

/** Our wait ended before the job did, and somebody has cleaned up since: the drill is over, not to be run again. */
async function cleanedUpElsewhere(
  context: Context,
  loaded: LoadedTarget,
  job: Job,
  news: Properties,
): Promise<Result> {
  keep(context, drillKey(loaded.id));
  const evidence = await drillEvidence(context, loaded, job, undefined, news);
  const recorded = await record(context, news, evidence, `test failover of ${describeTarget(loaded)}`);
  const more = { ...evidenceOutputs(evidence), ...recorded, cleanedUp: "elsewhere" };
  return endDrill(loaded.id, drillOutputs(news, "cleanedUp", more), describeTarget(loaded));
}

async function drillEvidence(
  context: Context,
  loaded: LoadedTarget,
  job: Job,
  plan: ConnectivityPlan | undefined,
  news: Properties,
): Promise<RunEvidence> {
  const evidence = await collectEvidence(context, {
    kind: "testFailover",
    loaded,
    jobs: [{ job, items: loaded.items }],
    plan,
    machineName: (item) => (isBetweenSites(item) ? undefined : vmNameOf(job, item)),
    wasOpened: (item) => isOpenedFor(news, item.friendlyName),
    asked: { recoveryPoint: String(news.recoveryPoint), networkId: String(news.testNetworkId) },
  });
  return held(evidence, news);
}

/** The outputs that hold the evidence; its parts stand beside it for programs that export one of them. */
function evidenceOutputs(evidence: RunEvidence): Properties {
  const { jobName, machines, tasks, seconds } = evidence;
  return defined({ jobName, machines, tasks, findings: findingLines(evidence), seconds, evidence });
}

/** A run that is over, with the goals as they are declared now; the history that could not be written is tried again. */
export async function remeasured(context: Context, news: Properties, olds: Properties): Promise<Properties> {
  const before = olds.evidence as RunEvidence | undefined;
  if (before === undefined) return {};
  const evidence = held(before, news);
  const what = `test failover of ${evidence.targetName}`;
  return {
    ...evidenceOutputs(evidence),
    ...(olds[historyPending] === true ? await record(context, news, evidence, what) : {}),
  };
}

/** Name of the machine that the drill made, as its job says it, else as Azure names test machines. */
function vmNameOf(job: Job, item: ReplicatedItem): string {
  return protectedItemOf(job, item)?.testVmName ?? testVmName(item);
}

/** The drill's job: the one that runs or waits already where it is this declaration's, else a new one. */
async function startOrFind(
  context: Context,
  loaded: LoadedTarget,
  isOpen: boolean,
  news: Properties,
): Promise<Job> {
  const mark = drillMark(news);
  const name = describeTarget(loaded);
  if (!isOpen && itemsInDrill(loaded).length > 0) return adopt(loaded, mark, name);
  if (!isOpen) {
    requireDrillable(loaded, "starting a test failover of");
    const [failure] = [...productionNetworkFailures(loaded, news), ...(await drillFailures(loaded, news))];
    if (failure)
      throw new InvalidInput(`starting a test failover of ${name}: ${failure.property} ${failure.reason}`);
  }
  return startOnce({
    siteRecovery: loaded.siteRecovery,
    name,
    readTarget: async () => (await loadTarget(context, loaded.id, { isFresh: true })).target,
    action: () => action(loaded, news),
    scenarioNames: startNames,
    operations: ["TestFailover"],
    mark,
    isOwnOnly: true,
  });
}

/**
 * Waits for the drill's job, and lets it go on where it waits for a person who is done.
 *
 * @throws WaitsForPerson, Timeout
 */
async function endOf(
  context: Context,
  loaded: LoadedTarget,
  job: Job,
  news: Properties,
  prior: Properties | undefined,
): Promise<Job> {
  const name = describeTarget(loaded);
  const wait = () =>
    loaded.siteRecovery.waitForJob(job.name, { ...timeoutOf(news, 240), onProgress: progress(context, name) });
  let ended = await wait();
  if (isWaiting(ended) && !isDrillItself(ended)) {
    const waiting = waitingForOf(ended, name);
    if (!isCompleted(waiting, news, prior)) throw new WaitsForPerson(waiting);
    await loaded.siteRecovery.resumeJob(job.name, `${waiting.name}: completed`);
    ended = await wait();
    if (isWaiting(ended) && !isDrillItself(ended)) throw new WaitsForPerson(waitingForOf(ended, name));
  }
  return isDrillItself(ended) ? { ...ended, state: "Succeeded" } : ended;
}

/** Older versions of the API keep a drill's job suspended until its clean-up (published example): it has ended well. */
function isDrillItself(job: Job): boolean {
  return isWaiting(job) && /StopTestFailover/i.test(job.stateDescription ?? "");
}

/** What an earlier run recorded must not be lost by one that failed. */
function priorApplied(prior: Properties | undefined): Properties {
  const applied = prior?.[appliedKey];
  return applied === undefined ? {} : { [appliedKey]: applied };
}

/** The job, where it is known to have ended well. */
async function endedWell(loaded: LoadedTarget, jobName: unknown): Promise<Job | undefined> {
  if (typeof jobName !== "string") return undefined;
  const job = await loaded.siteRecovery.getJob(jobName);
  return job !== undefined && hasGoodEnd(job) ? job : undefined;
}

/** A drill that waits already: ours where its job carries our mark, else somebody else's. */
async function adopt(loaded: LoadedTarget, mark: Mark, name: string): Promise<Job> {
  const latest = await waitingDrill(loaded);
  if (latest && isOurs(latest, mark)) return latest;
  throw new Conflict(
    `starting a test failover of ${name}: another test failover waits for its clean-up on ${itemsInDrill(loaded)
      .map((item) => item.friendlyName)
      .join(
        ", ",
      )}${latest ? ` (job ${latest.name}, started ${latest.startTime})` : ""}. Nothing was started. Clean it up where it was made, then run \`pulumi up\` again.`,
    { resourceId: loaded.id },
  );
}

async function action(loaded: LoadedTarget, news: Properties): Promise<Action> {
  return {
    kind: "testFailover",
    networkId: networkIdOf(news),
    ...(loaded.items.some(isDrilledAtFirstSite) ? { isBack: true } : {}),
    // Between two sites the copy's newest point is taken: the call has no field for another.
    recoveryPoint: isDrillBetweenSites(loaded)
      ? { kind: "latest" }
      : await chooseRecoveryPoint(loaded, String(news.recoveryPoint)),
    ...defined({ certificates: certificatesOf(news) }),
  };
}
