/** A replicated item as the readiness checks see it. */

import {
  checkMachine,
  extraTimeReasons,
  type HyperVFacts,
  type MachineFacts,
  type ReadinessCheck,
} from "../lifecycle/readiness.js";
import { observe, scenarioOf } from "../lifecycle/stages.js";
import type { ReplicatedItem } from "../siterecovery/siteRecovery.js";

/** What a user knows of a guest and Azure does not tell. */
export interface GuestFacts {
  missingBootDrivers?: string[];
  isDhcpDisabled?: boolean;
}

export function isPhysical({ discoveryType, fabricDiscoveryMachineId }: ReplicatedItem): boolean {
  return /physical/i.test(discoveryType ?? "") || /\/ServerSites\//i.test(fabricDiscoveryMachineId ?? "");
}

/** undefined for kinds out of scope (Azure to Azure). */
export function machineFacts(
  item: ReplicatedItem,
  guest: GuestFacts = {},
  hyperV?: HyperVFacts,
): MachineFacts | undefined {
  const scenario = scenarioOf(item.instanceType);
  if (scenario === undefined) return undefined;
  const observation = observe(item);
  const isStage = observation.kind === "stage";
  return {
    name: item.friendlyName,
    scenario,
    stage: isStage ? observation.stage : undefined,
    isReady: isStage && observation.isReady,
    isDrillPending: isStage && observation.isDrillPending,
    isPhysical: isPhysical(item),
    osType: item.osType,
    targetVmName: item.targetVmName,
    targetNetworkId: item.targetNetworkId,
    testNetworkId: item.testNetworkId,
    agentVersion: item.mobilityAgentVersion,
    disks: item.disks,
    replicationHealth: item.replicationHealth,
    healthErrors: item.healthErrors,
    lastRecoveryPoint: item.lastRecoveryPointReceived,
    lastTestFailover: item.lastSuccessfulTestFailoverTime,
    usesManagedDisks: item.usesManagedDisks,
    hyperV,
    ...guest,
  };
}

/**
 * What a preview says of the machines that are about to fail over: where it takes longer, and what Azure would refuse.
 * Health comes and goes, and would make every `up` an update: it is `getReadiness`' business.
 */
export function previewFindings(items: readonly ReplicatedItem[]): string[] {
  const machines = items.flatMap((item) => machineFacts(item) ?? []);
  const slow = new Map<string, string[]>();
  for (const machine of machines) {
    const reasons = extraTimeReasons(machine).join("; ");
    if (reasons !== "") slow.set(reasons, [...(slow.get(reasons) ?? []), machine.name]);
  }
  const refused = machines.flatMap((machine) =>
    checkMachine(machine)
      .filter((check) => check.severity === "error" && lasting.includes(check.id))
      .map((check) => `Not ready: ${machine.name}: ${check.text}. ${check.remedy}.`),
  );
  return [
    ...refused,
    ...[...slow].map(
      ([reasons, names]) =>
        `${names.join(", ")} may ${names.length === 1 ? "" : "each "}take 8 to 10 minutes more: ${reasons}.`,
    ),
  ];
}

/** Checks whose answer changes only when somebody changes something. */
const lasting = ["targetVmName", "osDisk", "osDiskSize", "dataDiskSize", "dataDiskCount"];

/**
 * What the readiness checks say of machines that a run moved. What the run itself changes (stage, a drill that waits, a
 * job) is left out, and what Azure never tells.
 */
export function runReadiness(items: readonly ReplicatedItem[]): ReadinessCheck[] {
  return items.flatMap((item) => {
    const facts = machineFacts(item);
    if (facts === undefined) return [];
    const atRest = { ...facts, stage: "protected" as const, isReady: true, isDrillPending: false };
    return checkMachine(atRest).filter(({ id }) => !["noRecoveryPoint", "guestNotVisible"].includes(id));
  });
}
