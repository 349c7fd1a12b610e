import type { Step } from "../events.js";
import { isObject, type PropertyValue, unknownValue } from "../propertyValues.js";
import type { PropertyDiff } from "../providers/resourceProviderHost.js";
import { type PathElement, parsePropertyPath } from "../steps/propertyPath.js";
import type { HiddenPaths } from "./hiddenPaths.js";
import {
  diffValues,
  emptyDiff,
  forDisplay,
  type ObjectDiff,
  shownSecret,
  type ValueDiff,
} from "./propertyDiff.js";

/**
 * The differences of a step as its provider told them, each path with its values: of before from the outputs (the
 * inputs where the provider compared those), of after from the inputs. `undefined` if it told none.
 *
 * @param isRefresh true to take what is there now from the outputs: a refresh found it.
 * @param hidden leaves out what the resource's options hide.
 */
export function toldDifferences(step: Step, isRefresh: boolean, hidden: HiddenPaths): ObjectDiff | undefined {
  const root: Partial<ValueDiff> = {};
  const [oldInputs, oldOutputs] = [forDisplay(step.old?.inputs), forDisplay(step.old?.outputs)];
  const [inputs, outputs] = [forDisplay(step.new?.inputs), forDisplay(step.new?.outputs)];
  for (const [text, property] of Object.entries(step.detailedDiff ?? {})) {
    const old = property.inputDiff ? oldInputs : oldOutputs;
    const current = isRefresh && !property.inputDiff ? outputs : inputs;
    const path = parsePropertyPath(text) ?? [text];
    if (!hidden.covers(path)) {
      addDifference(path, property.kind, root, old, current);
    }
  }
  return root.object;
}

function addDifference(
  path: PathElement[],
  kind: PropertyDiff["kind"],
  parent: Partial<ValueDiff>,
  oldParent: PropertyValue | undefined,
  currentParent: PropertyValue | undefined,
): void {
  const [element, ...rest] = path;
  if (element === undefined) {
    return;
  }
  const [old, current] = [child(oldParent, element), child(currentParent, element)];
  if (typeof element === "number") {
    parent.array ??= emptyDiff<number>();
  } else {
    parent.object ??= emptyDiff<string>();
  }
  // The two forms differ in nothing but the type of their keys.
  const diff = (typeof element === "number" ? parent.array : parent.object) as ReturnType<
    typeof emptyDiff<PathElement>
  >;
  if (rest.length === 0) {
    if (kind === "add") {
      diff.adds.set(element, current === undefined ? unknownValue : current);
    } else if (kind === "delete") {
      diff.deletes.set(element, old === undefined ? unknownValue : old);
    } else {
      const values = { old: old ?? null, new: current ?? null };
      diff.updates.set(element, diffValues(values.old, values.new) ?? values);
    }
  } else if (isAbsent(old) && !isAbsent(current)) {
    diff.adds.set(element, current ?? null);
  } else if (!isAbsent(old) && isAbsent(current)) {
    diff.deletes.set(element, old ?? null);
  } else {
    const update = diff.updates.get(element) ?? ({ old: null, new: null } as ValueDiff);
    addDifference(rest, kind, update, old, current);
    diff.updates.set(element, update);
  }
}

/** What an element leads to. Nobody can look into what is unknown or secret: there it stays what it is. */
function child(value: PropertyValue | undefined, element: PathElement): PropertyValue | undefined {
  if (value === unknownValue || value === shownSecret) {
    return value;
  }
  if (Array.isArray(value)) {
    return typeof element === "number" ? value[element] : undefined;
  }
  return isObject(value) && typeof element === "string" ? value[element] : undefined;
}

function isAbsent(value: PropertyValue | undefined): boolean {
  return value === undefined || value === null;
}
