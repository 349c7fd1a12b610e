/** The two engines as a user calls them: the real `pulumi` and the embedded `siterecovery-rehearse`. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runCommandLine } from "../../../rehearsal/engine/command.js";
import { descendants, endAtOnce } from "./processes.js";

export type Command = "preview" | "up" | "refresh" | "destroy";

/** How a command ended. */
export interface Ended {
  /** Exit status; undefined = ended by a signal. */
  status: number | undefined;
  /** All it printed, both streams. */
  output: string;
  /** What it counted at its end, such as `{create: 5}`; without the unchanged. */
  changes: Record<string, number>;
}

/** A command that runs. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** All it has printed so far. */
  output(): string;
  /** What a user's Ctrl-C does. */
  interrupt(): void;
  /** Ends the engine itself at once; what it started goes on, as after a crash. */
  killEngine(): void;
  /** Ends the process that runs our provider at once; the engine goes on. */
  killProvider(): void;
  /** Ends everything that the engine started and that is still there. */
  sweep(): void;
}

export interface StartOptions {
  environment?: NodeJS.ProcessEnv;
  /** More words of the command line. */
  words?: string[];
}

export interface Engine {
  /** Runs a command to its end. The embedded engine does in this process, which saves the start of one. */
  run(command: Command, options?: StartOptions): Promise<Ended>;
  /** Starts a command as a process of its own, which can be killed. */
  start(command: Command, options?: StartOptions): Running;
  /** What a user does after a crash, before the next command. */
  recover(): void;
  /** The deployment in Pulumi's own format. */
  state(): { resources: StateResource[]; text: string };
  /** As if the state had never been. */
  forgetState(): void;
}

export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

export interface EngineOptions {
  /** Directory of the Pulumi project; holds state and backend too. */
  directory: string;
  environment: NodeJS.ProcessEnv;
}

export type EngineKind = "embedded" | "pulumi";
export const engineKinds: readonly EngineKind[] = ["embedded", "pulumi"];

const root = resolve(__dirname, "../../..");
const stack = "dev";

/** Why this engine cannot be used here; undefined = it can. */
export function unavailable(kind: EngineKind): string | undefined {
  if (kind === "embedded") return undefined;
  const { status } = spawnSync("pulumi", ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    shell: process.platform === "win32",
  });
  return status === 0 ? undefined : "there is no `pulumi` on the PATH";
}

export function createEngine(kind: EngineKind, options: EngineOptions): Engine {
  return kind === "embedded" ? embedded(options) : pulumi(options);
}

function embedded({ directory, environment }: EngineOptions): Engine {
  const states = newestState(directory);
  const text = () => readFileSync(states.path(), "utf8");
  const line = (command: Command, words: string[] = []) => [
    command,
    ...(command === "preview" ? [] : ["--yes", "--skip-preview"]),
    ...["--cwd", directory, "--stack", stack, "--state", states.path()],
    ...words,
  ];
  return {
    run: (command, { environment: more, words } = {}) =>
      runHere(line(command, words), { ...environment, ...more }),
    start: (command, { environment: more, words } = {}) =>
      startProcess(process.execPath, [join(root, "dist", "cli", "rehearse.js"), ...line(command, words)], {
        ...environment,
        ...more,
      }),
    recover: () => undefined,
    state: () => {
      const content = text();
      return { text: content, resources: resourcesIn(content) };
    },
    forgetState: () => states.next(),
  };
}

function pulumi({ directory, environment }: EngineOptions): Engine {
  const backend = join(directory, "backend");
  mkdirSync(backend, { recursive: true });
  const own = {
    ...environment,
    PULUMI_HOME: join(directory, "home"),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
  };
  const quietly = (...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync("pulumi", [...words, "--cwd", directory], {
      env: own,
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(`pulumi ${words.join(" ")} ended with ${status}: ${stdout}${stderr}`);
    return stdout;
  };
  let isThere = false;
  const ensureStack = () => {
    if (!isThere) quietly("stack", "init", stack, "--non-interactive");
    isThere = true;
  };
  const start: Engine["start"] = (command, { environment: more, words = [] } = {}) => {
    ensureStack();
    return startProcess(
      "pulumi",
      [
        command,
        ...(command === "preview" ? [] : ["--yes", "--skip-preview"]),
        ...["--cwd", directory, "--stack", stack, "--non-interactive"],
        ...words,
      ],
      { ...own, ...more },
    );
  };
  return {
    run: (command, options) => start(command, options).ended,
    start,
    recover: () => {
      quietly("cancel", stack, "--yes", "--non-interactive");
    },
    state: () => {
      ensureStack();
      const content = quietly("stack", "export", "--stack", stack, "--non-interactive");
      return { text: content, resources: resourcesIn(content) };
    },
    forgetState: () => {
      quietly("stack", "rm", stack, "--force", "--preserve-config", "--yes", "--non-interactive");
      isThere = false;
    },
  };
}

function newestState(directory: string): { path(): string; next(): void } {
  let number = 1;
  return {
    path: () => join(directory, "states", `${number}.json`),
    next: () => {
      number += 1;
    },
  };
}

function resourcesIn(text: string): StateResource[] {
  return (JSON.parse(text) as { deployment: { resources?: StateResource[] } }).deployment.resources ?? [];
}

/** Runs a command line of `siterecovery-rehearse` as its process does. */
async function runHere(args: string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  let output = "";
  const stream = {
    write: (text: string) => {
      output += text;
    },
  };
  const never = new AbortController().signal;
  const status = await runCommandLine(args, {
    environment: { ...environment, NO_COLOR: "1" },
    stdout: stream,
    stderr: stream,
    interrupt: never,
    terminate: never,
    ask: undefined,
  });
  return { status, output, changes: changesIn(output) };
}

function startProcess(file: string, args: string[], environment: NodeJS.ProcessEnv): Running {
  const child = spawn(file, args, { env: { ...environment, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      output += text;
    });
  }
  const seen = new Set<number>();
  const look = () => {
    const below = child.pid === undefined || isOver(child) ? [] : descendants(child.pid);
    for (const { pid } of below) seen.add(pid);
    return below;
  };
  // Not `close`: a process that outlives the engine holds the streams open.
  const ended = once(child, "exit").then(async ([code]) => {
    await new Promise((resolveLater) => setImmediate(resolveLater));
    return { status: typeof code === "number" ? code : undefined, output, changes: changesIn(output) };
  });
  return {
    ended,
    output: () => output,
    interrupt: () => void child.kill("SIGINT"),
    killEngine: () => {
      look();
      child.kill("SIGKILL");
    },
    killProvider: () => {
      const providers = look().filter(({ command }) => /node\S* (?:\S+ )*\S*dynamic-provider/.test(command));
      if (providers.length === 0) throw new Error("no provider process is running");
      for (const { pid } of providers) endAtOnce(pid);
    },
    sweep: () => {
      look();
      for (const pid of seen) endAtOnce(pid);
      if (!isOver(child)) child.kill("SIGKILL");
    },
  };
}

function isOver(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The counts of the block `Resources:` that both engines end with. */
function changesIn(output: string): Record<string, number> {
  const block = output.slice(output.lastIndexOf("\nResources:"));
  const lines = block.matchAll(/^ {4}[^\s\d]+ ?(\d+) (?:to )?(creat|updat|delet|replac)e?d?\b/gm);
  const words: Record<string, string> = { creat: "create", updat: "update", delet: "delete", replac: "replace" };
  return Object.fromEntries([...lines].map(([, count, stem = ""]) => [words[stem], Number(count)]));
}
