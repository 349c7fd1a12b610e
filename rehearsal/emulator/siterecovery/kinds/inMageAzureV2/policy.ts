/** Policies of classic VMware: the forward one and, beside it, the one that leads back, which the service makes. */

import type { PointPolicy } from "../../recoveryPoints.js";
import type { PolicyState } from "../../state.js";

/** The way back, whatever the forward policy says: RPO threshold 15 minutes, retention a day, app-consistent hourly. */
export const failbackDetails = {
  instanceType: "InMage",
  recoveryPointThresholdInMinutes: 15,
  recoveryPointHistory: 24 * 60,
  appConsistentFrequencyInMinutes: 60,
  multiVmSyncStatus: "Disabled",
};

export function pointPolicy(policy: PolicyState): PointPolicy {
  const of = (name: string, fallback: number) => Number(policy.details[name] ?? fallback);
  return {
    recoveryPointHistoryInMinutes: of("recoveryPointHistory", 24 * 60),
    crashConsistentFrequencyInMinutes: of("crashConsistentFrequencyInMinutes", 5),
    appConsistentFrequencyInMinutes: of("appConsistentFrequencyInMinutes", 0),
  };
}
