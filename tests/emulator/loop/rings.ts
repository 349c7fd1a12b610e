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
const datastores = ["datastore1", "datastore2"];

/** Two machines of each kind, and a plan of both. */
export function estateOfAllKinds(): EstateInput {
  const machine = (name: string, ip: string, more: object = {}): Machine =>
    ({
      name,
      os: { type: "Windows", name: "Windows Server 2019" },
      nics: [{ network: "corp", ip }],
      ...more,
    }) as Machine;
  const hyperV = (where: object) => ({ kind: "hyperv", hyperV: where });
  const inCloud = (vmmServer: string) => hyperV({ vmmServer, cloud: "gold" });
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
    appliance: { name: "appliance", datastores },
    clock: { start: "2026-03-02T08:00:00Z" },
    networks: [network("prod"), network("drill")],
    storageAccounts: [{ name: "shopdrlogs" }],
    machines: [
      machine("web01", "192.168.1.11"),
      machine("db01", "192.168.1.12"),
      machine("hv01", "192.168.1.21", hyperV({ site: "branch" })),
      machine("hv02", "192.168.1.22", hyperV({ site: "branch" })),
      machine("vmm01", "192.168.1.31", inCloud("vmm.example.com")),
      machine("vmm02", "192.168.1.32", inCloud("vmm.example.com")),
      machine("old01", "192.168.1.41", { kind: "classic" }),
      machine("old02", "192.168.1.42", { kind: "classic" }),
      machine("pair01", "192.168.1.51", inCloud(here)),
      machine("pair02", "192.168.1.52", inCloud(here)),
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
      masterTargets: [{ name: "mt1", id: "MT-1", retentionVolumes: ["R"], datastores }],
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
      item("vmm02", "hourly"),
      item("old01", "old"),
      item("old02", "old"),
      { machine: "pair01", policy: "second-site" },
      { machine: "pair02", policy: "second-site" },
    ],
    recoveryPlans: [
      { name: "shop", groups: [["db01"], ["web01"]] },
      { name: "branch", groups: [["hv01"], ["hv02"]] },
      { name: "cloud", groups: [["vmm01", "vmm02"]] },
      { name: "legacy", groups: [["old01"], ["old02"]] },
      { name: "pairs", groups: [["pair01", "pair02"]] },
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
  /** The plan that a machine is in, or the machine of a plan that has settings of its own. */
  otherTargetId: string;
  /** Ids of the machines of that plan. */
  planItemIds: string[];
  /** Where its drills are. */
  testNetworkId: string;
  /** What the whole ring needs besides `targetId` and `stage`. */
  way: Properties;
  /** The same way, with settings of one machine's own. */
  wayPerItem: Properties;
  /** Stages in their order, from `protected` back to it. */
  stages: Stage[];
  /** Whether Azure can fail it over planned: the source shut down, nothing lost. */
  hasPlannedFailover: boolean;
  /** What a person has to complete on the way to a stage, as `completed` names it. */
  waits: Partial<Record<Stage, string[]>>;
}

/** The whole ring, written out: what histories hold the provider to is never taken from it. */
export const vmwareStages: Stage[] = [
  "protected",
  "failedOver",
  "committed",
  "reprotected",
  "failedBack",
  "failbackCommitted",
  "protected",
];
const hyperVStages = vmwareStages.filter((stage) => stage !== "reprotected");

/** A machine of every kind, and a plan of machines of every kind. */
export const ringNames = [
  "vmware",
  "vmwarePlan",
  "hyperV",
  "hyperVPlan",
  "vmm",
  "vmmPlan",
  "classic",
  "classicPlan",
  "vmmToVmm",
  "vmmToVmmPlan",
] as const;
export type RingName = (typeof ringNames)[number];
export type Rings = Record<RingName, Ring>;

/** What a machine and the plan that it is in have in common; `own` is the machine with settings of its own. */
interface Scenario {
  own: string;
  ring: Pick<Ring, "way" | "wayPerItem" | "stages" | "testNetworkId" | "hasPlannedFailover">;
}

/** Name of a plan, names of its machines. */
type Plan = [string, ...string[]];

/** Names of what waits to be completed at the failback: a machine's call, or a plan's for all of its machines. */
const waitsOf = (waiting: string[]): Ring["waits"] =>
  waiting.length === 0 ? {} : { failedBack: waiting.map((name) => `complete failover of ${name}`) };

interface Listed {
  value: { id: string; name: string; properties: { [key: string]: unknown } }[];
}

interface ApplianceDetails {
  reprotectAgents: { id: string }[];
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
  const ofMachine = (scenario: Scenario, [plan, ...machines]: Plan, ...waiting: string[]): Ring => ({
    ...scenario.ring,
    title: `the machine ${scenario.own}`,
    targetId: itemId(scenario.own),
    itemIds: [itemId(scenario.own)],
    otherTargetId: planId(plan),
    planItemIds: machines.map(itemId),
    waits: waitsOf(waiting),
  });
  const ofPlan = (scenario: Scenario, [plan, ...machines]: Plan, ...waiting: string[]): Ring => ({
    ...scenario.ring,
    title: `the recovery plan ${plan}`,
    targetId: planId(plan),
    itemIds: machines.map(itemId),
    otherTargetId: itemId(scenario.own),
    planItemIds: machines.map(itemId),
    waits: waitsOf(waiting),
  });
  const reprotect = {
    reprotectAgentId: agent.id,
    logStorageAccountId: `${groupId}/providers/Microsoft.Storage/storageAccounts/shopdrlogs`,
  };
  const reverse = { processServerId: server.id, policyId: policyId("daily") };
  const vmware: Scenario = {
    own: "web01",
    ring: {
      way: { reprotect: { ...reprotect, datastoreName: "datastore1" }, reverse },
      wayPerItem: {
        reprotect: {
          ...reprotect,
          datastoreName: "datastore1",
          perItem: { web01: { datastoreName: "datastore2" } },
        },
        failback: { perItem: { web01: { recoveryPointType: "CrashConsistent" } } },
        reverse: { ...reverse, perItem: { web01: reverse } },
      },
      stages: vmwareStages,
      testNetworkId,
      hasPlannedFailover: false,
    },
  };
  const classicReprotect = {
    masterTargetId: "MT-1",
    processServerId: "PS-1",
    retentionDrive: "R",
    datastoreName: "datastore1",
    policyId: policyId("old-failback"),
  };
  const classicReverse = { processServerId: "PS-1", policyId: policyId("old") };
  const classic: Scenario = {
    own: "old01",
    ring: {
      way: { reprotect: classicReprotect, reverse: classicReverse },
      wayPerItem: {
        reprotect: { ...classicReprotect, perItem: { old01: { datastoreName: "datastore2" } } },
        reverse: { ...classicReverse, perItem: { old01: { masterTargetId: "MT-1" } } },
      },
      stages: vmwareStages,
      testNetworkId,
      hasPlannedFailover: false,
    },
  };
  const hyperV = (own: string): Scenario => ({
    own,
    ring: {
      way: {},
      wayPerItem: {
        failback: {
          dataSyncOption: "ForDownTime",
          perItem: { [own]: { dataSyncOption: "ForSynchronization" } },
        },
      },
      stages: hyperVStages,
      testNetworkId,
      hasPlannedFailover: true,
    },
  });
  const betweenSites: Scenario = {
    own: "pair01",
    ring: {
      way: {},
      wayPerItem: { failback: { perItem: { pair01: { kind: "planned" } } } },
      stages: vmwareStages,
      testNetworkId: "none",
      hasPlannedFailover: true,
    },
  };
  const shop: Plan = ["shop", "db01", "web01"];
  const branch: Plan = ["branch", "hv01", "hv02"];
  const cloud: Plan = ["cloud", "vmm01", "vmm02"];
  const legacy: Plan = ["legacy", "old01", "old02"];
  const pairs: Plan = ["pairs", "pair01", "pair02"];
  return {
    vmware: ofMachine(vmware, shop),
    vmwarePlan: ofPlan(vmware, shop),
    hyperV: ofMachine(hyperV("hv01"), branch, "hv01"),
    hyperVPlan: ofPlan(hyperV("hv01"), branch, "branch"),
    vmm: ofMachine(hyperV("vmm01"), cloud, "vmm01"),
    vmmPlan: ofPlan(hyperV("vmm01"), cloud, "cloud"),
    classic: ofMachine(classic, legacy),
    classicPlan: ofPlan(classic, legacy),
    vmmToVmm: ofMachine(betweenSites, pairs),
    vmmToVmmPlan: ofPlan(betweenSites, pairs),
  };
}

function found<T extends { name: string; properties: { friendlyName?: unknown } }>(entries: T[], name: string): T {
  const entry = entries.find((each) => each.name === name || each.properties.friendlyName === name);
  if (!entry) throw new Error(`the vault has no ${name}; it has ${entries.map((each) => each.name).join(", ")}`);
  return entry;
}
