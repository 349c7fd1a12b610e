/** Evidence of runs that never took place, in any size: what reports are tested and measured with. */

import { bootGroupsOf } from "../../../provider/evidence/bootGroups.js";
import { goalFindings, measureGoals } from "../../../provider/evidence/goals.js";
import type { MachineEvidence, RunEvidence, TaskEvidence } from "../../../provider/evidence/types.js";

export interface RunOptions {
  machines?: number;
  /** Machines that boot together; default 10. */
  groupSize?: number;
  /** ISO 8601; default 2026-05-04T08:00:00Z. */
  startTime?: string;
  jobName?: string;
  recoveryTimeGoalSeconds?: number;
  recoveryPointGoalSeconds?: number;
  /** Times of machines are longer by this factor; default 1. */
  slowness?: number;
  /** Name of a machine by its number; default web001 and so on. */
  nameOf?: (index: number) => string;
}

const group = "/subscriptions/3f8c1a52-6d0b-4e7f-9a21-5c7d84e0b913/resourceGroups/shop-dr";
const vault = `${group}/providers/Microsoft.RecoveryServices/vaults/shop-vault`;

/** A drill of a plan: each group begins when the one before it has ended, every tenth machine cannot be reached. */
export function makeRun(options: RunOptions = {}): RunEvidence {
  const { machines: count = 3, groupSize = 10, startTime = "2026-05-04T08:00:00.000Z", slowness = 1 } = options;
  const name = options.nameOf ?? ((index: number) => `web${String(index + 1).padStart(3, "0")}`);
  const start = Date.parse(startTime);
  const time = (seconds: number) => new Date(start + seconds * 1000).toISOString();
  const copyEnds = 600 * slowness;
  const bootSeconds = (index: number) => (140 + ((index * 53) % 400)) * slowness;
  const groupOf = (index: number) => Math.floor(index / groupSize);
  const groups = count === 0 ? 0 : groupOf(count - 1) + 1;
  const longest = (number: number) =>
    Math.max(
      ...Array.from({ length: Math.min(groupSize, count - number * groupSize) }, (_, index) =>
        bootSeconds(number * groupSize + index),
      ),
    );
  const begins: number[] = [];
  let at = copyEnds;
  for (let number = 0; number < groups; number += 1) {
    begins.push(at);
    at += longest(number);
  }
  const tasks: TaskEvidence[] = [];
  const machines: MachineEvidence[] = [];
  for (let index = 0; index < count; index += 1) {
    const machine = name(index);
    const from = begins[groupOf(index)] ?? copyEnds;
    const to = from + bootSeconds(index);
    const isShut = index % 10 === 9;
    tasks.push(
      task("Prerequisites check for test failover", machine, 0, 11),
      task("Starting test failover", machine, 11, copyEnds),
      task("Creating test virtual machine", machine, from, to - 30),
      task("Preparing the virtual machine", machine, to - 30, to),
    );
    machines.push({
      name: machine,
      replicatedItemId: `${vault}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/m${index}`,
      bootGroup: groupOf(index) + 1,
      virtualMachineId: `${group}/providers/Microsoft.Compute/virtualMachines/m${index}-test`,
      privateIp: `10.20.${Math.floor(index / 250)}.${4 + (index % 250)}`,
      recoveryTimeSeconds: to,
      ...(isShut ? {} : { reachableTimeSeconds: to }),
      recoveryPointId: `point-${index}`,
      recoveryPointTime: time(-200 - index),
      recoveryPointAgeSeconds: 200 + index,
      access: [
        {
          path: index % 2 === 0 ? "bastion" : "vpn",
          protocol: "Tcp",
          port: index % 3 === 0 ? 22 : 3389,
          source: index % 2 === 0 ? "10.20.250.10" : "192.168.0.10",
          reachable: !isShut,
          decidedBy: isShut ? "securityRules/deny-rdp" : "defaultSecurityRules/AllowVnetInBound",
          planned: !isShut,
          differsFromPlan: false,
        },
      ],
    });
  }
  const goals = measureGoals(machines, {
    recoveryTimeSeconds: options.recoveryTimeGoalSeconds,
    recoveryPointSeconds: options.recoveryPointGoalSeconds,
  });
  const jobName = options.jobName ?? "5d3d4f4e-1111-4222-8333-444455556666";
  return {
    schemaVersion: 1,
    kind: "testFailover",
    targetKind: "recoveryPlan",
    targetName: "shop",
    targetId: `${vault}/replicationRecoveryPlans/shop`,
    vaultName: "shop-vault",
    recoveryPoint: "latestProcessed",
    networkId: `${group}/providers/Microsoft.Network/virtualNetworks/shop-drill`,
    jobName,
    state: "Succeeded",
    startTime,
    endTime: time(at),
    seconds: Math.round(at),
    jobs: [
      {
        name: jobName,
        scenarioName: "TestFailover",
        state: "Succeeded",
        targetName: "shop",
        startTime,
        endTime: time(at),
        seconds: Math.round(at),
      },
    ],
    machines,
    bootGroups: bootGroupsOf(machines),
    tasks,
    goals,
    findings: [
      ...goalFindings(goals),
      ...machines
        .filter(({ access }) => access.some(({ reachable }) => !reachable))
        .map(({ name: machine }) => ({
          id: "accessBlocked",
          severity: "warning" as const,
          machine,
          text: "Tcp/3389 by vpn is blocked (securityRules/deny-rdp)",
          remedy: "add rule siterecovery-vpn-tcp-3389 to NSG web-nsg; connectivity: { apply: true } does it",
        })),
    ],
    versions: { package: "0.1.0", engine: "pulumi 3.260.0", node: "v20.20.2" },
    hashes: { recoveryPlan: "sha256:aa", replicationPolicies: "sha256:bb", connectivityPlan: "sha256:cc" },
  };

  function task(what: string, machine: string, from: number, to: number): TaskEvidence {
    return {
      name: what,
      state: "Succeeded",
      machine,
      startTime: time(from),
      endTime: time(to),
      seconds: Math.round(to - from),
    };
  }
}

/** Drills of one plan, a week apart, a little slower each time. */
export function makeHistory(count: number, options: RunOptions = {}): RunEvidence[] {
  return Array.from({ length: count }, (_, index) =>
    makeRun({
      ...options,
      slowness: 1 + index * 0.03,
      startTime: new Date(Date.parse("2026-01-05T08:00:00.000Z") + index * 7 * 86_400_000).toISOString(),
      jobName: `job-${index + 1}`,
    }),
  );
}
