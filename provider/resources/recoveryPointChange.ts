/** Another recovery point for machines that failed over and are not committed. */

import { pickPoint } from "../lifecycle/recoveryPoints.js";
import { InvalidInput } from "../siterecovery/errors.js";
import { sameId, type Target } from "../siterecovery/siteRecovery.js";
import { inBootOrder } from "./bootOrder.js";
import { certificatesOf } from "./certificates.js";
import { defined } from "./compare.js";
import type { Context, Properties } from "./handler.js";
import { finish } from "./jobEnds.js";
import { markOf, startOnce } from "./start.js";
import { describeTarget, type LoadedTarget, loadSettled, loadTarget } from "./target.js";
import { show } from "./validate.js";

/**
 * Changes the point of each machine that the failover moved, in boot order.
 *
 * @throws InvalidInput for `latest`, which no change can name, and for a point that is gone
 */
export async function changeRecoveryPoint(
  context: Context,
  loaded: LoadedTarget,
  news: Properties,
  items: readonly string[],
): Promise<LoadedTarget> {
  const choice = String(news.recoveryPoint);
  if (choice === "latest") {
    throw new InvalidInput(
      `changing the recovery point of ${describeTarget(loaded)}: recoveryPoint "latest" is no legal change: replication has stopped, and no new point can be made. Allowed: latestProcessed, latestApplicationConsistent, or for a single machine the ARM id of a recovery point`,
      { resourceId: loaded.id },
    );
  }
  const movers = loaded.items.filter((item) => items.some((id) => sameId(id, item.id)));
  const picked = new Map<string, string>();
  for (const item of movers) {
    const choiceOfItem = pickPoint(choice, await loaded.siteRecovery.getRecoveryPoints(item.id));
    if (choiceOfItem.kind !== "point") {
      throw new InvalidInput(
        `changing the recovery point of ${item.friendlyName}: recoveryPoint ${show(choice)}: ${choiceOfItem.kind === "none" ? choiceOfItem.reason : "not possible"}. Nothing was started.`,
        { resourceId: item.id },
      );
    }
    picked.set(item.id, choiceOfItem.point.id);
  }
  await inBootOrder(loaded, movers, async (item) => {
    const recoveryPointId = picked.get(item.id);
    if (recoveryPointId === undefined || isSamePoint(item.failoverRecoveryPointId, recoveryPointId)) return;
    const single = await loadTarget(context, item.id, { isFresh: true });
    const name = describeTarget(single);
    const job = await startOnce({
      siteRecovery: single.siteRecovery,
      name,
      readTarget: async (): Promise<Target> => (await loadTarget(context, item.id, { isFresh: true })).target,
      action: () => ({
        kind: "applyRecoveryPoint",
        recoveryPointId,
        ...defined({ certificates: certificatesOf(news) }),
      }),
      scenarioNames: ["ChangePit"],
      operations: ["ChangePit"],
      mark: markOf("ChangePit", item.id.toLowerCase(), recoveryPointId.toLowerCase()),
    });
    await finish(context, single, job, `changing the recovery point of ${name}`, news);
  });
  return loadSettled(context, loaded.id);
}

function isSamePoint(a: string | undefined, b: string): boolean {
  const last = (id: string) => id.slice(id.lastIndexOf("/") + 1).toLowerCase();
  return a !== undefined && a !== "" && last(a) === last(b);
}
