/** What readiness checks are told of a machine, and what they answer. */

import type { Scenario, Stage } from "./stages.js";

/** error: a failover would fail or is not possible; warning: it may; info: worth knowing. */
export type ReadinessSeverity = "error" | "warning" | "info";

export interface ReadinessCheck {
  /** Stable name of the check, such as `osDiskSize`. */
  id: string;
  severity: ReadinessSeverity;
  /** Name of the machine; left out where it is about the vault. */
  machine?: string;
  /** What is so. */
  text: string;
  /** What to do about it. */
  remedy: string;
}

/** What a Hyper-V host tells of a machine. */
export interface HyperVFacts {
  isGeneration2: boolean;
  /** In words: what the machine has and Azure does not take. */
  unsupportedDisks: readonly string[];
}

export interface MachineFacts {
  name: string;
  scenario: Scenario;
  /** undefined = busy or unknown. */
  stage: Stage | undefined;
  isReady: boolean;
  isDrillPending: boolean;
  isPhysical: boolean;
  osType?: string | undefined;
  /** Name of the machine that a failover makes. */
  targetVmName?: string | undefined;
  targetNetworkId?: string | undefined;
  testNetworkId?: string | undefined;
  /** Of the mobility agent, e.g. `9.55.6765.1`. */
  agentVersion?: string | undefined;
  disks: readonly { diskId: string; isOsDisk: boolean; capacityInBytes?: number | undefined }[];
  replicationHealth: string;
  healthErrors: readonly {
    code: string;
    level: string;
    message: string;
    recommendedAction?: string | undefined;
  }[];
  /** ISO 8601; undefined = none that Azure tells of. */
  lastRecoveryPoint?: string | undefined;
  /** ISO 8601; undefined = never. */
  lastTestFailover?: string | undefined;
  usesManagedDisks?: boolean | undefined;
  /** Hyper-V only; undefined = its host does not list it. */
  hyperV?: HyperVFacts | undefined;
  /** Not in Azure's answers; what the user knows of the guest. */
  missingBootDrivers?: readonly string[] | undefined;
  isDhcpDisabled?: boolean | undefined;
}

/** A check that is not passed. */
export function check(
  id: string,
  severity: ReadinessSeverity,
  machine: string,
  text: string,
  remedy: string,
): ReadinessCheck {
  return { id, severity, machine, text, remedy };
}
