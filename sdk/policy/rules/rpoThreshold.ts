import { asNumber, isUnknown, own } from "../plain.js";
import { defineRule, type RuleResource, undecided, type Verdict, violation } from "../rule.js";
import { wholeNumber } from "../settings.js";

/** By key: what it says, and in minutes how much. */
const thresholds: readonly { key: string; minutes: (value: number) => number; what: string }[] = [
  {
    key: "recoveryPointThresholdMinutes",
    minutes: (value) => value,
    what: "the threshold at which Azure warns of old recovery points",
  },
  {
    key: "crashConsistentFrequencyMinutes",
    minutes: (value) => value,
    what: "the time between crash-consistent points",
  },
  { key: "replicationIntervalSeconds", minutes: (value) => value / 60, what: "the time between replications" },
];

export const rpoThreshold = defineRule({
  id: "rpo-threshold",
  description: "A replication policy keeps the newest recovery point young enough.",
  severity: "high",
  enforcementLevel: "mandatory",
  remedy: "Lower the value in the ReplicationPolicy.",
  details:
    "Reads what each kind of policy says of it: recoveryPointThresholdMinutes of classic machines, crashConsistentFrequencyMinutes of VMware and physical machines, replicationIntervalSeconds of Hyper-V. Points that a policy switches off count as none at all.",
  checks: [],
  settings: {
    maxMinutes: wholeNumber(60, 1, 1440, "How old the newest recovery point may get, in minutes."),
  },
  judge(resource, { maxMinutes }) {
    if (resource.kind !== "ReplicationPolicy") return [];
    return thresholds.flatMap((threshold): Verdict[] => judgeThreshold(resource, threshold, maxMinutes));
  },
});

function judgeThreshold(
  resource: RuleResource,
  { key, minutes, what }: (typeof thresholds)[number],
  maxMinutes: number,
): Verdict[] {
  const value = own(resource.inputs, key);
  if (isUnknown(value)) return [undecided(resource, [key])];
  const given = asNumber(value);
  if (given === undefined) return [];
  if (given === 0 && key === "crashConsistentFrequencyMinutes")
    return [violation(`${key} is 0: no crash-consistent points are made`)];
  return minutes(given) > maxMinutes
    ? [violation(`${key} is ${given}: ${what} may be at most ${maxMinutes} minutes`)]
    : [];
}
