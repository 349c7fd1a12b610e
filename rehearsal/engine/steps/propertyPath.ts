import { isObject, isSecret, type PropertyMap, type PropertyValue } from "../propertyValues.js";

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

/** A path as text: the shortest form that {@link parsePropertyPath} reads. */
export function formatPropertyPath(path: readonly PathElement[]): string {
  return path
    .map((element, i) => {
      if (typeof element === "number") {
        return `[${element}]`;
      }
      if (/[.[\]"]/.test(element) || element === "") {
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

function resetPath(path: PathElement[], old: PropertyValue | undefined, current: PropertyValue): boolean {
  const [head, ...rest] = path;
  if (head === undefined) {
    return true;
  }
  if (isSecret(old) || isSecret(current)) {
    return isSecret(old) === isSecret(current) && isSecret(old) && isSecret(current)
      ? resetPath(path, old.value, current.value)
      : false;
  }
  if (head === "*") {
    if (Array.isArray(old) && Array.isArray(current)) {
      if (rest.length === 0) {
        current.splice(0, current.length, ...old);
        return true;
      }
      return (
        current.length === old.length &&
        current.map((_, i) => resetPath([i, ...rest], old, current)).every(Boolean)
      );
    }
    if (isObject(old) && isObject(current)) {
      const keys = new Set([...Object.keys(old), ...Object.keys(current)]);
      return [...keys].map((key) => resetPath([key, ...rest], old, current)).every(Boolean);
    }
    return true;
  }
  if (typeof head === "number") {
    if (!Array.isArray(old) || !Array.isArray(current)) {
      return !Array.isArray(old) && !Array.isArray(current);
    }
    const oldItem = old[head];
    const item = current[head];
    if (oldItem === undefined || item === undefined) {
      return oldItem === undefined && item === undefined;
    }
    if (rest.length === 0) {
      current[head] = oldItem;
      return true;
    }
    return resetPath(rest, oldItem, item);
  }
  if (!isObject(old) || !isObject(current)) {
    return !isObject(old) && !isObject(current);
  }
  if (rest.length === 0) {
    const oldValue = old[head];
    if (oldValue === undefined) {
      delete current[head];
    } else {
      current[head] = structuredClone(oldValue);
    }
    return true;
  }
  const oldChild = old[head];
  const child = current[head];
  if (oldChild === undefined || child === undefined) {
    return oldChild === undefined && child === undefined;
  }
  return resetPath(rest, oldChild, child);
}
