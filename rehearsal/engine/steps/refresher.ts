import { isDeepStrictEqual } from "node:util";
import type { Step, StepOp } from "../events.js";
import { deepEqual, unwrapSecretProperties } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";
import { isDefaultProvider, isProviderType } from "../urn.js";
import type { Operation } from "./operation.js";
import { identityOf, withOutputs } from "./stepRunner.js";

/**
 * Reads all resources anew, in parallel, and answers the states that result, in the same order. A resource that
 * cannot be read keeps its state; the failure is reported, and the others go on.
 *
 * What a refresh reports as updated is what the provider's `diff` says of the new outputs and the inputs on record;
 * new outputs are kept even if it says nothing.
 */
export async function refreshResources(operation: Operation): Promise<ResourceState[]> {
  const { base } = operation.store;
  const refreshed = new Map<ResourceState, ResourceState | undefined>();
  await operation.executor.runAll(
    base.map((old) => async () => {
      if (!isDefaultProvider(old.urn)) {
        refreshed.set(old, await refreshOne(operation, old));
      }
    }),
  );
  const kept = base
    .map((old) => (refreshed.has(old) ? refreshed.get(old) : old))
    .filter((state) => state !== undefined);
  const keptUrns = new Set(kept.map(({ urn }) => urn));
  return withoutReferencesTo(new Set(base.map(({ urn }) => urn).filter((urn) => !keptUrns.has(urn))), kept);
}

async function refreshOne(operation: Operation, old: ResourceState): Promise<ResourceState | undefined> {
  const step: Step = { op: "refresh", urn: old.urn, type: old.type, old, new: old, isLogical: true };
  operation.stepStarted(step);
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement === true) {
    operation.stepEnded({ ...step, resultOp: "same" });
    return old;
  }
  try {
    const provider = await operation.providers.forType(old.type);
    const oldInputs = old.inputs ?? {};
    const result = await provider.read(identityOf(old), old.id ?? "", oldInputs, old.outputs ?? {});
    if (result.id === "") {
      const { new: _, ...deleted } = step;
      operation.stepEnded({ ...deleted, resultOp: "delete" });
      return undefined;
    }
    const { initErrors: _, ...healthy } = old;
    const inputs = result.inputs ?? oldInputs;
    const state = withOutputs({ ...healthy, id: result.id, inputs }, result.outputs);
    const isChanged = !isDeepStrictEqual([state.inputs, state.outputs], [old.inputs, old.outputs]);
    const current = isChanged ? { ...state, modified: new Date().toISOString() } : state;
    const resultOp = await reportedChange(operation, old, current);
    operation.stepEnded({ ...step, new: current, resultOp });
    return current;
  } catch (error) {
    operation.stepFailed(step, error instanceof Error ? error.message : String(error));
    return old;
  }
}

async function reportedChange(operation: Operation, old: ResourceState, current: ResourceState): Promise<StepOp> {
  if (old.external === true) {
    return deepEqual(old.outputs ?? {}, current.outputs ?? {}) ? "same" : "update";
  }
  const provider = await operation.providers.forType(old.type);
  const inputs = current.inputs ?? {};
  const oldInputs = old.inputs ?? {};
  const diff = await provider.diff(
    identityOf(old),
    current.id ?? "",
    inputs,
    current.outputs ?? {},
    oldInputs,
    old.ignoreChanges ?? [],
  );
  if (diff.changes === "unknown") {
    return deepEqual(unwrapSecretProperties(inputs), unwrapSecretProperties(oldInputs)) ? "same" : "update";
  }
  return diff.changes === "some" ? "update" : "same";
}

/** Takes resources that are gone out of what the others refer to. */
function withoutReferencesTo(gone: ReadonlySet<string>, states: ResourceState[]): ResourceState[] {
  if (gone.size === 0) {
    return states;
  }
  return states.map((state) => {
    const cleaned = { ...state };
    if (state.parent !== undefined && gone.has(state.parent)) {
      delete cleaned.parent;
    }
    const dependencies = (state.dependencies ?? []).filter((urn) => !gone.has(urn));
    if (dependencies.length > 0) {
      cleaned.dependencies = dependencies;
    } else {
      delete cleaned.dependencies;
    }
    if (state.propertyDependencies !== undefined) {
      cleaned.propertyDependencies = Object.fromEntries(
        Object.entries(state.propertyDependencies).map(([key, urns]) => [
          key,
          urns.filter((urn) => !gone.has(urn)),
        ]),
      );
    }
    return cleaned;
  });
}
