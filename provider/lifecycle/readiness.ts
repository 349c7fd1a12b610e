/**
 * What stands in the way of a failover, machine by machine: Azure's requirements, health, recovery points, drills, and
 * where a failover takes longer. Pure: the caller gives the facts, and the time by which a drill is too old.
 *
 * @see https://learn.microsoft.com/azure/site-recovery/vmware-physical-azure-support-matrix
 */

import { requirementChecks } from "./azureRequirements.js";
import { check, type MachineFacts, type ReadinessCheck, type ReadinessSeverity } from "./readinessCheck.js";

export type * from "./readinessCheck.js";

/** The drivers that a guest needs at boot; where one is missing, a failover sets it up first. */
export const bootDrivers = ["storvsc", "vmbus", "storflt", "intelide", "atapi"] as const;

/**
 * Every check of one machine that is not passed.
 *
 * @param drillNotBefore ISO 8601: a drill before it is too old; undefined = drills are not looked at.
 */
export function checkMachine(machine: MachineFacts, drillNotBefore?: string): ReadinessCheck[] {
  const drills = drillChecks(machine, drillNotBefore);
  return [
    ...stateChecks(machine),
    ...requirementChecks(machine),
    ...healthChecks(machine, drills.length > 0),
    ...drills,
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
  // Of points at a second site and of classic machines Azure tells none on the machine (recorded).
  const isPointTold = machine.scenario !== "vmmToVmm" && machine.scenario !== "vmwareClassic";
  if (machine.lastRecoveryPoint === undefined && isPointTold)
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

/** Azure's health error of a machine that was never tested: an error between VMM sites (recorded), a warning else. */
const neverTestedCode = "161011";

function healthChecks(machine: MachineFacts, isDrillMissed: boolean): ReadinessCheck[] {
  const severity = (level: string): ReadinessSeverity =>
    level === "Error" ? "error" : level === "Warning" ? "warning" : "info";
  const told = machine.healthErrors.filter((error) => !(isDrillMissed && error.code === neverTestedCode));
  const errors = told.map((error) =>
    check(
      `health.${error.code}`,
      error.code === neverTestedCode ? "warning" : severity(error.level),
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
