/**
 * `TestFailover`: a drill. Creating it runs a test failover of a machine or a recovery plan in an isolated network,
 * deleting it cleans up what that drill made, and nothing else.
 */

import { z } from "zod";
import type { ConnectivityPlan } from "../connectivity/types.js";
import { containsUnknown, isUnknown } from "../connectivity/unknown.js";
import { observe } from "../lifecycle/stages.js";
import { Conflict, InvalidInput, NotFound, Timeout } from "../siterecovery/errors.js";
import { type Action, type Job, type ReplicatedItem, sameId } from "../siterecovery/siteRecovery.js";
import { certificatesOf, encryptionArgs, missingCertificate } from "./certificates.js";
import { changedKeys, defined } from "./compare.js";
import { accessOf, machineNameOf, planConnectivityOf } from "./connectivity.js";
import {
  appliedKey,
  applyLines,
  isConnectivityChanged,
  type SettledConnectivity,
  settleConnectivity,
  takeBack,
} from "./connectivityRun.js";
import { collectEvidence, type RunEvidence, vmNameOf } from "./evidence.js";
import { multiVmFailures } from "./failoverRules.js";
import {
  type CheckFailure,
  type Context,
  type Handler,
  isKept,
  keep,
  PartialFailure,
  type Properties,
} from "./handler.js";
import { parseTarget } from "./ids.js";
import { previewFindings } from "./machineFacts.js";
import { connectivityArgs, digestOf, type Preview, previewOfUnknown } from "./preview.js";
import { armId, timeoutMinutes, timeoutOf } from "./schema.js";
import {
  hasGoodEnd,
  isOurs,
  listByScenario,
  type Mark,
  markOf,
  progress,
  requireGoodEnd,
  startOnce,
} from "./start.js";
import {
  chooseRecoveryPoint,
  describeTarget,
  itemsInDrill,
  type LoadedTarget,
  loadSettled,
  loadTarget,
  requireAllReady,
} from "./target.js";
import { validateTargeted } from "./targetInputs.js";
import { show } from "./validate.js";
import { isCompleted, isWaiting, tellWaits, WaitsForPerson, waitingForOf, waitingOutput } from "./waiting.js";

export const testFailoverSchema = z.strictObject({
  /** ARM id of a replicated item or a recovery plan. */
  targetId: z
    .string({ error: "allowed: the ARM id of a replicated item or of a recovery plan" })
    .refine(
      (id) => parseTarget(id) !== undefined,
      "allowed: the ARM id of a replicated item or of a recovery plan",
    ),
  /** ARM id of the virtual network that the test machines are made in: an isolated one. */
  testNetworkId: armId("Microsoft.Network/virtualNetworks"),
  /**
   * `latestProcessed` (default), `latest`, `latestApplicationConsistent`; a plan also takes `latestMultiVmProcessed` and
   * `latestMultiVmApplicationConsistent`, a single machine the ARM id of one recovery point.
   */
  recoveryPoint: z
    .string({ error: "allowed: a name or the ARM id of a recovery point" })
    .default("latestProcessed"),
  /** Allows the network of a real failover; two machines of one identity may then meet. Default false. */
  allowProductionNetwork: z.boolean({ error: "allowed: true, false" }).default(false),
  /** Notes that Azure keeps with the clean-up. */
  comments: z.string({ error: "allowed: a text" }).default("Cleaned up by pulumi-siterecovery"),
  /** Any values: a change runs the drill again (clean-up first). */
  triggers: z.array(z.unknown()).optional(),
  /** Certificates of a VMM cloud with data encryption, by reference. */
  encryption: encryptionArgs,
  /** Names out of `waitingFor` of what a person has done since: the run goes on. */
  completed: z.array(z.string({ error: "allowed: names out of waitingFor" })).optional(),
  connectivity: connectivityArgs,
  timeoutMinutes: timeoutMinutes(240),
});

/** What makes a drill another drill; the same target keeps the same id, so the old one is cleaned up first. */
const definition = ["testNetworkId", "recoveryPoint", "triggers"];
const startNames = ["TestFailover"];
const cleanupNames = ["TestFailoverCleanup"];

export const testFailover: Handler = {
  token: "TestFailover",
  schema: testFailoverSchema,

  async check(context, olds, news) {
    const { inputs, failures, target } = validateTargeted(testFailoverSchema, news);
    if (failures.length > 0) return { inputs, failures };
    // The plan of a drill that ran is part of its evidence: its own machines hold the addresses that a new one would find taken.
    const isSameDrill =
      "preview" in olds && changedKeys(olds, inputs, ["targetId", ...definition, "connectivity"]).length === 0;
    if (isSameDrill && !isUnknown(olds.preview)) {
      return {
        inputs: { ...inputs, ...defined({ preview: olds.preview, connectivityPlan: olds.connectivityPlan }) },
        failures,
      };
    }
    const deciding = ["testNetworkId", "allowProductionNetwork", "recoveryPoint"];
    if (!target || deciding.some((key) => containsUnknown(inputs[key])))
      return { inputs: { ...inputs, preview: previewOfUnknown }, failures };
    return { inputs: { ...inputs, ...(await computed(context, inputs, failures)) }, failures };
  },

  diff(_id, olds, news) {
    const changes = changedKeys(olds, news, Object.keys(testFailoverSchema.shape));
    const replaces = changes.filter(
      (key) => (key === "targetId" || definition.includes(key)) && !containsUnknown(news[key]),
    );
    const isUnfinished = olds.status === "running" || olds.status === "failed";
    const isReplanned = olds.previewDigest !== digestOf(news);
    return {
      hasChanges: changes.length > 0 || isUnfinished || isReplanned,
      changes: isReplanned ? [...changes, "preview"] : changes,
      replaces,
      deleteBeforeReplace: replaces.length > 0 && !replaces.includes("targetId"),
    };
  },

  async reconcile(context, news, prior) {
    const id = String(news.targetId);
    const isOver = prior && prior.outputs.status !== "running" && prior.outputs.status !== "failed";
    const isToReapply =
      prior?.outputs.status === "waitingForCleanup" && isConnectivityChanged(prior.outputs, news);
    if (prior && isOver && !isToReapply) {
      keep(context, id);
      const evidence = Object.fromEntries(
        Object.entries(prior.outputs).filter(([key]) => !(key in testFailoverSchema.shape)),
      );
      return {
        id,
        outputs: {
          ...evidence,
          ...news,
          preview: { ...(news.preview as Preview), lines: [] },
          previewDigest: digestOf(news),
        },
      };
    }
    return run(context, id, news, prior?.outputs);
  },

  async read(context, id, outputs) {
    let loaded: LoadedTarget;
    try {
      loaded = await loadTarget(context, id, { isFresh: false });
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      // A plan whose machine is gone is still a plan: what was known of the drill stays.
      return sameId(error.resourceId, id) ? undefined : { outputs };
    }
    const isPending = itemsInDrill(loaded).length > 0;
    const isBusy = loaded.items.some((item) => observe(item).kind === "busy");
    if (isPending || isBusy || outputs.status !== "waitingForCleanup") return { outputs };
    return { outputs: { ...outputs, status: "cleanedUp", cleanedUp: "elsewhere" } };
  },

  async delete(context, id, outputs) {
    const parsed = parseTarget(id);
    const what = `test failover of ${parsed ? describeTarget(parsed) : id}`;
    if (isKept(context, id, what)) return;
    const items = await itemsOf(context, id);
    const run = { purpose: "testFailover" as const, networkId: String(outputs.testNetworkId) };
    await takeBack(context, id, outputs, run, items);
    await cleanUp(context, id, outputs, what);
  },
};

/** What a preview shows, and the refusals that need Azure's answer. */
async function computed(context: Context, inputs: Properties, failures: CheckFailure[]): Promise<Properties> {
  let loaded: LoadedTarget;
  try {
    loaded = await loadTarget(context, String(inputs.targetId), { isFresh: false });
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    failures.push({ property: "targetId", reason: `value ${show(inputs.targetId)}: ${error.message}` });
    return {};
  }
  failures.push(...productionNetworkFailures(loaded, inputs), ...multiVmFailures(loaded, inputs));
  failures.push(...missingCertificate(loaded.items, inputs));
  const plan = await planConnectivityOf(loaded, {
    purpose: "testFailover",
    networkId: String(inputs.testNetworkId),
    allowProductionNetwork: inputs.allowProductionNetwork === true,
    access: accessOf(inputs),
  });
  const lines = [
    `Test failover of ${describeTarget(loaded)}: ${loaded.items.length} machine${loaded.items.length === 1 ? "" : "s"}, recovery point ${String(inputs.recoveryPoint)}. Production and replication are not touched.`,
  ];
  if (loaded.isDeclared) lines.push("Machines that do not replicate yet are planned from their declarations.");
  const waiting = itemsInDrill(loaded);
  if (waiting.length > 0) {
    lines.push(
      `A test failover waits for its clean-up on ${waiting.map((item) => item.friendlyName).join(", ")}: unless it is this one, \`up\` refuses until it is cleaned up.`,
    );
  }
  const preview: Preview = {
    lines: [
      ...lines,
      ...previewFindings(loaded.items),
      ...plan.lines,
      ...applyLines(inputs, plan.plan, "testFailover"),
    ],
    drift: [],
  };
  return defined({ preview, connectivityPlan: plan.plan });
}

function productionNetworkFailures(loaded: LoadedTarget, inputs: Properties): CheckFailure[] {
  if (inputs.allowProductionNetwork === true) return [];
  const exposed = loaded.items.filter((item) => sameId(item.targetNetworkId, String(inputs.testNetworkId)));
  if (exposed.length === 0) return [];
  return [
    {
      property: "testNetworkId",
      reason: `value ${show(inputs.testNetworkId)} is the failover network of ${exposed.map((item) => item.friendlyName).join(", ")}: test machines would meet production. Allowed: an isolated network, or allowProductionNetwork: true`,
    },
  ];
}

async function run(
  context: Context,
  id: string,
  news: Properties,
  prior: Properties | undefined,
): Promise<{ id: string; outputs: Properties }> {
  const mark = drillMark(news);
  let loaded = await loadTarget(context, id, { isFresh: true });
  const name = describeTarget(loaded);
  const outputs = (status: string, more: Properties = {}): Properties => ({
    ...news,
    preview: { lines: [], drift: [] },
    previewDigest: digestOf(news),
    status,
    ...more,
  });

  const open = await loaded.siteRecovery.findOpenJob(loaded.target);
  if (!open && itemsInDrill(loaded).length === 0 && (await hasEndedWell(loaded, prior?.jobName))) {
    // Our wait ended before the job did, and somebody has cleaned up since: the drill is over, not to be run again.
    keep(context, id);
    return { id, outputs: outputs("cleanedUp", { jobName: prior?.jobName, cleanedUp: "elsewhere" }) };
  }
  let job: Job;
  if (!open && itemsInDrill(loaded).length > 0) job = await adopt(loaded, mark, name);
  else {
    if (!open) {
      requireAllReady(loaded, "starting a test failover of");
      const [failure] = productionNetworkFailures(loaded, news);
      if (failure)
        throw new InvalidInput(`starting a test failover of ${name}: ${failure.property} ${failure.reason}`);
    }
    job = await startOnce({
      siteRecovery: loaded.siteRecovery,
      name,
      readTarget: async () => (await loadTarget(context, id, { isFresh: true })).target,
      action: () => action(loaded, news),
      scenarioNames: startNames,
      operations: ["TestFailover"],
      mark,
      isOwnOnly: true,
    });
  }
  keep(context, id);
  try {
    job = await endOf(context, loaded, job, news, prior);
  } catch (error) {
    if (error instanceof WaitsForPerson) {
      const waitingFor = waitingOutput(error.waitingFor, news, prior);
      tellWaits(context, name, { waitingFor });
      return { id, outputs: outputs("running", { jobName: job.name, waitingFor, ...priorApplied(prior) }) };
    }
    const reasons = [error instanceof Error ? error.message : String(error)];
    if (error instanceof Timeout)
      reasons.push("The test failover goes on in Azure. Run `pulumi up` again to go on waiting.");
    throw new PartialFailure(id, outputs("running", { jobName: job.name }), reasons);
  }
  let evidence: RunEvidence;
  let connectivity: SettledConnectivity = { outputs: {} };
  let doing = "its evidence could not be read";
  try {
    loaded = await loadSettled(context, id);
    if (hasGoodEnd(job)) {
      doing = "its connectivity could not be settled";
      connectivity = await settleConnectivity(context, loaded, news, prior, {
        purpose: "testFailover",
        networkId: String(news.testNetworkId),
        allowProductionNetwork: news.allowProductionNetwork === true,
        machineName: (item) => vmNameOf(job, item) ?? testVmName(item),
      });
      doing = "its evidence could not be read";
    }
    evidence = await collectEvidence(
      loaded,
      job,
      connectivity.plan ?? (news.connectivityPlan as ConnectivityPlan | undefined),
      testVmName,
    );
  } catch (error) {
    // The machines are there: a drill that the state forgot would never be cleaned up.
    throw new PartialFailure(id, outputs("running", { jobName: job.name, ...priorApplied(prior) }), [
      `${name}: the test failover has ended, but ${doing}: ${error instanceof Error ? error.message : String(error)}`,
      "Run `pulumi up` again to go on; nothing is started a second time.",
    ]);
  }
  try {
    requireGoodEnd(job, `test failover of ${name}`);
  } catch (error) {
    if (itemsInDrill(loaded).length === 0) throw error;
    throw new PartialFailure(id, outputs("failed", evidenceOutputs(evidence)), [
      error instanceof Error ? error.message : String(error),
      "Test machines were made. `pulumi destroy` cleans them up; a changed `triggers` cleans up and runs the drill again.",
    ]);
  }
  return {
    id,
    outputs: outputs("waitingForCleanup", { ...evidenceOutputs(evidence), ...connectivity.outputs }),
  };
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

/** The machines of a target as far as it is still there. */
async function itemsOf(context: Context, id: string): Promise<ReplicatedItem[]> {
  try {
    return (await loadTarget(context, id, { isFresh: true })).items;
  } catch (error) {
    if (error instanceof NotFound) return [];
    throw error;
  }
}

/** True where this job is known to have ended well. */
async function hasEndedWell(loaded: LoadedTarget, jobName: unknown): Promise<boolean> {
  if (typeof jobName !== "string") return false;
  const job = await loaded.siteRecovery.getJob(jobName);
  return job !== undefined && hasGoodEnd(job);
}

/** The drill that waits for its clean-up now; undefined where the last thing that the jobs show is a clean-up. */
async function waitingDrill(loaded: LoadedTarget): Promise<Job | undefined> {
  const [latest] = await listByScenario(loaded.siteRecovery, loaded.target, [...startNames, ...cleanupNames]);
  return latest && startNames.includes(latest.scenarioName) ? latest : undefined;
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
    networkId: String(news.testNetworkId),
    recoveryPoint: await chooseRecoveryPoint(loaded, String(news.recoveryPoint)),
    ...defined({ certificates: certificatesOf(news) }),
  };
}

async function cleanUp(context: Context, id: string, outputs: Properties, what: string): Promise<void> {
  let loaded: LoadedTarget;
  try {
    loaded = await loadTarget(context, id, { isFresh: true });
  } catch (error) {
    if (error instanceof NotFound && sameId(error.resourceId, id)) return;
    throw error;
  }
  const { siteRecovery } = loaded;
  const open = await siteRecovery.findOpenJob(loaded.target);
  if (open?.scenarioName === "TestFailover" && open.name === outputs.jobName) {
    // Our own drill still runs (an earlier wait ended at its bound): it is cleaned up once it waits for that.
    await siteRecovery.waitForJob(open.name, timeoutOf(outputs, 240));
    return cleanUp(context, id, outputs, what);
  }
  const isCleaning = open !== undefined && cleanupNames.includes(open.scenarioName);
  if (!isCleaning) {
    if (itemsInDrill(loaded).length === 0) return;
    const latest = await waitingDrill(loaded);
    if (!latest || (latest.name !== outputs.jobName && !isOurs(latest, drillMark(outputs)))) {
      context.log(
        "warning",
        `${what}: the drill that waits now${latest ? ` (job ${latest.name})` : ""} is not the one of this resource; it was left alone and only forgotten here.`,
      );
      return;
    }
  }
  const job = await startOnce({
    siteRecovery,
    name: describeTarget(loaded),
    readTarget: async () => (await loadTarget(context, id, { isFresh: true })).target,
    action: () => ({ kind: "testFailoverCleanup", comments: String(outputs.comments ?? "") }),
    scenarioNames: cleanupNames,
    operations: ["TestFailoverCleanup"],
    mark: markOf("TestFailoverCleanup", id.toLowerCase(), outputs.jobName),
  });
  const ended = await siteRecovery.waitForJob(job.name, {
    ...timeoutOf(outputs, 240),
    onProgress: progress(context, what),
  });
  requireGoodEnd(ended, `cleaning up the ${what}`);
}

function drillMark(inputs: Properties): Mark {
  return markOf(
    "TestFailover",
    String(inputs.targetId).toLowerCase(),
    String(inputs.testNetworkId).toLowerCase(),
    inputs.recoveryPoint,
    inputs.triggers ?? null,
  );
}

/** Azure names a test machine after the target machine (published sample: `<name>-test`). */
function testVmName(item: { targetVmName?: string; friendlyName: string }): string {
  return machineNameOf(item, "testFailover");
}

function evidenceOutputs(evidence: RunEvidence): Properties {
  const { jobName, machines, tasks, findings, seconds } = evidence;
  return defined({ jobName, machines, tasks, findings, seconds });
}
