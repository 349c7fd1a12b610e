import { machinesOf } from "../machines.js";
import { asText, isUnknown, listSome, own } from "../plain.js";
import { defineRule, type RuleResource, violation } from "../rule.js";
import { names } from "../settings.js";

const key = "targetBootDiagnosticsStorageAccountId";

export const bootDiagnostics = defineRule({
  id: "boot-diagnostics",
  description: "A machine that fails over shows its screen: boot diagnostics are on.",
  severity: "low",
  enforcementLevel: "advisory",
  remedy: `Set ${key} in the ReplicatedItem.`,
  details:
    "Where nobody can connect after a failover, the boot diagnostics' screenshot is what tells a machine that hangs from a rule that blocks. VMware and physical machines only: Site Recovery has no such setting for Hyper-V. Machines that a plan or a failover of the stack names are looked at too, as long as they are at protected.",
  checks: [],
  settings: { exceptMachines: names("Names of replicated items that need none.") },
  judgeStack(resources, { exceptMachines }) {
    const except = new Set(exceptMachines.map((name) => name.toLowerCase()));
    /** By the item's id: its name, and whether it is dark. What a program declares goes before what Azure has. */
    const found = new Map<string, { name: string; isDark: boolean }>();
    for (const resource of resources.filter(({ kind }) => kind === "ReplicatedItem")) {
      const name = asText(own(resource.inputs, "name")) ?? resource.name;
      const id = asText(own(resource.inputs, "replicatedItemId"))?.toLowerCase() ?? resource.urn;
      found.set(id, { name, isDark: isDeclaredDark(resource) });
    }
    for (const machine of resources.flatMap((resource) => machinesOf(resource) ?? [])) {
      const { itemId, itemName, scenario, stage, isReplicated, bootDiagnosticsStorageAccountId } = machine;
      if (found.has(itemId) || scenario !== "vmware" || stage !== "protected" || !isReplicated) continue;
      found.set(itemId, { name: itemName, isDark: bootDiagnosticsStorageAccountId === undefined });
    }
    const dark = [...found.values()].filter(({ name, isDark }) => isDark && !except.has(name.toLowerCase()));
    return dark.length === 0 ? [] : [violation(`${listSome(dark.map(({ name }) => name))}: no ${key}`)];
  },
});

function isDeclaredDark({ inputs }: RuleResource): boolean {
  const account = own(inputs, key);
  const instanceType = own(inputs, "instanceType");
  const isOther = instanceType === "HyperVReplicaAzure" || isUnknown(instanceType);
  return !isOther && !isUnknown(account) && asText(account) === undefined;
}
