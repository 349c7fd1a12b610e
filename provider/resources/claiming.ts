/** `check` and `diff` as both shells call them: with what the program declares noted in the context's claims. */

import type { CheckResult, Context, DiffResult, Handler, Properties } from "./handler.js";
import { drillKey, fabricId, itemId, mappingId, planId, policyId } from "./ids.js";
import { vaultOf } from "./schema.js";

/** `check`, with the ARM id claimed: also where it fails, as `--continue-on-error` deletes after failed checks too. */
export async function checkClaiming(
  handler: Handler,
  context: Context,
  olds: Properties,
  news: Properties,
): Promise<CheckResult> {
  context.claims.declare(idOf(handler.token, { ...context.defaults, ...news }), Object.keys(olds).length > 0);
  return handler.check(context, olds, news);
}

/** `diff`, which gives a claim up where the resource is to be deleted before its replacement is made. */
export function diffClaiming(
  handler: Handler,
  context: Context,
  id: string,
  olds: Properties,
  news: Properties,
): DiffResult {
  const diff = handler.diff(id, olds, news);
  if (diff.deleteBeforeReplace) context.claims.replace(handler.token === "TestFailover" ? drillKey(id) : id);
  return diff;
}

/** The id as far as the inputs tell it: one with a part that is missing or unknown equals no id of Azure's. */
function idOf(token: string, inputs: Properties): string {
  const vault = vaultOf(inputs);
  const text = (key: string) => String(inputs[key]);
  const name = text("name");
  switch (token) {
    case "Fabric":
      return fabricId(vault, name);
    case "NetworkMapping":
      return `${fabricId(vault, text("fabricName"))}/replicationNetworks/${text("networkName")}/replicationNetworkMappings/${name}`;
    case "ReplicationPolicy":
      return policyId(vault, name);
    case "ProtectionContainerMapping":
      return mappingId(vault, text("fabricName"), text("protectionContainerName"), name);
    case "ReplicatedItem":
      return itemId(vault, text("fabricName"), text("protectionContainerName"), name);
    case "RecoveryPlan":
      return planId(vault, name);
    case "TestFailover":
      return drillKey(text("targetId"));
    default:
      // A Failover deletes nothing.
      return "";
  }
}
