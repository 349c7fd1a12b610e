import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { makeHistory, makeRun } from "../../unit/report/runs.js";

const command = path.resolve(__dirname, "../../../dist/cli/siterecovery.js");

describe("siterecovery report and siterecovery drills", function () {
  this.timeout(120_000);
  let project: string;
  const run = (words: string[], input?: string) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...words], {
      cwd: project,
      encoding: "utf8",
      input,
    });
    return { status, stdout, stderr };
  };

  beforeEach(() => {
    project = mkdtempSync(path.join(os.tmpdir(), "siterecovery-report-"));
    writeFileSync(path.join(project, "Pulumi.yaml"), "name: shop\n");
    mkdirSync(path.join(project, "drills", "dev"), { recursive: true });
    const lines = makeHistory(3, { machines: 4, recoveryTimeGoalSeconds: 5000 }).map((each) =>
      JSON.stringify(each),
    );
    writeFileSync(path.join(project, "drills", "dev", "shop.jsonl"), `${lines.join("\n")}\n`);
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  it("write the three files of the latest drill, found below the project, and say where", () => {
    const { status, stdout } = run(["report", "--out", "out"]);
    expect(status).to.equal(0);
    expect(stdout).to.contain("Drill of recovery plan shop").and.to.contain(path.join("out", "drill.html"));
    expect(readdirSync(path.join(project, "out")).sort()).to.deep.equal([
      "drill.html",
      "drill.json",
      "drill.junit.xml",
    ]);
    const { runs } = JSON.parse(readFileSync(path.join(project, "out", "drill.json"), "utf8"));
    expect(runs[0].evidence.jobName).to.equal("job-3");
    expect(runs[0].trend.map(({ jobName }: { jobName: string }) => jobName)).to.deep.equal([
      "job-1",
      "job-2",
      "job-3",
    ]);
  });

  it("read what pulumi writes from standard input, and end with 1 for a missed goal where that is asked for", () => {
    const missed = JSON.stringify({ evidence: makeRun({ recoveryTimeGoalSeconds: 1 }) });
    expect(run(["report", "--evidence", "-"], missed).status).to.equal(0);
    const { status, stdout } = run(["report", "--evidence", "-", "--fail-on-missed-goal"], missed);
    expect(status).to.equal(1);
    expect(stdout).to.contain("3 goals missed");
    expect(run(["report", "--fail-on-missed-goal"]).status).to.equal(0);
  });

  it("list the history with a line for each run, and as JSON", () => {
    const { status, stdout } = run(["drills"]);
    expect(status).to.equal(0);
    expect(stdout.trim().split("\n")).to.have.length(2 + 3);
    expect(stdout).to.match(/2026-01-05 08:00 {2}drill {2}shop {4}4 of 4/);
    const listed = JSON.parse(run(["drills", "--json", "--stack", "dev"]).stdout);
    expect(
      listed.map(({ jobName, verdict }: { jobName: string; verdict: string }) => `${jobName} ${verdict}`),
    ).to.deep.equal(["job-1 good", "job-2 good", "job-3 good"]);
  });

  it("refuse what they cannot use with status 2, the reason and the usage", () => {
    for (const [words, reason] of [
      [["report", "--colour"], "--evidence"],
      [["report", "--stack", "prod"], "there is no"],
      [["report", "--target", "web"], "Targets: shop"],
      [["report", "--evidence", "Pulumi.yaml"], "no evidence"],
      [["drills", "--evidence", "nowhere"], "there is no nowhere"],
    ] as const) {
      const { status, stderr } = run([...words]);
      expect(status, words.join(" ")).to.equal(2);
      expect(stderr).to.contain(reason).and.to.contain("siterecovery");
    }
  });

  it("say which line of a history they could not read, and use the others", () => {
    writeFileSync(path.join(project, "drills", "dev", "shop.jsonl"), `${JSON.stringify(makeRun())}\n{"half`);
    const { status, stderr, stdout } = run(["drills"]);
    expect(status).to.equal(0);
    expect(stderr).to.contain("line 2");
    expect(stdout).to.contain("shop");
  });
});
