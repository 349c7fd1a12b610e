/** Cases in which a resource could do harm that nobody was told of, each with what must happen instead. */

import { expect } from "chai";
import fc from "fast-check";
import { unknownMarker } from "../../../../provider/connectivity/unknown.js";
import { authorise, type ItemAtStage } from "../../../../provider/lifecycle/authorise.js";
import type { Stage } from "../../../../provider/lifecycle/stages.js";
import { failover } from "../../../../provider/resources/failover.js";
import { PartialFailure, type Properties } from "../../../../provider/resources/handler.js";
import { handlers } from "../../../../provider/resources/index.js";
import { protectionContainerMapping } from "../../../../provider/resources/protectionContainerMapping.js";
import { recoveryPlan } from "../../../../provider/resources/recoveryPlan.js";
import { replicatedItem } from "../../../../provider/resources/replicatedItem.js";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import { commands, play } from "../lifecycle/authoriseModel.js";
import { itemIdOf, makeContext, networkIdOf, planIdOf, type Resource, up, validInputs } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";
import { crashNothing, failNothing, replaceNothing } from "./unknownValues.js";

const at = (name: string, stage: Stage, lastFailoverTime?: string): ItemAtStage => ({
  id: `/vault/items/${name}`,
  name,
  stage,
  lastFailoverTime,
});

describe("authorise, where harm could be done", () => {
  it("does not resume an open walk for a machine that went once round since: it would fail over a second time", () => {
    const decision = authorise({
      scenario: "vmware",
      stage: "failedOver",
      through: false,
      lastAppliedStage: "protected",
      walk: { from: "protected", to: "failedOver", items: ["/vault/items/app01"], since: "never" },
      managedItems: ["/vault/items/app01"],
      items: [at("app01", "protected", "2024-05-02T10:00:00Z")],
    });
    expect(decision.kind).to.not.equal("walk");
  });

  it("keeps the time at which an open walk began when it is resumed", () => {
    const walk = {
      from: "protected" as const,
      to: "committed" as const,
      items: ["/vault/items/app01"],
      since: "never",
    };
    const decision = authorise({
      scenario: "vmware",
      stage: "committed",
      through: true,
      lastAppliedStage: "protected",
      walk,
      items: [at("app01", "failedOver", "2024-05-02T10:00:00Z")],
    });
    expect(decision.kind === "walk" && decision.walk).to.deep.equal(walk);
  });

  it("does not resume the walk of a killed create for a machine that went once round since", () => {
    const decision = authorise({
      scenario: "vmware",
      stage: "failedOver",
      through: false,
      startFrom: "protected@never",
      ownUnfinishedWalk: { from: "protected", since: "never" },
      items: [at("app01", "protected", "2024-05-02T10:00:00Z")],
    });
    expect(decision.kind).to.not.equal("walk");
  });

  it("moves no machine in a later turn than the one its walk began in, whatever happens in between", () => {
    fc.assert(
      fc.property(commands, (all) => {
        play(all, { mayPortalFinishTurn: true });
      }),
      { numRuns: 20_000 },
    );
  }).timeout(240_000);

  it("does not advise a stage that would fail over the machines that did not drift", () => {
    const items = [at("app01", "failedOver", "2024-05-02T10:00:00Z"), at("db01", "protected")];
    const drift = authorise({
      scenario: "vmware",
      stage: "protected",
      through: false,
      lastAppliedStage: "protected",
      items,
    });
    const advised = /declare stage: "(\w+)"/.exec("lines" in drift ? drift.lines.join("\n") : "")?.[1];
    if (advised === undefined) return;
    const followed = authorise({
      scenario: "vmware",
      stage: advised as Stage,
      through: false,
      lastAppliedStage: "protected",
      items,
    });
    expect(followed.kind, `the advice to declare ${advised} was followed`).to.equal("nothing");
  });

  it("does not advise a stage that would move other machines when one is off the way", () => {
    const items = [
      at("app01", "committed", "2024-05-02T10:00:00Z"),
      at("db01", "failedOver", "2024-05-02T10:00:00Z"),
    ];
    const refused = authorise({
      scenario: "vmware",
      stage: "failedOver",
      through: false,
      lastAppliedStage: "protected",
      items,
    });
    const advised = /declare stage: "(\w+)"/.exec("lines" in refused ? refused.lines.join("\n") : "")?.[1];
    if (advised === undefined) return;
    const followed = authorise({
      scenario: "vmware",
      stage: advised as Stage,
      through: true,
      lastAppliedStage: "protected",
      items,
    });
    expect(followed.kind, `the advice to declare ${advised} was followed`).to.equal("nothing");
  });
});

const app01 = itemIdOf("app01");
const db01 = itemIdOf("db01");

function prepared(): FakeSiteRecovery {
  const fake = new FakeSiteRecovery();
  fake.addItem("app01");
  fake.addItem("db01");
  return fake;
}

async function planned(fake: FakeSiteRecovery, ...ids: string[]): Promise<string> {
  await fake.putPlan(planIdOf("shop-plan"), {
    primaryFabricId: "f",
    recoveryFabricId: "Microsoft Azure",
    failoverDeploymentModel: "ResourceManager",
    groups: ids.map((id) => ({
      groupType: "Boot",
      replicatedItemIds: [id],
      startGroupActions: [],
      endGroupActions: [],
    })),
  });
  fake.writes.length = 0;
  return planIdOf("shop-plan");
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);
const drill = (changes: Properties = {}): Properties => ({ ...validInputs.TestFailover?.(), ...changes });
const goHome = ["failoverCommit", "switchProtection", "plannedFailover", "failoverCommit", "reProtect"] as const;
const count = (fake: FakeSiteRecovery, kind: string) => fake.starts.filter((start) => start.kind === kind).length;

describe("resources/failover, where harm could be done", () => {
  const at = (stage: string, changes: Properties = {}): Properties => ({ targetId: app01, stage, ...changes });
  const run = (fake: FakeSiteRecovery, program: Properties, prior?: Resource) =>
    up(failover, makeContext(fake), program, prior);

  it("shows a portal's commit after a walk that ended well as drift in check, not as a failure that blocks every up", async () => {
    const fake = prepared();
    const over = await run(fake, at("failedOver"), await run(fake, at("protected")));
    fake.portal(app01, "failoverCommit");
    const { inputs, failures } = await failover.check(makeContext(fake), over.inputs, at("failedOver"));
    expect(failures).to.deep.equal([]);
    expect(JSON.stringify((inputs.preview as { drift: string[] }).drift)).to.contain(
      "app01 is observed at committed",
    );
  });

  it("announces no second failover in the preview when the machine went home by the portal after a walk that ended well", async () => {
    const fake = prepared();
    const over = await run(fake, at("failedOver"), await run(fake, at("protected")));
    for (const action of goHome) fake.portal(app01, action);
    const { inputs } = await failover.check(makeContext(fake), over.inputs, at("failedOver"));
    const { lines, drift } = inputs.preview as { lines: string[]; drift: string[] };
    expect(lines.join("\n")).to.not.contain("goes from protected to failedOver");
    expect(drift.join()).to.contain("app01 is observed at protected");
  });

  it("does not fail over a second time by an open walk after the machine went home by the portal", async () => {
    const fake = prepared();
    const made = await run(fake, at("protected"));
    fake.isHoldingJobs = true;
    const context = makeContext(fake);
    const { inputs } = await failover.check(context, made.inputs, at("failedOver"));
    const error = await outcome(failover.reconcile(context, inputs, made));
    if (!(error instanceof PartialFailure)) throw new Error("the wait should have ended");
    fake.isHoldingJobs = false;
    await fake.waitForJob("job-1", { timeoutMs: 1 });
    for (const action of goHome) fake.portal(app01, action);
    await outcome(run(fake, at("failedOver"), { id: made.id, inputs, outputs: error.properties }));
    expect(count(fake, "unplannedFailover")).to.equal(1);
  });

  it("does not let startFrom of a plan act twice when the state is lost and the portal brought its machines home one by one", async () => {
    const fake = prepared();
    const targetId = await planned(fake, db01, app01);
    const program = { targetId, stage: "failedOver", startFrom: "protected@never" };
    await run(fake, program);
    for (const id of [db01, app01]) for (const action of goHome) fake.portal(id, action);
    await outcome(run(fake, program));
    expect(count(fake, "unplannedFailover")).to.equal(1);
  });

  it("does not let startFrom act twice when the machine came home by a switch of protection and an uncommitted failback", async () => {
    const fake = prepared();
    const program = at("failedOver", { startFrom: "protected@never" });
    await run(fake, program);
    for (const action of ["switchProtection", "plannedFailover", "reProtect"] as const) fake.portal(app01, action);
    await outcome(run(fake, program));
    expect(count(fake, "unplannedFailover")).to.equal(1);
  });

  it("takes a failed job that it waited for as failed: the step starts again only by the next up", async () => {
    const fake = prepared();
    const made = await run(fake, at("protected"));
    fake.isHoldingJobs = true;
    await outcome(run(fake, at("failedOver"), made));
    fake.isHoldingJobs = false;
    fake.failingJobs = 1;
    const resumed = await outcome(run(fake, at("failedOver"), made));
    expect(resumed).to.be.instanceOf(Error);
    expect(count(fake, "unplannedFailover")).to.equal(1);
  });

  it("goes on with its own clean-up of a drill that a kill interrupted, instead of taking it for somebody else's job", async () => {
    const fake = prepared();
    const program = at("failedOver", { cleanUpTestFailover: true });
    const made = await run(fake, at("protected"));
    fake.setStage(app01, "drill");
    fake.isHoldingJobs = true;
    await outcome(run(fake, program, made));
    fake.isHoldingJobs = false;
    const resumed = await outcome(run(fake, program, made));
    expect(resumed).to.not.be.instanceOf(Error);
    expect(fake.writes).to.deep.equal(["testFailoverCleanup app01", "unplannedFailover app01"]);
  });

  it("commits the machines it moved although the plan got a further member", async () => {
    const fake = prepared();
    const targetId = await planned(fake, db01);
    const over = await run(
      fake,
      { targetId, stage: "failedOver" },
      await run(fake, { targetId, stage: "protected" }),
    );
    await planned(fake, db01, app01);
    const done = await outcome(run(fake, { targetId, stage: "committed" }, over));
    expect(done).to.not.be.instanceOf(Error);
    expect(fake.writes).to.deep.equal(["failoverCommit db01"]);
  });

  it("announces in the preview what startFrom will start on a plan that the same program declares", async () => {
    const fake = prepared();
    const context = makeContext(fake);
    const targetId = planIdOf("shop-plan");
    await recoveryPlan.check(context, {}, validInputs.RecoveryPlan?.() ?? {});
    const program = { targetId, stage: "failedOver", startFrom: "protected@never" };
    const { inputs, failures } = await failover.check(context, {}, program);
    await planned(fake, db01, app01);
    await run(fake, program);
    expect(count(fake, "unplannedFailover"), "what the up does").to.equal(1);
    const told = [...(inputs.preview as { lines: string[] }).lines, ...failures.map(({ reason }) => reason)].join(
      "\n",
    );
    expect(told, "what the preview said").to.contain("failedOver");
  });

  it("does not record a stage as applied that a machine did not reach", async () => {
    const fake = prepared();
    const made = await run(fake, at("protected"));
    const original = fake.waitForJob.bind(fake);
    fake.waitForJob = async (name, options) => {
      const job = await original(name, options);
      Object.assign(fake.items.get(app01.toLowerCase()) ?? {}, { allowedOperations: ["DisableProtection"] });
      return job;
    };
    const done = await outcome(run(fake, at("committed", { through: true }), made));
    const applied = done instanceof PartialFailure ? done.properties : (done as Partial<Resource>).outputs;
    expect(applied?.lastAppliedStage).to.not.equal("committed");
  });

  it("refuses latest as a change of the recovery point in the preview already", async () => {
    const fake = prepared();
    const program = at("failedOver", { recoveryPoint: "latestProcessed" });
    const over = await run(fake, program, await run(fake, at("protected", { recoveryPoint: "latestProcessed" })));
    const { failures } = await failover.check(
      makeContext(fake),
      over.inputs,
      at("failedOver", { recoveryPoint: "latest" }),
    );
    expect(failures.map(({ property }) => property)).to.deep.equal(["recoveryPoint"]);
  });

  it("does not drop a changed recovery point silently when stage changes to committed in the same up", async () => {
    const fake = prepared();
    const over = await run(fake, at("failedOver"), await run(fake, at("protected")));
    const program = at("committed", { recoveryPoint: `${app01}/recoveryPoints/point-1` });
    const done = await outcome(run(fake, program, over));
    const isDropped = !(done instanceof Error) && count(fake, "applyRecoveryPoint") === 0;
    expect(isDropped, "committed on the old point, and the new one recorded as applied").to.equal(false);
  });

  it("lets a walk that failed before it moved anything be declared further, as the up would allow", async () => {
    const fake = prepared();
    const made = await run(fake, at("protected"));
    fake.failingJobs = 1;
    const context = makeContext(fake);
    const { inputs } = await failover.check(context, made.inputs, at("failedOver"));
    const error = await outcome(failover.reconcile(context, inputs, made));
    if (!(error instanceof PartialFailure)) throw new Error("the failover should have failed");
    const { failures } = await failover.check(makeContext(fake), inputs, at("committed", { through: true }));
    expect(failures).to.deep.equal([]);
  });

  it("stays in state when one machine of its plan is not replicated any more", async () => {
    const fake = prepared();
    const targetId = await planned(fake, db01, app01);
    const made = await run(fake, { targetId, stage: "protected" });
    fake.items.delete(db01.toLowerCase());
    expect(await failover.read(makeContext(fake), made.id, made.outputs)).to.not.equal(undefined);
  });
});

describe("resources/testFailover, where harm could be done", () => {
  const run = (fake: FakeSiteRecovery, program: Properties, prior?: Resource) =>
    up(testFailover, makeContext(fake), program, prior);

  it("does not adopt somebody else's drill of a plan because an earlier, cleaned-up drill of the machine was its own", async () => {
    const fake = prepared();
    const made = await run(fake, drill());
    await testFailover.delete(makeContext(fake), made.id, made.outputs);
    fake.portal(await planned(fake, app01), "testFailover");
    const again = await outcome(run(fake, drill()));
    expect(again).to.be.instanceOf(Error);
  });

  it("does not clean up somebody else's drill of a plan when its own drill of the machine was cleaned up elsewhere", async () => {
    const fake = prepared();
    const made = await run(fake, drill());
    fake.portal(app01, "testFailoverCleanup");
    fake.portal(await planned(fake, app01), "testFailover");
    await outcome(testFailover.delete(makeContext(fake), made.id, made.outputs));
    expect(count(fake, "testFailoverCleanup")).to.equal(0);
  });

  it("keeps the drill in state when collecting its evidence fails: test machines run, and only destroy can clean them up", async () => {
    for (const call of ["getResource", "getItem"]) {
      const fake = prepared();
      const context = makeContext(fake);
      const { inputs } = await testFailover.check(context, {}, drill());
      const original = fake.waitForJob.bind(fake);
      fake.waitForJob = async (name, options) => {
        const job = await original(name, options);
        fake.broken.set(call, new Error("the connection was lost"));
        return job;
      };
      const error = await outcome(testFailover.reconcile(context, inputs, undefined));
      expect(error, call).to.be.instanceOf(PartialFailure);
    }
  });

  it("does not run again by itself when it was cleaned up elsewhere while an earlier wait had ended at its bound", async () => {
    const fake = prepared();
    const context = makeContext(fake);
    const { inputs } = await testFailover.check(context, {}, drill());
    fake.isHoldingJobs = true;
    const error = await outcome(testFailover.reconcile(context, inputs, undefined));
    if (!(error instanceof PartialFailure)) throw new Error("the wait should have ended");
    fake.isHoldingJobs = false;
    await fake.waitForJob("job-1", { timeoutMs: 1 });
    fake.portal(app01, "testFailoverCleanup");
    await outcome(run(fake, drill(), { id: app01, inputs, outputs: error.properties }));
    expect(count(fake, "testFailover")).to.equal(1);
  });

  it("is not said to be cleaned up while a job still works on its machine", async () => {
    const fake = prepared();
    const made = await run(fake, drill());
    const item = await fake.getItem(app01);
    if (!item) throw new Error("app01 is not there");
    await fake.startAction(
      { kind: "replicatedItem", item },
      { kind: "testFailoverCleanup", comments: "" },
      "by-hand",
    );
    const found = await testFailover.read(makeContext(fake), made.id, made.outputs);
    expect(found?.outputs.status).to.equal("waitingForCleanup");
  });

  it("stays in state, and is cleaned up or refused on delete, when one machine of its plan is not replicated any more", async () => {
    const fake = prepared();
    const targetId = await planned(fake, db01, app01);
    const made = await run(fake, drill({ targetId }));
    fake.items.delete(db01.toLowerCase());
    expect(await testFailover.read(makeContext(fake), made.id, made.outputs), "read").to.not.equal(undefined);
    const deleted = await outcome(testFailover.delete(makeContext(fake), made.id, made.outputs));
    expect(deleted instanceof Error || count(fake, "testFailoverCleanup") > 0, "delete said done").to.equal(true);
  });

  it("shows no marker of an unknown value in the preview", async () => {
    const { inputs } = await testFailover.check(
      makeContext(prepared()),
      {},
      drill({ recoveryPoint: unknownMarker }),
    );
    expect((inputs.preview as { lines: string[] }).lines.join()).to.not.contain(unknownMarker);
  });
});

describe("check and diff, where harm could be done", () => {
  const check = async (token: string, changes: Properties, olds: Properties = {}) => {
    const handler = handlers.get(token);
    if (!handler) throw new Error(`no handler ${token}`);
    return handler.check(makeContext(prepared()), olds, { ...validInputs[token]?.(), ...changes });
  };

  for (const token of ["ReplicationPolicy", "ProtectionContainerMapping"])
    it(`never replaces a ${token} because a value is unknown`, () => replaceNothing(token));

  it("makes no failure of a recovery plan whose machines are not known yet", () => failNothing("RecoveryPlan"));
  it("does not crash on a Failover with unknown access wishes", () => crashNothing("Failover"));
  it("makes no failure of a Failover with unknown access wishes", () => failNothing("Failover"));

  it("does not crash on a TestFailover with unknown access wishes", async () => {
    for (const access of [unknownMarker, [unknownMarker], [{ path: "vpn", sources: unknownMarker }]])
      expect((await check("TestFailover", { connectivity: { access } })).failures).to.deep.equal([]);
  });

  it("makes no failure of unknown through, startFrom or allowProductionNetwork", async () => {
    for (const [token, changes] of [
      ["Failover", { stage: "failedOver", startFrom: unknownMarker }],
      ["Failover", { stage: "committed", startFrom: "protected@never", through: unknownMarker }],
      ["TestFailover", { testNetworkId: networkIdOf("prod"), allowProductionNetwork: unknownMarker }],
    ] as const)
      expect((await check(token, changes)).failures, JSON.stringify(changes)).to.deep.equal([]);
  });

  it("does not take two adapters that are not known yet for the same one", async () => {
    expect((await check("ReplicatedItem", { nics: [unknownMarker, unknownMarker] })).failures).to.deep.equal([]);
  });

  it("reports an adapter that is null or a text, and whatever else is wrong, instead of crashing", async () => {
    const { failures } = await check("ReplicatedItem", { nics: [null, "eth0"], targetVmName: "-" });
    expect(failures.map(({ property }) => property)).to.include.members(["nics[0]", "nics[1]", "targetVmName"]);
  });

  it("reports a kind of policy that is the name of an object's own property, instead of crashing", async () => {
    const { failures } = await check("ReplicationPolicy", { instanceType: "constructor" });
    expect(failures.map(({ property }) => property)).to.deep.equal(["instanceType"]);
  });

  it("names only intervals that are allowed when the retention is too short for any", async () => {
    const { failures } = await check("ReplicationPolicy", {
      recoveryPointRetentionMinutes: 50,
      appConsistentFrequencyMinutes: 60,
    });
    expect(failures[0]?.reason).to.not.contain("60-49");
  });

  it("counts an unknown group of actions as a change", async () => {
    const made = await up(recoveryPlan, makeContext(prepared()), validInputs.RecoveryPlan?.() ?? {});
    expect(
      recoveryPlan.diff(made.id, made.outputs, { ...made.inputs, shutdownGroup: unknownMarker }).hasChanges,
    ).to.equal(true);
  });
});

describe("adoption, where harm could be done", () => {
  it("refuses on a create a plan with another deployment model, and a mapping with another target", async () => {
    const fake = prepared();
    await up(recoveryPlan, makeContext(fake), {
      ...validInputs.RecoveryPlan?.(),
      failoverDeploymentModel: "Classic",
    });
    const plan = await outcome(up(recoveryPlan, makeContext(fake), validInputs.RecoveryPlan?.() ?? {}));
    expect(plan, "plan").to.be.instanceOf(Error);
  });

  it("refuses on a create a mapping with another target", async () => {
    const fake = prepared();
    const mapping = validInputs.ProtectionContainerMapping?.() ?? {};
    await up(protectionContainerMapping, makeContext(fake), {
      ...mapping,
      targetProtectionContainerId: "/elsewhere",
    });
    const made = await outcome(up(protectionContainerMapping, makeContext(fake), mapping));
    expect(made).to.be.instanceOf(Error);
  });
});

describe("resources/replicatedItem, where harm could be done", () => {
  it("has nothing to change after waitUntil: started where nothing is left to be set", async () => {
    const fake = new FakeSiteRecovery();
    fake.isHoldingJobs = true;
    const { nics, ...program } = { ...validInputs.ReplicatedItem?.(), waitUntil: "started" } as Properties;
    const made = await up(replicatedItem, makeContext(fake), program);
    expect((await up(replicatedItem, makeContext(fake), program, made)).hasChanged, JSON.stringify(nics)).to.equal(
      false,
    );
  });

  it("says in words what completeMigration: true costs before it ends replication for good", async () => {
    const fake = new FakeSiteRecovery();
    const program = { ...validInputs.ReplicatedItem?.(), completeMigration: true };
    const made = await up(replicatedItem, makeContext(fake), program);
    fake.setStage(app01, "committed");
    const context = makeContext(fake);
    await replicatedItem.delete(context, made.id, made.outputs);
    expect(context.logged.join()).to.contain("cannot fail back");
  });
});
