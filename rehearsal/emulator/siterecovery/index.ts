/** Site Recovery's side of the emulator: its operations, what happens on its timeline, and its state. */

import type { Operation, TimelineHandler } from "../core.js";
import { eventOperations } from "./events.js";
import { fabricOperations } from "./fabrics/operations.js";
import { fabricSteps, getFabric } from "./fabrics/sites.js";
import { itemActionOperations } from "./items/actions.js";
import { classicSteps } from "./items/classic/steps.js";
import { hyperVSteps } from "./items/hyperV/steps.js";
import { getItem, itemOperations } from "./items/operations.js";
import { recoveryPointOperations } from "./items/points.js";
import { itemScenarios } from "./items/scenarios.js";
import { itemSteps } from "./items/steps.js";
import { itemTimeline } from "./items/timeline.js";
import { toVMwareSteps } from "./items/toVMware/steps.js";
import { vmmToVmmSteps } from "./items/vmmToVmm/steps.js";
import { jobTimeline } from "./jobs/engine.js";
import { getJob, jobOperations } from "./jobs/operations.js";
import type { JobTables } from "./jobs/scenario.js";
import { operationStatusOperations, resultOperations } from "./longRunning.js";
import { getMapping, mappingOperations, mappingPath, mappingSteps } from "./mappings.js";
import { fabricPath, itemPath, planPath, vaultPath } from "./names.js";
import { getNetworkMapping, networkMappingPath, networkMappingSteps, networkOperations } from "./networks.js";
import { getPlan, planEnds, planOperations, planSteps } from "./plans/operations.js";
import { getPolicy, policyOperations, policyPath, policySteps } from "./policies.js";
import { protectableItemOperations } from "./protectableItems.js";
import { getHealth, vaultHealthPath, vaultOperations } from "./vaultLevel.js";

export { seedSiteRecovery } from "./seed/index.js";
export { emptySiteRecoveryState, type SiteRecoveryState } from "./state.js";

const tables: JobTables = {
  scenarios: itemScenarios,
  steps: {
    ...policySteps,
    ...mappingSteps,
    ...fabricSteps,
    ...networkMappingSteps,
    ...itemSteps,
    ...toVMwareSteps,
    ...hyperVSteps,
    ...classicSteps,
    ...vmmToVmmSteps,
    ...planSteps,
  },
  planEnds,
};

/** Every operation of Microsoft.RecoveryServices below a vault; what is not here, the server answers with 501. */
export const siteRecoveryOperations: Operation[] = [
  ...policyOperations,
  ...fabricOperations,
  ...networkOperations,
  ...mappingOperations,
  ...protectableItemOperations,
  ...itemOperations,
  ...itemActionOperations,
  ...recoveryPointOperations,
  ...planOperations,
  ...jobOperations(tables),
  ...eventOperations,
  ...vaultOperations,
  ...operationStatusOperations,
  ...resultOperations([
    { path: policyPath, get: getPolicy },
    { path: mappingPath, get: getMapping },
    { path: fabricPath, get: getFabric },
    { path: networkMappingPath, get: getNetworkMapping },
    { path: itemPath, get: getItem },
    { path: planPath, get: getPlan },
    { path: `${vaultPath}/replicationJobs/{jobName}`, get: getJob },
    { path: vaultHealthPath, get: getHealth },
  ]),
];

/** Handlers of the timeline's events whose kind begins with `siterecovery.`. */
export const siteRecoveryTimeline: Record<string, TimelineHandler> = { ...jobTimeline(tables), ...itemTimeline };
