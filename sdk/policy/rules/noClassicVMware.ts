import { allMachines, readinessVerdicts } from "../machines.js";
import { asText, isUnknown, own } from "../plain.js";
import { defineRule, undecided, violation } from "../rule.js";

const classicKinds: readonly unknown[] = ["InMageAzureV2", "InMage"];

export const noClassicVMware = defineRule({
  id: "no-classic-vmware",
  description: "No machine is protected by the classic VMware architecture.",
  severity: "high",
  enforcementLevel: "advisory",
  remedy: "Move the machine to the modernised appliance while it is at protected.",
  details:
    "Azure has not supported classic machines (InMageAzureV2) and their configuration servers since March 2026: what breaks there stays broken. Policies of that kind count as use.",
  checks: ["classicDeprecated"],
  settings: {},
  judge(resource, _settings, surroundings) {
    if (resource.kind === "ReplicationPolicy") {
      const instanceType = own(resource.inputs, "instanceType");
      if (isUnknown(instanceType)) return [undecided(resource, ["instanceType"])];
      return classicKinds.includes(instanceType)
        ? [
            violation(
              `${asText(resource.inputs.name) ?? resource.name} is a policy for classic machines (${asText(instanceType) ?? ""})`,
            ),
          ]
        : [];
    }
    if (resource.kind !== "RecoveryPlan" && resource.kind !== "TestFailover" && resource.kind !== "Failover")
      return [];
    const { machines, verdicts } = allMachines(resource);
    return [...verdicts, ...readinessVerdicts(machines, ["classicDeprecated"], surroundings)];
  },
});
