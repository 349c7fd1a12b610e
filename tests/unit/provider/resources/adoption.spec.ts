import { expect } from "chai";
import type { Properties } from "../../../../provider/resources/handler.js";
import { protectionContainerMapping } from "../../../../provider/resources/protectionContainerMapping.js";
import { recoveryPlan } from "../../../../provider/resources/recoveryPlan.js";
import { replicationPolicy } from "../../../../provider/resources/replicationPolicy.js";
import { itemIdOf, makeContext, planIdOf, policyIdOf, up, validInputs } from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

const policy = (changes: Properties = {}): Properties => ({ ...validInputs.ReplicationPolicy?.(), ...changes });
const mapping = (changes: Properties = {}): Properties => ({
  ...validInputs.ProtectionContainerMapping?.(),
  ...changes,
});
const plan = (changes: Properties = {}): Properties => ({ ...validInputs.RecoveryPlan?.(), ...changes });

async function message(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "it should have failed",
    (error: Error) => error.message,
  );
}

describe("ReplicationPolicy", () => {
  it("refuses on a create a policy of its name with other settings, naming each difference, and writes nothing", async () => {
    const fake = new FakeSiteRecovery();
    await up(replicationPolicy, makeContext(fake), policy());
    fake.writes.length = 0;
    const text = await message(
      up(
        replicationPolicy,
        makeContext(fake),
        policy({ recoveryPointRetentionMinutes: 60, appConsistentFrequencyMinutes: 0 }),
      ),
    );
    expect(text).to.contain("recoveryPointRetentionMinutes is 1440, declared 60");
    expect(text).to.contain("appConsistentFrequencyMinutes is 60, declared 0");
    expect(fake.writes).to.deep.equal([]);
  });

  it("updates in place, reads drift as exactly the drifted key, and mends it by one update", async () => {
    const fake = new FakeSiteRecovery();
    const made = await up(replicationPolicy, makeContext(fake), policy());
    const changed = await up(replicationPolicy, makeContext(fake), policy({ multiVmSync: false }), made);
    expect(fake.writes).to.deep.equal(["putPolicy gold", "updatePolicy gold"]);
    const settings = fake.policies.get(policyIdOf("gold").toLowerCase())?.settings;
    if (settings?.instanceType !== "InMageRcm") throw new Error("the policy is not there");
    settings.recoveryPointRetentionMinutes = 4320;
    const found = await replicationPolicy.read(makeContext(fake), made.id, changed.outputs);
    expect(Object.keys(found?.inputs ?? {})).to.have.members(Object.keys(changed.inputs));
    expect(replicationPolicy.diff(made.id, found?.outputs ?? {}, changed.inputs).changes).to.deep.equal([
      "recoveryPointRetentionMinutes",
    ]);
    await up(replicationPolicy, makeContext(fake), policy({ multiVmSync: false }), {
      ...changed,
      outputs: found?.outputs ?? {},
    });
    expect(fake.writes.length).to.equal(3);
    expect(fake.policies.get(policyIdOf("gold").toLowerCase())?.settings).to.include({
      recoveryPointRetentionMinutes: 1440,
    });
  });

  it("is replaced for another name, creating first, and never for a setting", async () => {
    const fake = new FakeSiteRecovery();
    const made = await up(replicationPolicy, makeContext(fake), policy());
    const renamed = await replicationPolicy.check(makeContext(fake), made.inputs, policy({ name: "weekly" }));
    expect(replicationPolicy.diff(made.id, made.outputs, renamed.inputs)).to.deep.include({
      replaces: ["name"],
      deleteBeforeReplace: false,
    });
    const reset = await replicationPolicy.check(makeContext(fake), made.inputs, policy({ multiVmSync: false }));
    expect(replicationPolicy.diff(made.id, made.outputs, reset.inputs).replaces).to.deep.equal([]);
  });
});

describe("ProtectionContainerMapping", () => {
  it("refuses on a create a mapping of its name with another policy, naming both, and writes nothing", async () => {
    const fake = new FakeSiteRecovery();
    await up(protectionContainerMapping, makeContext(fake), mapping());
    fake.writes.length = 0;
    const text = await message(
      up(protectionContainerMapping, makeContext(fake), mapping({ policyId: policyIdOf("weekly") })),
    );
    expect(text).to.contain("replicationPolicies/daily").and.to.contain("replicationPolicies/weekly");
    expect(fake.writes).to.deep.equal([]);
  });

  it("is replaced for another policy, deleting first because the ARM id stays, and keeps the user's spelling of ids", async () => {
    const fake = new FakeSiteRecovery();
    const made = await up(protectionContainerMapping, makeContext(fake), mapping());
    const other = await protectionContainerMapping.check(
      makeContext(fake),
      made.inputs,
      mapping({ policyId: policyIdOf("weekly") }),
    );
    expect(protectionContainerMapping.diff(made.id, made.outputs, other.inputs)).to.deep.include({
      replaces: ["policyId"],
      deleteBeforeReplace: true,
    });
    const spelled = mapping({ policyId: policyIdOf("DAILY") });
    expect((await up(protectionContainerMapping, makeContext(fake), spelled, made)).hasChanged).to.equal(false);
  });
});

/** A vault in which the machines of the plans replicate. */
function withMachines(): FakeSiteRecovery {
  const fake = new FakeSiteRecovery();
  for (const name of ["app01", "db01", "web01"]) fake.addItem(name);
  return fake;
}

describe("RecoveryPlan", () => {
  it("writes Shutdown, Failover and Boot groups in Azure's order, and reads them back without a difference", async () => {
    const fake = withMachines();
    const made = await up(recoveryPlan, makeContext(fake), plan());
    const written = fake.plans.get(planIdOf("shop-plan").toLowerCase());
    expect(written?.groups.map(({ groupType }) => groupType)).to.deep.equal([
      "Shutdown",
      "Failover",
      "Boot",
      "Boot",
    ]);
    expect(written?.groups[1]?.startGroupActions[0]?.name).to.equal("tell the help desk");
    const found = await recoveryPlan.read(makeContext(fake), made.id, made.outputs);
    expect(found?.inputs).to.deep.equal(made.inputs);
  });

  it("takes the order of machines inside a group, and an empty list of actions, for no difference", async () => {
    const fake = withMachines();
    const one = plan({ bootGroups: [{ replicatedItemIds: [itemIdOf("db01"), itemIdOf("app01")] }] });
    const made = await up(recoveryPlan, makeContext(fake), one);
    const turned = plan({
      bootGroups: [{ replicatedItemIds: [itemIdOf("APP01"), itemIdOf("db01")], startGroupActions: [] }],
      shutdownGroup: {},
    });
    expect((await up(recoveryPlan, makeContext(fake), turned, made)).hasChanged).to.equal(false);
  });

  it("sees the order of groups and of actions, and a machine in another group, as a change in place", async () => {
    const fake = withMachines();
    const made = await up(recoveryPlan, makeContext(fake), plan());
    const turned = plan({
      bootGroups: [{ replicatedItemIds: [itemIdOf("app01")] }, { replicatedItemIds: [itemIdOf("db01")] }],
    });
    const { inputs } = await recoveryPlan.check(makeContext(fake), made.inputs, turned);
    expect(recoveryPlan.diff(made.id, made.outputs, inputs)).to.deep.include({
      changes: ["bootGroups"],
      replaces: [],
    });
    await up(recoveryPlan, makeContext(fake), turned, made);
    expect(fake.writes).to.deep.equal(["putPlan shop-plan", "updatePlan shop-plan"]);
  });

  it("reads a portal's change of groups as drift of exactly that key, and mends it by one update", async () => {
    const fake = withMachines();
    const made = await up(recoveryPlan, makeContext(fake), plan());
    fake.plans.get(planIdOf("shop-plan").toLowerCase())?.groups.pop();
    const found = await recoveryPlan.read(makeContext(fake), made.id, made.outputs);
    expect(recoveryPlan.diff(made.id, found?.outputs ?? {}, made.inputs).changes).to.deep.equal(["bootGroups"]);
    await up(recoveryPlan, makeContext(fake), plan(), { ...made, outputs: found?.outputs ?? {} });
    expect(fake.writes).to.deep.equal(["putPlan shop-plan", "updatePlan shop-plan"]);
  });

  it("refuses on a create a plan of its name with other groups, and writes nothing", async () => {
    const fake = withMachines();
    await up(recoveryPlan, makeContext(fake), plan());
    fake.writes.length = 0;
    const text = await message(
      up(recoveryPlan, makeContext(fake), plan({ bootGroups: [{ replicatedItemIds: [itemIdOf("web01")] }] })),
    );
    expect(text).to.contain('"shop-plan"').and.to.contain("other groups or settings");
    expect(fake.writes).to.deep.equal([]);
  });

  it("is not deleted while a machine of it is away, as a destroy would before the machines refuse, and says the way", async () => {
    const fake = withMachines();
    const program = makeContext(fake);
    program.claims.declare(itemIdOf("db01"), true);
    const made = await up(recoveryPlan, program, plan());
    fake.setStage(itemIdOf("db01"), "committed");
    fake.writes.length = 0;
    const destroyed = await message(recoveryPlan.delete(makeContext(fake), made.id, made.outputs));
    expect(destroyed)
      .to.contain('deleting recovery plan "shop-plan": db01 is committed')
      .and.to.contain("take it out of the program");
    expect(fake.writes).to.deep.equal([]);
    const run = makeContext(fake);
    run.claims.declare(itemIdOf("db01"), true);
    await recoveryPlan.delete(run, made.id, made.outputs);
    expect(fake.writes).to.deep.equal(["deletePlan shop-plan"]);
  });

  it("is deleted while its machines are away where another stack set them up", async () => {
    const fake = withMachines();
    const made = await up(recoveryPlan, makeContext(fake), plan());
    fake.setStage(itemIdOf("db01"), "committed");
    fake.writes.length = 0;
    await recoveryPlan.delete(makeContext(fake), made.id, made.outputs);
    expect(fake.writes).to.deep.equal(["deletePlan shop-plan"]);
  });
});
