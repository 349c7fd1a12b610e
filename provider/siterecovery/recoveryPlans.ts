/** Recovery plans, and how they are written. */

import type { WaitOptions } from "./jobs.js";
import type { AllowedOperation, CurrentScenario } from "./replicatedItems.js";

export interface RecoveryPlanAction {
  name: string;
  /** Azure's words: TestFailover, UnplannedFailover, PlannedFailover, Commit, ... */
  failoverTypes: string[];
  /** PrimaryToRecovery, RecoveryToPrimary. */
  failoverDirections: string[];
  details:
    | { kind: "manual"; description?: string }
    | { kind: "script"; path: string; timeout?: string; fabricLocation: "Primary" | "Recovery" }
    | { kind: "runbook"; runbookId?: string; timeout?: string; fabricLocation: "Primary" | "Recovery" };
}

export interface RecoveryPlanGroup {
  groupType: "Shutdown" | "Failover" | "Boot";
  replicatedItemIds: string[];
  startGroupActions: RecoveryPlanAction[];
  endGroupActions: RecoveryPlanAction[];
}

export interface RecoveryPlan {
  id: string;
  name: string;
  primaryFabricId: string;
  recoveryFabricId: string;
  failoverDeploymentModel: string;
  replicationProviders: string[];
  allowedOperations: AllowedOperation[];
  currentScenario?: CurrentScenario;
  currentScenarioStatus?: string;
  /** In Azure's order: Shutdown, Failover, Boot... Empty when `isSummary`. */
  groups: RecoveryPlanGroup[];
  /** True in answers of the list call, which leaves the groups out (recorded). */
  isSummary: boolean;
}

export interface RecoveryPlanSettings {
  primaryFabricId: string;
  recoveryFabricId: string;
  failoverDeploymentModel: string;
  groups: RecoveryPlanGroup[];
}

/** Each ends when its job ended well, else throws `JobFailed` with Azure's causes. */
export interface RecoveryPlanWrites {
  putPlan(id: string, settings: RecoveryPlanSettings, options: WaitOptions): Promise<RecoveryPlan>;
  updatePlan(id: string, groups: RecoveryPlanGroup[], options: WaitOptions): Promise<RecoveryPlan>;
  deletePlan(id: string, options: WaitOptions): Promise<void>;
}
