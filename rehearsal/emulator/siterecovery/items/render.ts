/** A replication protected item as the service answers it. */

import type { Json } from "../../json.js";
import { fabricOf } from "../fabricState.js";
import { openJob } from "../jobs/start.js";
import { kindOf } from "../kinds/index.js";
import type { RecoverySide } from "../kinds/kind.js";
import {
  azureContainerId,
  fabricId,
  friendlyNamesOf,
  itemId,
  itemType,
  jobId,
  microsoftAzure,
  neverForScenario,
  policyId,
  recoveryPointId,
  ticks,
} from "../names.js";
import type { Call } from "../operation.js";
import type { ItemState, VaultState } from "../state.js";
import { policyOf } from "./policyOf.js";
import { stateDescription } from "./stateDescriptions.js";

const testFailoverDescriptions = {
  None: "None",
  WaitingForCompletion: "Waiting for user input",
  MarkedForDeletion: "Cleaning up test environment",
};

/** What may be started now: nothing while a job holds the item, but for disabling one that is being enabled. */
export function allowedOperations(vault: VaultState, item: ItemState): string[] {
  const job = openJob(vault, item);
  if (job === undefined || job.scenario === "EnableDr") return kindOf(item).allowedOperations(item);
  return [];
}

/** Recorded: an item says it in another word than its job. */
const scenarioWords: Record<string, string> = {
  IrCompletion: "EnableProtection",
  // Chosen, after the former.
  SecondaryIrCompletion: "EnableProtection",
};

/** The item's open job, or `None`: also in the moment before a job has its name. */
export function currentScenario(vault: VaultState, holder: { currentJob: string | null }) {
  const job = openJob(vault, holder);
  const isNamed = job !== undefined && job.startedAt !== null;
  return {
    scenarioName: isNamed ? (scenarioWords[job.scenario] ?? job.scenario) : "None",
    jobId: jobId(vault, isNamed ? job.name : "None"),
    startTime: isNamed && job.startedAt !== null ? ticks(job.startedAt) : neverForScenario,
  };
}

function azureSide(vault: VaultState): RecoverySide {
  return {
    fabricFriendlyName: microsoftAzure,
    fabricId: microsoftAzure,
    containerFriendlyName: microsoftAzure,
    containerId: azureContainerId(vault),
  };
}

/** Recorded: a missing test failover, and nothing else, is the failover's concern; the worst level counts. */
function healthOf(errors: Json[], isOfFailover: boolean): "Normal" | "Warning" | "Critical" {
  const levels = errors.flatMap((error) => {
    if (error === null || typeof error !== "object" || Array.isArray(error)) return [];
    return (error.errorCategory === "Replication") === isOfFailover ? [] : [error.errorLevel];
  });
  if (levels.includes("Error")) return "Critical";
  return levels.length > 0 ? "Warning" : "Normal";
}

export function renderItem(call: Call, item: ItemState): unknown {
  const { vault, world } = call;
  const fabric = fabricOf(vault, item);
  const now = world.clock.now();
  const kind = kindOf(item);
  const healthErrors = kind.healthErrors(vault, item, now);
  const point = item.failoverRecoveryPoint;
  const names = friendlyNamesOf(vault, item);
  const other = kind.recoverySide?.(vault, item) ?? azureSide(vault);
  const isTested = item.testFailoverState === "WaitingForCompletion";
  return {
    id: itemId(vault, item),
    name: item.name,
    type: itemType,
    properties: {
      friendlyName: item.friendlyName,
      protectedItemType: kind.protectedItemType,
      protectableItemId: kind.protectableItemId(vault, item),
      recoveryServicesProviderId: `${fabricId(vault, fabric.name)}/replicationRecoveryServicesProviders/${kind.providerId(vault, fabric, item)}`,
      primaryFabricFriendlyName: names.fabric,
      primaryFabricProvider: kind.fabricProvider(fabric),
      recoveryFabricFriendlyName: other.fabricFriendlyName,
      recoveryFabricId: other.fabricId,
      primaryProtectionContainerFriendlyName: names.container,
      recoveryProtectionContainerFriendlyName: other.containerFriendlyName,
      protectionState: item.protectionState,
      protectionStateDescription: isTested
        ? "Cleanup test failover pending"
        : stateDescription(item.protectionState),
      activeLocation: item.activeLocation,
      testFailoverState: item.testFailoverState,
      testFailoverStateDescription: testFailoverDescriptions[item.testFailoverState],
      switchProviderState: "None",
      switchProviderStateDescription: null,
      allowedOperations: allowedOperations(vault, item),
      replicationHealth: healthOf(healthErrors, false),
      failoverHealth: healthOf(healthErrors, true),
      healthErrors,
      policyId: policyId(vault, policyOf(vault, item)?.name ?? item.policyName),
      policyFriendlyName: policyOf(vault, item)?.name ?? item.policyName,
      ...(item.lastFailoverAt === null ? {} : { lastSuccessfulFailoverTime: ticks(item.lastFailoverAt) }),
      ...(item.lastTestFailoverAt === null
        ? {}
        : { lastSuccessfulTestFailoverTime: ticks(item.lastTestFailoverAt) }),
      currentScenario: currentScenario(vault, item),
      failoverRecoveryPointId: point === null ? kind.noPoint : recoveryPointId(vault, fabric, item, point.name),
      providerSpecificDetails: kind.renderDetails(call, fabric, item),
      recoveryContainerId: other.containerId,
      eventCorrelationId: item.eventCorrelationId,
    },
  };
}
