import { neededUrns, type ResourceState } from "../state/resourceState.js";
import { withResolvers } from "../withResolvers.js";
import type { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";
import type { Registration } from "./registration.js";

/** A registration ended without a state: the operation stops, and the program must not go on. */
export class RegistrationStopped extends Error {
  override readonly name = "RegistrationStopped";
}

/**
 * Reports why a resource cannot be, and stops.
 * @throws {RegistrationStopped}
 */
export function stopRegistration(operation: Operation, urn: string, message: string): never {
  operation.bail(urn, message);
  throw new RegistrationStopped(message);
}

/** The steps that were planned for a resource. */
export interface Steps {
  /** What is wanted, as far as it is known before they run. */
  wanted: ResourceState;
  /** Answers `undefined` if a step failed, which it has reported. */
  run(): Promise<ResourceState | undefined>;
}

/** Plans one resource after the other, and runs the steps of many at a time. */
export class StepTurns {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly operation: Operation,
    private readonly memory: OperationMemory,
  ) {}

  /**
   * Runs `plan` when all before it have planned, then the steps that it answers, when there is a place for them.
   * @throws {RegistrationStopped} if the operation stops before they are through.
   */
  async take(plan: () => Promise<Steps>): Promise<Registration> {
    const settled = withResolvers<Registration>();
    const { executor } = this.operation;
    executor.onStop(() => settled.reject(new RegistrationStopped("the operation stopped")));
    settled.promise.catch(() => undefined);
    const turn = this.turn.then(async () => {
      if (executor.stopped !== undefined) {
        return;
      }
      const steps = await plan();
      if (this.dependsOnFailed(steps.wanted)) {
        this.operation.failedUrns.add(steps.wanted.urn);
        settled.resolve({ state: steps.wanted, result: "skipped" });
        return;
      }
      const started = await executor.start(async () => {
        try {
          const state = await steps.run();
          if (state !== undefined) {
            this.memory.current.set(state.urn, state);
            settled.resolve({ state, result: "succeeded" });
          } else if (executor.stopped === undefined) {
            settled.resolve({ state: steps.wanted, result: "failed" });
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

  private dependsOnFailed(wanted: ResourceState): boolean {
    const { failedUrns } = this.operation;
    return failedUrns.size > 0 && [...neededUrns(wanted)].some((urn) => failedUrns.has(urn));
  }

  private crash(error: unknown): void {
    const isSaid = error instanceof RegistrationStopped;
    this.operation.bail("", isSaid ? undefined : error instanceof Error ? error.message : String(error));
  }
}
