import { isObject, isSecret, makeSecret, type PropertyMap, type PropertyValue } from "../propertyValues.js";

/** One step of a property path: a key, `*` for any, or an index. */
export type PathElement = string | number;

/**
 * Parses a property path as resource options write it: `root`, `root.nested`, `root["nested"]`, `root.array[0]`,
 * `root.array[*]`. Answers `undefined` for what is not one.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/options/ignorechanges/
 */
export function parsePropertyPath(text: string): PathElement[] | undefined {
  const elements: PathElement[] = [];
  const pattern = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[(\*)\]/y;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null || pattern.lastIndex === at) {
      return undefined;
    }
    const [, name, index, quoted, wildcard] = match;
    elements.push(
      index === undefined ? (name ?? wildcard ?? (quoted ?? "").replace(/\\(.)/g, "$1")) : Number(index),
    );
  }
  return elements.length === 0 ? undefined : elements;
}

/** True if everything below `path` is at or below a place that `cover` means. */
export function containsPath(cover: readonly PathElement[], path: readonly PathElement[]): boolean {
  return cover.length <= path.length && cover.every((element, i) => element === "*" || element === path[i]);
}

/** A path as text, in the form that Pulumi writes: keys of anything but letters, digits and `_` are quoted. */
export function formatPropertyPath(path: readonly PathElement[]): string {
  return path
    .map((element, i) => {
      if (typeof element === "number") {
        return `[${element}]`;
      }
      if (!/^\w+$/.test(element)) {
        return `["${element.replaceAll('"', '\\"')}"]`;
      }
      return i === 0 ? element : `.${element}`;
    })
    .join("");
}

/**
 * The new inputs with the values at `paths` put back to what they were. Also answers the paths that could not be:
 * those that lead through something that was added or removed.
 */
export function resetIgnoredChanges(
  inputs: PropertyMap,
  oldInputs: PropertyMap,
  paths: readonly string[],
): { inputs: PropertyMap; invalidPaths: string[] } {
  const reset = structuredClone(inputs);
  const invalidPaths = paths.filter((text) => {
    const path = parsePropertyPath(text);
    return path !== undefined && !resetPath(path, oldInputs, reset);
  });
  return { inputs: reset, invalidPaths };
}

/** True where a path leads to the end in both, or ends in neither. */
function resetPath(
  path: readonly PathElement[],
  oldValue: PropertyValue | undefined,
  newValue: PropertyValue | undefined,
  isInSecret = false,
): boolean {
  const [head, ...rest] = path;
  if (head === undefined) {
    return false;
  }
  // What was secret stays so where it is put into what is not.
  const isSecretLost = (isInSecret || isSecret(oldValue)) && !isSecret(newValue);
  const old = content(oldValue);
  const current = content(newValue);
  const put = (value: PropertyValue): PropertyValue => {
    const copy = structuredClone(value);
    return isSecretLost && !isSecret(copy) ? makeSecret(copy) : copy;
  };
  if (typeof head === "number") {
    return resetIndex(head, rest, old, current, put, isSecretLost);
  }
  if (head === "*") {
    return resetAll(rest, old, current, put, isSecretLost);
  }
  const oldChild = isObject(old) ? old[head] : undefined;
  if (rest.length > 0) {
    if (!isObject(old) || !isObject(current)) {
      return !isObject(old) && !isObject(current);
    }
    const child = current[head];
    if (child === undefined) {
      return oldChild === undefined;
    }
    return resetPath(rest, oldChild, child, isSecretLost);
  }
  if (!isObject(current)) {
    return oldChild === undefined;
  }
  if (oldChild === undefined) {
    delete current[head];
  } else {
    current[head] = put(oldChild);
  }
  return true;
}

function resetIndex(
  index: number,
  rest: readonly PathElement[],
  old: PropertyValue | undefined,
  current: PropertyValue | undefined,
  put: (value: PropertyValue) => PropertyValue,
  isInSecret: boolean,
): boolean {
  if (!Array.isArray(old) || !Array.isArray(current)) {
    return !Array.isArray(old) && !Array.isArray(current);
  }
  const [oldItem, item] = [old[index], current[index]];
  if (oldItem === undefined || item === undefined) {
    return rest.length === 0 && oldItem === undefined && item === undefined;
  }
  if (rest.length > 0) {
    return resetPath(rest, oldItem, item, isInSecret);
  }
  current[index] = put(oldItem);
  return true;
}

function resetAll(
  rest: readonly PathElement[],
  old: PropertyValue | undefined,
  current: PropertyValue | undefined,
  put: (value: PropertyValue) => PropertyValue,
  isInSecret: boolean,
): boolean {
  if (Array.isArray(current) && (Array.isArray(old) || rest.length === 0)) {
    if (!Array.isArray(old)) {
      return true;
    }
    for (const [i, oldItem] of old.slice(0, current.length).entries()) {
      if (rest.length === 0) {
        current[i] = put(oldItem);
      } else if (!resetPath(rest, oldItem, current[i], isInSecret)) {
        return false;
      }
    }
    return old.length === current.length;
  }
  if (!isObject(current) || (!isObject(old) && rest.length > 0)) {
    return false;
  }
  if (!isObject(old)) {
    return true;
  }
  if (rest.length > 0) {
    return Object.keys(old).every(
      (key) => current[key] !== undefined && resetPath(rest, old[key], current[key], isInSecret),
    );
  }
  for (const [key, value] of Object.entries(old)) {
    current[key] = put(value);
  }
  for (const key of Object.keys(current).filter((name) => old[name] === undefined)) {
    delete current[key];
  }
  return true;
}

function content(value: PropertyValue | undefined): PropertyValue | undefined {
  return isSecret(value) ? content(value.value) : value;
}
