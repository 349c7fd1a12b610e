/** Which recovery points the machines of a target can have: said in the preview, before anything starts. */

import { containsUnknown } from "../connectivity/unknown.js";
import { pickPoint } from "../lifecycle/recoveryPoints.js";
import { observe } from "../lifecycle/stages.js";
import type { ReplicatedItem, ReplicationPolicySettings } from "../siterecovery/siteRecovery.js";
import { notReplicatedYet } from "./declared.js";
import { isDrillBetweenSites } from "./drillNetwork.js";
import type { CheckFailure, Context, Properties } from "./handler.js";
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
export async function pointFailures(
  context: Context,
  loaded: LoadedTarget,
  inputs: Properties,
): Promise<CheckFailure[]> {
  const failures = await consistencyFailures(context, loaded, inputs);
  if (failures.length > 0 || loaded.kind === "recoveryPlan") return failures;
  const choice = String(inputs.recoveryPoint);
  const picked = pickPoint(choice, await loaded.siteRecovery.getRecoveryPoints(loaded.id));
  return picked.kind === "none"
    ? [{ property: "recoveryPoint", reason: `value ${show(choice)} cannot be used: ${picked.reason}` }]
    : [];
}

/**
 * The points of a drill. Machines that replicate are asked for theirs; one that does not, or not completely yet, makes
 * its first while the same `up` goes on.
 */
export async function drillPointFailures(
  context: Context,
  loaded: LoadedTarget,
  inputs: Properties,
): Promise<CheckFailure[]> {
  if (isDrillBetweenSites(loaded) || inputs.recoveryPoint === "latest") return [];
  return loaded.items.every(isReplicating)
    ? pointFailures(context, loaded, inputs)
    : consistencyFailures(context, loaded, inputs);
}

/** When an application-consistent point is looked for that a machine cannot have yet, as a line of a preview. */
export function describeUnseenPoints(loaded: LoadedTarget, inputs: Properties): string[] {
  const choice = String(inputs.recoveryPoint);
  const names = loaded.items.filter((item) => !isReplicating(item)).map((item) => item.friendlyName);
  if (!choice.endsWith("ApplicationConsistent") || names.length === 0) return [];
  return [
    `Recovery point ${choice} of ${names.join(", ")} is looked for when the drill starts: the first application-consistent one is made some time after the first copy, at the pace of the policy, and \`up\` refuses the drill until then.`,
  ];
}

function isReplicating(item: ReplicatedItem): boolean {
  const observation = observe(item);
  return observation.kind === "stage" && observation.isReady;
}

/**
 * Application-consistent points where the policy makes none, as it is declared or in Azure; those that an earlier policy
 * made may be left.
 */
async function consistencyFailures(
  context: Context,
  loaded: LoadedTarget,
  inputs: Properties,
): Promise<CheckFailure[]> {
  const choice = String(inputs.recoveryPoint);
  if (!choice.endsWith("ApplicationConsistent")) return [];
  const without = (
    await Promise.all(
      loaded.items.map(async (item) => ((await mayHaveConsistentPoints(context, loaded, item)) ? [] : [item])),
    )
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
async function mayHaveConsistentPoints(
  context: Context,
  { siteRecovery }: LoadedTarget,
  item: ReplicatedItem,
): Promise<boolean> {
  if (item.policyId === undefined) return true;
  const isNew = item.protectionState === notReplicatedYet;
  const settings =
    (isNew ? declaredSettings(context, item.policyId) : undefined) ??
    (await siteRecovery.findPolicy(item.policyId))?.settings;
  if (settings === undefined || makesConsistentPoints(settings)) return true;
  return (
    !isNew &&
    pickPoint("latestApplicationConsistent", await siteRecovery.getRecoveryPoints(item.id)).kind === "point"
  );
}

/** A policy that the program declares, whether or not it is in Azure yet. */
function declaredSettings(context: Context, policyId: string): Properties | undefined {
  const declared = context.declared.get(policyId.toLowerCase());
  return declared === undefined || containsUnknown(declared) ? undefined : declared;
}

/** True also for kinds of policies that say nothing of them. */
function makesConsistentPoints(settings: ReplicationPolicySettings | Properties): boolean {
  const every = Object.entries(settings).filter(([key]) => /^appConsistentFrequency(Minutes|Hours)$/.test(key));
  return every.length === 0 || every.some(([, value]) => Number(value) > 0);
}
