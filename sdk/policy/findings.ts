/** The findings of the connectivity plan that a drill or a failover carries. */

import { asList, asText, isUnknown, own } from "./plain.js";
import { type RuleResource, undecided, type Verdict, violation } from "./rule.js";

/** A finding of a connectivity plan. */
export interface RuleFinding {
  id: string;
  /** error, warning or info. */
  severity: string;
  machine?: string;
  text: string;
  remedy?: string;
}

/** Every finding of a resource's connectivity plan; empty where it has none. */
function findingsOf(resource: RuleResource): RuleFinding[] {
  return asList(own(own(resource.inputs, "connectivityPlan"), "findings")).flatMap((finding) => {
    const id = asText(own(finding, "id"));
    const text = asText(own(finding, "text"));
    if (id === undefined || text === undefined) return [];
    const machine = asText(own(finding, "machine"));
    const remedy = asText(own(finding, "remedy"));
    return [
      {
        id,
        severity: asText(own(finding, "severity")) ?? "",
        text,
        ...(machine === undefined ? {} : { machine }),
        ...(remedy === undefined ? {} : { remedy }),
      },
    ];
  });
}

/** The findings of these ids as violations; undecided where the plan waits for a value that is not known yet. */
export function findingVerdicts(resource: RuleResource, isMeant: (finding: RuleFinding) => boolean): Verdict[] {
  if (own(resource.inputs, "connectivityPlan") === undefined) return planUndecided(resource);
  return findingsOf(resource)
    .filter(isMeant)
    .map(({ machine, text, remedy }) =>
      violation(machine === undefined || text.includes(machine) ? text : `${machine}: ${text}`, {
        ...(remedy === undefined ? {} : { remedy }),
      }),
    );
}

/** What a connectivity plan is made of; without one of these there is none yet. */
function planUndecided(resource: RuleResource): Verdict[] {
  const missing = ["targetId", "testNetworkId"].find((key) => isUnknown(own(resource.inputs, key)));
  return missing === undefined ? [] : [undecided(resource, [missing])];
}
