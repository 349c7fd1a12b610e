import { type CommandLine, parseCommandLine, usage } from "./commandLine.js";
import { Deployment } from "./deployment.js";
import { DiffDisplay } from "./display/diffDisplay.js";
import { JsonEvents, previewDocument } from "./display/jsonDisplay.js";
import { paletteFor } from "./display/palette.js";
import { ProgressDisplay } from "./display/progressDisplay.js";
import type { DisplayKind } from "./display/words.js";
import { EngineError } from "./errors.js";
import type { EngineEvent } from "./events.js";
import type { OperationSummary } from "./options.js";
import { readProject } from "./project/project.js";

/** A stream that text goes to. */
export interface TextStream {
  write(text: string): unknown;
  isTTY?: boolean;
}

/** What a command line runs in. */
export interface CommandSurroundings {
  environment: NodeJS.ProcessEnv;
  stdout: TextStream;
  stderr: TextStream;
  /** First interrupt: no new steps. */
  interrupt: AbortSignal;
  /** Second interrupt: end at once. */
  terminate: AbortSignal;
  /** Asks the user; absent where nobody can answer. */
  ask: ((question: string) => Promise<string>) | undefined;
}

const failed = 1;
const interruptedTwice = 8;

/** Runs a command line and answers the exit status: 0, 1 for failure or one interrupt, 8 for a second interrupt. */
export async function runCommandLine(args: string[], surroundings: CommandSurroundings): Promise<number> {
  const { stderr, stdout, terminate } = surroundings;
  let line: CommandLine | undefined;
  try {
    line = parseCommandLine(args);
    if (line === undefined) {
      stdout.write(usage);
      return 0;
    }
    const command = new CommandRun(line, surroundings);
    const terminated = new Promise<number>((resolve) => {
      terminate.addEventListener("abort", () => {
        const end = (): void => resolve(interruptedTwice);
        command.terminate().then(end, end);
      });
    });
    return await Promise.race([command.run(), terminated]);
  } catch (error) {
    if (error instanceof EngineError) {
      stderr.write(`error: ${error.message}\n`);
      return failed;
    }
    throw error;
  }
}

class CommandRun {
  private deployment: Deployment | undefined;

  constructor(
    private readonly line: CommandLine,
    private readonly surroundings: CommandSurroundings,
  ) {}

  async run(): Promise<number> {
    const { command, isPreviewOnly, skipsPreview, isConfirmed } = this.line;
    if (command === "preview" || isPreviewOnly) {
      return await this.perform(true);
    }
    if (!skipsPreview && !this.line.isJson) {
      const status = await this.perform(true);
      if (status !== 0) {
        return status;
      }
    }
    if (!isConfirmed && !(await this.confirm())) {
      return failed;
    }
    return await this.perform(false);
  }

  async terminate(): Promise<void> {
    await this.deployment?.terminate();
  }

  private async confirm(): Promise<boolean> {
    const { ask, stdout } = this.surroundings;
    if (ask === undefined) {
      throw new EngineError(`--yes is needed to run ${this.line.command} where nobody can be asked`);
    }
    const answer = await ask(
      `Do you want to perform this ${this.line.command === "up" ? "update" : this.line.command}? (yes/no) `,
    );
    if (answer.trim().toLowerCase() === "yes") {
      return true;
    }
    stdout.write("confirmation declined, nothing was done\n");
    return false;
  }

  private async perform(isPreview: boolean): Promise<number> {
    const { line, surroundings } = this;
    const kind: DisplayKind =
      line.command === "up" || line.command === "preview" ? (isPreview ? "preview" : "update") : line.command;
    const deployment = new Deployment({
      ...(line.directory === undefined ? {} : { directory: line.directory }),
      ...(line.stack === undefined ? {} : { stack: line.stack }),
      ...(line.parallel === undefined ? {} : { parallel: line.parallel }),
      ...(line.statePath === undefined ? {} : { statePath: line.statePath }),
      ...(line.policyPacks.length === 0 ? {} : { policyPacks: line.policyPacks }),
      config: line.config,
      environment: surroundings.environment,
      signal: surroundings.interrupt,
      onEvent: this.display(kind, isPreview),
    });
    this.deployment = deployment;
    const summary = await operate(deployment, line, isPreview);
    if (line.isJson && kind === "preview") {
      surroundings.stdout.write(`${JSON.stringify(previewDocument(summary.events), undefined, 4)}\n`);
    }
    if (kind === "destroy" && !isPreview && summary.result === "succeeded" && !line.isJson) {
      surroundings.stdout.write(destroyedNote(line));
    }
    return summary.result === "succeeded" ? 0 : failed;
  }

  private display(kind: DisplayKind, isPreview: boolean): (event: EngineEvent) => void {
    const { stdout, environment } = this.surroundings;
    if (this.line.isJson) {
      const events = new JsonEvents();
      return (event) => {
        if (kind !== "preview") {
          for (const json of events.convert(event, isPreview)) {
            stdout.write(`${JSON.stringify(json)}\n`);
          }
        }
      };
    }
    const project = readProject(this.line.directory ?? process.cwd()).name;
    const Display = this.line.showsDiff ? DiffDisplay : ProgressDisplay;
    const display = new Display(
      this.line.stack ?? "dev",
      project,
      kind,
      isPreview,
      (text) => stdout.write(text),
      paletteFor(stdout, environment),
    );
    return (event) => display.handle(event);
  }
}

async function operate(deployment: Deployment, line: CommandLine, isPreview: boolean): Promise<OperationSummary> {
  const options = {
    refresh: line.refresh,
    clearPendingCreates: line.clearPendingCreates,
    continueOnError: line.continueOnError,
    ignoreProtect: line.ignoreProtect,
    excludeProtected: line.excludeProtected,
    ...line.selection,
  };
  switch (line.command) {
    case "preview":
      return await deployment.preview(options);
    case "up":
      return isPreview ? await deployment.preview(options) : await deployment.up(options);
    case "refresh":
      return isPreview ? await deployment.previewRefresh(options) : await deployment.refresh(options);
    case "destroy":
      return isPreview ? await deployment.previewDestroy(options) : await deployment.destroy(options);
  }
}

function destroyedNote({ excludeProtected, selection: { targets = [], excludes = [] } }: CommandLine): string {
  if (excludeProtected) {
    return "All unprotected resources have been deleted; protected ones, and what they depend on, are still there.\n";
  }
  return targets.length > 0 || excludes.length > 0
    ? ""
    : "The resources in the stack have been deleted; its state file and configuration are still there.\n";
}
