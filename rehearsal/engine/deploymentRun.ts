import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { EngineError } from "./errors.js";
import type { EngineEvent } from "./events.js";
import type { DeploymentOptions, OperationOptions, OperationSummary, RunKind } from "./options.js";
import { PolicyRun } from "./policy/policyRun.js";
import { namedEndpoints, rehearsalEnvironment } from "./project/environment.js";
import { ProgramProcess } from "./project/programHost.js";
import { type Project, readProject } from "./project/project.js";
import {
  configAsInputs,
  readStackSettings,
  resolveConfig,
  type StackConfig,
  type StackSettings,
} from "./project/stackConfig.js";
import { azureNativeHost } from "./providers/azureNative/azureNativeHost.js";
import { builtinHost } from "./providers/builtinHost.js";
import { dynamicProviderHost } from "./providers/dynamicProviderHost.js";
import { pluginHost } from "./providers/pluginHost.js";
import { ProviderRegistry } from "./providers/providerRegistry.js";
import { ProviderTable } from "./providers/providerTable.js";
import { EngineServer } from "./server/engineServer.js";
import { ProgramSession } from "./server/programSession.js";
import { acquireLock, type StateLock } from "./state/lock.js";
import { readStackOutputs } from "./state/otherStacks.js";
import { interruptedWarning, type ResourceState } from "./state/resourceState.js";
import { findPassphrase, makePassphrase } from "./state/secrets.js";
import { StateStore } from "./state/stateStore.js";
import { refuseDeleteHooks } from "./steps/deletions.js";
import { Operation } from "./steps/operation.js";
import { OperationSelection, type SelectionOptions } from "./steps/operationSelection.js";
import { StepExecutor } from "./steps/stepExecutor.js";
import { StepGenerator } from "./steps/stepGenerator.js";
import { requireSelected } from "./steps/targetChecks.js";
import { resultOf, summarize } from "./summary.js";
import { isProviderType, packageOf } from "./urn.js";

/** The Pulumi CLI's default: four steps at a time for each core. */
const stepsPerCore = 4;

/** One operation from its start to its end. */
export class DeploymentRun {
  private readonly events: EngineEvent[] = [];
  private readonly executor: StepExecutor;
  private readonly stack: string;
  private readonly parallel: number;
  private program: ProgramProcess | undefined;
  private operation: Operation | undefined;
  private settled: Promise<unknown> = Promise.resolve();
  private watcherError: unknown;
  private table: ProviderTable | undefined;
  private server: EngineServer | undefined;

  constructor(
    private readonly options: DeploymentOptions,
    private readonly kind: RunKind,
    private readonly isPreview: boolean,
    private readonly operationOptions: OperationOptions,
  ) {
    this.stack = options.stack ?? "dev";
    this.parallel = options.parallel ?? stepsPerCore * availableParallelism();
    if (!/^[a-zA-Z0-9-_.]{1,100}$/.test(this.stack)) {
      throw new EngineError(`stack is "${this.stack}", expected 1 to 100 letters, digits, "-", "_" or "."`);
    }
    if (!Number.isInteger(this.parallel) || this.parallel < 1) {
      throw new EngineError(`parallel is ${this.parallel}, expected a whole number of at least 1`);
    }
    this.executor = new StepExecutor(this.parallel);
  }

  async execute(): Promise<OperationSummary> {
    const started = Date.now();
    const project = readProject(this.options.directory ?? process.cwd());
    const environment = this.options.environment ?? process.env;
    const statePath = resolve(
      project.directory,
      this.options.statePath ?? join(".rehearsal", `${this.stack}.json`),
    );
    const lock = this.isPreview
      ? undefined
      : acquireLock(`${statePath}.lock`, `siterecovery-rehearse ${this.kind === "update" ? "up" : this.kind}`);
    try {
      const settings = readStackSettings(project, this.stack);
      const passphrase = this.passphrase(environment, statePath, settings);
      const config = await resolveConfig(project, settings, this.options.config ?? [], () => passphrase);
      const store = await StateStore.open(
        {
          path: statePath,
          stack: this.stack,
          passphrase: passphrase,
          ...(settings.encryptionSalt === undefined ? {} : { salt: settings.encryptionSalt }),
        },
        !this.isPreview,
      );
      const operating = this.operate(project, config, store, environment, lock, started);
      this.settled = operating;
      return await operating;
    } finally {
      lock?.release();
    }
  }

  /** The stack's passphrase; made for a stack that is new, and kept unless this run writes nothing. */
  private passphrase(environment: NodeJS.ProcessEnv, statePath: string, settings: StackSettings): string {
    const generatedPath = join(dirname(statePath), `${this.stack}.passphrase`);
    const found = findPassphrase(environment, generatedPath);
    if (found !== undefined) {
      return found;
    }
    if (settings.encryptionSalt !== undefined || StateStore.exists(statePath)) {
      throw new EngineError(
        `the secrets of stack "${this.stack}" need their passphrase: set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE`,
      );
    }
    return makePassphrase(this.isPreview ? undefined : generatedPath);
  }

  /** Ends all processes at once. Resolves when the state is saved. */
  async terminate(): Promise<void> {
    if (this.operation !== undefined) {
      this.operation.isTerminated = true;
    }
    this.executor.stop("canceled");
    this.program?.kill();
    await this.table?.close();
    await this.settled.catch(() => undefined);
  }

  private async operate(
    project: Project,
    config: StackConfig,
    store: StateStore,
    environment: NodeJS.ProcessEnv,
    lock: StateLock | undefined,
    started: number,
  ): Promise<OperationSummary> {
    const surroundings = {
      project: project.name,
      projectDirectory: project.directory,
      stack: this.stack,
      statePath: store.path,
      environment,
    };
    const childEnvironment = rehearsalEnvironment(environment, namedEndpoints(config, store.base));
    const table = new ProviderTable(
      [
        dynamicProviderHost,
        azureNativeHost,
        pluginHost,
        builtinHost({
          readStackOutputs: (name) => readStackOutputs(name, surroundings),
          inform: (message) => operation.report("info", "", message),
        }),
        ...(this.options.hosts ?? []),
      ],
      () => ({
        programDirectory: project.programDirectory,
        project: project.name,
        engineAddress: this.server?.address ?? "",
        environment: childEnvironment,
        onOutput: (line, stream) => this.report(operation, line, stream),
      }),
    );
    const providers = new ProviderRegistry(table);
    this.table = table;
    const operation = new Operation(
      this.stack,
      project.name,
      this.isPreview,
      this.kind === "refresh",
      store,
      providers,
      this.executor,
      this.operationOptions.continueOnError === true,
      (event) => this.emit(event),
    );
    operation.ignoresProtect = this.operationOptions.ignoreProtect === true;
    this.operation = operation;
    const abort = (): void => {
      this.executor.stop("canceled");
      table.cancel();
    };
    this.options.signal?.addEventListener("abort", abort, { once: true });
    try {
      this.emit({
        kind: "prelude",
        config: Object.fromEntries(
          [...config].map(([key, { value, isSecret: secret }]) => [key, secret ? "[secret]" : value]),
        ),
      });
      if (lock?.takenOver !== undefined) {
        operation.report("warning", "", lock.takenOver);
      }
      if (this.options.signal?.aborted === true) {
        abort();
      }
      this.warnOfInterrupted(operation);
      await this.perform(operation, project, config, childEnvironment);
      this.reportStop(operation);
    } catch (error) {
      operation.error("", error instanceof Error ? error.message : String(error));
      this.executor.stop("failed");
    } finally {
      this.options.signal?.removeEventListener("abort", abort);
      await this.executor.drain();
      await providers.close();
      operation.policies?.close();
      this.server?.close();
      if (!this.isPreview) {
        this.clearInterrupted(operation);
      }
      operation.store.close();
    }
    return this.summarize(operation, project, started);
  }

  private async perform(
    operation: Operation,
    project: Project,
    config: StackConfig,
    environment: NodeJS.ProcessEnv,
  ): Promise<void> {
    const runsProgram = this.kind === "preview" || this.kind === "update";
    if (!runsProgram) {
      requireSelected(new OperationSelection(this.operationOptions), operation.store.base);
    }
    const selection = this.selection(operation.store.base);
    let generator = new StepGenerator(operation, selection);
    let session = new ProgramSession(operation, generator, configAsInputs(config));
    const server = await EngineServer.start({
      registerResource: (request) => session.registerResource(request),
      readResource: (request) => session.readResource(request),
      registerOutputs: (urn, outputs) => session.registerOutputs(urn, outputs),
      invoke: (call) => session.invoke(call),
      registerHook: (request) => session.registerHook(request),
      registerErrorHook: (request) => session.registerErrorHook(request),
      get transforms() {
        return session.transforms;
      },
      allDone: () => session.allDone(),
      log: (...line) => session.log(...line),
      refused: (message) => session.refused(message),
    });
    this.server = server;
    for (const packageName of new Set(
      operation.store.base.filter(({ type }) => isProviderType(type)).map(({ type }) => packageOf(type)),
    )) {
      this.table?.warmUp(packageName);
    }
    const packs = this.options.policyPacks ?? [];
    if (runsProgram && packs.length > 0) {
      operation.policies = await PolicyRun.start(packs, {
        engineAddress: server.address,
        stack: this.stack,
        project: project.name,
        isPreview: this.isPreview,
        config,
        environment,
        onOutput: (line, stream) => this.report(operation, line, stream),
      });
    }
    if (this.kind === "refresh" || this.operationOptions.refresh === true) {
      const refreshed = await generator.refresh();
      this.clearInterrupted(operation);
      operation.store = operation.store.rebase(refreshed);
      if (operation.hasErrors) {
        this.executor.stop("failed");
      }
      generator = new StepGenerator(operation, selection);
      session = new ProgramSession(operation, generator, configAsInputs(config));
    }
    if (this.executor.stopped !== undefined) {
      return;
    }
    generator.checkReplaces();
    if (this.executor.stopped !== undefined) {
      return;
    }
    if (this.kind === "destroy") {
      refuseDeleteHooks(operation);
      await generator.deleteUnregistered();
    } else if (runsProgram) {
      try {
        await this.runProgram(operation, project, config, environment, generator, session, server);
      } finally {
        session.close();
      }
    }
  }

  private selection(base: readonly ResourceState[]): SelectionOptions {
    const { excludeProtected, excludes = [] } = this.operationOptions;
    return excludeProtected === true
      ? {
          ...this.operationOptions,
          excludes: [...excludes, ...base.filter(({ protect }) => protect === true).map(({ urn }) => urn)],
        }
      : this.operationOptions;
  }

  private async runProgram(
    operation: Operation,
    project: Project,
    config: StackConfig,
    environment: NodeJS.ProcessEnv,
    generator: StepGenerator,
    session: ProgramSession,
    server: EngineServer,
  ): Promise<void> {
    const program = ProgramProcess.start({
      project,
      stack: this.stack,
      config,
      isPreview: this.isPreview,
      parallel: this.parallel,
      monitorAddress: server.address,
      engineAddress: server.address,
      environment,
      onOutput: (line, stream) => this.report(operation, line, stream),
    });
    this.program = program;
    this.executor.onStop(() => {
      program.stop().catch(() => undefined);
    });
    await Promise.race([program.ended.then((end) => this.takeEnd(operation, end)), session.finished.promise]);
    await this.executor.drain();
    if (this.executor.stopped === undefined) {
      await generator.deleteUnregistered();
    }
    session.release();
    await program.ended;
    await session.finishStackOutputs();
    if (this.executor.stopped === undefined && !operation.hasErrors) {
      await generator.applyStackPolicies();
    }
  }

  private takeEnd(operation: Operation, { error, isReported }: Awaited<ProgramProcess["ended"]>): void {
    if (this.executor.stopped === undefined && error !== "") {
      if (!isReported) {
        operation.error("", `an unhandled error occurred: ${error}`);
      }
      operation.hasErrors = true;
      this.executor.stop("failed");
    }
  }

  /** Says that steps failed or were cancelled; what was wrong with a program or its inputs has been said already. */
  private reportStop(operation: Operation): void {
    const what = this.isPreview ? "preview" : "update";
    if (this.executor.stopped === "canceled") {
      operation.error("", `${what} canceled`);
    } else if (
      !operation.hasBailed &&
      (operation.hasFailedSteps || (operation.isPolicyBroken && this.executor.stopped === undefined))
    ) {
      operation.error("", `${what} failed`);
    }
  }

  private warnOfInterrupted(operation: Operation): void {
    const { interrupted } = operation.store;
    const isRefreshed = this.kind === "refresh" || this.operationOptions.refresh === true;
    if (interrupted.length > 0 && !this.isPreview && !isRefreshed) {
      operation.report("warning", "", interruptedWarning(interrupted));
    }
  }

  /** What became of updates and deletes, the next operation finds out; of a create nobody knows the id. */
  private clearInterrupted(operation: Operation): void {
    const keepCreates = this.operationOptions.clearPendingCreates !== true;
    operation.store.clearInterrupted(({ type }) => type === "creating" && keepCreates);
  }

  private report(operation: Operation, line: string, stream: "stdout" | "stderr"): void {
    operation.report("info", "", `${line}\n`, false, stream === "stdout" ? 1 : 2);
  }

  private summarize(operation: Operation, project: Project, started: number): OperationSummary {
    const result = resultOf(operation);
    const policyPacks = operation.policies?.identities;
    this.emit({
      kind: "summary",
      changes: operation.changes,
      result,
      seconds: (Date.now() - started) / 1000,
      ...(policyPacks === undefined ? {} : { policyPacks }),
    });
    if (this.watcherError !== undefined) {
      throw this.watcherError;
    }
    const display = { stack: this.stack, project: project.name, kind: this.kind, isPreview: this.isPreview };
    return summarize(operation, result, this.events, display);
  }

  private emit(event: EngineEvent): void {
    this.events.push(event);
    try {
      this.options.onEvent?.(event);
    } catch (error) {
      // Whoever watches must not break what is watched; they hear of it when it is over.
      this.watcherError ??= error;
    }
  }
}
