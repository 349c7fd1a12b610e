import type { RecoveryPlanGroup, RecoveryPlanWrites } from "../siteRecovery.js";
import { doing } from "./failures.js";
import { requireItemId, requireName } from "./ids.js";
import type { VaultParts } from "./vaultParts.js";
import { planBody, planGroups } from "./writeBodies.js";

/** Writes of recovery plans. */
export function recoveryPlanWrites({ vault, at, snapshot, writes }: VaultParts): RecoveryPlanWrites {
  /** A plan names its machines by id and by internal id. */
  async function internalIds(groups: RecoveryPlanGroup[]): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    const members = groups.flatMap(({ replicatedItemIds }) => replicatedItemIds);
    await Promise.all(
      members.map(async (id) => {
        requireItemId(id, vault);
        const internalId = (await snapshot.items.find(id))?.internalId;
        if (internalId !== undefined) ids.set(id.toLowerCase(), internalId);
      }),
    );
    return ids;
  }

  return {
    async putPlan(id, settings, options) {
      const name = requireName(id, "replicationRecoveryPlans", vault);
      const what = doing("creating", "recovery plan", id);
      const body = planBody(settings, await internalIds(settings.groups));
      await writes.write(what, options, ({ replicationRecoveryPlans }, call) =>
        replicationRecoveryPlans.beginCreateAndWait(...at, name, body, call),
      );
      return writes.written(what, () => snapshot.plans.fresh(id));
    },

    async updatePlan(id, groups, options) {
      const name = requireName(id, "replicationRecoveryPlans", vault);
      const what = doing("updating", "recovery plan", id);
      const body = { properties: { groups: planGroups(groups, await internalIds(groups)) } };
      await writes.write(what, options, ({ replicationRecoveryPlans }, call) =>
        replicationRecoveryPlans.beginUpdateAndWait(...at, name, body, call),
      );
      return writes.written(what, () => snapshot.plans.fresh(id));
    },

    async deletePlan(id, options) {
      const name = requireName(id, "replicationRecoveryPlans", vault);
      const what = doing("deleting", "recovery plan", id);
      await writes.remove(what, options, ({ replicationRecoveryPlans }, call) =>
        replicationRecoveryPlans.beginDeleteAndWait(...at, name, call),
      );
      snapshot.plans.markStale(id);
    },
  };
}
