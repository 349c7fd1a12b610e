import { neededUrns, type ResourceState } from "../state/resourceState.js";
import { deleteWaves } from "./dependencyGraph.js";
import type { Operation } from "./operation.js";
import type { StepRunner } from "./stepRunner.js";

/** A resource that is to go: `replaced` is the old half of a replacement that is through. */
export interface CondemnedResource {
  old: ResourceState;
  kind: "plain" | "replaced";
}

/**
 * Deletes resources in waves, dependents first. A protected one is reported and stays, with all that it depends on;
 * the others go on.
 *
 * @param all all resources of before, in topological order.
 */
export async function deleteResources(
  operation: Operation,
  runner: StepRunner,
  condemned: readonly CondemnedResource[],
  all: readonly ResourceState[],
): Promise<void> {
  const stillNeeded = new Set<string>();
  const keep = (state: ResourceState): void => {
    for (const urn of neededUrns(state)) {
      stillNeeded.add(urn);
    }
  };
  for (const wave of deleteWaves(condemned, all)) {
    if (operation.executor.stopped !== undefined) {
      return;
    }
    for (const { old } of wave.filter((item) => stillNeeded.has(item.old.urn))) {
      keep(old);
    }
    await operation.executor.runAll(
      wave
        .filter(({ old }) => !stillNeeded.has(old.urn))
        .map(({ old, kind }) => async () => {
          if (!(await runner.delete(old, kind))) {
            keep(old);
          }
        }),
    );
  }
}
