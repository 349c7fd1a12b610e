import { neededUrns, type ResourceState } from "./resourceState.js";

/**
 * Puts resources in an order in which each comes after all that it needs, as deployment files must have them. What is
 * in order already stays as it is.
 */
export function inDependencyOrder(states: readonly ResourceState[]): ResourceState[] {
  const waiting = new Map<string, ResourceState[]>();
  for (const state of states) {
    waiting.set(state.urn, [...(waiting.get(state.urn) ?? []), state]);
  }
  const placed = new Set<ResourceState>();
  const placedUrns = new Set<string>();
  const ordered: ResourceState[] = [];
  const place = (state: ResourceState): void => {
    if (placed.has(state)) {
      return;
    }
    placed.add(state);
    for (const urn of neededUrns(state)) {
      const needed = placedUrns.has(urn) ? undefined : waiting.get(urn)?.find((other) => !placed.has(other));
      if (needed !== undefined) {
        place(needed);
      }
    }
    ordered.push(state);
    placedUrns.add(state.urn);
  };
  for (const state of states) {
    place(state);
  }
  return ordered;
}
