import { EngineError } from "../errors.js";
import type { Step } from "../events.js";
import { unknownValue } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";
import { packageOf } from "../urn.js";
import type { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";
import { resetIgnoredChanges } from "./propertyPath.js";
import type { StepRunner } from "./stepRunner.js";
import { identityOf, readTimes, timestamps, withOutputs, withReasons } from "./stepStates.js";

/** Reads resources that the stack did not make: those that it only refers to, and those that it takes over. */
export class ResourceReader {
  constructor(
    private readonly operation: Operation,
    private readonly memory: OperationMemory,
    private readonly runner: StepRunner,
  ) {}

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
      this.runner.fail(step, error);
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
        this.runner.replace(original, state, { replaces: [] });
      }
      return state;
    } catch (error) {
      this.runner.fail(step, error);
      return undefined;
    }
  }
}
