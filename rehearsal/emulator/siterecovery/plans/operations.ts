/** Recovery plans: writing, reading, and the actions on all their machines. */

import { z } from "zod";
import type { Operation } from "../../core.js";
import { guidOf } from "../../estate/names.js";
import type { Json } from "../../json.js";
import { invalidInput, notAllowed } from "../errors.js";
import { isHyperVReplica } from "../itemDetails.js";
import { drillNetwork } from "../items/drillNetwork.js";
import type { FailoverScenario } from "../items/journey.js";
import { allowedOperations } from "../items/render.js";
import { refuseIfBusy } from "../items/start.js";
import { cancelWords } from "../items/toVMware/steps.js";
import type { Run, Step } from "../jobs/scenario.js";
import { type JobSpec, startJob } from "../jobs/start.js";
import { kindOf } from "../kinds/index.js";
import type { ActionInput, Problem } from "../kinds/kind.js";
import { entriesSchema, type PlanEntries, planInputs } from "../kinds/planInput.js";
import { accepted } from "../longRunning.js";
import { isOtherCloud } from "../mappings.js";
import {
  fabricId,
  keyOf,
  lastSegment,
  microsoftAzure,
  planId,
  planPath,
  sameName,
  segmentsOf,
  vaultKey,
  vaultPath,
} from "../names.js";
import { type Call, operation, param, planOf, propertiesOf } from "../operation.js";
import { page } from "../paging.js";
import type { ItemState, PlanState, VaultState } from "../state.js";
import { runAction } from "./actions.js";
import { groupsSchema, readGroups } from "./groups.js";
import { allowedPlanOperations, itemsOf, itemsOfPlan } from "./items.js";
import { renderPlan } from "./render.js";
import {
  type FailoverDirection,
  planCancelTasks,
  planCleanupTasks,
  planCommitTasks,
  planFailoverTasks,
  planTestFailoverTasks,
} from "./tasks.js";

const createSchema = z.object({
  primaryFabricId: z.string(),
  recoveryFabricId: z.string(),
  failoverDeploymentModel: z.enum(["NotApplicable", "Classic", "ResourceManager"]).nullish(),
  groups: groupsSchema,
});
const updateSchema = z.object({ groups: groupsSchema.nullish() });

const testFailoverSchema = z.object({
  failoverDirection: z.string(),
  networkType: z.string(),
  networkId: z.string().nullish(),
  providerSpecificDetails: entriesSchema,
});
const unplannedFailoverSchema = z.object({
  failoverDirection: z.string(),
  sourceSiteOperations: z.enum(["Required", "NotRequired"]),
  providerSpecificDetails: entriesSchema,
});

const plannedFailoverSchema = z.object({
  failoverDirection: z.string(),
  providerSpecificDetails: entriesSchema,
});

export function getPlan(call: Call) {
  return { status: 200, body: renderPlan(call.vault, planOf(call), false) };
}

function identifierOf({ vault }: Call, name: string): string {
  return guidOf("recoveryPlan", vaultKey(vault), name.toLowerCase());
}

/** Saving and deleting take a second, and have their name at once. */
function startSaveJob(call: Call, scenario: string, friendlyName: string, plan: PlanState, step: string) {
  const job = startJob(call.world, call.vault, {
    scenario,
    friendlyName,
    clientRequestId: call.request.clientRequestId,
    resourceId: planId(call.vault, plan.name),
    removesResource: step === "plan.remove",
    targetObjectId: identifierOf(call, plan.name),
    targetObjectName: plan.name,
    targetInstanceType: "RecoveryPlan",
    startDelaySeconds: 0,
    tasks: [
      {
        taskId: `${scenario}Task`,
        name: `${scenario}Task`,
        friendlyName,
        seconds: 0.1,
        step,
      },
    ],
    input: { plan: plan as unknown as Json },
  });
  return accepted(call, job);
}

/** Azure, and the fabrics of other clouds that the fabric's own are mapped to. */
function targetsOf(vault: VaultState, fabricName: string): string[] {
  const clouds = Object.values(vault.mappings)
    .filter((mapping) => sameName(mapping.fabricName, fabricName) && isOtherCloud(vault, mapping))
    .map((mapping) => fabricId(vault, segmentsOf(mapping.targetContainer).replicationfabrics ?? ""));
  return [...new Set([microsoftAzure, ...clouds])];
}

/** The side to which a plan leads that has this item. */
function targetOfItem(vault: VaultState, item: ItemState): string {
  const between = isHyperVReplica(item.details) ? item.details.recovery.fabricName : undefined;
  return between === undefined ? microsoftAzure : fabricId(vault, between);
}

function create(call: Call) {
  const { vault, request } = call;
  const name = param(request, "planName");
  const body = propertiesOf(request, createSchema);
  const problems: Problem[] = [];
  const fabric = vault.fabrics[keyOf(lastSegment(body.primaryFabricId))];
  if (fabric === undefined || !sameName(body.primaryFabricId, fabricId(vault, fabric.name))) {
    const allowed = Object.values(vault.fabrics).map((each) => fabricId(vault, each.name));
    const message = `"${body.primaryFabricId}" is not a fabric of this vault; allowed: ${allowed.join(", ") || "none exists"}`;
    problems.push({ path: "properties.primaryFabricId", message });
  }
  const recoveryFabrics = fabric === undefined ? [microsoftAzure] : targetsOf(vault, fabric.name);
  const recoveryFabricId = recoveryFabrics.find((each) => sameName(each, body.recoveryFabricId));
  if (recoveryFabricId === undefined) {
    const message = `"${body.recoveryFabricId}" is not a target of this fabric; allowed: ${recoveryFabrics.join(", ")}`;
    problems.push({ path: "properties.recoveryFabricId", message });
  }
  const groups = readGroups(vault, body.groups, lastSegment(body.primaryFabricId), problems);
  for (const item of itemsOf(vault, groups)) {
    const goesTo = targetOfItem(vault, item);
    if (recoveryFabricId === undefined || sameName(goesTo, recoveryFabricId)) continue;
    const message = `'${item.name}' replicates to ${goesTo}; allowed: items that go to ${recoveryFabricId}`;
    problems.push({ path: "properties.groups", message });
  }
  if (problems.length > 0) throw invalidInput(problems);
  const before = vault.plans[keyOf(name)];
  if (before !== undefined) refuseIfBusy(vault, before, before.name, "recovery plan");
  const plan: PlanState = {
    currentJob: null,
    lastScenario: null,
    lastTestFailoverAt: null,
    lastUnplannedFailoverAt: null,
    ...before,
    name: before?.name ?? name,
    primaryFabricId: body.primaryFabricId,
    recoveryFabricId: recoveryFabricId ?? microsoftAzure,
    failoverDeploymentModel: body.failoverDeploymentModel ?? "NotApplicable",
    groups,
  };
  return startSaveJob(call, "SaveRecoveryPlan", "Save a recovery plan", plan, "plan.save");
}

function update(call: Call) {
  const plan = planOf(call);
  const { groups: input } = propertiesOf(call.request, updateSchema);
  refuseIfBusy(call.vault, plan, plan.name, "recovery plan");
  const problems: Problem[] = [];
  const groups =
    input == null ? plan.groups : readGroups(call.vault, input, lastSegment(plan.primaryFabricId), problems);
  if (problems.length > 0) throw invalidInput(problems);
  return startSaveJob(call, "UpdateRecoveryPlan", "Update a recovery plan", { ...plan, groups }, "plan.save");
}

/** Whether the plan and each of its items may start this, with every reason why not. */
function refuseUnlessOffered(call: Call, plan: PlanState, wanted: string): void {
  const { vault } = call;
  refuseIfBusy(vault, plan, plan.name, "recovery plan");
  const items = itemsOfPlan(vault, plan);
  for (const item of items) refuseIfBusy(vault, item, item.friendlyName, "replication protected item");
  const offered = allowedPlanOperations(vault, plan);
  if (offered.includes(wanted)) return;
  const missing = items.filter((item) => !allowedOperations(vault, item).includes(wanted));
  const states = missing
    .slice(0, 10)
    .map(
      (item) => `'${item.friendlyName}' is in ${item.protectionState}, test failover ${item.testFailoverState}`,
    );
  throw notAllowed(
    "OperationNotAllowedOnRecoveryPlan",
    `${wanted} is not allowed for the recovery plan '${plan.name}'; allowed: ${offered.join(", ") || "none"}. ${states.join("; ")}`,
    "Bring all items of the plan to a state that allows the operation, or start it item by item.",
  );
}

function startPlanJob(
  call: Call,
  plan: PlanState,
  items: ItemState[],
  spec: Pick<JobSpec, "scenario" | "friendlyName" | "tasks"> & Partial<JobSpec>,
) {
  const job = startJob(call.world, call.vault, {
    clientRequestId: call.request.clientRequestId,
    resourceId: planId(call.vault, plan.name),
    targetObjectId: identifierOf(call, plan.name),
    targetObjectName: plan.name,
    targetInstanceType: "RecoveryPlan",
    startDelaySeconds: 0.8,
    items,
    plan,
    ...spec,
  });
  return accepted(call, job);
}

/** The items that wait for a cleanup or a commit. */
function waitingFor(call: Call, plan: PlanState, wanted: string): ItemState[] {
  return itemsOfPlan(call.vault, plan).filter((item) => allowedOperations(call.vault, item).includes(wanted));
}

/** What the steps of a plan's job read; the machines of one run are of one kind and direction. */
function jobInput(inputs: Map<ItemState, ActionInput>): NonNullable<JobSpec["input"]> {
  const [first] = inputs.values();
  return {
    recoveryPointType: first?.recoveryPointType ?? null,
    performShutdown: first?.performShutdown ?? false,
    more: first?.more ?? {},
  };
}

/** What a job's details name where each machine has a network of its own. */
function firstTestNetwork({ vault }: Call, items: ItemState[]): string {
  return items.flatMap((item) => kindOf(item).target?.(vault, item).testNetworkId ?? [])[0] ?? "";
}

interface FailoverBody {
  failoverDirection: string;
  sourceSiteOperations?: string;
  providerSpecificDetails?: PlanEntries;
}

function failOver(call: Call, scenario: FailoverScenario, friendlyName: string, body: FailoverBody) {
  const plan = planOf(call);
  const items = itemsOfPlan(call.vault, plan);
  const offered = allowedPlanOperations(call.vault, plan);
  // Hyper-V machines that run in Azure are failed back by a planned failover too.
  const isFailback = scenario === "PlannedFailover" && offered.includes("Failback");
  refuseUnlessOffered(call, plan, isFailback ? "Failback" : scenario);
  const inputs = planInputs(call.vault, items, scenario, {
    direction: body.failoverDirection,
    performShutdown: body.sourceSiteOperations === "Required",
    entries: body.providerSpecificDetails,
  });
  return startPlanJob(call, plan, items, {
    scenario,
    friendlyName,
    detailsType: "FailoverJobDetails",
    tasks: planFailoverTasks(call.vault, plan, scenario, directionOf(body.failoverDirection), inputs),
    input: jobInput(inputs),
  });
}

function directionOf(direction: string): FailoverDirection {
  return sameName(direction, "RecoveryToPrimary") ? "RecoveryToPrimary" : "PrimaryToRecovery";
}

export const planOperations: Operation[] = [
  operation(
    "ReplicationRecoveryPlans_List",
    "GET",
    `${vaultPath}/replicationRecoveryPlans`,
    ({ request, vault }) => page(request, Object.values(vault.plans), (plan) => renderPlan(vault, plan, true)),
  ),
  operation("ReplicationRecoveryPlans_Get", "GET", planPath, getPlan),
  operation("ReplicationRecoveryPlans_Create", "PUT", planPath, create),
  operation("ReplicationRecoveryPlans_Update", "PATCH", planPath, update),
  operation("ReplicationRecoveryPlans_Delete", "DELETE", planPath, (call) => {
    const plan = planOf(call);
    refuseIfBusy(call.vault, plan, plan.name, "recovery plan");
    return startSaveJob(call, "DeleteRecoveryPlan", "Delete a recovery plan", plan, "plan.remove");
  }),
  operation("ReplicationRecoveryPlans_TestFailover", "POST", `${planPath}/testFailover`, (call) => {
    const plan = planOf(call);
    const body = propertiesOf(call.request, testFailoverSchema);
    refuseUnlessOffered(call, plan, "TestFailover");
    const items = itemsOfPlan(call.vault, plan);
    const networkId = drillNetwork(call, items, body.networkType, body.networkId || undefined);
    const inputs = planInputs(call.vault, items, "TestFailover", {
      direction: body.failoverDirection,
      performShutdown: false,
      entries: body.providerSpecificDetails,
    });
    return startPlanJob(call, plan, items, {
      scenario: "TestFailover",
      friendlyName: "Test failover",
      detailsType: "TestFailoverJobDetails",
      tasks: planTestFailoverTasks(call.vault, plan, directionOf(body.failoverDirection)),
      input: {
        networkId,
        networkName: lastSegment(networkId || firstTestNetwork(call, items)),
        networkType: body.networkType,
        ...jobInput(inputs),
      },
    });
  }),
  operation("ReplicationRecoveryPlans_TestFailoverCleanup", "POST", `${planPath}/testFailoverCleanup`, (call) => {
    const plan = planOf(call);
    const { comments } = propertiesOf(call.request, z.object({ comments: z.string().nullish() }));
    refuseUnlessOffered(call, plan, "TestFailoverCleanup");
    const items = waitingFor(call, plan, "TestFailoverCleanup");
    return startPlanJob(call, plan, items, {
      scenario: "TestFailoverCleanup",
      friendlyName: "Test failover cleanup",
      detailsType: "TestFailoverJobDetails",
      tasks: planCleanupTasks(call.vault, items),
      input: { comments: comments ?? null },
    });
  }),
  operation("ReplicationRecoveryPlans_UnplannedFailover", "POST", `${planPath}/unplannedFailover`, (call) =>
    failOver(call, "UnplannedFailover", "Failover", propertiesOf(call.request, unplannedFailoverSchema)),
  ),
  operation("ReplicationRecoveryPlans_PlannedFailover", "POST", `${planPath}/plannedFailover`, (call) =>
    failOver(call, "PlannedFailover", "Planned failover", propertiesOf(call.request, plannedFailoverSchema)),
  ),
  operation("ReplicationRecoveryPlans_FailoverCancel", "POST", `${planPath}/failoverCancel`, (call) => {
    const plan = planOf(call);
    refuseUnlessOffered(call, plan, "CancelFailover");
    const items = itemsOfPlan(call.vault, plan);
    return startPlanJob(call, plan, items, {
      scenario: "CancelFailover",
      friendlyName: cancelWords,
      tasks: planCancelTasks(items),
    });
  }),
  // Documented: reprotection goes machine by machine; the call for a plan does not work any more.
  operation("ReplicationRecoveryPlans_Reprotect", "POST", `${planPath}/reProtect`, (call) => {
    const plan = planOf(call);
    const offered = allowedPlanOperations(call.vault, plan).join(", ") || "none";
    throw notAllowed(
      "OperationNotAllowedOnRecoveryPlan",
      `SwitchProtection is not possible for the recovery plan '${plan.name}' as a whole; allowed: ${offered}.`,
      "Reprotect the items of the plan one by one.",
    );
  }),
  operation("ReplicationRecoveryPlans_FailoverCommit", "POST", `${planPath}/failoverCommit`, (call) => {
    const plan = planOf(call);
    refuseUnlessOffered(call, plan, "Commit");
    const items = waitingFor(call, plan, "Commit");
    return startPlanJob(call, plan, items, {
      scenario: "CommitFailover",
      friendlyName: "Commit",
      tasks: planCommitTasks(items),
    });
  }),
];

export const planSteps: Record<string, Step> = {
  "plan.save": ({ vault, job }) => {
    const plan = job.input.plan as unknown as PlanState;
    vault.plans[keyOf(plan.name)] = plan;
    return "done";
  },
  "plan.remove": ({ vault, job }) => {
    delete vault.plans[keyOf(job.targetObjectName)];
    return "done";
  },
  "plan.action": runAction,
  // The data of all machines is there; when those in Azure may go down is for a person to say.
  "plan.wait": () => "suspended",
};

/** A drill leaves its plan waiting for the cleanup; everything else is over when its job is. */
export function planEnds(run: Run, plan: PlanState): void {
  const { job, vault } = run;
  const isDrill = itemsOfPlan(vault, plan).some((item) => item.testFailoverState === "WaitingForCompletion");
  const isWaiting = job.scenario === "TestFailover" && isDrill;
  const startedAt = job.startedAt ?? run.now;
  plan.lastScenario = {
    scenarioName: job.scenario,
    jobName: job.name,
    startedAt,
    status: isWaiting ? "Suspended" : job.state,
    description: isWaiting ? "WaitingForStopTestFailover" : job.state === "Succeeded" ? "Completed" : job.state,
  };
  if (job.scenario === "TestFailover") plan.lastTestFailoverAt = startedAt;
  if (job.scenario === "UnplannedFailover") plan.lastUnplannedFailoverAt = startedAt;
  if (job.scenario === "PlannedFailover") plan.lastPlannedFailoverAt = startedAt;
}
