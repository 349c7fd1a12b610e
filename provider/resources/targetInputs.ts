/** What a drill and a failover check alike: both act on a target, from a recovery point, for people who must connect. */

import type { z } from "zod";
import { isUnknown } from "../connectivity/unknown.js";
import { refusalOfChoice } from "../lifecycle/recoveryPoints.js";
import { certificateFailures } from "./certificates.js";
import { accessFailures } from "./connectivity.js";
import type { CheckFailure, Properties } from "./handler.js";
import { type ParsedTarget, parseTarget } from "./ids.js";
import { show, type Validated, validate } from "./validate.js";

/** Validates the inputs; `target` is undefined while its id is unknown or wrong. */
export function validateTargeted(
  schema: z.ZodObject,
  news: Properties,
): Validated & { target: ParsedTarget | undefined } {
  const { inputs, failures } = validate(schema, news);
  const target = typeof inputs.targetId === "string" ? parseTarget(inputs.targetId) : undefined;
  if (target && typeof inputs.recoveryPoint === "string" && !isUnknown(inputs.recoveryPoint)) {
    const refusal = refusalOfChoice(inputs.recoveryPoint, target.kind);
    if (refusal)
      failures.push({ property: "recoveryPoint", reason: `value ${show(inputs.recoveryPoint)} ${refusal}` });
  }
  failures.push(...accessFailures(inputs, failures), ...certificateFailures(inputs, failures));
  return { inputs, failures, target };
}

/** True where one of these inputs, or something in it, is wrong. */
export function isWrong(failures: readonly CheckFailure[], keys: readonly string[]): boolean {
  return failures.some(({ property }) => keys.includes(keyOf(property)));
}

/** The inputs that nothing is wrong with. */
export function without(inputs: Properties, failures: readonly CheckFailure[]): Properties {
  const wrong = failures.map(({ property }) => keyOf(property));
  return Object.fromEntries(Object.entries(inputs).filter(([key]) => !wrong.includes(key)));
}

function keyOf(property: string): string {
  return property.split(/[.[]/)[0] ?? property;
}
