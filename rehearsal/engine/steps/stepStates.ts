import { isDeepStrictEqual } from "node:util";
import type { Step } from "../events.js";
import { isSecret, makeSecret, type PropertyMap } from "../propertyValues.js";
import type { ProviderDiff, ResourceIdentity } from "../providers/resourceProviderHost.js";
import type { ResourceState } from "../state/resourceState.js";
import { nameOf } from "../urn.js";

/** How a provider is told which resource a call is about. */
export function identityOf(state: { urn: string; type: string }): ResourceIdentity {
  return { urn: state.urn, type: state.type, name: nameOf(state.urn) };
}

/**
 * Sets a resource's outputs, secret where its options say so or where an input of the same name is.
 */
export function withOutputs(state: ResourceState, outputs: PropertyMap | undefined): ResourceState {
  if (outputs === undefined) {
    return state;
  }
  const marked: PropertyMap = { ...outputs };
  const secretKeys = Object.keys(marked).filter((key) => isSecret(state.inputs?.[key]));
  for (const key of [...(state.additionalSecretOutputs ?? []), ...secretKeys]) {
    const value = marked[key];
    if (value !== undefined && !isSecret(value)) {
      marked[key] = makeSecret(value);
    }
  }
  return { ...state, outputs: marked };
}

/** What a step tells of the diff that led to it. */
export type DescribedDiff = Pick<ProviderDiff, "replaces" | "changedKeys" | "detailed">;

export function describeDiff(diff: DescribedDiff | undefined): Partial<Step> {
  return {
    ...(diff === undefined || diff.replaces.length === 0 ? {} : { replaceKeys: diff.replaces }),
    ...(diff?.changedKeys === undefined ? {} : { diffKeys: diff.changedKeys }),
    ...(diff?.detailed === undefined ? {} : { detailedDiff: diff.detailed }),
  };
}

/** A read keeps the times of before, unless it found something else. */
export function readTimes(old: ResourceState, current: ResourceState): Partial<ResourceState> {
  const isChanged = !isDeepStrictEqual([old.inputs, old.outputs], [current.inputs, current.outputs]);
  return {
    ...(old.created === undefined ? {} : { created: old.created }),
    ...(isChanged
      ? { modified: new Date().toISOString() }
      : old.modified === undefined
        ? {}
        : { modified: old.modified }),
  };
}

export function keptFields(old: ResourceState): Partial<ResourceState> {
  return {
    ...(old.id === undefined ? {} : { id: old.id }),
    ...(old.outputs === undefined ? {} : { outputs: old.outputs }),
    ...(old.created === undefined ? {} : { created: old.created }),
    ...(old.modified === undefined ? {} : { modified: old.modified }),
  };
}

export function timestamps(): Partial<ResourceState> {
  const now = new Date().toISOString();
  return { created: now, modified: now };
}

export function withReasons(reasons: string[]): Partial<ResourceState> {
  return reasons.length > 0 ? { initErrors: reasons } : {};
}
