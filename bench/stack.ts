import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { groupId, vaultConfig } from "./estate.js";

const root = resolve(__dirname, "..");
// Below node_modules, so that the program finds the packages, and git and the linter do not find it.
const workspace = join(root, "node_modules", ".cache", "bench");

export type Shell = "dynamic" | "plugin";
export type Operation = "preview" | "up" | "refresh";

/** Something that runs Pulumi projects. */
export interface Engine {
  name: string;
  /** Makes the stack of a project. */
  prepare(project: { directory: string; environment: NodeJS.ProcessEnv }): Promise<void>;
  /** Runs an operation to its end. @throws Error with its text where it fails, or changes what should stay */
  run(
    operation: Operation,
    project: { directory: string; environment: NodeJS.ProcessEnv; isNoChange: boolean },
  ): Promise<void>;
  /** The stack's state as `pulumi stack export` gives it. */
  readState(project: { directory: string; environment: NodeJS.ProcessEnv }): Promise<string>;
}

export interface Measured {
  milliseconds: number;
  /** Processor time of the engine, the program and the provider: what other work on the machine changes little. */
  cpuMilliseconds: number;
  /** Highest resident memory of the provider. */
  providerMegabytes: number;
}

/** A stack of many replicated items, or of as many resources of a provider that does nothing. */
export class Stack {
  private readonly directory: string;
  private readonly environment: NodeJS.ProcessEnv;

  constructor(
    private readonly engine: Engine,
    private readonly options: { count: number; isNoop: boolean; shell: Shell; origin: string },
  ) {
    const { count, isNoop, shell, origin } = options;
    mkdirSync(workspace, { recursive: true });
    this.directory = mkdtempSync(join(workspace, `${shell}-${isNoop ? "noop" : "items"}-`));
    cpSync(join(__dirname, "program"), this.directory, { recursive: true });
    const write = (file: string, text: string) => writeFileSync(join(this.directory, file), text);
    const place = (directory: string) => relative(this.directory, join(root, directory));
    const project = {
      // A backend may hold the stacks of several projects.
      name: basename(this.directory).toLowerCase(),
      runtime: { name: "nodejs", options: { typescript: false } },
      plugins: {
        providers: [
          { name: "siterecovery", path: place("plugin") },
          { name: "bench", path: place("bench/noopPlugin") },
        ],
      },
    };
    write("Pulumi.yaml", JSON.stringify(project));
    write("package.json", '{"name": "bench", "main": "index.js"}\n');
    write("Pulumi.dev.yaml", JSON.stringify({ config: { ...vaultConfig, "siterecovery:shell": shell } }));
    this.environment = {
      ...process.env,
      SITERECOVERY_ENDPOINT: origin,
      PULUMI_CONFIG_PASSPHRASE: "bench",
      BENCH_PROGRAM: JSON.stringify({ count, isNoop, shell, groupId }),
    };
  }

  async create(): Promise<Measured> {
    const { directory, environment } = this;
    await this.engine.prepare({ directory, environment });
    return this.run("up");
  }

  async run(operation: Operation, isNoChange = false): Promise<Measured> {
    const memory = new MemoryWatch(this.directory);
    const cpu = cpuMilliseconds();
    const started = performance.now();
    try {
      const { directory, environment } = this;
      await this.engine.run(operation, { directory, environment, isNoChange });
    } finally {
      memory.stop();
    }
    return {
      milliseconds: performance.now() - started,
      cpuMilliseconds: cpuMilliseconds() - cpu,
      providerMegabytes: memory.peak,
    };
  }

  /** Bytes of state for each resource, without indentation and with the little that the stack itself needs. */
  async stateBytes(): Promise<number> {
    const { directory, environment } = this;
    const state: unknown = JSON.parse(await this.engine.readState({ directory, environment }));
    return JSON.stringify(state).length / this.options.count;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Of this process and of all that it started and that has ended, in ticks of 10 ms. */
function cpuMilliseconds(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

/** The highest resident memory of the provider process that works in a directory, looked at while it runs. */
class MemoryWatch {
  peak = 0;
  /** Found once: looking through every process of the machine again and again would be work that is measured. */
  private provider: string | undefined;
  private readonly timer = setInterval(() => this.look(), 200);

  constructor(private readonly directory: string) {}

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    this.provider ??= readdirSync("/proc").find((name) => /^\d+$/.test(name) && this.isProvider(name));
    if (this.provider === undefined) return;
    try {
      const status = readFileSync(`/proc/${this.provider}/status`, "utf8");
      this.peak = Math.max(this.peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It ended while it was looked at.
      this.provider = undefined;
    }
  }

  private isProvider(pid: string): boolean {
    try {
      if (readlinkSync(`/proc/${pid}/cwd`) !== this.directory) return false;
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      return /^[^\0]*node\0/.test(command) && /dynamic-provider|run-plugin|shells\/plugin/.test(command);
    } catch {
      // It ended, or is somebody else's.
      return false;
    }
  }
}
