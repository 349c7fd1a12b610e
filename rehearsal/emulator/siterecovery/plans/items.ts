/** The items of a recovery plan, and what may be started on it. */

import { allowedOperations as itemOperations } from "../items/render.js";
import { openJob } from "../jobs/start.js";
import { keyOf, segmentsOf } from "../names.js";
import type { ItemState, PlanGroup, PlanState, VaultState } from "../state.js";

export function itemsOfGroup(vault: VaultState, group: PlanGroup): ItemState[] {
  return group.items.flatMap(({ id }) => {
    const names = segmentsOf(id);
    const key = keyOf(
      names.replicationfabrics ?? "",
      names.replicationprotectioncontainers ?? "",
      names.replicationprotecteditems ?? "",
    );
    const item = vault.items[key];
    return item === undefined ? [] : [item];
  });
}

export function itemsOfPlan(vault: VaultState, plan: PlanState): ItemState[] {
  return itemsOf(vault, plan.groups);
}

export function itemsOf(vault: VaultState, groups: PlanGroup[]): ItemState[] {
  return groups.flatMap((group) => itemsOfGroup(vault, group));
}

/** A failover must be open to every item; a cleanup or a commit to one, and works on those that wait for it. */
export function allowedPlanOperations(vault: VaultState, plan: PlanState): string[] {
  if (openJob(vault, plan) !== undefined) return [];
  const items = itemsOfPlan(vault, plan);
  const offered = items.map((item) => itemOperations(vault, item));
  if (offered.some((operations) => operations.includes("TestFailoverCleanup"))) return ["TestFailoverCleanup"];
  const forAll = (operation: string) =>
    items.length > 0 && offered.every((operations) => operations.includes(operation));
  return [
    ...["PlannedFailover", "UnplannedFailover", "TestFailover", "Failback", "CancelFailover"].filter(forAll),
    ...(offered.some((operations) => operations.includes("Commit")) ? ["Commit"] : []),
  ];
}
