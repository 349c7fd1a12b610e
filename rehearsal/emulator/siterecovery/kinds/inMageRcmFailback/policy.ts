/** Policies of the way back to VMware: how often a point is made in Azure. */

import type { PointPolicy } from "../../recoveryPoints.js";
import type { MappingState, PolicyState } from "../../state.js";
import type { Problem } from "../kind.js";
import { type Settings, settingsReader } from "../policySettings.js";

/** Points of the way back are kept for a day; the API has no setting for it. */
const retentionMinutes = 24 * 60;

/** What the service gives the policy that it makes by itself beside a forward one. */
export const automaticDetails = {
  instanceType: "InMageRcmFailback",
  appConsistentFrequencyInMinutes: 60,
  crashConsistentFrequencyInMinutes: 5,
};

/** Defaults: crash-consistent 5 (1-60 minutes), app-consistent 60 (0 = off, else 60-720 minutes). */
export function policyDetails(
  input: Settings,
  before: PolicyState | undefined,
  problems: Problem[],
): PolicyState["details"] {
  const { whole } = settingsReader(input, before?.details, problems);
  return {
    instanceType: "InMageRcmFailback",
    appConsistentFrequencyInMinutes: whole(
      "appConsistentFrequencyInMinutes",
      { fallback: automaticDetails.appConsistentFrequencyInMinutes, allowed: "0 (off) or 60-720 minutes" },
      0,
      [60, 720],
    ),
    crashConsistentFrequencyInMinutes: whole(
      "crashConsistentFrequencyInMinutes",
      { fallback: automaticDetails.crashConsistentFrequencyInMinutes, allowed: "1-60 minutes" },
      [1, 60],
    ),
  };
}

export function pointPolicy(policy: PolicyState): PointPolicy {
  return {
    recoveryPointHistoryInMinutes: retentionMinutes,
    crashConsistentFrequencyInMinutes: Number(policy.details.crashConsistentFrequencyInMinutes ?? 5),
    appConsistentFrequencyInMinutes: Number(policy.details.appConsistentFrequencyInMinutes ?? 0),
  };
}

export function mappingDetails(): MappingState["details"] {
  return { instanceType: "InMageRcmFailback" };
}
