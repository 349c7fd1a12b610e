/** A test failover that waits for its clean-up: Azure offers no failover until then. */

import { NotAllowedInState } from "../siterecovery/errors.js";
import type { Context, Properties } from "./handler.js";
import { finish } from "./jobEnds.js";
import { type Mark, markOf, startOnce } from "./start.js";
import { describeTarget, itemsInDrill, type LoadedTarget, loadSettled, loadTarget } from "./target.js";

/** The mark on the clean-up of a drill that stood in a failover's way. */
export function cleanUpMark(id: string, news: Properties): Mark {
  return markOf("TestFailoverCleanup", id.toLowerCase(), news.stage);
}

/**
 * Cleans up the drill in the way of a failover, where the declaration says so.
 *
 * @throws NotAllowedInState naming the drill and the argument that allows it
 */
export async function cleanUpDrill(context: Context, loaded: LoadedTarget, news: Properties): Promise<void> {
  const waiting = itemsInDrill(loaded);
  if (news.cleanUpTestFailover !== true) {
    throw new NotAllowedInState(
      `Failover of ${describeTarget(loaded)}: a test failover waits for its clean-up on ${waiting.map((item) => item.friendlyName).join(", ")}, and Azure offers nothing else until then. Nothing was started. Clean it up, or set cleanUpTestFailover: true.`,
      { resourceId: loaded.id },
    );
  }
  const isPlanDrill =
    loaded.target.kind === "recoveryPlan" && loaded.target.plan.allowedOperations.includes("TestFailoverCleanup");
  const ids = loaded.kind === "replicatedItem" || isPlanDrill ? [loaded.id] : waiting.map((item) => item.id);
  for (const id of ids) {
    const single = await loadTarget(context, id, { isFresh: true });
    const name = describeTarget(single);
    const job = await startOnce({
      siteRecovery: single.siteRecovery,
      name,
      readTarget: async () => (await loadTarget(context, id, { isFresh: true })).target,
      action: () => ({
        kind: "testFailoverCleanup",
        comments: "Cleaned up by pulumi-siterecovery before a failover",
      }),
      scenarioNames: ["TestFailoverCleanup"],
      operations: ["TestFailoverCleanup"],
      mark: cleanUpMark(id, news),
    });
    await finish(context, single, job, `cleaning up the test failover of ${name}`, news);
  }
  await loadSettled(context, loaded.id);
}
