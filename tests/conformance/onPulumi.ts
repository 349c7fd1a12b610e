import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import {
  type Case,
  type CaseStep,
  contentsOf,
  type Observation,
  providerDirectory,
  type StoredDeployment,
  Workplace,
  withPending,
} from "./cases.js";
import { observe } from "./observation.js";
import { OrderOfCalls } from "./order.js";

/** What keeps cases from being run on the Pulumi CLI here, if anything does. */
export function absenceOfPulumi(): string | undefined {
  if (process.platform === "win32") {
    return "the comparison with the Pulumi CLI is for systems with a POSIX shell";
  }
  try {
    execFileSync("pulumi", ["version"], { stdio: "pipe", env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "1" } });
    return undefined;
  } catch {
    return "no pulumi on the PATH to compare with";
  }
}

/** Runs a case on the Pulumi CLI, with a backend of its own. */
export function runOnPulumi(of: Case): Observation[] {
  const workplace = new Workplace(of);
  const home = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    const pulumi = new Pulumi(workplace, home);
    return of.steps.map((step) => {
      workplace.prepare(step);
      return pulumi.perform(step, of.isDigested);
    });
  } finally {
    workplace.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

// What a program throws would take a minute to print: the module says why.
const errorColors = resolve(__dirname, "../../dist/rehearsal/engine/project/errorColors.js");

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => existsSync(join(directory, program)));
}

const commands: Record<CaseStep["do"], string[]> = {
  preview: ["preview"],
  up: ["up", "--yes", "--skip-preview"],
  refresh: ["refresh", "--yes", "--skip-preview"],
  previewRefresh: ["refresh", "--preview-only"],
  destroy: ["destroy", "--yes", "--skip-preview"],
  previewDestroy: ["destroy", "--preview-only"],
};

class Pulumi {
  private readonly environment: NodeJS.ProcessEnv;
  private readonly order = new OrderOfCalls();
  private readonly stacks = new Set<string>();

  constructor(
    private readonly workplace: Workplace,
    private readonly home: string,
  ) {
    const backend = join(home, "backend");
    const programs = join(home, "programs");
    mkdirSync(backend);
    mkdirSync(programs);
    // The CLI's own release ships this launcher beside it; a build from source may not.
    if (!isOnPath("pulumi-resource-pulumi-nodejs")) {
      const dynamic = "$(node -p \"require.resolve('@pulumi/pulumi/cmd/dynamic-provider')\")";
      writeFileSync(join(programs, "pulumi-resource-pulumi-nodejs"), `#!/bin/sh\nexec node "${dynamic}" "$@"\n`, {
        mode: 0o755,
      });
    }
    mkdirSync(join(workplace.directory, "provider"));
    writeFileSync(
      join(workplace.directory, "provider", "pulumi-resource-conf"),
      `#!/bin/sh\nexec node "${join(providerDirectory, "main.js")}" "$@"\n`,
      { mode: 0o755 },
    );
    this.environment = {
      ...process.env,
      PULUMI_CONFIG_PASSPHRASE: "correct horse",
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DEBUG_COMMANDS: "1",
      NO_COLOR: "1",
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --require=${errorColors}`.trim(),
      PATH: `${programs}${delimiter}${process.env.PATH}`,
    };
  }

  perform(step: CaseStep, isDigested: boolean): Observation {
    const isPreview = step.do.startsWith("preview");
    const { stack = "dev" } = step;
    if (!this.stacks.has(stack)) {
      this.stacks.add(stack);
      this.run("stack", "init", stack);
    }
    if (step.pending !== undefined) {
      this.begin(stack, step.pending);
    }
    const log = join(this.home, "events.jsonl");
    rmSync(log, { force: true });
    const { status, stdout, stderr } = this.run(
      ...commands[step.do],
      "--stack",
      stack,
      "--event-log",
      log,
      ...(step.refresh === true ? ["--refresh"] : []),
      ...(step.clearPendingCreates === true ? ["--clear-pending-creates"] : []),
      ...(step.continueOnError === true ? ["--continue-on-error"] : []),
      ...(step.showsDiff === true ? ["--diff"] : []),
      ...(step.targets ?? []).flatMap((urn) => ["--target", urn]),
      ...(step.targetDependents === true ? ["--target-dependents"] : []),
      ...(step.excludes ?? []).flatMap((urn) => ["--exclude", urn]),
      ...(step.excludeDependents === true ? ["--exclude-dependents"] : []),
      ...(step.ignoreProtect === true ? ["--ignore-protect"] : []),
      ...(step.excludeProtected === true ? ["--exclude-protected"] : []),
      ...(step.replaces ?? []).flatMap((urn) => ["--replace", urn]),
    );
    if (!existsSync(log)) {
      throw new Error(`pulumi ${step.do} left no events:\n${stdout}\n${stderr}`);
    }
    const events = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const calls = this.workplace.calls();
    const resources = isPreview ? undefined : this.exportState(stack);
    this.order.check(step, calls, resources);
    return observe(
      status === 0 ? "succeeded" : "failed",
      events,
      stdout,
      step.showsDiff === true,
      calls,
      resources,
      { directory: this.workplace.directory, isDigested },
    );
  }

  private exportState(stack: string): Record<string, unknown>[] {
    const { stdout, stderr, status } = this.run("stack", "export", "--show-secrets", "--stack", stack);
    if (status !== 0) {
      throw new Error(stderr);
    }
    return contentsOf((JSON.parse(stdout) as { deployment: StoredDeployment }).deployment);
  }

  /** Writes into the backend itself: an import forgets what is pending. */
  private begin(stack: string, pending: NonNullable<CaseStep["pending"]>): void {
    const file = join(this.home, "backend", ".pulumi", "stacks", "p", `${stack}.json`);
    const stored = JSON.parse(readFileSync(file, "utf8")) as { checkpoint: { latest: StoredDeployment } };
    stored.checkpoint.latest = withPending(stored.checkpoint.latest, pending);
    writeFileSync(file, JSON.stringify(stored));
  }

  private run(...args: string[]): { status: number; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync("pulumi", [...args, "--non-interactive"], {
      cwd: this.workplace.directory,
      env: this.environment,
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
    });
    return { status: status ?? -1, stdout, stderr };
  }
}
