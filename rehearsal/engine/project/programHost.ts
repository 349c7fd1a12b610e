import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { resolveSdkModule } from "../providers/dynamicProviderHost.js";
import { preloadArguments } from "./preloads.js";
import type { Project } from "./project.js";
import type { StackConfig } from "./stackConfig.js";

/** How long a program that is told to end may take before it is killed, milliseconds. As the Pulumi CLI. */
const endGraceMilliseconds = 5000;

/** The status with which the SDK's runner ends after it has told the user what is wrong by itself. */
const endedAfterMessageStatus = 32;

export interface ProgramOptions {
  project: Project;
  stack: string;
  config: StackConfig;
  isPreview: boolean;
  parallel: number;
  monitorAddress: string;
  engineAddress: string;
  environment: NodeJS.ProcessEnv;
  onOutput(line: string, stream: "stdout" | "stderr"): void;
}

/** A program that runs in the SDK's own runner. */
export class ProgramProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Resolves when the process has ended and all it printed was handed on: "" for success, else what is wrong. */
    readonly ended: Promise<{ error: string; isReported: boolean }>,
  ) {}

  static start(options: ProgramOptions): ProgramProcess {
    const { project, config } = options;
    const runner = resolveSdkModule("cmd/run", project.programDirectory);
    const child = spawn(
      process.execPath,
      [
        ...preloadArguments("errorColors", "lazySdkModules"),
        ...project.nodeArguments,
        runner,
        "--monitor",
        options.monitorAddress,
        "--engine",
        options.engineAddress,
        "--organization",
        "organization",
        "--project",
        project.name,
        "--root-directory",
        project.directory,
        "--stack",
        options.stack,
        "--pwd",
        project.programDirectory,
        ...(options.isPreview ? ["--dry-run"] : []),
        "--parallel",
        String(options.parallel),
        project.entryPoint,
      ],
      {
        cwd: project.programDirectory,
        env: {
          ...options.environment,
          PULUMI_CONFIG: JSON.stringify(
            Object.fromEntries([...config].map(([key, { value }]) => [key.replace(":", ":config:"), value])),
          ),
          PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(
            [...config].filter(([, { isSecret }]) => isSecret).map(([key]) => key),
          ),
          ...(project.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
        },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const drained = (["stdout", "stderr"] as const).map(
      (stream) =>
        new Promise<void>((resolve) => {
          createInterface({ input: child[stream] })
            .on("line", (line) => options.onOutput(line, stream))
            .once("close", () => resolve());
        }),
    );
    const exited = new Promise<{ error: string; isReported: boolean }>((resolve) => {
      child.once("error", (error) =>
        resolve({ error: `the program could not be started: ${error.message}`, isReported: false }),
      );
      child.once("exit", (code, signal) => {
        const isReported = code === endedAfterMessageStatus;
        const error =
          code === 0
            ? ""
            : signal !== null
              ? `Program was ended by ${signal}`
              : `Program exited with non-zero exit code: ${code}`;
        resolve({ error, isReported });
      });
    });
    return new ProgramProcess(
      child,
      exited.then(async (result) => {
        await Promise.all(drained);
        return result;
      }),
    );
  }

  /** Tells the program to end, and makes it after a while. Resolves when it has. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGINT");
      const timer = setTimeout(() => this.child.kill("SIGKILL"), endGraceMilliseconds);
      await this.ended;
      clearTimeout(timer);
    }
    await this.ended;
  }

  /** Ends the program at once. */
  kill(): void {
    this.child.kill("SIGKILL");
  }
}
