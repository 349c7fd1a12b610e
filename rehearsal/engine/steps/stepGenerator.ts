import { EngineError } from "../errors.js";
import type { AnalyzedResource } from "../policy/types.js";
import { deepEqual, type PropertyMap, unknownValue, unwrapSecretProperties } from "../propertyValues.js";
import type { ProviderDiff } from "../providers/resourceProviderHost.js";
import type { ResourceState } from "../state/resourceState.js";
import { isProviderType, makeUrn, packageOf, providerUrnOf } from "../urn.js";
import { AliasResolver } from "./aliases.js";
import { checkFailureText } from "./checkFailureText.js";
import { type CondemnedResource, deleteResources } from "./deleter.js";
import { dependentsOf } from "./dependencyGraph.js";
import { type ResourceGoal, wantedState } from "./goal.js";
import type { Operation } from "./operation.js";
import { resetIgnoredChanges } from "./propertyPath.js";
import { identityOf, StepRunner } from "./stepRunner.js";

/** A registration ended without a state: the operation stops, and the program must not go on. */
export class RegistrationStopped extends Error {
  override readonly name = "RegistrationStopped";
}

/**
 * Decides what to do with each resource that a program registers, in the order of arrival and one after the other,
 * as the Pulumi engine does; the steps that follow run in parallel.
 */
export class StepGenerator {
  private readonly runner: StepRunner;
  private readonly olds: Map<string, ResourceState>;
  private readonly aliases: AliasResolver;
  private readonly seen = new Set<string>();
  /** Old states that need no delete at the end any more. */
  private readonly handled = new Set<ResourceState>();
  /** Old states whose replacement is there, to be deleted at the end. */
  private readonly replaced = new Set<ResourceState>();
  /** URNs that have had a step, or have been deleted ahead of a replacement. */
  private readonly operatedOn = new Set<string>();
  /** Dependents that were deleted ahead of the replacement of what they depend on, with the properties to blame. */
  private readonly deletedAhead = new Map<string, string[]>();
  private readonly current = new Map<string, ResourceState>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly operation: Operation) {
    this.runner = new StepRunner(operation);
    const live = operation.store.base.filter((state) => state.delete !== true);
    this.olds = new Map(live.map((state) => [state.urn, state]));
    this.aliases = new AliasResolver(operation.stack, operation.project, this.olds);
  }

  /** The newest state of a resource in this operation. */
  stateOf(urn: string): ResourceState | undefined {
    return this.current.get(urn);
  }

  /** The old state that a resource came from, if it had one. */
  oldStateOf(urn: string): ResourceState | undefined {
    return this.olds.get(this.aliases.oldUrnOf(urn) ?? urn);
  }

  setState(state: ResourceState): void {
    this.current.set(state.urn, state);
  }

  /**
   * Registers a resource, and resolves to its state once its steps are through.
   * @throws {RegistrationStopped} if they will not be.
   */
  async register(goal: ResourceGoal, providerReference: string | undefined): Promise<ResourceState> {
    return await this.inTurn(() => this.plan(goal, providerReference));
  }

  /** Registers the default provider of a package, which has no step that anybody sees. */
  async registerDefaultProvider(urn: string, type: string, inputs: PropertyMap): Promise<ResourceState> {
    return await this.inTurn(async () => {
      this.seen.add(urn);
      this.operatedOn.add(urn);
      const old = this.olds.get(urn);
      if (old !== undefined) {
        this.handled.add(old);
      }
      const now = new Date().toISOString();
      const state: ResourceState = {
        urn,
        custom: true,
        id: old?.id ?? crypto.randomUUID(),
        type,
        ...(Object.keys(inputs).length > 0 ? { inputs, outputs: inputs } : {}),
        created: old?.created ?? now,
        modified: old?.modified ?? now,
      };
      const isUnchanged = old !== undefined && deepEqual(old.inputs ?? {}, inputs);
      if (!this.operation.isPreview) {
        if (old !== undefined && isUnchanged) {
          this.operation.store.keep(old);
        } else {
          await this.operation.store.add({ ...state, modified: now }, old);
        }
      }
      await this.operation.providers.configure(packageOf(type), inputs);
      this.current.set(urn, state);
      // A default provider is judged like any other resource, but what it gets is the configuration and stays that.
      await this.operation.policies?.checkResource(this.operation, this.analyzed(state, inputs));
      return async () => state;
    });
  }

  /** Reads a resource that the program names by its id. */
  async read(goal: ResourceGoal, id: string, providerReference: string): Promise<ResourceState> {
    return await this.inTurn(async () => {
      const urn = this.claimUrn(goal);
      const old = this.olds.get(urn);
      if (old !== undefined && old.external !== true && old.id !== id) {
        this.reject(
          urn,
          `resource ${urn} is managed by the stack, and the program now reads another one by id "${id}" under its name. The embedded engine does not implement this replacement: give it another name`,
        );
      }
      this.markOperated(urn, old);
      const { propertyDependencies: _, ...wanted } = wantedState(goal, urn, providerReference);
      const state = { ...wanted, id, external: true };
      if (id === unknownValue || id === "") {
        return async () => ({ ...state, outputs: {} });
      }
      return () => this.runner.read(state, old);
    });
  }

  /** Deletes, after the program has ended well, everything that it did not register, dependents first. */
  async deleteUnregistered(): Promise<void> {
    const { store } = this.operation;
    const condemned: CondemnedResource[] = [];
    for (const base of store.base) {
      if (base.delete === true || this.replaced.has(base)) {
        condemned.push({ old: base, kind: "replaced" });
      } else if (!this.handled.has(base)) {
        if (base.pendingReplacement === true || this.deletedAhead.has(base.urn)) {
          await this.runner.removePendingReplacement(base);
        } else {
          condemned.push({ old: base, kind: "plain" });
        }
      }
    }
    await this.deleteAll(condemned, store.base);
  }

  /** Deletes resources of before, see {@link deleteResources}. */
  async deleteAll(condemned: readonly CondemnedResource[], all: readonly ResourceState[]): Promise<void> {
    await this.prepareProviders(condemned.map(({ old }) => old));
    await deleteResources(this.operation, this.runner, condemned, all);
  }

  /** Makes sure that the providers of resources of before are configured, with the configuration of then. */
  async prepareProviders(resources: readonly ResourceState[]): Promise<void> {
    for (const resource of resources) {
      if (resource.custom && !isProviderType(resource.type)) {
        const inputs = this.providerInputs(resource);
        const refusal = this.operation.providers.refusal(resource.type);
        if (refusal !== undefined) {
          throw new EngineError(refusal);
        }
        await this.operation.providers.configure(packageOf(resource.type), inputs);
      }
    }
  }

  private providerInputs(resource: ResourceState): PropertyMap {
    const urn = resource.provider === undefined ? "" : providerUrnOf(resource.provider);
    return (this.current.get(urn) ?? this.olds.get(urn))?.inputs ?? {};
  }

  /** Runs `plan` when all before it have planned, then the steps that it answers, when there is a place for them. */
  private async inTurn(plan: () => Promise<() => Promise<ResourceState | undefined>>): Promise<ResourceState> {
    const settled = withResolvers<ResourceState>();
    const { executor } = this.operation;
    executor.onStop(() => settled.reject(new RegistrationStopped("the operation stopped")));
    settled.promise.catch(() => undefined);
    const turn = this.turn.then(async () => {
      if (executor.stopped !== undefined) {
        return;
      }
      const steps = await plan();
      const started = await executor.start(async () => {
        try {
          const state = await steps();
          if (state !== undefined) {
            this.current.set(state.urn, state);
            settled.resolve(state);
          }
        } catch (error) {
          this.crash(error);
        }
      });
      if (!started) {
        settled.reject(new RegistrationStopped("the operation stopped"));
      }
    });
    this.turn = turn.catch((error: unknown) => {
      this.crash(error);
    });
    return await settled.promise;
  }

  private crash(error: unknown): void {
    if (!(error instanceof RegistrationStopped)) {
      this.operation.error("", error instanceof Error ? error.message : String(error));
    }
    this.operation.executor.stop("failed");
  }

  private async plan(
    goal: ResourceGoal,
    providerReference: string | undefined,
  ): Promise<() => Promise<ResourceState | undefined>> {
    const urn = this.claimUrn(goal);
    const old = this.findOld(urn, goal);
    const wanted = wantedState(goal, urn, providerReference);
    try {
      return await this.planSteps(goal, wanted, old);
    } catch (error) {
      if (error instanceof RegistrationStopped) {
        throw error;
      }
      this.reject(urn, error instanceof Error ? error.message : String(error));
    }
  }

  private async planSteps(
    goal: ResourceGoal,
    wanted: ResourceState,
    old: ResourceState | undefined,
  ): Promise<() => Promise<ResourceState | undefined>> {
    const { urn } = wanted;
    const isRecreating = this.deletedAhead.has(urn);
    const wasExternal = old?.external === true;
    if (wasExternal) {
      this.reject(
        urn,
        `resource ${urn} was read by its id before and is now to be created. The embedded engine does not implement this replacement: give it another name`,
      );
    }
    if (wanted.custom) {
      const keepsOld = old !== undefined && !isRecreating;
      const inputs = keepsOld ? this.resetIgnored(goal, wanted, old) : goal.inputs;
      wanted.inputs = await this.check(wanted, keepsOld ? (old.inputs ?? {}) : {}, inputs);
    } else if (old !== undefined) {
      wanted.inputs = this.resetIgnored(goal, wanted, old);
      if (Object.keys(wanted.inputs).length === 0) {
        delete wanted.inputs;
      }
    }
    await this.applyPolicies(goal, wanted);
    this.markOperated(urn, old);
    if (old === undefined) {
      return () => this.runner.create(wanted);
    }
    if (isRecreating) {
      const replaceKeys = this.deletedAhead.get(urn) ?? [];
      return async () => {
        this.runner.replace(old, wanted, []);
        return await this.runner.create(wanted, { old, isDeletePending: false, replaceKeys });
      };
    }
    if (!wanted.custom) {
      return deepEqual(old.inputs ?? {}, wanted.inputs ?? {})
        ? () => this.runner.same(old, wanted)
        : () => this.runner.update(old, wanted);
    }
    const diff = await this.diff(wanted, old, goal.ignoreChanges);
    const isReplacing = diff.changes === "some" && diff.replaces.length > 0;
    if (isReplacing || old.pendingReplacement === true) {
      return await this.planReplacement(goal, wanted, old, diff);
    }
    if (diff.changes === "some" || (old.initErrors ?? []).length > 0) {
      return () => this.runner.update(old, wanted, diff.changedKeys);
    }
    return () => this.runner.same(old, wanted);
  }

  private async planReplacement(
    goal: ResourceGoal,
    wanted: ResourceState,
    old: ResourceState,
    diff: ProviderDiff,
  ): Promise<() => Promise<ResourceState | undefined>> {
    const { urn } = wanted;
    if (wanted.protect === true && old.protect === true) {
      const message = `unable to replace resource ${JSON.stringify(urn)}\nas it is currently marked for protection. To unprotect the resource, remove the \`protect\` flag from the resource in your program and run \`siterecovery-rehearse up\``;
      if (!this.operation.isPreview) {
        this.reject(urn, message);
      }
      this.operation.error(urn, message);
    }
    // The first check carried old values over; a new resource starts without them.
    wanted.inputs = await this.check(wanted, {}, goal.inputs);
    const { replaces: replaceKeys, changedKeys: diffKeys } = diff;
    const described = { old, replaceKeys, ...(diffKeys === undefined ? {} : { diffKeys }) };
    const isDeleteFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace;
    if (!isDeleteFirst && old.pendingReplacement !== true) {
      return async () => {
        const state = await this.runner.create(wanted, { ...described, isDeletePending: true });
        if (state !== undefined) {
          this.replaced.add(old);
          this.runner.replace(old, state, replaceKeys, diffKeys);
        }
        return state;
      };
    }
    const dependents = await this.dependentReplacements(old);
    for (const { state, keys } of dependents) {
      if (state.protect === true) {
        this.reject(
          urn,
          `unable to replace resource ${JSON.stringify(state.urn)} as part of replacing ${JSON.stringify(urn)} as it is currently marked for protection. To unprotect the resource, remove the \`protect\` flag from the resource in your program and run \`siterecovery-rehearse up\``,
        );
      }
      this.deletedAhead.set(state.urn, keys);
      this.operatedOn.add(state.urn);
    }
    return async () => {
      for (const { state } of dependents.reverse()) {
        if (!(await this.runner.delete(state, "beforeReplace"))) {
          return undefined;
        }
      }
      if (old.pendingReplacement !== true && !(await this.runner.delete(old, "beforeReplace"))) {
        return undefined;
      }
      this.runner.replace(old, wanted, replaceKeys, diffKeys);
      return await this.runner.create(wanted, { ...described, isDeletePending: false });
    };
  }

  /**
   * Finds the dependents that a delete of `root` takes with it: those that their provider would replace if the
   * properties that depend on a replaced resource were to change.
   */
  private async dependentReplacements(root: ResourceState): Promise<{ state: ResourceState; keys: string[] }[]> {
    const replaced = new Set([root.urn]);
    const found: { state: ResourceState; keys: string[] }[] = [];
    for (const state of dependentsOf(root, this.operation.store.base, this.operatedOn)) {
      if (!state.custom || state.external === true || state.delete === true) {
        continue;
      }
      const inputs = { ...state.inputs };
      const affected = Object.entries(state.propertyDependencies ?? {}).filter(
        ([key, urns]) => Object.hasOwn(inputs, key) && urns.some((urn) => replaced.has(urn)),
      );
      if (affected.length === 0) {
        continue;
      }
      for (const [key] of affected) {
        inputs[key] = unknownValue;
      }
      await this.prepareProviders([state]);
      const diff = await this.diff({ ...state, inputs }, state, state.ignoreChanges ?? []);
      if (diff.changes === "some" && diff.replaces.length > 0) {
        found.push({ state, keys: diff.replaces });
        replaced.add(state.urn);
      }
    }
    return found;
  }

  private claimUrn(goal: ResourceGoal): string {
    if (goal.parent !== "" && !this.seen.has(goal.parent)) {
      this.reject("", `could not find parent resource ${goal.parent}`);
    }
    const urn = makeUrn(this.operation.stack, this.operation.project, goal.parent, goal.type, goal.name);
    if (this.seen.has(urn)) {
      this.reject(urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    this.seen.add(urn);
    return urn;
  }

  private findOld(urn: string, goal: ResourceGoal): ResourceState | undefined {
    const found = this.aliases.find(urn, goal, this.seen);
    if (found.problem !== undefined) {
      this.reject(urn, found.problem);
    }
    return found.old;
  }

  private markOperated(urn: string, old: ResourceState | undefined): void {
    this.operatedOn.add(urn);
    if (old !== undefined) {
      this.operatedOn.add(old.urn);
      this.handled.add(old);
    }
  }

  private resetIgnored(goal: ResourceGoal, wanted: ResourceState, old: ResourceState): PropertyMap {
    if (goal.ignoreChanges.length === 0) {
      return goal.inputs;
    }
    const { inputs, invalidPaths } = resetIgnoredChanges(goal.inputs, old.inputs ?? {}, goal.ignoreChanges);
    if (invalidPaths.length > 0) {
      this.operation.report(
        "info",
        wanted.urn,
        `cannot ignore changes in added or removed elements of the path: ${JSON.stringify(invalidPaths.join(", "))}`,
      );
    }
    return inputs;
  }

  /** Lets policy packs mend and judge a resource; in an update a broken mandatory rule ends the run. */
  private async applyPolicies(goal: ResourceGoal, wanted: ResourceState): Promise<void> {
    const { policies, isPreview, executor } = this.operation;
    if (policies === undefined) {
      return;
    }
    const properties = wanted.inputs ?? {};
    const { inputs, isBroken } = await policies.checkResource(
      this.operation,
      this.analyzed(wanted, properties, goal),
    );
    if (inputs !== properties) {
      wanted.inputs = inputs;
    }
    if (isBroken && !isPreview) {
      executor.stop("failed");
      throw new RegistrationStopped("a policy is not met");
    }
  }

  private analyzed(state: ResourceState, properties: PropertyMap, goal?: ResourceGoal): AnalyzedResource {
    const provider = state.provider === undefined ? undefined : providerUrnOf(state.provider);
    return {
      state,
      properties,
      provider: provider === undefined ? undefined : this.current.get(provider),
      aliases: state.aliases ?? [],
      deleteBeforeReplace: goal?.deleteBeforeReplace,
    };
  }

  /** Lets policy packs judge the stack as it is at the end, or would be. */
  async applyStackPolicies(): Promise<void> {
    const resources = [...this.current.values()].map((state) => this.analyzed(state, state.outputs ?? {}));
    await this.operation.policies?.checkStack(this.operation, resources);
  }

  private async check(wanted: ResourceState, olds: PropertyMap, news: PropertyMap): Promise<PropertyMap> {
    const provider = await this.operation.providers.forType(wanted.type);
    const { inputs, failures } = await provider.check(identityOf(wanted), olds, news);
    if (failures.length > 0) {
      for (const failure of failures) {
        this.operation.error(wanted.urn, checkFailureText(wanted, failure, inputs));
      }
      this.operation.executor.stop("failed");
      throw new RegistrationStopped("the inputs were refused");
    }
    return inputs;
  }

  private async diff(wanted: ResourceState, old: ResourceState, ignoreChanges: string[]): Promise<ProviderDiff> {
    const provider = await this.operation.providers.forType(wanted.type);
    const oldInputs = old.inputs ?? {};
    const news = wanted.inputs ?? {};
    const diff = await provider.diff(
      identityOf(wanted),
      old.id ?? "",
      oldInputs,
      old.outputs ?? {},
      news,
      ignoreChanges,
    );
    if (diff.changes !== "unknown") {
      return diff;
    }
    const isEqual = deepEqual(unwrapSecretProperties(oldInputs), unwrapSecretProperties(news));
    return { ...diff, changes: isEqual && diff.replaces.length === 0 ? "none" : "some" };
  }

  /** Reports why a resource cannot be, and stops. */
  private reject(urn: string, message: string): never {
    this.operation.error(urn, message);
    this.operation.executor.stop("failed");
    throw new RegistrationStopped(message);
  }
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  return { promise, resolve, reject };
}
