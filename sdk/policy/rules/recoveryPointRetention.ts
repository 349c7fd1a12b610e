import { judgeHours } from "../policySettings.js";
import { defineRule } from "../rule.js";
import { wholeNumber } from "../settings.js";

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
  judge: (resource, { minHours }) =>
    judgeHours(resource, "recoveryPointRetention", (hours) =>
      hours < minHours ? `recovery points are to be kept for at least ${minHours} hours` : undefined,
    ),
});
