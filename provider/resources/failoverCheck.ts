/** What a preview of a `Failover` shows, and the refusals that are certain before anything starts. */

import { isUnknown } from "../connectivity/unknown.js";
import { type Decision, type ItemAtStage, isLater, type OpenWalk } from "../lifecycle/authorise.js";
import { path, stretch } from "../lifecycle/path.js";
import { describeObservation, observe, type Scenario, type Stage, scenarioOf } from "../lifecycle/stages.js";
import { NotFound } from "../siterecovery/errors.js";
import { type ReplicatedItem, sameId } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined } from "./compare.js";
import { accessNameFailures, accessOf, planConnectivityOf } from "./connectivity.js";
import { applyLines } from "./connectivityRun.js";
import { notReplicatedYet } from "./declared.js";
import { expectDrillable } from "./drillState.js";
import { missingTarget } from "./existing.js";
import {
  describeDecision,
  describeOpenWaits,
  describeReached,
  describeRunning,
  describeUnseenStart,
} from "./failoverPreview.js";
import { optionFailures, walkFailures } from "./failoverRules.js";
import { type CheckFailure, type CheckResult, type Context, importedMarker, type Properties } from "./handler.js";
import {
  type ObservedMachine,
  observedMachines,
  observedMachinesKey,
  withFailoverTimes,
} from "./observedMachines.js";
import { digestOf, type Preview } from "./preview.js";
import { atStages, decide, scenarioOfTarget } from "./settle.js";
import { type NameOfServer, noNames, serverNames } from "./stepText.js";
import { describeTarget, type LoadedTarget, loadTarget } from "./target.js";
import { show } from "./validate.js";

/** A preview of a target that Azure or the program tells of. */
interface Asked {
  context: Context;
  olds: Properties;
  /** The declaration, with what was observed of its machines. */
  inputs: Properties;
  observed: readonly ObservedMachine[];
  failures: CheckFailure[];
  loaded: LoadedTarget;
  /** New to the stack, imported, or of another target than before. */
  isNew: boolean;
  /** What the last preview of the same target showed. */
  before: Preview | undefined;
}

/** What a preview shows, and the refusals that are certain already. */
export async function previewFailover(
  context: Context,
  olds: Properties,
  given: Properties,
  failures: CheckFailure[],
): Promise<CheckResult> {
  let found: LoadedTarget;
  try {
    found = await loadTarget(context, String(given.targetId), { isFresh: false });
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    failures.push(await missingTarget(context, given, error));
    return { inputs: given, failures };
  }
  if (changedKeys(olds, given, ["connectivity"]).length > 0)
    failures.push(...accessNameFailures(found.items, given));
  const isNew = olds.stage === undefined || importedMarker in olds || !sameTarget(olds, given);
  const loaded = isNew ? found : withoutJoining(found, olds, given, failures);
  const observed = observedMachines(loaded.items);
  const inputs: Properties = { ...given, [observedMachinesKey]: observed };
  const before = isNew || isUnknown(olds.preview) ? undefined : (olds.preview as Preview | undefined);
  const asked: Asked = { context, olds, inputs, observed, failures, loaded, isNew, before };
  const isBusy = loaded.items.some((item) => observe(item).kind !== "stage");
  const preview = loaded.isAnyItemMissing ? previewUnseen : isBusy ? previewBusy : previewSettled;
  return { inputs: await preview(asked), failures };
}

/** A plan that the stack has, without the machines that do not replicate yet: these join it by an `up` of their own. */
function withoutJoining(
  loaded: LoadedTarget,
  olds: Properties,
  given: Properties,
  failures: CheckFailure[],
): LoadedTarget {
  const joining = loaded.items.filter(({ protectionState }) => protectionState === notReplicatedYet);
  if (loaded.isDeclared || joining.length === 0 || joining.length === loaded.items.length) return loaded;
  if (given.stage !== olds.stage)
    failures.push({
      property: "stage",
      reason: `value ${show(given.stage)} cannot be reached while ${describeTarget(loaded)} gets machines that do not replicate yet (${joining.map((item) => item.friendlyName).join(", ")}): add them in an \`up\` of its own first, then change the stage`,
    });
  return { ...loaded, items: loaded.items.filter((item) => !joining.includes(item)), isAnyItemMissing: false };
}

/** Machines that are not there yet: planned from their declarations. */
async function previewUnseen(asked: Asked): Promise<Properties> {
  const { context, loaded, inputs, failures, isNew } = asked;
  failures.push(...(await unseenFailures(context, loaded, inputs, isNew)));
  if (failures.length > 0) return inputs;
  const head = `Not there yet: ${describeTarget(loaded)}. What follows is planned from its declaration.`;
  return withConnectivityPlan(asked, {
    lines: [head, ...describeUnseenStart(inputs, loaded.items)],
    drift: [],
  });
}

/** Machines that a job holds: where they will be cannot be told before it has ended. */
async function previewBusy({ context, loaded, inputs, olds, isNew, before }: Asked): Promise<Properties> {
  const busy = loaded.items.filter((item) => observe(item).kind !== "stage");
  const waits = await describeOpenWaits(loaded, inputs, olds);
  if (waits.goesOn) {
    const ids = loaded.items.map((item) => item.id);
    expectDrillable(context, scenarioOf(loaded.items[0]?.instanceType ?? ""), inputs.stage as Stage, ids);
  }
  const isChanged = isNew
    ? undefined
    : changedKeys(olds, inputs, ["stage", "recoveryPoint"]).length > 0 || isOnWayOf(before?.walk, busy);
  const lines = [
    ...waits.lines,
    ...busy.map((item) => `${item.friendlyName} is ${describeObservation(item)}.`),
    ...(waits.lines.length > 0 ? [] : describeRunning(busy, isChanged, inputs)),
  ];
  const kept = defined({ walk: before?.walk, managed: before?.managed });
  return withComputed(inputs, { lines, drift: [], ...kept }, olds);
}

/** Machines each of which is at a stage. */
async function previewSettled(asked: Asked): Promise<Properties> {
  const { context, loaded, olds, failures, before } = asked;
  const scenario = scenarioOfTarget(loaded);
  failures.push(...(await optionFailures(context, loaded, scenario, asked.inputs)));
  const items = atStages(loaded.items);
  const prior = priorOf(asked, scenario, items);
  const { decision, items: timed } = await decide(loaded, asked.inputs, prior);
  const inputs: Properties = { ...asked.inputs, [observedMachinesKey]: withFailoverTimes(asked.observed, timed) };
  const declared = inputs.stage as Stage;
  const isReached = items.every((item) => item.stage === declared);
  const isOtherPoint = isPointChange(olds, inputs, asked.isNew) && olds.stage === "failedOver";
  const isPointChanged = isOtherPoint && declared === "failedOver" && isReached;
  if (decision.kind === "refused") failures.push({ property: "stage", reason: decision.lines.join(" ") });
  const refusal = isOtherPoint && !prior?.walk ? refusalOfPointChange(inputs) : undefined;
  if (refusal)
    failures.push({ property: "recoveryPoint", reason: `value ${show(inputs.recoveryPoint)} ${refusal}` });
  const isPointWrong = failures.some(({ property }) => property === "recoveryPoint");
  const ofWalk = await walkFailures(context, loaded, scenario, decision, inputs, isPointChanged);
  // Of a point that no machine of this kind can have it says nothing that these do not.
  failures.push(...ofWalk.filter(({ property }) => !(isPointWrong && property === "recoveryPoint")));
  if (failures.length > 0 || decision.kind === "refused") return inputs;
  if (decision.kind === "walk") expectDrillable(context, scenario, declared, decision.walk.items);
  const isHome = items.every((item) => item.stage === "protected");
  // A walk that was gone to its end is told as what it came to, and is no change to the `up` that announced it.
  const isAtItsEnd = !isPointChanged && isReached && !isHome && olds.stage === declared;
  if (before && isAtItsEnd && before.drift.length === 0) {
    const lines = describeReached(loaded, scenario, inputs);
    return withComputed(inputs, { ...before, lines, announced: digestOf(olds) }, olds);
  }
  if (decision.kind === "drift")
    return withComputed(inputs, { lines: [], drift: decision.lines, managed: decision.items }, olds);
  const preview: Preview = {
    lines: isPointChanged
      ? [
          `Recovery point of ${describeTarget(loaded)}: changed to ${String(inputs.recoveryPoint)}, machine by machine. Data written in Azure since the failover is lost.`,
        ]
      : describeDecision(loaded, scenario, decision, inputs, await namesFor(loaded, decision)),
    drift: [],
    ...(decision.kind === "walk"
      ? { walk: decision.walk, managed: decision.walk.items }
      : { managed: decision.items }),
  };
  // Between two VMM sites nothing is made in Azure.
  if (scenario === "vmmToVmm" || !isHome) return withComputed(inputs, preview, olds);
  return withConnectivityPlan({ loaded, inputs }, preview);
}

/**
 * What the stack knows, as far as `check` is shown it. The outputs, which know it for sure (an open walk, the stage last
 * applied), are not: after a failed update the walk that the last preview announced still stands while its machines are
 * on its way in the turn it began in.
 */
function priorOf({ isNew, olds, before }: Asked, scenario: Scenario, items: readonly ItemAtStage[]) {
  if (isNew) return undefined;
  const last = before?.walk;
  const walk = last && last.to === olds.stage && isStillOpen(scenario, last, items) ? last : undefined;
  return {
    lastAppliedStage: walk?.from ?? olds.stage,
    walk,
    items: before?.managed ?? items.map((item) => item.id),
  };
}

/** With who can connect the day after, behind what the preview says. */
async function withConnectivityPlan(
  { loaded, inputs }: Pick<Asked, "loaded" | "inputs">,
  preview: Preview,
): Promise<Properties> {
  const { lines, plan } = await planConnectivityOf(loaded, { purpose: "failover", access: accessOf(inputs) });
  const shown = { ...preview, lines: [...preview.lines, ...lines, ...applyLines(inputs, plan, "failover")] };
  return { ...inputs, ...defined({ preview: shown, connectivityPlan: plan }) };
}

/** What is certain to be refused once the machines that are not there yet are: they will be at protected. */
async function unseenFailures(
  context: Context,
  loaded: LoadedTarget,
  inputs: Properties,
  isNew: boolean,
): Promise<CheckFailure[]> {
  const [first] = loaded.items;
  const scenario = scenarioOf(first?.instanceType ?? "");
  if (scenario === undefined || loaded.items.some((item) => scenarioOf(item.instanceType) !== scenario)) return [];
  const failures = await optionFailures(context, loaded, scenario, inputs);
  if (!isNew || inputs.stage === "protected") return failures;
  const whereItWillBe = `${describeTarget(loaded)} is not there yet, and will be at protected`;
  const way = path(scenario, "protected", inputs.stage as Stage, inputs.through === true);
  const reason = !way.isLegal
    ? `: ${whereItWillBe}; ${way.reason}; allowed: "protected"`
    : inputs.startFrom === undefined
      ? `: ${whereItWillBe}; allowed: "protected", or startFrom: "protected@never" beside it`
      : undefined;
  if (reason) failures.push({ property: "stage", reason: `value ${show(inputs.stage)}${reason}` });
  return failures;
}

/** Servers are named where a step needs them, and not read otherwise. */
async function namesFor(loaded: LoadedTarget, decision: Decision): Promise<NameOfServer> {
  const isNeeded =
    decision.kind === "walk" &&
    decision.steps.some(({ action }) => ["reprotect", "failback", "reverseReplicate"].includes(action));
  return isNeeded ? serverNames(loaded) : noNames;
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

/** True where machines are busy with a step of a walk that the last preview announced. */
function isOnWayOf(walk: OpenWalk | undefined, busy: readonly ReplicatedItem[]): boolean {
  const scenario = scenarioOf(busy[0]?.instanceType ?? "");
  const way = walk && scenario ? path(scenario, walk.from, walk.to, true) : undefined;
  const names = way?.isLegal ? way.steps.flatMap((step) => step.scenarioNames) : [];
  return busy.some(({ currentScenario }) => names.includes(currentScenario?.scenarioName ?? ""));
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

export function isPointChange(olds: Properties, news: Properties, isNew: boolean): boolean {
  return !isNew && olds.recoveryPoint !== undefined && olds.recoveryPoint !== news.recoveryPoint;
}
