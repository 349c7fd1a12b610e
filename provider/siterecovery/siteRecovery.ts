/**
 * What the resources may ask of Site Recovery, in domain words. `azure/` implements it over the official SDK; nothing
 * outside `siterecovery/` knows a wire shape. Ids are ARM ids and are compared without case (`sameId`).
 */

/** Where a vault is. */
export interface VaultCoordinates {
  subscriptionId: string;
  resourceGroupName: string;
  vaultName: string;
}

/** Names of Azure's `allowedOperations`; an open list, newer ones pass through. */
export type AllowedOperation =
  | "TestFailover"
  | "TestFailoverCleanup"
  | "PlannedFailover"
  | "UnplannedFailover"
  | "Commit"
  | "ChangePit"
  | "CompleteMigration"
  | "DisableProtection"
  | "SwitchProtection"
  | "ReverseReplicate"
  | "Failback"
  | "CancelFailover"
  | "RepairReplication"
  | (string & {});

/** A job that an item or a plan is said to be busy with; undefined where Azure says `None`. */
export interface CurrentScenario {
  scenarioName: string;
  jobId: string;
  jobName: string;
  /** ISO 8601. */
  startTime?: string;
}

export interface ReplicatedNic {
  nicId: string;
  isPrimary: boolean;
  isSelectedForFailover: boolean;
  sourceIpAddress?: string;
  targetSubnetName?: string;
  /** The static address asked for; undefined = Azure chooses. */
  targetIpAddress?: string;
  testSubnetName?: string;
  testIpAddress?: string;
}

export interface ReplicatedDisk {
  diskId: string;
  diskName?: string;
  isOsDisk: boolean;
  capacityInBytes?: number;
  logStorageAccountId?: string;
  diskType?: string;
  diskEncryptionSetId?: string;
}

/** A health error of an item, as Azure words it. */
export interface HealthError {
  code: string;
  /** Error, Warning or Info. */
  level: string;
  message: string;
  possibleCauses?: string;
  recommendedAction?: string;
}

export interface ReplicatedItem {
  id: string;
  name: string;
  friendlyName: string;
  fabricName: string;
  protectionContainerName: string;
  /** InMageRcm, InMageRcmFailback, HyperVReplicaAzure, ...: what replicates it now. */
  instanceType: string;
  protectionState: string;
  protectionStateDescription: string;
  activeLocation: string;
  testFailoverState: string;
  allowedOperations: AllowedOperation[];
  replicationHealth: string;
  failoverHealth?: string;
  healthErrors: HealthError[];
  policyId?: string;
  currentScenario?: CurrentScenario;
  failoverRecoveryPointId?: string;
  lastSuccessfulFailoverTime?: string;
  lastSuccessfulTestFailoverTime?: string;
  /** The id that jobs call `targetObjectId`. */
  internalId?: string;
  osType?: string;
  targetVmName?: string;
  targetVmSize?: string;
  targetResourceGroupId?: string;
  targetNetworkId?: string;
  testNetworkId?: string;
  targetAvailabilitySetId?: string;
  targetAvailabilityZone?: string;
  targetProximityPlacementGroupId?: string;
  targetBootDiagnosticsStorageAccountId?: string;
  licenseType?: string;
  multiVmGroupName?: string;
  fabricDiscoveryMachineId?: string;
  discoveryType?: string;
  processServerId?: string;
  runAsAccountId?: string;
  firmwareType?: string;
  mobilityAgentVersion?: string;
  lastRpoInSeconds?: number;
  lastRecoveryPointReceived?: string;
  initialReplicationProgressPercentage?: number;
  nics: ReplicatedNic[];
  disks: ReplicatedDisk[];
  /** Hyper-V and classic machines: whether Azure keeps managed disks, which cannot go back to Hyper-V. */
  usesManagedDisks?: boolean;
  /** Hyper-V with VMM: whether the cloud encrypts the data. */
  isEncrypted?: boolean;
  /** ARM id of the protectable item; Hyper-V and classic machines. */
  protectableItemId?: string;
  /** Hyper-V: the storage accounts of disks and logs. */
  targetStorageAccountId?: string;
  logStorageAccountId?: string;
  /** Hyper-V: Never, OnlyOnTestFailover or Always. */
  enableRdpOnTarget?: string;
  /** On the way back: where it goes. */
  reprotectAgentId?: string;
  datastoreName?: string;
  /** Names of Azure's virtual machine while it runs there. */
  azureVirtualMachineId?: string;
}

/** Settings of a policy, discriminated by provider; each name carries its unit. */
export type ReplicationPolicySettings =
  | {
      instanceType: "InMageRcm";
      recoveryPointRetentionMinutes: number;
      crashConsistentFrequencyMinutes: number;
      appConsistentFrequencyMinutes: number;
      multiVmSync: boolean;
    }
  | {
      instanceType: "InMageRcmFailback";
      crashConsistentFrequencyMinutes: number;
      appConsistentFrequencyMinutes: number;
    }
  | {
      instanceType: "InMageAzureV2" | "InMage";
      recoveryPointThresholdMinutes: number;
      recoveryPointRetentionMinutes: number;
      /** InMageAzureV2 only. */
      crashConsistentFrequencyMinutes?: number;
      appConsistentFrequencyMinutes: number;
      multiVmSync: boolean;
    }
  | {
      instanceType: "HyperVReplicaAzure";
      recoveryPointRetentionHours: number;
      appConsistentFrequencyHours: number;
      replicationIntervalSeconds: number;
      /** UTC time of day, `HH:MM:SS`; absent = at once. */
      initialReplicationStartTime?: string;
      storageAccountId?: string;
    };

export interface ReplicationPolicy {
  id: string;
  name: string;
  /** undefined for a kind this version cannot describe. */
  settings?: ReplicationPolicySettings;
  instanceType: string;
}

export interface ProtectionContainerMapping {
  id: string;
  name: string;
  fabricName: string;
  protectionContainerName: string;
  policyId: string;
  targetProtectionContainerId: string;
  state: string;
  health: string;
}

export interface RecoveryPlanAction {
  name: string;
  /** Azure's words: TestFailover, UnplannedFailover, PlannedFailover, Commit, ... */
  failoverTypes: string[];
  /** PrimaryToRecovery, RecoveryToPrimary. */
  failoverDirections: string[];
  details:
    | { kind: "manual"; description?: string }
    | { kind: "script"; path: string; timeout?: string; fabricLocation: "Primary" | "Recovery" }
    | { kind: "runbook"; runbookId?: string; timeout?: string; fabricLocation: "Primary" | "Recovery" };
}

export interface RecoveryPlanGroup {
  groupType: "Shutdown" | "Failover" | "Boot";
  replicatedItemIds: string[];
  startGroupActions: RecoveryPlanAction[];
  endGroupActions: RecoveryPlanAction[];
}

export interface RecoveryPlan {
  id: string;
  name: string;
  primaryFabricId: string;
  recoveryFabricId: string;
  failoverDeploymentModel: string;
  replicationProviders: string[];
  allowedOperations: AllowedOperation[];
  currentScenario?: CurrentScenario;
  currentScenarioStatus?: string;
  /** In Azure's order: Shutdown, Failover, Boot... Empty when `isSummary`. */
  groups: RecoveryPlanGroup[];
  /** True in answers of the list call, which leaves the groups out (recorded). */
  isSummary: boolean;
}

export interface RecoveryPoint {
  id: string;
  name: string;
  /** ISO 8601, UTC. */
  time: string;
  /** ApplicationConsistent or CrashConsistent. */
  type: string;
  isMultiVmSyncPoint: boolean;
}

export interface JobTask {
  name: string;
  friendlyName: string;
  /** NotStarted, InProgress, Succeeded, Failed, Other, ... */
  state: string;
  startTime?: string;
  endTime?: string;
  errors: string[];
  /** Tasks below a group task of a recovery plan; machineName where Azure names one. */
  children: JobTask[];
  machineName?: string;
  /** Of a manual action of a plan: its name, and what a person must do. */
  manualAction?: { name: string; instructions?: string };
}

export interface Job {
  id: string;
  name: string;
  /** `None` right after a start: not yet known. */
  scenarioName: string;
  state: string;
  stateDescription?: string;
  startTime?: string;
  endTime?: string;
  /** Holds the client request id that started it: `<client request id> ActivityId: <guid>` (recorded). */
  activityId?: string;
  /** The target's internal id (items) or id (plans). */
  targetObjectId?: string;
  targetObjectName?: string;
  allowedActions: string[];
  /** Only where the job was asked for by itself: lists carry neither tasks nor details (recorded). */
  tasks: JobTask[];
  errors: JobError[];
  /** Machines of a test failover or failover, where the job names them. */
  protectedItems: {
    name: string;
    friendlyName?: string;
    testVmName?: string;
    recoveryPointId?: string;
    recoveryPointTime?: string;
  }[];
}

export interface JobError {
  code: string;
  message: string;
  possibleCauses?: string;
  recommendedAction?: string;
  taskName?: string;
}

/** A server of an appliance or a configuration server. */
export interface ApplianceServer {
  id: string;
  name: string;
  health?: string;
  version?: string;
  /** ISO 8601. */
  lastHeartbeat?: string;
}

/** The vault's fabrics, as far as resources need them; the lists are empty where a kind has none, and in the list call. */
export interface Fabric {
  id: string;
  name: string;
  friendlyName: string;
  /** InMageRcm, VMware (configuration server), HyperVSite, VMM, Azure, ... */
  instanceType: string;
  health: string;
  processServers: ApplianceServer[];
  masterTargets: ApplianceServer[];
  /** What takes machines back, with the datastores that it reaches. */
  reprotectAgents: (ApplianceServer & { accessibleDatastores: string[]; vcenterId?: string })[];
  runAsAccounts: { id: string; name: string }[];
  hyperVHosts: ApplianceServer[];
  /** ARM ids of a modernised appliance's sites: Microsoft.OffAzure/VMwareSites and ServerSites. */
  vmwareSiteId?: string;
  physicalSiteId?: string;
}

/** Maps a network of a VMM cloud to a virtual network of Azure. */
export interface NetworkMapping {
  id: string;
  name: string;
  primaryNetworkId: string;
  recoveryNetworkId: string;
  state: string;
}

/** A recovery point, asked for on an item by its id, on a plan by type only. */
export type RecoveryPointChoice =
  | { kind: "latest" }
  /** `isMultiVm`: of the machines in a multi-VM group their latest common point; for plans. */
  | { kind: "latestProcessed"; isMultiVm?: boolean }
  | { kind: "latestApplicationConsistent"; isMultiVm?: boolean }
  | { kind: "latestCrashConsistent" }
  | { kind: "point"; recoveryPointId: string };

/** The certificates of a VMM cloud with data encryption: PFX files in base64. Never stored, never logged. */
export interface EncryptionCertificates {
  primary?: string;
  secondary?: string;
}

/** Where and how a machine in Azure replicates back; which fields count depends on the provider kind. */
export interface ReprotectSettings {
  /** InMageRcm: id of the appliance's reprotect agent. */
  reprotectAgentId?: string;
  /** InMageRcm, InMageAzureV2: name of the datastore that takes the machine. */
  datastoreName?: string;
  /** InMageRcm: ARM id of the storage account for logs. */
  logStorageAccountId?: string;
  /** ARM id of the failback policy. */
  policyId?: string;
  /** InMageAzureV2 only, as the three below. */
  masterTargetId?: string;
  processServerId?: string;
  retentionDrive?: string;
  runAsAccountId?: string;
}

export interface FailbackSettings {
  /** VMware: crash-consistent loses least. */
  recoveryPointType: "CrashConsistent" | "ApplicationConsistent";
  /** Hyper-V: ForSynchronization copies before the shutdown, ForDownTime during it only. */
  dataSyncOption: "ForSynchronization" | "ForDownTime";
  /** Hyper-V: whether a machine that is gone on-premises is made. */
  recoveryVmCreationOption: "CreateVmIfNotFound" | "NoAction";
  /** Hyper-V: the recovery services provider of another host. */
  providerIdForAlternateRecovery?: string;
  /** Between VMM sites: whether the second site is shut down and synchronised first. */
  isPlanned: boolean;
}

/** How a machine that is back on-premises replicates to Azure again. */
export interface ReverseSettings {
  processServerId?: string;
  policyId?: string;
  runAsAccountId?: string;
  /** InMage only, as the two below. */
  masterTargetId?: string;
  storageAccountId?: string;
  logStorageAccountId?: string;
}

/** An action that starts a job; each is sent at most once. Directions follow from where the machines run. */
export type Action =
  | {
      kind: "testFailover";
      /** A virtual network; between two VMM sites a VM network of the other server, or none: left unconnected. */
      networkId: string | undefined;
      recoveryPoint: RecoveryPointChoice;
      certificates?: EncryptionCertificates;
    }
  | { kind: "testFailoverCleanup"; comments: string }
  | {
      kind: "unplannedFailover";
      shutdownSource: boolean;
      recoveryPoint: RecoveryPointChoice;
      certificates?: EncryptionCertificates;
    }
  /** To Azure, or to the second site; Hyper-V only. */
  | { kind: "plannedFailover"; certificates?: EncryptionCertificates }
  | { kind: "applyRecoveryPoint"; recoveryPointId: string; certificates?: EncryptionCertificates }
  | { kind: "failoverCommit" }
  | { kind: "failoverCancel" }
  | { kind: "reprotect"; settings: ReprotectSettings }
  | { kind: "failback"; settings: FailbackSettings; certificates?: EncryptionCertificates }
  | { kind: "reverseReplicate"; settings: ReverseSettings };

export type Target =
  | { kind: "replicatedItem"; item: ReplicatedItem }
  | { kind: "recoveryPlan"; plan: RecoveryPlan };

/** What every kind takes when replication is enabled. */
interface EnableCommon {
  policyId: string;
  targetResourceGroupId: string;
  targetNetworkId?: string;
  targetSubnetName?: string;
  targetVmName?: string;
  targetVmSize?: string;
  licenseType?: string;
  targetAvailabilitySetId?: string;
  targetAvailabilityZone?: string;
  targetProximityPlacementGroupId?: string;
  /** Hyper-V: managed disks, which cannot fail back. */
  disks?: { diskId: string; logStorageAccountId: string; diskType: string; diskEncryptionSetId?: string }[];
}

export type EnableReplicationSettings =
  | (EnableCommon & {
      instanceType: "InMageRcm";
      fabricDiscoveryMachineId: string;
      processServerId: string;
      runAsAccountId?: string;
      testNetworkId?: string;
      testSubnetName?: string;
      targetBootDiagnosticsStorageAccountId?: string;
      multiVmGroupName?: string;
      disksDefault?: { logStorageAccountId: string; diskType: string; diskEncryptionSetId?: string };
    })
  | (EnableCommon & {
      instanceType: "HyperVReplicaAzure";
      protectableItemId: string;
      osType: string;
      /** The disk with the operating system; Azure calls it `vhdId`. */
      osDiskId: string;
      diskIds?: string[];
      targetStorageAccountId?: string;
      logStorageAccountId?: string;
      testNetworkId?: string;
      enableRdpOnTarget?: string;
    });

/** The part of an item's settings that Azure changes in place. */
export interface ReplicatedItemUpdate {
  targetVmName?: string;
  targetVmSize?: string;
  targetResourceGroupId?: string;
  targetAvailabilitySetId?: string;
  targetAvailabilityZone?: string;
  targetProximityPlacementGroupId?: string;
  targetBootDiagnosticsStorageAccountId?: string;
  targetNetworkId?: string;
  testNetworkId?: string;
  licenseType?: string;
  /** Hyper-V only. */
  enableRdpOnTarget?: string;
  nics?: {
    nicId: string;
    isPrimaryNic: boolean;
    isSelectedForFailover: boolean;
    targetSubnetName?: string;
    targetStaticIpAddress?: string;
    testSubnetName?: string;
    testStaticIpAddress?: string;
  }[];
}

export interface WaitOptions {
  /** Real milliseconds; at the bound `Timeout` is thrown and the job goes on. */
  timeoutMs: number;
  /** Called when a task's state changes, with the job as last read. */
  onProgress?: (job: Job) => void;
  signal?: AbortSignal;
}

/** One vault. Reads come from one shared snapshot of paged lists unless they say "fresh". */
export interface SiteRecovery {
  readonly vault: VaultCoordinates;

  /** From the snapshot; an entry that a write of ours touched is read again by itself. */
  listPolicies(): Promise<ReplicationPolicy[]>;
  listMappings(): Promise<ProtectionContainerMapping[]>;
  listFabrics(): Promise<Fabric[]>;
  listItems(): Promise<ReplicatedItem[]>;
  findPolicy(id: string): Promise<ReplicationPolicy | undefined>;
  findMapping(id: string): Promise<ProtectionContainerMapping | undefined>;
  findItem(id: string): Promise<ReplicatedItem | undefined>;
  /** With its groups: the list leaves them out, so the first look at a plan is one GET of its own. */
  findPlan(id: string): Promise<RecoveryPlan | undefined>;

  /** With its servers: the list leaves them empty (recorded), so the first look at a fabric is one GET of its own. */
  findFabric(id: string): Promise<Fabric | undefined>;

  /** Drops the whole snapshot: the next list is asked for again. */
  forgetSnapshot(): void;
  /**
   * Waits until an item satisfies a condition; all waiting callers share one paged list per interval. Resolves with
   * the item, rejects with `Timeout` at the bound and with `NotFound` when the item is gone.
   */
  waitForItem(
    id: string,
    isReached: (item: ReplicatedItem) => boolean,
    options: { timeoutMs: number; onProgress?: (item: ReplicatedItem) => void; signal?: AbortSignal },
  ): Promise<ReplicatedItem>;

  /** Fresh, one GET. */
  getItem(id: string): Promise<ReplicatedItem | undefined>;
  getPlan(id: string): Promise<RecoveryPlan | undefined>;
  getRecoveryPoints(itemId: string): Promise<RecoveryPoint[]>;

  /** Writes; each ends when its job ended well, else throws `JobFailed` with Azure's causes. */
  putPolicy(name: string, settings: ReplicationPolicySettings, options: WaitOptions): Promise<ReplicationPolicy>;
  updatePolicy(
    name: string,
    settings: ReplicationPolicySettings,
    options: WaitOptions,
  ): Promise<ReplicationPolicy>;
  deletePolicy(id: string, options: WaitOptions): Promise<void>;
  /** Makes a Hyper-V site. */
  putHyperVSite(id: string, options: WaitOptions): Promise<Fabric>;
  removeFabric(id: string, options: WaitOptions): Promise<void>;
  findNetworkMapping(id: string): Promise<NetworkMapping | undefined>;
  putNetworkMapping(
    id: string,
    settings: { recoveryNetworkId: string; recoveryFabricName?: string },
    options: WaitOptions,
  ): Promise<NetworkMapping>;
  /** Maps the network to another one of Azure. */
  updateNetworkMapping(
    id: string,
    settings: { recoveryNetworkId: string; recoveryFabricName?: string },
    options: WaitOptions,
  ): Promise<NetworkMapping>;
  deleteNetworkMapping(id: string, options: WaitOptions): Promise<void>;
  putMapping(
    id: string,
    settings: { policyId: string; targetProtectionContainerId: string; instanceType: string },
    options: WaitOptions,
  ): Promise<ProtectionContainerMapping>;
  removeMapping(id: string, instanceType: string, options: WaitOptions): Promise<void>;
  putPlan(
    id: string,
    settings: {
      primaryFabricId: string;
      recoveryFabricId: string;
      failoverDeploymentModel: string;
      groups: RecoveryPlanGroup[];
    },
    options: WaitOptions,
  ): Promise<RecoveryPlan>;
  updatePlan(id: string, groups: RecoveryPlanGroup[], options: WaitOptions): Promise<RecoveryPlan>;
  deletePlan(id: string, options: WaitOptions): Promise<void>;
  updateItem(
    id: string,
    instanceType: string,
    update: ReplicatedItemUpdate,
    options: WaitOptions,
  ): Promise<ReplicatedItem>;

  /** Starts that outlive a wait: the job is returned as soon as Azure took the request. */
  startEnableReplication(id: string, settings: EnableReplicationSettings): Promise<Job>;
  startDisableReplication(
    id: string,
    reason: "NotSpecified" | "MigrationComplete",
    instanceType: string,
  ): Promise<Job>;
  /**
   * Sends one action. `mark` becomes the client request id, which Azure keeps in the job's activityId: so a later run
   * recognises its own job. After anything but 202, 429 or another 4xx the caller must look again before it sends
   * again; then this throws `Unclear`.
   */
  startAction(target: Target, action: Action, mark: string): Promise<Job>;

  /** The open job on a target, if there is one: its currentScenario, else the jobs list by internal id. */
  findOpenJob(target: Target): Promise<Job | undefined>;
  /** Jobs of a target, newest first, as the list gives them: no tasks, no details. */
  listJobs(target: Target, scenarioName?: string): Promise<Job[]>;
  /** One job with its tasks and details. */
  getJob(name: string): Promise<Job | undefined>;
  /** Lets a job go on that waits for a person. Resuming one that goes on already, or has ended, is success. */
  resumeJob(name: string, comments: string): Promise<void>;
  /** Waits for a job's end through the vault's one poller; returns it with tasks and details, however it ended. */
  waitForJob(name: string, options: WaitOptions): Promise<Job>;

  /** A network, NSG, NIC, virtual machine or route table by its ARM id, as plain ARM JSON; undefined = not there. */
  getResource(id: string): Promise<Record<string, unknown> | undefined>;
  /** ARM resources of one list address (such as a resource group's NICs), all pages. */
  listResources(path: string): Promise<Record<string, unknown>[]>;
  /**
   * Creates or replaces a resource by its ARM id and waits until Azure has done it; for the few that a run makes around
   * machines (security rules, NSGs, public IPs, NICs).
   *
   * @param ifMatch etag as it was read: refused with `Conflict` where somebody changed the resource since
   */
  putResource(id: string, body: Record<string, unknown>, ifMatch?: string): Promise<Record<string, unknown>>;
  /** Deletes a resource by its ARM id and waits; already gone is success. */
  deleteResource(id: string): Promise<void>;
  /** Asks a resource a question by POST, which changes nothing; undefined where Azure does not know it. */
  askResource(path: string, body: Record<string, unknown>): Promise<Record<string, unknown> | undefined>;
  /** Network Watcher's IP flow verify; undefined where the region has no Network Watcher. */
  verifyIpFlow(request: IpFlowRequest): Promise<IpFlowResult | undefined>;
  getEffectiveRoutes(nicId: string): Promise<EffectiveRoute[]>;
}

export interface IpFlowRequest {
  virtualMachineId: string;
  nicId?: string;
  direction: "Inbound" | "Outbound";
  protocol: "TCP" | "UDP";
  localIpAddress: string;
  localPort: string;
  remoteIpAddress: string;
  remotePort: string;
}

export interface IpFlowResult {
  access: "Allow" | "Deny";
  ruleName: string;
}

export interface EffectiveRoute {
  source: string;
  state: string;
  addressPrefixes: string[];
  nextHopType: string;
  nextHopIpAddresses: string[];
}

/** True where two ARM ids name one thing: Azure answers `/Subscriptions/...` to `/subscriptions/...`. */
export function sameId(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase();
}
