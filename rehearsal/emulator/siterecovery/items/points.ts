/** Recovery points of an item: their operations, and the one that a failover uses. */

import type { Operation, World } from "../../core.js";
import { notFound, type Reason } from "../errors.js";
import { kindNamed } from "../kinds/index.js";
import { itemPath, itemType, lastSegment, minutes, recoveryPointId, sameName, ticks } from "../names.js";
import { type Call, containerOf, itemOf, operation, param } from "../operation.js";
import { page } from "../paging.js";
import { type PointPolicy, type RecoveryPoint, recoveryPoints } from "../recoveryPoints.js";
import type { ItemState, VaultState } from "../state.js";
import { policyOf } from "./policyOf.js";

function pointPolicyOf(vault: VaultState, item: ItemState): PointPolicy {
  const policy = policyOf(vault, item);
  if (policy === undefined) throw new Error(`the item ${item.name} has no policy ${item.policyName}`);
  return kindNamed(policy.details.instanceType).pointPolicy(policy);
}

function pointsOf(world: World, vault: VaultState, item: ItemState): RecoveryPoint[] {
  return recoveryPoints(item, pointPolicyOf(vault, item), world.clock.now());
}

/** Changed data that has reached Azure since the last point, or waits to be sent: the reason to make a new point. */
function hasPendingData(world: World, vault: VaultState, item: ItemState): boolean {
  const machine = vault.machines[item.details.machine];
  const last = pointsOf(world, vault, item)[0];
  if (last === undefined) return true;
  // A machine that nothing is told about is assumed to change something all the time.
  const churn = machine?.churnMBPerHour ?? 1;
  return churn > 0 && (machine?.isPoweredOn ?? true) && world.clock.now() - last.at >= minutes / 60;
}

/** The point that is meant by a type of a plan or, on an item, by no id at all; a new one where `Latest` needs it. */
export function choosePoint(
  world: World,
  vault: VaultState,
  item: ItemState,
  type: string,
): RecoveryPoint | { failure: Reason } {
  const now = world.clock.now();
  if (type === "Latest" && hasPendingData(world, vault, item)) {
    const at = Math.min(now, item.replicationStoppedAt ?? now);
    item.requestedPoints = [...item.requestedPoints.slice(-9), at];
  }
  const points = pointsOf(world, vault, item);
  const wanted =
    type === "LatestApplicationConsistent"
      ? points.find((point) => point.type === "ApplicationConsistent")
      : type === "LatestCrashConsistent"
        ? points.find((point) => point.type === "CrashConsistent")
        : points[0];
  if (wanted !== undefined) return wanted;
  return {
    failure: noPoint(
      item,
      type === "LatestApplicationConsistent" ? "no application-consistent recovery point" : "no recovery point",
    ),
  };
}

/** The point of an id, if it still exists. */
export function pointById(
  world: World,
  vault: VaultState,
  item: ItemState,
  id: string,
): RecoveryPoint | { failure: Reason } {
  const name = lastSegment(id);
  const point = pointsOf(world, vault, item).find((each) => sameName(each.name, name));
  return point ?? { failure: noPoint(item, `no recovery point '${name}' any more`) };
}

function noPoint(item: ItemState, what: string): Reason {
  return {
    code: "RecoveryPointNotFound",
    message: `The machine '${item.friendlyName}' has ${what}.`,
    possibleCauses: "The point is older than the policy keeps it, was never made, or went with a commit.",
    recommendedAction: "List the recovery points of the item and choose one of them.",
  };
}

function render(
  { vault }: Call,
  item: ItemState,
  point: RecoveryPoint,
  fabric: Parameters<typeof recoveryPointId>[1],
): unknown {
  return {
    id: recoveryPointId(vault, fabric, item, point.name),
    name: point.name,
    type: `${itemType}/recoveryPoints`,
    properties: {
      recoveryPointTime: ticks(point.at),
      recoveryPointType: point.type,
      providerSpecificDetails: {
        instanceType: item.details.instanceType,
        isMultiVmSyncPoint: isMultiVm(vault, item),
      },
    },
  };
}

/** Only members of a multi-VM group have points in common. */
function isMultiVm(vault: VaultState, item: ItemState): "true" | "false" {
  const isOn = policyOf(vault, item)?.details.enableMultiVmSync === "true";
  return isOn && item.details.multiVmGroupName !== null ? "true" : "false";
}

export const recoveryPointOperations: Operation[] = [
  operation("RecoveryPoints_ListByReplicationProtectedItems", "GET", `${itemPath}/recoveryPoints`, (call) => {
    const item = itemOf(call);
    const { fabric } = containerOf(call);
    return page(call.request, pointsOf(call.world, call.vault, item), (point) =>
      render(call, item, point, fabric),
    );
  }),
  operation("RecoveryPoints_Get", "GET", `${itemPath}/recoveryPoints/{recoveryPointName}`, (call) => {
    const item = itemOf(call);
    const name = param(call.request, "recoveryPointName");
    const point = pointsOf(call.world, call.vault, item).find((each) => sameName(each.name, name));
    if (point === undefined) throw notFound("recovery point", name);
    return { status: 200, body: render(call, item, point, containerOf(call).fabric) };
  }),
];
