/**
 * `Failover`: a machine or a recovery plan at a declared stage. Only a changed word starts anything; deleting it only
 * forgets.
 */

import { containsUnknown, isUnknown } from "../connectivity/unknown.js";
import { type Decision, type ItemAtStage, isLater, lastFailover, type OpenWalk } from "../lifecycle/authorise.js";
import { legalNextStages, stretch } from "../lifecycle/path.js";
import {
  describeObservation,
  observe,
  type Scenario,
  type Stage,
  scenarioOf,
  stageMeaning,
} from "../lifecycle/stages.js";
import { NotAllowedInState, NotFound } from "../siterecovery/errors.js";
import { sameId } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined } from "./compare.js";
import { accessOf, planConnectivityOf } from "./connectivity.js";
import { applyLines } from "./connectivityRun.js";
import { withEvidenceDirectory } from "./evidenceArgs.js";
import { connectivityOutputs, remainingConnectivity, withConnectivity } from "./failoverConnectivity.js";
import { isEvidenceUnsettled, withEvidence } from "./failoverEvidence.js";
import { describeDecision, describeOpenWaits, describeUnseenStart } from "./failoverPreview.js";
import { optionFailures, walkFailures } from "./failoverRules.js";
import { failoverSchema } from "./failoverSchema.js";
import {
  type CheckFailure,
  type CheckResult,
  type Context,
  type Handler,
  importedMarker,
  PartialFailure,
  type Properties,
} from "./handler.js";
import { parseTarget } from "./ids.js";
import { observedMachines, observedMachinesKey } from "./observedMachines.js";
import { digestOf, type Preview, previewOfUnknown } from "./preview.js";
import { atStages, decide, lastFailoverOf, scenarioOfTarget, settle } from "./settle.js";
import { describeTarget, itemsInDrill, type LoadedTarget, loadTarget } from "./target.js";
import { validateTargeted } from "./targetInputs.js";
import { show } from "./validate.js";
import { describeWaits, tellWaits, WaitsForPerson } from "./waiting.js";
import { changeRecoveryPoint, cleanUpDrill, waitUntilReady, walkAlong } from "./walk.js";
import { requireForSteps } from "./wayBack.js";

export { failoverSchema } from "./failoverSchema.js";

export const failover: Handler = {
  token: "Failover",
  schema: failoverSchema,

  async check(context, olds, news) {
    const { inputs: given, failures, target } = validateTargeted(failoverSchema, news);
    const inputs = withEvidenceDirectory(context, given);
    if (failures.length > 0) return { inputs, failures };
    const deciding = [
      "stage",
      "kind",
      "startFrom",
      "through",
      "recoveryPoint",
      "shutdownSource",
      "cleanUpTestFailover",
    ];
    if (!target || deciding.some((key) => containsUnknown(inputs[key])))
      return { inputs: { ...inputs, preview: previewOfUnknown }, failures };
    return computed(context, olds, inputs, failures);
  },

  diff(_id, olds, news) {
    const changes = changedKeys(olds, news, Object.keys(failoverSchema.shape));
    if (olds.previewDigest !== digestOf(news)) changes.push("preview");
    const replaces = changes.filter((key) => key === "targetId" && !containsUnknown(news.targetId));
    return {
      hasChanges:
        changes.length > 0 ||
        olds.walk !== undefined ||
        olds.connectivityPending === true ||
        isEvidenceUnsettled(olds, news),
      changes,
      replaces,
      deleteBeforeReplace: false,
    };
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
  const findings: string[] = [];
  try {
    loaded = await settle(context, id, news, prior?.outputs, findings);
  } catch (error) {
    if (!(error instanceof WaitsForPerson)) throw error;
    return stillWaiting(context, id, news, prior?.outputs, error);
  }
  const decision = await decide(loaded, news, prior?.outputs);
  if (decision.kind === "refused")
    throw new NotAllowedInState(`Failover of ${describeTarget(loaded)}: ${decision.lines.join(" ")}`);
  if (decision.kind === "drift") {
    return { id, outputs: outputsOf(loaded, news, prior?.outputs, { drift: decision.lines }) };
  }
  if (decision.kind === "walk") {
    if (findings.length > 0) {
      throw new PartialFailure(id, outputsOf(loaded, news, prior?.outputs, { walk: decision.walk }), [
        ...findings,
        ...stagesNow(loaded, "What follows was not started on top of that."),
      ]);
    }
    return walk(context, loaded, news, decision, prior?.outputs);
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

/** What a preview shows, and the refusals that are certain already. */
async function computed(
  context: Context,
  olds: Properties,
  given: Properties,
  failures: CheckFailure[],
): Promise<CheckResult> {
  let loaded: LoadedTarget;
  try {
    loaded = await loadTarget(context, String(given.targetId), { isFresh: false });
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    failures.push({ property: "targetId", reason: `value ${show(given.targetId)}: ${error.message}` });
    return { inputs: given, failures };
  }
  const inputs: Properties = { ...given, [observedMachinesKey]: observedMachines(loaded.items) };
  const isNew = olds.stage === undefined || importedMarker in olds || !sameTarget(olds, inputs);
  const before = isNew || isUnknown(olds.preview) ? undefined : (olds.preview as Preview | undefined);
  if (loaded.isAnyItemMissing) {
    const plan = await planConnectivityOf(loaded, { purpose: "failover", access: accessOf(inputs) });
    const head = `Not there yet: ${describeTarget(loaded)}. What follows is planned from its declaration.`;
    const lines = [
      head,
      ...describeUnseenStart(inputs, loaded.items),
      ...plan.lines,
      ...applyLines(inputs, plan.plan, "failover"),
    ];
    return {
      inputs: { ...inputs, ...defined({ preview: { lines, drift: [] }, connectivityPlan: plan.plan }) },
      failures,
    };
  }
  const busy = loaded.items.filter((item) => observe(item).kind !== "stage");
  if (busy.length > 0) {
    const lines = [
      ...(await describeOpenWaits(loaded, inputs, olds)),
      ...busy.map((item) => `${item.friendlyName} is ${describeObservation(item)}.`),
    ];
    const kept = defined({ walk: before?.walk, managed: before?.managed });
    return { inputs: withComputed(inputs, { lines, drift: [], ...kept }, olds), failures };
  }
  const scenario = scenarioOfTarget(loaded);
  failures.push(...(await optionFailures(context, loaded, scenario, inputs)));
  if (failures.length > 0) return { inputs, failures };
  const items = atStages(loaded.items);
  const declared = inputs.stage as Stage;
  const isReached = items.every((item) => item.stage === declared);
  // What the outputs know for sure (an open walk, the stage last applied) is not shown to `check`: after a failed update
  // the walk that the last preview announced still stands while its machines are on its way in the turn it began in.
  const openWalk =
    before?.walk && before.walk.to === olds.stage && isStillOpen(scenario, before.walk, items)
      ? before.walk
      : undefined;
  const prior = isNew
    ? undefined
    : {
        lastAppliedStage: openWalk?.from ?? olds.stage,
        walk: openWalk,
        items: before?.managed ?? items.map((item) => item.id),
      };
  const decision = await decide(loaded, inputs, prior);
  if (decision.kind === "refused") {
    failures.push({ property: "stage", reason: decision.lines.join(" ") });
    return { inputs, failures };
  }
  const isOtherPoint = isPointChange(olds, inputs, isNew) && olds.stage === "failedOver";
  const isChange = isOtherPoint && declared === "failedOver" && isReached;
  const refusal = isOtherPoint && !openWalk ? refusalOfPointChange(inputs) : undefined;
  if (refusal) {
    failures.push({ property: "recoveryPoint", reason: `value ${show(inputs.recoveryPoint)} ${refusal}` });
    return { inputs, failures };
  }
  failures.push(...(await walkFailures(loaded, scenario, decision, inputs, isChange)));
  if (failures.length > 0) return { inputs, failures };
  // A walk that was gone to its end leaves the preview that announced it as it is: the next `up` then changes nothing.
  if (
    before &&
    !isChange &&
    isReached &&
    olds.stage === declared &&
    before.drift.length === 0 &&
    !items.every((item) => item.stage === "protected")
  ) {
    return { inputs: withComputed(inputs, before, olds), failures };
  }
  const head = isChange
    ? [
        `Recovery point of ${describeTarget(loaded)}: changed to ${String(inputs.recoveryPoint)}, machine by machine. Data written in Azure since the failover is lost.`,
      ]
    : describeDecision(loaded, scenario, decision, inputs);
  if (decision.kind === "drift") {
    return {
      inputs: withComputed(inputs, { lines: [], drift: decision.lines, managed: decision.items }, olds),
      failures,
    };
  }
  const preview: Preview = {
    lines: head,
    drift: [],
    ...(decision.kind === "walk"
      ? { walk: decision.walk, managed: decision.walk.items }
      : { managed: decision.items }),
  };
  // Between two VMM sites nothing is made in Azure.
  if (scenario === "vmmToVmm" || !items.every((item) => item.stage === "protected"))
    return { inputs: withComputed(inputs, preview, olds), failures };
  const plan = await planConnectivityOf(loaded, {
    purpose: "failover",
    access: accessOf(inputs),
  });
  return {
    inputs: {
      ...inputs,
      ...defined({
        preview: { ...preview, lines: [...head, ...plan.lines, ...applyLines(inputs, plan.plan, "failover")] },
        connectivityPlan: plan.plan,
      }),
    },
    failures,
  };
}

/** A walk that did not reach its end, its machines somewhere on its way, none of them failed over again since. */
function isStillOpen(scenario: Scenario, walk: OpenWalk, items: readonly ItemAtStage[]): boolean {
  const own = items.filter((item) => walk.items.some((id) => sameId(id, item.id)));
  const way = stretch(scenario, walk.from, walk.to);
  return (
    own.some((item) => item.stage !== walk.to) &&
    own.every(
      (item) =>
        way.includes(item.stage) && !(item.stage === walk.from && isLater(item.lastFailoverTime, walk.since)),
    )
  );
}

/** Why the point cannot be changed to what is declared; undefined where it can. */
function refusalOfPointChange(inputs: Properties): string | undefined {
  if (inputs.stage !== "failedOver") {
    return `cannot be changed together with stage (to ${show(inputs.stage)}): change the point in an \`up\` of its own first, then the stage`;
  }
  return inputs.recoveryPoint === "latest"
    ? "is no legal change: replication has stopped, and no new point can be made; allowed: latestProcessed, latestApplicationConsistent, or for a single machine the ARM id of a recovery point"
    : undefined;
}

/** The plan that was made while the machines were on-premises stays: in Azure their own adapters hold the addresses. */
function withComputed(inputs: Properties, preview: Preview, olds: Properties): Properties {
  return {
    ...inputs,
    preview,
    ...(olds.connectivityPlan === undefined ? {} : { connectivityPlan: olds.connectivityPlan }),
  };
}

function sameTarget(olds: Properties, news: Properties): boolean {
  return changedKeys(olds, news, ["targetId"]).length === 0;
}

async function walk(
  context: Context,
  loaded: LoadedTarget,
  news: Properties,
  decision: Extract<Decision, { kind: "walk" }>,
  prior: Properties | undefined,
): Promise<{ id: string; outputs: Properties }> {
  const { id } = loaded;
  const scenario = scenarioOfTarget(loaded);
  const movers = loaded.items.filter((item) => decision.walk.items.some((entry) => sameId(entry, item.id)));
  requireForSteps(loaded, scenario, decision.steps, movers, news);
  try {
    if (itemsInDrill(loaded).length > 0) await cleanUpDrill(context, loaded, news);
    const { loaded: ended, findings } = await walkAlong(context, id, news, decision, scenario);
    return {
      id,
      outputs: outputsOf(ended, news, prior, {
        items: decision.walk.items,
        applied: decision.walk.to,
        findings,
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
    throw new PartialFailure(id, outputsOf(now, news, prior, { walk: decision.walk }), [
      error instanceof Error ? error.message : String(error),
      ...stagesNow(now, "What runs in Azure goes on."),
    ]);
  }
}

/** Which machines got where, and how to go on. */
function stagesNow(loaded: LoadedTarget, what: string): string[] {
  return [
    `Stages now: ${loaded.items.map((item) => `${item.friendlyName} ${describeObservation(item)}`).join("; ")}.`,
    `${what} Run \`pulumi up\` again to go on from here, or declare the observed stage to stay there.`,
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

function isPointChange(olds: Properties, news: Properties, isNew: boolean): boolean {
  return !isNew && olds.recoveryPoint !== undefined && olds.recoveryPoint !== news.recoveryPoint;
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

interface Reached {
  items?: string[];
  applied?: Stage;
  walk?: OpenWalk;
  drift?: string[];
  lastFailover?: string;
  /** What went wrong on the way of a walk that has ended. */
  findings?: string[];
  /** The outputs of a wait for a person. */
  waiting?: Properties;
}

function observed(loaded: LoadedTarget): Properties {
  const found = loaded.items.map((item) => {
    const observation = observe(item);
    return { name: item.friendlyName, stage: observation.kind === "stage" ? observation.stage : observation.kind };
  });
  const distinct = [...new Set(found.map((item) => item.stage))];
  const [stage = "mixed", ...others] = distinct;
  const observedStage = others.length > 0 ? "mixed" : stage;
  return {
    observedStage,
    observedStages: found,
    legalNextStages: legalNextStages(scenarioOf(loaded.items[0]?.instanceType ?? ""), observedStage),
  };
}

function outputsOf(
  loaded: LoadedTarget,
  news: Properties,
  prior: Properties | undefined,
  reached: Reached,
): Properties {
  const checked = news.preview as Preview | undefined;
  const isProtected = loaded.items.every((item) => {
    const observation = observe(item);
    return observation.kind === "stage" && observation.stage === "protected";
  });
  // At `protected` the next preview shows the day after again; elsewhere the announced steps are done.
  const lines = isProtected && !reached.walk && !checked?.walk ? (checked?.lines ?? []) : [];
  return {
    ...news,
    ...observed(loaded),
    ...Object.fromEntries(
      connectivityOutputs.flatMap((key) => (prior && key in prior ? [[key, prior[key]]] : [])),
    ),
    ...reached.waiting,
    ...defined({
      preview: { lines, drift: reached.drift ?? [] },
      previewDigest: digestOf(news),
      lastAppliedStage: reached.applied ?? prior?.lastAppliedStage ?? startingStage(reached, news),
      appliedRecoveryPoint: reached.applied
        ? news.recoveryPoint
        : (prior?.appliedRecoveryPoint ?? news.recoveryPoint),
      items: reached.items ?? prior?.items ?? loaded.items.map((item) => item.id),
      walk: reached.walk,
      findings: reached.walk ? undefined : (reached.findings ?? prior?.findings),
      // A reprotect takes the time from the machine: what was once seen stays.
      lastFailover: lastFailover([
        { lastFailoverTime: reached.lastFailover },
        { lastFailoverTime: prior?.lastFailover as string | undefined },
        ...loaded.items.map((item) => ({ lastFailoverTime: item.lastSuccessfulFailoverTime })),
      ]),
    }),
  };
}

/** A create whose walk failed on its way has applied nothing but where it began. */
function startingStage(reached: Reached, news: Properties): Stage {
  return reached.walk?.from ?? (news.stage as Stage);
}
