/** What Pulumi sends in a preview in the place of a value that is not known yet. */
export const unknownMarker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The words a person reads for it. */
export const knownAfterApply = "known after apply";

export function isUnknown(value: unknown): boolean {
  return value === unknownMarker;
}

/** True where the marker stands anywhere inside a plain value. */
export function containsUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (typeof value === "object" && value !== null) return Object.values(value).some(containsUnknown);
  return false;
}
