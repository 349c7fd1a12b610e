import type { Step } from "../events.js";
import { HiddenPaths } from "./hiddenPaths.js";
import { diffObjects, forDisplay } from "./propertyDiff.js";
import { toldDifferences } from "./stepDiff.js";

/** What changed, by the names of properties: `diff: +added~changed-gone`. Empty where there is nothing to say. */
export function shortDiff(step: Step): string {
  const { old, new: current } = step;
  if (old === undefined || current === undefined) {
    return "";
  }
  const diff =
    step.op === "same"
      ? undefined
      : step.detailedDiff === undefined
        ? diffObjects(forDisplay(old.inputs), forDisplay(current.inputs))
        : toldDifferences(step, false, new HiddenPaths(step));
  const updates = new Set(diff?.updates.keys());
  let hasDiff = diff !== undefined;
  if (old.provider !== current.provider) {
    updates.add("provider");
    hasDiff = true;
  }
  if ((old.protect === true) !== (current.protect === true)) {
    updates.add("protect");
    hasDiff = true;
  }
  if (!hasDiff) {
    return "";
  }
  const only = step.diffKeys;
  const list = (prefix: string, keys: Iterable<string>): string => {
    const shown = [...keys].filter((key) => only === undefined || only.includes(key)).sort();
    return shown.length === 0 ? "" : prefix + shown.join(",");
  };
  return `diff: ${list("+", diff?.adds.keys() ?? [])}${list("-", diff?.deletes.keys() ?? [])}${list("~", updates)}`;
}
