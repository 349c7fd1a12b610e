/** Replication policies and container mappings of modernised VMware and physical machines. */

import type { PointPolicy } from "../../recoveryPoints.js";
import type { MappingState, PolicyState } from "../../state.js";
import type { Problem } from "../kind.js";

/** Minutes; 15 days is the longest that managed disks keep. */
const longestRetention = 15 * 24 * 60;
const shortestAppInterval = 60;
const longestAppInterval = 720;

type Input = { [key: string]: unknown };

/**
 * Defaults: retention 1440 minutes (0-21600), crash-consistent 5, app-consistent 0 = off (else 60-720 and less than the
 * retention), multi-VM "true".
 */
export function policyDetails(
  input: Input,
  before: PolicyState | undefined,
  problems: Problem[],
): PolicyState["details"] {
  const path = "properties.providerSpecificInput";
  const whole = (
    name: string,
    fallback: number,
    isAllowed: (value: number) => boolean,
    allowed: string,
  ): number => {
    const value = input[name] ?? before?.details[name] ?? fallback;
    if (typeof value === "number" && Number.isInteger(value) && isAllowed(value)) return value;
    problems.push({
      path: `${path}.${name}`,
      message: `${JSON.stringify(value)} is not allowed; allowed: ${allowed}`,
    });
    return fallback;
  };
  const retention = whole(
    "recoveryPointHistoryInMinutes",
    1440,
    (value) => value >= 0 && value <= longestRetention,
    `0-${longestRetention} minutes`,
  );
  const app = whole(
    "appConsistentFrequencyInMinutes",
    0,
    (value) => value === 0 || (value >= shortestAppInterval && value <= longestAppInterval),
    `0 (off) or ${shortestAppInterval}-${longestAppInterval} minutes`,
  );
  const crash = whole(
    "crashConsistentFrequencyInMinutes",
    5,
    (value) => value >= 1 && value <= 60,
    "1-60 minutes",
  );
  if (app > 0 && app >= retention) {
    const message = `${app} minutes is not allowed with a retention of ${retention} minutes; allowed: less than the retention, or 0`;
    problems.push({ path: `${path}.appConsistentFrequencyInMinutes`, message });
  }
  return {
    instanceType: "InMageRcm",
    recoveryPointHistoryInMinutes: retention,
    appConsistentFrequencyInMinutes: app,
    crashConsistentFrequencyInMinutes: crash,
    enableMultiVmSync: trueOrFalse(input, "enableMultiVmSync", before?.details.enableMultiVmSync, path, problems),
  };
}

/** Booleans of this kind travel as the words "true" and "false". */
function trueOrFalse(
  input: Input,
  name: string,
  before: unknown,
  path: string,
  problems: Problem[],
): "true" | "false" {
  const value = String(input[name] ?? before ?? "true").toLowerCase();
  if (value === "true" || value === "false") return value;
  problems.push({
    path: `${path}.${name}`,
    message: `${JSON.stringify(input[name])} is not allowed; allowed: "true", "false"`,
  });
  return "true";
}

export function pointPolicy(policy: PolicyState): PointPolicy {
  const minutesOf = (name: string) => Number(policy.details[name] ?? 0);
  return {
    recoveryPointHistoryInMinutes: minutesOf("recoveryPointHistoryInMinutes"),
    crashConsistentFrequencyInMinutes: minutesOf("crashConsistentFrequencyInMinutes"),
    appConsistentFrequencyInMinutes: minutesOf("appConsistentFrequencyInMinutes"),
  };
}

export function mappingDetails(
  input: Input,
  before: MappingState | undefined,
  problems: Problem[],
): MappingState["details"] {
  const path = "properties.providerSpecificInput";
  return {
    instanceType: "InMageRcm",
    enableAgentAutoUpgrade: trueOrFalse(
      input,
      "enableAgentAutoUpgrade",
      before?.details?.enableAgentAutoUpgrade,
      path,
      problems,
    ),
  };
}
