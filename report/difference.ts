/** What is not as it was in the run before. */

import { describeSeconds } from "../provider/evidence/duration.js";
import type { MachineEvidence, RunEvidence } from "../provider/evidence/types.js";
import { summaryOf } from "./summary.js";

export interface Difference {
  /** better, worse, or only another. */
  direction: "better" | "worse" | "other";
  /** Name of the machine; absent where it concerns the run. */
  machine?: string;
  text: string;
}

/**
 * A time counts as another one from a tenth on, a recovery from ten seconds, an age from a minute: less is what every run
 * differs by, and points are made minutes apart.
 */
const noise = { share: 0.1, recovery: 10, age: 60 };

export function differencesOf(run: RunEvidence, previous: RunEvidence): Difference[] {
  const before = summaryOf(previous);
  const now = summaryOf(run);
  const old = new Map(previous.machines.map((machine) => [machine.replicatedItemId.toLowerCase(), machine]));
  const present = new Set(run.machines.map((machine) => machine.replicatedItemId.toLowerCase()));
  return [
    ...timeDifference(
      "recovery of the last machine",
      noise.recovery,
      before.recoveryTimeSeconds,
      now.recoveryTimeSeconds,
    ),
    ...timeDifference(
      "age of the oldest data",
      noise.age,
      before.recoveryPointAgeSeconds,
      now.recoveryPointAgeSeconds,
    ),
    ...(["recoveryPlan", "replicationPolicies", "connectivityPlan"] as const).flatMap((key) =>
      run.hashes[key] === previous.hashes[key] || previous.hashes[key] === undefined
        ? []
        : [{ direction: "other" as const, text: `${hashNames[key]} changed since` }],
    ),
    ...versionDifferences(run, previous),
    ...run.machines.flatMap((machine) => {
      const was = old.get(machine.replicatedItemId.toLowerCase());
      return was === undefined
        ? [{ direction: "other" as const, machine: machine.name, text: "is new in the run" }]
        : machineDifferences(machine, was);
    }),
    ...previous.machines
      .filter((machine) => !present.has(machine.replicatedItemId.toLowerCase()))
      .map((machine) => ({ direction: "other" as const, machine: machine.name, text: "is no longer in the run" })),
  ];
}

const hashNames = {
  recoveryPlan: "the recovery plan (groups, machines or actions)",
  replicationPolicies: "the replication policy",
  connectivityPlan: "the connectivity plan",
} as const;

function versionDifferences(run: RunEvidence, previous: RunEvidence): Difference[] {
  return (["package", "engine"] as const).flatMap((key) => {
    const [was, is] = [previous.versions[key], run.versions[key]];
    return was === is
      ? []
      : [{ direction: "other" as const, text: `${key}: ${is ?? "unknown"}, was ${was ?? "unknown"}` }];
  });
}

function machineDifferences(machine: MachineEvidence, was: MachineEvidence): Difference[] {
  const of = (difference: Difference): Difference => ({ ...difference, machine: machine.name });
  const found: Difference[] = [
    ...timeDifference("recovery", noise.recovery, was.recoveryTimeSeconds, machine.recoveryTimeSeconds),
    ...timeDifference("age of the data", noise.age, was.recoveryPointAgeSeconds, machine.recoveryPointAgeSeconds),
  ];
  if (machine.bootGroup !== was.bootGroup)
    found.push({ direction: "other", text: `boot group ${machine.bootGroup}, was ${was.bootGroup}` });
  if (machine.privateIp !== was.privateIp)
    found.push({
      direction: "other",
      text: `address ${machine.privateIp ?? "none"}, was ${was.privateIp ?? "none"}`,
    });
  const key = ({ path, protocol, port }: MachineEvidence["access"][number]) => `${protocol}/${port} by ${path}`;
  const before = new Map(was.access.map((access) => [key(access), access.reachable]));
  for (const access of machine.access) {
    const then = before.get(key(access));
    if (then === undefined || then === access.reachable) continue;
    const words = access.reachable
      ? "can be reached now"
      : access.reachable === null
        ? "was not asked"
        : "is blocked now";
    found.push({ direction: access.reachable ? "better" : "worse", text: `${key(access)} ${words}` });
  }
  return found.map(of);
}

function timeDifference(
  what: string,
  least: number,
  was: number | undefined,
  is: number | undefined,
): Difference[] {
  if (was === undefined && is === undefined) return [];
  if (was === undefined || is === undefined) {
    const word = (value: number | undefined) => (value === undefined ? "not measured" : describeSeconds(value));
    return [{ direction: is === undefined ? "worse" : "better", text: `${what}: ${word(is)}, was ${word(was)}` }];
  }
  const change = is - was;
  if (Math.abs(change) < Math.max(least, noise.share * was)) return [];
  return [
    {
      direction: change > 0 ? "worse" : "better",
      text: `${what}: ${describeSeconds(is)}, was ${describeSeconds(was)} (${describeSeconds(Math.abs(change))} ${change > 0 ? "more" : "less"})`,
    },
  ];
}
