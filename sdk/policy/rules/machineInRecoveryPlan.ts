import { membersOf } from "../machines.js";
import { asText, isUnknown, own } from "../plain.js";
import { defineRule, undecided, type Verdict, violation } from "../rule.js";
import { names } from "../settings.js";

export const machineInRecoveryPlan = defineRule({
  id: "machine-in-recovery-plan",
  description: "Every machine that replicates is in a recovery plan.",
  severity: "medium",
  enforcementLevel: "advisory",
  remedy: "Add the machine's replicatedItemId to a boot group of a RecoveryPlan, or name it in exceptMachines.",
  details:
    "A machine without a plan is failed over by hand, at night, in an order that somebody has to remember. Looks at the ReplicatedItems and RecoveryPlans of this stack; Azure's list of plans does not say who is in them.",
  checks: [],
  settings: { exceptMachines: names("Names of replicated items that need no plan.") },
  judgeStack(resources, { exceptMachines }) {
    const plans = resources.filter(({ kind }) => kind === "RecoveryPlan");
    const members = plans.map((plan) => ({ plan, ...membersOf(plan) }));
    const known = new Set(members.flatMap(({ ids }) => ids.map((id) => id.toLowerCase())));
    const open = members.find(({ unknownAt }) => unknownAt !== undefined);
    const except = new Set(exceptMachines.map((name) => name.toLowerCase()));
    return resources.flatMap((resource): Verdict[] => {
      if (resource.kind !== "ReplicatedItem") return [];
      const id = own(resource.inputs, "replicatedItemId");
      const name = asText(own(resource.inputs, "name")) ?? resource.name;
      if (except.has(name.toLowerCase())) return [];
      if (isUnknown(id)) return [undecided(resource, ["replicatedItemId"])];
      const text = asText(id);
      if (text === undefined || known.has(text.toLowerCase())) return [];
      if (open?.unknownAt !== undefined) return [undecided(open.plan, open.unknownAt)];
      return [violation(`${name} is in no recovery plan of this stack`, { urn: resource.urn })];
    });
  },
});
