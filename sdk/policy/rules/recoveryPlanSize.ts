import { membersOf } from "../machines.js";
import { asList, asText, own } from "../plain.js";
import { defineRule, undecided, violation } from "../rule.js";
import { wholeNumber } from "../settings.js";

export const recoveryPlanSize = defineRule({
  id: "recovery-plan-size",
  description: "A recovery plan has no more machines than Azure takes.",
  severity: "high",
  enforcementLevel: "mandatory",
  remedy: "Split the plan into several, one for each application.",
  details:
    "Azure takes 100 machines in a plan. A lower number keeps a plan within what one drill can be looked at. Machines that are not known yet are counted.",
  checks: [],
  settings: { maxMachines: wholeNumber(100, 1, 100, "How many machines a plan may have.") },
  judge(resource, { maxMachines }) {
    if (resource.kind !== "RecoveryPlan") return [];
    const { unknownAt } = membersOf(resource);
    const count = asList(own(resource.inputs, "bootGroups")).reduce<number>(
      (sum, group) => sum + asList(own(group, "replicatedItemIds")).length,
      0,
    );
    const name = asText(own(resource.inputs, "name")) ?? resource.name;
    if (count > maxMachines)
      return [violation(`recovery plan ${name} has ${count} machines; allowed: at most ${maxMachines}`)];
    // A list that is not known as a whole may hold any number; one whose members are unknown has its length.
    const isLengthUnknown = unknownAt !== undefined && unknownAt.length < 4;
    return isLengthUnknown ? [undecided(resource, unknownAt)] : [];
  },
});
