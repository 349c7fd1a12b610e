/**
 * How a `Failover` differs from its state, and whether the state allows what the preview announces. `check` is not shown
 * what the outputs know for sure: the last failover that this stack saw, and a walk that has not ended. `diff` is, and so
 * a preview already refuses what an `up` would.
 */

import { containsUnknown } from "../connectivity/unknown.js";
import { authorise, type ItemAtStage } from "../lifecycle/authorise.js";
import { type Scenario, type Stage, stages } from "../lifecycle/stages.js";
import { NotAllowedInState } from "../siterecovery/errors.js";
import { changedKeys, defined, diffOf } from "./compare.js";
import { isEvidenceUnsettled } from "./failoverEvidence.js";
import { failoverSchema } from "./failoverSchema.js";
import type { DiffResult, Properties } from "./handler.js";
import { parseTarget } from "./ids.js";
import { type ObservedMachine, observedMachinesKey } from "./observedMachines.js";
import { digestOf } from "./preview.js";
import { declarationOf } from "./settle.js";
import { describeTarget } from "./target.js";

/**
 * @param olds outputs of the state
 * @param news checked inputs
 * @throws NotAllowedInState where the machines moved behind the back of this state: with the words of an `up`
 */
export function diffFailover(olds: Properties, news: Properties): DiffResult {
  const changes = changedKeys(olds, news, Object.keys(failoverSchema.shape));
  if (olds.previewDigest !== digestOf(news)) changes.push("preview");
  if (isMovedUnseen(olds, news)) changes.push("observedStage");
  if (!changes.includes("targetId")) requireKnownTurn(olds, news);
  return {
    ...diffOf(changes, news, ["targetId"]),
    hasChanges:
      changes.length > 0 ||
      olds.walk !== undefined ||
      olds.connectivityPending === true ||
      isEvidenceUnsettled(olds, news),
  };
}

/**
 * True where a refresh found a machine elsewhere than this stack brought it: Pulumi shows of a refresh what `diff` says of
 * the new outputs and the stored inputs, which hold where the last `up` saw the machines.
 */
function isMovedUnseen(olds: Properties, news: Properties): boolean {
  const { lastAppliedStage, observedStages, walk } = olds;
  const seen = machinesSeen(news);
  if (!seen || !Array.isArray(observedStages) || walk !== undefined) return false;
  return (observedStages as { name: string; stage: string }[]).some(
    ({ name, stage }) =>
      stages.includes(stage as Stage) &&
      stage !== lastAppliedStage &&
      seen.items.some((item) => item.name === name && item.stage !== stage),
  );
}

function requireKnownTurn(olds: Properties, news: Properties): void {
  const seen = machinesSeen(news);
  const target = parseTarget(String(news.targetId));
  if (!seen || !target || olds.lastAppliedStage === undefined) return;
  const decision = authorise(declarationOf(seen.scenario, seen.items, news, olds));
  if (decision.kind !== "refused") return;
  throw new NotAllowedInState(`Failover of ${describeTarget(target)}: ${decision.lines.join(" ")}`);
}

/** The machines as `check` found them; undefined where one of them was at no stage, or not there. */
function machinesSeen(news: Properties): { scenario: Scenario; items: ItemAtStage[] } | undefined {
  const machines = news[observedMachinesKey];
  if (!Array.isArray(machines) || containsUnknown(news.stage) || containsUnknown(machines)) return undefined;
  const found = machines as readonly ObservedMachine[];
  const items = found.flatMap(({ replicatedItemId: id, name, stage, lastFailover: lastFailoverTime }) =>
    stage === undefined ? [] : [defined({ id, name, stage, lastFailoverTime })],
  );
  const [first] = found;
  return first && items.length === found.length ? { scenario: first.scenario, items } : undefined;
}
