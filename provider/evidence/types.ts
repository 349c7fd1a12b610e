/**
 * What a run proved, as data: the shape of the outputs, of the lines in a stack's history of drills, and of
 * `drill.json`. Later versions only add; `schemaVersion` counts what they cannot add.
 */

/** The version of the shape that this package writes. */
export const evidenceVersion = 1;

/** One wanted access with what Azure answered. */
export interface AccessEvidence {
  path: string;
  protocol: string;
  port: number;
  /** The address that was asked about. */
  source: string;
  /** null where Azure could not be asked, with the reason in `decidedBy`. */
  reachable: boolean | null;
  /** The rule or route that decided, in Azure's spelling. */
  decidedBy: string;
  /** What the plan said; absent where there was none. */
  planned?: boolean;
  differsFromPlan: boolean;
}

/** One machine: how long it took, how old its data was, and who can connect. */
export interface MachineEvidence {
  name: string;
  replicatedItemId: string;
  /** 1-based. */
  bootGroup: number;
  virtualMachineId?: string;
  privateIp?: string;
  /** From the start of the run to the machine running. */
  recoveryTimeSeconds?: number;
  /**
   * From the start of the run to the machine being reachable as the connectivity plan promised; absent where nothing was
   * promised, and where Azure does not keep the promise. Where `connectivity.apply` had to open something, not before
   * the end of the run.
   */
  reachableTimeSeconds?: number;
  /** Name of the recovery point that was used. */
  recoveryPointId?: string;
  /** ISO 8601. */
  recoveryPointTime?: string;
  /** Age of the recovery point when the run started. */
  recoveryPointAgeSeconds?: number;
  access: AccessEvidence[];
}

/** The machines that boot together. */
export interface BootGroupEvidence {
  /** 1-based. */
  number: number;
  /** Names of its machines. */
  machines: string[];
  /** From the start of the run to the last of them running; absent where one has no time. */
  recoveryTimeSeconds?: number;
  /** From the start of the run to the last of them reachable as promised; absent where one that was promised is not. */
  reachableTimeSeconds?: number;
  /** Age of their oldest recovery point when the run started. */
  recoveryPointAgeSeconds?: number;
}

/** One step of Azure's job. */
export interface TaskEvidence {
  name: string;
  state: string;
  /** Name of the machine that it worked on; absent for steps of the whole run. */
  machine?: string;
  /** ISO 8601. */
  startTime?: string;
  /** ISO 8601. */
  endTime?: string;
  seconds?: number;
}

/** One job of Azure's that the run consisted of. */
export interface JobEvidence {
  /** Azure's name of the job. */
  name: string;
  /** Azure's word for what it did, such as TestFailover or UnplannedFailover. */
  scenarioName: string;
  /** Azure's word for how it ended, such as Succeeded. */
  state: string;
  /** Name of what it worked on. */
  targetName?: string;
  /** ISO 8601. */
  startTime?: string;
  /** ISO 8601. */
  endTime?: string;
  /** How long it ran. */
  seconds?: number;
}

/** A goal, measured on one machine. */
export interface GoalEvidence {
  /** recoveryTime or recoveryPoint. */
  goal: "recoveryTime" | "recoveryPoint";
  /** Name of the machine. */
  machine: string;
  /** What was asked for. */
  goalSeconds: number;
  /** What was measured; absent where it could not be. */
  measuredSeconds?: number;
  /** False too where nothing could be measured. */
  isMet: boolean;
}

/** Something to know or to mend. */
export interface EvidenceFinding {
  /** Stable word for programs, such as `missedRecoveryTimeGoal`. */
  id: string;
  /** error, warning or info. */
  severity: "error" | "warning" | "info";
  /** Name of the machine; absent where it concerns the run. */
  machine?: string;
  /** What was found, in a sentence. */
  text: string;
  /** What to do about it. */
  remedy: string;
}

/** What ran the run. */
export interface EvidenceVersions {
  /** Version of this package. */
  package: string;
  /** The deployment engine and its version, where the engine tells it. */
  engine?: string;
  /** Version of Node. */
  node?: string;
}

/** Fingerprints (SHA-256) of what the run depended on: another one tells that it was changed in between. */
export interface EvidenceHashes {
  /** Of the recovery plan: groups, their order, their machines and actions. */
  recoveryPlan?: string;
  /** Of the replication policies of the machines. */
  replicationPolicies?: string;
  /** Of the connectivity plan. */
  connectivityPlan?: string;
}

/** What one run proved. */
export interface RunEvidence {
  /** Version of this shape. */
  schemaVersion: number;
  /** testFailover for a drill, failover for a walk of a `Failover`. */
  kind: "testFailover" | "failover";
  /** recoveryPlan or replicatedItem. */
  targetKind: "recoveryPlan" | "replicatedItem";
  /** Name of the recovery plan or of the machine. */
  targetName: string;
  /** ARM id of the recovery plan or of the replicated item. */
  targetId: string;
  /** Name of the vault. */
  vaultName: string;
  /** Of a walk: the stage that it began at. */
  fromStage?: string;
  /** Of a walk: the stage that it reached. */
  toStage?: string;
  /** Azure's name of the run's first job: it tells runs apart. */
  jobName: string;
  /** Azure's word for how the run ended, such as Succeeded. */
  state: string;
  /** ISO 8601. */
  startTime?: string;
  /** ISO 8601. */
  endTime?: string;
  /** From the start of the first job to the end of the last. */
  seconds?: number;
  /** The recovery point as the program asked for it. */
  recoveryPoint?: string;
  /** ARM id of the network that a drill ran in. */
  networkId?: string;
  /** The jobs that it consisted of, in order. */
  jobs: JobEvidence[];
  /** The machines, in boot order. */
  machines: MachineEvidence[];
  /** The machines by boot group. */
  bootGroups: BootGroupEvidence[];
  /** The steps of the jobs, in order. */
  tasks: TaskEvidence[];
  /** The goals, measured on each machine; empty where none was set. */
  goals: GoalEvidence[];
  /** The worst first. */
  findings: EvidenceFinding[];
  /** What ran it. */
  versions: EvidenceVersions;
  /** Fingerprints of what it depended on. */
  hashes: EvidenceHashes;
}
