import type { ProviderDiff } from "../providers/resourceProviderHost.js";
import { containsPath, type PathElement, parsePropertyPath } from "./propertyPath.js";

/** The path by which `replaceOnChanges` means a resource that is not as it was wanted. */
const initErrorPath = "#initerror";

/**
 * A diff in which the changes at the paths of the option `replaceOnChanges` replace the resource. What came half-way
 * counts as a change at every path that leads to `#initerror`, such as `*`.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/options/replaceonchanges/
 */
export function applyReplaceOnChanges(
  diff: ProviderDiff,
  replaceOnChanges: readonly string[],
  hasInitErrors: boolean,
): ProviderDiff {
  const paths = replaceOnChanges.map(parsePropertyPath).filter((path) => path !== undefined);
  if (paths.length === 0 || (diff.changes !== "some" && !hasInitErrors)) {
    return diff;
  }
  const isCovered = (text: string): boolean => {
    const path: PathElement[] | undefined = parsePropertyPath(text);
    return path !== undefined && paths.some((cover) => containsPath(cover, path));
  };
  const replaces = new Set([...diff.replaces, ...(diff.changedKeys ?? []).filter(isCovered)]);
  const applied: ProviderDiff = { ...diff };
  if (diff.detailed !== undefined) {
    applied.detailed = Object.fromEntries(
      Object.entries(diff.detailed).map(([path, property]) => [
        path,
        isCovered(path) ? { ...property, isReplacing: true } : property,
      ]),
    );
  }
  if (hasInitErrors && isCovered(initErrorPath)) {
    replaces.add(initErrorPath);
    applied.changes = "some";
    if (applied.detailed !== undefined) {
      applied.detailed[initErrorPath] = { kind: "update", isReplacing: true, inputDiff: false };
    }
  }
  return { ...applied, replaces: [...replaces] };
}
