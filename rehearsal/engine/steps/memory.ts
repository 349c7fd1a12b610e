import type { ResourceState } from "../state/resourceState.js";
import { AliasResolver } from "./aliases.js";
import type { ResourceGoal } from "./goal.js";

/** What an operation knows of its resources while the program registers them. */
export class OperationMemory {
  /** The states of before by URN, without those that only wait to be deleted. */
  readonly olds: ReadonlyMap<string, ResourceState>;
  readonly aliases: AliasResolver;
  /** URNs that the program claimed. */
  readonly seen = new Set<string>();
  readonly goals = new Map<string, ResourceGoal>();
  /** The newest states of resources. */
  readonly current = new Map<string, ResourceState>();
  /** Old states that need no delete at the end any more. */
  readonly handled = new Set<ResourceState>();
  /** Old states whose replacement is there, to be deleted at the end. */
  readonly replaced = new Set<ResourceState>();
  /** URNs that have had a step, or have been deleted ahead of a replacement. */
  readonly operatedOn = new Set<string>();
  /** URNs that are being replaced. */
  readonly replacedUrns = new Set<string>();
  /** URNs that are being deleted, or were ahead of a replacement. */
  readonly deletedUrns = new Set<string>();
  /** URNs of what resources depend on that stay as they were: these stay, too. */
  readonly held = new Set<string>();
  /** URNs of resources that are new but not selected: nothing comes to be of them. */
  readonly skippedCreates = new Set<string>();
  /** Dependents that were deleted ahead of the replacement of what they depend on, with the properties to blame. */
  readonly deletedAhead = new Map<string, string[]>();

  constructor(stack: string, project: string, base: readonly ResourceState[]) {
    this.olds = new Map(base.filter((state) => state.delete !== true).map((state) => [state.urn, state]));
    this.aliases = new AliasResolver(stack, project, this.olds);
  }

  markOperated(urn: string, old: ResourceState | undefined): void {
    this.operatedOn.add(urn);
    if (old !== undefined) {
      this.operatedOn.add(old.urn);
      this.handled.add(old);
    }
  }

  /** The provider resource that a reference means, as it is now or was before. */
  providerState(urn: string): ResourceState | undefined {
    return this.current.get(urn) ?? this.olds.get(urn);
  }
}
