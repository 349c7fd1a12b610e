/** The differences of a resource's inputs path by path, as a preview shows them. */

import { type DiffResponse, diffChanges, propertyDiffKinds } from "../../protocol/provider.js";
import { isUnknown } from "../connectivity/unknown.js";
import { sameValue } from "../resources/compare.js";
import type { DiffResult, Properties } from "../resources/handler.js";

export interface PropertyDifference {
  kind: "add" | "delete" | "update";
  isReplacement: boolean;
  /** True where old and new inputs differ; false where what Azure has differs from what was declared. */
  isInput: boolean;
}

/**
 * Every path that differs, for the properties that the handler calls changed. What an earlier `up` already stored as an
 * input but could not bring about is found by comparing with the outputs.
 */
export function detailedDiff(
  diff: DiffResult,
  oldInputs: Properties,
  oldOutputs: Properties,
  news: Properties,
): Map<string, PropertyDifference> {
  const found = new Map<string, PropertyDifference>();
  for (const key of diff.changes) {
    const isReplacement = diff.replaces.includes(key);
    const before = found.size;
    compare(oldInputs[key], news[key], key, (path, kind) =>
      found.set(path, { kind, isReplacement, isInput: true }),
    );
    if (found.size > before) continue;
    compare(oldOutputs[key], news[key], key, (path, kind) =>
      found.set(path, { kind, isReplacement, isInput: false }),
    );
    if (found.size === before) found.set(key, { kind: "update", isReplacement, isInput: false });
  }
  return found;
}

function compare(
  old: unknown,
  wanted: unknown,
  path: string,
  tell: (path: string, kind: PropertyDifference["kind"]) => void,
): void {
  if (!isUnknown(wanted) && sameValue(old, wanted)) return;
  if (isAbsent(old)) tell(path, "add");
  else if (isAbsent(wanted)) tell(path, "delete");
  else if (Array.isArray(old) && Array.isArray(wanted)) {
    const length = Math.max(old.length, wanted.length);
    for (let index = 0; index < length; index += 1) compare(old[index], wanted[index], `${path}[${index}]`, tell);
  } else if (isObject(old) && isObject(wanted)) {
    for (const key of [...new Set([...Object.keys(old), ...Object.keys(wanted)])].sort())
      compare(old[key], wanted[key], join(path, key), tell);
  } else tell(path, "update");
}

/** A path of Pulumi: a key with anything but letters, digits and `_` stands in brackets. */
function join(path: string, key: string): string {
  return /^\w+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A difference in the words of the protocol. @param differences by path; none where they were not looked for */
export function diffResponse(
  diff: DiffResult,
  differences: ReadonlyMap<string, PropertyDifference> = new Map(),
): Partial<DiffResponse> {
  if (!diff.hasChanges) return { changes: diffChanges.none };
  const detailed = [...differences].map(([path, { kind, isReplacement, isInput }]) => {
    const word = isReplacement ? (`${kind}Replace` as const) : kind;
    return [path, { kind: propertyDiffKinds[word], isInputDiff: isInput }] as const;
  });
  return {
    changes: diffChanges.some,
    replaces: diff.replaces,
    diffs: diff.changes,
    deleteBeforeReplace: diff.deleteBeforeReplace,
    hasDetailedDiff: detailed.length > 0,
    detailedDiff: Object.fromEntries(detailed),
  };
}
