/**
 * What the resources may ask of Site Recovery, in domain words. `azure/` implements it over the official SDK; nothing
 * outside `siterecovery/` knows a wire shape. Ids are ARM ids and are compared without case (`sameId`).
 */

import type { Actions } from "./actions.js";
import type { ArmResources } from "./armResources.js";
import type { RecoveryPlan, RecoveryPlanWrites } from "./recoveryPlans.js";
import type { RecoveryPoint, ReplicatedItem, ReplicatedItemWrites } from "./replicatedItems.js";
import type {
  Fabric,
  NetworkMapping,
  ProtectionContainerMapping,
  ReplicationPolicy,
  SetUpWrites,
} from "./setUp.js";

export type * from "./actions.js";
export type * from "./armResources.js";
export type * from "./jobs.js";
export type * from "./recoveryPlans.js";
export type * from "./replicatedItems.js";
export type * from "./setUp.js";

/** Where a vault is. */
export interface VaultCoordinates {
  subscriptionId: string;
  resourceGroupName: string;
  vaultName: string;
}

export interface ItemWaitOptions {
  /** Real milliseconds; at the bound `Timeout` is thrown. */
  timeoutMs: number;
  /** Called with the item as last read. */
  onProgress?: (item: ReplicatedItem) => void;
}

/** Reads of the vault. They come from one shared snapshot of paged lists unless they say "fresh". */
export interface SnapshotReads {
  /** From the snapshot; an entry that a write of ours touched is read again by itself. */
  listPolicies(): Promise<ReplicationPolicy[]>;
  listMappings(): Promise<ProtectionContainerMapping[]>;
  listFabrics(): Promise<Fabric[]>;
  listItems(): Promise<ReplicatedItem[]>;
  findPolicy(id: string): Promise<ReplicationPolicy | undefined>;
  findNetworkMapping(id: string): Promise<NetworkMapping | undefined>;
  findMapping(id: string): Promise<ProtectionContainerMapping | undefined>;
  findItem(id: string): Promise<ReplicatedItem | undefined>;
  /** With its groups: the list leaves them out, so the first look at a plan is one GET of its own. */
  findPlan(id: string): Promise<RecoveryPlan | undefined>;

  /** With its servers: the list leaves them empty (recorded), so the first look at a fabric is one GET of its own. */
  findFabric(id: string): Promise<Fabric | undefined>;

  /** Drops the whole snapshot: the next list is asked for again. */
  forgetSnapshot(): void;
  /**
   * Waits until an item satisfies a condition; all waiting callers share one paged list per interval. Resolves with
   * the item, rejects with `Timeout` at the bound and with `NotFound` when the item is gone.
   */
  waitForItem(
    id: string,
    isReached: (item: ReplicatedItem) => boolean,
    options: ItemWaitOptions,
  ): Promise<ReplicatedItem>;

  /** Fresh, one GET. */
  getItem(id: string): Promise<ReplicatedItem | undefined>;
  getPlan(id: string): Promise<RecoveryPlan | undefined>;
  getRecoveryPoints(itemId: string): Promise<RecoveryPoint[]>;
}

/** One vault. */
export interface SiteRecovery
  extends SnapshotReads,
    SetUpWrites,
    RecoveryPlanWrites,
    ReplicatedItemWrites,
    Actions,
    ArmResources {
  readonly vault: VaultCoordinates;
  /** A pause before the next look; ends at once where the run is, or gets, cancelled. */
  pause(milliseconds: number): Promise<void>;
}

/** True where two ARM ids name one thing: Azure answers `/Subscriptions/...` to `/subscriptions/...`. */
export function sameId(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();
}
