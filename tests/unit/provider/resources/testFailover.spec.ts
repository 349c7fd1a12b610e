import { expect } from "chai";
import { failover } from "../../../../provider/resources/failover.js";
import { PartialFailure, type Properties } from "../../../../provider/resources/handler.js";
import { handlers } from "../../../../provider/resources/index.js";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import { itemIdOf, makeContext, networkIdOf, planIdOf, policyIdOf, up, validInputs } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

const app01 = itemIdOf("app01");
const program = (changes: Properties = {}): Properties => ({ ...validInputs.TestFailover?.(), ...changes });

function prepared(): FakeSiteRecovery {
  const fake = new FakeSiteRecovery();
  fake.addItem("app01");
  fake.addItem("db01");
  return fake;
}

async function planned(fake: FakeSiteRecovery): Promise<string> {
  await fake.putPlan(planIdOf("shop-plan"), {
    primaryFabricId: "f",
    recoveryFabricId: "Microsoft Azure",
    failoverDeploymentModel: "ResourceManager",
    groups: [
      { groupType: "Shutdown", replicatedItemIds: [], startGroupActions: [], endGroupActions: [] },
      { groupType: "Failover", replicatedItemIds: [], startGroupActions: [], endGroupActions: [] },
      { groupType: "Boot", replicatedItemIds: [itemIdOf("db01")], startGroupActions: [], endGroupActions: [] },
      { groupType: "Boot", replicatedItemIds: [app01], startGroupActions: [], endGroupActions: [] },
    ],
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

const drills = (fake: FakeSiteRecovery) => fake.starts.filter((start) => start.kind === "testFailover").length;
const cleanUps = (fake: FakeSiteRecovery) =>
  fake.starts.filter((start) => start.kind === "testFailoverCleanup").length;

describe("TestFailover, running a drill", () => {
  it("starts one test failover of the machine, with the point it picked, and waits for its clean-up", async () => {
    const fake = prepared();
    const made = await up(testFailover, makeContext(fake), program());
    expect(fake.writes).to.deep.equal(["testFailover app01"]);
    expect(fake.starts[0]?.action).to.deep.equal({
      kind: "testFailover",
      networkId: networkIdOf("test"),
      recoveryPoint: { kind: "point", recoveryPointId: `${app01}/recoveryPoints/point-0` },
    });
    expect(made.outputs).to.include({ status: "waitingForCleanup", jobName: "job-1" });
    expect(JSON.stringify(made.outputs.machines)).to.contain("10.9.0.4");
  });

  it("starts a plan by the plan's own call, with a point by name, and gives each machine its boot group", async () => {
    const fake = prepared();
    const targetId = await planned(fake);
    const made = await up(testFailover, makeContext(fake), program({ targetId }));
    expect(fake.writes).to.deep.equal(["testFailover shop-plan"]);
    expect(fake.starts[0]?.action).to.deep.include({ recoveryPoint: { kind: "latestProcessed" } });
    const machines = made.outputs.machines as { name: string; bootGroup: number }[];
    expect(machines.map(({ name, bootGroup }) => `${name}:${bootGroup}`)).to.deep.equal(["db01:1", "app01:2"]);
  });

  it("starts once when the answer to its start is lost after Azure acted", async () => {
    const fake = prepared();
    fake.faults.push("unclearActed");
    const made = await up(testFailover, makeContext(fake), program());
    expect(drills(fake)).to.equal(1);
    expect(made.outputs.status).to.equal("waitingForCleanup");
  });

  it("starts once when the answer is lost and the job has ended before anybody looks", async () => {
    const fake = prepared();
    fake.isEndingAtOnce = true;
    fake.faults.push("unclearActed");
    const made = await up(testFailover, makeContext(fake), program());
    expect(drills(fake)).to.equal(1);
    expect(made.outputs).to.include({ status: "waitingForCleanup", jobName: "job-1" });
  });

  it("sends again when the request was lost before Azure acted, and still starts once", async () => {
    const fake = prepared();
    fake.faults.push("unclearNotActed", "unclearNotActed");
    await up(testFailover, makeContext(fake), program());
    expect(drills(fake)).to.equal(1);
  });

  it("ends with id, state and reasons when waiting takes too long, and goes on with the same job in the next up", async () => {
    const fake = prepared();
    fake.isHoldingJobs = true;
    const context = makeContext(fake);
    const { inputs } = await testFailover.check(context, {}, program());
    const error = await failure(testFailover.reconcile(context, inputs, undefined));
    expect(error).to.be.instanceOf(PartialFailure);
    const partial = error as PartialFailure;
    expect(partial.id).to.equal(app01);
    expect(partial.reasons.join(" ")).to.contain("pulumi up");
    expect(partial.properties).to.include({ status: "running", jobName: "job-1" });
    fake.isHoldingJobs = false;
    const resumed = await up(testFailover, makeContext(fake), program(), {
      id: partial.id,
      inputs,
      outputs: partial.properties,
    });
    expect(resumed.outputs).to.include({ status: "waitingForCleanup", jobName: "job-1" });
    expect(drills(fake)).to.equal(1);
  });

  it("attaches, in a create after a kill, to the job that the killed create started", async () => {
    const fake = prepared();
    fake.isHoldingJobs = true;
    await failure(up(testFailover, makeContext(fake), program()));
    fake.isHoldingJobs = false;
    const made = await up(testFailover, makeContext(fake), program());
    expect(made.outputs.jobName).to.equal("job-1");
    expect(drills(fake)).to.equal(1);
  });

  it("adopts its own drill that waits already, after the state was lost", async () => {
    const fake = prepared();
    await up(testFailover, makeContext(fake), program());
    const made = await up(testFailover, makeContext(fake), program());
    expect(made.outputs).to.include({ status: "waitingForCleanup", jobName: "job-1" });
    expect(drills(fake)).to.equal(1);
  });

  it("refuses a waiting drill of somebody else, naming machine and job, before any POST", async () => {
    const fake = prepared();
    fake.portal(app01, "testFailover");
    const error = await failure(up(testFailover, makeContext(fake), program()));
    expect(error.message).to.contain("app01").and.to.contain("job-1").and.to.contain("clean-up");
    expect(fake.writes).to.deep.equal([]);
  });

  it("takes a waiting drill with other settings for somebody else's", async () => {
    const fake = prepared();
    await up(testFailover, makeContext(fake), program());
    const error = await failure(up(testFailover, makeContext(fake), program({ triggers: ["autumn"] })));
    expect(error.message).to.contain("another test failover");
    expect(drills(fake)).to.equal(1);
  });

  it("refuses a running job of somebody else, naming it", async () => {
    const fake = prepared();
    const target = {
      kind: "replicatedItem" as const,
      item: await fake.getItem(app01).then((item) => item ?? failItem()),
    };
    await fake.startAction(
      target,
      { kind: "testFailover", networkId: networkIdOf("test"), recoveryPoint: { kind: "latest" } },
      "somebody-else",
    );
    const error = await failure(up(testFailover, makeContext(fake), program()));
    expect(error.message).to.contain("TestFailover").and.to.contain("job-1");
    expect(drills(fake)).to.equal(1);
  });

  it("refuses in the preview machines that are where no drill begins, naming each with its stage and the next word", async () => {
    for (const stage of ["failedOver", "committed", "reprotected"] as const) {
      const fake = prepared();
      fake.setStage(itemIdOf("db01"), stage);
      const targetId = await planned(fake);
      const { failures } = await testFailover.check(makeContext(fake), {}, program({ targetId }));
      expect(failures.map(({ property }) => property)).to.deep.equal(["targetId"]);
      expect(failures[0]?.reason)
        .to.contain(`db01 is at ${stage} (`)
        .and.to.contain("the next word of its Failover is")
        .and.to.contain("Allowed: machines at protected");
      expect(failures[0]?.reason).to.not.contain("app01 is");
    }
  });

  it("leaves a drill alone that depends on the Failover that brings its machines back, and one that ran before", async () => {
    const fake = prepared();
    const drill = await up(testFailover, makeContext(fake), program());
    await testFailover.delete(makeContext(fake), drill.id, drill.outputs);
    fake.setStage(app01, "failbackCommitted");
    const before = await up(failover, makeContext(fake), { targetId: app01, stage: "failbackCommitted" });
    const context = makeContext(fake);
    await fake.putPolicy("daily", {
      instanceType: "InMageRcm",
      recoveryPointRetentionMinutes: 1440,
      crashConsistentFrequencyMinutes: 5,
      appConsistentFrequencyMinutes: 0,
      multiVmSync: true,
    });
    const way = { reverse: { processServerId: "ps", policyId: policyIdOf("daily") } };
    const back = await failover.check(context, before.inputs, { targetId: app01, stage: "protected", ...way });
    expect(back.failures).to.deep.equal([]);
    const again = program({ triggers: ["autumn"] });
    expect((await testFailover.check(context, drill.inputs, again)).failures).to.deep.equal([]);
    expect((await testFailover.check(makeContext(fake), drill.inputs, again)).failures[0]?.reason)
      .to.contain("app01 is at failbackCommitted")
      .and.to.contain("dependsOn");
    expect((await testFailover.check(makeContext(fake), drill.inputs, program())).failures).to.deep.equal([]);
  });

  it("says in the preview that a first copy is not complete, and refuses before any POST while it is not", async () => {
    const fake = prepared();
    fake.setStage(itemIdOf("db01"), "replicating");
    const targetId = await planned(fake);
    const { inputs } = await testFailover.check(makeContext(fake), {}, program({ targetId }));
    expect((inputs.preview as { lines: string[] }).lines.join("\n")).to.contain(
      "The first copy, or a resynchronisation, of db01 is not complete",
    );
    const error = await failure(up(testFailover, makeContext(fake), program({ targetId })));
    expect(error.message).to.contain("db01").and.to.contain("Nothing was started");
    expect(error.message).to.not.contain("app01 is");
    expect(fake.writes).to.deep.equal([]);
  });

  it("refuses in the preview a point that a machine which replicates does not have now, and asks no point of a drill that ran", async () => {
    const fake = prepared();
    const ran = await up(testFailover, makeContext(fake), program());
    await testFailover.delete(makeContext(fake), ran.id, ran.outputs);
    const points = (await fake.getRecoveryPoints(app01)).filter(({ type }) => type !== "ApplicationConsistent");
    fake.getRecoveryPoints = () => Promise.resolve(points);
    const choice = { recoveryPoint: "latestApplicationConsistent", triggers: ["autumn"] };
    const refused = await testFailover.check(makeContext(fake), {}, program(choice));
    expect(refused.failures[0]?.reason)
      .to.contain("the machine has no such point")
      .and.to.contain("points are left");
    fake.getRecoveryPoints = () => Promise.resolve([]);
    const access = program({ connectivity: { access: [{ path: "bastion" }] } });
    expect((await testFailover.check(makeContext(fake), ran.inputs, access)).failures).to.deep.equal([]);
  });

  it("names in the preview the job that holds a machine, because of which up refuses the drill", async () => {
    const fake = prepared();
    fake.isHoldingJobs = true;
    const item = await fake.getItem(app01).then((found) => found ?? failItem());
    await fake.startAction(
      { kind: "replicatedItem", item },
      { kind: "unplannedFailover", shutdownSource: false, recoveryPoint: { kind: "latest" } },
      "somebody-else",
    );
    const { inputs, failures } = await testFailover.check(makeContext(fake), {}, program());
    expect(failures).to.deep.equal([]);
    expect((inputs.preview as { lines: string[] }).lines.join("\n")).to.contain(
      "app01 is busy with UnplannedFailover: `up` refuses the drill as long as that goes on",
    );
  });

  it("says of machines that do not replicate yet when their point is looked for, and refuses one that their declared policy never makes", async () => {
    const point = { recoveryPoint: "latestApplicationConsistent" };
    const preview = async (appConsistentFrequencyMinutes: number) => {
      const context = makeContext(new FakeSiteRecovery());
      const policy = { ...validInputs.ReplicationPolicy?.(), appConsistentFrequencyMinutes };
      for (const [token, inputs] of [
        ["ReplicationPolicy", policy],
        ["ReplicatedItem", { ...validInputs.ReplicatedItem?.(), policyId: policyIdOf("gold") }],
      ] as const)
        expect((await handlers.get(token)?.check(context, {}, inputs))?.failures, token).to.deep.equal([]);
      return testFailover.check(context, {}, program(point));
    };
    const made = await preview(60);
    expect(made.failures).to.deep.equal([]);
    expect((made.inputs.preview as { lines: string[] }).lines.join("\n")).to.contain(
      "Recovery point latestApplicationConsistent of app01 is looked for when the drill starts",
    );
    expect((await preview(0)).failures.map(({ property, reason }) => `${property} ${reason}`).join())
      .to.contain("recoveryPoint")
      .and.to.contain("the replication policy of app01 makes no application-consistent points");
  });

  it("fails with Azure's words when the job fails, and starts again only in a new up", async () => {
    const fake = prepared();
    fake.failingJobs = 1;
    const error = await failure(up(testFailover, makeContext(fake), program()));
    expect(error.message).to.contain("150001").and.to.contain("Try again.");
    expect(drills(fake)).to.equal(1);
    await up(testFailover, makeContext(fake), program());
    expect(drills(fake)).to.equal(2);
  });

  it("refuses a recovery point that aged out, and says what is left, before any POST", async () => {
    const fake = prepared();
    const error = await failure(
      up(testFailover, makeContext(fake), program({ recoveryPoint: `${app01}/recoveryPoints/gone` })),
    );
    expect(error.message).to.contain("3 points are left").and.to.contain("point-0");
    expect(fake.writes).to.deep.equal([]);
  });
});

describe("TestFailover, after its drill", () => {
  it("replaces for another network, point or trigger, deleting first; for another target creating first", async () => {
    const fake = prepared();
    const context = makeContext(fake);
    const made = await up(testFailover, context, program());
    for (const [changes, key] of [
      [{ triggers: ["autumn"] }, "triggers"],
      [{ recoveryPoint: "latest" }, "recoveryPoint"],
      [{ testNetworkId: networkIdOf("test2") }, "testNetworkId"],
      [{ targetId: itemIdOf("db01") }, "targetId"],
    ] as const) {
      const { inputs } = await testFailover.check(context, made.inputs, program(changes));
      const diff = testFailover.diff(made.id, made.outputs, inputs);
      expect(diff.replaces, key).to.deep.equal([key]);
      expect(diff.deleteBeforeReplace, key).to.equal(key !== "targetId");
    }
  });

  it("keeps its evidence and starts nothing when comments or wanted access change", async () => {
    const fake = prepared();
    const context = makeContext(fake);
    const made = await up(testFailover, context, program());
    const changed = await up(
      testFailover,
      context,
      program({ comments: "done", connectivity: { access: [{ path: "bastion", port: 22 }] } }),
      made,
    );
    expect(changed.hasChanged).to.equal(true);
    expect(changed.outputs.machines).to.deep.equal(made.outputs.machines);
    expect(changed.outputs).to.include({ comments: "done", status: "waitingForCleanup", jobName: "job-1" });
    expect(fake.starts.length).to.equal(1);
    for (const changes of [{ comments: "done" }, { connectivity: { access: [{ path: "bastion", port: 22 }] } }]) {
      const { inputs } = await testFailover.check(context, made.inputs, program(changes));
      const { lines } = inputs.preview as { lines: string[] };
      expect(lines[0]).to.equal(
        'The drill of replicated item "app01" ran: `up` does not run it again. A change of triggers cleans it up and does.',
      );
      expect(lines.join()).to.not.contain("waits for its clean-up");
    }
    const { inputs } = await testFailover.check(context, made.inputs, program());
    expect(testFailover.diff(made.id, made.outputs, inputs).hasChanges, "an unchanged program").to.equal(false);
  });

  it("stays in state as cleaned up elsewhere, and no unchanged up runs it again", async () => {
    const fake = prepared();
    const context = makeContext(fake);
    const made = await up(testFailover, context, program());
    fake.portal(app01, "testFailoverCleanup");
    const found = await testFailover.read(context, made.id, made.outputs);
    expect(found?.outputs).to.include({ status: "cleanedUp", cleanedUp: "elsewhere" });
    const refreshed = { ...made, outputs: found?.outputs ?? {} };
    expect(
      testFailover.diff(made.id, refreshed.outputs, made.inputs).changes,
      "what a refresh shows",
    ).to.deep.equal(["status", "cleanedUp"]);
    const { inputs } = await testFailover.check(context, refreshed.inputs, program());
    expect((inputs.preview as { lines: string[] }).lines.join()).to.contain(
      'The drill of replicated item "app01" waits no more: it was cleaned up, not by this resource.',
    );
    const told = await up(testFailover, context, program(), refreshed);
    expect(told.outputs).to.deep.include({ cleanedUp: "elsewhere", machines: made.outputs.machines });
    expect((await up(testFailover, context, program(), told)).hasChanged).to.equal(false);
    expect(drills(fake)).to.equal(1);
  });

  it("is seen to be cleaned up elsewhere without a refresh too, by the preview and by the up, which starts nothing", async () => {
    const fake = prepared();
    const made = await up(testFailover, makeContext(fake), program());
    fake.portal(app01, "testFailoverCleanup");
    const told = await up(testFailover, makeContext(fake), program(), made);
    expect(told.hasChanged).to.equal(true);
    expect(told.outputs).to.include({ status: "cleanedUp", cleanedUp: "elsewhere" });
    expect((await up(testFailover, makeContext(fake), program(), told)).hasChanged).to.equal(false);
    await testFailover.delete(makeContext(fake), told.id, told.outputs);
    expect(drills(fake)).to.equal(1);
  });

  it("cleans up its own drill once, with its comments", async () => {
    const fake = prepared();
    const made = await up(testFailover, makeContext(fake), program({ comments: "spring drill" }));
    await testFailover.delete(makeContext(fake), made.id, made.outputs);
    expect(fake.starts.at(-1)?.action).to.deep.equal({ kind: "testFailoverCleanup", comments: "spring drill" });
    await testFailover.delete(makeContext(fake), made.id, made.outputs);
    expect(cleanUps(fake)).to.equal(1);
  });

  it("cleans up once when the answer is lost after Azure acted", async () => {
    const fake = prepared();
    const made = await up(testFailover, makeContext(fake), program());
    fake.faults.push("unclearActed");
    await testFailover.delete(makeContext(fake), made.id, made.outputs);
    expect(cleanUps(fake)).to.equal(1);
    expect(await fake.getItem(app01)).to.deep.include({ protectionState: "Protected" });
  });

  it("goes on with a clean-up that an earlier, interrupted run began", async () => {
    const fake = prepared();
    const made = await up(testFailover, makeContext(fake), program());
    fake.isHoldingJobs = true;
    await failure(testFailover.delete(makeContext(fake), made.id, made.outputs));
    fake.isHoldingJobs = false;
    await testFailover.delete(makeContext(fake), made.id, made.outputs);
    expect(cleanUps(fake)).to.equal(1);
  });

  it("leaves a drill alone that somebody else started later on the same machine, and says so", async () => {
    const fake = prepared();
    const made = await up(testFailover, makeContext(fake), program());
    fake.portal(app01, "testFailoverCleanup");
    fake.portal(app01, "testFailover");
    const context = makeContext(fake);
    await testFailover.delete(context, made.id, made.outputs);
    expect(cleanUps(fake)).to.equal(0);
    expect(context.logged.join()).to.contain("left alone");
  });

  it("waits for its own drill that still runs before it cleans up", async () => {
    const fake = prepared();
    fake.isHoldingJobs = true;
    const partial = (await failure(up(testFailover, makeContext(fake), program()))) as PartialFailure;
    fake.isHoldingJobs = false;
    await testFailover.delete(makeContext(fake), partial.id, partial.properties);
    expect(fake.writes).to.deep.equal(["testFailover app01", "testFailoverCleanup app01"]);
  });
});

function failItem(): never {
  throw new Error("app01 is not in the vault");
}
