/** Settings of replication policies that count in minutes for one provider kind and in hours for another. */

import { isWayBack } from "./kinds.js";
import { asNumber, isUnknown, own } from "./plain.js";
import { type RuleResource, undecided, type Verdict, violation } from "./rule.js";

/**
 * Judges such a setting of a replication policy by whichever of its names is given. Policies of the way back are not
 * judged: nobody chooses what is in them.
 *
 * @param name without its unit, such as `recoveryPointRetention`
 * @param problemOf what is wrong with so many hours; undefined = nothing
 */
export function judgeHours(
  resource: RuleResource,
  name: string,
  problemOf: (hours: number) => string | undefined,
): Verdict[] {
  const { kind, inputs } = resource;
  if (kind !== "ReplicationPolicy" || isWayBack(own(inputs, "instanceType"))) return [];
  const units = [
    { key: `${name}Minutes`, perHour: 60 },
    { key: `${name}Hours`, perHour: 1 },
  ];
  return units.flatMap(({ key, perHour }) => {
    const value = own(inputs, key);
    if (isUnknown(value)) return [undecided(resource, [key])];
    const given = asNumber(value);
    const problem = given === undefined ? undefined : problemOf(given / perHour);
    return problem === undefined ? [] : [violation(`${key} is ${given}: ${problem}`)];
  });
}
