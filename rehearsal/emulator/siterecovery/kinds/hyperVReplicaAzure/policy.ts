/** Replication policies of machines on Hyper-V that go to Azure. */

import type { PointPolicy } from "../../recoveryPoints.js";
import type { PolicyState } from "../../state.js";
import type { Problem } from "../kind.js";
import { type Settings, type SettingsReader, settingsReader } from "../policySettings.js";

/** From the end of the enable job, for one disk of 40 GB. */
export const initialCopyMinutes = 4;

/**
 * Defaults: retention 2 hours (0-24), app-consistent 0 = off (else 1-12 hours and less than the retention), copy
 * frequency 300 seconds (30 or 300). What the input calls `recoveryPointHistoryDuration`, the answer calls otherwise.
 */
export function policyDetails(
  input: Settings,
  before: PolicyState | undefined,
  problems: Problem[],
): PolicyState["details"] {
  const settings = settingsReader(input, before?.details, problems);
  const retention = settings.whole(
    "recoveryPointHistoryDuration",
    { fallback: 2, allowed: "0-24 hours", known: "recoveryPointHistoryDurationInHours" },
    [0, 24],
  );
  const name = "applicationConsistentSnapshotFrequencyInHours";
  const app = settings.whole(name, { fallback: 0, allowed: "0 (off) or 1-12 hours" }, [0, 12]);
  const copy = settings.whole("replicationInterval", { fallback: 300, allowed: "30 or 300 seconds" }, 30, 300);
  if (app > retention) {
    const allowed = "no more than the retention, or 0";
    settings.refuse(
      name,
      `${app} hours is not allowed with a retention of ${retention} hours; allowed: ${allowed}`,
    );
  }
  const start = startTime(input, before, settings);
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
function startTime(input: Settings, before: PolicyState | undefined, { refuse }: SettingsReader): string | null {
  const value = input.onlineReplicationStartTime ?? before?.details.onlineReplicationStartTime ?? null;
  if (value === null || (typeof value === "string" && /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(value)))
    return value;
  refuse("onlineReplicationStartTime", `${JSON.stringify(value)} is not a time of day; allowed: such as 22:30:00`);
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
