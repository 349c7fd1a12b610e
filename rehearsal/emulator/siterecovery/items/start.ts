/** Whether an action may start on an item, and its job. */

import { notAllowed } from "../errors.js";
import { type JobSpec, openJob, startJob } from "../jobs/start.js";
import { itemId } from "../names.js";
import type { Call } from "../operation.js";
import type { ItemState, JobState } from "../state.js";
import { affectedObjects } from "./affected.js";
import { allowedOperations } from "./render.js";

/** @throws Refusal 409 while another job holds the item, 400 where the item's state does not offer the action. */
export function refuseUnlessAllowed({ vault }: Call, item: ItemState, allowedOperation: string): void {
  refuseIfBusy(vault, item, item.friendlyName, "replication protected item");
  const offered = allowedOperations(vault, item);
  if (offered.includes(allowedOperation)) return;
  throw notAllowed(
    "OperationNotAllowedOnProtectedItem",
    `${allowedOperation} is not allowed for '${item.friendlyName}' in protection state ${item.protectionState}, test failover state ${item.testFailoverState}; allowed: ${offered.join(", ") || "none"}.`,
    item.testFailoverState === "WaitingForCompletion"
      ? "Clean up the test failover first."
      : "Wait for the item to reach a state that allows the operation, and read its allowedOperations.",
  );
}

export function refuseIfBusy(
  vault: Call["vault"],
  holder: { currentJob: string | null },
  name: string,
  kind: string,
): void {
  const job = openJob(vault, holder);
  if (job === undefined) return;
  throw notAllowed(
    "AnotherOperationInProgress",
    `The ${kind} '${name}' is busy: job '${job.friendlyName}' (${job.name}) is ${job.state}.`,
    "Wait for the job to end and start the operation again.",
    409,
  );
}

/** A job on one item; recorded starts have their name within a second. */
export function startItemJob(
  { request, world, vault }: Call,
  item: ItemState,
  spec: Pick<JobSpec, "scenario" | "friendlyName" | "tasks"> & Partial<JobSpec>,
): JobState {
  const affected = affectedObjects(vault, item);
  return startJob(world, vault, {
    clientRequestId: request.clientRequestId,
    resourceId: itemId(vault, item),
    targetObjectId: affected.primaryVmId ?? item.internalIdentifier,
    targetObjectName: item.friendlyName,
    targetInstanceType: "ProtectionEntity",
    startDelaySeconds: 0.8,
    items: [item],
    affectedObjects: affected,
    ...spec,
  });
}
