import { EngineError } from "../errors.js";
import type { ProviderDiff } from "../providers/resourceProviderHost.js";
import type { ResourceState } from "../state/resourceState.js";
import { formatCheckedValue } from "./checkFailureText.js";
import type { Differ } from "./differ.js";
import type { ResourceGoal } from "./goal.js";
import { checkInputs } from "./inputCheck.js";
import type { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";
import type { OperationSelection } from "./operationSelection.js";
import type { StepRunner } from "./stepRunner.js";
import { type Steps, stopRegistration } from "./stepTurns.js";

/** Plans the replacement of resources: what is deleted ahead, what beside it is created, what waits for the end. */
export class Replacements {
  constructor(
    private readonly operation: Operation,
    private readonly memory: OperationMemory,
    private readonly selection: OperationSelection,
    private readonly runner: StepRunner,
    private readonly differ: Differ,
    /** Makes sure that the providers of resources of before are there. */
    private readonly prepareProviders: (resources: readonly ResourceState[]) => Promise<void>,
  ) {}

  /** Plans a replacement, in the order that options and the provider ask for. */
  async plan(
    goal: ResourceGoal,
    wanted: ResourceState,
    old: ResourceState,
    diff: ProviderDiff,
  ): Promise<Steps["run"]> {
    const { urn } = wanted;
    if (wanted.protect === true && old.protect === true && !this.operation.ignoresProtect) {
      const message = `unable to replace resource ${JSON.stringify(urn)}\nas it is currently marked for protection. To unprotect the resource, remove the \`protect\` flag from the resource in your Pulumi program and run \`siterecovery-rehearse up\``;
      if (!this.operation.isPreview) {
        stopRegistration(this.operation, urn, message);
      }
      this.operation.refuseStep(urn, message);
    }
    if (goal.importId !== "") {
      this.refuseReplacementOfImport(urn, old, wanted, diff);
    }
    this.memory.replacedUrns.add(urn);
    // The first check carried old values over; a new resource starts without them.
    if (wanted.custom && !this.selection.replaces.has(urn)) {
      wanted.inputs = await checkInputs(this.operation, wanted, {}, goal.inputs);
    }
    const isDeleteFirst = goal.deleteBeforeReplace ?? diff.deleteBeforeReplace;
    if (!isDeleteFirst) {
      return () => this.createBeside(wanted, old, diff);
    }
    const dependents = await this.differ.dependentReplacements(old);
    for (const { state, keys } of dependents) {
      if (state.protect === true && !this.operation.ignoresProtect) {
        stopRegistration(
          this.operation,
          urn,
          `unable to replace resource ${JSON.stringify(state.urn)} as part of replacing ${JSON.stringify(urn)} as it is currently marked for protection. To unprotect the resource, remove the \`protect\` flag from the resource in your Pulumi program and run \`siterecovery-rehearse up\``,
        );
      }
      this.memory.deletedAhead.set(state.urn, keys);
      this.memory.operatedOn.add(state.urn);
      this.memory.deletedUrns.add(state.urn);
    }
    this.memory.deletedUrns.add(old.urn);
    await this.prepareProviders([...dependents.map(({ state }) => state), old]);
    return async () => {
      for (const { state } of dependents.reverse()) {
        if (!(await this.runner.delete(state, "beforeReplace"))) {
          return undefined;
        }
      }
      if (old.pendingReplacement !== true && !(await this.runner.delete(old, "beforeReplace"))) {
        return undefined;
      }
      this.runner.replace(old, wanted, diff);
      return await this.runner.create(wanted, { old, isDeletePending: false, diff });
    };
  }

  /** Creates a replacement while what it replaces is still there, to be deleted at the end. */
  async createBeside(
    wanted: ResourceState,
    old: ResourceState,
    diff: Pick<ProviderDiff, "replaces">,
  ): Promise<ResourceState | undefined> {
    const isDeletePending = old.pendingReplacement !== true;
    const state = await this.runner.create(wanted, { old, isDeletePending, diff });
    if (state !== undefined) {
      if (isDeletePending) {
        this.memory.replaced.add(old);
      }
      this.runner.replace(old, state, diff);
    }
    return state;
  }

  private refuseReplacementOfImport(
    urn: string,
    old: ResourceState,
    wanted: ResourceState,
    diff: ProviderDiff,
  ): void {
    const changes = diff.replaces.map(
      (key) => `${key}: ${formatCheckedValue(old.inputs?.[key])} => ${formatCheckedValue(wanted.inputs?.[key])}`,
    );
    const message = `previously-imported resources that still specify an ID may not be replaced; please remove the \`import\` declaration from your program;\n${changes.join("\n")}`;
    if (!this.operation.isPreview) {
      throw new EngineError(message);
    }
    this.operation.report("warning", urn, message);
  }
}
