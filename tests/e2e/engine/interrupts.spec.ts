import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { changes, describeProject, errors, type TestProject, until } from "./fixture.js";

const repository = resolve(__dirname, "../../..");

interface RunningCommand {
  child: ChildProcess;
  ended: Promise<number | null>;
  output(): string;
}

function start(project: TestProject, ...args: string[]): RunningCommand {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", join(repository, "cli/rehearse.ts"), ...args, "--cwd", project.directory],
    {
      cwd: repository,
      env: project.environment(),
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
  }
  const ended = new Promise<number | null>((resolveEnd) => {
    child.once("close", (code) => resolveEnd(code));
  });
  return { child, ended, output: () => text };
}

function isRunning(project: TestProject, name: string): boolean {
  return project.calls("create").some((call) => call.name === name);
}

/** Ends the provider that a killed engine left behind, as it does with the Pulumi CLI too. */
function endOrphan(project: TestProject): void {
  for (const pid of new Set(project.calls().map((call) => call.pid))) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

describeProject("the embedded engine, killed and interrupted", (project) => {
  it("opens the state of a run that was killed in the middle, and creates again only what was not through", async () => {
    project().program({ resources: [{ name: "a" }, { name: "b", opts: { dependsOn: ["a"] } }] });
    project().behave({ hang: { b: "create" } });
    const command = start(project(), "up", "--yes", "--skip-preview");
    await until(() => isRunning(project(), "b"), "b is being created");
    command.child.kill("SIGKILL");
    await command.ended;
    endOrphan(project());
    expect(existsSync(`${project().statePath}.lock`)).to.equal(true);
    project().behave({});
    project().forgetCalls();
    const summary = await project().up();
    expect(summary.result).to.equal("succeeded");
    expect(changes(summary)).to.deep.equal(["create b"]);
    expect(
      project()
        .calls("create")
        .map(({ name }) => name),
    ).to.deep.equal(["b"]);
    const warnings = summary.diagnostics
      .filter(({ severity }) => severity === "warning")
      .map(({ message }) => message);
    expect(warnings.join("\n"))
      .to.contain("took over the stack's lock")
      .and.to.contain("interrupted while creating");
    const pending = () => JSON.parse(project().stateText()).deployment.pending_operations;
    expect(pending()).to.have.length(1);
    expect(pending()[0]).to.deep.include({ type: "creating" });
    await project().refresh();
    expect(pending()).to.have.length(1);
    await project().refresh({ clearPendingCreates: true });
    expect(pending()).to.equal(undefined);
  });

  it("refuses a second run on the same state while the first one lives, and allows a preview", async () => {
    project().program({ resources: [{ name: "a" }] });
    project().behave({ hang: { a: "create" } });
    const command = start(project(), "up", "--yes", "--skip-preview");
    await until(() => isRunning(project(), "a"), "a is being created");
    const refusal = await project()
      .up()
      .then(errors, (error: Error) => error.message);
    expect(refusal).to.contain("the stack is currently locked").and.to.contain(`process ${command.child.pid}`);
    expect((await project().preview()).result).to.equal("succeeded");
    project().behave({});
    expect(await command.ended).to.equal(0);
    expect(existsSync(`${project().statePath}.lock`)).to.equal(false);
  });

  it("lets what runs end on the first interrupt, starts nothing new, and ends with status 1", async () => {
    project().program({ resources: [{ name: "a" }, { name: "b", opts: { dependsOn: ["a"] } }] });
    project().behave({ hang: { a: "create" } });
    const command = start(project(), "up", "--yes", "--skip-preview");
    await until(() => isRunning(project(), "a"), "a is being created");
    command.child.kill("SIGINT");
    await until(() => command.output().includes("cancelling"), "the interrupt is acknowledged");
    project().behave({});
    expect(await command.ended).to.equal(1);
    expect(command.output()).to.contain("update canceled");
    expect(project().resource("a").id).to.equal("id-a-");
    expect(isRunning(project(), "b")).to.equal(false);
  });

  it("ends at once with status 8 on the second interrupt, and knows the next time what was pending", async () => {
    project().program({ resources: [{ name: "a" }] });
    project().behave({ hang: { a: "create" } });
    const command = start(project(), "up", "--yes", "--skip-preview");
    await until(() => isRunning(project(), "a"), "a is being created");
    command.child.kill("SIGINT");
    await until(() => command.output().includes("cancelling"), "the interrupt is acknowledged");
    command.child.kill("SIGINT");
    expect(await command.ended).to.equal(8);
    project().behave({});
    const summary = await project().up();
    expect(changes(summary)).to.deep.equal(["create a"]);
    expect(summary.text).to.contain("interrupted while creating");
  });

  it("says everything that is wrong with a command line or a project at once", async () => {
    const bad = start(project(), "upp", "--paralel", "4", "--parallel", "none");
    expect(await bad.ended).to.equal(1);
    expect(bad.output())
      .to.contain('command is "upp"')
      .and.to.contain("--paralel is not known")
      .and.to.contain('--parallel is "none"');
    writeFileSync(join(project().directory, "Pulumi.yaml"), "name: p q\nruntime: python\nmain: ../elsewhere\n");
    const broken = start(project(), "preview");
    expect(await broken.ended).to.equal(1);
    expect(broken.output())
      .to.contain('name is "p q"')
      .and.to.contain('runtime is "python"')
      .and.to.contain('main is "../elsewhere"');
  });

  it("asks for --yes where nobody can answer", async () => {
    project().program({ resources: [] });
    const command = start(project(), "up", "--skip-preview");
    expect(await command.ended).to.equal(1);
    expect(command.output()).to.contain("--yes is needed");
    expect(existsSync(project().statePath)).to.equal(false);
  });

  it("prints a preview as one JSON document and an update as one event to a line", async () => {
    project().program({ resources: [{ name: "a" }], outputs: { hidden: { $secret: "unprintable" } } });
    const preview = start(project(), "preview", "--json");
    expect(await preview.ended).to.equal(0);
    const document = JSON.parse(preview.output()) as { steps: { op: string }[]; changeSummary: unknown };
    expect(document.steps.map(({ op }) => op)).to.deep.equal(["create", "create"]);
    expect(document.changeSummary).to.deep.equal({ create: 2 });
    const update = start(project(), "up", "--yes", "--json");
    expect(await update.ended).to.equal(0);
    expect(update.output()).not.to.contain("unprintable");
    const events = update
      .output()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(Object.keys(events[0] ?? {})).to.include("preludeEvent");
    expect(events.at(-2)).to.have.nested.property("summaryEvent.result", "succeeded");
    expect(Object.keys(events.at(-1) ?? {})).to.include("cancelEvent");
  });
});
