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
import { observedMachines, observedMachinesKey, withFailoverTimes } from "./observedMachines.js";
import { digestOf, type Preview } from "./preview.js";
import { atStages, decide, scenarioOfTarget } from "./settle.js";
import { type NameOfServer, noNames, serverNames } from "./stepText.js";
import { describeTarget, type LoadedTarget, loadTarget } from "./target.js";
import { show } from "./validate.js";

/** What a preview shows, and the refusals that are certain already. */
export async function previewFailover(
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
    failures.push(await missingTarget(context, given, error));
    return { inputs: given, failures };
  }
  if (changedKeys(olds, given, ["connectivity"]).length > 0)
    failures.push(...accessNameFailures(loaded.items, given));
  const isNew = olds.stage === undefined || importedMarker in olds || !sameTarget(olds, given);
  const joining = loaded.items.filter(({ protectionState }) => protectionState === notReplicatedYet);
  if (!isNew && !loaded.isDeclared && joining.length > 0 && joining.length < loaded.items.length) {
    if (given.stage !== olds.stage)
      failures.push({
        property: "stage",
        reason: `value ${show(given.stage)} cannot be reached while ${describeTarget(loaded)} gets machines that do not replicate yet (${joining.map((item) => item.friendlyName).join(", ")}): add them in an \`up\` of its own first, then change the stage`,
      });
    loaded = { ...loaded, items: loaded.items.filter((item) => !joining.includes(item)), isAnyItemMissing: false };
  }
  const observed = observedMachines(loaded.items);
  const inputs: Properties = { ...given, [observedMachinesKey]: observed };
  const before = isNew || isUnknown(olds.preview) ? undefined : (olds.preview as Preview | undefined);
  if (loaded.isAnyItemMissing) {
    failures.push(...(await unseenFailures(context, loaded, inputs, isNew)));
    if (failures.length > 0) return { inputs, failures };
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
    return { inputs: withComputed(inputs, { lines, drift: [], ...kept }, olds), failures };
  }
  const scenario = scenarioOfTarget(loaded);
  failures.push(...(await optionFailures(context, loaded, scenario, inputs)));
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
  const { decision, items: timed } = await decide(loaded, inputs, prior);
  inputs[observedMachinesKey] = withFailoverTimes(observed, timed);
  if (decision.kind === "refused") failures.push({ property: "stage", reason: decision.lines.join(" ") });
  const isOtherPoint = isPointChange(olds, inputs, isNew) && olds.stage === "failedOver";
  const isChange = isOtherPoint && declared === "failedOver" && isReached;
  const refusal = isOtherPoint && !openWalk ? refusalOfPointChange(inputs) : undefined;
  if (refusal)
    failures.push({ property: "recoveryPoint", reason: `value ${show(inputs.recoveryPoint)} ${refusal}` });
  const isPointWrong = failures.some(({ property }) => property === "recoveryPoint");
  const ofWalk = await walkFailures(context, loaded, scenario, decision, inputs, isChange);
  // Of a point that no machine of this kind can have it says nothing that these do not.
  failures.push(...ofWalk.filter(({ property }) => !(isPointWrong && property === "recoveryPoint")));
  if (failures.length > 0 || decision.kind === "refused") return { inputs, failures };
  if (decision.kind === "walk") expectDrillable(context, scenario, declared, decision.walk.items);
  // A walk that was gone to its end is told as what it came to, and is no change to the `up` that announced it.
  if (
    before &&
    !isChange &&
    isReached &&
    olds.stage === declared &&
    before.drift.length === 0 &&
    !items.every((item) => item.stage === "protected")
  ) {
    const lines = describeReached(loaded, scenario, inputs);
    return { inputs: withComputed(inputs, { ...before, lines, announced: digestOf(olds) }, olds), failures };
  }
  const head = isChange
    ? [
        `Recovery point of ${describeTarget(loaded)}: changed to ${String(inputs.recoveryPoint)}, machine by machine. Data written in Azure since the failover is lost.`,
      ]
    : describeDecision(loaded, scenario, decision, inputs, await namesFor(loaded, decision));
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
