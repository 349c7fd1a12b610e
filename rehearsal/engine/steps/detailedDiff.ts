import { deepEqual, isObject, type PropertyMap, type PropertyValue } from "../propertyValues.js";
import type { PropertyDiff } from "../providers/resourceProviderHost.js";
import { formatPropertyPath, type PathElement } from "./propertyPath.js";

/**
 * Compares inputs where a provider leaves that to the engine: the top-level names that differ, and each place that
 * does by its path. `undefined` if nothing differs.
 */
export function detailedDiff(
  old: PropertyMap,
  current: PropertyMap,
): { changedKeys: string[]; detailed: Record<string, PropertyDiff> } | undefined {
  const detailed: Record<string, PropertyDiff> = {};
  const changedKeys = [...new Set([...Object.keys(old), ...Object.keys(current)])]
    .filter((key) => !deepEqual(old[key], current[key]))
    .sort();
  for (const key of changedKeys) {
    addDifferences([key], old[key], current[key], detailed);
  }
  return changedKeys.length === 0 ? undefined : { changedKeys, detailed };
}

function addDifferences(
  path: PathElement[],
  old: PropertyValue | undefined,
  current: PropertyValue | undefined,
  found: Record<string, PropertyDiff>,
): void {
  if (deepEqual(old, current)) {
    return;
  }
  if (Array.isArray(old) && Array.isArray(current)) {
    for (let i = 0; i < Math.max(old.length, current.length); i++) {
      addDifferences([...path, i], old[i], current[i], found);
    }
  } else if (isObject(old) && isObject(current)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(current)])) {
      addDifferences([...path, key], old[key], current[key], found);
    }
  } else {
    const kind = isAbsent(old) ? "add" : isAbsent(current) ? "delete" : "update";
    found[formatPropertyPath(path)] = { kind, isReplacing: false, inputDiff: true };
  }
}

function isAbsent(value: PropertyValue | undefined): boolean {
  return value === undefined || value === null;
}
