/** The clean-up of a drill: of its own and of nothing else. */

import { NotFound } from "../siterecovery/errors.js";
import { sameId } from "../siterecovery/siteRecovery.js";
import { cleanupNames, drillMark, waitingDrill } from "./drill.js";
import type { Context, Properties } from "./handler.js";
import { timeoutOf } from "./schema.js";
import { isOurs, markOf, progress, requireGoodEnd, startOnce } from "./start.js";
import { describeTarget, itemsInDrill, type LoadedTarget, loadTarget } from "./target.js";

/**
 * Cleans up the drill that these outputs tell of; one that somebody else started since is left alone.
 *
 * @throws JobFailed, Timeout
 */
export async function cleanUp(context: Context, id: string, outputs: Properties, what: string): Promise<void> {
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
