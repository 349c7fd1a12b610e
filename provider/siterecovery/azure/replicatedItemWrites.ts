import { NotFound } from "../errors.js";
import type { Actions, ReplicatedItemWrites } from "../siteRecovery.js";
import type { Send } from "./armClient.js";
import { doing } from "./failures.js";
import { requireItemId } from "./ids.js";
import type { VaultParts } from "./vaultParts.js";
import { enableBody, updateItemBody } from "./writeBodies.js";

/** Writes of replicated items. */
export function replicatedItemWrites(
  { vault, at, snapshot, writes }: VaultParts,
  { findOpenJob }: Pick<Actions, "findOpenJob">,
): ReplicatedItemWrites {
  return {
    async updateItem(id, instanceType, update, options) {
      const { fabricName, protectionContainerName, itemName } = requireItemId(id, vault);
      const what = doing("updating", "replicated item", id);
      const body = updateItemBody(instanceType, update);
      await writes.write(what, options, ({ replicationProtectedItems: items }, call) =>
        items.beginUpdateAndWait(...at, fabricName, protectionContainerName, itemName, body, call),
      );
      return writes.written(what, () => snapshot.items.afterWrite(id));
    },

    async startEnableReplication(id, settings, mark) {
      const { fabricName, protectionContainerName, itemName } = requireItemId(id, vault);
      const what = doing("enabling replication of", "replicated item", id);
      const body = enableBody(settings);
      const send: Send = ({ replicationProtectedItems: items }, call) =>
        items.beginCreateAndWait(...at, fabricName, protectionContainerName, itemName, body, call);
      return writes.start(what, send, mark, true);
    },

    async startDisableReplication(id, reason, instanceType) {
      const { fabricName, protectionContainerName, itemName } = requireItemId(id, vault);
      const body = { properties: { disableProtectionReason: reason, replicationProviderInput: { instanceType } } };
      const what = doing("disabling replication of", "replicated item", id);
      const send: Send = ({ replicationProtectedItems: items }, call) => {
        // The SDK types InMage alone here; every other kind has no settings beside its discriminator.
        const input = body as Parameters<typeof items.beginDeleteAndWait>[5];
        return items.beginDeleteAndWait(...at, fabricName, protectionContainerName, itemName, input, call);
      };
      const job = await writes.startRemoval(what, send, async () => {
        const item = await snapshot.items.fresh(id);
        return item === undefined ? "gone" : findOpenJob({ kind: "replicatedItem", item });
      });
      if (job !== undefined) return job;
      throw new NotFound(`${what.operation} ${what.kind} "${what.name}": it is not there any more.`, {
        resourceId: id,
        operation: what.operation,
        code: "ItemNotFound",
      });
    },
  };
}
