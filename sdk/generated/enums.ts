// Generated from the schemas in provider/ by `npm run generate`. Change those.

/** The words that arguments take, as constants: the code that `pulumi import` prints names them so. */

export const AccessPath = {
  Vpn: "vpn",
  ExpressRoute: "expressRoute",
  Bastion: "bastion",
  InternetAccess: "internet",
  PrivateNetwork: "private",
} as const;
export type AccessPath = (typeof AccessPath)[keyof typeof AccessPath];

export const AccessProtocol = {
  Tcp: "Tcp",
  Udp: "Udp",
} as const;
export type AccessProtocol = (typeof AccessProtocol)[keyof typeof AccessProtocol];

export const AvailabilityZone = {
  Zone1: "1",
  Zone2: "2",
  Zone3: "3",
} as const;
export type AvailabilityZone = (typeof AvailabilityZone)[keyof typeof AvailabilityZone];

/** The run to plan for. */
export const ConnectivityPurpose = {
  Failover: "failover",
  TestFailover: "testFailover",
} as const;
export type ConnectivityPurpose = (typeof ConnectivityPurpose)[keyof typeof ConnectivityPurpose];

/** Hyper-V: `ForSynchronization` (default) copies before the machine in Azure is shut down and then waits for a person; `ForDownTime` copies while it is down. */
export const DataSyncOption = {
  ForSynchronization: "ForSynchronization",
  ForDownTime: "ForDownTime",
} as const;
export type DataSyncOption = (typeof DataSyncOption)[keyof typeof DataSyncOption];

export const DiskType = {
  StandardLrs: "Standard_LRS",
  PremiumLrs: "Premium_LRS",
  StandardSsdLrs: "StandardSSD_LRS",
} as const;
export type DiskType = (typeof DiskType)[keyof typeof DiskType];

/** Kind of fabric. HyperVSite (default) is the only one that a program can make. */
export const FabricKind = {
  HyperVSite: "HyperVSite",
} as const;
export type FabricKind = (typeof FabricKind)[keyof typeof FabricKind];

export const FabricLocation = {
  Primary: "Primary",
  Recovery: "Recovery",
} as const;
export type FabricLocation = (typeof FabricLocation)[keyof typeof FabricLocation];

/** Between VMM sites: planned (default: the second site is shut down and synchronised first) or unplanned. */
export const FailbackKind = {
  Planned: "planned",
  Unplanned: "unplanned",
} as const;
export type FailbackKind = (typeof FailbackKind)[keyof typeof FailbackKind];

/** VMware and physical machines: `CrashConsistent` (Azure's advice, default) or `ApplicationConsistent`, which may be older. */
export const FailbackRecoveryPointType = {
  CrashConsistent: "CrashConsistent",
  ApplicationConsistent: "ApplicationConsistent",
} as const;
export type FailbackRecoveryPointType = (typeof FailbackRecoveryPointType)[keyof typeof FailbackRecoveryPointType];

export const FailoverDeploymentModel = {
  ResourceManager: "ResourceManager",
  Classic: "Classic",
  NotApplicable: "NotApplicable",
} as const;
export type FailoverDeploymentModel = (typeof FailoverDeploymentModel)[keyof typeof FailoverDeploymentModel];

export const FailoverDirection = {
  PrimaryToRecovery: "PrimaryToRecovery",
  RecoveryToPrimary: "RecoveryToPrimary",
} as const;
export type FailoverDirection = (typeof FailoverDirection)[keyof typeof FailoverDirection];

/** unplanned (default): fails over to a recovery point. planned, Hyper-V only: shuts the source down, sends its last changes and loses nothing, and does not run where that is not possible. */
export const FailoverKind = {
  Unplanned: "unplanned",
  Planned: "planned",
} as const;
export type FailoverKind = (typeof FailoverKind)[keyof typeof FailoverKind];

export const FailoverType = {
  TestFailover: "TestFailover",
  UnplannedFailover: "UnplannedFailover",
  PlannedFailover: "PlannedFailover",
  Commit: "Commit",
  TestFailoverCleanup: "TestFailoverCleanup",
  ReverseReplicate: "ReverseReplicate",
  Failback: "Failback",
  CancelFailover: "CancelFailover",
} as const;
export type FailoverType = (typeof FailoverType)[keyof typeof FailoverType];

/** Hyper-V, required: the machine's operating system. */
export const GuestOsType = {
  Windows: "Windows",
  Linux: "Linux",
} as const;
export type GuestOsType = (typeof GuestOsType)[keyof typeof GuestOsType];

export const LicenseType = {
  NotSpecified: "NotSpecified",
  NoLicenseType: "NoLicenseType",
  WindowsServer: "WindowsServer",
} as const;
export type LicenseType = (typeof LicenseType)[keyof typeof LicenseType];

export const NicSelection = {
  Primary: "primary",
  All: "all",
} as const;
export type NicSelection = (typeof NicSelection)[keyof typeof NicSelection];

/** Provider kind: InMageRcm = modernised VMware and physical machines, HyperVReplicaAzure = Hyper-V. Policies of InMageRcmFailback, InMageAzureV2 and InMage are Azure's own or of classic machines: they can be taken over as they are, never made or changed. */
export const PolicyKind = {
  InMageRcm: "InMageRcm",
  HyperVReplicaAzure: "HyperVReplicaAzure",
  InMageRcmFailback: "InMageRcmFailback",
  InMageAzureV2: "InMageAzureV2",
  InMage: "InMage",
} as const;
export type PolicyKind = (typeof PolicyKind)[keyof typeof PolicyKind];

/** Provider kind. InMageRcm (default) = modernised VMware and physical machines, HyperVReplicaAzure = Hyper-V. */
export const ProviderKind = {
  InMageRcm: "InMageRcm",
  HyperVReplicaAzure: "HyperVReplicaAzure",
} as const;
export type ProviderKind = (typeof ProviderKind)[keyof typeof ProviderKind];

/** Hyper-V: whether Azure opens remote desktop in the failed-over machine. Default: Azure's, Never. */
export const RdpOnTarget = {
  Never: "Never",
  OnlyOnTestFailover: "OnlyOnTestFailover",
  Always: "Always",
} as const;
export type RdpOnTarget = (typeof RdpOnTarget)[keyof typeof RdpOnTarget];

export const RecoveryPlanActionKind = {
  Manual: "manual",
  Script: "script",
  Runbook: "runbook",
} as const;
export type RecoveryPlanActionKind = (typeof RecoveryPlanActionKind)[keyof typeof RecoveryPlanActionKind];

/** Hyper-V: `CreateVmIfNotFound` makes a machine that is gone on-premises. Default `NoAction`. */
export const RecoveryVmCreationOption = {
  CreateVmIfNotFound: "CreateVmIfNotFound",
  NoAction: "NoAction",
} as const;
export type RecoveryVmCreationOption = (typeof RecoveryVmCreationOption)[keyof typeof RecoveryVmCreationOption];

/** Where the workload is to be. A change of this word is what starts a walk. */
export const Stage = {
  Protected: "protected",
  FailedOver: "failedOver",
  Committed: "committed",
  Reprotected: "reprotected",
  FailedBack: "failedBack",
  FailbackCommitted: "failbackCommitted",
} as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

/** `protected` (default): wait until initial replication is complete. `started`: until Azure took the request. */
export const WaitUntil = {
  Started: "started",
  Protected: "protected",
} as const;
export type WaitUntil = (typeof WaitUntil)[keyof typeof WaitUntil];
