import { expect } from "chai";
import type { Stage } from "../../../../provider/lifecycle/stages.js";
import { failover } from "../../../../provider/resources/failover.js";
import { PartialFailure, type Properties } from "../../../../provider/resources/handler.js";
import { itemIdOf, makeContext, planIdOf, type Resource, up } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

const app01 = itemIdOf("app01");
const db01 = itemIdOf("db01");
const program = (stage: string, changes: Properties = {}): Properties => ({ targetId: app01, stage, ...changes });

function prepared(): FakeSiteRecovery {
  const fake = new FakeSiteRecovery();
  fake.addItem("app01");
  fake.addItem("db01");
  return fake;
}

/** A plan that boots db01, then app01. */
async function planned(fake: FakeSiteRecovery, ...more: string[]): Promise<string> {
  const group = (groupType: "Shutdown" | "Failover" | "Boot", ...replicatedItemIds: string[]) => ({
    groupType,
    replicatedItemIds,
    startGroupActions: [],
    endGroupActions: [],
  });
  await fake.putPlan(planIdOf("shop-plan"), {
    primaryFabricId: "f",
    recoveryFabricId: "Microsoft Azure",
    failoverDeploymentModel: "ResourceManager",
    groups: [group("Shutdown"), group("Failover"), group("Boot", db01), group("Boot", app01, ...more)],
  });
  fake.writes.length = 0;
  return planIdOf("shop-plan");
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error("it should have failed");
    },
    (error: Error) => error,
  );
}

const run = (fake: FakeSiteRecovery, stage: string, prior?: Resource, changes: Properties = {}) =>
  up(failover, makeContext(fake), program(stage, changes), prior);

/** A stack whose machine is at `protected`, as it was adopted. */
const adopted = (fake: FakeSiteRecovery, changes: Properties = {}) => run(fake, "protected", undefined, changes);

/** What the engine has stored after a failed update: new inputs, the failure's outputs. */
async function failed(
  fake: FakeSiteRecovery,
  stage: string,
  prior: Resource | undefined,
  changes: Properties = {},
): Promise<Resource & { error: PartialFailure }> {
  const context = makeContext(fake);
  const { inputs, failures } = await failover.check(context, prior?.inputs ?? {}, program(stage, changes));
  expect(failures).to.deep.equal([]);
  const error = await failure(failover.reconcile(context, inputs, prior));
  if (!(error instanceof PartialFailure)) throw error;
  return { id: error.id, inputs, outputs: error.properties, error };
}

describe("Failover, started by a changed word", () => {
  it("adopts a machine where it is, starts nothing, and stays without a difference", async () => {
    for (const stage of ["protected", "failedOver", "committed", "reprotected"] as const) {
      const fake = prepared();
      fake.setStage(app01, stage);
      const made = await run(fake, stage);
      expect(made.outputs).to.include({ observedStage: stage, lastAppliedStage: stage });
      expect((await run(fake, stage, made)).hasChanged).to.equal(false);
      expect(fake.writes).to.deep.equal([]);
    }
  });

  it("fails over by one unplanned failover, keeps what it applied, and has nothing to do next time", async () => {
    const fake = prepared();
    const over = await run(fake, "failedOver", await adopted(fake), { recoveryPoint: "latestProcessed" });
    expect(fake.writes).to.deep.equal(["unplannedFailover app01"]);
    expect(fake.starts[0]?.action).to.deep.equal({
      kind: "unplannedFailover",
      shutdownSource: true,
      recoveryPoint: { kind: "point", recoveryPointId: `${app01}/recoveryPoints/point-0` },
    });
    expect(over.outputs).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
    expect(over.outputs.legalNextStages).to.deep.equal(["committed", "reprotected"]);
    expect(over.outputs).to.not.have.property("walk");
    expect((await run(fake, "failedOver", over, { recoveryPoint: "latestProcessed" })).hasChanged).to.equal(false);
  });

  it("announces a walk in the preview with what it costs, before anything starts", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    const { inputs } = await failover.check(makeContext(fake), made.inputs, program("failedOver"));
    const lines = (inputs.preview as { lines: string[] }).lines.join("\n");
    expect(lines).to.contain("protected -> failedOver").and.to.contain("Cannot be undone");
    expect(failover.diff(made.id, made.outputs, inputs).changes).to.include("stage");
    expect(fake.writes).to.deep.equal([]);
  });

  it("commits by a second word, and walks both steps at once only with through: true", async () => {
    const fake = prepared();
    const over = await run(fake, "failedOver", await adopted(fake));
    await run(fake, "committed", over);
    expect(fake.writes).to.deep.equal(["unplannedFailover app01", "failoverCommit app01"]);

    const other = prepared();
    const made = await adopted(other);
    expect((await failure(run(other, "committed", made))).message).to.contain("through: true");
    expect(other.writes).to.deep.equal([]);
    const done = await run(other, "committed", made, { through: true });
    expect(other.writes).to.deep.equal(["unplannedFailover app01", "failoverCommit app01"]);
    expect(done.outputs).to.include({ lastAppliedStage: "committed", observedStage: "committed" });
  });

  it("refuses a reverted word, naming observed and legal stages, and starts nothing", async () => {
    const fake = prepared();
    const over = await run(fake, "failedOver", await adopted(fake));
    const count = fake.writes.length;
    const error = await failure(run(fake, "protected", over));
    expect(error.message).to.contain("from failedOver to protected").and.to.contain("failedOver, committed");
    expect(fake.writes.length).to.equal(count);
  });

  it("starts nothing for a change of any other argument", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    for (const changes of [
      { shutdownSource: false },
      { through: true },
      { recoveryPoint: "latestProcessed" },
      { startFrom: "protected@never" },
      { cleanUpTestFailover: true },
      { connectivity: { access: [{ path: "bastion" as const, port: 22 }] } },
    ])
      expect((await run(fake, "protected", made, changes)).hasChanged, JSON.stringify(changes)).to.equal(true);
    expect(fake.writes).to.deep.equal([]);
  });
});

describe("Failover, on a create", () => {
  it("starts nothing without startFrom, and prints the line that would allow it", async () => {
    const fake = prepared();
    expect((await failure(run(fake, "failedOver"))).message).to.contain('startFrom: "protected@never"');
    expect(fake.writes).to.deep.equal([]);
  });

  it("starts once by startFrom, and the same line does nothing when the state is lost and the machine came back", async () => {
    const fake = prepared();
    await run(fake, "failedOver", undefined, { startFrom: "protected@never" });
    expect(fake.writes).to.deep.equal(["unplannedFailover app01"]);
    for (const action of [
      "failoverCommit",
      "switchProtection",
      "plannedFailover",
      "failoverCommit",
      "reProtect",
    ] as const)
      fake.portal(app01, action);
    expect((await fake.getItem(app01))?.protectionState).to.equal("Protected");
    const error = await failure(run(fake, "failedOver", undefined, { startFrom: "protected@never" }));
    expect(error.message).to.contain("nothing was started");
    expect(fake.writes).to.deep.equal(["unplannedFailover app01"]);
  });

  it("goes on after a kill with the job that its own mark proves, and starts it once", async () => {
    const fake = prepared();
    fake.isHoldingJobs = true;
    const changes = { startFrom: "protected@never", through: true };
    await failed(fake, "committed", undefined, changes);
    fake.isHoldingJobs = false;
    const made = await run(fake, "committed", undefined, changes);
    expect(fake.writes).to.deep.equal(["unplannedFailover app01", "failoverCommit app01"]);
    expect(made.outputs).to.include({ lastAppliedStage: "committed" });
  });

  it("refuses while a job of somebody else runs, and does not attach to it", async () => {
    const fake = prepared();
    const item = await fake.getItem(app01);
    if (!item) throw new Error("app01 is not there");
    await fake.startAction(
      { kind: "replicatedItem", item },
      { kind: "unplannedFailover", shutdownSource: false, recoveryPoint: { kind: "latest" } },
      "somebody-else",
    );
    const error = await failure(run(fake, "failedOver", undefined, { startFrom: "protected@never" }));
    expect(error.message).to.contain("UnplannedFailover").and.to.contain("job-1");
    expect(fake.starts.length).to.equal(1);
  });
});

describe("Failover, where somebody used the portal", () => {
  it("is a difference of a refresh until an up has told of it, and again when the machine moves on", async () => {
    const fake = prepared();
    let stack = await adopted(fake);
    const differs = async () => {
      const found = await failover.read(makeContext(fake), stack.id, stack.outputs);
      return failover.diff(stack.id, found?.outputs ?? {}, stack.inputs);
    };
    expect(await differs()).to.deep.include({ hasChanges: false, changes: [] });
    fake.setStage(app01, "failedOver");
    expect(await differs()).to.deep.include({ hasChanges: true, changes: ["observedStage"], replaces: [] });
    stack = await run(fake, "protected", stack);
    expect(await differs()).to.deep.include({ hasChanges: false });
    fake.setStage(app01, "committed");
    expect((await differs()).changes).to.deep.equal(["observedStage"]);
    expect(fake.writes).to.deep.equal([]);
  });

  it("is no difference of a refresh after a walk of the stack's own", async () => {
    const fake = prepared();
    const over = await run(fake, "failedOver", await adopted(fake));
    const found = await failover.read(makeContext(fake), over.id, over.outputs);
    expect(failover.diff(over.id, found?.outputs ?? {}, over.inputs).hasChanges).to.equal(false);
  });

  it("starts nothing after a failover in the portal: the preview and the up name the drift and the change that accepts it", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    fake.portal(app01, "unplannedFailover");
    const context = makeContext(fake);
    const found = await failover.read(context, made.id, made.outputs);
    expect(found?.inputs, "refresh never writes the word stage").to.equal(undefined);
    expect(found?.outputs).to.include({ stage: "protected", observedStage: "failedOver" });
    const refreshed = { ...made, outputs: found?.outputs ?? {} };
    const { inputs, failures } = await failover.check(context, refreshed.inputs, program("protected"));
    expect(failures).to.deep.equal([]);
    expect(JSON.stringify(inputs.preview)).to.contain("app01 is observed at failedOver");
    const drifted = await up(failover, context, program("protected"), refreshed);
    expect(fake.writes).to.deep.equal([]);
    expect(JSON.stringify(drifted.outputs.preview), "what the resource class warns of in every run").to.contain(
      'declare stage: \\"failedOver\\"',
    );
    expect(drifted.outputs).to.include({ lastAppliedStage: "protected", observedStage: "failedOver" });
    const again = await run(fake, "protected", drifted);
    expect(again.hasChanged, "drift that is known is no change").to.equal(false);
    const accepted = await run(fake, "failedOver", again);
    expect(accepted.outputs).to.include({ lastAppliedStage: "failedOver" });
    expect(fake.writes).to.deep.equal([]);
  });

  it("refuses to commit where the machine went home by the portal meanwhile", async () => {
    const fake = prepared();
    const over = await run(fake, "failedOver", await adopted(fake));
    for (const action of ["switchProtection", "plannedFailover", "failoverCommit", "reProtect"] as const)
      fake.portal(app01, action);
    const error = await failure(run(fake, "committed", over));
    expect(error.message).to.contain("app01 is observed at protected");
    expect(fake.writes).to.deep.equal(["unplannedFailover app01"]);
  });
});

describe("Failover, of a state that people went round behind", () => {
  const roundByHand = (fake: FakeSiteRecovery) => {
    for (const action of [
      "unplannedFailover",
      "failoverCommit",
      "switchProtection",
      "plannedFailover",
      "failoverCommit",
      "reProtect",
    ] as const)
      fake.portal(app01, action);
  };

  it("refuses in the preview what the update would refuse, in its words, with the line that goes on all the same", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    roundByHand(fake);
    const { inputs, failures } = await failover.check(makeContext(fake), made.inputs, program("failedOver"));
    expect(failures).to.deep.equal([]);
    const told = await failure(Promise.resolve().then(() => failover.diff(made.id, made.outputs, inputs)));
    const refused = await failure(
      failover.reconcile(makeContext(fake), inputs, { id: made.id, outputs: made.outputs }),
    );
    expect(told.message)
      .to.equal(refused.message)
      .and.to.contain("app01 is at protected in a later turn")
      .and.to.contain("Nothing was started");
    const startFrom = /startFrom: "([^"]+)"/.exec(told.message)?.[1];
    const over = await run(fake, "failedOver", made, { startFrom });
    expect(over.outputs).to.include({ lastAppliedStage: "failedOver" });
    expect(fake.starts).to.have.length(1);
  });

  it("refuses in the preview to go on with a walk that an old state left open, where its machine has been round since", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    fake.failingJobs = 1;
    const stopped = await failed(fake, "failedOver", made);
    roundByHand(fake);
    const { inputs, failures } = await failover.check(makeContext(fake), stopped.inputs, program("failedOver"));
    expect(failures).to.deep.equal([]);
    const told = await failure(Promise.resolve().then(() => failover.diff(stopped.id, stopped.outputs, inputs)));
    expect(told.message).to.contain("app01 is at protected again").and.to.contain("A walk does not go round");
    expect(fake.starts).to.have.length(1);
  });

  it("never fails a refresh, which compares what it read with the inputs of the last update", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    fake.failingJobs = 1;
    for (const state of [made, await failed(fake, "failedOver", made)]) {
      roundByHand(fake);
      const found = await failover.read(makeContext(fake), state.id, state.outputs);
      expect(() => failover.diff(state.id, found?.outputs ?? {}, state.inputs)).to.not.throw();
    }
  });
});

describe("Failover, interrupted", () => {
  it("keeps id, an open walk and the new inputs when waiting ends, and goes on with the same job", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    fake.isHoldingJobs = true;
    const stopped = await failed(fake, "failedOver", made);
    expect(stopped.outputs.walk).to.deep.include({
      from: "protected",
      to: "failedOver",
      items: [app01],
      since: "never",
    });
    expect(stopped.outputs).to.include({ lastAppliedStage: "protected" });
    expect(stopped.error.reasons.join("\n")).to.contain("pulumi up").and.not.contain("to stay there");
    const told = async (stage: Stage, olds: Properties) => {
      const { inputs } = await failover.check(makeContext(fake), olds, { targetId: app01, stage });
      return (inputs.preview as { lines: string[] }).lines.join("\n");
    };
    const goesOn = "`up` waits for UnplannedFailover and goes on to failedOver; nothing is started a second time.";
    expect(await told("failedOver", stopped.inputs), "an update that failed").to.contain(goesOn);
    expect(await told("failedOver", made.inputs), "an update that was killed").to.contain(goesOn);
    expect(await told("protected", made.inputs)).to.contain("`up` starts nothing as long as that goes on.");
    expect(await told("failedOver", {}), "a create").to.contain(
      "Where an earlier run of this declaration started",
    );
    fake.isHoldingJobs = false;
    const resumed = await run(fake, "failedOver", stopped);
    expect(resumed.outputs).to.include({ lastAppliedStage: "failedOver" });
    expect(resumed.outputs).to.not.have.property("walk");
    expect(fake.starts.length).to.equal(1);
    expect((await run(fake, "failedOver", resumed)).hasChanged).to.equal(false);
  });

  it("still sees the open walk after a refresh, so that the next up repairs it", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    fake.failingJobs = 1;
    const stopped = await failed(fake, "failedOver", made);
    const found = await failover.read(makeContext(fake), stopped.id, stopped.outputs);
    expect(failover.diff(stopped.id, found?.outputs ?? {}, stopped.inputs).hasChanges).to.equal(true);
    await run(fake, "failedOver", { ...stopped, outputs: found?.outputs ?? {} });
    expect(fake.starts.length, "a failed step starts again only by a new up").to.equal(2);
  });

  it("starts once when the answer of the start is lost, whether or not Azure acted", async () => {
    for (const fault of ["unclearActed", "unclearNotActed"] as const) {
      const fake = prepared();
      const made = await adopted(fake);
      fake.faults.push(fault);
      const over = await run(fake, "failedOver", made);
      expect(over.outputs).to.include({ observedStage: "failedOver" });
      expect(fake.starts.length, fault).to.equal(1);
    }
  });

  it("goes on after a kill of an update, which left the old state: same job, same end", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    fake.isHoldingJobs = true;
    await failed(fake, "failedOver", made);
    fake.isHoldingJobs = false;
    const resumed = await run(fake, "failedOver", made);
    expect(resumed.outputs).to.include({ lastAppliedStage: "failedOver" });
    expect(fake.starts.length).to.equal(1);
  });
});

describe("Failover, with a drill in the way", () => {
  it("refuses in the preview, naming the machine and the argument", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    fake.setStage(app01, "drill");
    const { failures } = await failover.check(makeContext(fake), made.inputs, program("failedOver"));
    expect(failures.map(({ property }) => property)).to.deep.equal(["cleanUpTestFailover"]);
    expect(failures[0]?.reason).to.contain("app01").and.to.contain("cleanUpTestFailover: true");
  });

  it("refuses one that began after the preview before any POST", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    const { inputs } = await failover.check(makeContext(fake), made.inputs, program("failedOver"));
    fake.setStage(app01, "drill");
    const error = await failure(failover.reconcile(makeContext(fake), inputs, made));
    expect(error.message).to.contain("app01").and.to.contain("cleanUpTestFailover: true");
    expect(fake.writes).to.deep.equal([]);
  });

  it("cleans it up first with cleanUpTestFailover: true", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    fake.setStage(app01, "drill");
    await run(fake, "failedOver", made, { cleanUpTestFailover: true });
    expect(fake.writes).to.deep.equal(["testFailoverCleanup app01", "unplannedFailover app01"]);
  });
});

describe("Failover, changing the recovery point", () => {
  it("applies another point for a changed word while at failedOver, once", async () => {
    const fake = prepared();
    const over = await run(fake, "failedOver", await adopted(fake));
    const recoveryPoint = `${app01}/recoveryPoints/point-1`;
    const changed = await run(fake, "failedOver", over, { recoveryPoint });
    expect(fake.starts.at(-1)?.action).to.deep.equal({
      kind: "applyRecoveryPoint",
      recoveryPointId: recoveryPoint,
    });
    expect((await run(fake, "failedOver", changed, { recoveryPoint })).hasChanged).to.equal(false);
    expect(fake.starts.length).to.equal(2);
  });

  it("changes each machine of a plan by a call of its own, in boot order", async () => {
    const fake = prepared();
    const targetId = await planned(fake);
    const over = await run(fake, "failedOver", await adopted(fake, { targetId }), { targetId });
    await run(fake, "failedOver", over, { targetId, recoveryPoint: "latestApplicationConsistent" });
    expect(fake.writes).to.deep.equal([
      "unplannedFailover shop-plan",
      "applyRecoveryPoint db01",
      "applyRecoveryPoint app01",
    ]);
  });

  it("refuses latest, which no change can name, and a point that aged out with what is left, before any POST", async () => {
    const fake = prepared();
    const over = await run(fake, "failedOver", await adopted(fake, { recoveryPoint: "latestProcessed" }), {
      recoveryPoint: "latestProcessed",
    });
    expect((await failure(run(fake, "failedOver", over, { recoveryPoint: "latest" }))).message).to.contain(
      '"latest" is no legal change',
    );
    const gone = await failure(run(fake, "failedOver", over, { recoveryPoint: `${app01}/recoveryPoints/gone` }));
    expect(gone.message).to.contain("3 points are left").and.to.contain("recoveryPoint value");
    expect(fake.writes).to.deep.equal(["unplannedFailover app01"]);
  });
});

describe("Failover of a plan", () => {
  it("uses the plan's own call while all machines are at one stage and the plan offers it", async () => {
    const fake = prepared();
    const targetId = await planned(fake);
    const over = await run(fake, "failedOver", await adopted(fake, { targetId }), { targetId });
    await run(fake, "committed", over, { targetId });
    expect(fake.writes).to.deep.equal(["unplannedFailover shop-plan", "failoverCommit shop-plan"]);
  });

  it("moves machine by machine in boot order once a member came in that the walk did not begin with", async () => {
    const fake = prepared();
    const targetId = await planned(fake);
    const over = await run(fake, "failedOver", await adopted(fake, { targetId }), { targetId });
    fake.addItem("new01");
    await planned(fake, itemIdOf("new01"));
    fake.writes.length = 0;
    const done = await failover.reconcile(makeContext(fake), { ...over.inputs, stage: "committed" }, over);
    expect(fake.writes).to.deep.equal(["failoverCommit db01", "failoverCommit app01"]);
    expect(done.outputs.items).to.deep.equal([db01, app01]);
    expect((await fake.getItem(itemIdOf("new01")))?.allowedOperations).to.include("UnplannedFailover");
  });

  it("starts nothing because its membership changed", async () => {
    const fake = prepared();
    const targetId = await planned(fake);
    const over = await run(fake, "failedOver", await adopted(fake, { targetId }), { targetId });
    fake.addItem("new01");
    await planned(fake, itemIdOf("new01"));
    const count = fake.starts.length;
    await run(fake, "failedOver", over, { targetId });
    expect(fake.starts.length).to.equal(count);
  });

  it("names no drift, and gives no advice, for a further member that no walk moved", async () => {
    const fake = prepared();
    const targetId = await planned(fake);
    const over = await run(fake, "failedOver", await adopted(fake, { targetId }), { targetId });
    fake.addItem("new01");
    await planned(fake, itemIdOf("new01"));
    const { inputs } = await failover.check(makeContext(fake), over.inputs, program("failedOver", { targetId }));
    expect((inputs.preview as { drift: string[] }).drift).to.deep.equal([]);
  });

  it("goes on with the machines that are left after a machine failed, and touches the others no more", async () => {
    const fake = prepared();
    const targetId = await planned(fake);
    const made = await adopted(fake, { targetId });
    fake.portal(db01, "unplannedFailover");
    const over = await run(fake, "failedOver", made, { targetId });
    expect(fake.writes).to.deep.equal(["unplannedFailover app01"]);
    expect(over.outputs).to.include({ observedStage: "failedOver" });
  });
});

describe("Failover, replaced, read and deleted", () => {
  it("is replaced for another target only, never for stage", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    const { inputs } = await failover.check(
      makeContext(fake),
      made.inputs,
      program("protected", { targetId: db01 }),
    );
    expect(failover.diff(made.id, made.outputs, inputs)).to.deep.include({
      replaces: ["targetId"],
      deleteBeforeReplace: false,
    });
    const moved = await failover.check(makeContext(fake), made.inputs, program("failedOver"));
    expect(failover.diff(made.id, made.outputs, moved.inputs).replaces).to.deep.equal([]);
  });

  it("forgets on delete, asks Azure for nothing, and says where the machine is and what still runs", async () => {
    const fake = prepared();
    const made = await adopted(fake);
    fake.isHoldingJobs = true;
    const stopped = await failed(fake, "failedOver", made);
    const before = fake.calls.length;
    const context = makeContext(fake);
    await failover.delete(context, stopped.id, stopped.outputs);
    expect(fake.calls.length).to.equal(before);
    expect(context.logged.join()).to.contain("forgotten").and.to.contain("goes on");
  });
});
