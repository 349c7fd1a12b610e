import { expect } from "chai";
import type { RunEvidence } from "../../../../provider/evidence/types.js";
import { type EvidenceKeeper, PartialFailure, type Properties } from "../../../../provider/resources/handler.js";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import { itemIdOf, makeContext, type Resource, type TestContext, up, validInputs } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

const app01 = itemIdOf("app01");
const program = (changes: Properties = {}): Properties => ({ ...validInputs.TestFailover?.(), ...changes });

/** A history in memory, which can be out of order. */
class Keeper implements EvidenceKeeper {
  readonly lines: { directory: string; evidence: RunEvidence }[] = [];
  isBroken = false;
  defaultDirectory: string | undefined = "drills/dev";
  async versions() {
    return { package: "1.2.3", engine: "pulumi 3.0.0" };
  }
  async append(directory: string, evidence: RunEvidence): Promise<void> {
    if (this.isBroken) throw new Error("EACCES: permission denied");
    if (!this.lines.some((line) => line.evidence.jobName === evidence.jobName))
      this.lines.push({ directory, evidence });
  }
}

interface Stage {
  fake: FakeSiteRecovery;
  keeper: Keeper;
  context: () => TestContext;
}

function stage(): Stage {
  const fake = new FakeSiteRecovery();
  fake.addItem("app01");
  const keeper = new Keeper();
  return { fake, keeper, context: () => ({ ...makeContext(fake), evidence: keeper }) };
}

async function failed(
  { context }: Stage,
  inputs: Properties,
  prior?: Resource,
): Promise<Resource & { reasons: string[] }> {
  const ctx = context();
  const { inputs: checked } = await testFailover.check(ctx, prior?.inputs ?? {}, inputs);
  const error = await testFailover.reconcile(ctx, checked, prior).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PartialFailure)) throw new Error(`no partial failure: ${String(error)}`);
  return { id: error.id, inputs: checked, outputs: error.properties, reasons: error.reasons };
}

const evidenceIn = (resource: Resource) => resource.outputs.evidence as RunEvidence;
const drills = (fake: FakeSiteRecovery) => fake.starts.filter(({ kind }) => kind === "testFailover").length;

describe("TestFailover's evidence", () => {
  it("tells target, job, point, network, versions and fingerprints, in JSON and nothing else", async () => {
    const { context, fake } = stage();
    const made = await up(testFailover, context(), program());
    const evidence = evidenceIn(made);
    expect(evidence).to.deep.include({
      schemaVersion: 1,
      kind: "testFailover",
      targetKind: "replicatedItem",
      targetName: "app01",
      targetId: app01,
      recoveryPoint: "latestProcessed",
      state: "Succeeded",
      versions: { package: "1.2.3", engine: "pulumi 3.0.0" },
      goals: [],
    });
    expect(evidence.jobName).to.equal(fake.jobs[0]?.job.name);
    expect(evidence.seconds).to.be.greaterThan(0);
    expect(evidence.hashes.replicationPolicies).to.match(/^sha256:[0-9a-f]{64}$/);
    expect(JSON.parse(JSON.stringify(made.outputs))).to.deep.equal(made.outputs);
  });

  it("is kept in the history once for each drill, in the directory that the stack or the program names", async () => {
    const test = stage();
    const made = await up(testFailover, test.context(), program());
    expect(test.keeper.lines).to.deep.equal([{ directory: "drills/dev", evidence: evidenceIn(made) }]);
    // A process that was killed before the state was written finds its own drill again.
    await up(testFailover, test.context(), program());
    expect(test.keeper.lines).to.have.length(1);
    const other = stage();
    await up(testFailover, other.context(), program({ evidenceDirectory: "evidence" }));
    expect(other.keeper.lines.map(({ directory }) => directory)).to.deep.equal(["evidence"]);
  });

  it("is not kept where the program says none, and never by a check, a refresh or a delete", async () => {
    const test = stage();
    const made = await up(testFailover, test.context(), program({ evidenceDirectory: "none" }));
    await testFailover.read(test.context(), made.id, made.outputs);
    await testFailover.delete(test.context(), made.id, made.outputs);
    expect(test.keeper.lines).to.deep.equal([]);
  });

  it("stays in the outputs where the history cannot be written, and the next up adds it", async () => {
    const test = stage();
    test.keeper.isBroken = true;
    const context = test.context();
    const made = await up(testFailover, context, program());
    expect(context.logged.join()).to.contain("EACCES").and.to.contain("none");
    expect(made.outputs).to.include({ status: "waitingForCleanup", historyPending: true });
    test.keeper.isBroken = false;
    const again = await up(testFailover, test.context(), program(), made);
    expect(again.hasChanged).to.equal(true);
    expect(again.outputs).to.not.have.property("historyPending");
    expect(test.keeper.lines.map(({ evidence }) => evidence.jobName)).to.deep.equal([evidenceIn(made).jobName]);
    expect((await up(testFailover, test.context(), program(), again)).hasChanged).to.equal(false);
    expect(drills(test.fake)).to.equal(1);
  });

  it("of a drill that failed without a machine is kept too", async () => {
    const test = stage();
    test.fake.failingJobs = 1;
    await up(testFailover, test.context(), program()).catch(() => undefined);
    expect(test.keeper.lines.map(({ evidence }) => evidence.state)).to.deep.equal(["Failed"]);
  });
});

describe("TestFailover's goals", () => {
  // The fake's jobs take a minute, and its newest recovery point is younger than its first job.
  it("are measured, and a missed one is a finding and a warning that fails nothing by itself", async () => {
    const { context } = stage();
    const ctx = context();
    const made = await up(testFailover, ctx, program({ recoveryTimeGoal: "PT1S" }));
    expect(evidenceIn(made).goals).to.have.length(1);
    expect(evidenceIn(made).goals[0]).to.include({
      goal: "recoveryTime",
      machine: "app01",
      goalSeconds: 1,
      isMet: false,
    });
    expect((made.outputs.findings as string[]).join()).to.contain("recovery time goal of 1 s missed");
    expect(ctx.logged.join())
      .to.contain("warning: test failover of replicated item")
      .and.to.contain("goal of 1 s missed");
  });

  it("fail the up where that is asked for, with the drill's state, and no further up runs it again", async () => {
    const test = stage();
    const inputs = program({ recoveryTimeGoal: "PT1S", failOnMissedGoal: true });
    const made = await failed(test, inputs);
    expect(made.outputs).to.include({ status: "waitingForCleanup" });
    expect(made.reasons.join("\n")).to.contain("app01").and.to.contain("destroy").and.to.contain("triggers");
    expect(test.keeper.lines).to.have.length(1);
    expect(testFailover.diff(made.id, made.outputs, made.inputs)).to.deep.include({
      hasChanges: true,
      replaces: [],
    });
    const again = await failed(test, inputs, made);
    expect(again.outputs.evidence).to.deep.equal(made.outputs.evidence);
    expect(test.fake.starts).to.have.length(1);
    expect(test.keeper.lines).to.have.length(1);
    await testFailover.delete(test.context(), again.id, again.outputs);
    expect(test.fake.writes).to.deep.equal(["testFailover app01", "testFailoverCleanup app01"]);
  });

  it("may change without a new drill: the same evidence is held against them", async () => {
    const test = stage();
    const made = await failed(test, program({ recoveryPointGoal: "PT1S", failOnMissedGoal: true }));
    const relaxed = await up(testFailover, test.context(), program({ failOnMissedGoal: true }), made);
    expect(relaxed.outputs).to.include({ status: "waitingForCleanup" });
    expect(evidenceIn(relaxed).goals).to.deep.equal([]);
    expect(relaxed.outputs.findings).to.deep.equal([]);
    expect(
      (await up(testFailover, test.context(), program({ failOnMissedGoal: true }), relaxed)).hasChanged,
    ).to.equal(false);
    expect(drills(test.fake)).to.equal(1);
  });

  it("are refused where they are no durations, all of them at once with what is allowed", async () => {
    const { context } = stage();
    const { failures } = await testFailover.check(
      context(),
      {},
      program({ recoveryTimeGoal: "4h", recoveryPointGoal: 900, failOnMissedGoal: "yes", evidenceDirectory: " " }),
    );
    expect(failures.map(({ property }) => property)).to.deep.equal([
      "recoveryTimeGoal",
      "recoveryPointGoal",
      "failOnMissedGoal",
      "evidenceDirectory",
    ]);
    expect(failures[0]?.reason).to.contain('"4h"').and.to.contain("PT4H").and.to.contain("years and months");
  });
});
