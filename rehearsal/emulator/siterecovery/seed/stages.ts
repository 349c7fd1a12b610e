/**
 * Brings an item of an estate to a later stage, by what the steps of the jobs themselves do: its machine in Azure, the
 * points and the power of both sides are then as after a real failover.
 */

import type { World } from "../../core.js";
import { itemStates } from "../../estate/schema/replication.js";
import type { EstateReplicatedItem } from "../../estate/schema.js";
import type { Json } from "../../json.js";
import { isHyperVReplica } from "../itemDetails.js";
import { classicSteps } from "../items/classic/steps.js";
import { hyperVSteps } from "../items/hyperV/steps.js";
import { journeyOf } from "../items/journeys.js";
import { itemSteps } from "../items/steps.js";
import { toVMwareSteps } from "../items/toVMware/steps.js";
import { protectAnew, vmmToVmmSteps } from "../items/vmmToVmm/steps.js";
import type { Run, Step } from "../jobs/scenario.js";
import type { TaskSpec } from "../jobs/start.js";
import { failbackPolicyName } from "../kinds/inMageRcm/reprotect.js";
import type { ActionInput } from "../kinds/kind.js";
import { itemKey, keyOf, minutes } from "../names.js";
import type { ItemState, JobState, TaskState, VaultState } from "../state.js";

type Stage = EstateReplicatedItem["state"];

const steps: Record<string, Step> = {
  ...itemSteps,
  ...toVMwareSteps,
  ...hyperVSteps,
  ...classicSteps,
  ...vmmToVmmSteps,
};

/** @throws Error naming the item and what stands in the way, such as a network that has no free address */
export function bringTo(world: World, vault: VaultState, item: ItemState, stage: Stage): void {
  const reached = (each: Stage) => itemStates.indexOf(each) <= itemStates.indexOf(stage);
  const isToAzure = !isHyperVReplica(item.details);
  const isVMware = isToAzure && item.details.instanceType !== "HyperVReplicaAzure";
  const isClassic = item.details.instanceType === "InMageAzureV2";
  if (reached("failedOver")) {
    const input: ActionInput = { failoverDirection: undefined, performShutdown: true };
    const tasks = journeyOf(item).failover(vault, item, "UnplannedFailover", input);
    play(world, vault, item, "UnplannedFailover", Object.values(tasks), { performShutdown: true });
  }
  if (reached("committed")) play(world, vault, item, "CommitFailover", journeyOf(item).commit(item), {});
  if (reached("reprotected") && isVMware) reprotect(world, vault, item);
  // The pair of clouds goes on where it is, with the roles of its two machines changed.
  if (reached("reprotected") && !isToAzure) protectAnew(item, world.clock.now() - 30 * minutes);
  if (reached("failedBack")) {
    const scenario = isClassic ? "UnplannedFailover" : "PlannedFailover";
    const more: { [key: string]: Json } =
      isVMware || !isToAzure ? {} : { dataSyncOption: "ForDownTime", recoveryVmCreationOption: "NoAction" };
    const tasks = journeyOf(item).failover(vault, item, scenario, { failoverDirection: undefined, more });
    play(world, vault, item, scenario, Object.values(tasks), {
      more,
      recoveryPointType: "CrashConsistent",
    });
  }
  if (reached("failbackCommitted")) play(world, vault, item, "CommitFailover", journeyOf(item).commit(item), {});
}

function reprotect(world: World, vault: VaultState, item: ItemState): void {
  const more = reprotection(vault, item);
  const job = journeyOf(item).reprotect?.(item, { failoverDirection: undefined, more });
  if (job === undefined) return;
  play(world, vault, item, job.scenario, job.tasks, { more });
  // Long enough ago for its first copy to have ended.
  item.protectionState = "Protected";
  item.protectedAt = world.clock.now() - 30 * minutes;
}

function reprotection(vault: VaultState, item: ItemState): { [key: string]: Json } {
  const fabric = vault.fabrics[keyOf(item.fabricName)];
  const policyName = failbackPolicyName(item.policyName);
  if (fabric?.kind === "VMware") {
    const [target] = fabric.masterTargets;
    return {
      processServerId: fabric.processServers[0]?.id ?? "",
      masterTargetId: target?.id ?? "",
      retentionDrive: target?.retentionVolumes[0] ?? "",
      datastoreName: target?.datastores[0] ?? "",
      policyName,
    };
  }
  if (fabric?.kind !== "InMageRcm" || item.details.instanceType !== "InMageRcm") {
    throw new Error(`${item.name} cannot be reprotected from its fabric`);
  }
  return {
    reprotectAgentId: fabric.appliance.id,
    datastoreName: fabric.datastores[0] ?? "",
    logStorageAccountId: item.details.disks[0]?.logStorageAccountId ?? "",
    policyName,
  };
}

/** Runs the steps of a job at once; the job itself is not kept. */
function play(
  world: World,
  vault: VaultState,
  item: ItemState,
  scenario: string,
  tasks: TaskSpec[],
  input: JobState["input"],
): void {
  const now = world.clock.now();
  const job: JobState = {
    name: "",
    scenario,
    friendlyName: "",
    detailsType: "AsrJobDetails",
    isRestartable: false,
    state: "InProgress",
    createdAt: now,
    startedAt: now,
    endedAt: null,
    activityId: "",
    resourceId: "",
    removesResource: false,
    targetObjectId: item.internalIdentifier,
    targetObjectName: item.friendlyName,
    targetInstanceType: "ProtectionEntity",
    items: [itemKey(item)],
    failedItems: [],
    planName: null,
    tasks: [],
    errors: [],
    affectedObjects: {},
    input: { ...input },
    protectedItemDetails: [],
  };
  const run: Run = { world, vault, job, now };
  for (const spec of tasks) {
    const step = spec.isSkipped === true || spec.step === undefined ? undefined : steps[spec.step];
    const outcome = step?.(run, spec as TaskSpec & TaskState, item);
    if (typeof outcome === "object" && "failure" in outcome) {
      throw new Error(
        `the estate's item "${item.name}" cannot be brought to ${scenario}: ${outcome.failure.message}`,
      );
    }
  }
  job.state = "Succeeded";
  journeyOf(item).ends[scenario]?.(run, item, true);
}
