import { isObject, isSecret, type PropertyValue, unknownValue } from "../propertyValues.js";

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
