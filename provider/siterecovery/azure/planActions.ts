import { InvalidInput } from "../errors.js";
import type { Action, RecoveryPlan, RecoveryPointChoice, VaultCoordinates } from "../siteRecovery.js";
import { BACK, FORWARD, isVmmToVmm, kekFields, testNetworkOf, vmmToVmm } from "./actionInputs.js";
import type { Send } from "./armClient.js";
import { requireName } from "./ids.js";

/** Kinds of which a plan's input has a type. */
const TYPED_KINDS = ["InMageRcm", "InMageAzureV2", "HyperVReplicaAzure"];
/** Machines between VMM sites need nothing beyond the direction: the contract has no input of theirs for a plan. */
const FORWARD_KINDS = [...TYPED_KINDS, ...vmmToVmm];

type PointAction = Extract<Action, { kind: "testFailover" | "unplannedFailover" }>;

/**
 * Builds the request of an action on a plan: one entry for each provider kind in it.
 *
 * @throws InvalidInput for what Azure does item by item
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-recovery-plans
 */
export function preparePlanAction(plan: RecoveryPlan, action: Action, coordinates: VaultCoordinates): Send {
  const { resourceGroupName: group, vaultName: vault } = coordinates;
  const at = [vault, group, requireName(plan.id, "replicationRecoveryPlans", coordinates)] as const;
  switch (action.kind) {
    case "failoverCommit":
      return ({ replicationRecoveryPlans: plans }, options) => plans.beginFailoverCommitAndWait(...at, options);
    case "failoverCancel":
      return ({ replicationRecoveryPlans: plans }, options) => plans.beginFailoverCancelAndWait(...at, options);
    case "testFailoverCleanup":
      return ({ replicationRecoveryPlans: plans }, options) =>
        plans.beginTestFailoverCleanupAndWait(...at, { properties: { comments: action.comments } }, options);
    case "testFailover": {
      const properties = {
        failoverDirection: action.isBack ? BACK : FORWARD,
        ...testNetworkOf(action),
        providerSpecificDetails: forwardInputs(plan, action),
      };
      return ({ replicationRecoveryPlans: plans }, options) =>
        plans.beginTestFailoverAndWait(...at, { properties }, options);
    }
    case "unplannedFailover": {
      const properties = {
        failoverDirection: FORWARD,
        sourceSiteOperations: action.shutdownSource ? "Required" : "NotRequired",
        providerSpecificDetails: forwardInputs(plan, action),
      };
      return ({ replicationRecoveryPlans: plans }, options) =>
        plans.beginUnplannedFailoverAndWait(...at, { properties }, options);
    }
    case "plannedFailover": {
      const kinds = requireKinds(plan, action.kind, ["HyperVReplicaAzure", ...vmmToVmm]);
      const input = {
        instanceType: "HyperVReplicaAzure" as const,
        recoveryPointType: "Latest",
        ...kekFields(action.certificates),
      };
      const properties = {
        failoverDirection: FORWARD,
        providerSpecificDetails: kinds.some(isVmmToVmm) ? [] : [input],
      };
      return ({ replicationRecoveryPlans: plans }, options) =>
        plans.beginPlannedFailoverAndWait(...at, { properties }, options);
    }
    case "failback":
      return prepareFailback(plan, action, at);
    case "applyRecoveryPoint":
    case "reprotect":
    case "reverseReplicate":
      throw new InvalidInput(
        `starting ${action.kind} of recovery plan "${plan.name}": Azure does that item by item. Send it to each replicated item of the plan.`,
        { resourceId: plan.id },
      );
  }
}

function prepareFailback(
  plan: RecoveryPlan,
  action: Extract<Action, { kind: "failback" }>,
  at: readonly [string, string, string],
): Send {
  const { recoveryPointType, dataSyncOption, recoveryVmCreationOption } = action.settings;
  const kinds = new Set(plan.replicationProviders);
  const isVmm = [...kinds].every(isVmmToVmm) && kinds.size > 0;
  if (isVmm && !action.settings.isPlanned) {
    const properties = {
      failoverDirection: BACK,
      sourceSiteOperations: "NotRequired",
      providerSpecificDetails: [],
    };
    return ({ replicationRecoveryPlans: plans }, options) =>
      plans.beginUnplannedFailoverAndWait(...at, { properties }, options);
  }
  if (kinds.has("InMage")) {
    const input = {
      instanceType: "InMage" as const,
      recoveryPointType: recoveryPointType === "ApplicationConsistent" ? "LatestTag" : "LatestTime",
    };
    const properties = {
      failoverDirection: BACK,
      sourceSiteOperations: "NotRequired",
      providerSpecificDetails: [input],
    };
    return ({ replicationRecoveryPlans: plans }, options) =>
      plans.beginUnplannedFailoverAndWait(...at, { properties }, options);
  }
  const input =
    kinds.has("InMageRcmFailback") || kinds.has("InMageRcm")
      ? { instanceType: "InMageRcmFailback" as const, recoveryPointType }
      : { instanceType: "HyperVReplicaAzureFailback" as const, dataSyncOption, recoveryVmCreationOption };
  const properties = { failoverDirection: BACK, providerSpecificDetails: isVmm ? [] : [input] };
  return ({ replicationRecoveryPlans: plans }, options) =>
    plans.beginPlannedFailoverAndWait(...at, { properties }, options);
}

function forwardInputs(plan: RecoveryPlan, action: PointAction) {
  const kinds = requireKinds(plan, action.kind, FORWARD_KINDS);
  const recoveryPointType = planPointType(plan, action.recoveryPoint, action.kind);
  const isMultiVm = "isMultiVm" in action.recoveryPoint && action.recoveryPoint.isMultiVm === true;
  const multiVm = isMultiVm ? { useMultiVmSyncPoint: "true" } : {};
  return kinds
    .filter((kind) => TYPED_KINDS.includes(kind))
    .map((kind) => {
      if (kind === "HyperVReplicaAzure") {
        return {
          instanceType: "HyperVReplicaAzure" as const,
          recoveryPointType,
          ...kekFields(action.certificates),
        };
      }
      return kind === "InMageAzureV2"
        ? { instanceType: "InMageAzureV2" as const, recoveryPointType, ...multiVm }
        : { instanceType: "InMageRcm" as const, recoveryPointType, ...multiVm };
    });
}

/** A plan takes a type only: Azure picks each machine's point. */
function planPointType(plan: RecoveryPlan, choice: RecoveryPointChoice, action: string): string {
  switch (choice.kind) {
    case "latest":
      return "Latest";
    case "latestProcessed":
      return "LatestProcessed";
    case "latestApplicationConsistent":
      return "LatestApplicationConsistent";
    case "latestCrashConsistent":
      return "LatestCrashConsistent";
    case "point":
      throw new InvalidInput(
        `starting ${action} of recovery plan "${plan.name}": recoveryPoint "${choice.recoveryPointId}" is one point of one item, and a plan takes a type only. Allowed: latest, latestProcessed, latestApplicationConsistent, latestCrashConsistent.`,
        { resourceId: plan.id },
      );
  }
}

function requireKinds(plan: RecoveryPlan, action: string, allowed: readonly string[]): string[] {
  const kinds = [...new Set(plan.replicationProviders)];
  const strangers = kinds.filter((kind) => !allowed.includes(kind));
  if (strangers.length === 0 && kinds.length > 0) return kinds;
  throw new InvalidInput(
    `starting ${action} of recovery plan "${plan.name}": replicated by ${strangers.join(", ") || "nothing"}, which a plan cannot drive so. Allowed: ${allowed.join(", ")}.`,
    { resourceId: plan.id },
  );
}
