import type { Step } from "../events.js";
import type { PropertyMap } from "../propertyValues.js";
import { containsPath, type PathElement, parsePropertyPath } from "../steps/propertyPath.js";
import { diffObjects, emptyDiff, type ObjectDiff } from "./propertyDiff.js";

/**
 * The places whose differences a resource's option `hideDiffs` keeps from being shown. Remembers which of them were
 * there to be shown.
 */
export class HiddenPaths {
  private readonly paths: { text: string; path: PathElement[] }[];
  private readonly met = new Set<string>();

  constructor(step: Step) {
    this.paths = ((step.new ?? step.old)?.hideDiff ?? []).flatMap((text) => {
      const path = parsePropertyPath(text);
      return path === undefined ? [] : [{ text, path }];
    });
  }

  /** True if what is at a path is not to be compared. */
  readonly covers = (path: readonly PathElement[]): boolean => {
    const hidden = this.paths.find((cover) => containsPath(cover.path, path));
    if (hidden !== undefined) {
      this.met.add(hidden.text);
    }
    return hidden !== undefined;
  };

  /** The paths that covered anything. */
  get found(): string[] {
    return [...this.met].sort();
  }
}

/** As {@link diffObjects}, but a difference without anything to show where all that there was is hidden. */
export function shownDiff(old: PropertyMap, current: PropertyMap, hidden: HiddenPaths): ObjectDiff | undefined {
  return diffObjects(old, current, hidden.covers) ?? (hidden.found.length > 0 ? emptyDiff() : undefined);
}
