import type { ResourceState } from "../state/resourceState.js";
import { makeUrn, nameOf, qualifiedType, stackType, typeOf } from "../urn.js";
import type { Alias, ResourceGoal } from "./goal.js";

/** Finds the old state of a resource under its URN or one that it had before. */
export class AliasResolver {
  /** From a URN of before to the one that took it over. */
  private readonly takenOverBy = new Map<string, string>();
  /** From a URN to the one it had before. */
  private readonly before = new Map<string, string>();

  constructor(
    private readonly stack: string,
    private readonly project: string,
    private readonly olds: ReadonlyMap<string, ResourceState>,
  ) {}

  /** The URN that a resource of this operation had before, if it was found under an alias. */
  oldUrnOf(urn: string): string | undefined {
    return this.before.get(urn);
  }

  /** Finds a resource's old state. `problem` says why two resources claim the same one. */
  find(urn: string, goal: ResourceGoal, seen: ReadonlySet<string>): { old?: ResourceState; problem?: string } {
    const claimant = this.takenOverBy.get(urn);
    if (claimant !== undefined) {
      return {
        problem: `Duplicate resource URN '${urn}' conflicting with alias on resource with URN '${claimant}'`,
      };
    }
    for (const candidate of [urn, ...this.candidates(goal)]) {
      const old = this.olds.get(candidate);
      if (old === undefined) {
        continue;
      }
      if (candidate !== urn) {
        const other = seen.has(candidate) ? candidate : this.takenOverBy.get(candidate);
        if (other !== undefined) {
          return {
            problem: `Duplicate resource alias '${candidate}' applied to resource with URN '${urn}' conflicting with resource with URN '${other}'`,
          };
        }
        this.takenOverBy.set(candidate, urn);
        this.before.set(urn, candidate);
      }
      return { old };
    }
    return {};
  }

  private candidates(goal: ResourceGoal): string[] {
    const own = goal.aliases.map((alias) => this.expand(alias, goal));
    const parentBefore = this.before.get(goal.parent);
    if (parentBefore === undefined) {
      return own;
    }
    const parentName = nameOf(goal.parent);
    const inherited = [
      this.underOldParent(goal.type, goal.name, parentName, parentBefore),
      ...own.map((urn) => this.underOldParent(typeOf(urn), nameOf(urn), parentName, parentBefore)),
    ];
    return [...new Set([...own, ...inherited])];
  }

  private expand(alias: Alias, goal: ResourceGoal): string {
    if ("urn" in alias) {
      return alias.urn;
    }
    let parent = goal.parent;
    if (alias.hasNoParent === true) {
      parent = "";
    } else if (alias.parentUrn !== undefined) {
      parent = this.before.get(alias.parentUrn) ?? alias.parentUrn;
    }
    if (parent !== "" && qualifiedType(parent) === stackType) {
      parent = "";
    }
    return makeUrn(
      alias.stack ?? this.stack,
      alias.project ?? this.project,
      parent,
      alias.type ?? goal.type,
      alias.name ?? goal.name,
    );
  }

  /** A child whose name begins with its parent's is taken to have been renamed with it. */
  private underOldParent(type: string, name: string, parentName: string, parentBefore: string): string {
    const oldName = name.startsWith(parentName) ? nameOf(parentBefore) + name.slice(parentName.length) : name;
    return makeUrn(this.stack, this.project, parentBefore, type, oldName);
  }
}
