/** What happens to an item without a job: the first copy ends, the first point exists, the agent registers in Azure. */

import type { TimelineHandler, World } from "../../core.js";
import type { Json } from "../../json.js";
import { record } from "../events.js";
import { kindOf } from "../kinds/index.js";
import { minutes } from "../names.js";
import type { ItemState, VaultState } from "../state.js";
import { startCompletion } from "./hyperV/steps.js";

/** The item that the event was meant for: one enabled anew under the same name is another. */
function itemOf(data: { [key: string]: Json }, world: World): { vault: VaultState; item: ItemState } | undefined {
  const vault = world.state.siteRecovery.vaults[String(data.vault)];
  const item = vault?.items[String(data.item)];
  const isOther =
    (data.enabledAt !== undefined && item?.enabledAt !== data.enabledAt) ||
    (data.startedAt !== undefined && item?.replicationStartedAt !== data.startedAt);
  return vault === undefined || item === undefined || isOther ? undefined : { vault, item };
}

const copying = ["InitialReplicationInProgress", "InitialReplicationRecoveryCompletionPending"];

export const itemTimeline: Record<string, TimelineHandler> = {
  "siterecovery.item.copied": (data, world) => {
    const item = itemOf(data, world)?.item;
    if (item?.protectionState !== "InitialReplicationInProgress") return;
    item.protectionState = "InitialReplicationRecoveryCompletionPending";
    item.initialCopyDoneAt = world.clock.now();
  },
  "siterecovery.item.protected": (data, world) => {
    const found = itemOf(data, world);
    if (found === undefined || !copying.includes(found.item.protectionState)) return;
    const { vault, item } = found;
    item.protectionState = "Protected";
    // The first point is taken a while before the service calls the item protected.
    item.protectedAt = world.clock.now() - kindOf(item).initialReplication.firstPointLagMinutes * minutes;
    if (kindOf(item).completesProtection === true) startCompletion({ world, vault }, item);
    record(world, vault, {
      eventCode: "d9a07b07-c7b5-49ca-ab6c-6926596dfe47",
      description: "Virtual machine health is OK",
      eventType: "VmHealth",
      affectedObjectFriendlyName: item.friendlyName,
      affectedObjectCorrelationId: item.eventCorrelationId,
      severity: "OK",
      fabricName: item.fabricName,
      job: null,
      errors: [],
    });
  },
  "siterecovery.item.agent": (data, world) => {
    const item = itemOf(data, world)?.item;
    if (item === undefined || item.lastFailoverAt !== data.failoverAt) return;
    item.isAgentRegisteredAfterFailover = true;
  },
};
