import { type ConnectOptions, connect } from "../../../../provider/siterecovery/azure/index.js";
import type { SiteRecovery, VaultCoordinates } from "../../../../provider/siterecovery/siteRecovery.js";
import { type Emulator, type EstateInput, startEmulator } from "../../../../rehearsal/emulator/index.js";

const subscriptionId = "11111111-2222-4333-8444-555555555555";
export const vault: VaultCoordinates = { subscriptionId, resourceGroupName: "shop-dr", vaultName: "shop-vault" };
export const groupId = `/subscriptions/${subscriptionId}/resourceGroups/shop-dr`;
export const vaultId = `${groupId}/providers/Microsoft.RecoveryServices/vaults/shop-vault`;
export const fabricId = `${vaultId}/replicationFabrics/shop-fabric`;
export const containerId = `${fabricId}/replicationProtectionContainers/shop-container`;
export const testNetworkId = `${groupId}/providers/Microsoft.Network/virtualNetworks/shop-drill`;

export function itemId(name: string): string {
  return `${containerId}/replicationProtectedItems/${name}`;
}

/** Two replicated machines in a plan of two groups, and one that is not yet replicated. */
export function estate(replicated = ["db01", "web01"]): EstateInput {
  const network = (name: string): NonNullable<EstateInput["networks"]>[number] => ({
    name,
    addressPrefixes: ["10.20.0.0/16"],
    subnets: [{ name: "shop", addressPrefix: "10.20.0.0/20", networkSecurityGroup: "shop-nsg" }],
  });
  const machine = (name: string, index: number): NonNullable<EstateInput["machines"]>[number] => ({
    name,
    os: { type: "Windows", name: "Microsoft Windows Server 2019 (64-bit)" },
    nics: [{ network: "lan", ip: `192.168.${10 + Math.floor(index / 200)}.${10 + (index % 200)}` }],
  });
  return {
    subscriptionId,
    resourceGroup: "shop-dr",
    location: "westeurope",
    vault: { name: "shop-vault" },
    fabric: { name: "shop-fabric" },
    protectionContainer: { name: "shop-container" },
    networks: [network("shop-recovery"), network("shop-drill")],
    networkSecurityGroups: [
      {
        name: "shop-nsg",
        rules: [
          {
            name: "deny-rdp",
            priority: 200,
            direction: "Inbound",
            access: "Deny",
            protocol: "Tcp",
            destinationPorts: ["3389"],
          },
        ],
      },
    ],
    storageAccounts: [{ name: "shopdrlogs" }],
    policies: [{ name: "daily" }],
    machines: [...replicated, "app01"].map(machine),
    replicatedItems: replicated.map((name) => ({
      machine: name,
      policy: "daily",
      targetNetwork: "shop-recovery",
      targetSubnet: "shop",
      testNetwork: "shop-drill",
      testSubnet: "shop",
    })),
    recoveryPlans: [
      { name: "shop", groups: [replicated.slice(0, 1), replicated.slice(1)].filter(({ length }) => length > 0) },
    ],
  };
}

export function connectTo(emulator: Emulator, options: Partial<ConnectOptions> = {}): SiteRecovery {
  return connect({
    vault,
    endpoint: emulator.origin,
    credential: () => Promise.reject(new Error("a credential was asked for on behalf of a loopback endpoint")),
    beforeWrite: async () => {},
    ...options,
  });
}

/** Runs a body with an emulator on a free port, and stops it whatever happens. */
export async function withEmulator(
  options: { speed?: number; estate?: EstateInput; tls?: boolean },
  body: (emulator: Emulator) => Promise<void>,
): Promise<void> {
  const emulator = await startEmulator({
    estate: options.estate ?? estate(),
    speed: options.speed ?? 3000,
    tls: options.tls ?? false,
  });
  try {
    await body(emulator);
  } finally {
    await emulator.stop();
  }
}
