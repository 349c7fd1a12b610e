/** A failover's connectivity: applied while its machines run in Azure, taken back once they run on-premises again. */

import type { ConnectivityPlan } from "../connectivity/index.js";
import type { AccessEvidence } from "../evidence/types.js";
import type { Stage } from "../lifecycle/stages.js";
import { NotFound } from "../siterecovery/errors.js";
import type { ReplicatedItem } from "../siterecovery/siteRecovery.js";
import { verifyAccess } from "./accessCheck.js";
import { machineNameOf } from "./connectivity.js";
import { appliedKey, appliesConnectivity, settleConnectivity, takeBack } from "./connectivityRun.js";
import { type Context, PartialFailure, type Properties } from "./handler.js";
import { nameOf } from "./ids.js";
import { itemsInAzure, namesItsTarget } from "./itemsInAzure.js";
import { loadTarget } from "./target.js";

/** Outputs that outlive a run: what was added, what Azure said of it, and that it is not settled yet. */
export const connectivityOutputs = [appliedKey, "connectivityCheck", "connectivityPending"] as const;

/** Who can connect to a machine after the fix, as Azure's IP flow verify answers. */
export interface ConnectivityCheck {
  /** The machine's name on-premises. */
  name: string;
  /** Each wanted access with Azure's answer. */
  access: AccessEvidence[];
}

const inAzure: readonly Stage[] = ["failedOver", "committed", "reprotected"];

/**
 * Reaches a declared stage and settles connectivity there; leaves it while the machines are elsewhere than declared.
 *
 * @throws PartialFailure: the machines are where they were declared, their connectivity is not
 */
export async function withConnectivity(
  context: Context,
  news: Properties,
  prior: Properties | undefined,
  reach: () => Promise<{ id: string; outputs: Properties }>,
): Promise<{ id: string; outputs: Properties }> {
  const isConcerned = appliesConnectivity(news) || prior?.[appliedKey] !== undefined;
  if (!isConcerned) return reach();
  // A reprotect turns an item round: then it names the settings of the way back, and no Azure network any more.
  const before = forwardItems((await loadTarget(context, String(news.targetId), { isFresh: true })).items);
  const result = await reach();
  const { id, outputs } = result;
  const isReached = outputs.observedStage === outputs.lastAppliedStage && outputs.walk === undefined;
  if (!isReached) return result;
  const kept = Object.fromEntries(
    Object.entries(outputs).filter(([key]) => !connectivityOutputs.some((name) => name === key)),
  );
  try {
    const now = await loadTarget(context, id, { isFresh: true });
    const lastPlan = (news.connectivityPlan ?? prior?.connectivityPlan) as ConnectivityPlan | undefined;
    const items = forwardItems(now.items) ?? before ?? (await itemsInAzure(now.siteRecovery, now.items, lastPlan));
    const loaded = { ...now, items };
    if (!inAzure.includes(outputs.observedStage as Stage)) {
      await takeBack(context, id, { ...news, ...recorded(prior) }, { purpose: "failover" }, loaded.items);
      return { id, outputs: kept };
    }
    const missing = now.items.filter((item) => !items.some(({ id: known }) => known === item.id));
    if (missing.length > 0)
      throw new NotFound(
        `neither Azure nor the last plan tells the network of ${missing.map((item) => item.friendlyName).join(", ")}, which replicates back already`,
      );
    const machineName = (item: (typeof loaded.items)[number]) => machineNameOf(item, "failover");
    const settled = await settleConnectivity(context, loaded, news, prior, { purpose: "failover", machineName });
    if (settled.plan === undefined) return { id, outputs: { ...kept, ...settled.outputs } };
    const { plan } = settled;
    const check: ConnectivityCheck[] = await Promise.all(
      loaded.items.map(async (item) => ({
        name: item.friendlyName,
        access: await verifyAccess(loaded.siteRecovery, item, machineName(item), plan),
      })),
    );
    for (const { name, access } of check)
      for (const { differsFromPlan, protocol, port, path, decidedBy } of access)
        if (differsFromPlan)
          context.log("warning", `${name}: ${protocol}/${port} by ${path} is not as planned (${decidedBy})`);
    return { id, outputs: { ...kept, ...settled.outputs, connectivityCheck: check } };
  } catch (error) {
    throw new PartialFailure(id, { ...kept, ...recorded(prior), connectivityPending: true }, [
      `Failover of ${nameOf(id)}: the machines are at ${String(outputs.observedStage)}, but their connectivity could not be settled: ${error instanceof Error ? error.message : String(error)}`,
      "Run `pulumi up` again to go on; nothing else is started.",
    ]);
  }
}

/** The items, where all of them still name what they fail over to. */
function forwardItems(items: ReplicatedItem[]): ReplicatedItem[] | undefined {
  return items.every(namesItsTarget) ? items : undefined;
}

/** What stays in Azure when a failover is forgotten; empty where nothing was added. */
export function remainingConnectivity(outputs: Properties): string {
  const parts = outputs[appliedKey] as Record<string, { id: string }[]> | undefined;
  const ids = Object.values(parts ?? {}).flatMap((list) => list.map(({ id }) => nameOf(id)));
  return ids.length === 0 ? "" : ` What was added for connectivity stays in Azure: ${ids.join(", ")}.`;
}

function recorded(prior: Properties | undefined): Properties {
  return prior?.[appliedKey] === undefined ? {} : { [appliedKey]: prior[appliedKey] };
}
