import { isDeepStrictEqual } from "node:util";
import { EngineError, InitializationFailed } from "../errors.js";
import type { Step } from "../events.js";
import { isSecret, makeSecret, type PropertyMap, unknownValue } from "../propertyValues.js";
import type { ProviderDiff, ResourceIdentity } from "../providers/resourceProviderHost.js";
import { type PendingOperationType, type ResourceState, withoutEmpty } from "../state/resourceState.js";
import { isProviderType, nameOf, packageOf } from "../urn.js";
import type { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";
import { resetIgnoredChanges } from "./propertyPath.js";

/**
 * Carries out single steps: calls the provider, keeps the result, shows it. Each method answers the resource's new
 * state, or `undefined` if the step failed; then the failure is reported and no new step starts.
 */
export class StepRunner {
  constructor(
    private readonly operation: Operation,
    private readonly memory: OperationMemory,
  ) {}

  /** Keeps a resource, with new inputs and options if those changed. */
  async same(old: ResourceState, wanted: ResourceState): Promise<ResourceState> {
    const state = withoutEmpty({ ...wanted, ...keptFields(old) });
    if (old.outputs === undefined) {
      delete state.outputs;
    }
    const step: Step = { op: "same", urn: state.urn, type: state.type, old, new: state, isLogical: true };
    this.operation.stepStarted(step);
    if (isProviderType(state.type)) {
      await this.operation.providers.ensure(state);
      this.operation.providers.addAlias(`${state.urn}::${state.id}`, `${old.urn}::${old.id}`);
    }
    if (!this.operation.isPreview) {
      if (isDeepStrictEqual(old, state)) {
        this.operation.store.keep(old);
        this.operation.stepEnded({ ...step, new: old });
        return old;
      }
      await this.operation.store.add(state, old);
    }
    this.operation.stepEnded(step);
    return state;
  }

  /** Keeps a resource that the operation does not work on, whatever the program says of it. */
  leave(old: ResourceState): ResourceState {
    const step: Step = { op: "same", urn: old.urn, type: old.type, old, new: old, isLogical: true };
    this.operation.stepStarted(step);
    if (!this.operation.isPreview) {
      this.operation.store.leave(old);
    }
    this.memory.current.set(old.urn, old);
    this.operation.stepEnded(step);
    return old;
  }

  /** Shows a resource that would be new, but that the operation does not work on. Nothing is made or kept. */
  skipCreate(wanted: ResourceState): ResourceState {
    const state = wanted.custom ? { ...wanted, id: "" } : wanted;
    const step: Step = { op: "same", urn: wanted.urn, type: wanted.type, old: state, new: state, isLogical: true };
    this.operation.stepStarted(step);
    this.operation.stepEnded(step);
    return state;
  }

  /**
   * Creates a resource.
   * @param replacement what it replaces, and whether the old one still waits to be deleted.
   */
  async create(
    wanted: ResourceState,
    replacement?: { old: ResourceState; isDeletePending: boolean; diff: DescribedDiff },
  ): Promise<ResourceState | undefined> {
    const step: Step = {
      op: replacement === undefined ? "create" : "create-replacement",
      urn: wanted.urn,
      type: wanted.type,
      new: wanted,
      isLogical: replacement === undefined,
      ...(replacement === undefined ? {} : { old: replacement.old, ...describeDiff(replacement.diff) }),
    };
    this.operation.stepStarted(step);
    if (this.operation.isPreview) {
      const provider = wanted.custom ? this.operation.providers.of(wanted) : undefined;
      const previewed =
        provider?.supportsPreview === true
          ? await provider.create(identityOf(wanted), wanted.inputs ?? {}, true, wanted.customTimeouts?.create)
          : { id: "", outputs: wanted.custom ? (wanted.inputs ?? {}) : undefined };
      const state = withOutputs({ ...wanted, ...(wanted.custom ? { id: previewed.id } : {}) }, previewed.outputs);
      this.operation.stepEnded({ ...step, new: state });
      return state;
    }
    const keep = async (state: ResourceState, pending?: number): Promise<void> => {
      if (replacement?.isDeletePending === true) {
        await this.operation.store.addBeside(
          state,
          replacement.old,
          { ...replacement.old, delete: true },
          pending,
        );
      } else {
        await this.operation.store.add(state, replacement?.old, pending);
      }
    };
    if (!wanted.custom) {
      const state = { ...wanted, ...timestamps() };
      await keep(state);
      this.operation.stepEnded({ ...step, new: state });
      return state;
    }
    return await this.attempt("creating", step, wanted, async (pending) => {
      const provider = this.operation.providers.of(wanted);
      try {
        const { id, outputs } = await provider.create(
          identityOf(wanted),
          wanted.inputs ?? {},
          false,
          wanted.customTimeouts?.create,
        );
        if (id === "") {
          throw new EngineError(`plugin returned empty resource.ID from create '${wanted.urn}'`);
        }
        const state = withOutputs({ ...wanted, id, ...timestamps() }, outputs);
        await keep(state, pending);
        return state;
      } catch (error) {
        if (error instanceof InitializationFailed) {
          const failed = { ...wanted, id: error.id, ...timestamps(), ...withReasons(error.reasons) };
          await keep(withOutputs(failed, error.properties), pending);
        }
        throw error;
      }
    });
  }

  async update(
    old: ResourceState,
    wanted: ResourceState,
    diff?: DescribedDiff,
  ): Promise<ResourceState | undefined> {
    const base: ResourceState = { ...wanted, ...keptFields(old) };
    if (!wanted.custom) {
      // What a component puts out comes anew with the end of its constructor.
      delete base.outputs;
    }
    const step: Step = {
      op: "update",
      urn: wanted.urn,
      type: wanted.type,
      old,
      new: base,
      isLogical: true,
      ...describeDiff(diff),
    };
    this.operation.stepStarted(step);
    const id = old.id ?? "";
    if (this.operation.isPreview) {
      const provider = wanted.custom ? this.operation.providers.of(wanted) : undefined;
      const outputs =
        provider?.supportsPreview === true
          ? (
              await provider.update(
                identityOf(wanted),
                id,
                old.inputs ?? {},
                old.outputs ?? {},
                wanted.inputs ?? {},
                true,
                wanted.ignoreChanges,
                wanted.customTimeouts?.update,
              )
            ).outputs
          : wanted.custom
            ? (wanted.inputs ?? {})
            : undefined;
      const state = withOutputs(base, outputs);
      this.operation.stepEnded({ ...step, new: state });
      return state;
    }
    if (!wanted.custom) {
      await this.operation.store.add(base, old);
      this.operation.stepEnded(step);
      return base;
    }
    return await this.attempt("updating", step, old, async (pending) => {
      const provider = this.operation.providers.of(wanted);
      const modified = { modified: new Date().toISOString() };
      try {
        const { outputs } = await provider.update(
          identityOf(wanted),
          id,
          old.inputs ?? {},
          old.outputs ?? {},
          wanted.inputs ?? {},
          false,
          wanted.ignoreChanges,
          wanted.customTimeouts?.update,
        );
        const state = withOutputs({ ...base, ...modified }, outputs);
        await this.operation.store.add(state, old, pending);
        return state;
      } catch (error) {
        if (error instanceof InitializationFailed) {
          // The outputs say what there is now; the inputs stay, since the resource was not updated to the new ones.
          const failed = { ...base, ...modified, inputs: old.inputs ?? {}, ...withReasons(error.reasons) };
          await this.operation.store.add(withOutputs(failed, error.properties), old, pending);
        }
        throw error;
      }
    });
  }

  /** Shows the step that stands for a whole replacement. It does nothing itself. */
  replace(old: ResourceState, state: ResourceState, diff: DescribedDiff): void {
    const step: Step = {
      op: "replace",
      urn: state.urn,
      type: state.type,
      new: state,
      isLogical: true,
      old,
      ...describeDiff(diff),
    };
    this.operation.stepStarted(step);
    this.operation.stepEnded(step);
  }

  /**
   * Deletes a resource. Answers whether that succeeded.
   * @param kind `plain`; `replaced`, the old half of a replacement that is through; `beforeReplace`, ahead of one.
   */
  async delete(old: ResourceState, kind: "plain" | "replaced" | "beforeReplace"): Promise<boolean> {
    const isDiscard = old.external === true;
    const step: Step = {
      op: isDiscard
        ? kind === "plain"
          ? "discard"
          : "discard-replaced"
        : kind === "plain"
          ? "delete"
          : "delete-replaced",
      urn: old.urn,
      type: old.type,
      old,
      isLogical: kind === "plain",
    };
    this.operation.stepStarted(step);
    if (kind === "plain" && old.protect === true) {
      this.operation.stepFailed(step, protectedMessage(old.urn), true);
      return false;
    }
    if (this.operation.isPreview) {
      this.operation.stepEnded(step);
      return true;
    }
    const finish = async (pending?: number): Promise<void> => {
      if (kind === "beforeReplace") {
        await this.operation.store.mark(old, { ...old, pendingReplacement: true }, pending);
      } else {
        await this.operation.store.remove(old, pending);
      }
    };
    const goesAlong = old.deletedWith !== undefined && this.memory.deletedUrns.has(old.deletedWith);
    if (!old.custom || isDiscard || old.retainOnDelete === true || goesAlong) {
      await finish();
      this.operation.stepEnded(step);
      return true;
    }
    const deleted = await this.attempt("deleting", step, old, async (pending) => {
      const provider = this.operation.providers.of(old);
      await provider.delete(
        identityOf(old),
        old.id ?? "",
        old.inputs ?? {},
        old.outputs ?? {},
        old.customTimeouts?.delete,
      );
      await finish(pending);
      return old;
    });
    return deleted !== undefined;
  }

  /** Forgets a resource that was deleted ahead of a replacement that is no longer wanted. */
  async removePendingReplacement(old: ResourceState): Promise<void> {
    const step: Step = { op: "remove-pending-replace", urn: old.urn, type: old.type, old, isLogical: false };
    this.operation.stepStarted(step);
    if (!this.operation.isPreview) {
      await this.operation.store.remove(old);
    }
    this.operation.stepEnded(step);
  }

  /**
   * Reads a resource that the program names by id and does not own.
   * @param isReplacement true if one that the stack owns had its name before.
   */
  async read(
    wanted: ResourceState,
    old: ResourceState | undefined,
    isReplacement: boolean,
  ): Promise<ResourceState | undefined> {
    const step: Step = {
      op: isReplacement ? "read-replacement" : "read",
      urn: wanted.urn,
      type: wanted.type,
      new: wanted,
      isLogical: !isReplacement,
      ...(old === undefined ? {} : { old }),
    };
    this.operation.stepStarted(step);
    try {
      const state = wanted.id === unknownValue ? { ...wanted, outputs: {} } : await this.readState(wanted);
      const kept = old === undefined ? state : { ...state, ...readTimes(old, state) };
      if (!this.operation.isPreview) {
        if (isReplacement && old !== undefined) {
          await this.operation.store.addBeside(kept, old, { ...old, delete: true });
        } else {
          await this.operation.store.add(kept, old);
        }
      }
      this.operation.stepEnded({ ...step, new: kept });
      return kept;
    } catch (error) {
      this.fail(step, error);
      return undefined;
    }
  }

  private async readState(wanted: ResourceState): Promise<ResourceState> {
    const provider = this.operation.providers.of(wanted);
    const inputs = wanted.inputs ?? {};
    const result = await provider.read(
      identityOf(wanted),
      wanted.id ?? "",
      inputs,
      inputs,
      wanted.customTimeouts?.read,
    );
    if (result.outputs === undefined) {
      throw new EngineError(`resource '${wanted.id}' does not exist`);
    }
    const id = result.id === "" ? (wanted.id ?? "") : result.id;
    return withOutputs({ ...wanted, id, ...withReasons(result.reasons ?? []) }, result.outputs);
  }

  /** Takes over a resource that exists: reads it by the id to import. Nothing is changed in it. */
  async import(
    wanted: ResourceState,
    original: ResourceState | undefined,
    ignoreChanges: string[],
  ): Promise<ResourceState | undefined> {
    const isReplacement = original !== undefined;
    const step: Step = {
      op: isReplacement ? "import-replacement" : "import",
      urn: wanted.urn,
      type: wanted.type,
      new: wanted,
      isLogical: !isReplacement,
      ...(original === undefined ? {} : { old: original }),
    };
    this.operation.stepStarted(step);
    const importId = wanted.importID ?? "";
    try {
      const provider = this.operation.providers.of(wanted);
      const result = await provider.read(
        identityOf(wanted),
        importId,
        undefined,
        undefined,
        wanted.customTimeouts?.read,
      );
      if (result.outputs === undefined) {
        throw new EngineError(`resource '${importId}' does not exist`);
      }
      if (result.inputs === undefined) {
        const packageName = packageOf(wanted.type);
        throw new EngineError(
          `provider does not support importing resources; please try updating the '${packageName}' plugin`,
        );
      }
      const { inputs } = resetIgnoredChanges(result.inputs, result.inputs, ignoreChanges);
      const found = { ...wanted, inputs, id: result.id === "" ? importId : result.id, ...timestamps() };
      const state = withOutputs({ ...found, ...withReasons(result.reasons ?? []) }, result.outputs);
      if (!this.operation.isPreview) {
        if (original !== undefined) {
          await this.operation.store.addBeside(state, original, { ...original, delete: true });
        } else {
          await this.operation.store.add(state);
        }
      }
      if (original !== undefined) {
        this.memory.replaced.add(original);
      }
      this.operation.stepEnded({ ...step, old: state, new: state });
      if (original !== undefined) {
        this.replace(original, state, { replaces: [] });
      }
      return state;
    } catch (error) {
      this.fail(step, error);
      return undefined;
    }
  }

  private async attempt(
    type: PendingOperationType,
    step: Step,
    pendingState: ResourceState,
    work: (pending: number) => Promise<ResourceState>,
  ): Promise<ResourceState | undefined> {
    const pending = await this.operation.store.begin(type, pendingState);
    try {
      const state = await work(pending);
      this.operation.stepEnded(step.new === undefined ? step : { ...step, new: state });
      return state;
    } catch (error) {
      if (this.operation.isTerminated) {
        return undefined;
      }
      await this.operation.store.abandon(pending);
      this.fail(step, error);
      return undefined;
    }
  }

  private fail(step: Step, error: unknown): void {
    this.operation.stepFailed(step, error instanceof Error ? error.message : String(error));
  }
}

/** What a refused delete of a protected resource says. */
function protectedMessage(urn: string): string {
  return (
    `resource ${JSON.stringify(urn)} cannot be deleted\nbecause it is protected. To unprotect the resource, remove the ` +
    "`protect` flag from the resource in your Pulumi program and run `siterecovery-rehearse up`"
  );
}

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
type DescribedDiff = Pick<ProviderDiff, "replaces" | "changedKeys" | "detailed">;

function describeDiff(diff: DescribedDiff | undefined): Partial<Step> {
  return {
    ...(diff === undefined || diff.replaces.length === 0 ? {} : { replaceKeys: diff.replaces }),
    ...(diff?.changedKeys === undefined ? {} : { diffKeys: diff.changedKeys }),
    ...(diff?.detailed === undefined ? {} : { detailedDiff: diff.detailed }),
  };
}

/** A read keeps the times of before, unless it found something else. */
function readTimes(old: ResourceState, current: ResourceState): Partial<ResourceState> {
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

function keptFields(old: ResourceState): Partial<ResourceState> {
  return {
    ...(old.id === undefined ? {} : { id: old.id }),
    ...(old.outputs === undefined ? {} : { outputs: old.outputs }),
    ...(old.created === undefined ? {} : { created: old.created }),
    ...(old.modified === undefined ? {} : { modified: old.modified }),
  };
}

function timestamps(): Partial<ResourceState> {
  const now = new Date().toISOString();
  return { created: now, modified: now };
}

function withReasons(reasons: string[]): Partial<ResourceState> {
  return reasons.length > 0 ? { initErrors: reasons } : {};
}
