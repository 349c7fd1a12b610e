/** The first copy of a machine to the other side, in either direction. */

import type { World } from "../../core.js";
import { kindOf } from "../kinds/index.js";
import { itemKey, minutes, vaultKey } from "../names.js";
import type { ItemState, VaultState } from "../state.js";

/** The first copy runs on after the job that began it has ended. */
export function startInitialReplication(world: World, vault: VaultState, item: ItemState): void {
  const now = world.clock.now();
  const { copiedMinutes, protectedMinutes } = kindOf(item).initialReplication;
  item.replicationStartedAt = now;
  item.protectionState = "InitialReplicationInProgress";
  const data = { vault: vaultKey(vault), item: itemKey(item), enabledAt: item.enabledAt, startedAt: now };
  if (copiedMinutes !== null) world.schedule(now + copiedMinutes * minutes, "siterecovery.item.copied", data);
  world.schedule(now + protectedMinutes * minutes, "siterecovery.item.protected", data);
}

/** The state of an item to which nothing has happened yet. */
export const neverFailedOver = {
  activeLocation: "Primary",
  testFailoverState: "None",
  currentJob: null,
  replicationStoppedAt: null,
  pointsGone: false,
  failoverRecoveryPoint: null,
  lastFailoverAt: null,
  lastTestFailoverAt: null,
  testFailover: null,
  failover: null,
  isAgentRegisteredAfterFailover: null,
} as const satisfies Partial<ItemState>;
