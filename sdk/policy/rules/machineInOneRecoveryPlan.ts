import { membersOf } from "../machines.js";
import { asText, nameInId } from "../plain.js";
import { defineRule, type RuleResource, violation } from "../rule.js";
import { names } from "../settings.js";

export const machineInOneRecoveryPlan = defineRule({
  id: "machine-in-one-recovery-plan",
  description: "No machine is in two recovery plans, or twice in one.",
  severity: "medium",
  enforcementLevel: "mandatory",
  remedy: "Take the machine out of all plans but one, or name it in exceptMachines.",
  details:
    "Two plans that run one after the other would fail a machine over twice: the second one stops at it. Names of replicated items are compared by their ARM ids, without case.",
  checks: [],
  settings: { exceptMachines: names("Names of replicated items that may be in several plans.") },
  judgeStack(resources, { exceptMachines }) {
    const except = new Set(exceptMachines.map((name) => name.toLowerCase()));
    const places = new Map<string, { id: string; plans: RuleResource[] }>();
    for (const plan of resources.filter(({ kind }) => kind === "RecoveryPlan")) {
      for (const id of membersOf(plan).ids) {
        const place = places.get(id.toLowerCase()) ?? { id, plans: [] };
        place.plans.push(plan);
        places.set(id.toLowerCase(), place);
      }
    }
    return [...places.values()].flatMap(({ id, plans }) => {
      const last = plans.at(-1);
      if (plans.length < 2 || last === undefined || except.has(nameInId(id).toLowerCase())) return [];
      const titles = [...new Set(plans.map(({ inputs, name }) => asText(inputs.name) ?? name))];
      const where =
        titles.length === 1
          ? `twice in recovery plan ${titles[0] ?? ""}`
          : `in recovery plans ${titles.join(" and ")}`;
      return [violation(`${nameInId(id)} is ${where}`, { urn: last.urn })];
    });
  },
});
