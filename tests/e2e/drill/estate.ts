/** A small estate, and programs about it. */

import type { EstateInput } from "../../../rehearsal/emulator/index.js";

const subscriptionId = "11111111-2222-4333-8444-555555555555";
export const groupId = `/subscriptions/${subscriptionId}/resourceGroups/shop-dr`;
export const vaultId = `${groupId}/providers/Microsoft.RecoveryServices/vaults/shop-vault`;
const fabricId = `${vaultId}/replicationFabrics/shop-fabric`;
export const containerId = `${fabricId}/replicationProtectionContainers/shop-container`;
export const planId = `${vaultId}/replicationRecoveryPlans/shop`;
export const processServerId = "5b0c7a1e-3f64-4d27-8a55-9e1f60c2d784";
export const networkId = (name: string) => `${groupId}/providers/Microsoft.Network/virtualNetworks/${name}`;
export const itemId = (name: string) => `${containerId}/replicationProtectedItems/${name}`;

/** What a stack is told of the vault. */
export const vaultConfig: Record<string, string> = {
  "siterecovery:subscriptionId": subscriptionId,
  "siterecovery:resourceGroupName": "shop-dr",
  "siterecovery:vaultName": "shop-vault",
};

export const machineNames = ["db01", "web01"];

/** Machines on-premises, networks and a vault in Azure; nothing is replicated. */
export function bareEstate(names: readonly string[] = machineNames): EstateInput {
  return {
    subscriptionId,
    resourceGroup: "shop-dr",
    location: "westeurope",
    vault: { name: "shop-vault" },
    fabric: { name: "shop-fabric" },
    protectionContainer: { name: "shop-container" },
    appliance: { name: "shop-appliance", processServerId },
    networks: ["shop-recovery", "shop-drill"].map((name) => ({
      name,
      addressPrefixes: ["10.20.0.0/16"],
      subnets: [{ name: "shop", addressPrefix: "10.20.0.0/20", networkSecurityGroup: "shop-nsg" }],
    })),
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
    machines: names.map((name, index) => ({
      name,
      os: { type: "Windows", name: "Microsoft Windows Server 2019 (64-bit)" },
      nics: [{ network: "lan", ip: `192.168.${10 + Math.floor(index / 200)}.${10 + (index % 200)}` }],
    })),
  };
}

/** The same with both machines replicated and in the plan `shop`. */
export function protectedEstate(names: readonly string[] = machineNames): EstateInput {
  return {
    ...bareEstate(names),
    policies: [{ name: "daily" }],
    replicatedItems: names.map((machine) => ({
      machine,
      policy: "daily",
      targetNetwork: "shop-recovery",
      targetSubnet: "shop",
      testNetwork: "shop-drill",
      testSubnet: "shop",
    })),
    recoveryPlans: [{ name: "shop", groups: names.map((name) => [name]) }],
  };
}

/** One resource of a program; `args` may hold `{$ref: "key.property"}`, `{$machine: name}` and `{$secret: configKey}`. */
export interface Declared {
  /** By what others refer to it; default its name. */
  key?: string;
  kind:
    | "ReplicationPolicy"
    | "ProtectionContainerMapping"
    | "ReplicatedItem"
    | "RecoveryPlan"
    | "TestFailover"
    | "Failover"
    | "Component";
  name: string;
  args?: Record<string, unknown>;
  /** Keys of other resources. */
  parent?: string;
  dependsOn?: string[];
}

export interface Program {
  /** Where `$machine` looks. */
  fabricName?: string;
  resources: Declared[];
  outputs?: Record<string, unknown>;
}

export function item(name: string, args: Record<string, unknown> = {}): Declared {
  return {
    kind: "ReplicatedItem",
    name,
    dependsOn: ["mapping"],
    args: {
      name,
      fabricName: "shop-fabric",
      protectionContainerName: "shop-container",
      policyId: { $ref: "policy.policyId" },
      fabricDiscoveryMachineId: { $machine: name },
      processServerId,
      targetResourceGroupId: groupId,
      targetNetworkId: networkId("shop-recovery"),
      testNetworkId: networkId("shop-drill"),
      targetSubnetName: "shop",
      testSubnetName: "shop",
      disksDefault: {
        logStorageAccountId: `${groupId}/providers/Microsoft.Storage/storageAccounts/shopdrlogs`,
        diskType: "StandardSSD_LRS",
      },
      ...args,
    },
  };
}

/** Policy, mapping, items and a recovery plan with a boot group for each machine. */
function replication(names: readonly string[] = machineNames): Declared[] {
  return [
    {
      kind: "ReplicationPolicy",
      name: "policy",
      args: { name: "daily", instanceType: "InMageRcm", recoveryPointRetentionMinutes: 1440 },
    },
    {
      kind: "ProtectionContainerMapping",
      name: "mapping",
      args: {
        name: "daily",
        fabricName: "shop-fabric",
        protectionContainerName: "shop-container",
        policyId: { $ref: "policy.policyId" },
      },
    },
    ...names.map((name) => item(name)),
    {
      kind: "RecoveryPlan",
      name: "plan",
      args: {
        name: "shop",
        fabricName: "shop-fabric",
        bootGroups: names.map((name) => ({ replicatedItemIds: [{ $ref: `${name}.replicatedItemId` }] })),
      },
    },
  ];
}

export function drill(args: Record<string, unknown> = {}): Declared {
  return {
    kind: "TestFailover",
    name: "drill",
    args: {
      targetId: { $ref: "plan.recoveryPlanId" },
      testNetworkId: networkId("shop-drill"),
      triggers: ["first"],
      ...args,
    },
  };
}

/** The drill from nothing: what a user who begins writes. */
export function drillProgram(args: Record<string, unknown> = {}): Program {
  return {
    fabricName: "shop-fabric",
    resources: [...replication(), drill(args)],
    outputs: { status: { $ref: "drill.status" }, machines: { $ref: "drill.machines" } },
  };
}

/** The plan of `protectedEstate` at a stage. */
export function failoverProgram(stage: string, args: Record<string, unknown> = {}): Program {
  return {
    resources: [{ kind: "Failover", name: "site", args: { targetId: planId, stage, ...args } }],
    outputs: {
      observedStage: { $ref: "site.observedStage" },
      lastAppliedStage: { $ref: "site.lastAppliedStage" },
    },
  };
}
