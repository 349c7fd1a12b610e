/** What somebody in the portal would press. */

import type { Properties } from "../../../provider/resources/handler.js";
import type { Action, ReplicatedItem, SiteRecovery } from "../../../provider/siterecovery/siteRecovery.js";
import type { Ring } from "./rings.js";

/** On round the ring, back where Azure takes it back, another recovery point, or a drill and its clean-up. */
export type Hand = "next" | "back" | "point" | "drill";

/** Does it; what Azure was asked for, or undefined where it offers nothing of the kind. */
export async function pressed(
  siteRecovery: SiteRecovery,
  itemId: string,
  does: Hand,
  ring: Ring,
): Promise<string | undefined> {
  const item = await siteRecovery.getItem(itemId);
  if (!item) throw new Error(`${itemId} is gone`);
  const open = await siteRecovery.findOpenJob({ kind: "replicatedItem", item });
  if (open?.state === "Suspended" && does === "next") {
    await siteRecovery.resumeJob(open.name, "completed by hand");
    return "resume";
  }
  const action = does === "point" ? await otherPoint(siteRecovery, item) : actionOn(item, does, ring);
  if (!action) return undefined;
  const job = await siteRecovery
    .startAction({ kind: "replicatedItem", item }, action, "by-hand")
    .catch(() => undefined);
  return job && action.kind;
}

async function otherPoint(siteRecovery: SiteRecovery, item: ReplicatedItem): Promise<Action | undefined> {
  if (!item.allowedOperations.includes("ChangePit")) return undefined;
  const [oldest] = await siteRecovery.getRecoveryPoints(item.id);
  return oldest && { kind: "applyRecoveryPoint", recoveryPointId: oldest.id };
}

function actionOn(item: ReplicatedItem, does: "next" | "back" | "drill", ring: Ring): Action | undefined {
  const has = (operation: string) => item.allowedOperations.includes(operation);
  const { way } = ring as { way: { [argument: string]: Properties } };
  const isBetweenSites = item.instanceType === "HyperVReplica2012R2";
  const isBackward =
    item.instanceType === "InMageRcmFailback" ||
    item.instanceType === "InMage" ||
    (isBetweenSites && item.activeLocation === "Recovery");
  if (does === "drill") {
    if (has("TestFailover"))
      return {
        kind: "testFailover",
        networkId: ring.testNetworkId,
        recoveryPoint: { kind: isBetweenSites ? "latest" : "latestProcessed" },
      };
    return has("TestFailoverCleanup") ? { kind: "testFailoverCleanup", comments: "by hand" } : undefined;
  }
  if (does === "back") return has("CancelFailover") ? { kind: "failoverCancel" } : undefined;
  const failback: Action = {
    kind: "failback",
    settings: {
      recoveryPointType: "CrashConsistent",
      dataSyncOption: "ForDownTime",
      recoveryVmCreationOption: "NoAction",
      isPlanned: item.instanceType !== "InMage",
    },
  };
  if (has("Commit")) return { kind: "failoverCommit" };
  if (has("Failback") || (isBackward && (has("PlannedFailover") || has("UnplannedFailover")))) return failback;
  if (has("ReverseReplicate"))
    return isBetweenSites && isBackward
      ? { kind: "reprotect", settings: {} }
      : { kind: "reverseReplicate", settings: {} };
  if (has("SwitchProtection"))
    return isBackward
      ? { kind: "reverseReplicate", settings: way.reverse ?? {} }
      : { kind: "reprotect", settings: way.reprotect ?? {} };
  if (has("UnplannedFailover"))
    return { kind: "unplannedFailover", shutdownSource: false, recoveryPoint: { kind: "latest" } };
  return undefined;
}
