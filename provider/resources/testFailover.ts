/**
 * `TestFailover`: a drill. Creating it runs a test failover of a machine or a recovery plan in an isolated network,
 * deleting it cleans up what that drill made, and nothing else.
 */

import { containsUnknown, isUnknown } from "../connectivity/unknown.js";
import type { RunEvidence } from "../evidence/types.js";
import { observe } from "../lifecycle/stages.js";
import { NotFound } from "../siterecovery/errors.js";
import { type ReplicatedItem, sameId } from "../siterecovery/siteRecovery.js";
import { changedKeys, defined, diffOf } from "./compare.js";
import { isConnectivityChanged, takeBack } from "./connectivityRun.js";
import { historyPending, missedGoals, withEvidenceDirectory } from "./evidenceArgs.js";
import { ifAnswered } from "./existing.js";
import { type Context, type Handler, isKept, keep, type Properties } from "./handler.js";
import { drillKey, parseTarget } from "./ids.js";
import { observedMachinesKey } from "./observedMachines.js";
import { digestOf, type Preview, previewOfUnknown } from "./preview.js";
import { describeTarget, itemsInDrill, type LoadedTarget, loadTarget } from "./target.js";
import { isWrong, validateTargeted, without } from "./targetInputs.js";
import { cleanUp } from "./testFailoverCleanUp.js";
import { computed, ranAlready } from "./testFailoverPreview.js";
import { endDrill, remeasured, runDrill } from "./testFailoverRun.js";
import { testFailoverSchema } from "./testFailoverSchema.js";

export { testFailoverSchema } from "./testFailoverSchema.js";

/** The output that a clean-up elsewhere was told of by an `up`. */
const cleanUpTold = "cleanUpTold";

/** What makes a drill another drill; the same target keeps the same id, so the old one is cleaned up first. */
const definition = ["testNetworkId", "recoveryPoint", "triggers"];

export const testFailover: Handler = {
  token: "TestFailover",
  schema: testFailoverSchema,

  async check(context, olds, news) {
    const { inputs: given, failures, target } = validateTargeted(testFailoverSchema, news);
    const inputs = withEvidenceDirectory(context, given);
    const deciding = ["testNetworkId", "allowProductionNetwork", "recoveryPoint"];
    // What is wrong elsewhere must not hide what Azure has to say of the drill: everything is told at once.
    if (failures.length > 0 && (!target || isWrong(failures, [...deciding, "encryption", "completed"])))
      return { inputs, failures };
    // The plan of a drill that ran is part of its evidence: its own machines hold the addresses that a new one would find taken.
    const isSameDrill =
      "preview" in olds && changedKeys(olds, inputs, ["targetId", ...definition, "connectivity"]).length === 0;
    if (isSameDrill && !isUnknown(olds.preview)) {
      return {
        inputs: {
          ...inputs,
          ...defined({
            preview: await previewOfSameDrill(context, String(inputs.targetId), olds),
            connectivityPlan: olds.connectivityPlan,
            [observedMachinesKey]: olds[observedMachinesKey],
          }),
        },
        failures,
      };
    }
    if (!target || deciding.some((key) => containsUnknown(inputs[key])))
      return { inputs: { ...inputs, preview: previewOfUnknown }, failures };
    const isToRun = !("preview" in olds) || changedKeys(olds, inputs, ["targetId", ...definition]).length > 0;
    const known = await computed(context, without(inputs, failures), failures, isToRun);
    return { inputs: { ...inputs, ...known }, failures };
  },

  diff(_id, olds, news) {
    const changes = changedKeys(olds, news, Object.keys(testFailoverSchema.shape));
    const isUnfinished = olds.status === "running" || olds.status === "failed";
    const isReplanned = olds.previewDigest !== digestOf(news);
    // A refresh clears the mark of a failed `up`: that a goal is missed has to be seen here.
    const isUnsettled = olds[historyPending] === true || missedGoals(evidenceOf(olds), news, "").length > 0;
    if (isReplanned) changes.push("preview");
    // Pulumi shows of a refresh what this says of the outputs that it read.
    if (olds.cleanedUp !== undefined && olds[cleanUpTold] !== true) changes.push("status", "cleanedUp");
    return {
      ...diffOf(changes, news, ["targetId"], definition),
      hasChanges: changes.length > 0 || isUnfinished || isUnsettled,
    };
  },

  async reconcile(context, news, prior) {
    const id = String(news.targetId);
    const hasEnded = prior && prior.outputs.status !== "running" && prior.outputs.status !== "failed";
    const isToReapply =
      prior?.outputs.status === "waitingForCleanup" && isConnectivityChanged(prior.outputs, news);
    if (prior && hasEnded && !isToReapply) {
      keep(context, drillKey(id));
      const kept = Object.fromEntries(
        Object.entries(prior.outputs).filter(
          ([key]) => !(key in testFailoverSchema.shape) && key !== historyPending,
        ),
      );
      const isCleanedUp = kept.cleanedUp !== undefined || (await isGone(context, id));
      const outputs = {
        ...kept,
        ...(isCleanedUp ? { status: "cleanedUp", cleanedUp: "elsewhere", [cleanUpTold]: true } : {}),
        ...(await remeasured(context, news, prior.outputs)),
        ...news,
        preview: { ...(news.preview as Preview), lines: [] },
        previewDigest: digestOf(news),
      };
      return endDrill(id, outputs, describeTarget(parseTarget(id) ?? { kind: "", name: id }));
    }
    return runDrill(context, id, news, prior?.outputs);
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
    if (outputs.status !== "waitingForCleanup" || !isOver(loaded)) return { outputs };
    return { outputs: { ...outputs, status: "cleanedUp", cleanedUp: "elsewhere" } };
  },

  async delete(context, id, outputs) {
    const parsed = parseTarget(id);
    const what = `test failover of ${parsed ? describeTarget(parsed) : id}`;
    if (isKept(context, drillKey(id), what)) return;
    const items = await itemsOf(context, id);
    const run = { purpose: "testFailover" as const, networkId: String(outputs.testNetworkId) };
    await takeBack(context, id, outputs, run, items);
    await cleanUp(context, id, outputs, what);
  },
};

/** No machine of the target is in a drill, or may be: a job that holds one may be a drill's. */
function isOver(loaded: LoadedTarget): boolean {
  const isBusy = loaded.items.some((item) => observe(item).kind === "busy");
  return !isBusy && itemsInDrill(loaded).length === 0;
}

/** True where a drill that ran waits no more, as far as the vault can be read. */
async function isGone(context: Context, id: string): Promise<boolean> {
  const loaded = await ifAnswered(() => loadTarget(context, id, { isFresh: false }));
  return loaded !== undefined && isOver(loaded);
}

/** What is told of a drill that nothing asks to run again; one that is not over, or not complete, as it was announced. */
async function previewOfSameDrill(context: Context, id: string, olds: Properties): Promise<unknown> {
  const name = describeTarget(parseTarget(id) ?? { kind: "", name: id });
  const loaded = await ifAnswered(() => loadTarget(context, id, { isFresh: false }));
  if (loaded === undefined) return olds.preview;
  if (isOver(loaded)) {
    const line = `The drill of ${name} waits no more: it was cleaned up, not by this resource. \`up\` keeps its evidence and starts nothing; a change of triggers runs it again.`;
    return { lines: [line], drift: [] };
  }
  if (itemsInDrill(loaded).length < loaded.items.length) return olds.preview;
  return { ...(olds.preview as Preview), lines: [ranAlready(name)], announced: digestOf(olds) };
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

function evidenceOf(outputs: Record<string, unknown>): RunEvidence | undefined {
  return outputs.evidence as RunEvidence | undefined;
}
