import { EngineError } from "../errors.js";
import type { ResourceState } from "../state/resourceState.js";
import { type CondemnedResource, deleteResources } from "./deleter.js";
import { withDependencies, withDependents } from "./dependencyGraph.js";
import type { Differ } from "./differ.js";
import type { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";
import type { OperationSelection } from "./operationSelection.js";
import type { StepRunner } from "./stepRunner.js";

/** Deletes what is there and no longer wanted, of what the operation works on. */
export class Deletions {
  constructor(
    private readonly operation: Operation,
    private readonly memory: OperationMemory,
    private readonly selection: OperationSelection,
    private readonly runner: StepRunner,
    private readonly differ: Differ,
    /** Makes sure that the providers of resources of before are there. */
    private readonly prepareProviders: (resources: readonly ResourceState[]) => Promise<void>,
  ) {}

  /** Deletes everything that had no step in this operation, dependents first, and what was replaced in it. */
  async deleteUnwanted(): Promise<void> {
    const { base } = this.operation.store;
    const isSelected = await this.selected();
    const condemned: CondemnedResource[] = [];
    const replacementsDropped: ResourceState[] = [];
    const left: ResourceState[] = [];
    for (const old of base) {
      const isReplaced = old.delete === true || this.memory.replaced.has(old);
      if (!isReplaced && this.memory.handled.has(old)) {
        continue;
      }
      if (isReplaced) {
        if (isSelected(old.urn)) {
          condemned.push({ old, kind: "replaced" });
        }
      } else if (!isSelected(old.urn) || this.memory.held.has(old.urn)) {
        left.push(old);
      } else if (old.pendingReplacement === true || this.memory.deletedAhead.has(old.urn)) {
        replacementsDropped.push(old);
      } else {
        condemned.push({ old, kind: "plain" });
      }
    }
    const isRefused = this.refuseUntargeted([...replacementsDropped, ...condemned.map(({ old }) => old)]);
    if (isRefused && !this.operation.isPreview) {
      return;
    }
    for (const old of left) {
      this.runner.leave(old);
    }
    for (const old of replacementsDropped) {
      await this.runner.removePendingReplacement(old);
    }
    await this.prepareProviders(condemned.map(({ old }) => old));
    for (const { old } of condemned) {
      this.memory.deletedUrns.add(old.urn);
    }
    await deleteResources(this.operation, this.runner, condemned, base);
  }

  /** Tells by its URN whether a resource may be deleted, be it only to be reported then. */
  private async selected(): Promise<(urn: string) => boolean> {
    const { targets, excludes, excludeDependents } = this.selection;
    const { base } = this.operation.store;
    if (targets.isRestricted) {
      const reached = withDependents(base, (urn) => targets.has(urn));
      const cascaded = new Set<string>();
      for (const state of base.filter(({ urn }) => reached.has(urn))) {
        for (const { state: dependent } of await this.differ.dependentReplacements(state)) {
          cascaded.add(dependent.urn);
        }
      }
      return (urn) => reached.has(urn) || cascaded.has(urn);
    }
    if (excludes.isRestricted) {
      const kept = withDependencies(base, (urn) => excludes.has(urn), excludeDependents);
      return (urn) => !kept.has(urn);
    }
    return () => true;
  }

  /** Reports all that would go with a target without being one itself. Answers whether there is anything. */
  private refuseUntargeted(condemned: readonly ResourceState[]): boolean {
    const { targets, targetDependents } = this.selection;
    if (!targets.isRestricted || targetDependents) {
      return false;
    }
    const untargeted = condemned.filter(({ urn }) => !targets.has(urn));
    for (const { urn } of untargeted) {
      this.operation.refuseStep(
        urn,
        `Resource '${urn}' will be destroyed but was not specified in --target list.\nEither include resource in --target list or pass --target-dependents to proceed.`,
      );
    }
    return untargeted.length > 0;
  }
}

/**
 * Refuses to delete resources that functions of the program are to see go: a destroy does not run it.
 * @throws {EngineError}
 */
export function refuseDeleteHooks(operation: Operation): void {
  const hooked = operation.store.base.flatMap(({ urn, resourceHooks: { BeforeDelete, AfterDelete } = {} }) => {
    const names = [...(BeforeDelete ?? []), ...(AfterDelete ?? [])];
    return names.length === 0 ? [] : [{ urn, names: names.join(", ") }];
  });
  for (const { urn, names } of hooked) {
    operation.error(urn, `Resource has delete hooks registered, but the program is not running. Hooks: ${names}`);
  }
  if (hooked.length > 0) {
    throw new EngineError(
      "hooks are functions of the program, and a destroy does not run it. Take the resources out of the program and run siterecovery-rehearse up, or use pulumi destroy --run-program",
    );
  }
}
