/** The vault's events: what jobs came to, and how the health of items changed. */

import type { Operation, World } from "../core.js";
import { notFound } from "./errors.js";
import { filterOf, timeOf } from "./filter.js";
import { fabricId, jobId, sameName, ticks, vaultId, vaultPath, vaultType } from "./names.js";
import { operation, param } from "./operation.js";
import { page } from "./paging.js";
import type { EventState, JobState, VaultState } from "./state.js";

/** Azure keeps events for a time; a bound keeps the state small in a long rehearsal. */
const keptEvents = 1000;

const jobStatusCode = "d32574f6-f59e-4545-b5ac-bc88d545f089";

export function recordJobEvent(world: World, vault: VaultState, job: JobState): void {
  const isGood = job.state === "Succeeded" || job.state === "CompletedWithInformation";
  const item = job.items[0] === undefined ? undefined : vault.items[job.items[0]];
  const status = isGood ? "Completed" : job.state;
  record(world, vault, {
    eventCode: jobStatusCode,
    description: `${job.scenario} - ${status}`,
    eventType: "JobStatus",
    affectedObjectFriendlyName: job.targetObjectName,
    affectedObjectCorrelationId: item?.eventCorrelationId ?? job.targetObjectId,
    severity: isGood ? "OK" : job.state === "Cancelled" ? "Warning" : "Critical",
    fabricName: item?.fabricName ?? null,
    job: { name: job.name, friendlyName: job.friendlyName, status },
    errors: job.errors.map(({ code, message, possibleCauses, recommendedAction }) => ({
      code,
      message,
      possibleCauses,
      recommendedAction,
    })),
  });
}

export function record(world: World, vault: VaultState, event: Omit<EventState, "name" | "at">): void {
  const kind = event.eventType === "JobStatus" ? "JobStatusMonitoringEvent" : "VmMonitoringEvent";
  vault.events.unshift({ ...event, at: world.clock.now(), name: `${kind};${world.newGuid()}` });
  vault.events.length = Math.min(vault.events.length, keptEvents);
}

function render(vault: VaultState, event: EventState): unknown {
  return {
    type: `${vaultType}/replicationEvents`,
    id: `${vaultId(vault)}/replicationEvents/${event.name}`,
    name: event.name,
    properties: {
      eventCode: event.eventCode,
      description: event.description,
      eventType: event.eventType,
      affectedObjectFriendlyName: event.affectedObjectFriendlyName,
      affectedObjectCorrelationId: event.affectedObjectCorrelationId,
      severity: event.severity,
      timeOfOccurrence: ticks(event.at),
      fabricId: event.fabricName === null ? null : fabricId(vault, event.fabricName),
      providerSpecificDetails: {
        instanceType: "InMageRcm",
        protectedItemName: event.affectedObjectFriendlyName,
        fabricName: event.fabricName,
        jobId: event.job === null ? null : jobId(vault, event.job.name),
      },
      eventSpecificDetails:
        event.job === null
          ? null
          : {
              instanceType: "JobStatus",
              jobId: event.job.name,
              jobFriendlyName: event.job.friendlyName,
              jobStatus: event.job.status,
              affectedObjectType: "ProtectionEntity",
            },
      healthErrors: event.errors.map(({ code, message, possibleCauses, recommendedAction }) => ({
        errorCode: code,
        errorMessage: message,
        possibleCauses,
        recommendedAction,
      })),
    },
  };
}

const path = `${vaultPath}/replicationEvents`;

/** Whether an event answers `$filter`: `StartTime` and `EndTime` bound the time, the other names must be equal. */
function matches(event: EventState, filter: Record<string, string>): boolean {
  return Object.entries(filter).every(([name, value]) => {
    switch (name) {
      case "severity":
        return sameName(event.severity, value);
      case "eventtype":
        return sameName(event.eventType, value);
      case "affectedobjectfriendlyname":
        return sameName(event.affectedObjectFriendlyName, value);
      case "affectedobjectcorrelationid":
        return sameName(event.affectedObjectCorrelationId, value);
      case "fabricname":
        return sameName(event.fabricName ?? "", value);
      case "starttime":
        return event.at >= timeOf(name, value);
      default:
        return event.at <= timeOf(name, value);
    }
  });
}

const filterNames = [
  "Severity",
  "EventType",
  "AffectedObjectFriendlyName",
  "AffectedObjectCorrelationId",
  "FabricName",
  "StartTime",
  "EndTime",
];

export const eventOperations: Operation[] = [
  operation("ReplicationEvents_List", "GET", path, ({ request, vault }) => {
    const filter = filterOf(request, filterNames);
    const events = vault.events.filter((event) => matches(event, filter));
    return page(request, events, (event) => render(vault, event));
  }),
  operation("ReplicationEvents_Get", "GET", `${path}/{eventName}`, ({ request, vault }) => {
    const name = param(request, "eventName");
    const event = vault.events.find((each) => sameName(each.name, name));
    if (event === undefined) throw notFound("event", name);
    return { status: 200, body: render(vault, event) };
  }),
];
