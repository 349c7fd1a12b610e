import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  Deployment,
  type DeploymentOptions,
  type OperationOptions,
  type OperationSummary,
  type ResourceState,
} from "../../../rehearsal/engine/index.js";

/** One resource of a test's program. `args` may hold `{$ref: "name.property"}`, `{$secret: value}` and the like. */
export interface DescribedResource {
  name: string;
  kind?: "group" | "stackReference" | "other";
  args?: Record<string, unknown>;
  opts?: Record<string, unknown>;
  /** Reads the resource with this id in place of making it. */
  get?: string;
}

/** A test's program as data. */
export interface Program {
  resources: DescribedResource[];
  groupOutputs?: Record<string, Record<string, unknown>>;
  outputs?: Record<string, unknown>;
  logs?: { level: "info" | "warn" | "error"; text: string; on?: string; ephemeral?: boolean }[];
  print?: string;
  throws?: string;
  exits?: number;
}

/** What the tests' provider does beside working well, by resource name. */
export interface Behaviour {
  fail?: Record<string, { method: string; message?: string; id?: string; reasons?: string[] }>;
  hang?: Record<string, string>;
  drift?: Record<string, Record<string, unknown>>;
  gone?: string[];
  diffs?: Record<string, { changes?: boolean; replaces?: string[] }>;
  computed?: unknown;
  meetAt?: number;
}

/** One call that the provider got. */
export interface ProviderCall {
  method: string;
  name: string;
  pid: number;
  [detail: string]: unknown;
}

const source = join(__dirname, "program");
// Below node_modules, so that programs find the SDK, and git and the linter do not find them.
const workspace = resolve(source, "../../../../node_modules/.cache/engine-tests");

/** A project in a directory of its own, with an engine to run it. */
export class TestProject {
  readonly directory: string;
  readonly statePath: string;

  constructor(settings = "") {
    mkdirSync(workspace, { recursive: true });
    this.directory = mkdtempSync(join(workspace, "project-"));
    this.statePath = join(this.directory, ".rehearsal", "dev.json");
    cpSync(source, this.directory, { recursive: true });
    this.write("Pulumi.yaml", "name: p\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n");
    this.write("package.json", '{"name": "p", "main": "index.js"}\n');
    if (settings !== "") {
      this.write("Pulumi.dev.yaml", settings);
    }
    this.program({ resources: [] });
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.directory, file), text);
  }

  program(program: Program): void {
    this.write("program.json", JSON.stringify(program));
  }

  behave(behaviour: Behaviour): void {
    this.write("behaviour.json", JSON.stringify(behaviour));
  }

  deployment(options: DeploymentOptions = {}): Deployment {
    return new Deployment({ directory: this.directory, environment: this.environment(), ...options });
  }

  environment(): NodeJS.ProcessEnv {
    return { ...process.env, PULUMI_CONFIG_PASSPHRASE: "correct horse" };
  }

  async preview(options: OperationOptions = {}): Promise<OperationSummary> {
    return await this.deployment().preview(options);
  }

  async up(options: OperationOptions = {}): Promise<OperationSummary> {
    return await this.deployment().up(options);
  }

  async refresh(options: OperationOptions = {}): Promise<OperationSummary> {
    return await this.deployment().refresh(options);
  }

  async destroy(): Promise<OperationSummary> {
    return await this.deployment().destroy();
  }

  /** The provider's calls since the last time, without those of `check` and `configure` unless asked for. */
  calls(...methods: string[]): ProviderCall[] {
    const path = join(this.directory, "calls.jsonl");
    if (!existsSync(path)) {
      return [];
    }
    const lines = readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    const calls = lines.map((line) => JSON.parse(line) as ProviderCall);
    return methods.length === 0 ? calls : calls.filter(({ method }) => methods.includes(method));
  }

  forgetCalls(): void {
    rmSync(join(this.directory, "calls.jsonl"), { force: true });
  }

  stateText(): string {
    return readFileSync(this.statePath, "utf8");
  }

  /** The resources in the state file, secrets encrypted. */
  resources(): ResourceState[] {
    return (
      (JSON.parse(this.stateText()) as { deployment: { resources?: ResourceState[] } }).deployment.resources ?? []
    );
  }

  resource(name: string): ResourceState {
    const found = this.resources().find((state) => state.urn.endsWith(`::${name}`));
    if (found === undefined) {
      throw new Error(`${name} is not in the state`);
    }
    return found;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The steps as `op name`, without those that left a resource as it was. */
export function changes(summary: OperationSummary): string[] {
  return summary.steps
    .filter(({ op, resultOp }) => (resultOp ?? op) !== "same")
    .map(({ op, resultOp, urn }) => `${resultOp ?? op} ${urn.slice(urn.lastIndexOf("::") + 2)}`);
}

/** What the user is told is wrong, all in one. */
export function errors(summary: OperationSummary): string {
  return summary.diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ message }) => message)
    .join("\n");
}

/** Defines tests on a project that is made before each and removed after it; long ones run in the full tests only. */
export function describeProject(
  title: string,
  define: (project: () => TestProject) => void,
  { settings = "", isLong = false }: { settings?: string; isLong?: boolean } = {},
): void {
  describe(title, function () {
    this.timeout(240_000);
    let project: TestProject | undefined;
    before(function () {
      if (!isLong || process.env.SITERECOVERY_FULL_TESTS === "1") return;
      console.log(
        "    skipped: a long run, whose subject the conformance cases cover; SITERECOVERY_FULL_TESTS=1 runs it",
      );
      this.skip();
    });
    beforeEach(() => {
      project = new TestProject(settings);
    });
    afterEach(() => {
      project?.remove();
    });
    define(() => {
      if (project === undefined) {
        throw new Error("there is a project only while a test runs");
      }
      return project;
    });
  });
}

/** Waits, within bounds, until a condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error(`gave up waiting until ${what}`);
    }
    await new Promise((resolvePause) => {
      setTimeout(resolvePause, 10);
    });
  }
}
