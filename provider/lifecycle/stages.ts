/**
 * The stages a workload can be declared at, and how to tell from Azure's answer where an item is.
 *
 * Detection goes by (instanceType, activeLocation, allowedOperations): protectionState is an open string, and
 * activeLocation alone misleads because the roles flip when an item is reprotected ("Primary" is the side that sends).
 */

/** In the order of the ring; `reprotected` exists for VMware and physical machines only. */
export const stages = [
  "protected",
  "failedOver",
  "committed",
  "reprotected",
  "failedBack",
  "failbackCommitted",
] as const;

export type Stage = (typeof stages)[number];

/** What runs where at a stage of machines that replicate to Azure, in the words that messages use. */
export const stageMeaning: Record<Stage, string> = {
  protected: "runs on-premises, replicates to Azure",
  failedOver: "runs in Azure, commit pending, the recovery point can still be changed",
  committed: "runs in Azure, recovery points gone",
  reprotected: "runs in Azure, replicates to on-premises",
  failedBack: "runs on-premises, commit pending",
  failbackCommitted: "runs on-premises, Azure machines gone, not replicated",
};

/** The same between two VMM sites, where the second site stands in Azure's place. */
const secondSiteMeaning: Record<Stage, string> = {
  protected: "runs at the first site, replicates to the second",
  failedOver: "runs at the second site, commit pending",
  committed: "runs at the second site, recovery points gone",
  reprotected: "runs at the second site, replicates to the first",
  failedBack: "runs at the first site, commit pending",
  failbackCommitted: "runs at the first site, not replicated",
};

/** What runs where at a stage of a ring. */
export function meaningOf(scenario: Scenario, stage: Stage): string {
  return (scenario === "vmmToVmm" ? secondSiteMeaning : stageMeaning)[stage];
}

/**
 * Which ring of legal edges an item walks: modernised VMware and physical machines, the classic ones, Hyper-V to Azure
 * (with and without VMM), and Hyper-V between two VMM sites.
 */
export type Scenario = "vmware" | "vmwareClassic" | "hyperV" | "vmmToVmm";

/** The facts of an item that decide its stage; the adapter's `ReplicatedItem` has them all. */
export interface ObservedItem {
  instanceType: string;
  activeLocation: string;
  allowedOperations: readonly string[];
  protectionState: string;
  testFailoverState: string;
  /** A job that Azure says the item is busy with. */
  currentScenario?: { scenarioName: string } | undefined;
}

export type Observation =
  | {
      kind: "stage";
      stage: Stage;
      /** False while Azure offers nothing but DisableProtection: initial replication or a resynchronisation runs. */
      isReady: boolean;
      /** A test failover waits for its clean-up; nothing else is offered until then. */
      isDrillPending: boolean;
    }
  /** No operation is offered: an action runs, look again. */
  | { kind: "busy" }
  /** A combination that no recording, example or rule of this version covers. */
  | { kind: "unknown" };

interface Row {
  instanceTypes: readonly string[];
  activeLocation: "Primary" | "Recovery";
  /** Operations that must all be offered. */
  holds: readonly string[];
  lacks?: readonly string[];
  /** Matches only when exactly the operations of `holds` are offered. */
  exactly?: true;
  stage: Stage;
  isReady?: false;
  isDrillPending?: true;
  /** recorded: seen in traffic of Azure; example: in a published example; chosen: no source, by analogy. */
  basis: "recorded" | "example" | "chosen";
}

const forward = ["InMageRcm", "InMageAzureV2", "HyperVReplicaAzure"];
const vmwareForward = ["InMageRcm", "InMageAzureV2"];
const hyperV = ["HyperVReplicaAzure"];
const hyperVFailback = ["HyperVReplicaAzure", "HyperVReplicaAzureFailback"];
const failback = ["InMageRcmFailback", "InMage"];
/** Between two VMM sites the kind stays and `activeLocation` says where the machine runs: roles do not flip there. */
const vmmToVmm = ["HyperVReplica2012R2", "HyperVReplica2012", "HyperVReplica"];

/** First match wins. */
const table: readonly Row[] = [
  {
    instanceTypes: hyperVFailback,
    activeLocation: "Primary",
    holds: ["Commit"],
    stage: "failedBack",
    basis: "chosen",
  },
  {
    instanceTypes: hyperVFailback,
    activeLocation: "Primary",
    holds: ["ReverseReplicate"],
    lacks: ["Commit"],
    stage: "failbackCommitted",
    basis: "chosen",
  },
  {
    instanceTypes: forward,
    activeLocation: "Primary",
    holds: ["UnplannedFailover"],
    stage: "protected",
    basis: "recorded",
  },
  {
    instanceTypes: forward,
    activeLocation: "Primary",
    holds: ["TestFailoverCleanup"],
    exactly: true,
    stage: "protected",
    isDrillPending: true,
    basis: "example",
  },
  {
    instanceTypes: forward,
    activeLocation: "Primary",
    holds: ["DisableProtection"],
    exactly: true,
    stage: "protected",
    isReady: false,
    basis: "recorded",
  },
  {
    instanceTypes: forward,
    activeLocation: "Recovery",
    holds: ["Commit"],
    stage: "failedOver",
    basis: "recorded",
  },
  {
    instanceTypes: vmwareForward,
    activeLocation: "Recovery",
    holds: ["SwitchProtection"],
    lacks: ["Commit"],
    stage: "committed",
    basis: "recorded",
  },
  {
    instanceTypes: hyperV,
    activeLocation: "Recovery",
    holds: ["Failback"],
    lacks: ["Commit"],
    stage: "committed",
    basis: "example",
  },
  {
    instanceTypes: failback,
    activeLocation: "Recovery",
    holds: ["Commit"],
    stage: "failedBack",
    basis: "recorded",
  },
  {
    instanceTypes: failback,
    activeLocation: "Recovery",
    holds: ["SwitchProtection"],
    lacks: ["Commit"],
    stage: "failbackCommitted",
    basis: "chosen",
  },
  {
    instanceTypes: failback,
    activeLocation: "Primary",
    holds: ["PlannedFailover"],
    stage: "reprotected",
    basis: "recorded",
  },
  {
    instanceTypes: failback,
    activeLocation: "Primary",
    holds: ["UnplannedFailover"],
    stage: "reprotected",
    basis: "recorded",
  },
  {
    instanceTypes: failback,
    activeLocation: "Primary",
    holds: ["DisableProtection"],
    exactly: true,
    stage: "reprotected",
    isReady: false,
    basis: "recorded",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Recovery",
    holds: ["Commit"],
    stage: "failedOver",
    basis: "recorded",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Primary",
    holds: ["Commit"],
    stage: "failedBack",
    basis: "recorded",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Recovery",
    holds: ["ReverseReplicate"],
    lacks: ["Commit"],
    stage: "committed",
    basis: "chosen",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Primary",
    holds: ["ReverseReplicate"],
    lacks: ["Commit"],
    stage: "failbackCommitted",
    basis: "recorded",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Primary",
    holds: ["UnplannedFailover"],
    stage: "protected",
    basis: "recorded",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Recovery",
    holds: ["UnplannedFailover"],
    stage: "reprotected",
    basis: "recorded",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Primary",
    holds: ["TestFailoverCleanup"],
    exactly: true,
    stage: "protected",
    isDrillPending: true,
    basis: "chosen",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Recovery",
    holds: ["TestFailoverCleanup"],
    exactly: true,
    stage: "reprotected",
    isDrillPending: true,
    basis: "chosen",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Primary",
    holds: ["DisableProtection"],
    exactly: true,
    stage: "protected",
    isReady: false,
    basis: "chosen",
  },
  {
    instanceTypes: vmmToVmm,
    activeLocation: "Recovery",
    holds: ["DisableProtection"],
    exactly: true,
    stage: "reprotected",
    isReady: false,
    basis: "chosen",
  },
];

/** Where an item is. An item that offers nothing, or says it is busy, is `busy` whatever else it answers. */
export function observe(item: ObservedItem): Observation {
  const operations = new Set(item.allowedOperations);
  if (operations.size === 0 || item.currentScenario !== undefined) return { kind: "busy" };
  const row = table.find(
    (candidate) =>
      candidate.instanceTypes.includes(item.instanceType) &&
      candidate.activeLocation === item.activeLocation &&
      candidate.holds.every((operation) => operations.has(operation)) &&
      !(candidate.lacks ?? []).some((operation) => operations.has(operation)) &&
      (!candidate.exactly || operations.size === candidate.holds.length),
  );
  if (!row) return { kind: "unknown" };
  return {
    kind: "stage",
    stage: row.stage,
    isReady: row.isReady ?? true,
    isDrillPending: row.isDrillPending ?? false,
  };
}

/** The ring that a provider kind walks; undefined for kinds out of scope (Azure to Azure). */
export function scenarioOf(instanceType: string): Scenario | undefined {
  if (instanceType === "InMageRcm" || instanceType === "InMageRcmFailback") return "vmware";
  if (instanceType === "InMageAzureV2" || instanceType === "InMage") return "vmwareClassic";
  if (hyperVFailback.includes(instanceType)) return "hyperV";
  if (vmmToVmm.includes(instanceType)) return "vmmToVmm";
  return undefined;
}

/** An observation in words, for messages: `failedOver`, `protected (not ready: ...)`, ... */
export function describeObservation(item: ObservedItem): string {
  const observation = observe(item);
  const operations = `protection state ${item.protectionState}, allowed operations: ${item.allowedOperations.join(", ") || "none"}`;
  if (observation.kind === "busy") {
    return item.currentScenario ? `busy with ${item.currentScenario.scenarioName}` : `busy (${operations})`;
  }
  if (observation.kind === "unknown") return `at no stage that this version knows (${operations})`;
  if (observation.isDrillPending) return `${observation.stage}, with a test failover that waits for its clean-up`;
  if (!observation.isReady) return `${observation.stage}, but not ready (${operations})`;
  return observation.stage;
}
