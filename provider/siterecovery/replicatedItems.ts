/** Replicated items: what Azure says of them, how replication is enabled, and what of it changes in place. */

import type { Job, WaitOptions } from "./jobs.js";

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

/** A health error of an item, as Azure words it. */
export interface HealthError {
  code: string;
  /** Error, Warning or Info. */
  level: string;
  message: string;
  possibleCauses?: string;
  recommendedAction?: string;
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

export interface RecoveryPoint {
  id: string;
  name: string;
  /** ISO 8601, UTC. */
  time: string;
  /** ApplicationConsistent or CrashConsistent. */
  type: string;
  isMultiVmSyncPoint: boolean;
}

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

export interface ReplicatedItemWrites {
  updateItem(
    id: string,
    instanceType: string,
    update: ReplicatedItemUpdate,
    options: WaitOptions,
  ): Promise<ReplicatedItem>;
  /**
   * Outlives a wait, as the one below: the job is returned as soon as Azure took the request. `mark` becomes the client
   * request id, by which a later run recognises its own job.
   */
  startEnableReplication(id: string, settings: EnableReplicationSettings, mark: string): Promise<Job>;
  startDisableReplication(
    id: string,
    reason: "NotSpecified" | "MigrationComplete",
    instanceType: string,
  ): Promise<Job>;
}
