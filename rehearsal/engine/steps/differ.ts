import { DiffUnavailable } from "../errors.js";
import {
  containsUnknowns,
  deepEqual,
  type PropertyMap,
  unknownValue,
  unwrapSecretProperties,
  unwrapSecrets,
} from "../propertyValues.js";
import { isReplacing, type ProviderDiff } from "../providers/resourceProviderHost.js";
import type { ResourceState } from "../state/resourceState.js";
import { isProviderType, nameOf, providerUrnOf } from "../urn.js";
import { dependentsOf } from "./dependencyGraph.js";
import { detailedDiff } from "./detailedDiff.js";
import type { ResourceGoal } from "./goal.js";
import type { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";
import type { OperationSelection } from "./operationSelection.js";
import { resetIgnoredChanges } from "./propertyPath.js";
import { applyReplaceOnChanges } from "./replaceOnChanges.js";

/** Finds out what must be done to resources: asks their providers, and heeds the options that have a say. */
export class Differ {
  constructor(
    private readonly operation: Operation,
    private readonly memory: OperationMemory,
    private readonly selection: OperationSelection,
    /** Makes sure that the providers of resources of before are there. */
    private readonly prepareProviders: (resources: readonly ResourceState[]) => Promise<void>,
  ) {}

  /** What differs between a resource and what is wanted of it. */
  async diff(wanted: ResourceState, old: ResourceState, goal: ResourceGoal): Promise<ProviderDiff> {
    const forced = await this.forcedReplacement(wanted, old);
    const found = forced ?? (await this.ask(wanted, old, goal.ignoreChanges));
    return applyReplaceOnChanges(found, goal.replaceOnChanges, (old.initErrors ?? []).length > 0);
  }

  /** The inputs with the values of ignored properties put back, and a note of those that cannot be. */
  resetIgnored(goal: ResourceGoal, urn: string, oldInputs: PropertyMap): PropertyMap {
    return this.reset(urn, goal.inputs, oldInputs, goal.ignoreChanges);
  }

  /**
   * Finds the dependents that a delete of `root` takes with it: those that their provider would replace if the
   * properties that depend on a replaced resource were to change, and those that say so by an option.
   */
  async dependentReplacements(root: ResourceState): Promise<{ state: ResourceState; keys: string[] }[]> {
    const replaced = new Set([root.urn]);
    const found: { state: ResourceState; keys: string[] }[] = [];
    for (const state of dependentsOf(root, this.operation.store.base, this.memory.operatedOn)) {
      const keys = await this.dependentKeys(state, replaced);
      if (keys !== undefined) {
        found.push({ state, keys });
        replaced.add(state.urn);
      }
    }
    for (const state of this.memory.olds.values()) {
      const isCascaded = state.deletedWith === root.urn || (state.replaceWith ?? []).includes(root.urn);
      if (isCascaded && !replaced.has(state.urn) && !this.memory.operatedOn.has(state.urn)) {
        found.push({ state, keys: [] });
        replaced.add(state.urn);
      }
    }
    return found;
  }

  private async dependentKeys(state: ResourceState, replaced: ReadonlySet<string>): Promise<string[] | undefined> {
    if (!state.custom || state.external === true || state.delete === true) {
      return undefined;
    }
    if (state.provider !== undefined && replaced.has(providerUrnOf(state.provider))) {
      return ["provider"];
    }
    const inputs = { ...state.inputs };
    const affected = Object.entries(state.propertyDependencies ?? {}).filter(
      ([key, urns]) => Object.hasOwn(inputs, key) && urns.some((urn) => replaced.has(urn)),
    );
    if (affected.length === 0) {
      return undefined;
    }
    for (const [key] of affected) {
      inputs[key] = unknownValue;
    }
    await this.prepareProviders([state]);
    const answer = await this.ask({ ...state, inputs }, state, state.ignoreChanges ?? []);
    const diff = applyReplaceOnChanges(answer, state.replaceOnChanges ?? [], false);
    return diff.changes === "some" && isReplacing(diff) ? diff.replaces : undefined;
  }

  /** The replacement that an option asks for, or a change of the provider. */
  private async forcedReplacement(wanted: ResourceState, old: ResourceState): Promise<ProviderDiff | undefined> {
    const because = (key: string): ProviderDiff => ({
      changes: "some",
      replaces: [key],
      deleteBeforeReplace: false,
    });
    const { replacementTrigger: trigger } = wanted;
    const oldTrigger = old.replacementTrigger;
    if (trigger !== undefined && oldTrigger !== undefined && trigger !== null && oldTrigger !== null) {
      if (containsUnknowns(trigger) || !deepEqual(unwrapSecrets(trigger), unwrapSecrets(oldTrigger))) {
        return { changes: "some", replaces: [], deleteBeforeReplace: false, isTriggered: true };
      }
    }
    if (this.selection.replaces.has(wanted.urn)) {
      return because("id");
    }
    if ((wanted.replaceWith ?? []).some((urn) => this.memory.replacedUrns.has(urn))) {
      return because("replaceWith");
    }
    if (wanted.deletedWith !== undefined && this.memory.replacedUrns.has(wanted.deletedWith)) {
      return because("deletedWith");
    }
    return (await this.isProviderReplaced(wanted, old)) ? because("provider") : undefined;
  }

  private async isProviderReplaced(wanted: ResourceState, old: ResourceState): Promise<boolean> {
    if (old.provider === wanted.provider) {
      return false;
    }
    if (old.provider === undefined || wanted.provider === undefined) {
      return true;
    }
    const [oldUrn, urn] = [providerUrnOf(old.provider), providerUrnOf(wanted.provider)];
    if (this.memory.aliases.oldUrnOf(urn) === oldUrn) {
      return false;
    }
    const current = this.memory.providerState(urn);
    return (
      current !== undefined &&
      (await this.operation.providers.mustReplace(wanted.provider, this.memory.olds.get(oldUrn), current))
    );
  }

  /** What the provider says, or the engine where it leaves that to it, without the options' say. */
  async ask(wanted: ResourceState, old: ResourceState, ignoreChanges: string[]): Promise<ProviderDiff> {
    const oldInputs = old.inputs ?? {};
    const news = wanted.inputs ?? {};
    if (!wanted.custom) {
      return {
        changes: deepEqual(oldInputs, news) ? "none" : "some",
        replaces: [],
        deleteBeforeReplace: false,
      };
    }
    let diff: ProviderDiff;
    try {
      const provider = this.operation.providers.of(wanted);
      const identity = { urn: wanted.urn, type: wanted.type, name: nameOf(wanted.urn) };
      diff = await provider.diff(identity, old.id ?? "", oldInputs, old.outputs ?? {}, news, ignoreChanges);
    } catch (error) {
      if (error instanceof DiffUnavailable) {
        this.operation.report("warning", wanted.urn, error.message);
        return { changes: "some", replaces: [], deleteBeforeReplace: false };
      }
      throw error;
    }
    if (diff.changes !== "unknown" || isProviderType(wanted.type)) {
      return diff;
    }
    const kept = this.reset(wanted.urn, news, oldInputs, ignoreChanges);
    const detailed = detailedDiff(unwrapSecretProperties(oldInputs), unwrapSecretProperties(kept));
    if (detailed === undefined) {
      return { ...diff, changes: diff.replaces.length > 0 ? "some" : "none" };
    }
    return { ...diff, changes: "some", ...detailed };
  }

  private reset(urn: string, inputs: PropertyMap, oldInputs: PropertyMap, ignoreChanges: string[]): PropertyMap {
    if (ignoreChanges.length === 0) {
      return inputs;
    }
    const reset = resetIgnoredChanges(inputs, oldInputs, ignoreChanges);
    if (reset.invalidPaths.length > 0) {
      this.operation.report(
        "info",
        urn,
        `cannot ignore changes in added or removed elements of the path: ${JSON.stringify(reset.invalidPaths.join(", "))}`,
      );
    }
    return reset.inputs;
  }
}
