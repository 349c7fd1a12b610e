/** What went wrong in a walk's step that ended while nobody looked: the `up` that began it was interrupted or killed. */

import type { Decision, OpenWalk } from "../lifecycle/authorise.js";
import { observe, type Stage } from "../lifecycle/stages.js";
import { sameId } from "../siterecovery/siteRecovery.js";
import type { Context, Properties } from "./handler.js";
import { reportShutdown } from "./jobEnds.js";
import { timeoutOf } from "./schema.js";
import { lastOwnSteps, type Missed, nameOf } from "./settle.js";
import { failureOf, hasGoodEnd } from "./start.js";
import { describeTarget, type LoadedTarget } from "./target.js";

/**
 * The failures of this declaration's last jobs that no `up` has told of yet. Machines that are still where the walk began
 * say enough by that: their step starts again. Nothing is read from Azure where no machine has left its stage.
 *
 * @param settled What this `up` has told of already.
 */
export async function missedFailures(
  context: Context,
  loaded: LoadedTarget,
  decision: Extract<Decision, { kind: "nothing" | "walk" }>,
  news: Properties,
  prior: Properties | undefined,
  settled: Missed,
): Promise<Missed> {
  const from = beganAt(decision, news, prior);
  const movers = decision.kind === "walk" ? decision.walk.items : decision.items;
  const hasStayed = loaded.items.some((item) => {
    const observation = observe(item);
    return (
      movers.some((id) => sameId(id, item.id)) && (observation.kind !== "stage" || observation.stage === from)
    );
  });
  if (from === undefined || from === news.stage || hasStayed) return { failures: [], shutdowns: [] };

  const told = [...((prior?.findings ?? []) as string[]), ...settled.shutdowns, ...settled.failures];
  const missed: Missed = { failures: [], shutdowns: [] };
  for (const { target, job } of await lastOwnSteps(loaded, news)) {
    if (told.some((line) => line.includes(job.name))) continue;
    const what = describeTarget({ kind: target.kind, name: nameOf(target) });
    // Lists of jobs carry neither tasks nor errors.
    const ended = await loaded.siteRecovery.waitForJob(job.name, timeoutOf(news, 240));
    if (ended.scenarioName === "UnplannedFailover") {
      const lines = [...told, ...missed.shutdowns];
      const before = lines.length;
      reportShutdown(context, ended, what, lines);
      missed.shutdowns.push(...lines.slice(before));
    }
    if (hasGoodEnd(ended)) continue;
    const { message } = failureOf(ended, `${ended.scenarioName} of ${what}`);
    context.log("warning", `${message} Every machine arrived all the same.`);
    missed.failures.push(message);
  }
  return missed;
}

function beganAt(decision: Decision, news: Properties, prior: Properties | undefined): Stage | undefined {
  if (decision.kind === "walk") return decision.walk.from;
  const walk = prior?.walk as OpenWalk | undefined;
  const startFrom = (news.startFrom as string | undefined)?.split("@")[0];
  return walk?.from ?? ((prior ? prior.lastAppliedStage : startFrom) as Stage | undefined);
}
