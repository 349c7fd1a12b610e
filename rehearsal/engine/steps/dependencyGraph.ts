import { dependencyUrns, type ResourceState } from "../state/resourceState.js";

/** The resources that depend, directly or not, on `root`, in the order of `resources`, which is topological. */
export function dependentsOf(
  root: ResourceState,
  resources: readonly ResourceState[],
  ignored: ReadonlySet<string>,
): ResourceState[] {
  const reached = new Set([root.urn]);
  const dependents: ResourceState[] = [];
  for (const candidate of resources.slice(resources.indexOf(root) + 1)) {
    if (!ignored.has(candidate.urn) && [...dependencyUrns(candidate)].some((urn) => reached.has(urn))) {
      dependents.push(candidate);
      reached.add(candidate.urn);
    }
  }
  return dependents;
}

/**
 * Orders resources that must go into waves: everything in a wave may be deleted at once, and what depends on a
 * resource, or is its child, goes in an earlier wave than the resource.
 *
 * @param all all resources, in topological order; `condemned` are some of them.
 */
export function deleteWaves<T extends { old: ResourceState }>(
  condemned: readonly T[],
  all: readonly ResourceState[],
): T[][] {
  const byState = new Map(condemned.map((item) => [item.old, item]));
  // A component stands for its children too: who depends on it must go before them.
  const childrenOf = new Map<string, ResourceState[]>();
  const levelOf = new Map<ResourceState, number>();
  const seenByUrn = new Map<string, ResourceState[]>();
  for (const state of all) {
    const needed = new Set(dependencyUrns(state));
    if (state.parent !== undefined) {
      needed.add(state.parent);
    }
    let level = 0;
    for (const urn of needed) {
      for (const dependency of seenByUrn.get(urn) ?? []) {
        level = Math.max(level, levelAfter(dependency));
        if (!dependency.custom && urn !== state.parent) {
          for (const child of descendants(dependency.urn)) {
            level = Math.max(level, levelAfter(child));
          }
        }
      }
    }
    levelOf.set(state, level);
    push(seenByUrn, state.urn, state);
    if (state.parent !== undefined) {
      push(childrenOf, state.parent, state);
    }
  }
  const waves: T[][] = [];
  for (const [state, item] of byState) {
    const level = levelOf.get(state) ?? 0;
    let wave = waves[level];
    while (wave === undefined) {
      waves.push([]);
      wave = waves[level];
    }
    wave.push(item);
  }
  return waves.reverse().filter((wave) => wave.length > 0);

  // What stays does not hold anybody up, but what it depends on does.
  function levelAfter(dependency: ResourceState): number {
    return (levelOf.get(dependency) ?? 0) + (byState.has(dependency) ? 1 : 0);
  }

  function descendants(urn: string): ResourceState[] {
    return (childrenOf.get(urn) ?? []).flatMap((child) => [child, ...descendants(child.urn)]);
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) {
    map.set(key, [value]);
  } else {
    values.push(value);
  }
}
