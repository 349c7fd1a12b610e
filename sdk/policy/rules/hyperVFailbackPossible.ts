import { allMachines, readinessVerdicts } from "../machines.js";
import { defineRule } from "../rule.js";

const kinds: readonly unknown[] = ["ReplicatedItem", "RecoveryPlan", "TestFailover", "Failover"];

export const hyperVFailbackPossible = defineRule({
  id: "hyper-v-failback-possible",
  description: "Hyper-V machines replicate in a way that leads back.",
  severity: "high",
  enforcementLevel: "advisory",
  remedy:
    "Give diskIds and targetStorageAccountId in place of disks: replication to a storage account can fail back.",
  details:
    "Azure fails back to Hyper-V only what replicates to a storage account; what replicates to managed disks stays in Azure. It cannot be changed without replicating anew.",
  checks: ["managedDisks"],
  settings: {},
  judge(resource, _settings, surroundings) {
    if (!kinds.includes(resource.kind)) return [];
    const { machines, verdicts } = allMachines(resource);
    return [...verdicts, ...readinessVerdicts(machines, ["managedDisks"], surroundings)];
  },
});
