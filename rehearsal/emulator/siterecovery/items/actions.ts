/** The actions of an item: each is refused unless the item offers it, and becomes a job. */

import { z } from "zod";
import type { ArmResponse, Operation } from "../../core.js";
import { notAllowed } from "../errors.js";
import { kindOf } from "../kinds/index.js";
import type { ActionInput, ItemAction } from "../kinds/kind.js";
import { accepted } from "../longRunning.js";
import { itemPath, jobId, lastSegment, sameName } from "../names.js";
import { type Call, itemOf, operation, propertiesOf } from "../operation.js";
import type { ItemState } from "../state.js";
import { drillNetwork } from "./drillNetwork.js";
import type { FailoverScenario } from "./journey.js";
import { journeyOf } from "./journeys.js";
import { pointById } from "./points.js";
import { refuseUnlessAllowed, startItemJob } from "./start.js";
import { cleanupTasks } from "./tasks.js";

/** Actions on items name their job in `x-ms-request-id`. */
function started(call: Call, job: Parameters<typeof accepted>[1]) {
  const answer = accepted(call, job);
  return { ...answer, headers: { ...answer.headers, "x-ms-request-id": jobId(call.vault, job.name) } };
}

/** Roles flip with each change of direction, so for each action of an item there is one direction at a time. */
function refuseOtherDirection(item: ItemState, action: ItemAction, direction: string | undefined): void {
  const allowed = kindOf(item).direction(item, action);
  if (direction === undefined || sameName(direction, allowed)) return;
  throw notAllowed(
    "InvalidFailoverDirection",
    `The failover direction '${direction}' is not valid for '${item.friendlyName}', whose active location is ${item.activeLocation}; allowed: ${allowed}.`,
    `Start the operation with the failover direction ${allowed}.`,
  );
}

/** A point that is gone is refused before any job. */
function refuseMissingPoint(call: Call, item: ItemState, id: string | undefined): void {
  const point = id === undefined ? undefined : pointById(call.world, call.vault, item, id);
  if (point !== undefined && "failure" in point) {
    throw notAllowed(point.failure.code, point.failure.message, point.failure.recommendedAction);
  }
}

/** Whether the state offers the action, what the request wants, whether it may go that way: in this order. */
function readAction(call: Call, item: ItemState, action: ItemAction, offer: string): ActionInput {
  const input = kindOf(item).readAction(call, item, action);
  refuseUnlessAllowed(call, item, offer);
  refuseOtherDirection(item, action, input.failoverDirection);
  refuseMissingPoint(call, item, input.recoveryPointId);
  return input;
}

function notOfKind(item: ItemState, action: string): Error {
  return notAllowed(
    "OperationNotAllowedOnProtectedItem",
    `${action} does not exist for '${item.friendlyName}', which is of kind ${item.details.instanceType}.`,
    "Read the item's allowedOperations and choose one of them.",
  );
}

function failOver(call: Call, scenario: FailoverScenario, friendlyName: string): ArmResponse {
  const item = itemOf(call);
  const action = scenario === "PlannedFailover" ? "plannedFailover" : "unplannedFailover";
  const offers = kindOf(item).allowedOperations(item);
  // Hyper-V machines that run in Azure are failed back by a planned failover too.
  const offer = scenario === "PlannedFailover" && offers.includes("Failback") ? "Failback" : scenario;
  const input = readAction(call, item, action, offer);
  const journey = journeyOf(item);
  const job = startItemJob(call, item, {
    scenario,
    friendlyName,
    detailsType: "FailoverJobDetails",
    tasks: Object.values(journey.failover(call.vault, item, scenario, input)),
    ...(journey.startDelaySeconds === undefined ? {} : { startDelaySeconds: journey.startDelaySeconds }),
    input: {
      recoveryPointId: input.recoveryPointId ?? null,
      recoveryPointType: input.recoveryPointType ?? null,
      performShutdown: input.performShutdown ?? false,
      more: input.more ?? {},
    },
  });
  return started(call, job);
}

export const itemActionOperations: Operation[] = [
  operation("ReplicationProtectedItems_TestFailover", "POST", `${itemPath}/testFailover`, (call) => {
    const item = itemOf(call);
    const input = readAction(call, item, "testFailover", "TestFailover");
    const networkId = drillNetwork(call, [item], input.networkType, input.networkId);
    const { drill, startDelaySeconds } = journeyOf(item);
    if (drill === undefined) throw notOfKind(item, "A test failover");
    const tasks = drill(call.vault, item);
    const job = startItemJob(call, item, {
      ...(startDelaySeconds === undefined ? {} : { startDelaySeconds }),
      scenario: "TestFailover",
      friendlyName: "Test failover",
      detailsType: "TestFailoverJobDetails",
      tasks: [tasks.check, tasks.initiate, tasks.make, tasks.boot],
      input: {
        networkId,
        networkName: lastSegment(networkId),
        networkType: input.networkType ?? "VmNetworkAsInput",
        recoveryPointId: input.recoveryPointId ?? null,
      },
    });
    return started(call, job);
  }),
  operation("ReplicationProtectedItems_TestFailoverCleanup", "POST", `${itemPath}/testFailoverCleanup`, (call) => {
    const item = itemOf(call);
    const { comments } = propertiesOf(call.request, z.object({ comments: z.string().nullish() }));
    refuseUnlessAllowed(call, item, "TestFailoverCleanup");
    const tasks = journeyOf(item).drill?.(call.vault, item);
    if (tasks === undefined) throw notOfKind(item, "The cleanup of a test failover");
    const job = startItemJob(call, item, {
      scenario: "TestFailoverCleanup",
      friendlyName: "Test failover cleanup",
      detailsType: "TestFailoverJobDetails",
      isRestartable: true,
      tasks: cleanupTasks(item, tasks.remove),
      input: { comments: comments ?? null },
    });
    return started(call, job);
  }),
  operation("ReplicationProtectedItems_UnplannedFailover", "POST", `${itemPath}/unplannedFailover`, (call) =>
    failOver(call, "UnplannedFailover", "Failover"),
  ),
  operation("ReplicationProtectedItems_PlannedFailover", "POST", `${itemPath}/plannedFailover`, (call) =>
    failOver(call, "PlannedFailover", "Planned failover"),
  ),
  operation("ReplicationProtectedItems_ApplyRecoveryPoint", "POST", `${itemPath}/applyRecoveryPoint`, (call) => {
    const item = itemOf(call);
    const input = readAction(call, item, "applyRecoveryPoint", "ChangePit");
    const tasks = journeyOf(item).changePoint?.(item);
    if (tasks === undefined) throw notOfKind(item, "Changing the recovery point");
    const job = startItemJob(call, item, {
      scenario: "ChangePit",
      friendlyName: "Change the recovery point",
      detailsType: "FailoverJobDetails",
      tasks,
      input: { recoveryPointId: input.recoveryPointId ?? null },
    });
    return started(call, job);
  }),
  operation("ReplicationProtectedItems_FailoverCommit", "POST", `${itemPath}/failoverCommit`, (call) => {
    const item = itemOf(call);
    refuseUnlessAllowed(call, item, "Commit");
    const journey = journeyOf(item);
    const job = startItemJob(call, item, {
      scenario: "CommitFailover",
      friendlyName: "Commit",
      tasks: journey.commit(item),
      ...(journey.commitDelaySeconds === undefined ? {} : { startDelaySeconds: journey.commitDelaySeconds }),
    });
    return started(call, job);
  }),
  operation("ReplicationProtectedItems_FailoverCancel", "POST", `${itemPath}/failoverCancel`, (call) => {
    const item = itemOf(call);
    refuseUnlessAllowed(call, item, "CancelFailover");
    const job = journeyOf(item).cancel?.(item);
    if (job === undefined) throw notOfKind(item, "Cancelling a failover");
    return started(call, startItemJob(call, item, job));
  }),
  operation("ReplicationProtectedItems_Reprotect", "POST", `${itemPath}/reProtect`, (call) => {
    const item = itemOf(call);
    const offers = kindOf(item).allowedOperations(item);
    const offer = offers.includes("ReverseReplicate") ? "ReverseReplicate" : "SwitchProtection";
    const input = readAction(call, item, "reProtect", offer);
    const job = journeyOf(item).reprotect?.(item, input);
    if (job === undefined) throw notOfKind(item, "Reprotection");
    return started(call, startItemJob(call, item, { ...job, input: { more: input.more ?? {} } }));
  }),
];
