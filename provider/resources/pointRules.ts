/** Which recovery points the machines of a target can have: said in the preview, before anything starts. */

import { pickPoint } from "../lifecycle/recoveryPoints.js";
import type { ReplicatedItem, ReplicationPolicySettings } from "../siterecovery/siteRecovery.js";
import type { CheckFailure, Properties } from "./handler.js";
import type { LoadedTarget } from "./target.js";
import { show } from "./validate.js";

/** Points of multi-VM consistency need a machine that has it. */
export function multiVmFailures(loaded: LoadedTarget, inputs: Properties): CheckFailure[] {
  const choice = String(inputs.recoveryPoint);
  if (!choice.startsWith("latestMultiVm") || loaded.items.some((item) => item.multiVmGroupName !== undefined))
    return [];
  return [
    {
      property: "recoveryPoint",
      reason: `value ${show(choice)} needs at least one machine with multi-VM consistency, and none of ${loaded.items.map((item) => item.friendlyName).join(", ")} is in a multi-VM group; allowed: latest, latestProcessed, latestApplicationConsistent`,
    },
  ];
}

/** A point that the machines do not have: one of a kind that their policy does not make, that aged out, or never was. */
export async function pointFailures(loaded: LoadedTarget, inputs: Properties): Promise<CheckFailure[]> {
  const failures = await consistencyFailures(loaded, inputs);
  if (failures.length > 0 || loaded.kind === "recoveryPlan") return failures;
  const choice = String(inputs.recoveryPoint);
  const picked = pickPoint(choice, await loaded.siteRecovery.getRecoveryPoints(loaded.id));
  return picked.kind === "none"
    ? [{ property: "recoveryPoint", reason: `value ${show(choice)} cannot be used: ${picked.reason}` }]
    : [];
}

/** Application-consistent points where the policy makes none; those that an earlier policy made may be left. */
export async function consistencyFailures(loaded: LoadedTarget, inputs: Properties): Promise<CheckFailure[]> {
  const choice = String(inputs.recoveryPoint);
  if (!choice.endsWith("ApplicationConsistent") || loaded.isAnyItemMissing) return [];
  const without = (
    await Promise.all(loaded.items.map(async (item) => ((await hasConsistentPoints(loaded, item)) ? [] : [item])))
  ).flat();
  if (without.length === 0) return [];
  const names = without.map((item) => item.friendlyName).join(", ");
  return [
    {
      property: "recoveryPoint",
      reason: `value ${show(choice)} cannot be used: the replication policy of ${names} makes no application-consistent points, and none is left; allowed: latest, latestProcessed${loaded.kind === "replicatedItem" ? " or the ARM id of a recovery point" : ""}, or a policy that makes them (appConsistentFrequencyMinutes, for Hyper-V appConsistentFrequencyHours)`,
    },
  ];
}

/** True also where the policy cannot be told: then Azure has the word. */
async function hasConsistentPoints({ siteRecovery }: LoadedTarget, item: ReplicatedItem): Promise<boolean> {
  const policy = item.policyId === undefined ? undefined : await siteRecovery.findPolicy(item.policyId);
  if (policy?.settings === undefined || makesConsistentPoints(policy.settings)) return true;
  return pickPoint("latestApplicationConsistent", await siteRecovery.getRecoveryPoints(item.id)).kind === "point";
}

function makesConsistentPoints(settings: ReplicationPolicySettings): boolean {
  if ("appConsistentFrequencyMinutes" in settings) return settings.appConsistentFrequencyMinutes > 0;
  return !("appConsistentFrequencyHours" in settings) || settings.appConsistentFrequencyHours > 0;
}
