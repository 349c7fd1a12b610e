import { isWayBack } from "../kinds.js";
import { asNumber, isUnknown, own } from "../plain.js";
import { defineRule, undecided, violation } from "../rule.js";
import { wholeNumber } from "../settings.js";

const keys = [
  { key: "recoveryPointRetentionMinutes", perHour: 60 },
  { key: "recoveryPointRetentionHours", perHour: 1 },
] as const;

export const recoveryPointRetention = defineRule({
  id: "recovery-point-retention",
  description: "A replication policy keeps recovery points long enough.",
  severity: "medium",
  enforcementLevel: "mandatory",
  remedy:
    "Raise recoveryPointRetentionMinutes (VMware and physical machines) or recoveryPointRetentionHours (Hyper-V).",
  details:
    "What nobody noticed within that time (an encrypted disk, a dropped table) can no longer be undone by going back to an older point.",
  checks: [],
  settings: {
    minHours: wholeNumber(24, 1, 360, "For how many hours recovery points are kept at least."),
  },
  judge(resource, { minHours }) {
    const { kind, inputs } = resource;
    if (kind !== "ReplicationPolicy" || isWayBack(own(inputs, "instanceType"))) return [];
    return keys.flatMap(({ key, perHour }) => {
      const value = own(inputs, key);
      if (isUnknown(value)) return [undecided(resource, [key])];
      const given = asNumber(value);
      return given !== undefined && given / perHour < minHours
        ? [violation(`${key} is ${given}: recovery points are to be kept for at least ${minHours} hours`)]
        : [];
    });
  },
});
