/**
 * Which recovery points may be asked for, and which one a choice means for an item.
 *
 * An item takes the id of one point, a plan takes a type only: a chosen point is therefore legal for a single item
 * alone, and "latest processed" of an item is picked here from its list.
 */

/** The choices by name; a recovery point's ARM id is the custom choice. */
export const recoveryPointNames = [
  "latest",
  "latestProcessed",
  "latestApplicationConsistent",
  "latestMultiVmProcessed",
  "latestMultiVmApplicationConsistent",
] as const;

export interface PointInTime {
  id: string;
  /** ISO 8601, UTC. */
  time: string;
  type: string;
  isMultiVmSyncPoint: boolean;
}

const pointId = /\/replicationProtectedItems\/([^/]+)\/recoveryPoints\/[^/]+$/i;

export function isRecoveryPointId(choice: string): boolean {
  return pointId.test(choice);
}

/** Why a choice cannot be made for this kind of target; undefined where it can. */
export function refusalOfChoice(choice: string, target: "replicatedItem" | "recoveryPlan"): string | undefined {
  const isName = (recoveryPointNames as readonly string[]).includes(choice);
  if (!isName && !isRecoveryPointId(choice)) {
    return `is neither a name (${recoveryPointNames.join(", ")}) nor the ARM id of a recovery point (.../recoveryPoints/<name>)`;
  }
  if (target === "recoveryPlan" && !isName) {
    return `is one recovery point of one machine; a recovery plan takes a name only: ${recoveryPointNames.join(", ")}`;
  }
  if (target === "replicatedItem" && choice.startsWith("latestMultiVm")) {
    return "is for recovery plans with a multi-VM consistent machine; a single machine takes latest, latestProcessed, latestApplicationConsistent or the ARM id of a recovery point";
  }
  return undefined;
}

export type Picked = { kind: "latest" } | { kind: "point"; point: PointInTime } | { kind: "none"; reason: string };

/**
 * The point that a choice means among those that an item has now.
 *
 * @param points In any order.
 */
export function pickPoint(choice: string, points: readonly PointInTime[]): Picked {
  if (choice === "latest") return { kind: "latest" };
  const newestFirst = [...points].sort(
    (a, b) => Date.parse(b.time) - Date.parse(a.time) || (a.id < b.id ? -1 : 1),
  );
  if (isRecoveryPointId(choice)) {
    const name = lastSegment(choice);
    // Azure names the container in a point's id by another name than the item's own id does (recorded), so that only
    // the last segment, a GUID, tells points apart.
    const point = newestFirst.find((candidate) => lastSegment(candidate.id) === name);
    return point
      ? { kind: "point", point }
      : { kind: "none", reason: `it is not there any more; ${describeLeft(newestFirst)}` };
  }
  const wanted = newestFirst.filter((point) => {
    if (choice.includes("ApplicationConsistent") && point.type.toLowerCase() !== "applicationconsistent")
      return false;
    return !choice.startsWith("latestMultiVm") || point.isMultiVmSyncPoint;
  });
  const [newest] = wanted;
  return newest
    ? { kind: "point", point: newest }
    : { kind: "none", reason: `the machine has no such point; ${describeLeft(newestFirst)}` };
}

function describeLeft(newestFirst: readonly PointInTime[]): string {
  const [newest] = newestFirst;
  const oldest = newestFirst.at(-1);
  if (!newest || !oldest) return "no recovery point is left";
  const newestConsistent = newestFirst.find((point) => point.type.toLowerCase() === "applicationconsistent");
  return (
    `${newestFirst.length} points are left, from ${oldest.time} to ${newest.time}; the newest is ${newest.id}` +
    (newestConsistent ? `, the newest application-consistent one ${newestConsistent.id}` : "")
  );
}

function lastSegment(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1).toLowerCase();
}
