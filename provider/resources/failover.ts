/**
 * `Failover`: a machine or a recovery plan at a declared stage. Only a changed word starts anything; deleting it only
 * forgets.
 */

import { containsUnknown } from "../connectivity/unknown.js";
import type { Decision, OpenWalk } from "../lifecycle/authorise.js";
import { describeObservation, observe, type Stage, stageMeaning } from "../lifecycle/stages.js";
import { JobFailed, NotAllowedInState, NotFound } from "../siterecovery/errors.js";
import { sameId } from "../siterecovery/siteRecovery.js";
import { networkIdsOf } from "./connectivity.js";
import { cleanUpDrill } from "./drillInTheWay.js";
import { withEvidenceDirectory } from "./evidenceArgs.js";
import { isPointChange, previewFailover } from "./failoverCheck.js";
import { remainingConnectivity, withConnectivity } from "./failoverConnectivity.js";
import { diffFailover } from "./failoverDiff.js";
import { withEvidence } from "./failoverEvidence.js";
import { observed, outputsOf } from "./failoverOutputs.js";
import { failoverSchema } from "./failoverSchema.js";
import { type Context, type Handler, PartialFailure, type Properties } from "./handler.js";
import { parseTarget } from "./ids.js";
import { missedFailures } from "./missedFailures.js";
import { readNetworks } from "./networks.js";
import { previewOfUnknown } from "./preview.js";
import { changeRecoveryPoint } from "./recoveryPointChange.js";
import { decide, lastFailoverOf, type Missed, scenarioOfTarget, settle } from "./settle.js";
import { describeTarget, itemsInDrill, type LoadedTarget, loadTarget } from "./target.js";
import { isWrong, validateTargeted, without } from "./targetInputs.js";
import { describeWaits, tellWaits, WaitsForPerson } from "./waiting.js";
import { waitUntilReady, walkAlong } from "./walk.js";
import { requireForSteps } from "./wayBack.js";
import { wayBackArguments } from "./wayBackArgs.js";

export { failoverSchema } from "./failoverSchema.js";

export const failover: Handler = {
  token: "Failover",
  schema: failoverSchema,

  async check(context, olds, news) {
    const { inputs: given, failures, target } = validateTargeted(failoverSchema, news);
    const inputs = withEvidenceDirectory(context, given);
    const deciding = [
      "stage",
      "kind",
      "startFrom",
      "through",
      "recoveryPoint",
      "shutdownSource",
      "cleanUpTestFailover",
    ];
    // What is wrong elsewhere must not hide that the stage is: everything is told at once.
    if (!target || isWrong(failures, [...deciding, ...wayBackArguments, "encryption", "completed"]))
      return failures.length > 0
        ? { inputs, failures }
        : { inputs: { ...inputs, preview: previewOfUnknown }, failures };
    if (deciding.some((key) => containsUnknown(inputs[key])))
      return { inputs: { ...inputs, preview: previewOfUnknown }, failures };
    return previewFailover(context, olds, without(inputs, failures), failures);
  },

  diff(_id, olds, news) {
    return diffFailover(olds, news);
  },

  async reconcile(context, news, prior) {
    return withEvidence(context, news, prior?.outputs, () =>
      withConnectivity(context, news, prior?.outputs, () => reachStage(context, news, prior)),
    );
  },

  async read(context, id, outputs) {
    try {
      const loaded = await loadTarget(context, id, { isFresh: false });
      return { outputs: { ...outputs, ...observed(loaded) } };
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      // A plan whose machine is gone is still a plan: what was known of it stays.
      return sameId(error.resourceId, id) ? undefined : { outputs };
    }
  },

  async delete(context, id, outputs) {
    const parsed = parseTarget(id);
    const what = parsed ? describeTarget(parsed) : id;
    const stage = String(outputs.observedStage ?? outputs.lastAppliedStage ?? "unknown");
    const meaning = stageMeaning[stage as Stage];
    context.log(
      "info",
      `Failover of ${what} was forgotten, nothing was changed in Azure. It was last seen at ${stage}${meaning ? ` (${meaning})` : ""}.${
        outputs.walk ? " A walk had not ended: what runs in Azure goes on." : ""
      }${remainingConnectivity(outputs)}`,
    );
  },
};

/** Brings the machines to the declared stage, as far as that is authorised. */
async function reachStage(
  context: Context,
  news: Properties,
  prior: { id: string; outputs: Properties } | undefined,
): Promise<{ id: string; outputs: Properties }> {
  const id = String(news.targetId);
  let loaded: LoadedTarget;
  const settled: Missed = { failures: [], shutdowns: [] };
  try {
    loaded = await settle(context, id, news, prior?.outputs, settled);
  } catch (error) {
    if (!(error instanceof WaitsForPerson)) throw error;
    return stillWaiting(context, id, news, prior?.outputs, error);
  }
  const { decision } = await decide(loaded, news, prior?.outputs);
  if (decision.kind === "refused")
    throw new NotAllowedInState(`Failover of ${describeTarget(loaded)}: ${decision.lines.join(" ")}`);
  if (decision.kind === "drift") {
    return { id, outputs: outputsOf(loaded, news, prior?.outputs, { drift: decision.lines }) };
  }
  const missed = await missedFailures(context, loaded, decision, news, prior?.outputs, settled);
  const failures = [...settled.failures, ...missed.failures];
  const shutdowns = [...settled.shutdowns, ...missed.shutdowns];
  const findings = [...shutdowns, ...failures];
  if (decision.kind === "walk") {
    if (failures.length > 0) {
      throw new PartialFailure(id, outputsOf(loaded, news, prior?.outputs, { walk: decision.walk, findings }), [
        ...failures,
        ...stagesNow(loaded, "What follows was not started on top of that."),
      ]);
    }
    return walk(context, loaded, news, decision, prior?.outputs, shutdowns);
  }
  const changed = await pointChange(context, loaded, news, prior?.outputs);
  // A walk that was cut off while the data was still on its way is waited for.
  if (prior?.outputs.walk !== undefined && news.waitUntil !== "started")
    await waitUntilReady(changed, changed.items, news.stage as Stage, news);
  return {
    id,
    outputs: outputsOf(changed, news, prior?.outputs, {
      items: decision.items,
      applied: news.stage as Stage,
      lastFailover: await lastFailoverOf(changed),
      ...(findings.length > 0 ? { findings } : {}),
    }),
  };
}

async function walk(
  context: Context,
  loaded: LoadedTarget,
  news: Properties,
  decision: Extract<Decision, { kind: "walk" }>,
  prior: Properties | undefined,
  before: readonly string[],
): Promise<{ id: string; outputs: Properties }> {
  const { id } = loaded;
  const scenario = scenarioOfTarget(loaded);
  const movers = loaded.items.filter((item) => decision.walk.items.some((entry) => sameId(entry, item.id)));
  requireForSteps(loaded, scenario, decision.steps, movers, news);
  try {
    if (itemsInDrill(loaded).length > 0) await cleanUpDrill(context, loaded, news);
    const { loaded: ended, findings } = await walkAlong(context, id, news, decision, scenario);
    const arrived = decision.walk.to === "protected" ? await previewedAgain(context, ended, news) : news;
    return {
      id,
      outputs: outputsOf(ended, arrived, prior, {
        items: decision.walk.items,
        applied: decision.walk.to,
        findings: [...before, ...findings],
        lastFailover: await lastFailoverOf(ended),
      }),
    };
  } catch (error) {
    const now = await loadTarget(context, id, { isFresh: true }).catch(() => loaded);
    if (error instanceof WaitsForPerson) {
      const waiting = describeWaits(error, news, prior);
      tellWaits(context, describeTarget(now), waiting);
      return { id, outputs: outputsOf(now, news, prior, { walk: decision.walk, waiting }) };
    }
    const findings = [...before, ...(error instanceof JobFailed ? [error.message] : [])];
    throw new PartialFailure(id, outputsOf(now, news, prior, { walk: decision.walk, findings }), [
      error instanceof Error ? error.message : String(error),
      ...stagesNow(now, "What runs in Azure goes on."),
    ]);
  }
}

/**
 * The inputs with what the next preview computes. At `protected` that is the day after again, and no longer the walk that
 * led there: an `up` without a change would otherwise be an update that does nothing.
 */
async function previewedAgain(context: Context, loaded: LoadedTarget, news: Properties): Promise<Properties> {
  try {
    await readNetworks(loaded.siteRecovery, networkIdsOf(loaded.items, { purpose: "failover" }), {
      isFresh: true,
    });
    const { inputs, failures } = await previewFailover(context, news, news, []);
    return failures.length > 0 ? news : inputs;
  } catch {
    // The machines are where they were declared, whatever can be said of their networks now.
    return news;
  }
}

/** Which machines got where, and how to go on. */
function stagesNow(loaded: LoadedTarget, what: string): string[] {
  const observations = loaded.items.map((item) => observe(item));
  const [first] = observations;
  const isTogether =
    first?.kind === "stage" && observations.every((each) => each.kind === "stage" && each.stage === first.stage);
  return [
    `Stages now: ${loaded.items.map((item) => `${item.friendlyName} ${describeObservation(item)}`).join("; ")}.`,
    `${what} Run \`pulumi up\` again to go on from here${isTogether ? `, or declare stage: ${JSON.stringify(first.stage)} to stay there` : ""}.`,
  ];
}

/**
 * The run that an earlier `up` began, or one that was killed, waits for a person: this `up` ends well, and the walk stays
 * open.
 */
async function stillWaiting(
  context: Context,
  id: string,
  news: Properties,
  prior: Properties | undefined,
  error: WaitsForPerson,
): Promise<{ id: string; outputs: Properties }> {
  const now = await loadTarget(context, id, { isFresh: true });
  const to = news.stage as Stage;
  const [from = to, since = "never"] = String(news.startFrom ?? `${to}@never`).split(/@(.*)/s) as [Stage, string?];
  const walk: OpenWalk =
    (prior?.walk as OpenWalk | undefined) ??
    (prior
      ? {
          from: prior.lastAppliedStage as Stage,
          to,
          items: (prior.items as string[] | undefined) ?? now.items.map((item) => item.id),
          since: String(prior.lastFailover ?? "never"),
        }
      : { from, to, items: now.items.map((item) => item.id), since });
  const waiting = describeWaits(error, news, prior);
  tellWaits(context, describeTarget(now), waiting);
  return { id, outputs: outputsOf(now, news, prior, { walk, waiting }) };
}

/** Only a changed word changes the point, and only while Azure still has points: before the commit. */
async function pointChange(
  context: Context,
  loaded: LoadedTarget,
  news: Properties,
  prior: Properties | undefined,
): Promise<LoadedTarget> {
  const isAtFailedOver = news.stage === "failedOver" && prior?.lastAppliedStage === "failedOver";
  if (!prior || !isAtFailedOver || !isPointChange({ recoveryPoint: prior.appliedRecoveryPoint }, news, false))
    return loaded;
  return changeRecoveryPoint(
    context,
    loaded,
    news,
    (prior.items as string[] | undefined) ?? loaded.items.map((item) => item.id),
  );
}
