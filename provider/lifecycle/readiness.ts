/**
 * What stands in the way of a failover, machine by machine: Azure's requirements, health, recovery points, drills, and
 * where a failover takes longer. Pure: the caller gives the facts, and the time by which a drill is too old.
 *
 * @see https://learn.microsoft.com/azure/site-recovery/vmware-physical-azure-support-matrix
 */

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

/** The drivers that a guest needs at boot; where one is missing, a failover sets it up first. */
export const bootDrivers = ["storvsc", "vmbus", "storflt", "intelide", "atapi"] as const;

const gibibyte = 2 ** 30;

interface Limits {
  osDiskGiB: number;
  dataDiskGiB: number;
  dataDisks: number;
}

const limits: Record<Scenario, Limits> = {
  vmware: { osDiskGiB: 2048, dataDiskGiB: 8192, dataDisks: 64 },
  vmwareClassic: { osDiskGiB: 2048, dataDiskGiB: 8192, dataDisks: 64 },
  hyperV: { osDiskGiB: 2048, dataDiskGiB: 4095, dataDisks: 16 },
  vmmToVmm: { osDiskGiB: Number.POSITIVE_INFINITY, dataDiskGiB: Number.POSITIVE_INFINITY, dataDisks: 64 },
};

/**
 * Every check of one machine that is not passed.
 *
 * @param drillNotBefore ISO 8601: a drill before it is too old; undefined = drills are not looked at.
 */
export function checkMachine(machine: MachineFacts, drillNotBefore?: string): ReadinessCheck[] {
  return [
    ...stateChecks(machine),
    ...requirementChecks(machine),
    ...hyperVChecks(machine),
    ...healthChecks(machine),
    ...drillChecks(machine, drillNotBefore),
    ...timeChecks(machine),
  ];
}

/** What holds for the vault as a whole. */
export function checkVault(machines: readonly MachineFacts[]): ReadinessCheck[] {
  if (machines.length === 0) return [];
  return [
    {
      id: "vaultMove",
      severity: "info",
      text: `the vault protects ${machines.length} machine${machines.length === 1 ? "" : "s"}: it cannot be moved to another resource group or subscription, nor can its storage accounts, its networks or the machines that failed over`,
      remedy: "move the vault before machines replicate, or disable their replication first",
    },
  ];
}

/** Why a failover of a machine may take 8 to 10 minutes more; empty where it does not. */
export function extraTimeReasons(machine: MachineFacts): string[] {
  if (machine.scenario !== "vmware" && machine.scenario !== "vmwareClassic") return [];
  const reasons: string[] = [];
  if (machine.isPhysical) reasons.push("it is a physical server");
  if (!machine.isPhysical && machine.osType === "Linux") reasons.push("it runs Linux");
  if (machine.agentVersion !== undefined && isOlder(machine.agentVersion, "9.8"))
    reasons.push(`its mobility agent is ${machine.agentVersion}, older than 9.8`);
  if (machine.isDhcpDisabled === true) reasons.push("its DHCP service is disabled");
  const missing = machine.missingBootDrivers ?? [];
  if (missing.length > 0)
    reasons.push(`${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set to start at boot`);
  return reasons;
}

function stateChecks(machine: MachineFacts): ReadinessCheck[] {
  const { name, stage } = machine;
  if (machine.isDrillPending) {
    return [
      check(
        "testFailoverPending",
        "error",
        name,
        "a test failover waits for its clean-up, and Azure offers nothing else",
        "clean it up, or set cleanUpTestFailover: true on the Failover",
      ),
    ];
  }
  if (stage === undefined)
    return [
      check(
        "busy",
        "warning",
        name,
        "a job runs on it, or its state is not known",
        "look again when the job has ended",
      ),
    ];
  if (stage !== "protected")
    return [
      check(
        "notProtected",
        "info",
        name,
        `it is at ${stage}`,
        "bring it back to protected to be able to fail it over again",
      ),
    ];
  if (!machine.isReady)
    return [
      check(
        "notReplicated",
        "error",
        name,
        "initial replication or a resynchronisation is not complete",
        "wait until it is complete",
      ),
    ];
  if (machine.lastRecoveryPoint === undefined)
    return [
      check(
        "noRecoveryPoint",
        "warning",
        name,
        "Azure names no recovery point of it",
        "wait for the first one; Latest makes one if the source can be reached",
      ),
    ];
  return [];
}

/** Of the second generation Azure takes smaller disks for the operating system, and no Linux. */
const generation2OsDiskGiB = 300;

function hyperVChecks({ name, hyperV, disks, osType }: MachineFacts): ReadinessCheck[] {
  if (hyperV === undefined) return [];
  const found = hyperV.unsupportedDisks.map((what) =>
    check(
      "unsupportedDisk",
      "error",
      name,
      `it has ${what}, which Azure does not take`,
      "remove it, or leave it out",
    ),
  );
  if (!hyperV.isGeneration2) return found;
  const tooLarge = disks.filter(
    (disk) => disk.isOsDisk && (disk.capacityInBytes ?? 0) > generation2OsDiskGiB * gibibyte,
  );
  for (const disk of tooLarge) {
    found.push(
      check(
        "generation2OsDiskSize",
        "error",
        name,
        `it is of generation 2, and disk ${disk.diskId} with its operating system has ${Math.ceil((disk.capacityInBytes ?? 0) / gibibyte)} GiB; Azure takes at most ${generation2OsDiskGiB} GiB`,
        "make the disk smaller",
      ),
    );
  }
  if (osType === "Linux") {
    found.push(
      check(
        "generation2Linux",
        "warning",
        name,
        "it runs Linux and is of generation 2, which Azure did not support for long",
        "run a TestFailover to see whether it starts",
      ),
    );
  }
  return found;
}

/** Azure's prerequisites check stops a failover that misses one of these. */
function requirementChecks(machine: MachineFacts): ReadinessCheck[] {
  const { name } = machine;
  const found: ReadinessCheck[] = [];
  const limit = limits[machine.scenario];
  const target = machine.targetVmName ?? name;
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(target) && machine.scenario !== "vmmToVmm") {
    found.push(
      check(
        "targetVmName",
        "error",
        name,
        `Azure cannot make a machine named "${target}"`,
        "set targetVmName: 1-63 letters, digits and '-', beginning and ending with a letter or digit",
      ),
    );
  } else if (target.length > 58) {
    found.push(
      check(
        "testVmName",
        "warning",
        name,
        `a drill names its machine "${target}-test", which is longer than 63 characters`,
        "leave room for 5 characters: a targetVmName of at most 58",
      ),
    );
  }
  const osDisks = machine.disks.filter((disk) => disk.isOsDisk);
  if (machine.disks.length > 0 && osDisks.length !== 1) {
    found.push(
      check(
        "osDisk",
        "error",
        name,
        `it replicates ${osDisks.length} operating system disks`,
        "replicate exactly one disk with the operating system",
      ),
    );
  }
  const tooLarge = machine.disks.filter(
    (disk) => (disk.capacityInBytes ?? 0) > (disk.isOsDisk ? limit.osDiskGiB : limit.dataDiskGiB) * gibibyte,
  );
  for (const disk of tooLarge) {
    const most = disk.isOsDisk ? limit.osDiskGiB : limit.dataDiskGiB;
    found.push(
      check(
        disk.isOsDisk ? "osDiskSize" : "dataDiskSize",
        "error",
        name,
        `disk ${disk.diskId} has ${Math.ceil((disk.capacityInBytes ?? 0) / gibibyte)} GiB; Azure takes at most ${most} GiB`,
        "make the disk smaller, or leave it out",
      ),
    );
  }
  const dataDisks = machine.disks.length - osDisks.length;
  if (dataDisks > limit.dataDisks) {
    found.push(
      check(
        "dataDiskCount",
        "error",
        name,
        `it replicates ${dataDisks} data disks; Azure takes at most ${limit.dataDisks}`,
        "leave disks out, or split the machine",
      ),
    );
  }
  if (machine.scenario === "hyperV" && machine.usesManagedDisks === true) {
    found.push(
      check(
        "managedDisks",
        "warning",
        name,
        "it replicates to managed disks, which cannot fail back to Hyper-V",
        "replicate to a storage account to be able to fail back",
      ),
    );
  }
  if (machine.scenario === "vmwareClassic") {
    found.push(
      check(
        "classicDeprecated",
        "warning",
        name,
        "it is a classic machine (InMageAzureV2), which Azure no longer supports since March 2026",
        "move it to the modernised appliance while it is at protected",
      ),
    );
  }
  if (
    machine.targetNetworkId !== undefined &&
    machine.testNetworkId?.toLowerCase() === machine.targetNetworkId.toLowerCase()
  ) {
    found.push(
      check(
        "productionNetworkAsTestNetwork",
        "warning",
        name,
        "its test network is its failover network: a drill would put a second machine of its identity beside production",
        "set testNetworkId to an isolated network",
      ),
    );
  }
  if (machine.targetNetworkId === undefined && machine.scenario !== "vmmToVmm") {
    found.push(
      check(
        "noTargetNetwork",
        "warning",
        name,
        "it has no failover network: nobody could connect",
        "set targetNetworkId, or map its network",
      ),
    );
  }
  return found;
}

function healthChecks(machine: MachineFacts): ReadinessCheck[] {
  const severity = (level: string): ReadinessSeverity =>
    level === "Error" ? "error" : level === "Warning" ? "warning" : "info";
  const errors = machine.healthErrors.map((error) =>
    check(
      `health.${error.code}`,
      severity(error.level),
      machine.name,
      error.message,
      error.recommendedAction ?? "look at the machine's health in the portal",
    ),
  );
  if (machine.replicationHealth === "Critical" && !errors.some((error) => error.severity === "error")) {
    errors.push(
      check(
        "replicationHealth",
        "error",
        machine.name,
        "its replication health is Critical",
        "look at the machine's health in the portal",
      ),
    );
  }
  return errors;
}

function drillChecks(machine: MachineFacts, notBefore: string | undefined): ReadinessCheck[] {
  if (notBefore === undefined || machine.stage !== "protected" || machine.isDrillPending) return [];
  const { lastTestFailover } = machine;
  if (lastTestFailover === undefined)
    return [
      check("neverTested", "warning", machine.name, "no test failover of it ever succeeded", "run a TestFailover"),
    ];
  return Date.parse(lastTestFailover) < Date.parse(notBefore)
    ? [
        check(
          "testFailoverOld",
          "warning",
          machine.name,
          `its last test failover was on ${lastTestFailover}`,
          "run a TestFailover",
        ),
      ]
    : [];
}

function timeChecks(machine: MachineFacts): ReadinessCheck[] {
  const reasons = extraTimeReasons(machine);
  const found: ReadinessCheck[] = [];
  if (reasons.length > 0) {
    found.push(
      check(
        "extraFailoverTime",
        "info",
        machine.name,
        `a failover may take 8 to 10 minutes more: ${reasons.join("; ")}`,
        "expect it, or remove the reasons where that is possible",
      ),
    );
  }
  const isVMware = machine.scenario === "vmware" || machine.scenario === "vmwareClassic";
  if (isVMware && (machine.missingBootDrivers === undefined || machine.isDhcpDisabled === undefined)) {
    found.push(
      check(
        "guestNotVisible",
        "info",
        machine.name,
        "Azure does not tell whether its boot drivers and its DHCP service are right",
        `make sure in the guest that ${bootDrivers.join(", ")} start at boot and that the DHCP service is enabled, and say so in machines`,
      ),
    );
  }
  return found;
}

function check(
  id: string,
  severity: ReadinessSeverity,
  machine: string,
  text: string,
  remedy: string,
): ReadinessCheck {
  return { id, severity, machine, text, remedy };
}

/** Compares versions part by part; what is no number counts as 0. */
export function isOlder(version: string, than: string): boolean {
  const parts = (text: string) => text.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const a = parts(version);
  const b = parts(than);
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
