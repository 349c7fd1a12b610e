import type { EstateInput } from "../rehearsal/emulator/index.js";

const subscriptionId = "11111111-2222-4333-8444-555555555555";
export const groupId = `/subscriptions/${subscriptionId}/resourceGroups/bench-dr`;
export const vaultId = `${groupId}/providers/Microsoft.RecoveryServices/vaults/bench-vault`;
export const itemId = (name: string) =>
  `${vaultId}/replicationFabrics/bench-fabric/replicationProtectionContainers/bench-container/replicationProtectedItems/${name}`;
export const vault = { subscriptionId, resourceGroupName: "bench-dr", vaultName: "bench-vault" };
export const vaultConfig = {
  "siterecovery:subscriptionId": subscriptionId,
  "siterecovery:resourceGroupName": "bench-dr",
  "siterecovery:vaultName": "bench-vault",
};

/** An estate of many machines; `isReplicated` = all of them replicate from the start. */
export function estate(count: number, isReplicated: boolean): EstateInput {
  const names = Array.from({ length: count }, (_, index) => `m${index}`);
  return {
    subscriptionId,
    resourceGroup: "bench-dr",
    location: "westeurope",
    vault: { name: "bench-vault" },
    fabric: { name: "bench-fabric" },
    protectionContainer: { name: "bench-container" },
    appliance: { name: "bench-appliance", processServerId: "5b0c7a1e-3f64-4d27-8a55-9e1f60c2d784" },
    networks: ["recovery", "drill"].map((name) => ({
      name,
      addressPrefixes: ["10.32.0.0/11"],
      subnets: [{ name: "all", addressPrefix: "10.32.0.0/14" }],
    })),
    storageAccounts: [{ name: "benchlogs" }],
    machines: names.map((name, index) => ({
      name,
      os: { type: "Linux", name: "Ubuntu Linux (64-bit)" },
      nics: [{ network: "lan", ip: `172.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}` }],
    })),
    ...(isReplicated
      ? {
          policies: [{ name: "daily" }],
          replicatedItems: names.map((machine) => ({
            machine,
            policy: "daily",
            targetNetwork: "recovery",
            targetSubnet: "all",
          })),
        }
      : {}),
  };
}
