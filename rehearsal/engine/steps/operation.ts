import type { Diagnostic, EngineEvent, Severity, Step, StepOp } from "../events.js";
import type { PolicyRun } from "../policy/policyRun.js";
import type { PolicyRemediation, PolicyViolation } from "../policy/types.js";
import { deepEqual } from "../propertyValues.js";
import type { ProviderRegistry } from "../providers/providerRegistry.js";
import type { ResourceState } from "../state/resourceState.js";
import type { StateStore } from "../state/stateStore.js";
import { isDefaultProvider, isStack } from "../urn.js";
import { type HookSubject, Hooks } from "./hooks.js";
import type { StepExecutor } from "./stepExecutor.js";

/** What all parts of one running operation share. */
export class Operation {
  /** How many steps of each kind ended well. */
  readonly changes: Partial<Record<StepOp, number>> = {};
  /** All steps that ended well, in order. */
  readonly steps: Step[] = [];
  /** The last step of each resource that is there, or would be. */
  private readonly lastSteps = new Map<string, Step>();
  readonly diagnostics: Diagnostic[] = [];
  /** True once anything went wrong, also where the operation went on. */
  hasErrors = false;
  /** True once the processes are being ended under their steps: what those were doing stays pending. */
  isTerminated = false;
  /** True once a step failed. */
  hasFailedSteps = false;
  /** True once there was no going on: what was wrong then is all that is said. */
  hasBailed = false;
  readonly hooks: Hooks;
  /** True to delete and replace what is protected, too. */
  ignoresProtect = false;
  /** The policy packs whose rules look at every resource; undefined where there are none. */
  policies: PolicyRun | undefined;
  readonly violations: PolicyViolation[] = [];
  /** True once a mandatory rule was broken. */
  isPolicyBroken = false;
  /** Resources whose step failed, or that depend on one, where the operation goes on all the same. */
  readonly failedUrns = new Set<string>();

  constructor(
    readonly stack: string,
    readonly project: string,
    readonly isPreview: boolean,
    /** True where reading resources anew is all that is done: then what it finds are the changes. */
    readonly isRefresh: boolean,
    public store: StateStore,
    readonly providers: ProviderRegistry,
    readonly executor: StepExecutor,
    /** Goes on with what does not depend on a failure. */
    private readonly continuesOnError: boolean,
    private readonly emitEvent: (event: EngineEvent) => void,
  ) {
    this.hooks = new Hooks({ isPreview, warn: (urn, message) => this.report("warning", urn, message) });
  }

  emit(event: EngineEvent): void {
    this.emitEvent(event);
  }

  stepStarted(step: Step): void {
    if (!isDefaultProvider(step.urn)) {
      this.emitEvent({ kind: "stepStarted", step, time: Date.now() });
    }
  }

  /**
   * Counts a step that ended well, and shows it: a component's own step has nothing to show until its outputs are
   * registered, except in a preview.
   */
  stepEnded(step: Step): void {
    if (isDefaultProvider(step.urn)) {
      return;
    }
    const op = step.resultOp ?? step.op;
    if (step.isLogical && (op !== "read" || hasReadNews(step))) {
      this.changes[op] = (this.changes[op] ?? 0) + 1;
    }
    this.steps.push(step);
    if (step.new !== undefined && step.op !== "refresh") {
      this.lastSteps.set(step.urn, step);
    }
    const custom = (step.new ?? step.old)?.custom === true;
    if (this.isPreview || custom || step.op === "refresh" || step.op === "delete") {
      this.emitEvent({ kind: "stepEnded", step, time: Date.now() });
    }
  }

  /** Shows a component, or the stack, again when its outputs are there: they belong to the last step that it had. */
  async outputsRegistered(state: ResourceState): Promise<void> {
    const step = this.lastSteps.get(state.urn);
    if (step !== undefined) {
      if (!isStack(state.urn)) {
        await this.afterComponent(step, state);
      }
      this.emitEvent({ kind: "stepEnded", step: { ...step, new: state }, time: Date.now() });
    }
  }

  /**
   * Reports a step that failed, and stops, unless the operation goes on after errors.
   * @param goesOn goes on in any case: nothing was tried.
   */
  stepFailed(step: Step, message: string, goesOn = false): void {
    this.hasFailedSteps = true;
    this.error(step.urn, this.isPreview ? `Preview failed: ${message}` : message);
    if (!this.isPreview) {
      this.emitEvent({ kind: "stepFailed", step, time: Date.now() });
    }
    if (this.continuesOnError || goesOn) {
      this.failedUrns.add(step.urn);
    } else {
      this.executor.stop("failed");
    }
  }

  /** Runs hooks after something was done to a resource: it stays done where they object, but the operation ends. */
  async runAfter(type: "AfterCreate" | "AfterUpdate" | "AfterDelete", subject: HookSubject): Promise<void> {
    try {
      await this.hooks.run(type, subject);
    } catch (error) {
      this.refuseStep(subject.state.urn, error instanceof Error ? error.message : String(error));
      if (!this.continuesOnError) {
        this.executor.stop("failed");
      }
    }
  }

  private async afterComponent({ op, old }: Step, state: ResourceState): Promise<void> {
    const [newInputs, newOutputs] = [state.inputs ?? {}, state.outputs ?? {}];
    if (op === "create" || op === "create-replacement") {
      await this.runAfter("AfterCreate", { state, newInputs, newOutputs });
    } else if (op === "update") {
      const [oldInputs, oldOutputs] = [old?.inputs ?? {}, old?.outputs ?? {}];
      await this.runAfter("AfterUpdate", { state, newInputs, oldInputs, newOutputs, oldOutputs });
    }
  }

  violated(violation: PolicyViolation): void {
    this.violations.push(violation);
    this.isPolicyBroken ||= violation.enforcementLevel === "mandatory";
    this.emitEvent({ kind: "policyViolation", violation, time: Date.now() });
  }

  remediated(remediation: PolicyRemediation): void {
    this.emitEvent({ kind: "policyRemediation", remediation, time: Date.now() });
  }

  /** Reports what is wrong: the operation fails, now or in the end. */
  error(urn: string, message: string): void {
    this.hasErrors = true;
    this.report("error", urn, message);
  }

  /** Reports what is wrong with a step that is not taken, and goes on. */
  refuseStep(urn: string, message: string): void {
    this.hasFailedSteps = true;
    this.error(urn, message);
  }

  /** Reports why there is no going on, unless that has been said, and stops. */
  bail(urn: string, message?: string): void {
    this.hasBailed = true;
    if (message !== undefined) {
      this.error(urn, message);
    }
    this.executor.stop("failed");
  }

  report(severity: Severity, urn: string, message: string, isEphemeral = false, streamId = 0): void {
    const diagnostic = { severity, urn, message, isEphemeral, streamId };
    this.diagnostics.push(diagnostic);
    this.emitEvent({ kind: "diagnostic", diagnostic, time: Date.now() });
  }
}

/** A read counts as a change only where it found something else than before. */
function hasReadNews({ old, new: current }: Step): boolean {
  return old?.outputs !== undefined && !deepEqual(old.outputs, current?.outputs);
}
