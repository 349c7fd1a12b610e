import { isDeepStrictEqual } from "node:util";
import { EngineError, InitializationFailed } from "../errors.js";
import type { Step } from "../events.js";
import type { ResourceProvider } from "../providers/resourceProviderHost.js";
import { type PendingOperationType, type ResourceState, withoutEmpty } from "../state/resourceState.js";
import { isProviderType } from "../urn.js";
import type { HookSubject } from "./hooks.js";
import type { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";
import {
  type DescribedDiff,
  describeDiff,
  identityOf,
  keptFields,
  timestamps,
  withOutputs,
  withReasons,
} from "./stepStates.js";

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
    const subject: HookSubject = { state: wanted, newInputs: wanted.inputs ?? {} };
    if (!(await this.mayStart("BeforeCreate", step, subject))) {
      return undefined;
    }
    const create = (provider: ResourceProvider): ReturnType<ResourceProvider["create"]> =>
      this.operation.hooks.retrying("create", subject, () =>
        provider.create(
          identityOf(wanted),
          wanted.inputs ?? {},
          this.operation.isPreview,
          wanted.customTimeouts?.create,
        ),
      );
    const hasCreated = async (state: ResourceState): Promise<ResourceState> => {
      await this.operation.runAfter("AfterCreate", { ...subject, state, newOutputs: state.outputs ?? {} });
      return state;
    };
    if (this.operation.isPreview) {
      const provider = wanted.custom ? this.operation.providers.of(wanted) : undefined;
      const previewed =
        provider?.supportsPreview === true
          ? await create(provider)
          : { id: "", outputs: wanted.custom ? (wanted.inputs ?? {}) : undefined };
      const state = withOutputs({ ...wanted, ...(wanted.custom ? { id: previewed.id } : {}) }, previewed.outputs);
      if (wanted.custom) {
        await hasCreated(state);
      }
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
        const { id, outputs } = await create(provider);
        if (id === "") {
          throw new EngineError(`plugin returned empty resource.ID from create '${wanted.urn}'`);
        }
        const state = withOutputs({ ...wanted, id, ...timestamps() }, outputs);
        await keep(state, pending);
        return await hasCreated(state);
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
    const [oldInputs, oldOutputs] = [old.inputs ?? {}, old.outputs ?? {}];
    const subject: HookSubject = { state: base, newInputs: wanted.inputs ?? {}, oldInputs, oldOutputs };
    if (!(await this.mayStart("BeforeUpdate", step, subject))) {
      return undefined;
    }
    const update = (provider: ResourceProvider): ReturnType<ResourceProvider["update"]> =>
      this.operation.hooks.retrying("update", subject, () =>
        provider.update(
          identityOf(wanted),
          old.id ?? "",
          oldInputs,
          oldOutputs,
          wanted.inputs ?? {},
          this.operation.isPreview,
          wanted.ignoreChanges,
          wanted.customTimeouts?.update,
        ),
      );
    const hasUpdated = async (state: ResourceState): Promise<ResourceState> => {
      await this.operation.runAfter("AfterUpdate", { ...subject, state, newOutputs: state.outputs ?? {} });
      return state;
    };
    if (this.operation.isPreview) {
      const provider = wanted.custom ? this.operation.providers.of(wanted) : undefined;
      const outputs =
        provider?.supportsPreview === true
          ? (await update(provider)).outputs
          : wanted.custom
            ? (wanted.inputs ?? {})
            : undefined;
      const state = withOutputs(base, outputs);
      if (wanted.custom) {
        await hasUpdated(state);
      }
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
        const { outputs } = await update(provider);
        const state = withOutputs({ ...base, ...modified }, outputs);
        await this.operation.store.add(state, old, pending);
        return await hasUpdated(state);
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
    const [oldInputs, oldOutputs] = [old.inputs ?? {}, old.outputs ?? {}];
    const subject: HookSubject = { state: old, oldInputs, oldOutputs };
    const { hooks } = this.operation;
    // Without hooks a preview tells of one delete after the other.
    if (hooks.concern("BeforeDelete", old) && !(await this.mayStart("BeforeDelete", step, subject))) {
      return false;
    }
    if (kind === "plain" && old.protect === true && !this.operation.ignoresProtect) {
      this.operation.stepFailed(step, protectedMessage(old.urn), true);
      return false;
    }
    if (this.operation.isPreview) {
      if (hooks.concern("AfterDelete", old)) {
        await this.operation.runAfter("AfterDelete", subject);
      }
      this.operation.stepEnded(step);
      return true;
    }
    const finish = async (pending?: number): Promise<void> => {
      if (kind === "beforeReplace") {
        await this.operation.store.mark(old, { ...old, pendingReplacement: true }, pending);
      } else {
        await this.operation.store.remove(old, pending);
      }
      await this.operation.runAfter("AfterDelete", subject);
    };
    const goesAlong = old.deletedWith !== undefined && this.memory.deletedUrns.has(old.deletedWith);
    if (!old.custom || isDiscard || old.retainOnDelete === true || goesAlong) {
      await finish();
      this.operation.stepEnded(step);
      return true;
    }
    const deleted = await this.attempt("deleting", step, old, async (pending) => {
      const provider = this.operation.providers.of(old);
      await this.operation.hooks.retrying("delete", subject, () =>
        provider.delete(identityOf(old), old.id ?? "", oldInputs, oldOutputs, old.customTimeouts?.delete),
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

  /** Runs the hooks ahead of a step. Answers false where one objects: then the step has failed. */
  private async mayStart(
    type: "BeforeCreate" | "BeforeUpdate" | "BeforeDelete",
    step: Step,
    subject: HookSubject,
  ): Promise<boolean> {
    try {
      await this.operation.hooks.run(type, subject);
      return true;
    } catch (error) {
      this.fail(step, error);
      return false;
    }
  }

  /** Reports a step that failed. */
  fail(step: Step, error: unknown): void {
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
