/**
 * `Failover`: a machine or a recovery plan at a declared stage. Only a changed word starts anything; deleting it only
 * forgets.
 */

import { z } from "zod";
import { containsUnknown, isUnknown } from "../connectivity/unknown.js";
import {
  authorise,
  type Decision,
  type ItemAtStage,
  isLater,
  lastFailover,
  type OpenWalk,
} from "../lifecycle/authorise.js";
import { legalStages, path, type Step, stretch } from "../lifecycle/path.js";
import { refusalOfChoice } from "../lifecycle/recoveryPoints.js";
import {
  describeObservation,
  observe,
  type Scenario,
  type Stage,
  scenarioOf,
  stageMeaning,
  stages,
} from "../lifecycle/stages.js";
import { Conflict, NotAllowedInState, NotFound } from "../siterecovery/errors.js";
import { type ReplicatedItem, sameId, type Target } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined } from "./compare.js";
import { accessFailures, accessOf, planConnectivityOf } from "./connectivity.js";
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
import { connectivityArgs, digestOf, type Preview, previewOfUnknown } from "./preview.js";
import { timeoutMinutes, timeoutOf } from "./schema.js";
import { isOurs, listByScenario, progress, requireGoodEnd } from "./start.js";
import { describeTarget, itemsInDrill, type LoadedTarget, loadSettled, loadTarget } from "./target.js";
import { show, validate } from "./validate.js";
import { changeRecoveryPoint, cleanUpDrill, cleanUpMark, failoverMark, walkAlong } from "./walk.js";

export const failoverSchema = z.strictObject({
  /** ARM id of a replicated item or a recovery plan. */
  targetId: z
    .string({ error: "allowed: the ARM id of a replicated item or of a recovery plan" })
    .refine(
      (id) => parseTarget(id) !== undefined,
      "allowed: the ARM id of a replicated item or of a recovery plan",
    ),
  /** Where the workload is to be. A change of this word is what starts a walk. */
  stage: z.enum(stages),
  /** unplanned (default): fails over to a recovery point. Planned failover exists for Hyper-V only. */
  kind: z.enum(["unplanned"]).default("unplanned"),
  /** Whether the source machines are shut down first, as far as they can be reached. Default true. */
  shutdownSource: z.boolean({ error: "allowed: true, false" }).default(true),
  /**
   * `latest` (default: least data lost), `latestProcessed` (least time), `latestApplicationConsistent`; a plan also takes
   * `latestMultiVmProcessed` and `latestMultiVmApplicationConsistent`, a single machine the ARM id of one point. A change
   * of it while at `failedOver` changes the point.
   */
  recoveryPoint: z.string({ error: "allowed: a name or the ARM id of a recovery point" }).default("latest"),
  /** Allows more than one step in a walk. Default false. */
  through: z.boolean({ error: "allowed: true, false" }).default(false),
  /** Lets a create start: `<observed stage>@<time of the last failover, or never>`, as the refusal prints it. */
  startFrom: z
    .string({ error: "allowed: <stage>@<time or never>" })
    .regex(
      new RegExp(`^(${stages.join("|")})@.+$`),
      `allowed: <stage>@<time of the last failover, or never>, stage one of ${stages.join(", ")}`,
    )
    .optional(),
  /** Cleans up a test failover that waits on the machines before a walk starts. Default false. */
  cleanUpTestFailover: z.boolean({ error: "allowed: true, false" }).default(false),
  connectivity: connectivityArgs,
  timeoutMinutes: timeoutMinutes(240),
});

export const failover: Handler = {
  token: "Failover",
  schema: failoverSchema,

  async check(context, olds, news) {
    const { inputs, failures } = validate(failoverSchema, news);
    const target = typeof inputs.targetId === "string" ? parseTarget(inputs.targetId) : undefined;
    if (target && typeof inputs.recoveryPoint === "string" && !isUnknown(inputs.recoveryPoint)) {
      const refusal = refusalOfChoice(inputs.recoveryPoint, target.kind);
      if (refusal)
        failures.push({ property: "recoveryPoint", reason: `value ${show(inputs.recoveryPoint)} ${refusal}` });
    }
    if (failures.length === 0) failures.push(...accessFailures(inputs));
    if (failures.length > 0) return { inputs, failures };
    const deciding = ["stage", "startFrom", "through", "recoveryPoint", "shutdownSource", "cleanUpTestFailover"];
    if (!target || deciding.some((key) => containsUnknown(inputs[key])))
      return { inputs: { ...inputs, preview: previewOfUnknown }, failures };
    return computed(context, olds, inputs, failures);
  },

  diff(_id, olds, news) {
    const changes = changedKeys(olds, news, Object.keys(failoverSchema.shape));
    if (olds.previewDigest !== digestOf(news)) changes.push("preview");
    const replaces = changes.filter((key) => key === "targetId" && !containsUnknown(news.targetId));
    return {
      hasChanges: changes.length > 0 || olds.walk !== undefined,
      changes,
      replaces,
      deleteBeforeReplace: false,
    };
  },

  async reconcile(context, news, prior) {
    const id = String(news.targetId);
    const loaded = await settle(context, id, news, prior?.outputs);
    const decision = await decide(loaded, news, prior?.outputs);
    if (decision.kind === "refused")
      throw new NotAllowedInState(`Failover of ${describeTarget(loaded)}: ${decision.lines.join(" ")}`);
    if (decision.kind === "drift") {
      return { id, outputs: outputsOf(loaded, news, prior?.outputs, { drift: decision.lines }) };
    }
    if (decision.kind === "walk") return walk(context, loaded, news, decision, prior?.outputs);
    const changed = await pointChange(context, loaded, news, prior?.outputs);
    return {
      id,
      outputs: outputsOf(changed, news, prior?.outputs, { items: decision.items, applied: news.stage as Stage }),
    };
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
      }`,
    );
  },
};

/** What a preview shows, and the refusals that are certain already. */
async function computed(
  context: Context,
  olds: Properties,
  inputs: Properties,
  failures: CheckFailure[],
): Promise<CheckResult> {
  let loaded: LoadedTarget;
  try {
    loaded = await loadTarget(context, String(inputs.targetId), { isFresh: false });
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    failures.push({ property: "targetId", reason: `value ${show(inputs.targetId)}: ${error.message}` });
    return { inputs, failures };
  }
  const isNew = olds.stage === undefined || importedMarker in olds || !sameTarget(olds, inputs);
  const before = isNew || isUnknown(olds.preview) ? undefined : (olds.preview as Preview | undefined);
  if (loaded.isAnyItemMissing) {
    const plan = await planConnectivityOf(loaded, { purpose: "failover", access: accessOf(inputs) });
    const head = `${describeTarget(loaded)} is not there yet: what follows is planned from its declaration.`;
    const lines = [head, ...describeUnseenStart(inputs), ...plan.lines];
    return {
      inputs: { ...inputs, ...defined({ preview: { lines, drift: [] }, connectivityPlan: plan.plan }) },
      failures,
    };
  }
  const busy = loaded.items.filter((item) => observe(item).kind !== "stage");
  if (busy.length > 0) {
    const lines = busy.map((item) => `${item.friendlyName} is ${describeObservation(item)}.`);
    return { inputs: withComputed(inputs, { lines, drift: [] }, olds), failures };
  }
  const items = atStages(loaded.items);
  const declared = inputs.stage as Stage;
  const isReached = items.every((item) => item.stage === declared);
  // What the outputs know for sure (an open walk, the stage last applied) is not shown to `check`: after a failed update
  // the walk that the last preview announced still stands while its machines are on its way in the turn it began in.
  const openWalk =
    before?.walk && before.walk.to === olds.stage && isStillOpen(loaded, before.walk, items)
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
    : describeDecision(loaded, decision, inputs);
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
  if (!items.every((item) => item.stage === "protected"))
    return { inputs: withComputed(inputs, preview, olds), failures };
  const plan = await planConnectivityOf(loaded, {
    purpose: "failover",
    access: accessOf(inputs),
  });
  return {
    inputs: {
      ...inputs,
      ...defined({ preview: { ...preview, lines: [...head, ...plan.lines] }, connectivityPlan: plan.plan }),
    },
    failures,
  };
}

/** A walk that did not reach its end, its machines somewhere on its way, none of them failed over again since. */
function isStillOpen(loaded: LoadedTarget, walk: OpenWalk, items: readonly ItemAtStage[]): boolean {
  const own = items.filter((item) => walk.items.some((id) => sameId(id, item.id)));
  const way = stretch(scenario(loaded), walk.from, walk.to);
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

/** What a create would do to machines that are not there yet while it is previewed. */
function describeUnseenStart(inputs: Properties): string[] {
  if (inputs.startFrom === undefined) return ["A new Failover takes over the stage that it finds."];
  const from = String(inputs.startFrom).split("@")[0] as Stage;
  const way = path("vmware", from, inputs.stage as Stage, inputs.through === true);
  const steps = way.isLegal ? way.steps.flatMap((step) => describeStep(step, inputs)) : [];
  return steps.length > 0
    ? [
        `startFrom ${show(inputs.startFrom)} lets this create start as soon as the machines are there and at ${from}:`,
        ...steps,
      ]
    : ["A new Failover takes over the stage that it finds."];
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

function describeDecision(loaded: LoadedTarget, decision: Decision, inputs: Properties): string[] {
  const target = describeTarget(loaded);
  const [first] = loaded.items;
  const stage = inputs.stage as Stage;
  if (decision.kind !== "walk") {
    const legal = legalStages(scenario(loaded), stage).filter((next) => next !== stage);
    return [
      `${target} is at ${stage}, as declared: ${stageMeaning[stage]}.${legal.length > 0 ? ` It can go to ${legal.join(" or ")}.` : ""}`,
    ];
  }
  const names = loaded.items.map((item) => item.friendlyName).join(", ");
  const lines = [`${target} goes from ${decision.walk.from} to ${decision.walk.to}: ${names}.`];
  for (const step of decision.steps) lines.push(...describeStep(step, inputs));
  const drills = itemsInDrill(loaded);
  if (drills.length > 0 && inputs.cleanUpTestFailover !== true) {
    lines.push(
      `A test failover waits for its clean-up on ${drills.map((item) => item.friendlyName).join(", ")}: \`up\` refuses until it is cleaned up, or with cleanUpTestFailover: true.`,
    );
  }
  if (loaded.target.kind === "recoveryPlan" && first && !loaded.isDeclared) {
    const { plan } = loaded.target;
    const lacks = decision.steps.filter(
      (step, index) => index === 0 && !plan.allowedOperations.includes(step.operation),
    );
    if (lacks.length > 0)
      lines.push(
        "The plan does not offer this step: its machines move one by one in boot order, plan actions do not run.",
      );
  }
  return lines;
}

function describeStep(step: Step, inputs: Properties): string[] {
  const detail =
    step.action === "unplannedFailover"
      ? ` Recovery point: ${String(inputs.recoveryPoint)}. Source machines are ${inputs.shutdownSource === true ? "shut down first as far as they can be reached" : "not shut down"}.`
      : "";
  return [`  ${step.from} -> ${step.to} (${step.action}).${detail}`, `    Cannot be undone: ${step.loss}.`];
}

function scenario(loaded: LoadedTarget): Scenario {
  const kinds = new Set(loaded.items.map((item) => scenarioOf(item.instanceType)));
  const [kind] = kinds;
  if (kinds.size !== 1 || kind === undefined) {
    throw new NotAllowedInState(
      `Failover of ${describeTarget(loaded)}: its machines replicate as ${[...new Set(loaded.items.map((item) => item.instanceType))].join(", ") || "nothing"}, which this version does not drive. Allowed: one of InMageRcm, InMageAzureV2, HyperVReplicaAzure`,
      { resourceId: loaded.id },
    );
  }
  return kind;
}

/** @throws NotAllowedInState for an item at no known stage */
function atStages(items: readonly ReplicatedItem[]): ItemAtStage[] {
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

/**
 * Waits out what is already running where the declaration covers it, so that stages can be told: our own job after a
 * crash, or a step that somebody else started on the very way that was declared.
 */
async function settle(
  context: Context,
  id: string,
  news: Properties,
  prior: Properties | undefined,
): Promise<LoadedTarget> {
  const loaded = await loadTarget(context, id, { isFresh: true });
  const isChanged =
    prior === undefined ||
    prior.walk !== undefined ||
    prior.lastAppliedStage !== news.stage ||
    prior.appliedRecoveryPoint !== news.recoveryPoint;
  const targets = [
    loaded.target,
    ...(loaded.kind === "recoveryPlan"
      ? loaded.items.map((item) => ({ kind: "replicatedItem" as const, item }))
      : []),
  ];
  const isBusy =
    loaded.items.some((item) => observe(item).kind === "busy") ||
    (loaded.target.kind === "recoveryPlan" && loaded.target.plan.currentScenario);
  if (!isBusy) return loaded;
  for (const target of targets) {
    const job = await loaded.siteRecovery.findOpenJob(target);
    if (!job) continue;
    const isStep = ["UnplannedFailover", "CommitFailover", "ChangePit"].includes(job.scenarioName);
    const isOwnCleanUp =
      job.scenarioName === "TestFailoverCleanup" &&
      news.cleanUpTestFailover === true &&
      isOurs(job, cleanUpMark(idOf(target), news));
    const mayWait =
      isOwnCleanUp ||
      (isChanged && isStep && (prior !== undefined || isOurs(job, failoverMark(idOf(target), news))));
    if (!mayWait) {
      throw new Conflict(
        `Failover of ${describeTarget(loaded)}: job ${job.scenarioName} (${job.name}) is running on it and was not started by this declaration. Nothing was started. Wait until it has ended and run \`pulumi up\` again.`,
        { resourceId: id },
      );
    }
    const doing = `${job.scenarioName} of ${describeTarget(loaded)}`;
    const options = { ...timeoutOf(news, 240), onProgress: progress(context, doing) };
    // A step that failed starts again only by a new `up`.
    requireGoodEnd(await loaded.siteRecovery.waitForJob(job.name, options), doing);
  }
  return loadSettled(context, id);
}

async function decide(loaded: LoadedTarget, news: Properties, prior: Properties | undefined): Promise<Decision> {
  const items = atStages(loaded.items);
  const declaration = {
    scenario: scenario(loaded),
    stage: news.stage as Stage,
    through: news.through === true,
    startFrom: news.startFrom as string | undefined,
    lastAppliedStage: prior?.lastAppliedStage as Stage | undefined,
    walk: prior?.walk as OpenWalk | undefined,
    managedItems: prior?.items as string[] | undefined,
    items,
  };
  const decision = authorise(declaration);
  if (decision.kind !== "refused" || prior !== undefined || news.startFrom === undefined) return decision;
  // A create that was killed after its first step finds a stage and a time that `startFrom` does not name any more; its
  // own mark on the last job tells that the walk is its own.
  const from = String(news.startFrom).split("@")[0] as Stage;
  const since = String(news.startFrom).slice(from.length + 1);
  return (await hasOwnJob(loaded, news))
    ? authorise({ ...declaration, ownUnfinishedWalk: { from, since } })
    : decision;
}

async function hasOwnJob(loaded: LoadedTarget, news: Properties): Promise<boolean> {
  const targets = [loaded.target, ...loaded.items.map((item) => ({ kind: "replicatedItem" as const, item }))];
  for (const target of targets) {
    const [latest] = await listByScenario(loaded.siteRecovery, target, ["UnplannedFailover", "CommitFailover"]);
    if (latest && isOurs(latest, failoverMark(idOf(target), news))) return true;
  }
  return false;
}

function idOf(target: Target): string {
  return target.kind === "replicatedItem" ? target.item.id : target.plan.id;
}

async function walk(
  context: Context,
  loaded: LoadedTarget,
  news: Properties,
  decision: Extract<Decision, { kind: "walk" }>,
  prior: Properties | undefined,
): Promise<{ id: string; outputs: Properties }> {
  const { id } = loaded;
  try {
    if (itemsInDrill(loaded).length > 0) await cleanUpDrill(context, loaded, news);
    const ended = await walkAlong(context, id, news, decision);
    return {
      id,
      outputs: outputsOf(ended, news, prior, { items: decision.walk.items, applied: decision.walk.to }),
    };
  } catch (error) {
    const now = await loadTarget(context, id, { isFresh: true }).catch(() => loaded);
    throw new PartialFailure(id, outputsOf(now, news, prior, { walk: decision.walk }), [
      error instanceof Error ? error.message : String(error),
      `Stages now: ${now.items.map((item) => `${item.friendlyName} ${describeObservation(item)}`).join("; ")}.`,
      "What runs in Azure goes on. Run `pulumi up` again to go on from here, or declare the observed stage to stay there.",
    ]);
  }
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
}

function observed(loaded: LoadedTarget): Properties {
  const found = loaded.items.map((item) => {
    const observation = observe(item);
    return { name: item.friendlyName, stage: observation.kind === "stage" ? observation.stage : observation.kind };
  });
  const distinct = new Set(found.map((item) => item.stage));
  return { observedStage: distinct.size === 1 ? [...distinct][0] : "mixed", observedStages: found };
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
    ...defined({
      preview: { lines, drift: reached.drift ?? [] },
      previewDigest: digestOf(news),
      lastAppliedStage: reached.applied ?? prior?.lastAppliedStage ?? startingStage(reached, news),
      appliedRecoveryPoint: reached.applied
        ? news.recoveryPoint
        : (prior?.appliedRecoveryPoint ?? news.recoveryPoint),
      items: reached.items ?? prior?.items ?? loaded.items.map((item) => item.id),
      walk: reached.walk,
      lastFailover: lastFailover(
        loaded.items.map((item) => ({
          id: item.id,
          name: item.name,
          stage: "protected",
          lastFailoverTime: item.lastSuccessfulFailoverTime,
        })),
      ),
    }),
  };
}

/** A create whose walk failed on its way has applied nothing but where it began. */
function startingStage(reached: Reached, news: Properties): Stage {
  return reached.walk?.from ?? (news.stage as Stage);
}
