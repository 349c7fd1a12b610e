import { EngineError } from "../errors.js";
import type { PropertyMap } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";

/** When hooks run, in the names that states have. */
export const hookTypes = [
  "BeforeCreate",
  "AfterCreate",
  "BeforeUpdate",
  "AfterUpdate",
  "BeforeDelete",
  "AfterDelete",
  "OnError",
] as const;
export type HookType = (typeof hookTypes)[number];

/** Names of a resource's hooks, by when they run. */
export type HookBindings = Partial<Record<HookType, string[]>>;

/** What a hook is told of a resource. */
export interface HookSubject {
  state: ResourceState;
  newInputs?: PropertyMap | undefined;
  oldInputs?: PropertyMap | undefined;
  newOutputs?: PropertyMap | undefined;
  oldOutputs?: PropertyMap | undefined;
}

/** A function of the program that sees a resource before or after something is done to it. It throws to object. */
export interface ResourceHook {
  runsInPreviews: boolean;
  /** Its objections are only told. */
  ignoresErrors: boolean;
  call(subject: HookSubject): Promise<void>;
}

/** A function of the program that answers whether to try again what failed. */
export interface ErrorHook {
  call(subject: HookSubject, operation: string, errors: readonly string[]): Promise<boolean>;
}

/** Where hooks have something to say. */
export interface HookReports {
  isPreview: boolean;
  warn(urn: string, message: string): void;
}

/** How often something is tried at most because a hook asks for it. */
const maxTries = 100;

/**
 * The hooks that a program has registered.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/options/hooks/
 */
export class Hooks {
  private readonly ofResources = new Map<string, ResourceHook>();
  private readonly ofErrors = new Map<string, ErrorHook>();

  constructor(private readonly reports: HookReports) {}

  /** @throws {EngineError} if the name is empty or taken. */
  register(name: string, hook: ResourceHook): void {
    this.claim(name);
    this.ofResources.set(name, hook);
  }

  /** @throws {EngineError} if the name is empty or taken. */
  registerForErrors(name: string, hook: ErrorHook): void {
    this.claim(name);
    this.ofErrors.set(name, hook);
  }

  /** True if a resource has hooks of a type. */
  concern(type: HookType, state: ResourceState): boolean {
    return (state.resourceHooks?.[type] ?? []).length > 0;
  }

  /**
   * Runs a resource's hooks of one type, one after the other.
   * @throws {EngineError} if one is not registered, or objects.
   */
  async run(type: Exclude<HookType, "OnError">, subject: HookSubject): Promise<void> {
    const { state } = subject;
    for (const name of state.resourceHooks?.[type] ?? []) {
      const hook = this.ofResources.get(name);
      if (hook === undefined) {
        throw new EngineError(`hook "${name}" was not registered`);
      }
      if (this.reports.isPreview && !hook.runsInPreviews) {
        continue;
      }
      try {
        await hook.call(subject);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (!hook.ignoresErrors) {
          const when = type.startsWith("Before") ? "before" : "after";
          throw new EngineError(`${when} hook "${name}" failed: ${message}`);
        }
        this.reports.warn(state.urn, `${type} hook "${name}" failed: ${message}`);
      }
    }
  }

  /**
   * Does something to a resource, again and again while it fails and a hook for errors asks for it.
   * @throws what it failed with last.
   */
  async retrying<T>(
    operation: "create" | "update" | "delete",
    subject: HookSubject,
    work: () => Promise<T>,
  ): Promise<T> {
    const { state } = subject;
    const names = state.resourceHooks?.OnError ?? [];
    const errors: string[] = [];
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (names.length === 0) {
          throw error;
        }
        errors.unshift(error instanceof Error ? error.message : String(error));
        if (errors.length >= maxTries) {
          this.reports.warn(state.urn, `maximum number of error hook retries (${maxTries}) reached`);
          throw new EngineError("maximum number of error hook retries reached");
        }
        if (!(await this.wantsRetry(names, subject, operation, errors))) {
          throw error;
        }
        this.reports.warn(
          state.urn,
          `retrying ${operation} due to on-error hook request (${errors.length}/${maxTries})`,
        );
      }
    }
  }

  private async wantsRetry(
    names: readonly string[],
    subject: HookSubject,
    operation: string,
    errors: readonly string[],
  ): Promise<boolean> {
    let wantsRetry = false;
    for (const name of names) {
      const hook = this.ofErrors.get(name);
      const failed = (what: string): EngineError =>
        new EngineError(`error hooks execution failed: error hook "${name}" ${what}`);
      if (hook === undefined) {
        throw failed("was not registered");
      }
      const answer = await hook.call(subject, operation, errors).catch((error: unknown) => {
        throw failed(`failed: ${error instanceof Error ? error.message : String(error)}`);
      });
      wantsRetry ||= answer;
    }
    return wantsRetry;
  }

  private claim(name: string): void {
    if (name === "") {
      throw new EngineError("resource hook name cannot be empty");
    }
    if (this.ofResources.has(name) || this.ofErrors.has(name)) {
      throw new EngineError(`resource hook already registered for name "${name}"`);
    }
  }
}
