/** Changes that need replication to be disabled and enabled again. */

import { containsUnknown } from "../connectivity/unknown.js";
import { sameId } from "../siterecovery/siteRecovery.js";
import { changedKeys } from "./compare.js";
import { type Asking, ifAnswered, listPlans } from "./existing.js";
import type { CheckFailure, Properties } from "./handler.js";
import { itemId, planId } from "./ids.js";
import { restarting } from "./replicatedItemSettings.js";
import { vaultOf } from "./schema.js";
import { show } from "./validate.js";

/**
 * A change that Azure cannot make in place costs every recovery point: it needs the word. Returns what restarts
 * replication with it.
 */
export function refuseRestart(olds: Properties, news: Properties, failures: CheckFailure[]): string[] {
  if (olds.name !== undefined && !containsUnknown(news.name) && olds.name !== news.name) {
    const isSameMachine = changedKeys(olds, news, ["fabricDiscoveryMachineId"]).length === 0;
    if (isSameMachine) {
      failures.push({
        property: "name",
        reason: `value ${JSON.stringify(news.name)} would protect the machine of replicated item ${JSON.stringify(olds.name)} a second time, and Azure protects a machine once; keep the name`,
      });
    }
  }
  const isAllowed = news.restartReplication === true;
  const restarts: string[] = [];
  for (const key of [...restarting, "fabricName", "protectionContainerName"]) {
    if (containsUnknown(news[key]) || changedKeys(olds, news, [key]).length === 0) continue;
    restarts.push(key);
    if (isAllowed) continue;
    failures.push({
      property: key,
      reason:
        "cannot be changed in place: replication would be disabled and enabled again, all recovery points lost, full replication again; " +
        "set restartReplication: true to allow it",
    });
  }
  return isAllowed ? restarts : [];
}

/**
 * Azure disables no machine that is in a recovery plan, and Pulumi deletes it before it changes the plan.
 *
 * @param restarts what restarts replication; nothing is asked where nothing does
 */
export async function refuseInPlan(
  { context, olds, inputs, failures }: Asking,
  restarts: string[],
): Promise<void> {
  const [property] = restarts;
  if (property === undefined) return;
  const vault = vaultOf(olds);
  const id = itemId(vault, String(olds.fabricName), String(olds.protectionContainerName), String(olds.name));
  const siteRecovery = context.connect(vault);
  const plans = await ifAnswered(async () => {
    const listed = await listPlans(siteRecovery, vault);
    return Promise.all(listed.map(({ name }) => siteRecovery.findPlan(planId(vault, name))));
  });
  const holding = (plans ?? []).flatMap((plan) =>
    plan?.groups.some(({ replicatedItemIds }) => replicatedItemIds.some((member) => sameId(member, id)))
      ? [plan.name]
      : [],
  );
  if (holding.length === 0) return;
  failures.push({
    property,
    reason: `value ${show(inputs[property])} needs replication to be disabled, and Azure disables no machine that is in a recovery plan (${holding.join(", ")}): take it out of there in an \`up\` of its own, change this in the next one, then put it back`,
  });
}
