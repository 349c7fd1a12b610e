/** testFailover, testFailoverCleanup, unplannedFailover, applyRecoveryPoint and failoverCommit of an item. */

import { z } from "zod";
import type { Operation } from "../../core.js";
import { invalidInput, notAllowed } from "../errors.js";
import { kindOf } from "../kinds/index.js";
import { accepted } from "../longRunning.js";
import { itemPath, jobId, lastSegment, sameName } from "../names.js";
import { type Call, itemOf, operation, propertiesOf } from "../operation.js";
import type { ItemState } from "../state.js";
import { pointById } from "./points.js";
import { refuseUnlessAllowed, startItemJob } from "./start.js";
import {
  changePointTasks,
  cleanupTasks,
  commitTasks,
  testFailoverTasks,
  unplannedFailoverTasks,
} from "./tasks.js";

/** Actions on items name their job in `x-ms-request-id`. */
function started(call: Call, job: Parameters<typeof accepted>[1]) {
  const answer = accepted(call, job);
  return { ...answer, headers: { ...answer.headers, "x-ms-request-id": jobId(call.vault, job.name) } };
}

/** Towards Azure only: the other way round belongs to other provider kinds. */
function refuseOtherDirection(direction: string | undefined, item: ItemState): void {
  if (direction === undefined || sameName(direction, "PrimaryToRecovery")) return;
  throw notAllowed(
    "InvalidFailoverDirection",
    `The failover direction '${direction}' is not valid for '${item.friendlyName}', whose active location is ${item.activeLocation}; allowed: PrimaryToRecovery.`,
    "Start the operation with the failover direction PrimaryToRecovery.",
  );
}

/** A point that is gone is refused before any job. */
function refuseMissingPoint(call: Call, item: ItemState, id: string | undefined): void {
  const point = id === undefined ? undefined : pointById(call.world, call.vault, item, id);
  if (point !== undefined && "failure" in point) {
    throw notAllowed(point.failure.code, point.failure.message, point.failure.recommendedAction);
  }
}

/** The network of a test: the request's, else the item's; it must be named one way or the other. */
export function refuseMissingNetwork(
  call: Call,
  networkType: string | undefined,
  networkId: string | undefined,
  itemNetworks: string[],
): void {
  if (
    networkType !== undefined &&
    !["VmNetworkAsInput", "NoNetworkAttachAsInput"].some((word) => sameName(word, networkType))
  ) {
    const message = `"${networkType}" is not allowed; allowed: VmNetworkAsInput`;
    throw invalidInput([{ path: "properties.networkType", message }]);
  }
  if (networkType !== undefined && sameName(networkType, "NoNetworkAttachAsInput")) {
    const message = `"${networkType}" is not emulated: a machine without a network cannot be reached; allowed: VmNetworkAsInput`;
    throw invalidInput([{ path: "properties.networkType", message }]);
  }
  if (networkId === undefined && itemNetworks.some((id) => id === "")) {
    const message =
      "is missing, and the machine has no test network of its own; allowed: the id of a virtual network";
    throw invalidInput([{ path: "properties.networkId", message }]);
  }
  if (networkId !== undefined && call.world.arm.get(networkId) === undefined) {
    throw invalidInput([
      { path: "properties.networkId", message: `"${networkId}" is not an existing virtual network` },
    ]);
  }
}

export const itemActionOperations: Operation[] = [
  operation("ReplicationProtectedItems_TestFailover", "POST", `${itemPath}/testFailover`, (call) => {
    const item = itemOf(call);
    const kind = kindOf(item);
    const input = kind.readAction(call, "testFailover");
    refuseUnlessAllowed(call, item, "TestFailover");
    refuseOtherDirection(input.failoverDirection, item);
    refuseMissingNetwork(call, input.networkType, input.networkId, [kind.target(call.vault, item).testNetworkId]);
    refuseMissingPoint(call, item, input.recoveryPointId);
    const networkId = input.networkId ?? kind.target(call.vault, item).testNetworkId;
    const job = startItemJob(call, item, {
      scenario: "TestFailover",
      friendlyName: "Test failover",
      detailsType: "TestFailoverJobDetails",
      tasks: testFailoverTasks(call.vault, item),
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
    const job = startItemJob(call, item, {
      scenario: "TestFailoverCleanup",
      friendlyName: "Test failover cleanup",
      detailsType: "TestFailoverJobDetails",
      isRestartable: true,
      tasks: cleanupTasks(item),
      input: { comments: comments ?? null },
    });
    return started(call, job);
  }),
  operation("ReplicationProtectedItems_UnplannedFailover", "POST", `${itemPath}/unplannedFailover`, (call) => {
    const item = itemOf(call);
    const input = kindOf(item).readAction(call, "unplannedFailover");
    refuseUnlessAllowed(call, item, "UnplannedFailover");
    refuseOtherDirection(input.failoverDirection, item);
    refuseMissingPoint(call, item, input.recoveryPointId);
    const job = startItemJob(call, item, {
      scenario: "UnplannedFailover",
      friendlyName: "Failover",
      detailsType: "FailoverJobDetails",
      tasks: unplannedFailoverTasks(call.vault, item, {
        performShutdown: input.performShutdown ?? false,
        isLatest: input.recoveryPointId === undefined,
      }),
      input: { recoveryPointId: input.recoveryPointId ?? null, performShutdown: input.performShutdown ?? false },
    });
    return started(call, job);
  }),
  operation("ReplicationProtectedItems_ApplyRecoveryPoint", "POST", `${itemPath}/applyRecoveryPoint`, (call) => {
    const item = itemOf(call);
    const input = kindOf(item).readAction(call, "applyRecoveryPoint");
    refuseUnlessAllowed(call, item, "ChangePit");
    refuseMissingPoint(call, item, input.recoveryPointId);
    const job = startItemJob(call, item, {
      scenario: "ChangePit",
      friendlyName: "Change the recovery point",
      detailsType: "FailoverJobDetails",
      tasks: changePointTasks(item),
      input: { recoveryPointId: input.recoveryPointId ?? null },
    });
    return started(call, job);
  }),
  operation("ReplicationProtectedItems_FailoverCommit", "POST", `${itemPath}/failoverCommit`, (call) => {
    const item = itemOf(call);
    refuseUnlessAllowed(call, item, "Commit");
    const job = startItemJob(call, item, {
      scenario: "CommitFailover",
      friendlyName: "Commit",
      tasks: commitTasks(item),
    });
    return started(call, job);
  }),
];
