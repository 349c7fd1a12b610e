/** One estate that holds a machine of every kind, and the arguments with which each goes round its ring. */

import type { Stage } from "../../../provider/lifecycle/stages.js";
import type { Properties } from "../../../provider/resources/handler.js";
import type { Emulator, EstateInput } from "../../../rehearsal/emulator/index.js";

const subscriptionId = "11111111-2222-4333-8444-555555555555";
export const vault = { subscriptionId, resourceGroupName: "shop-dr", vaultName: "shop-vault" };
export const groupId = `/subscriptions/${subscriptionId}/resourceGroups/shop-dr`;
export const vaultId = `${groupId}/providers/Microsoft.RecoveryServices/vaults/shop-vault`;
export const testNetworkId = `${groupId}/providers/Microsoft.Network/virtualNetworks/drill`;

type Machine = NonNullable<EstateInput["machines"]>[number];

const sites = ["vmm1.example.com", "vmm2.example.com"] as const;
const [here, there] = sites;

/** Two modernised machines in a plan, two on a Hyper-V site in a plan, one in a VMM cloud, one classic, one between two VMM sites. */
export function estateOfAllKinds(): EstateInput {
  const machine = (name: string, ip: string, more: object = {}): Machine =>
    ({
      name,
      os: { type: "Windows", name: "Windows Server 2019" },
      nics: [{ network: "corp", ip }],
      ...more,
    }) as Machine;
  const hyperV = (where: object) => ({ kind: "hyperv", hyperV: where });
  const item = (name: string, policy: string) => ({
    machine: name,
    policy,
    targetNetwork: "prod",
    targetSubnet: "web",
    testNetwork: "drill",
    testSubnet: "web",
  });
  const network = (name: string) => ({
    name,
    addressPrefixes: ["10.20.0.0/16"],
    subnets: [{ name: "web", addressPrefix: "10.20.0.0/20" }],
  });
  return {
    subscriptionId,
    resourceGroup: "shop-dr",
    location: "westeurope",
    vault: { name: "shop-vault" },
    fabric: { name: "shop-fabric" },
    protectionContainer: { name: "shop-container" },
    clock: { start: "2026-03-02T08:00:00Z" },
    networks: [network("prod"), network("drill")],
    storageAccounts: [{ name: "shopdrlogs" }],
    machines: [
      machine("web01", "192.168.1.11"),
      machine("db01", "192.168.1.12"),
      machine("hv01", "192.168.1.21", hyperV({ site: "branch" })),
      machine("hv02", "192.168.1.22", hyperV({ site: "branch" })),
      machine("vmm01", "192.168.1.31", hyperV({ vmmServer: "vmm.example.com", cloud: "gold" })),
      machine("old01", "192.168.1.41", { kind: "classic" }),
      machine("pair01", "192.168.1.51", hyperV({ vmmServer: "vmm1.example.com", cloud: "gold" })),
    ],
    hyperVSites: [{ name: "branch", hosts: [{ name: "host1" }] }],
    vmmServers: ["vmm.example.com", ...sites].map((name) => ({
      name,
      clouds: [{ name: "gold" }],
      networks: [{ name: "corp" }],
    })),
    networkMappings: [
      { vmmServer: "vmm.example.com", network: "corp", targetNetwork: "prod" },
      { vmmServer: here, network: "corp", targetVmmServer: there, targetNetwork: "corp", name: "corp" },
    ],
    vmmPolicies: [
      { name: "second-site", recoveryPoints: 4, mappings: [{ from: `${here}/gold`, to: `${there}/gold` }] },
    ],
    classicVMware: {
      name: "config-server",
      processServers: [{ name: "ps1", id: "PS-1" }],
      masterTargets: [{ name: "mt1", id: "MT-1", retentionVolumes: ["R"], datastores: ["datastore1"] }],
    },
    policies: [{ name: "daily", appConsistentFrequencyInMinutes: 60 }],
    hyperVPolicies: [{ name: "hourly" }],
    classicPolicies: [{ name: "old" }],
    replicatedItems: [
      item("web01", "daily"),
      item("db01", "daily"),
      item("hv01", "hourly"),
      item("hv02", "hourly"),
      item("vmm01", "hourly"),
      item("old01", "old"),
      { machine: "pair01", policy: "second-site" },
    ],
    recoveryPlans: [
      { name: "shop", groups: [["db01"], ["web01"]] },
      { name: "branch", groups: [["hv01"], ["hv02"]] },
    ],
  };
}

/** A target with its way round. */
export interface Ring {
  /** As test titles name it. */
  title: string;
  targetId: string;
  /** Ids of the target's machines. */
  itemIds: string[];
  /** What the whole ring needs besides `targetId` and `stage`. */
  way: Properties;
  /** Stages in their order, from `protected` back to it. */
  stages: Stage[];
  /** What a person has to complete on the way to a stage, as `completed` names it. */
  waits: Partial<Record<Stage, string[]>>;
}

const vmwareStages: Stage[] = [
  "protected",
  "failedOver",
  "committed",
  "reprotected",
  "failedBack",
  "failbackCommitted",
  "protected",
];
const hyperVStages = vmwareStages.filter((stage) => stage !== "reprotected");

/** Every ring that the estate has, by a short name. */
export type Rings = Record<
  "vmware" | "vmwarePlan" | "hyperV" | "hyperVPlan" | "vmm" | "classic" | "vmmToVmm",
  Ring
>;

interface Listed {
  value: { id: string; name: string; properties: { [key: string]: unknown } }[];
}

interface ApplianceDetails {
  reprotectAgents: { id: string; accessibleDatastores: string[] }[];
  processServers: { id: string }[];
}

/** Asks the emulator for the ids that its estate was given. */
export async function ringsOf(emulator: Emulator): Promise<Rings> {
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${emulator.origin}${vaultId}${path}?api-version=2023-06-01`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const list = async (path: string) => (await get<Listed>(path)).value;
  const items = await list("/replicationProtectedItems");
  const itemId = (name: string) => found(items, name).id.replace(/^\/Subscriptions\//, "/subscriptions/");
  const planId = (name: string) => `${vaultId}/replicationRecoveryPlans/${name}`;
  const policyId = (name: string) => `${vaultId}/replicationPolicies/${name}`;
  const { properties } = await get<{ properties: { customDetails: ApplianceDetails } }>(
    "/replicationFabrics/shop-fabric",
  );
  const fabric = properties.customDetails;
  const [agent] = fabric.reprotectAgents;
  const [server] = fabric.processServers;
  if (!agent || !server) throw new Error("the estate's appliance has no reprotect agent");
  const vmware: Properties = {
    reprotect: {
      reprotectAgentId: agent.id,
      datastoreName: agent.accessibleDatastores[0],
      logStorageAccountId: `${groupId}/providers/Microsoft.Storage/storageAccounts/shopdrlogs`,
    },
    reverse: { processServerId: server.id, policyId: policyId("daily") },
  };
  const classic: Properties = {
    reprotect: {
      masterTargetId: "MT-1",
      processServerId: "PS-1",
      retentionDrive: "R",
      datastoreName: "datastore1",
      policyId: policyId("old-failback"),
    },
    reverse: { processServerId: "PS-1", policyId: policyId("old") },
  };
  const complete = (...names: string[]) => ({ failedBack: names.map((name) => `complete failover of ${name}`) });
  return {
    vmware: {
      title: "a modernised VMware machine",
      targetId: itemId("web01"),
      itemIds: [itemId("web01")],
      way: vmware,
      stages: vmwareStages,
      waits: {},
    },
    vmwarePlan: {
      title: "a plan of modernised VMware machines",
      targetId: planId("shop"),
      itemIds: [itemId("db01"), itemId("web01")],
      way: vmware,
      stages: vmwareStages,
      waits: {},
    },
    hyperV: {
      title: "a machine of a Hyper-V site",
      targetId: itemId("hv01"),
      itemIds: [itemId("hv01")],
      way: {},
      stages: hyperVStages,
      waits: complete("hv01"),
    },
    hyperVPlan: {
      title: "a plan of machines of a Hyper-V site",
      targetId: planId("branch"),
      itemIds: [itemId("hv01"), itemId("hv02")],
      way: { failback: { dataSyncOption: "ForDownTime" } },
      stages: hyperVStages,
      waits: {},
    },
    vmm: {
      title: "a machine of a VMM cloud",
      targetId: itemId("vmm01"),
      itemIds: [itemId("vmm01")],
      way: {},
      stages: hyperVStages,
      waits: complete("vmm01"),
    },
    vmmToVmm: {
      title: "a machine between two VMM sites",
      targetId: itemId("pair01"),
      itemIds: [itemId("pair01")],
      way: {},
      stages: vmwareStages,
      waits: {},
    },
    classic: {
      title: "a classic VMware machine",
      targetId: itemId("old01"),
      itemIds: [itemId("old01")],
      way: classic,
      stages: vmwareStages,
      waits: {},
    },
  };
}

function found<T extends { name: string; properties: { friendlyName?: unknown } }>(entries: T[], name: string): T {
  const entry = entries.find((each) => each.name === name || each.properties.friendlyName === name);
  if (!entry) throw new Error(`the vault has no ${name}; it has ${entries.map((each) => each.name).join(", ")}`);
  return entry;
}
