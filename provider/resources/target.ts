/** What a failover or a drill acts on: one machine, or the machines of a recovery plan in boot order. */

import { pickPoint } from "../lifecycle/recoveryPoints.js";
import { observe } from "../lifecycle/stages.js";
import { InvalidInput, NotFound } from "../siterecovery/errors.js";
import {
  type RecoveryPointChoice,
  type ReplicatedItem,
  type SiteRecovery,
  sameId,
  type Target,
} from "../siterecovery/siteRecovery.js";
import { declaredItem, declaredPlan } from "./declared.js";
import type { Context } from "./handler.js";
import { type ParsedTarget, parseTarget } from "./ids.js";
import { show } from "./validate.js";

export interface LoadedTarget extends ParsedTarget {
  id: string;
  siteRecovery: SiteRecovery;
  target: Target;
  /** In boot order. */
  items: ReplicatedItem[];
  /** True where the target itself is not in Azure: it is what the program declares, good for a preview only. */
  isDeclared: boolean;
  /** True where a machine is not in Azure yet: it is what the program declares. */
  isAnyItemMissing: boolean;
  /** 1-based boot group of an item; 1 for a single machine. */
  bootGroup(item: ReplicatedItem): number;
}

/** The words that messages use for a target. */
export function describeTarget(target: { kind: string; name: string }): string {
  return target.kind === "recoveryPlan" ? `recovery plan "${target.name}"` : `replicated item "${target.name}"`;
}

/**
 * Reads a target with its machines: from the shared snapshot, or freshly where something is about to be started.
 *
 * @throws NotFound when the target, or a machine of the plan, is neither there nor (in a preview) declared.
 */
export async function loadTarget(
  context: Context,
  id: string,
  options: { isFresh: boolean },
): Promise<LoadedTarget> {
  const parsed = parseTarget(id);
  if (!parsed)
    throw new NotFound(`reading target ${id}: it is neither a replicated item nor a recovery plan`, {
      resourceId: id,
    });
  const siteRecovery = context.connect(parsed.vault);
  // The error's resourceId tells a target that is gone from a plan whose machine is.
  const missing = (what: string, resourceId = id) =>
    new NotFound(`reading ${what}: it is not in vault "${parsed.vault.vaultName}"`, { resourceId });
  const declared = (itemId: string) => (options.isFresh ? undefined : declaredItem(context, siteRecovery, itemId));
  if (parsed.kind === "replicatedItem") {
    const present = options.isFresh ? await siteRecovery.getItem(id) : await siteRecovery.findItem(id);
    const item = present ?? (await declared(id));
    if (!item) throw missing(describeTarget(parsed));
    const target = { kind: "replicatedItem" as const, item };
    return {
      ...parsed,
      id,
      siteRecovery,
      target,
      items: [item],
      isDeclared: !present,
      isAnyItemMissing: !present,
      bootGroup: () => 1,
    };
  }
  const present = options.isFresh ? await siteRecovery.getPlan(id) : await siteRecovery.findPlan(id);
  // A plan that the program changes is previewed with its new groups: those are what an `up` acts on.
  const wanted = options.isFresh ? undefined : declaredPlan(context, id);
  const plan = present && wanted ? { ...present, groups: wanted.groups } : (present ?? wanted);
  if (!plan) throw missing(describeTarget(parsed));
  if (options.isFresh) siteRecovery.forgetSnapshot();
  const byId = new Map((await siteRecovery.listItems()).map((item) => [item.id.toLowerCase(), item]));
  const groups = plan.groups.filter((group) => group.groupType === "Boot");
  const items: ReplicatedItem[] = [];
  let isAnyItemMissing = false;
  for (const itemId of groups.flatMap((group) => group.replicatedItemIds)) {
    const known = byId.get(itemId.toLowerCase());
    const item = known ?? (await declared(itemId));
    if (!item) throw missing(`${describeTarget(parsed)}, machine ${itemId}`, itemId);
    isAnyItemMissing ||= !known;
    items.push(item);
  }
  const bootGroup = (item: ReplicatedItem) =>
    groups.findIndex((group) => group.replicatedItemIds.some((itemId) => sameId(itemId, item.id))) + 1;
  return {
    ...parsed,
    id,
    siteRecovery,
    target: { kind: "recoveryPlan", plan },
    items,
    isDeclared: !present,
    isAnyItemMissing,
    bootGroup,
  };
}

/**
 * Reads a target freshly once Azure has finished writing down what a job did: for a moment after a job's end its
 * machines may still say that they are busy (recorded).
 */
export async function loadSettled(context: Context, id: string): Promise<LoadedTarget> {
  let loaded = await loadTarget(context, id, { isFresh: true });
  for (let wait = 250; wait <= 16_000 && loaded.items.some((item) => observe(item).kind === "busy"); wait *= 2) {
    await loaded.siteRecovery.pause(wait);
    loaded = await loadTarget(context, id, { isFresh: true });
  }
  return loaded;
}

/** The machines whose drill waits for its clean-up. */
export function itemsInDrill(loaded: LoadedTarget): ReplicatedItem[] {
  return loaded.items.filter((item) => {
    const observation = observe(item);
    return observation.kind === "stage" && observation.isDrillPending;
  });
}

/** A plan takes the choice by name; for a machine it is picked from its list. */
export async function chooseRecoveryPoint(loaded: LoadedTarget, choice: string): Promise<RecoveryPointChoice> {
  if (choice === "latest") return { kind: "latest" };
  if (loaded.kind === "recoveryPlan") {
    const isMultiVm = choice.startsWith("latestMultiVm");
    return choice.endsWith("ApplicationConsistent")
      ? { kind: "latestApplicationConsistent", ...(isMultiVm ? { isMultiVm } : {}) }
      : { kind: "latestProcessed", ...(isMultiVm ? { isMultiVm } : {}) };
  }
  const picked = pickPoint(choice, await loaded.siteRecovery.getRecoveryPoints(loaded.id));
  if (picked.kind === "latest") return picked;
  if (picked.kind === "point") return { kind: "point", recoveryPointId: picked.point.id };
  throw new InvalidInput(
    `choosing a recovery point for ${describeTarget(loaded)}: recoveryPoint ${show(choice)}: ${picked.reason}`,
    {
      resourceId: loaded.id,
    },
  );
}
