import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { parse } from "yaml";

const root = path.resolve(__dirname, "..", "..", "..");
const read = (...parts: string[]) => readFileSync(path.join(root, ...parts), "utf8");

interface Step {
  name?: string;
  run?: string;
  uses?: string;
  if?: string;
  with?: Record<string, unknown>;
}
interface Workflow {
  on: { schedule: { cron: string }[]; workflow_dispatch: null };
  concurrency: { "cancel-in-progress": boolean };
  jobs: { drill: { steps: Step[]; "timeout-minutes": number } };
}

const workflow = parse(read("examples", "ci", "weekly-drill.yml")) as Workflow;
const { steps } = workflow.jobs.drill;
const lines = steps.flatMap(({ run }) => run?.split("\n") ?? []);

describe("the weekly drill in CI", () => {
  it("runs every week, alone, and can be started by hand", () => {
    expect(workflow.on.schedule.map(({ cron }) => cron)).to.deep.equal(["0 5 * * 1"]);
    expect(workflow.on).to.have.property("workflow_dispatch");
    expect(workflow.concurrency["cancel-in-progress"]).to.equal(false);
  });

  it("names only commands, options and files that there are", () => {
    const { bin } = JSON.parse(read("package.json")) as { bin: Record<string, string> };
    const called = lines.flatMap((line) => [
      ...line.matchAll(/npx (\S+) (\S+)((?: --?[\w-]+(?: (?:"[^"]*"|[^-\s;]\S*))?)*)/g),
    ]);
    expect(called.map(([, command, word]) => `${command} ${word}`)).to.deep.equal([
      "siterecovery report",
      "siterecovery drills",
    ]);
    for (const [, command = "", word = "", options = ""] of called) {
      expect(bin).to.have.property(command);
      const source = read("cli", `${word}.ts`) + read("cli", "evidenceFiles.ts");
      for (const [, option = ""] of options.matchAll(/--([\w-]+)/g))
        expect(source, `--${option} of ${word}`).to.match(new RegExp(`["\\s]${option}"?: \\{`));
    }
    const packs = lines.flatMap(
      (line) => /--policy-pack node_modules\/pulumi-siterecovery\/(\S+)/.exec(line)?.[1] ?? [],
    );
    expect(packs).to.have.length(1);
    for (const pack of packs) expect(existsSync(path.join(root, pack, "PulumiPolicy.yaml")), pack).to.equal(true);
  });

  it("cleans up, reports and keeps the evidence also where the drill failed", () => {
    const after = steps.slice(steps.findIndex(({ name }) => name === "Drill") + 1);
    expect(after.map(({ name, uses }) => name ?? uses?.split("@")[0])).to.deep.equal([
      "Clean up",
      "Report",
      "Summary",
      "actions/upload-artifact",
      "Keep the evidence",
    ]);
    for (const step of after) expect(step.if, step.name).to.equal("always()");
    expect(after[0]?.run).to.match(/^pulumi destroy --yes/);
    expect(after[1]?.run).to.contain("--fail-on-missed-goal");
    expect(after[3]?.with?.path).to.equal("report/");
  });

  it("sets the trigger that its program reads, which fails on a missed goal", () => {
    const program = read("examples", "ci", "index.ts");
    expect(lines.join("\n")).to.match(/pulumi config set trigger /);
    expect(program).to.contain('config.require("trigger")').and.to.contain("failOnMissedGoal: true");
  });
});
