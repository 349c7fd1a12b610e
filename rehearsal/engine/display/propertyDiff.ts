import {
  deepEqual,
  isObject,
  isResourceReference,
  isSecret,
  type PropertyMap,
  type PropertyValue,
} from "../propertyValues.js";
import type { PathElement } from "../steps/propertyPath.js";

/** How two values differ. Without `array` and `object` they differ as wholes. */
export interface ValueDiff {
  old: PropertyValue;
  new: PropertyValue;
  array?: ItemDiff<number>;
  object?: ObjectDiff;
}

interface ItemDiff<Key> {
  adds: Map<Key, PropertyValue>;
  deletes: Map<Key, PropertyValue>;
  sames: Map<Key, PropertyValue>;
  updates: Map<Key, ValueDiff>;
}

/** How two bags of properties differ, by key. */
export type ObjectDiff = ItemDiff<string>;

/** Tells whether what is at a path is not to be compared. */
export type IsHidden = (path: readonly PathElement[]) => boolean;

/** A difference of nothing, to add to. */
export function emptyDiff<Key>(): ItemDiff<Key> {
  return { adds: new Map(), deletes: new Map(), sames: new Map(), updates: new Map() };
}

/** What stands for any secret while properties are shown: one equals the other, whatever is in it. */
export const shownSecret = "\u0000[secret]";

/** The properties as they may be shown: no secret, and none of Pulumi's internal keys at any level. */
export function forDisplay(properties: PropertyMap | undefined): PropertyMap {
  return Object.fromEntries(Object.entries(properties ?? {}).map(([key, value]) => [key, hideSecrets(value)]));
}

function hideSecrets(value: PropertyValue): PropertyValue {
  if (isSecret(value)) {
    return shownSecret;
  }
  if (Array.isArray(value)) {
    return value.map(hideSecrets);
  }
  return isObject(value) ? forDisplay(value) : value;
}

/** True for the keys that Pulumi keeps to itself, such as `__provider`. */
export function isInternalKey(key: string): boolean {
  return key.startsWith("__");
}

/**
 * Compares two bags of properties made by {@link forDisplay}. `undefined` if nothing differs.
 *
 * @param isHidden tells which places to leave out.
 * @param path where in a resource's properties the two are.
 */
export function diffObjects(
  old: PropertyMap,
  current: PropertyMap,
  isHidden: IsHidden = () => false,
  path: readonly PathElement[] = [],
): ObjectDiff | undefined {
  const diff: ObjectDiff = emptyDiff();
  const isLeftOut = (key: string): boolean => isInternalKey(key) || isHidden([...path, key]);
  for (const [key, value] of Object.entries(current)) {
    const before = old[key];
    if (isLeftOut(key)) {
      continue;
    }
    if (before === undefined) {
      diff.adds.set(key, value);
      continue;
    }
    const update = diffValues(before, value, isHidden, [...path, key]);
    if (update === undefined) {
      diff.sames.set(key, value);
    } else {
      diff.updates.set(key, update);
    }
  }
  for (const [key, value] of Object.entries(old)) {
    if (current[key] === undefined && !isLeftOut(key)) {
      diff.deletes.set(key, value);
    }
  }
  return isEmpty(diff) ? undefined : diff;
}

/** Compares two values, as {@link diffObjects} does. `undefined` if they are equal. */
export function diffValues(
  old: PropertyValue,
  current: PropertyValue,
  isHidden: IsHidden = () => false,
  path: readonly PathElement[] = [],
): ValueDiff | undefined {
  if (Array.isArray(old) && Array.isArray(current)) {
    const array: ItemDiff<number> = emptyDiff();
    for (let i = 0; i < Math.max(old.length, current.length); i++) {
      const before = old[i];
      const after = current[i];
      if (before === undefined && after !== undefined) {
        array.adds.set(i, after);
      } else if (before !== undefined && after === undefined) {
        array.deletes.set(i, before);
      } else if (before !== undefined && after !== undefined) {
        const update = diffValues(before, after, isHidden, [...path, i]);
        if (update === undefined) {
          array.sames.set(i, before);
        } else {
          array.updates.set(i, update);
        }
      }
    }
    return isEmpty(array) ? undefined : { old, new: current, array };
  }
  if (isPlainObject(old) && isPlainObject(current)) {
    const object = diffObjects(old, current, isHidden, path);
    return object === undefined ? undefined : { old, new: current, object };
  }
  return deepEqual(old, current) ? undefined : { old, new: current };
}

function isPlainObject(value: PropertyValue): value is PropertyMap {
  return isObject(value) && !isResourceReference(value);
}

function isEmpty<Key>(diff: ItemDiff<Key>): boolean {
  return diff.adds.size === 0 && diff.deletes.size === 0 && diff.updates.size === 0;
}

/** All keys of a difference, sorted, those that stayed the same included. */
export function diffKeys(diff: ObjectDiff): string[] {
  return [...diff.adds.keys(), ...diff.deletes.keys(), ...diff.sames.keys(), ...diff.updates.keys()].sort();
}
