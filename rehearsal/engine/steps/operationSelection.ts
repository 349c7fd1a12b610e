import { neededUrns, type ResourceState, relatedUrns } from "../state/resourceState.js";
import { isProviderType, isStack } from "../urn.js";
import { UrnSelection } from "./urnSelection.js";

/** Which resources an operation works on; without any of these, on all. */
export interface SelectionOptions {
  /** URNs, or patterns of them, of the only resources to work on. Not together with `excludes`. */
  targets?: readonly string[];
  /** Works on what depends on a target, too. */
  targetDependents?: boolean;
  /** URNs, or patterns of them, of resources to leave alone. */
  excludes?: readonly string[];
  /** Leaves alone what depends on an excluded resource, too. */
  excludeDependents?: boolean;
  /** URNs, or patterns of them, of resources to replace even if nothing changed (preview and update). */
  replaces?: readonly string[];
}

/** Tells which resources an operation works on. */
export class OperationSelection {
  readonly targets: UrnSelection;
  readonly excludes: UrnSelection;
  readonly replaces: UrnSelection;
  readonly targetDependents: boolean;
  readonly excludeDependents: boolean;
  private readonly foundTargets;
  private readonly foundExcludes;

  constructor(options: SelectionOptions) {
    this.targets = new UrnSelection(options.targets ?? []);
    this.excludes = new UrnSelection(options.excludes ?? []);
    this.replaces = new UrnSelection(options.replaces ?? []);
    this.targetDependents = options.targetDependents === true;
    this.excludeDependents = options.excludeDependents === true;
    this.foundTargets = this.targets.copy();
    this.foundExcludes = this.excludes.copy();
  }

  /**
   * True if an update works on a resource. It always works on providers and the stack, which what it works on needs.
   * To be asked after {@link remember} of everything that the resource depends on.
   */
  includes(wanted: ResourceState): boolean {
    if (isProviderType(wanted.type) || isStack(wanted.urn)) {
      return true;
    }
    return this.targets.isRestricted ? this.isTarget(wanted) : !this.isExcluded(wanted);
  }

  /** Keeps in mind whether what depends on a resource is worked on because of it, or left alone. */
  remember(wanted: ResourceState, isIncluded: boolean): void {
    if (this.targets.isRestricted) {
      if (isIncluded && this.isTarget(wanted)) {
        this.foundTargets.add(wanted.urn);
      }
    } else if (!isIncluded) {
      this.foundExcludes.add(wanted.urn);
    }
  }

  /** Those of the resources, dependencies first, that a refresh reads. */
  toRefresh(all: readonly ResourceState[]): ResourceState[] {
    const { targets, excludes } = this;
    if (excludes.isRestricted) {
      const found = excludes.copy();
      return all.filter((state) => {
        if (this.excludeDependents && hasRelationTo(state, found)) {
          found.add(state.urn);
        }
        return !found.has(state.urn);
      });
    }
    const found = targets.copy();
    return all.filter((state) => {
      if (this.targetDependents && hasRelationTo(state, found)) {
        found.add(state.urn);
      }
      return !targets.isRestricted || found.has(state.urn);
    });
  }

  private isTarget(wanted: ResourceState): boolean {
    return this.targets.has(wanted.urn) || (this.targetDependents && needsAny(wanted, this.foundTargets));
  }

  private isExcluded(wanted: ResourceState): boolean {
    return this.excludes.has(wanted.urn) || (this.excludeDependents && needsAny(wanted, this.foundExcludes));
  }
}

interface UrnSet {
  has(urn: string): boolean;
}

function needsAny(state: ResourceState, urns: UrnSet): boolean {
  return [...neededUrns(state)].some((urn) => urns.has(urn));
}

/** A refresh does not take a provider's resources for its dependents. */
function hasRelationTo(state: ResourceState, urns: UrnSet): boolean {
  return (
    [...relatedUrns(state)].some((urn) => urns.has(urn)) || (state.parent !== undefined && urns.has(state.parent))
  );
}
