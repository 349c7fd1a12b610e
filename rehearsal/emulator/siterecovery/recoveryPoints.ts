/**
 * Recovery points, computed and not stored: which ones exist is a function of the policy, of when protection began and
 * of the time, so a vault of a hundred thousand items keeps none of them in memory.
 */

import { guidOf } from "../estate/names.js";
import { days, hours, minutes } from "./names.js";
import type { ItemState } from "./state.js";

export interface RecoveryPoint {
  /** A GUID, the same each time it is asked for. */
  name: string;
  /** Simulated milliseconds since 1970. */
  at: number;
  type: "CrashConsistent" | "ApplicationConsistent";
}

/** What of a policy decides on points; minutes, 0 = none. */
export interface PointPolicy {
  recoveryPointHistoryInMinutes: number;
  crashConsistentFrequencyInMinutes: number;
  appConsistentFrequencyInMinutes: number;
}

type PointSource = Pick<
  ItemState,
  "internalIdentifier" | "protectedAt" | "replicationStoppedAt" | "requestedPoints" | "pointsGone"
>;

/** The points that exist at `now`, newest first. After a failover they stay as they were when it began. */
export function recoveryPoints(item: PointSource, policy: PointPolicy, now: number): RecoveryPoint[] {
  if (item.protectedAt === null || item.pointsGone) return [];
  const until = Math.min(now, item.replicationStoppedAt ?? now);
  const retention = policy.recoveryPointHistoryInMinutes * minutes;
  const appInterval = policy.appConsistentFrequencyInMinutes * minutes;
  const crashInterval = policy.crashConsistentFrequencyInMinutes * minutes;
  const first = item.protectedAt;
  const times = new Map<number, RecoveryPoint["type"]>();
  if (retention > 0) {
    for (const at of keptTimes(first, crashInterval, until, retention)) times.set(at, "CrashConsistent");
    for (const at of keptTimes(first + appInterval, appInterval, until, retention))
      times.set(at, "ApplicationConsistent");
  }
  for (const at of item.requestedPoints) {
    if (isRequestedKept(at, policy, until, now)) times.set(at, "CrashConsistent");
  }
  return [...times]
    .map(([at, type]) => ({ name: guidOf("recoveryPoint", item.internalIdentifier, at), at, type }))
    .sort((a, b) => b.at - a.at);
}

/** Last point of the policy, without listing the others: items are listed by the hundred. */
export function latestRecoveryPoint(
  item: PointSource,
  policy: PointPolicy,
  now: number,
): RecoveryPoint | undefined {
  if (item.protectedAt === null || item.pointsGone) return undefined;
  const until = Math.min(now, item.replicationStoppedAt ?? now);
  const oldest = until - policy.recoveryPointHistoryInMinutes * minutes;
  const crashInterval = policy.crashConsistentFrequencyInMinutes * minutes;
  const appInterval = policy.appConsistentFrequencyInMinutes * minutes;
  const kept = (at: number | undefined) =>
    at !== undefined && policy.recoveryPointHistoryInMinutes > 0 && at >= oldest ? at : Number.NEGATIVE_INFINITY;
  const app = kept(lastTime(item.protectedAt + appInterval, appInterval, until));
  const crash = kept(lastTime(item.protectedAt, crashInterval, until));
  const requested = item.requestedPoints.filter((at) => isRequestedKept(at, policy, until, now)).at(-1);
  const at = Math.max(app, crash, requested ?? Number.NEGATIVE_INFINITY);
  if (at === Number.NEGATIVE_INFINITY) return undefined;
  return {
    name: guidOf("recoveryPoint", item.internalIdentifier, at),
    at,
    type: at === app && at !== requested ? "ApplicationConsistent" : "CrashConsistent",
  };
}

/** A point that a failover asked for is the one it uses, so it lives for two hours whatever the retention. */
function isRequestedKept(at: number, policy: PointPolicy, until: number, now: number): boolean {
  return at >= until - Math.max(policy.recoveryPointHistoryInMinutes * minutes, 2 * hours) && at <= now;
}

function lastTime(first: number, interval: number, until: number): number | undefined {
  if (interval <= 0 || until < first) return undefined;
  return first + Math.floor((until - first) / interval) * interval;
}

/**
 * Azure keeps every point of the last two hours, then thins out: one an hour up to a day, one in two hours up to a
 * week, one in four hours beyond. The first point of a slot is the one kept, and a coarser slot begins where a finer
 * one does, so a point once gone never comes back.
 */
function keptTimes(first: number, interval: number, until: number, retention: number): number[] {
  if (interval <= 0) return [];
  const oldest = Math.max(first, until - retention);
  const kept: number[] = [];
  let index = Math.ceil((oldest - first) / interval);
  for (let at = first + index * interval; at <= until; index += 1, at = first + index * interval) {
    const age = until - at;
    const slot = age <= 2 * hours ? 0 : age <= days ? hours : age <= 7 * days ? 2 * hours : 4 * hours;
    const isFirstOfSlot =
      slot === 0 || slotOf(at, first, slot) !== slotOf(at - interval, first, slot) || index === 0;
    if (isFirstOfSlot) kept.push(at);
  }
  return kept;
}

function slotOf(at: number, first: number, slot: number): number {
  return Math.floor((at - first) / slot);
}
