import { EngineError } from "../errors.js";
import { providerState } from "../providers/providerRegistry.js";
import { isReplacing } from "../providers/resourceProviderHost.js";
import type { ResourceState } from "../state/resourceState.js";
import { isProviderType, makeUrn } from "../urn.js";
import { Deletions } from "./deletions.js";
import { Differ } from "./differ.js";
import { type ResourceGoal, wantedState } from "./goal.js";
import { checkInputs } from "./inputCheck.js";
import { OperationMemory } from "./memory.js";
import type { Operation } from "./operation.js";
import { OperationSelection, type SelectionOptions } from "./operationSelection.js";
import { PolicyGate } from "./policyGate.js";
import { refreshResources } from "./refresher.js";
import type { Registration } from "./registration.js";
import { Replacements } from "./replacements.js";
import { ResourceReader } from "./resourceReader.js";
import { StepRunner } from "./stepRunner.js";
import { RegistrationStopped, type Steps, StepTurns, stopRegistration } from "./stepTurns.js";
import { reportMissing } from "./targetChecks.js";
import { Unselected } from "./unselected.js";

/**
 * Decides what to do with each resource that a program registers, in the order of arrival and one after the other,
 * as the Pulumi engine does; the steps that follow run in parallel.
 */
export class StepGenerator {
  private readonly memory: OperationMemory;
  private readonly runner: StepRunner;
  private readonly reader: ResourceReader;
  private readonly differ: Differ;
  private readonly turns: StepTurns;
  private readonly policies: PolicyGate;
  private readonly selection: OperationSelection;
  private readonly unselected: Unselected;
  private readonly replacements: Replacements;
  private readonly deletions: Deletions;

  constructor(
    private readonly operation: Operation,
    options: SelectionOptions,
  ) {
    this.selection = new OperationSelection(options);
    this.memory = new OperationMemory(operation.stack, operation.project, operation.store.base);
    this.runner = new StepRunner(operation, this.memory);
    this.reader = new ResourceReader(operation, this.memory, this.runner);
    const prepareProviders = (resources: readonly ResourceState[]) => this.prepareProviders(resources);
    this.differ = new Differ(operation, this.memory, this.selection, prepareProviders);
    this.turns = new StepTurns(operation, this.memory);
    this.policies = new PolicyGate(operation, this.memory);
    this.unselected = new Unselected(operation, this.memory, this.selection, this.runner);
    this.replacements = new Replacements(
      operation,
      this.memory,
      this.selection,
      this.runner,
      this.differ,
      prepareProviders,
    );
    this.deletions = new Deletions(
      operation,
      this.memory,
      this.selection,
      this.runner,
      this.differ,
      prepareProviders,
    );
  }

  /** The newest state of a resource in this operation. */
  stateOf(urn: string): ResourceState | undefined {
    return this.memory.current.get(urn);
  }

  /** What the program asked of a resource in this operation. */
  goalOf(urn: string): ResourceGoal | undefined {
    return this.memory.goals.get(urn);
  }

  /** The old state that a resource came from, if it had one. */
  oldStateOf(urn: string): ResourceState | undefined {
    return this.memory.olds.get(this.memory.aliases.oldUrnOf(urn) ?? urn);
  }

  /** True for a resource that would be new, but that the operation does not work on. */
  isSkipped(urn: string): boolean {
    return this.memory.skippedCreates.has(urn);
  }

  /** True if the program has functions that are to see deletes, of resources of before or of now. */
  hasDeleteHooks(): boolean {
    return [...this.operation.store.base, ...this.memory.current.values()].some(
      ({ resourceHooks }) => resourceHooks?.BeforeDelete !== undefined || resourceHooks?.AfterDelete !== undefined,
    );
  }

  setState(state: ResourceState): void {
    this.memory.current.set(state.urn, state);
  }

  /**
   * Registers a resource, and resolves to its state once its steps are through.
   * @throws {RegistrationStopped} if they will not be.
   */
  async register(goal: ResourceGoal, providerReference: string | undefined): Promise<Registration> {
    let imported: ResourceState | undefined;
    const registration = await this.turns.take(async () => {
      const urn = this.claimUrn(goal);
      const old = this.findOld(urn, goal);
      this.memory.goals.set(urn, goal);
      const wanted = wantedState(goal, urn, providerReference);
      if (wanted.custom && goal.importId !== "" && isToImport(goal, old)) {
        this.memory.markOperated(urn, old);
        return {
          wanted,
          run: async () => {
            imported = await this.reader.import(wanted, old, goal.ignoreChanges);
            return imported;
          },
        };
      }
      return await this.planned(wanted, () => this.planSteps(goal, wanted, old));
    });
    if (imported === undefined || registration.result !== "succeeded") {
      return registration;
    }
    // What was imported is compared with what the program says, as any resource is.
    const found = imported;
    return await this.turns.take(async () => {
      const wanted = wantedState(goal, found.urn, providerReference);
      return await this.planned(wanted, () => this.planSteps(goal, wanted, found, true));
    });
  }

  /** Reads a resource that the program names by its id. */
  async read(goal: ResourceGoal, id: string, providerReference: string): Promise<Registration> {
    return await this.turns.take(async () => {
      const urn = this.claimUrn(goal);
      const old = this.memory.olds.get(urn);
      const isReplacement = old !== undefined && old.external !== true && old.id !== id;
      this.memory.markOperated(urn, old);
      const { propertyDependencies: _, ...wanted } = wantedState(goal, urn, providerReference);
      const state = { ...wanted, id, external: true };
      if (id === "") {
        stopRegistration(this.operation, "", `Expected an ID for ${urn}`);
      }
      return {
        wanted: state,
        run: async () => {
          const found = await this.reader.read(state, old, isReplacement);
          if (found !== undefined && isReplacement) {
            this.memory.replaced.add(old);
            this.runner.replace(old, found, { replaces: [] });
          }
          return found;
        },
      };
    });
  }

  /** Reads resources of before anew, all or those selected, see {@link refreshResources}. */
  async refresh(): Promise<ResourceState[]> {
    const { targets, excludes } = this.selection;
    const { base } = this.operation.store;
    if ([targets, excludes].map((urns) => reportMissing(this.operation, urns)).includes(true)) {
      this.operation.bail("");
      return [...base];
    }
    const selected = this.selection.toRefresh(base);
    // As in Pulumi, which takes it for granted that a dependent has the provider of what it depends on.
    await this.prepareProviders(selected.filter(({ urn }) => !targets.isRestricted || targets.has(urn)));
    return await refreshResources(this.operation, selected, this.differ);
  }

  /** Reports resources to replace that there are not; then the program need not run. */
  checkReplaces(): void {
    if (reportMissing(this.operation, this.selection.replaces)) {
      this.operation.bail("");
    }
  }

  /**
   * Deletes, after the program has ended well, everything that it did not register, dependents first; in a destroy,
   * which runs no program, everything. Only what is selected, where something is.
   */
  async deleteUnregistered(): Promise<void> {
    const isMissing = reportMissing(this.operation, this.selection.targets, (urn) => this.memory.seen.has(urn));
    await this.deletions.deleteUnwanted();
    if (isMissing) {
      this.operation.bail("");
    }
  }

  /** Lets policy packs judge the stack as it is at the end, or would be. */
  async applyStackPolicies(): Promise<void> {
    await this.policies.judgeStack();
  }

  /** Makes sure that the providers of resources of before are configured, with the configuration of then. */
  async prepareProviders(resources: readonly ResourceState[]): Promise<void> {
    const { providers } = this.operation;
    for (const { custom, type, provider } of resources) {
      if (!custom || isProviderType(type) || provider === undefined || providers.find(provider) !== undefined) {
        continue;
      }
      const refusal = providers.refusal(type);
      if (refusal !== undefined) {
        throw new EngineError(refusal);
      }
      const state = providerState(provider, this.memory.olds) ?? providerState(provider, this.memory.current);
      if (state === undefined) {
        throw new EngineError(`could not load provider for resource: unknown provider '${provider}'`);
      }
      await providers.ensure(state);
    }
  }

  private async planned(wanted: ResourceState, plan: () => Promise<Steps["run"]>): Promise<Steps> {
    try {
      return { wanted, run: await plan() };
    } catch (error) {
      if (error instanceof RegistrationStopped) {
        throw error;
      }
      stopRegistration(this.operation, wanted.urn, error instanceof Error ? error.message : String(error));
    }
  }

  private async planSteps(
    goal: ResourceGoal,
    wanted: ResourceState,
    old: ResourceState | undefined,
    isImported = false,
  ): Promise<Steps["run"]> {
    const { urn } = wanted;
    const isRecreating = this.memory.deletedAhead.has(urn);
    const wasExternal = old?.external === true;
    const isToReplace = this.selection.replaces.has(urn);
    const isKept = old !== undefined && !isRecreating && !wasExternal && !isToReplace;
    const isSelected = this.selection.includes(wanted);
    if (wanted.custom && !isSelected) {
      wanted.inputs = old?.inputs ?? {};
    } else if (wanted.custom) {
      const inputs = isKept ? this.differ.resetIgnored(goal, urn, old.inputs ?? {}) : goal.inputs;
      wanted.inputs = await checkInputs(this.operation, wanted, isKept ? (old.inputs ?? {}) : {}, inputs);
    } else if (old !== undefined) {
      wanted.inputs = this.differ.resetIgnored(goal, urn, old.inputs ?? {});
      if (Object.keys(wanted.inputs).length === 0) {
        delete wanted.inputs;
      }
    }
    if (await this.policies.refuses(goal, wanted)) {
      this.operation.executor.stop("failed");
      throw new RegistrationStopped("a policy is not met");
    }
    this.memory.markOperated(urn, old);
    if (isSelected) {
      this.unselected.refuseNeeded(wanted);
    }
    if (old === undefined) {
      this.selection.remember(wanted, isSelected);
      return isSelected ? () => this.runner.create(wanted) : this.unselected.planSkip(wanted);
    }
    if (isRecreating) {
      const replaces = this.memory.deletedAhead.get(urn) ?? [];
      this.memory.replacedUrns.add(urn);
      return async () => {
        this.runner.replace(old, wanted, { replaces: [] });
        return await this.runner.create(wanted, { old, isDeletePending: false, diff: { replaces } });
      };
    }
    if (wasExternal) {
      return () => this.replacements.createBeside(wanted, old, { replaces: [] });
    }
    this.selection.remember(wanted, isSelected);
    if (!isSelected) {
      return this.unselected.planLeave(goal, urn, old);
    }
    const diff = await this.differ.diff(wanted, old, goal);
    if ((diff.changes === "some" && isReplacing(diff)) || old.pendingReplacement === true) {
      return await this.replacements.plan(goal, wanted, old, diff);
    }
    if (diff.changes === "some" || (old.initErrors ?? []).length > 0) {
      return () => this.runner.update(old, wanted, diff);
    }
    return isImported ? async () => old : () => this.runner.same(old, wanted);
  }

  private claimUrn(goal: ResourceGoal): string {
    if (goal.parent !== "" && !this.memory.seen.has(goal.parent)) {
      stopRegistration(this.operation, "", `could not find parent resource ${goal.parent}`);
    }
    const urn = makeUrn(this.operation.stack, this.operation.project, goal.parent, goal.type, goal.name);
    if (this.memory.seen.has(urn)) {
      stopRegistration(this.operation, urn, `Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    this.memory.seen.add(urn);
    return urn;
  }

  private findOld(urn: string, goal: ResourceGoal): ResourceState | undefined {
    const found = this.memory.aliases.find(urn, goal, this.memory.seen);
    if (found.problem !== undefined) {
      stopRegistration(this.operation, urn, found.problem);
    }
    return found.old;
  }
}

/** True if a resource with an id to import is not there yet, or under another id. */
function isToImport(goal: ResourceGoal, old: ResourceState | undefined): boolean {
  return old === undefined || old.external === true || (old.importID ?? old.id) !== goal.importId;
}
