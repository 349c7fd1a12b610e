/**
 * Taking over an item that Azure has and the stack has not: with equal settings, and without a write. Settings that differ
 * are refused, each of them.
 */

import { Conflict } from "../siterecovery/errors.js";
import type { ReplicatedItem, SiteRecovery } from "../siterecovery/siteRecovery.js";
import type { Asking } from "./existing.js";
import type { Context, Properties } from "./handler.js";
import { type Difference, differences, restarting } from "./replicatedItemSettings.js";
import { isReady, isUnchanged, offStage } from "./replicatedItemStage.js";
import { vaultOf } from "./schema.js";
import { isOurs, type Mark, markOf } from "./start.js";
import { show } from "./validate.js";

/** The mark on the job that enables an item's replication. */
export function enableMark(id: string): Mark {
  return markOf("ReplicatedItem", id.toLowerCase());
}

/** True for an item that neither this stack nor a run of it that was cut off made. */
export async function isNewToStack(
  context: Context,
  siteRecovery: SiteRecovery,
  item: ReplicatedItem,
): Promise<boolean> {
  if (context.claims.isOfStack(item.id)) return false;
  const [enabled] = await siteRecovery.listJobs({ kind: "replicatedItem", item }, "EnableDr");
  return enabled === undefined || !isOurs(enabled, enableMark(item.id));
}

/** In a preview already: what would refuse to take the item over. */
export async function refuseAdoption(asking: Asking, item: ReplicatedItem): Promise<void> {
  const { context, inputs, failures } = asking;
  if (failures.length > 0) return;
  if (isUnchanged(inputs, item, undefined)) {
    // A renamed resource shows as one to create and one to delete.
    context.log(
      "info",
      `Replicated item "${item.name}" is in the vault with these settings: it is taken over as it is.`,
    );
    return;
  }
  const reason = offStage(item, "creating");
  if (reason !== undefined) {
    failures.push({ property: "name", reason: `value ${show(item.name)} is in the vault already: ${reason}` });
    return;
  }
  const differing = foreignSettings(inputs, item);
  if (differing.length === 0 || !(await isNewToStack(context, context.connect(vaultOf(inputs)), item))) return;
  for (const { key, wanted, observed } of differing) {
    failures.push({
      property: key,
      reason: `value ${show(wanted)} is not what replicated item ${show(item.name)} of the vault has (${show(observed)}), and this resource is new to the stack: declare that to take the item over, then change it, or choose another name`,
    });
  }
}

/** @throws Conflict listing each setting that differs */
export function requireEqual(news: Properties, item: ReplicatedItem): void {
  const differing = foreignSettings(news, item);
  if (differing.length === 0) return;
  throw new Conflict(
    `creating replicated item "${item.name}": an item of this name exists with other settings (${differing
      .map(
        ({ key, wanted, observed }) =>
          `${key} is ${JSON.stringify(observed ?? null)}, declared ${JSON.stringify(wanted ?? null)}`,
      )
      .join("; ")}). Declare its settings to take it over, or choose another name`,
    { resourceId: item.id },
  );
}

/** What differs; of an item whose first copy still runs only what is settled by then: adapters show with replication. */
function foreignSettings(news: Properties, item: ReplicatedItem): Difference[] {
  const all = differences(news, item);
  return isReady(item) ? all : all.filter(({ key }) => restarting.includes(key));
}
