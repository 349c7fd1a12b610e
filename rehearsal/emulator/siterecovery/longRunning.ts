/** The service's long-running answers: 202 without a body, and the two addresses to poll. */

import type { ArmResponse, Operation } from "../core.js";
import { notFound } from "./errors.js";
import { ticks, vaultId, vaultPath, wholeSeconds } from "./names.js";
import { type Call, operation, param } from "./operation.js";
import type { JobState } from "./state.js";

/** 202 with both polling addresses, built on the host that the client used. */
export function accepted({ request, world, vault }: Call, job: JobState): ArmResponse {
  const version = `?api-version=${encodeURIComponent(request.apiVersion)}`;
  return {
    status: 202,
    headers: {
      "azure-asyncoperation": `${request.origin}${vaultId(vault)}/replicationOperationStatus/${job.name}${version}`,
      location: `${request.origin}${job.resourceId}/operationresults/${job.name}${version}`,
      "retry-after": String(world.retryAfterSeconds()),
    },
  };
}

/** The status words of a job: everything that is not yet over is NotStarted or InProgress. */
function statusOf(job: JobState): string {
  switch (job.state) {
    case "NotStarted":
      return job.startedAt === null ? "NotStarted" : "InProgress";
    case "Suspended":
      // Recorded of a Hyper-V failback that synchronises first: when the data is there the operation is over, although
      // the job still waits for the person who completes the failover. A plan's manual action is not: nothing says so.
      return job.scenario === "PlannedFailover" && job.planName === null ? "Succeeded" : "InProgress";
    case "InProgress":
      return "InProgress";
    case "Failed":
      return "Failed";
    case "Cancelled":
      return "Canceled";
    default:
      // A job that did part of its work is over and well for the operation; the job itself tells what was missed.
      return "Succeeded";
  }
}

function jobOf({ request, vault }: Call): JobState {
  const name = param(request, "operationId");
  const job = vault.jobs[name.toLowerCase()];
  if (job === undefined) throw notFound("operation", name);
  return job;
}

function status(job: JobState): unknown {
  const word = statusOf(job);
  // A warning shows here too, while the job runs and after it has ended well.
  const error = job.errors.find((each) => each.level === "Error") ?? job.errors[0];
  const endedAt = job.endedAt ?? (word === "Succeeded" ? (job.suspendedAt ?? null) : null);
  return {
    error: error === undefined ? null : { code: error.code, message: error.message, details: null },
    id: null,
    name: job.name,
    properties: null,
    status: word,
    startTime: job.startedAt === null ? null : ticks(job.startedAt),
    endTime: endedAt === null ? null : wholeSeconds(endedAt).replace("Z", ".0000000Z"),
    percentComplete: null,
  };
}

/**
 * The result addresses below each resource of this service: 202 while the job runs, then what GET of the resource
 * answers, or 204 where the job removed it.
 */
export function resultOperations(resources: { path: string; get: (call: Call) => ArmResponse }[]): Operation[] {
  return resources.map(({ path, get }) =>
    operation("OperationResults_Get", "GET", `${path}/operationresults/{operationId}`, (call) => {
      const job = jobOf(call);
      const word = statusOf(job);
      if (word === "NotStarted" || word === "InProgress") return accepted(call, job);
      if (job.removesResource && word === "Succeeded") return { status: 204 };
      return get(call);
    }),
  );
}

export const operationStatusOperations: Operation[] = [
  operation("OperationStatus_Get", "GET", `${vaultPath}/replicationOperationStatus/{operationId}`, (call) => ({
    status: 200,
    body: status(jobOf(call)),
  })),
];
