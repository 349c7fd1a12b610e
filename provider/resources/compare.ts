/** Comparing what is wanted with what Azure answers. */

import { containsUnknown } from "../connectivity/unknown.js";
import type { DiffResult } from "./handler.js";

/**
 * Deep equality in which ARM ids are equal without case (Azure answers `/Subscriptions/...` to `/subscriptions/...`)
 * and an undefined or null property equals a missing one.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === undefined || a === null || b === undefined || b === null) return (a ?? null) === (b ?? null);
  if (typeof a === "string" && typeof b === "string") return isArmId(a) && a.toLowerCase() === b.toLowerCase();
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((value, index) => sameValue(value, b[index]))
    );
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    sameValue(left[key], right[key]),
  );
}

function isArmId(text: string): boolean {
  return /^\/subscriptions\//i.test(text);
}

/** Among `keys`, those whose values differ. An unknown new value counts as changed. */
export function changedKeys(
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
  keys: readonly string[],
): string[] {
  return keys.filter((key) => containsUnknown(news[key]) || !sameValue(olds[key], news[key]));
}

/**
 * What changed inputs mean for a resource. A value that is not known yet never replaces.
 *
 * @param identity inputs that the ARM id is made of
 * @param fixed other inputs that Azure cannot change in place
 */
export function diffOf(
  changes: string[],
  news: Record<string, unknown>,
  identity: readonly string[],
  fixed: readonly string[] = [],
): DiffResult {
  const replaces = changes.filter(
    (key) => (identity.includes(key) || fixed.includes(key)) && !containsUnknown(news[key]),
  );
  return {
    hasChanges: changes.length > 0,
    changes,
    replaces,
    deleteBeforeReplace: replaces.length > 0 && !replaces.some((key) => identity.includes(key)),
  };
}

/** What Azure answered, in the user's own spelling where it means the same: refresh then shows no difference. */
export function keepSpelling<T>(wanted: T, observed: T): T {
  return sameValue(wanted, observed) ? wanted : observed;
}

/** The entries that have a value: results must hold no `undefined`, or the stock server loses the resource. */
export function defined<T extends Record<string, unknown>>(
  values: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** The same value with the keys of every object in order: for fingerprints. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
