import { NotAllowedInState } from "../errors.js";
import {
  type Action,
  type RecoveryPoint,
  type RecoveryPointChoice,
  type ReplicatedItem,
  sameId,
  type Target,
  type VaultCoordinates,
} from "../siteRecovery.js";
import {
  applyRecoveryPointInput,
  BACK,
  FORWARD,
  failbackInput,
  plannedFailoverInput,
  reprotectInput,
  reverseInput,
  testFailoverInput,
  testNetworkOf,
  unplannedFailoverInput,
} from "./actionInputs.js";
import type { Send } from "./armClient.js";
import { requireItemId } from "./ids.js";
import { preparePlanAction } from "./planActions.js";

export interface ActionContext {
  vault: VaultCoordinates;
  getRecoveryPoints(itemId: string): Promise<RecoveryPoint[]>;
}

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
  const failoverDirection = action.kind === "reprotect" ? BACK : FORWARD;
  switch (action.kind) {
    case "failoverCommit":
      return ({ replicationProtectedItems: items }, options) => items.beginFailoverCommitAndWait(...at, options);
    case "failoverCancel":
      return ({ replicationProtectedItems: items }, options) => items.beginFailoverCancelAndWait(...at, options);
    case "testFailoverCleanup":
      return ({ replicationProtectedItems: items }, options) =>
        items.beginTestFailoverCleanupAndWait(...at, { properties: { comments: action.comments } }, options);
    case "testFailover": {
      const recoveryPointId = await choosePoint(item, action.recoveryPoint, action.kind, context);
      const body = {
        properties: {
          failoverDirection: action.isBack ? BACK : FORWARD,
          ...testNetworkOf(action),
          providerSpecificDetails: testFailoverInput(item, action, recoveryPointId),
        },
      };
      return ({ replicationProtectedItems: items }, options) =>
        items.beginTestFailoverAndWait(...at, body, options);
    }
    case "unplannedFailover": {
      const recoveryPointId = await choosePoint(item, action.recoveryPoint, action.kind, context);
      const body = {
        properties: {
          failoverDirection,
          sourceSiteOperations: action.shutdownSource ? "Required" : "NotRequired",
          providerSpecificDetails: unplannedFailoverInput(item, action, recoveryPointId),
        },
      };
      return ({ replicationProtectedItems: items }, options) =>
        items.beginUnplannedFailoverAndWait(...at, body, options);
    }
    case "plannedFailover": {
      const body = {
        properties: { failoverDirection, providerSpecificDetails: plannedFailoverInput(item, action) },
      };
      return ({ replicationProtectedItems: items }, options) =>
        items.beginPlannedFailoverAndWait(...at, body, options);
    }
    case "applyRecoveryPoint": {
      const { recoveryPointId } = action;
      const body = {
        properties: { recoveryPointId, providerSpecificDetails: applyRecoveryPointInput(item, action) },
      };
      return ({ replicationProtectedItems: items }, options) =>
        items.beginApplyRecoveryPointAndWait(...at, body, options);
    }
    case "failback":
      return prepareFailback(item, action, at);
    case "reprotect":
    case "reverseReplicate": {
      const providerSpecificDetails =
        action.kind === "reprotect" ? reprotectInput(item, action.settings) : reverseInput(item, action.settings);
      const body = { properties: { failoverDirection, providerSpecificDetails } };
      return ({ replicationProtectedItems: items }, options) => items.beginReprotectAndWait(...at, body, options);
    }
  }
}

function prepareFailback(
  item: ReplicatedItem,
  action: Extract<Action, { kind: "failback" }>,
  at: readonly [string, string, string, string, string],
): Send {
  const failback = failbackInput(item, action.settings);
  const failoverDirection = BACK;
  if (failback.call === "unplanned") {
    const body = {
      properties: {
        failoverDirection,
        sourceSiteOperations: "NotRequired",
        providerSpecificDetails: failback.input,
      },
    };
    return ({ replicationProtectedItems: items }, options) =>
      items.beginUnplannedFailoverAndWait(
        ...at,
        body as Parameters<typeof items.beginUnplannedFailoverAndWait>[5],
        options,
      );
  }
  const body = {
    properties: {
      ...(failback.hasDirection ? { failoverDirection } : {}),
      providerSpecificDetails: failback.input,
    },
  };
  return ({ replicationProtectedItems: items }, options) =>
    items.beginPlannedFailoverAndWait(
      ...at,
      body as Parameters<typeof items.beginPlannedFailoverAndWait>[5],
      options,
    );
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
