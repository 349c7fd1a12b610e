/** Recovery plans as the service answers them; lists leave the groups out. */

import { currentScenario } from "../items/render.js";
import { openJob } from "../jobs/start.js";
import {
  fabricFriendlyName,
  jobId,
  keyOf,
  lastSegment,
  microsoftAzure,
  planId,
  ticks,
  vaultType,
} from "../names.js";
import type { PlanState, VaultState } from "../state.js";
import { allowedPlanOperations, itemsOfPlan } from "./items.js";

export function renderPlan(vault: VaultState, plan: PlanState, isList: boolean): unknown {
  const fabric = vault.fabrics[keyOf(lastSegment(plan.primaryFabricId))];
  const recovery = vault.fabrics[keyOf(lastSegment(plan.recoveryFabricId))];
  const kinds = new Set(itemsOfPlan(vault, plan).map((item) => item.details.instanceType));
  return {
    id: planId(vault, plan.name),
    name: plan.name,
    type: `${vaultType}/replicationRecoveryPlans`,
    properties: {
      friendlyName: plan.name,
      primaryFabricId: plan.primaryFabricId,
      primaryFabricFriendlyName: fabric?.name ?? lastSegment(plan.primaryFabricId),
      recoveryFabricId: plan.recoveryFabricId,
      recoveryFabricFriendlyName: recovery === undefined ? microsoftAzure : fabricFriendlyName(recovery),
      failoverDeploymentModel: plan.failoverDeploymentModel,
      replicationProviders: [...kinds],
      allowedOperations: allowedPlanOperations(vault, plan),
      ...(plan.lastUnplannedFailoverAt === null
        ? {}
        : { lastUnplannedFailoverTime: ticks(plan.lastUnplannedFailoverAt) }),
      ...(plan.lastPlannedFailoverAt == null
        ? {}
        : { lastPlannedFailoverTime: ticks(plan.lastPlannedFailoverAt) }),
      ...(plan.lastTestFailoverAt === null ? {} : { lastTestFailoverTime: ticks(plan.lastTestFailoverAt) }),
      ...scenario(vault, plan),
      groups: isList
        ? []
        : plan.groups.map((group) => ({
            groupType: group.groupType,
            replicationProtectedItems: group.items,
            startGroupActions: group.startGroupActions,
            endGroupActions: group.endGroupActions,
          })),
      providerSpecificDetails: [],
    },
  };
}

/** The running job, else the last one; null before the first. */
function scenario(vault: VaultState, plan: PlanState): object {
  const open = openJob(vault, plan);
  if (open !== undefined) {
    const status = { currentScenarioStatus: open.state, currentScenarioStatusDescription: open.state };
    return { currentScenario: currentScenario(vault, plan), ...status };
  }
  const last = plan.lastScenario;
  return {
    currentScenario:
      last === null
        ? null
        : { scenarioName: last.scenarioName, jobId: jobId(vault, last.jobName), startTime: ticks(last.startedAt) },
    currentScenarioStatus: last?.status ?? null,
    currentScenarioStatusDescription: last?.description ?? null,
  };
}
