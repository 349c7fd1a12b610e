/** Replication policies and container mappings of modernised VMware and physical machines. */

import type { PointPolicy } from "../../recoveryPoints.js";
import type { MappingState, PolicyState } from "../../state.js";
import type { Problem } from "../kind.js";
import { type Settings, settingsReader } from "../policySettings.js";

/** Minutes; 15 days is the longest that managed disks keep. */
const longestRetention = 15 * 24 * 60;

/** Booleans of this kind travel as words. */
const trueOrFalse = ["true", "false"] as const;

/**
 * Defaults: retention 1440 minutes (0-21600), crash-consistent 5, app-consistent 0 = off (else 60-720 and less than the
 * retention), multi-VM "true".
 */
export function policyDetails(
  input: Settings,
  before: PolicyState | undefined,
  problems: Problem[],
): PolicyState["details"] {
  const { whole, word, refuse } = settingsReader(input, before?.details, problems);
  const retention = whole(
    "recoveryPointHistoryInMinutes",
    { fallback: 1440, allowed: `0-${longestRetention} minutes` },
    [0, longestRetention],
  );
  const app = whole(
    "appConsistentFrequencyInMinutes",
    { fallback: 0, allowed: "0 (off) or 60-720 minutes" },
    0,
    [60, 720],
  );
  const crash = whole("crashConsistentFrequencyInMinutes", { fallback: 5, allowed: "1-60 minutes" }, [1, 60]);
  if (app > 0 && app >= retention) {
    refuse(
      "appConsistentFrequencyInMinutes",
      `${app} minutes is not allowed with a retention of ${retention} minutes; allowed: less than the retention, or 0`,
    );
  }
  return {
    instanceType: "InMageRcm",
    recoveryPointHistoryInMinutes: retention,
    appConsistentFrequencyInMinutes: app,
    crashConsistentFrequencyInMinutes: crash,
    enableMultiVmSync: word("enableMultiVmSync", "true", trueOrFalse),
  };
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
  input: Settings,
  before: MappingState | undefined,
  problems: Problem[],
): MappingState["details"] {
  const { word } = settingsReader(input, before?.details ?? undefined, problems);
  return {
    instanceType: "InMageRcm",
    enableAgentAutoUpgrade: word("enableAgentAutoUpgrade", "true", trueOrFalse),
  };
}
