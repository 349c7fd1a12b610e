import { judgeHours } from "../policySettings.js";
import { defineRule } from "../rule.js";
import { wholeNumber } from "../settings.js";

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
  judge: (resource, { maxHours }) =>
    judgeHours(resource, "appConsistentFrequency", (hours) => {
      if (hours === 0) return "no application-consistent points are made";
      return hours > maxHours ? `application-consistent points may be at most ${maxHours} hours apart` : undefined;
    }),
});
