import type { SiteRecoveryManagementClient } from "@azure/arm-recoveryservices-siterecovery";
import { InvalidInput, NotAllowedInState } from "../errors.js";
import {
  type Action,
  type RecoveryPlan,
  type RecoveryPoint,
  type RecoveryPointChoice,
  type ReplicatedItem,
  sameId,
  type Target,
  type VaultCoordinates,
} from "../siteRecovery.js";
import type { CallOptions } from "./armClient.js";
import { requireItemId, requireName } from "./ids.js";

/** One request that starts a job, ready to be sent once. */
export type Send = (client: SiteRecoveryManagementClient, options: CallOptions) => Promise<unknown>;

export interface ActionContext {
  vault: VaultCoordinates;
  getRecoveryPoints(itemId: string): Promise<RecoveryPoint[]>;
}

const FORWARD = "PrimaryToRecovery";
/** The kinds whose action bodies this version builds. */
const SUPPORTED = ["InMageRcm"];

/** Builds the request of an action. @throws InvalidInput, NotAllowedInState before anything is sent */
export function prepareAction(target: Target, action: Action, context: ActionContext): Promise<Send> {
  return target.kind === "replicatedItem"
    ? prepareItemAction(target.item, action, context)
    : Promise.resolve(preparePlanAction(target.plan, action, context.vault));
}

async function prepareItemAction(item: ReplicatedItem, action: Action, context: ActionContext): Promise<Send> {
  const { resourceGroupName: group, vaultName: vault } = context.vault;
  const {
    fabricName: fabric,
    protectionContainerName: container,
    itemName,
  } = requireItemId(item.id, context.vault);
  const at = [vault, group, fabric, container, itemName] as const;
  switch (action.kind) {
    case "failoverCommit":
      return ({ replicationProtectedItems: items }, options) => items.beginFailoverCommitAndWait(...at, options);
    case "testFailoverCleanup":
      return ({ replicationProtectedItems: items }, options) =>
        items.beginTestFailoverCleanupAndWait(...at, { properties: { comments: action.comments } }, options);
  }
  requireSupported([item.instanceType], action.kind, "replicated item", item.name);
  switch (action.kind) {
    case "testFailover": {
      const recoveryPointId = await choosePoint(item, action.recoveryPoint, action.kind, context);
      const body = {
        properties: {
          failoverDirection: FORWARD,
          networkType: "VmNetworkAsInput",
          networkId: action.networkId,
          providerSpecificDetails: {
            instanceType: "InMageRcm" as const,
            networkId: action.networkId,
            recoveryPointId,
          },
        },
      };
      return ({ replicationProtectedItems: items }, options) =>
        items.beginTestFailoverAndWait(...at, body, options);
    }
    case "unplannedFailover": {
      const recoveryPointId = await choosePoint(item, action.recoveryPoint, action.kind, context);
      const body = {
        properties: {
          failoverDirection: FORWARD,
          sourceSiteOperations: action.shutdownSource ? "Required" : "NotRequired",
          providerSpecificDetails: {
            instanceType: "InMageRcm" as const,
            performShutdown: action.shutdownSource ? "true" : "false",
            recoveryPointId,
          },
        },
      };
      return ({ replicationProtectedItems: items }, options) =>
        items.beginUnplannedFailoverAndWait(...at, body, options);
    }
    case "applyRecoveryPoint": {
      const { recoveryPointId } = action;
      const body = {
        properties: {
          recoveryPointId,
          providerSpecificDetails: { instanceType: "InMageRcm" as const, recoveryPointId },
        },
      };
      return ({ replicationProtectedItems: items }, options) =>
        items.beginApplyRecoveryPointAndWait(...at, body, options);
    }
  }
}

function preparePlanAction(plan: RecoveryPlan, action: Action, coordinates: VaultCoordinates): Send {
  const { resourceGroupName: group, vaultName: vault } = coordinates;
  const at = [vault, group, requireName(plan.id, "replicationRecoveryPlans", coordinates)] as const;
  switch (action.kind) {
    case "failoverCommit":
      return ({ replicationRecoveryPlans: plans }, options) => plans.beginFailoverCommitAndWait(...at, options);
    case "testFailoverCleanup":
      return ({ replicationRecoveryPlans: plans }, options) =>
        plans.beginTestFailoverCleanupAndWait(...at, { properties: { comments: action.comments } }, options);
    case "applyRecoveryPoint":
      throw new InvalidInput(
        `starting applyRecoveryPoint of recovery plan "${plan.name}": Azure changes the recovery point item by item. Send it to each replicated item of the plan.`,
        { resourceId: plan.id },
      );
  }
  requireSupported(plan.replicationProviders, action.kind, "recovery plan", plan.name);
  const recoveryPointType = planPointType(plan, action.recoveryPoint, action.kind);
  const providerSpecificDetails = [{ instanceType: "InMageRcm" as const, recoveryPointType }];
  if (action.kind === "testFailover") {
    const properties = {
      failoverDirection: FORWARD,
      networkType: "VmNetworkAsInput",
      networkId: action.networkId,
      providerSpecificDetails,
    };
    return ({ replicationRecoveryPlans: plans }, options) =>
      plans.beginTestFailoverAndWait(...at, { properties }, options);
  }
  const properties = {
    failoverDirection: FORWARD,
    sourceSiteOperations: action.shutdownSource ? "Required" : "NotRequired",
    providerSpecificDetails,
  };
  return ({ replicationRecoveryPlans: plans }, options) =>
    plans.beginUnplannedFailoverAndWait(...at, { properties }, options);
}

/** An item takes a recovery point's id; none means the latest, which Azure makes from what it has received. */
async function choosePoint(
  item: ReplicatedItem,
  choice: RecoveryPointChoice,
  action: string,
  context: ActionContext,
): Promise<string | undefined> {
  if (choice.kind === "latest") return undefined;
  const points = await context.getRecoveryPoints(item.id);
  const doing = `starting ${action} of replicated item "${item.name}"`;
  if (choice.kind === "point") {
    const point = points.find(({ id }) => sameId(id, choice.recoveryPointId));
    if (point !== undefined) return point.id;
    throw new NotAllowedInState(
      `${doing}: recovery point "${choice.recoveryPointId}" is not there; ${describe(points)}. Choose one of these, or leave the recovery point out for the latest.`,
      { resourceId: item.id, operation: doing },
    );
  }
  const type =
    choice.kind === "latestApplicationConsistent"
      ? "ApplicationConsistent"
      : choice.kind === "latestCrashConsistent"
        ? "CrashConsistent"
        : undefined;
  const newest = points
    .filter((point) => type === undefined || point.type === type)
    .reduce<RecoveryPoint | undefined>(
      (best, point) => (best === undefined || point.time > best.time ? point : best),
      undefined,
    );
  if (newest !== undefined) return newest.id;
  throw new NotAllowedInState(
    `${doing}: there is no ${type ?? "processed"} recovery point; ${describe(points)}. Choose another kind of point, or wait until there is one.`,
    { resourceId: item.id, operation: doing },
  );
}

function describe(points: RecoveryPoint[]): string {
  if (points.length === 0) return "the item has none";
  const newest = [...points].sort((a, b) => b.time.localeCompare(a.time)).slice(0, 5);
  return `the newest of ${points.length} are ${newest.map(({ name, time, type }) => `${name} (${type}, ${time})`).join(", ")}`;
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

function requireSupported(instanceTypes: string[], action: string, kind: string, name: string): void {
  const strangers = instanceTypes.filter((type) => !SUPPORTED.includes(type));
  if (strangers.length === 0 && instanceTypes.length > 0) return;
  throw new InvalidInput(
    `starting ${action} of ${kind} "${name}": replicated by ${strangers.join(", ") || "nothing"}, which this version cannot start. Allowed: ${SUPPORTED.join(", ")}.`,
  );
}
