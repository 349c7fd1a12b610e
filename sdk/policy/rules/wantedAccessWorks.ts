import { asList, asText, listSome, own } from "../plain.js";
import { defineRule, violation } from "../rule.js";

export const wantedAccessWorks = defineRule({
  id: "wanted-access-works",
  description: "Everybody who must be able to connect after a failover can.",
  severity: "medium",
  enforcementLevel: "advisory",
  remedy: "Add the rule that the preview names, or set connectivity: { apply: true }.",
  details:
    "Looks at the connectivity plan: an access that is wanted and that an NSG, a route, a missing gateway or a missing public IP blocks. With connectivity.apply the plan's own fix is carried out, and what it mends is no violation.",
  checks: [],
  settings: {},
  judge(resource) {
    if (resource.kind !== "TestFailover" && resource.kind !== "Failover") return [];
    const plan = own(resource.inputs, "connectivityPlan");
    const isApplied = own(own(resource.inputs, "connectivity"), "apply") === true;
    const blocked = new Map<string, string[]>();
    for (const machine of asList(own(plan, "machines"))) {
      const name = asText(own(machine, "name"));
      for (const nic of asList(own(machine, "nics")))
        for (const access of asList(own(nic, "access"))) {
          if (own(access, "outcome") !== "blocked" || name === undefined) continue;
          const scope = own(own(access, "decidedBy"), "scope");
          if (isApplied && (scope === "subnet" || scope === "nic")) continue;
          const why = asText(own(access, "why")) ?? "blocked";
          const names = blocked.get(why) ?? [];
          if (!names.includes(name)) names.push(name);
          blocked.set(why, names);
        }
    }
    return [...blocked].map(([why, names]) => violation(`${listSome(names)}: ${why}`));
  },
});
