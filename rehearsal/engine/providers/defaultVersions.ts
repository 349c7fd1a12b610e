import type { ResourceState } from "../state/resourceState.js";
import { isProviderType, packageOf } from "../urn.js";

/**
 * The versions of packages that providers get for which a program asks for none: the newest that the stack has.
 *
 * @param base the stack's resources.
 */
export function defaultVersions(base: readonly ResourceState[]): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const { type, inputs } of base.filter((state) => isProviderType(state.type))) {
    const version = inputs?.version;
    const known = versions.get(packageOf(type));
    if (typeof version === "string" && (known === undefined || compareVersions(version, known) > 0)) {
      versions.set(packageOf(type), version);
    }
  }
  return versions;
}

/**
 * Compares two semantic versions: below 0 if `a` is older. What follows a `+` does not count.
 *
 * @see https://semver.org/#spec-item-11
 */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [parseVersion(a), parseVersion(b)];
  const byCore = compareLists(first.core, second.core);
  if (byCore !== 0 || first.preRelease.length === 0 || second.preRelease.length === 0) {
    return byCore || second.preRelease.length - first.preRelease.length;
  }
  return compareLists(first.preRelease, second.preRelease);
}

function parseVersion(text: string): { core: string[]; preRelease: string[] } {
  const [core = "", ...preRelease] = (text.split("+")[0] ?? "").split("-");
  return {
    core: core.split("."),
    preRelease: preRelease
      .join("-")
      .split(".")
      .filter((part) => part !== ""),
  };
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (const [i, first] of a.entries()) {
    const second = b[i];
    const order = second === undefined ? 1 : compareIdentifiers(first, second);
    if (order !== 0) {
      return order;
    }
  }
  return a.length - b.length;
}

/** Numbers are older than words. */
function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) {
    return Number(a) - Number(b);
  }
  return isNumber === isOtherNumber ? (a < b ? -1 : a > b ? 1 : 0) : isNumber ? -1 : 1;
}
