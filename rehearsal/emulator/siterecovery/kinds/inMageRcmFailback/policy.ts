/** Policies of the way back to VMware: how often a point is made in Azure. */

import type { PointPolicy } from "../../recoveryPoints.js";
import type { MappingState, PolicyState } from "../../state.js";
import type { Problem } from "../kind.js";

type Input = { [key: string]: unknown };

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
  input: Input,
  before: PolicyState | undefined,
  problems: Problem[],
): PolicyState["details"] {
  const whole = (name: keyof typeof automaticDetails, isAllowed: (value: number) => boolean, allowed: string) => {
    const value = input[name] ?? before?.details[name] ?? automaticDetails[name];
    if (typeof value === "number" && Number.isInteger(value) && isAllowed(value)) return value;
    const message = `${JSON.stringify(value)} is not allowed; allowed: ${allowed}`;
    problems.push({ path: `properties.providerSpecificInput.${name}`, message });
    return 0;
  };
  return {
    instanceType: "InMageRcmFailback",
    appConsistentFrequencyInMinutes: whole(
      "appConsistentFrequencyInMinutes",
      (value) => value === 0 || (value >= 60 && value <= 720),
      "0 (off) or 60-720 minutes",
    ),
    crashConsistentFrequencyInMinutes: whole(
      "crashConsistentFrequencyInMinutes",
      (value) => value >= 1 && value <= 60,
      "1-60 minutes",
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

export function mappingDetails(_input: Input, _before: MappingState | undefined): MappingState["details"] {
  return { instanceType: "InMageRcmFailback" };
}
