import { expect } from "chai";
import { checkClaiming, diffClaiming } from "../../../../provider/resources/claiming.js";
import { handlers } from "../../../../provider/resources/index.js";
import {
  itemIdOf,
  makeContext,
  networkIdOf,
  planIdOf,
  policyIdOf,
  storageId,
  up,
  validInputs,
} from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

/** A vault in which every valid input has what it refers to. */
function prepared(token: string): FakeSiteRecovery {
  const fake = new FakeSiteRecovery();
  if (token !== "ReplicatedItem") fake.addItem("app01");
  fake.addItem("db01");
  return fake;
}

function handlerOf(token: string) {
  const handler = handlers.get(token);
  if (!handler) throw new Error(`no handler ${token}`);
  return handler;
}

const tokens = Object.keys(validInputs);

describe("every handler", () => {
  it("has valid inputs in this test", () => {
    expect([...handlers.keys()]).to.have.members(tokens);
  });

  for (const token of tokens) {
    const handler = handlerOf(token);
    const program = () => validInputs[token]?.() ?? {};

    describe(token, () => {
      it("makes what was declared, with the ARM id, every input and JSON only in its outputs", async () => {
        const fake = prepared(token);
        const made = await up(handler, makeContext(fake), program());
        expect(made.id).to.match(/^\/subscriptions\//);
        for (const [key, value] of Object.entries(program())) expect(made.outputs[key], key).to.deep.equal(value);
        expect(JSON.parse(JSON.stringify(made.outputs))).to.deep.equal(made.outputs);
        expect(hasUndefined(made.outputs)).to.equal(false);
      });

      it("finds nothing to change where nothing changed, and asks for no write", async () => {
        const fake = prepared(token);
        const context = makeContext(fake);
        const made = await up(handler, context, program());
        const before = [...fake.writes];
        const again = await up(handler, context, program(), made);
        expect(again.hasChanged).to.equal(false);
        expect(fake.writes).to.deep.equal(before);
      });

      it("converges when it is asked to make twice what is there: the second time writes nothing", async () => {
        const fake = prepared(token);
        const made = await up(handler, makeContext(fake), program());
        const before = [...fake.writes];
        const adopted = await up(handler, makeContext(fake), program());
        expect(adopted.id).to.equal(made.id);
        expect(fake.writes).to.deep.equal(before);
        const updated = await handler.reconcile(makeContext(fake), made.inputs, made);
        expect(updated.id).to.equal(made.id);
        expect(fake.writes).to.deep.equal(before);
      });

      it("shows no difference after a refresh, and reads back exactly the keys of the inputs", async () => {
        const fake = prepared(token);
        const context = makeContext(fake);
        const made = await up(handler, context, program());
        const found = await handler.read(context, made.id, made.outputs);
        if (!found) throw new Error("read found nothing");
        expect(hasUndefined(found)).to.equal(false);
        expect(handler.diff(made.id, found.outputs, made.inputs)).to.deep.include({
          hasChanges: false,
          changes: [],
        });
        if (found.inputs) expect(found.inputs).to.deep.equal(made.inputs);
      });

      it("answers a read of something that is gone with nothing", async () => {
        const fake = prepared(token);
        const made = await up(handler, makeContext(fake), program());
        const empty = new FakeSiteRecovery();
        expect(await handler.read(makeContext(empty), made.id, made.outputs)).to.equal(undefined);
      });

      it("takes a delete of something that is gone for done", async () => {
        const fake = prepared(token);
        const made = await up(handler, makeContext(fake), program());
        const empty = new FakeSiteRecovery();
        await handler.delete(makeContext(empty), made.id, made.outputs);
        expect(empty.writes).to.deep.equal([]);
      });

      it("only forgets what the same run made or adopted under another name", async () => {
        const fake = prepared(token);
        const old = await up(handler, makeContext(fake), program());
        const run = makeContext(fake);
        await up(handler, run, program());
        const before = [...fake.writes];
        await handler.delete(run, old.id, old.outputs);
        expect(fake.writes).to.deep.equal(before);
        expect(run.logged.join("\n")).to.contain("forgotten");
      });

      it("only forgets what the program declares under another name, made by an earlier up or refused by this one", async () => {
        for (const olds of [true, false]) {
          const fake = prepared(token);
          const old = await up(handler, makeContext(fake), program());
          const before = [...fake.writes];
          const run = makeContext(fake);
          const news = olds ? program() : { ...program(), nothing: "of this name" };
          await checkClaiming(handler, run, olds ? old.inputs : {}, news);
          if (olds) diffClaiming(handler, run, old.id, old.outputs, old.inputs);
          await handler.delete(run, old.id, old.outputs);
          expect(fake.writes).to.deep.equal(before);
          expect(run.logged.join("\n")).to.contain("forgotten");
        }
      });

      it("replaces nothing, and changes nothing in Azure, for another bound of waiting", async () => {
        const fake = prepared(token);
        const context = makeContext(fake);
        const made = await up(handler, context, program());
        const before = [...fake.writes];
        const { inputs } = await handler.check(context, made.inputs, { ...program(), timeoutMinutes: 7 });
        expect(handler.diff(made.id, made.outputs, inputs)).to.deep.include({ hasChanges: true, replaces: [] });
        const changed = await up(handler, context, { ...program(), timeoutMinutes: 7 }, made);
        expect(changed.outputs.timeoutMinutes).to.equal(7);
        expect(fake.writes).to.deep.equal(before);
      });
    });
  }
});

describe("deletes", () => {
  it("delete a policy, a mapping and a plan once, and disable replication of an item", async () => {
    for (const [token, written] of [
      ["ReplicationPolicy", "deletePolicy gold"],
      ["ProtectionContainerMapping", "removeMapping daily-mapping"],
      ["RecoveryPlan", "deletePlan shop-plan"],
      ["ReplicatedItem", "startDisableReplication:NotSpecified app01"],
      ["TestFailover", "testFailoverCleanup app01"],
    ] as const) {
      const fake = prepared(token);
      const handler = handlerOf(token);
      const made = await up(handler, makeContext(fake), validInputs[token]?.() ?? {});
      await handler.delete(makeContext(fake), made.id, made.outputs);
      expect(fake.writes.at(-1)).to.equal(written);
      const count = fake.writes.length;
      await handler.delete(makeContext(fake), made.id, made.outputs);
      expect(fake.writes.length, `${token} deleted twice`).to.equal(count);
    }
  });

  it("end replication where the same id is to be made again with other settings, or is only refreshed", async () => {
    const item = handlerOf("ReplicatedItem");
    const disks = { disksDefault: { logStorageAccountId: storageId, diskType: "Premium_LRS" } };
    for (const isReplacement of [true, false]) {
      const fake = prepared("ReplicatedItem");
      const old = await up(item, makeContext(fake), validInputs.ReplicatedItem?.() ?? {});
      const run = makeContext(fake);
      if (isReplacement) {
        const news = { ...validInputs.ReplicatedItem?.(), ...disks, restartReplication: true };
        const { inputs, failures } = await checkClaiming(item, run, old.inputs, news);
        expect(failures).to.deep.equal([]);
        expect(diffClaiming(item, run, old.id, old.outputs, inputs).deleteBeforeReplace).to.equal(true);
        await checkClaiming(item, run, {}, news);
      } else diffClaiming(item, run, old.id, old.outputs, old.inputs);
      await item.delete(run, old.id, old.outputs);
      expect(fake.writes.at(-1)).to.equal("startDisableReplication:NotSpecified app01");
    }
  });

  it("refuse a policy that is in use, naming the mappings that use it", async () => {
    const fake = prepared("ReplicationPolicy");
    const policy = handlerOf("ReplicationPolicy");
    const made = await up(policy, makeContext(fake), validInputs.ReplicationPolicy?.() ?? {});
    await up(handlerOf("ProtectionContainerMapping"), makeContext(fake), {
      ...validInputs.ProtectionContainerMapping?.(),
      policyId: made.id,
    });
    const error = await policy.delete(makeContext(fake), made.id, made.outputs).catch((caught: Error) => caught);
    expect(String(error)).to.contain('"daily-mapping"').and.to.contain("in use");
    expect(fake.policies.has(policyIdOf("gold").toLowerCase())).to.equal(true);
  });
});

describe("ids", () => {
  it("are the ids of what they stand for, those of drills and failovers their target's", async () => {
    const wanted: Record<string, string> = {
      ReplicationPolicy: policyIdOf("gold"),
      ReplicatedItem: itemIdOf("app01"),
      RecoveryPlan: planIdOf("shop-plan"),
      TestFailover: itemIdOf("app01"),
      Failover: itemIdOf("app01"),
    };
    for (const [token, id] of Object.entries(wanted)) {
      const made = await up(handlerOf(token), makeContext(prepared(token)), validInputs[token]?.() ?? {});
      expect(made.id).to.equal(id);
    }
    expect(networkIdOf("test")).to.contain("virtualNetworks");
  });
});

function hasUndefined(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasUndefined);
}
