import { isWayBack } from "../kinds.js";
import { asNumber, isUnknown, own } from "../plain.js";
import { defineRule, undecided, violation } from "../rule.js";
import { wholeNumber } from "../settings.js";

const keys = [
  { key: "appConsistentFrequencyMinutes", perHour: 60 },
  { key: "appConsistentFrequencyHours", perHour: 1 },
] as const;

export const appConsistentPoints = defineRule({
  id: "app-consistent-points",
  description: "A replication policy makes application-consistent recovery points.",
  severity: "medium",
  enforcementLevel: "advisory",
  remedy:
    "Set appConsistentFrequencyMinutes (VMware and physical machines) or appConsistentFrequencyHours (Hyper-V).",
  details:
    "A crash-consistent point is a disk as after a power cut: a database has to repair itself from it. 0 switches the other ones off. Policies for the way back (InMageRcmFailback, InMage) are Azure's own and are not judged.",
  checks: [],
  settings: {
    maxHours: wholeNumber(12, 1, 24, "How many hours may lie between two application-consistent points."),
  },
  judge(resource, { maxHours }) {
    const { kind, inputs } = resource;
    if (kind !== "ReplicationPolicy" || isWayBack(own(inputs, "instanceType"))) return [];
    return keys.flatMap(({ key, perHour }) => {
      const value = own(inputs, key);
      if (isUnknown(value)) return [undecided(resource, [key])];
      const given = asNumber(value);
      if (given === undefined) return [];
      if (given === 0) return [violation(`${key} is 0: no application-consistent points are made`)];
      return given / perHour > maxHours
        ? [violation(`${key} is ${given}: application-consistent points may be at most ${maxHours} hours apart`)]
        : [];
    });
  },
});
