import { dependencyUrns, neededUrns, type ResourceState } from "../state/resourceState.js";

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
 * The URNs of the resources that `isRoot` names and of all that depends on them, children included.
 *
 * @param resources all resources, in topological order.
 */
export function withDependents(
  resources: readonly ResourceState[],
  isRoot: (urn: string) => boolean,
): ReadonlySet<string> {
  const reached = new Set<string>();
  for (const state of resources) {
    if (isRoot(state.urn) || [...neededUrns(state)].some((urn) => reached.has(urn))) {
      reached.add(state.urn);
    }
  }
  return reached;
}

/**
 * The URNs of the resources that `isRoot` names and of all that they need: parents, providers, dependencies, and with
 * a component that one depends on the children of it.
 *
 * @param resources all resources, in topological order.
 * @param addsDependents adds what depends on any of these, and what that needs, too.
 */
export function withDependencies(
  resources: readonly ResourceState[],
  isRoot: (urn: string) => boolean,
  addsDependents: boolean,
): ReadonlySet<string> {
  const reached = new Set(resources.map(({ urn }) => urn).filter(isRoot));
  let size = -1;
  while (reached.size !== size) {
    size = reached.size;
    for (const state of resources.toReversed().filter(({ urn }) => reached.has(urn))) {
      for (const urn of neededUrns(state)) {
        reached.add(urn);
      }
      for (const child of childrenOfDependencies(state, resources)) {
        reached.add(child);
      }
    }
    if (addsDependents) {
      for (const urn of withDependents(resources, (root) => reached.has(root))) {
        reached.add(urn);
      }
    }
  }
  return reached;
}

/** The children, at any depth, of the components that a resource depends on, as far as they come before it. */
function childrenOfDependencies(state: ResourceState, resources: readonly ResourceState[]): Set<string> {
  const dependencies = dependencyUrns(state);
  const components = new Set<string>();
  const children = new Set<string>();
  for (const { urn, custom, parent } of resources.slice(0, resources.indexOf(state))) {
    if (!custom && dependencies.has(urn)) {
      components.add(urn);
    }
    if (parent !== undefined && (components.has(parent) || children.has(parent))) {
      children.add(urn);
    }
  }
  return children;
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
