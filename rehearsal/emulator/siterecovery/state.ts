/**
 * What the emulator remembers of Site Recovery. Plain JSON, times in simulated milliseconds since 1970. Records are
 * keyed by lower-case names, because ARM compares names without case; the spelling of creation stays in the value.
 */

import type { Json } from "../json.js";
import type { FabricState, HyperVFabric } from "./fabricState.js";
import type { ItemDetails } from "./itemDetails.js";

export type { FabricState } from "./fabricState.js";
export type { ItemDetails } from "./itemDetails.js";

export interface SiteRecoveryState {
  /** By the vault's lower-case ARM id. */
  vaults: Record<string, VaultState>;
}

export interface VaultState {
  subscriptionId: string;
  resourceGroup: string;
  name: string;
  /** Azure region of the vault and of everything that a failover makes, such as `westeurope`. */
  location: string;
  fabrics: Record<string, FabricState>;
  /** Hyper-V sites whose hosts wait on-premises for the fabric to be made. */
  waitingSites?: Record<string, HyperVFabric>;
  /** By `fabric/network/mapping`: to which network in Azure a VM network of a VMM server leads. */
  networkMappings?: Record<string, NetworkMappingState>;
  policies: Record<string, PolicyState>;
  /** By `fabric/container/mapping`. */
  mappings: Record<string, MappingState>;
  /** By `fabric/container/item`. */
  items: Record<string, ItemState>;
  plans: Record<string, PlanState>;
  /** By job name (a GUID), in order of creation. */
  jobs: Record<string, JobState>;
  events: EventState[];
  settings: { migrationSolutionId: string | null; vmwareToAzureProviderType: string };
  /** What is true on-premises and no API answers, by the discovered machine's lower-case id. */
  machines: Record<string, SourceMachine>;
  /** What scripts and runbooks do, by lower-case path or id. */
  scripts?: Record<string, { seconds: number; fails: boolean }>;
}

export interface PolicyState {
  name: string;
  internalIdentifier: string;
  /** Exactly the `providerSpecificDetails` of the answer, instanceType included. */
  details: { instanceType: string; [key: string]: Json };
  /** Made by the service itself beside a forward policy: read-only. */
  isAutomatic?: boolean;
}

export interface MappingState {
  name: string;
  fabricName: string;
  containerName: string;
  policyName: string;
  targetContainer: string;
  /** null where the kind has none. */
  details: { instanceType: string; [key: string]: Json } | null;
}

export interface NetworkMappingState {
  name: string;
  fabricName: string;
  /** Id of the VM network. */
  networkId: string;
  /** ARM id of a network in Azure, or of a VM network of another VMM server. */
  recoveryNetworkId: string;
}

export type TestFailoverState = "None" | "WaitingForCompletion" | "MarkedForDeletion";

/** A replicated item. `protectionState` and `activeLocation` are Azure's words; what may be done follows from the kind's table. */
export interface ItemState {
  name: string;
  fabricName: string;
  containerName: string;
  friendlyName: string;
  internalIdentifier: string;
  eventCorrelationId: string;
  policyName: string;
  protectionState: string;
  activeLocation: "Primary" | "Recovery";
  testFailoverState: TestFailoverState;
  /** The job that holds the item, while one runs. */
  currentJob: string | null;
  enabledAt: number;
  replicationStartedAt: number | null;
  initialCopyDoneAt: number | null;
  /** First moment of Protected: recovery points are counted from here. */
  protectedAt: number | null;
  /** Set when a failover starts: from then on no new point appears and none ages out. */
  replicationStoppedAt: number | null;
  /** Points made for `latest`, beside the policy's own. */
  requestedPoints: number[];
  /** After commit, all points are gone. */
  pointsGone: boolean;
  failoverRecoveryPoint: { name: string; at: number } | null;
  lastFailoverAt: number | null;
  lastTestFailoverAt: number | null;
  /** Between clouds, `virtualMachineId` is a key of `VaultState.machines`, and `networkId` that of a VM network or empty. */
  testFailover: { virtualMachineId: string; networkId: string; subnetName: string } | null;
  failover: { virtualMachineId: string } | null;
  isAgentRegisteredAfterFailover: boolean | null;
  details: ItemDetails;
}

/** A machine on-premises, as the estate describes it. Sizes in MB and GB, churn in MB per hour. */
export interface SourceMachine {
  name: string;
  isPhysical: boolean;
  osType: "Windows" | "Linux";
  osName: string;
  cores: number;
  memoryMB: number;
  firmware: "BIOS" | "UEFI";
  disks: { id: string; name?: string; sizeGB: number; isOsDisk: boolean }[];
  nics: { mac: string; network: string; ip: string; ipType: "Static" | "Dynamic" }[];
  agentVersion: string;
  isDhcpEnabled: boolean;
  bootDrivers: string[];
  churnMBPerHour: number;
  isPoweredOn: boolean;
  /** Only of classic machines: the fabric of their configuration server, and their id there. */
  classic?: { fabricName: string; vmId: string };
  /** Only of machines on Hyper-V: where it stands, and how the host knows it. */
  hyperV?: {
    fabricName: string;
    containerName: string;
    hostId: string;
    vmId: string;
    sourceItemId: string;
    generation: 1 | 2;
    /** Whether the machine exists on its host; false after somebody deleted it there. */
    exists: boolean;
    /** Made by replication from another cloud, or by a test failover there: nothing that could be protected. */
    isCopy?: boolean;
  };
}

export interface PlanState {
  name: string;
  primaryFabricId: string;
  recoveryFabricId: string;
  failoverDeploymentModel: string;
  groups: PlanGroup[];
  currentJob: string | null;
  /** The last job that ran on the plan. */
  lastScenario: {
    scenarioName: string;
    jobName: string;
    startedAt: number;
    status: string;
    description: string;
  } | null;
  lastTestFailoverAt: number | null;
  lastUnplannedFailoverAt: number | null;
  lastPlannedFailoverAt?: number | null;
}

export interface PlanGroup {
  groupType: "Shutdown" | "Failover" | "Boot";
  /** Ids as the client sent them. */
  items: { id: string; virtualMachineId: string }[];
  startGroupActions: PlanAction[];
  endGroupActions: PlanAction[];
}

export interface PlanAction {
  actionName: string;
  failoverTypes: string[];
  failoverDirections: string[];
  customDetails: { instanceType: string; [key: string]: Json };
}

/** `Other` is a step that was not needed, or not reached. */
export type WorkState = "NotStarted" | "InProgress" | "Succeeded" | "Failed" | "Cancelled" | "Suspended" | "Other";

export interface JobState {
  name: string;
  /** Azure's scenario, such as `TestFailover`; also the key of the scenario table. */
  scenario: string;
  friendlyName: string;
  detailsType: "AsrJobDetails" | "TestFailoverJobDetails" | "FailoverJobDetails" | "SwitchProtectionJobDetails";
  /** Whether a failed run may be started again by `/restart`. */
  isRestartable: boolean;
  state: WorkState | "PartiallySucceeded" | "CompletedWithInformation";
  createdAt: number;
  startedAt: number | null;
  endedAt: number | null;
  /** While it waits for a person: since when. */
  suspendedAt?: number | null;
  activityId: string;
  /** ARM id of the resource acted on: the polling address is built on it. */
  resourceId: string;
  /** The resource is gone when the job ends well: its result is 204 and no body. */
  removesResource: boolean;
  targetObjectId: string;
  targetObjectName: string;
  targetInstanceType: string;
  /** Keys of the items it works on. */
  items: string[];
  /** Items that met an error and are left out of the steps that follow. */
  failedItems: string[];
  /** A step that must not fail has failed: nothing else is begun. */
  isStopped?: boolean;
  planName: string | null;
  tasks: TaskState[];
  errors: JobErrorState[];
  affectedObjects: Record<string, string>;
  /** What the request asked for, as the scenario's steps need it. */
  input: { [key: string]: Json };
  /** What the steps found, for `customDetails`. */
  protectedItemDetails: ProtectedItemDetail[];
}

export interface ProtectedItemDetail {
  name: string;
  friendlyName: string;
  testVmName: string;
  testVmFriendlyName: string;
  networkConnectionStatus: "Connected" | "Disconnected";
  networkFriendlyName: string;
  subnet: string;
  recoveryPointId: string;
  recoveryPointTime: string;
}

export interface TaskState {
  taskId: string;
  name: string;
  friendlyName: string;
  state: WorkState;
  startedAt: number | null;
  endedAt: number | null;
  /** Simulated length. */
  seconds: number;
  /** Key of the step table: what takes effect when the length is over. Absent on a group. */
  step?: string;
  /** The item that the step works on; absent: all of the job's. */
  item?: string;
  /** Present on a group: its tasks run side by side. */
  children?: TaskState[];
  group?: { name: string; groupType: "Shutdown" | "Failover" | "Boot" };
  action?: PlanAction;
  /** Simulated seconds in which the job does nothing before it looks at this task. */
  pauseSeconds?: number;
  /** Known to be not needed, which shows as `Other` when its turn comes (recorded). */
  isSkipped?: boolean;
  errors: JobErrorState[];
}

export interface JobErrorState {
  level: "Error" | "Warning";
  code: string;
  message: string;
  possibleCauses: string;
  recommendedAction: string;
  taskId: string;
  at: number;
}

export interface EventState {
  name: string;
  eventCode: string;
  description: string;
  eventType: "VmHealth" | "ServerHealth" | "AgentHealth" | "JobStatus";
  affectedObjectFriendlyName: string;
  affectedObjectCorrelationId: string;
  severity: "OK" | "Warning" | "Critical" | "Error";
  at: number;
  fabricName: string | null;
  job: { name: string; friendlyName: string; status: string } | null;
  errors: { code: string; message: string; possibleCauses: string; recommendedAction: string }[];
}

export function emptySiteRecoveryState(): SiteRecoveryState {
  return { vaults: {} };
}
