/** The actions that move an item or a plan round the ring, and what each needs to know. */

import type { Job, WaitOptions } from "./jobs.js";
import type { RecoveryPlan } from "./recoveryPlans.js";
import type { ReplicatedItem } from "./replicatedItems.js";

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
      /** Between two VMM sites: from the second to the first, where the machines run at the second. Default false. */
      isBack?: boolean;
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

/** Starts actions, and tells what runs on their targets. */
export interface Actions {
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
}
