/** Replication policies between the clouds of VMM servers. */

import type { PointPolicy } from "../../recoveryPoints.js";
import type { PolicyState } from "../../state.js";
import type { Problem } from "../kind.js";
import { type Settings, settingsReader } from "../policySettings.js";

export type ReplicaType = "HyperVReplica2012R2" | "HyperVReplica2012";

/** What nothing in this emulator depends on, as recorded. */
export const usualDetails = {
  compression: "Disabled",
  initialReplicationMethod: "OverNetwork",
  offlineReplicationImportPath: "",
  offlineReplicationExportPath: "",
  replicationPort: 8083,
  allowedAuthenticationType: 1,
  replicaDeletionOption: "SecondaryVMOnRecoveryCloud",
};

/**
 * Defaults: frequency 300 seconds (30, 300 or 900; HyperVReplica2012 has always 300 and no such setting), 0 hourly points
 * beside the latest (0-24; HyperVReplica2012 0-15), app-consistent 0 = off (0-12 hours), compression "Disabled".
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-policies
 */
export function policyDetails(instanceType: ReplicaType) {
  return (input: Settings, before: PolicyState | undefined, problems: Problem[]): PolicyState["details"] => {
    const { whole, word } = settingsReader(input, before?.details, problems);
    const isR2 = instanceType === "HyperVReplica2012R2";
    const name = "replicationFrequencyInSeconds";
    const most = isR2 ? 24 : 15;
    return {
      instanceType,
      ...(isR2 ? { [name]: whole(name, { fallback: 300, allowed: "30, 300 or 900 seconds" }, 30, 300, 900) } : {}),
      recoveryPoints: whole("recoveryPoints", { fallback: 0, allowed: `0-${most} hourly points` }, [0, most]),
      applicationConsistentSnapshotFrequencyInHours: whole(
        "applicationConsistentSnapshotFrequencyInHours",
        { fallback: 0, allowed: "0 (off) or 1-12 hours" },
        [0, 12],
      ),
      ...usualDetails,
      compression: word("compression", "Disabled", ["Disabled", "Enabled"]),
      initialReplicationMethod: word("initialReplicationMethod", "OverNetwork", ["OverNetwork", "Offline"]),
      replicationPort: whole("replicationPort", { fallback: 8083, allowed: "1-65535" }, [1, 65_535]),
      allowedAuthenticationType: whole(
        "allowedAuthenticationType",
        { fallback: 1, allowed: "1 (certificates) or 2 (Kerberos)" },
        [1, 2],
      ),
    };
  };
}

/** The latest state is always there to fail over to; what is listed are the hourly points. */
export function pointPolicy(policy: PolicyState): PointPolicy {
  const of = (name: string) => Number(policy.details[name] ?? 0);
  return {
    recoveryPointHistoryInMinutes: of("recoveryPoints") * 60,
    crashConsistentFrequencyInMinutes: 60,
    appConsistentFrequencyInMinutes: of("applicationConsistentSnapshotFrequencyInHours") * 60,
  };
}
