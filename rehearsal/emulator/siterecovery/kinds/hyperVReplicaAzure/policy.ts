/** Replication policies of machines on Hyper-V that go to Azure. */

import type { PointPolicy } from "../../recoveryPoints.js";
import type { PolicyState } from "../../state.js";
import type { Problem } from "../kind.js";

/** From the end of the enable job, for one disk of 40 GB. */
export const initialCopyMinutes = 4;

type Input = { [key: string]: unknown };

/**
 * Defaults: retention 2 hours (0-24), app-consistent 0 = off (else 1-12 hours and less than the retention), copy
 * frequency 300 seconds (30 or 300). What the input calls `recoveryPointHistoryDuration`, the answer calls otherwise.
 */
export function policyDetails(
  input: Input,
  before: PolicyState | undefined,
  problems: Problem[],
): PolicyState["details"] {
  const path = "properties.providerSpecificInput";
  const whole = (
    name: string,
    known: string,
    fallback: number,
    isAllowed: (value: number) => boolean,
    allowed: string,
  ): number => {
    const value = input[name] ?? before?.details[known] ?? fallback;
    if (typeof value === "number" && Number.isInteger(value) && isAllowed(value)) return value;
    problems.push({
      path: `${path}.${name}`,
      message: `${JSON.stringify(value)} is not allowed; allowed: ${allowed}`,
    });
    return fallback;
  };
  const retention = whole(
    "recoveryPointHistoryDuration",
    "recoveryPointHistoryDurationInHours",
    2,
    (value) => value >= 0 && value <= 24,
    "0-24 hours",
  );
  const name = "applicationConsistentSnapshotFrequencyInHours";
  const app = whole(name, name, 0, (value) => value >= 0 && value <= 12, "0 (off) or 1-12 hours");
  const copy = whole(
    "replicationInterval",
    "replicationInterval",
    300,
    (value) => value === 30 || value === 300,
    "30 or 300 seconds",
  );
  if (app > retention) {
    const message = `${app} hours is not allowed with a retention of ${retention} hours; allowed: no more than the retention, or 0`;
    problems.push({ path: `${path}.${name}`, message });
  }
  const start = startTime(input, before, path, problems);
  const accounts = Array.isArray(input.storageAccounts) ? input.storageAccounts : [];
  const account = typeof accounts[0] === "string" ? accounts[0] : (before?.details.activeStorageAccountId ?? null);
  return {
    instanceType: "HyperVReplicaAzure",
    recoveryPointHistoryDurationInHours: retention,
    applicationConsistentSnapshotFrequencyInHours: app,
    replicationInterval: copy,
    ...(start === null ? {} : { onlineReplicationStartTime: start }),
    // The API takes no such setting any more; a VMM server that encrypts brings it with it.
    encryption: before?.details.encryption ?? "Disabled",
    activeStorageAccountId: account,
  };
}

/** `HH:MM:SS`: the first copy of each machine waits for that time of day (UTC); absent: at once. */
function startTime(
  input: Input,
  before: PolicyState | undefined,
  path: string,
  problems: Problem[],
): string | null {
  const value = input.onlineReplicationStartTime ?? before?.details.onlineReplicationStartTime ?? null;
  if (value === null || (typeof value === "string" && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(value)))
    return value;
  const message = `${JSON.stringify(value)} is not a time of day; allowed: such as 22:30:00`;
  problems.push({ path: `${path}.onlineReplicationStartTime`, message });
  return null;
}

export function pointPolicy(policy: PolicyState): PointPolicy {
  const of = (name: string) => Number(policy.details[name] ?? 0);
  return {
    recoveryPointHistoryInMinutes: of("recoveryPointHistoryDurationInHours") * 60,
    crashConsistentFrequencyInMinutes: of("replicationInterval") / 60,
    appConsistentFrequencyInMinutes: of("applicationConsistentSnapshotFrequencyInHours") * 60,
  };
}
