import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { EngineError } from "../errors.js";
import { connectGrpcProvider } from "./grpcProvider.js";
import { LargeHeaders } from "./largeHeaders.js";
import type { ProviderContext, ResourceProvider } from "./resourceProviderHost.js";

/** How to start a provider's process: of Node, with the module `largeHeaders` loaded ahead. */
export interface ProviderCommand {
  file: string;
  args: string[];
  /** What the provider is called in messages. */
  label: string;
}

/**
 * Starts a provider process as the Pulumi engine does (the engine's address as last argument, a process group of
 * its own, the port as first line of its output) and connects to it.
 *
 * @throws {EngineError} if the process ends before it says its port.
 */
export async function startGrpcProvider(
  command: ProviderCommand,
  context: ProviderContext,
): Promise<ResourceProvider> {
  const child = spawn(command.file, [...command.args, context.engineAddress], {
    cwd: context.programDirectory,
    env: { ...context.environment, PULUMI_NODEJS_PROJECT: context.project, PULUMI_CONFIG: "{}" },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  const [, stdout, stderr, headers] = child.stdio as [null, Readable, Readable, Readable, undefined];
  const port = await new Promise<number>((resolve, reject) => {
    let announced = false;
    const errorLines: string[] = [];
    createInterface({ input: stdout }).on("line", (line) => {
      if (announced) {
        context.onOutput(line, "stdout");
      } else if (/^\d+$/.test(line)) {
        announced = true;
        resolve(Number(line));
      } else {
        context.onOutput(line, "stdout");
      }
    });
    createInterface({ input: stderr }).on("line", (line) => {
      if (!announced) {
        errorLines.push(line);
      }
      context.onOutput(line, "stderr");
    });
    child.once("error", (error) =>
      reject(new EngineError(`${command.label} could not be started: ${error.message}`)),
    );
    child.once("exit", (code, signal) => {
      reject(
        new EngineError(
          `${command.label} ended before it was ready (${signal ?? `exit status ${code}`})\n${errorLines.join("\n")}`,
        ),
      );
    });
  });
  const largeHeaders = new LargeHeaders(headers);
  return await connectGrpcProvider(`127.0.0.1:${port}`, () => endProcess(child), largeHeaders);
}

/** Ends a process and waits until it has ended. */
async function endProcess(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
    } else {
      child.once("exit", () => resolve());
    }
  });
  killGroup(child);
  await ended;
}

/** Ends a process and all that it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  try {
    if (process.platform === "win32") {
      child.kill("SIGKILL");
    } else {
      process.kill(-child.pid, "SIGKILL");
    }
  } catch {
    // It ended by itself in between.
  }
}
