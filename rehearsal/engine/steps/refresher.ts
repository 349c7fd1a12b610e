import { isDeepStrictEqual } from "node:util";
import type { Step, StepOp } from "../events.js";
import { deepEqual } from "../propertyValues.js";
import type { PropertyDiff } from "../providers/resourceProviderHost.js";
import { type ResourceState, withoutEmpty } from "../state/resourceState.js";
import { isDefaultProvider, isProviderType } from "../urn.js";
import type { Differ } from "./differ.js";
import type { Operation } from "./operation.js";
import { identityOf, withOutputs } from "./stepStates.js";

/**
 * Reads the selected resources anew, in parallel, and answers the states of all that result, in the same order. A resource that
 * cannot be read keeps its state; the failure is reported, and the others go on.
 *
 * What a refresh reports as updated is what the provider's `diff` says of the new outputs and the inputs on record;
 * new outputs are kept even if it says nothing.
 */
export async function refreshResources(
  operation: Operation,
  selected: readonly ResourceState[],
  differ: Differ,
): Promise<ResourceState[]> {
  const { base } = operation.store;
  const refreshed = new Map<ResourceState, ResourceState | undefined>();
  await operation.executor.runAll(
    selected.map((old) => async () => {
      if (!isDefaultProvider(old.urn)) {
        refreshed.set(old, await refreshOne(operation, differ, old));
      }
    }),
  );
  return withoutDanglingReferences(
    base.map((old) => (refreshed.has(old) ? refreshed.get(old) : old)).filter((state) => state !== undefined),
  );
}

async function refreshOne(
  operation: Operation,
  differ: Differ,
  old: ResourceState,
): Promise<ResourceState | undefined> {
  const { isRefresh } = operation;
  const step: Step = { op: "refresh", urn: old.urn, type: old.type, old, new: old, isLogical: isRefresh };
  const found = (resultOp: StepOp): Partial<Step> => (isRefresh ? { resultOp } : {});
  operation.stepStarted(step);
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement === true) {
    operation.stepEnded({ ...step, ...found("same") });
    return old;
  }
  try {
    const provider = operation.providers.of(old);
    const oldInputs = old.inputs ?? {};
    const result = await provider.read(
      identityOf(old),
      old.id ?? "",
      oldInputs,
      old.outputs ?? {},
      old.customTimeouts?.read,
    );
    const { reasons = [] } = result;
    if (reasons.length > 0) {
      operation.report(
        "warning",
        old.urn,
        `Refreshed resource is in an unhealthy state:\n* ${reasons.join("\n* ")}`,
      );
    }
    if (result.id === "") {
      const { new: _, ...deleted } = step;
      operation.stepEnded({ ...deleted, ...found("delete") });
      return undefined;
    }
    const { initErrors: _, ...healthy } = old;
    const inputs = result.inputs ?? oldInputs;
    const state = withOutputs(
      { ...healthy, id: result.id, inputs, ...(reasons.length > 0 ? { initErrors: reasons } : {}) },
      result.outputs,
    );
    const isChanged = !isDeepStrictEqual([state.inputs, state.outputs], [old.inputs, old.outputs]);
    const current = isChanged ? { ...state, modified: new Date().toISOString() } : state;
    const { resultOp, ...change } = await reportedChange(differ, old, current);
    operation.stepEnded({ ...step, new: current, ...change, ...found(resultOp) });
    return current;
  } catch (error) {
    operation.stepFailed(step, error instanceof Error ? error.message : String(error));
    return old;
  }
}

/** What a refresh tells of a resource: what an update would undo, the other way round. */
async function reportedChange(
  differ: Differ,
  old: ResourceState,
  current: ResourceState,
): Promise<Pick<Step, "diffKeys" | "detailedDiff"> & { resultOp: StepOp }> {
  if (old.external === true) {
    return { resultOp: deepEqual(old.outputs ?? {}, current.outputs ?? {}) ? "same" : "update" };
  }
  const wanted = { ...current, inputs: old.inputs ?? {} };
  const diff = await differ.ask(wanted, current, old.ignoreChanges ?? []);
  return {
    resultOp: diff.changes === "some" ? "update" : "same",
    ...(diff.changedKeys === undefined ? {} : { diffKeys: diff.changedKeys }),
    ...(diff.detailed === undefined ? {} : { detailedDiff: inverted(diff.detailed) }),
  };
}

function inverted(detailed: Record<string, PropertyDiff>): Record<string, PropertyDiff> {
  const kinds = { add: "delete", delete: "add", update: "update" } as const;
  return Object.fromEntries(
    Object.entries(detailed).map(([path, property]) => [path, { ...property, kind: kinds[property.kind] }]),
  );
}

/** Takes out of what resources refer to those that are gone. They are in topological order. */
function withoutDanglingReferences(states: readonly ResourceState[]): ResourceState[] {
  const there = new Set<string>();
  const all = new Set(states.map(({ urn }) => urn));
  return states.map((state) => {
    const cleaned = { ...state };
    if (state.parent !== undefined && !all.has(state.parent)) {
      delete cleaned.parent;
    }
    const isThere = (urn: string): boolean => there.has(urn);
    cleaned.dependencies = (state.dependencies ?? []).filter(isThere);
    cleaned.replaceWith = (state.replaceWith ?? []).filter(isThere);
    cleaned.propertyDependencies = Object.fromEntries(
      Object.entries(state.propertyDependencies ?? {})
        .map(([key, urns]): [string, string[]] => [key, urns.filter(isThere)])
        .filter(([, urns]) => urns.length > 0),
    );
    if (state.deletedWith !== undefined && !isThere(state.deletedWith)) {
      delete cleaned.deletedWith;
    }
    there.add(state.urn);
    return withoutEmpty(cleaned);
  });
}
