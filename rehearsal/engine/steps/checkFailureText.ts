import type { PropertyMap } from "../propertyValues.js";
import { isObject, isSecret, type PropertyValue, unknownValue } from "../propertyValues.js";
import type { CheckFailure } from "../providers/resourceProviderHost.js";
import type { ResourceState } from "../state/resourceState.js";
import { nameOf } from "../urn.js";

/**
 * A value as Pulumi's messages about refused inputs print it: `{text}`, `{map[a:{1}]}`, `{[{1} {2}]}`, `{<nil>}` for
 * what is not there. Secrets are not printed.
 */
export function formatCheckedValue(value: PropertyValue | undefined): string {
  if (value === undefined || value === null) {
    return "{<nil>}";
  }
  if (value === unknownValue) {
    return "{[unknown]}";
  }
  if (isSecret(value)) {
    return "{[secret]}";
  }
  if (Array.isArray(value)) {
    return `{[${value.map(formatCheckedValue).join(" ")}]}`;
  }
  if (isObject(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{map[${entries.map(([key, child]) => `${key}:${formatCheckedValue(child)}`).join(" ")}]}`;
  }
  return `{${String(value)}}`;
}

/** What the user is told of one input that a provider refused. */
export function checkFailureText(state: ResourceState, failure: CheckFailure, inputs: PropertyMap): string {
  const subject = `${state.type} resource '${nameOf(state.urn)}'`;
  return failure.property === ""
    ? `${subject} has a problem: ${failure.reason}`
    : `${subject}: property ${failure.property} value ${formatCheckedValue(inputs[failure.property])} has a problem: ${failure.reason}`;
}
