import type { NetworkMapping, NetworkMappingSettings, SetUpWrites, WaitOptions } from "../siteRecovery.js";
import type { Send } from "./armClient.js";
import { doing } from "./failures.js";
import { requireMappingId, requireName, requireNetworkMappingId, vaultId } from "./ids.js";
import type { VaultParts } from "./vaultParts.js";
import { createPolicyBody, policyInput } from "./writeBodies.js";

/** Writes of policies, fabrics and mappings. */
export function setUpWrites({ vault, at, reads, snapshot, writes }: VaultParts): SetUpWrites {
  const policyId = (name: string): string => `${vaultId(vault)}/replicationPolicies/${name}`;

  async function writeNetworkMapping(
    how: "creating" | "updating",
    id: string,
    settings: NetworkMappingSettings,
    options: WaitOptions,
  ): Promise<NetworkMapping> {
    const { fabricName, networkName, networkMappingName } = requireNetworkMappingId(id, vault);
    const what = doing(how, "network mapping", id);
    const mappingAt = [...at, fabricName, networkName, networkMappingName] as const;
    const body = { properties: { ...settings, fabricSpecificDetails: { instanceType: "VmmToAzure" as const } } };
    await writes.write(what, options, ({ replicationNetworkMappings: mappings }, call) =>
      how === "creating"
        ? mappings.beginCreateAndWait(...mappingAt, body, call)
        : mappings.beginUpdateAndWait(...mappingAt, body, call),
    );
    return writes.written(what, () => snapshot.networkMappings.afterWrite(id));
  }

  return {
    async putPolicy(name, settings, options) {
      const id = policyId(name);
      const what = doing("creating", "replication policy", id);
      await writes.write(what, options, ({ replicationPolicies }, call) =>
        replicationPolicies.beginCreateAndWait(...at, name, createPolicyBody(settings), call),
      );
      return writes.written(what, () => snapshot.policies.afterWrite(id));
    },

    async updatePolicy(name, settings, options) {
      const id = policyId(name);
      const what = doing("updating", "replication policy", id);
      const body = { properties: { replicationProviderSettings: policyInput(settings) } };
      await writes.write(what, options, ({ replicationPolicies }, call) =>
        replicationPolicies.beginUpdateAndWait(...at, name, body, call),
      );
      return writes.written(what, () => snapshot.policies.afterWrite(id));
    },

    async deletePolicy(id, options) {
      const name = requireName(id, "replicationPolicies", vault);
      await writes.remove(doing("deleting", "replication policy", id), options, ({ replicationPolicies }, call) =>
        replicationPolicies.beginDeleteAndWait(...at, name, call),
      );
      snapshot.policies.markStale(id);
    },

    async putHyperVSite(id, options) {
      const name = requireName(id, "replicationFabrics", vault);
      const what = doing("creating", "fabric", id);
      // A Hyper-V site is the base type under its own name (published example): Azure answers it as HyperVSite.
      const body = { properties: { customDetails: { instanceType: "FabricSpecificCreationInput" } } };
      await writes.write(what, options, ({ replicationFabrics: fabrics }, call) =>
        fabrics.beginCreateAndWait(...at, name, body as Parameters<typeof fabrics.beginCreateAndWait>[3], call),
      );
      snapshot.fabricDetails.markStale(id);
      return writes.written(what, () => snapshot.fabrics.afterWrite(id));
    },

    async removeFabric(id, options) {
      const name = requireName(id, "replicationFabrics", vault);
      const what = doing("removing", "fabric", id);
      const send: Send = ({ replicationFabrics }, call) =>
        replicationFabrics.beginDeleteAndWait(...at, name, call);
      const job = await writes.startRemoval(what, send, async () =>
        (await reads.getFabric(id)) === undefined ? "gone" : undefined,
      );
      await writes.finishRemoval(what, options, job);
      snapshot.fabricDetails.markStale(id);
      snapshot.fabrics.markStale(id);
    },

    putNetworkMapping: (id, settings, options) => writeNetworkMapping("creating", id, settings, options),
    updateNetworkMapping: (id, settings, options) => writeNetworkMapping("updating", id, settings, options),

    async deleteNetworkMapping(id, options) {
      const { fabricName, networkName, networkMappingName } = requireNetworkMappingId(id, vault);
      const what = doing("deleting", "network mapping", id);
      await writes.remove(what, options, ({ replicationNetworkMappings: mappings }, call) =>
        mappings.beginDeleteAndWait(...at, fabricName, networkName, networkMappingName, call),
      );
      snapshot.networkMappings.markStale(id);
    },

    async putMapping(id, settings, options) {
      const { fabricName, protectionContainerName, mappingName } = requireMappingId(id, vault);
      const { policyId, targetProtectionContainerId, instanceType } = settings;
      const what = doing("creating", "protection container mapping", id);
      const mappingAt = [...at, fabricName, protectionContainerName, mappingName] as const;
      const body = {
        properties: { policyId, targetProtectionContainerId, providerSpecificInput: { instanceType } },
      };
      await writes.write(what, options, ({ replicationProtectionContainerMappings: mappings }, call) => {
        // The SDK knows no settings of this kind here; the discriminator alone says which it is.
        const input = body as Parameters<typeof mappings.beginCreateAndWait>[5];
        return mappings.beginCreateAndWait(...mappingAt, input, call);
      });
      return writes.written(what, () => snapshot.mappings.afterWrite(id));
    },

    async removeMapping(id, instanceType, options) {
      const { fabricName, protectionContainerName, mappingName } = requireMappingId(id, vault);
      const what = doing("removing", "protection container mapping", id);
      const body = { properties: { providerSpecificInput: { instanceType } } };
      const send: Send = ({ replicationProtectionContainerMappings: mappings }, call) =>
        mappings.beginDeleteAndWait(...at, fabricName, protectionContainerName, mappingName, body, call);
      const job = await writes.startRemoval(what, send, async () =>
        (await reads.getMapping(id)) === undefined ? "gone" : undefined,
      );
      await writes.finishRemoval(what, options, job);
      snapshot.mappings.markStale(id);
    },
  };
}
