import { allMachines, readinessVerdicts } from "../machines.js";
import { defineRule } from "../rule.js";

const ids = ["targetVmName", "testVmName", "osDisk", "osDiskSize", "dataDiskSize", "dataDiskCount"];
const kinds: readonly unknown[] = ["ReplicatedItem", "RecoveryPlan", "TestFailover", "Failover"];

export const azureRequirements = defineRule({
  id: "azure-requirements",
  description: "A machine meets what Azure asks of machines that fail over.",
  severity: "high",
  enforcementLevel: "advisory",
  remedy: "Change the machine or its settings as the text says.",
  details:
    "Azure's prerequisites check stops a failover that misses one of these: name of the machine in Azure, exactly one disk with the operating system, size and number of disks. Disks are known once the machine replicates.",
  checks: ids,
  settings: {},
  judge(resource, _settings, surroundings) {
    if (!kinds.includes(resource.kind)) return [];
    const { machines, verdicts } = allMachines(resource);
    return [...verdicts, ...readinessVerdicts(machines, ids, surroundings)];
  },
});
