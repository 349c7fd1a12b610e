import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { OperationSummary } from "../../../rehearsal/engine/index.js";
import { type Behaviour, type Program, TestProject } from "./fixture.js";

/** A real Pulumi CLI with a backend of its own, to hold the embedded engine against. */
class RealPulumi {
  private readonly home = mkdtempSync(join(tmpdir(), "engine-compare-"));
  private readonly environment: NodeJS.ProcessEnv;

  constructor(readonly project: TestProject) {
    const backend = join(this.home, "backend");
    mkdirSync(backend);
    this.environment = {
      ...project.environment(),
      PULUMI_HOME: this.home,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_SKIP_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      PATH: `${this.dynamicProviderDirectory()}:${process.env.PATH}`,
    };
    this.run("stack", "init", "dev");
  }

  /** The CLI's own release ships this launcher beside it; a build from source may not. */
  private dynamicProviderDirectory(): string {
    const directory = join(this.home, "bin");
    mkdirSync(directory);
    const script =
      '#!/bin/sh\nexec node "$(node -p "require.resolve(\'@pulumi/pulumi/cmd/dynamic-provider\')")" "$@"\n';
    writeFileSync(join(directory, "pulumi-resource-pulumi-nodejs"), script, { mode: 0o755 });
    return directory;
  }

  run(...args: string[]): { status: number; stdout: string; all: string } {
    const { status, stdout, stderr } = spawnSync("pulumi", [...args, "--non-interactive"], {
      cwd: this.project.directory,
      env: this.environment,
      encoding: "utf8",
    });
    return { status: status ?? -1, stdout, all: stdout + stderr };
  }

  /** The steps of an operation as `op name`, sorted, and its counts. */
  steps(...args: string[]): { steps: string[]; counts: unknown; status: number } {
    const { stdout, status, all } = this.run(...args, "--json");
    const events = stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map(
        (line) =>
          JSON.parse(line) as Record<string, Record<string, unknown> & { metadata?: { op: string; urn: string } }>,
      );
    if (events.length === 0) {
      throw new Error(`pulumi ${args.join(" ")} printed no events: ${all}`);
    }
    const steps = new Set<string>();
    let counts: unknown;
    for (const event of events) {
      const started = event.resourcePreEvent?.metadata;
      if (started !== undefined && started.op !== "refresh" && !started.urn.includes("pulumi:providers:")) {
        steps.add(`${started.op} ${started.urn.split("::").at(-1)}`);
      }
      counts = event.summaryEvent?.resourceChanges ?? counts;
    }
    return { steps: [...steps].sort(), counts, status };
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

function stepsOf(summary: OperationSummary): { steps: string[]; counts: unknown } {
  const steps = summary.events.flatMap((event) =>
    event.kind === "stepStarted" && event.step.op !== "refresh"
      ? [`${event.step.op} ${event.step.urn.split("::").at(-1)}`]
      : [],
  );
  return { steps: [...new Set(steps)].sort(), counts: summary.changes };
}

/** What keeps the comparison from being made here, if anything does. */
function absence(): string | undefined {
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

interface Stage {
  program: Program;
  behaviour?: Behaviour;
}

const a = (args: Record<string, unknown>, opts?: Record<string, unknown>) => ({
  name: "a",
  args,
  ...(opts === undefined ? {} : { opts }),
});
const dependent = { name: "b", args: { value: { $ref: "a.out" } } };

/** Programs that change, stage by stage. Both engines must take the same steps and keep the same state. */
const table: Record<string, Stage[]> = {
  "an update with a dependent": [
    { program: { resources: [a({ value: "1" }), dependent] } },
    { program: { resources: [a({ value: "2" }), dependent] } },
  ],
  "a replacement": [
    { program: { resources: [a({ value: "1", force: "x" }), dependent], outputs: { o: { $ref: "a.out" } } } },
    { program: { resources: [a({ value: "2", force: "y" }), dependent], outputs: { o: { $ref: "a.out" } } } },
  ],
  "a delete before a replacement, with a dependent that is replaced too": [
    {
      program: {
        resources: [
          a({ value: "1", force: "x", deleteFirst: true }),
          { name: "b", args: { force: { $ref: "a.out" }, forceUnknown: true } },
          { name: "c", args: { value: { $ref: "a.out" } } },
        ],
      },
    },
    {
      program: {
        resources: [
          a({ value: "2", force: "y", deleteFirst: true }),
          { name: "b", args: { force: { $ref: "a.out" }, forceUnknown: true } },
          { name: "c", args: { value: { $ref: "a.out" } } },
        ],
      },
    },
  ],
  "a component that is renamed, and deletes": [
    {
      program: {
        resources: [
          { name: "g", kind: "group" },
          { name: "g-child", args: { name: "child" }, opts: { parent: "g" } },
          { name: "gone" },
        ],
      },
    },
    {
      program: {
        resources: [
          { name: "h", kind: "group", opts: { aliases: [{ name: "g" }] } },
          { name: "h-child", args: { name: "child" }, opts: { parent: "h" } },
        ],
      },
    },
  ],
  "a partial failure and its repair": [
    {
      program: { resources: [a({ value: "1" }), dependent] },
      behaviour: { fail: { a: { method: "create", id: "half", reasons: ["r"] } } },
    },
    { program: { resources: [a({ value: "1" }), dependent] }, behaviour: { diffs: { a: { changes: false } } } },
  ],
  "a failed update": [
    { program: { resources: [a({ value: "1" })] } },
    {
      program: { resources: [a({ value: "2" })] },
      behaviour: { fail: { a: { method: "update", id: "id-a-1", reasons: ["r"] } } },
    },
    { program: { resources: [a({ value: "2" })] } },
  ],
  "ignored changes, protection and secrets": [
    {
      program: {
        resources: [a({ value: "1", hidden: { $secret: "s" } }, { ignoreChanges: ["value"], protect: true })],
        outputs: { s: { $secret: "s" } },
      },
    },
    {
      program: {
        resources: [a({ value: "2", hidden: { $secret: "s" } }, { ignoreChanges: ["value"] })],
        outputs: { s: { $secret: "s" } },
      },
    },
  ],
};

describe("the embedded engine beside the Pulumi CLI", function () {
  this.timeout(180_000);
  const missing = absence();
  const open: { remove(): void }[] = [];

  beforeEach(function () {
    if (missing !== undefined) {
      console.log(`skipped: ${missing}`);
      this.skip();
    }
  });
  afterEach(() => {
    for (const item of open.splice(0)) {
      item.remove();
    }
  });

  function both(): { ours: TestProject; theirs: TestProject; pulumi: RealPulumi } {
    const ours = new TestProject();
    const theirs = new TestProject();
    const pulumi = new RealPulumi(theirs);
    open.push(ours, theirs, pulumi);
    return { ours, theirs, pulumi };
  }

  for (const [title, stages] of Object.entries(table)) {
    it(`takes the same steps and keeps the same state: ${title}`, async () => {
      const { ours, theirs, pulumi } = both();
      for (const { program, behaviour } of stages) {
        for (const project of [ours, theirs]) {
          project.program(program);
          project.behave(behaviour ?? {});
          project.forgetCalls();
        }
        const summary = await ours.up();
        const real = pulumi.steps("up", "--yes", "--skip-preview");
        expect(stepsOf(summary)).to.deep.equal({ steps: real.steps, counts: real.counts });
        expect(summary.result === "succeeded" ? 0 : 1).to.equal(real.status);
        const names = (project: TestProject) =>
          project
            .calls("check", "diff", "create", "update", "delete")
            .map(({ method, name }) => `${method} ${name}`)
            .sort();
        expect(names(ours)).to.deep.equal(names(theirs));
        expect(comparable(ours.stateText())).to.deep.equal(comparable(pulumi.run("stack", "export").stdout));
      }
    });
  }

  it("writes a state that pulumi imports and finds unchanged, and works on one that pulumi exported", async () => {
    const { ours, theirs, pulumi } = both();
    const program: Program = {
      resources: [
        { name: "g", kind: "group" },
        a({ value: "1", hidden: { $secret: "s" } }, { parent: "g" }),
        dependent,
      ],
      outputs: { s: { $secret: "s" }, o: { $ref: "b.out" } },
    };
    ours.program(program);
    theirs.program(program);
    await ours.up();
    const file = join(theirs.directory, "imported.json");
    copyFileSync(ours.statePath, file);
    expect(pulumi.run("stack", "import", "--file", file).all).to.contain("Import complete");
    expect(pulumi.steps("up", "--yes", "--skip-preview").counts).to.deep.equal({ same: 4 });
    expect(pulumi.run("refresh", "--yes", "--skip-preview").status).to.equal(0);
    writeFileSync(ours.statePath, pulumi.run("stack", "export").stdout);
    expect((await ours.up()).changes).to.deep.equal({ same: 4 });
    expect((await ours.destroy()).changes).to.deep.equal({ delete: 4 });
    expect(pulumi.run("destroy", "--yes", "--skip-preview").status).to.equal(0);
  });

  it("prints the same lines", async () => {
    const { ours, theirs, pulumi } = both();
    for (const program of [
      {
        resources: [a({ value: "1", force: "x", list: ["p", "q"] }), dependent],
        outputs: { o: { $ref: "a.out" }, deep: { x: ["y"] } },
      },
      {
        resources: [a({ value: "2", force: "y", list: ["p"] }), dependent, { name: "new" }],
        outputs: { o: { $ref: "a.out" }, deep: { x: ["z"] } },
      },
      {
        resources: [dependent.args.value === undefined ? dependent : { name: "b", args: { value: "fixed" } }],
        logs: [{ level: "warn" as const, text: "w\nx", on: "b" }],
      },
    ]) {
      ours.program(program);
      theirs.program(program);
      expect(lines((await ours.preview()).text)).to.deep.equal(lines(pulumi.run("preview").stdout));
      expect(lines((await ours.up()).text)).to.deep.equal(
        lines(pulumi.run("up", "--yes", "--skip-preview").stdout),
      );
    }
    expect(lines((await ours.refresh()).text)).to.deep.equal(
      lines(pulumi.run("refresh", "--yes", "--skip-preview").stdout),
    );
  });
});

/** A state without what differs from run to run: times, ids of providers, ciphertexts, positions in source files. */
function comparable(text: string): unknown {
  const resources =
    (JSON.parse(text) as { deployment: { resources?: Record<string, unknown>[] } }).deployment.resources ?? [];
  return resources
    .map(({ created: _, modified: __, sourcePosition: ___, stackTrace: ____, ...rest }) => rest)
    .map(
      (resource) =>
        JSON.parse(
          JSON.stringify(resource)
            .replace(/"ciphertext":"[^"]*"/g, '"ciphertext":""')
            .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "uuid"),
        ) as { urn: string; id?: string },
    )
    .sort((x, y) => (`${x.urn}${x.id}` < `${y.urn}${y.id}` ? -1 : 1));
}

/** Lines without times and without the CLI's signs of life; sorted, since steps run in parallel. */
function lines(text: string): string[] {
  return text
    .split("\n")
    .filter(
      (line) =>
        !line.startsWith("@") &&
        !line.startsWith("Duration:") &&
        !line.includes("using pulumi-resource-pulumi-nodejs"),
    )
    .filter((line) => !/^ {4}pulumi:pulumi:Stack p-dev (running )? ?(\d+ warnings?)?$/.test(line))
    .filter((line) => !line.includes("pulumi:pulumi:Stack p-dev refreshing"))
    .filter((line) => line.trim() !== "" && !["  pulumi:pulumi:Stack (p-dev):", "Diagnostics:"].includes(line))
    .map((line) =>
      line
        .replace(/\(\d+(\.\d+)?s\)/g, "(time)")
        .replace(/; \d+ warnings?$/, "")
        .replace(/ \d+ warnings?$/, "")
        .trimEnd(),
    )
    .sort();
}
