/**
 * Reading what an engine hands to a rule: JSON of any shape, in which any part may be missing, of another type, or not
 * known until the update. Nothing here throws.
 */

export type PlainObject = Readonly<Record<string, unknown>>;

/**
 * What Pulumi sends for a value that is not known in a preview, by type.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go
 */
const unknownValues: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export function isUnknown(value: unknown): boolean {
  return unknownValues.has(value);
}

/** The path to the first value inside that is not known yet; undefined where everything is. */
export function unknownPath(value: unknown, path: readonly string[] = []): readonly string[] | undefined {
  if (isUnknown(value)) return path;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = unknownPath(inner, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A map of names to values; undefined for anything else. */
export function asObject(value: unknown): PlainObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as PlainObject) : undefined;
}

/** An object's own property: a name such as `constructor` is no property that anybody gave. */
export function own(value: unknown, key: string): unknown {
  const object = asObject(value);
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** A list; empty for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text that is known and not empty; undefined for anything else. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && !isUnknown(value) ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The texts of a list; what is none is left out. */
export function asTexts(value: unknown): string[] {
  return asList(value).flatMap((entry) => asText(entry) ?? []);
}

/** Milliseconds since 1970 of an ISO 8601 time; undefined for anything else. */
export function asTime(value: unknown): number | undefined {
  const time = Date.parse(asText(value) ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** The last segment of an ARM id, which is the resource's name. */
export function nameInId(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** "a, b, c and 4 more". */
export function listSome(names: readonly string[], atMost = 8): string {
  const shown = names.slice(0, atMost).join(", ");
  return names.length > atMost ? `${shown} and ${names.length - atMost} more` : shown;
}
