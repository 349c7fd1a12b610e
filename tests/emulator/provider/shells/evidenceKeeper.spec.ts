import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "chai";
import { evidenceKeeper } from "../../../../provider/shells/evidenceKeeper.js";
import { readEvidence } from "../../../../report/index.js";
import { makeHistory, makeRun } from "../../../unit/report/runs.js";

describe("the history of runs on disk", () => {
  let project: string;
  const keeper = () => evidenceKeeper(undefined, undefined);
  const file = (...parts: string[]) => path.join(project, "drills", "dev", ...parts);
  const append = (run: ReturnType<typeof makeRun>) => keeper().append(path.join(project, "drills/dev"), run);

  beforeEach(() => {
    project = mkdtempSync(path.join(os.tmpdir(), "siterecovery-history-"));
  });
  afterEach(() => rmSync(project, { recursive: true, force: true }));

  it("adds a line for each run to the file of its target, and never changes one", async () => {
    const [first, second] = makeHistory(2);
    if (!first || !second) throw new Error("two runs");
    await append(first);
    const before = readFileSync(file("shop.jsonl"), "utf8");
    await append(second);
    const after = readFileSync(file("shop.jsonl"), "utf8");
    expect(after.startsWith(before)).to.equal(true);
    expect(after.endsWith("\n")).to.equal(true);
    expect(readEvidence(after, "x")).to.deep.equal({ runs: [first, second], problems: [] });
  });

  it("holds a run once, however often it is added, also by another process at another time", async () => {
    const run = makeRun();
    await append(run);
    await append({ ...run, targetId: run.targetId.toUpperCase(), state: "Failed" });
    expect(readFileSync(file("shop.jsonl"), "utf8").split("\n")).to.have.length(2);
    const one = keeper();
    await Promise.all(
      [1, 2, 3].map(() => one.append(path.join(project, "drills/dev"), { ...run, jobName: "other" })),
    );
    expect(readEvidence(readFileSync(file("shop.jsonl"), "utf8"), "x").runs).to.have.length(2);
  });

  it("begins a line of its own after half a line that a killed process left", async () => {
    const [first, second] = makeHistory(2);
    if (!first || !second) throw new Error("two runs");
    await append(first);
    appendFileSync(file("shop.jsonl"), JSON.stringify(second).slice(0, 300));
    await append(second);
    const { runs, problems } = readEvidence(readFileSync(file("shop.jsonl"), "utf8"), "x");
    expect(runs).to.deep.equal([first, second]);
    expect(problems).to.have.length(1);
  });

  it("keeps runs of one name in two vaults apart, and names that no file system takes within the directory", async () => {
    const run = makeRun();
    await append(run);
    await append({ ...run, targetId: "/other/vault/shop" });
    await append({ ...run, targetName: "../../../etc/passwd" });
    await append({ ...run, targetName: "..", jobName: "two" });
    expect(readdirSync(file()).sort()).to.deep.equal(["_.jsonl", "__.._.._etc_passwd.jsonl", "shop.jsonl"].sort());
    expect(readEvidence(readFileSync(file("shop.jsonl"), "utf8"), "x").runs).to.have.length(2);
  });

  it("fails with the path where the directory cannot be made", async () => {
    mkdirSync(path.join(project, "drills"));
    writeFileSync(file(), "a file");
    const error = await append(makeRun()).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    expect(error?.message).to.contain(path.join("drills", "dev"));
  });

  it("knows its own version and Node's, and leaves out an engine that does not tell", async () => {
    const versions = await keeper().versions();
    expect(versions.package).to.match(/^\d+\.\d+\.\d+/);
    expect(versions).to.include({ node: process.version }).and.to.not.have.property("engine");
  });
});
