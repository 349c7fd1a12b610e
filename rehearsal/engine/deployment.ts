import { DeploymentRun } from "./deploymentRun.js";
import { EngineError } from "./errors.js";
import type { DeploymentOptions, OperationOptions, OperationSummary, RunKind } from "./options.js";

/**
 * Previews, updates, refreshes and destroys one stack of a Pulumi project, without the Pulumi CLI.
 *
 * It runs the program with the SDK's own runner and dynamic resources in the SDK's own process for them, and keeps
 * state in Pulumi's deployment format. It does what the Pulumi CLI does, or refuses by name what it cannot.
 *
 * @example
 * const deployment = new Deployment({ directory: "examples/drill", stack: "dev" });
 * const { result, outputs } = await deployment.up();
 */
export class Deployment {
  private readonly options: DeploymentOptions;
  private running: DeploymentRun | undefined;

  constructor(options: DeploymentOptions = {}) {
    this.options = options;
  }

  /** Shows what an update would do. Writes nothing. */
  async preview(options: OperationOptions = {}): Promise<OperationSummary> {
    return await this.run("preview", true, options);
  }

  /** Makes the stack what the program says. */
  async up(options: OperationOptions = {}): Promise<OperationSummary> {
    return await this.run("update", false, options);
  }

  /** Reads all resources anew and keeps what it finds. The program does not run. */
  async refresh(options: OperationOptions = {}): Promise<OperationSummary> {
    return await this.run("refresh", false, options);
  }

  /** Shows what a refresh would find. Writes nothing. */
  async previewRefresh(options: OperationOptions = {}): Promise<OperationSummary> {
    return await this.run("refresh", true, options);
  }

  /** Deletes all resources. The program does not run. */
  async destroy(options: OperationOptions = {}): Promise<OperationSummary> {
    return await this.run("destroy", false, options);
  }

  /** Shows what a destroy would delete. Writes nothing. */
  async previewDestroy(options: OperationOptions = {}): Promise<OperationSummary> {
    return await this.run("destroy", true, options);
  }

  /** Ends the running operation's processes at once. What they were doing stays in the state as pending. */
  async terminate(): Promise<void> {
    await this.running?.terminate();
  }

  private async run(kind: RunKind, isPreview: boolean, options: OperationOptions): Promise<OperationSummary> {
    if (this.running !== undefined) {
      throw new EngineError("an operation of this deployment is running already");
    }
    const run = new DeploymentRun(this.options, kind, isPreview, options);
    this.running = run;
    try {
      return await run.execute();
    } finally {
      this.running = undefined;
    }
  }
}
