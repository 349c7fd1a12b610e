import { EngineError } from "../errors.js";
import { providerState } from "../providers/providerRegistry.js";
import { neededUrns, type ResourceState } from "../state/resourceState.js";
import type { ResourceGoal } from "./goal.js";
import type { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";
import type { OperationSelection } from "./operationSelection.js";
import type { StepRunner } from "./stepRunner.js";
import { type Steps, stopRegistration } from "./stepTurns.js";

/** Plans what becomes of resources that a program registers and that the operation does not work on. */
export class Unselected {
  /** Skipped creates that nobody has been told of as needed. */
  private readonly untold = new Set<string>();

  constructor(
    private readonly operation: Operation,
    private readonly memory: OperationMemory,
    private readonly selection: OperationSelection,
    private readonly runner: StepRunner,
  ) {}

  /** A resource that would be new: the program goes on as if it were there, with nothing known of it. */
  planSkip(wanted: ResourceState): Steps["run"] {
    this.memory.skippedCreates.add(wanted.urn);
    this.untold.add(wanted.urn);
    return async () => this.runner.skipCreate(wanted);
  }

  /**
   * A resource of before: it stays as it is, with all that it depends on, even what the program no longer has.
   * @throws {EngineError} if its provider is not there.
   */
  planLeave(goal: ResourceGoal, urn: string, old: ResourceState): Steps["run"] {
    this.requireProvider(urn, old);
    // The program goes on with the name of before, and its children are registered below that.
    this.memory.seen.add(old.urn);
    this.memory.goals.set(old.urn, goal);
    this.hold(old);
    return async () => this.runner.leave(old);
  }

  /**
   * Reports that a resource needs others that would be new and are not among the targets. A preview goes on, to tell
   * of all of them.
   * @throws {RegistrationStopped} in an update.
   */
  refuseNeeded(wanted: ResourceState): void {
    if (!this.selection.targets.isRestricted) {
      return;
    }
    for (const needed of neededUrns(wanted)) {
      if (!this.untold.delete(needed)) {
        continue;
      }
      const message = `Resource '${wanted.urn}' depends on '${needed}' which was was not specified in --target list.`;
      if (this.operation.isPreview) {
        this.operation.refuseStep(wanted.urn, message);
      } else {
        stopRegistration(this.operation, wanted.urn, message);
      }
    }
  }

  /** Keeps what a resource depends on from being deleted, even if the program no longer has it. */
  private hold(old: ResourceState): void {
    for (const urn of neededUrns(old)) {
      if (!this.memory.held.has(urn)) {
        this.memory.held.add(urn);
        this.memory.operatedOn.add(urn);
        const needed = this.memory.olds.get(urn);
        if (needed !== undefined) {
          this.hold(needed);
        }
      }
    }
  }

  private requireProvider(urn: string, { provider }: ResourceState): void {
    if (provider === undefined || this.operation.providers.find(provider) !== undefined) {
      return;
    }
    if (providerState(provider, this.memory.olds) === undefined) {
      throw new EngineError(`could not find provider ${provider} in old state`);
    }
    throw new EngineError(
      `provider ${provider} for resource ${urn} has not been registered yet, this is due to a change of providers mixed with --target. Change your program back to the original providers`,
    );
  }
}
