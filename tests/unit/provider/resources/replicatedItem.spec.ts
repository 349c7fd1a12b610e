import { expect } from "chai";
import { checkClaiming } from "../../../../provider/resources/claiming.js";
import { PartialFailure, type Properties } from "../../../../provider/resources/handler.js";
import { replicatedItem } from "../../../../provider/resources/replicatedItem.js";
import {
  itemIdOf,
  machineIdOf,
  makeContext,
  networkIdOf,
  planIdOf,
  storageId,
  up,
  validInputs,
} from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

const app01 = itemIdOf("app01");
const program = (changes: Properties = {}): Properties => ({ ...validInputs.ReplicatedItem?.(), ...changes });

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error("it should have failed");
    },
    (error: Error) => error,
  );
}

async function made() {
  const fake = new FakeSiteRecovery();
  const item = await up(replicatedItem, makeContext(fake), program());
  return { fake, item };
}

describe("ReplicatedItem, enabling replication", () => {
  it("enables once, applies what only an update can set, and waits until the machine is protected", async () => {
    const fake = new FakeSiteRecovery();
    const nics = [{ nicId: "nic-app01", targetSubnetName: "app", targetStaticIpAddress: "10.9.0.9" }];
    const item = await up(replicatedItem, makeContext(fake), program({ nics }));
    expect(fake.writes).to.deep.equal(["startEnableReplication app01", "updateItem app01"]);
    const [nic] = (await fake.getItem(app01))?.nics ?? [];
    expect(nic).to.include({ targetSubnetName: "app", targetIpAddress: "10.9.0.9", isPrimary: true });
    expect(item.outputs).to.include({ protectionState: "Protected" });
    expect((await up(replicatedItem, makeContext(fake), program({ nics }), item)).hasChanged).to.equal(false);
  });

  it("returns as soon as Azure took the request with waitUntil: started", async () => {
    const fake = new FakeSiteRecovery();
    fake.isHoldingJobs = true;
    const item = await up(replicatedItem, makeContext(fake), program({ waitUntil: "started" }));
    expect(item.outputs.pending, "Azure shows every setting already").to.equal(undefined);
    expect(fake.writes).to.deep.equal(["startEnableReplication app01"]);
  });

  it("ends with id, state and how to go on when waiting takes too long, and enables only once", async () => {
    const fake = new FakeSiteRecovery();
    fake.isHoldingJobs = true;
    const context = makeContext(fake);
    const { inputs } = await replicatedItem.check(context, {}, program());
    const error = await failure(replicatedItem.reconcile(context, inputs, undefined));
    expect(error).to.be.instanceOf(PartialFailure);
    const partial = error as PartialFailure;
    expect(partial.id).to.equal(app01);
    expect(partial.reasons.join(" ")).to.contain("Nothing was stopped").and.to.contain("pulumi up");
    expect(replicatedItem.diff(partial.id, partial.properties, inputs).hasChanges).to.equal(true);
    fake.isHoldingJobs = false;
    const resumed = await up(replicatedItem, makeContext(fake), program(), {
      id: partial.id,
      inputs,
      outputs: partial.properties,
    });
    expect(resumed.outputs).to.not.have.property("pending");
    expect(fake.writes).to.deep.equal(["startEnableReplication app01"]);
  });

  it("goes on after a kill with the job that runs already", async () => {
    const fake = new FakeSiteRecovery();
    fake.isHoldingJobs = true;
    await failure(up(replicatedItem, makeContext(fake), program()));
    fake.isHoldingJobs = false;
    await up(replicatedItem, makeContext(fake), program());
    expect(fake.writes).to.deep.equal(["startEnableReplication app01"]);
  });

  it("fails with Azure's words when the job fails", async () => {
    const fake = new FakeSiteRecovery();
    fake.failingJobs = 1;
    expect((await failure(up(replicatedItem, makeContext(fake), program()))).message).to.contain("150001");
  });

  it("refuses to take over an item of another machine, naming both", async () => {
    const fake = new FakeSiteRecovery();
    fake.addItem("app01", "protected", { fabricDiscoveryMachineId: machineIdOf("web07") });
    const error = await failure(up(replicatedItem, makeContext(fake), program()));
    expect(error.message).to.contain("web07").and.to.contain("fabricDiscoveryMachineId");
    expect(fake.writes).to.deep.equal([]);
  });
});

describe("ReplicatedItem, of an item that Azure has already", () => {
  it("takes over equal settings without a write", async () => {
    const { fake } = await made();
    fake.writes.length = 0;
    const context = makeContext(fake);
    await up(replicatedItem, context, program());
    expect(fake.writes).to.deep.equal([]);
    expect(context.logged.join()).to.contain(
      '"app01" is in the vault with these settings: it is taken over as it is.',
    );
  });

  it("refuses in the preview what differs, each setting with Azure's value, and writes nothing", async () => {
    const fake = new FakeSiteRecovery();
    fake.addItem("app01", "protected", { targetVmSize: "Standard_D8s_v5", multiVmGroupName: "shop" });
    const wanted = program({ multiVmGroupName: "web", nics: [{ nicId: "nic-app01", targetSubnetName: "app" }] });
    const { failures } = await replicatedItem.check(makeContext(fake), {}, wanted);
    expect(failures.map(({ property }) => property)).to.have.members(["multiVmGroupName", "targetVmSize", "nics"]);
    expect(failures.find(({ property }) => property === "targetVmSize")?.reason)
      .to.contain('"Standard_D2s_v5"')
      .and.to.contain('("Standard_D8s_v5")')
      .and.to.contain("declare that to take the item over");
    expect(fake.writes).to.deep.equal([]);
  });

  it("goes on with the adapters of a create that was killed after its replication was enabled", async () => {
    const fake = new FakeSiteRecovery();
    const nics = [{ nicId: "nic-app01", targetSubnetName: "app" }];
    fake.broken.set("updateItem", new Error("killed"));
    await failure(up(replicatedItem, makeContext(fake), program({ nics })));
    fake.broken.clear();
    fake.writes.length = 0;
    await up(replicatedItem, makeContext(fake), program({ nics }));
    expect(fake.writes).to.deep.equal(["updateItem app01"]);
  });

  it("replaces its own item, which Pulumi checks a second time as if it were new", async () => {
    const { fake, item } = await made();
    const context = makeContext(fake);
    const changed = program({ multiVmGroupName: "shop", restartReplication: true });
    await checkClaiming(replicatedItem, context, item.inputs, changed);
    const again = await checkClaiming(replicatedItem, context, {}, changed);
    expect(again.failures).to.deep.equal([]);
  });
});

describe("ReplicatedItem, changed", () => {
  it("changes in place what Azure can, by one call with only what differs", async () => {
    const { fake, item } = await made();
    fake.writes.length = 0;
    const changed = await up(
      replicatedItem,
      makeContext(fake),
      program({ targetVmSize: "Standard_D4s_v5" }),
      item,
    );
    expect(fake.writes).to.deep.equal(["updateItem app01"]);
    expect((await fake.getItem(app01))?.targetVmSize).to.equal("Standard_D4s_v5");
    expect(changed.outputs.targetVmSize).to.equal("Standard_D4s_v5");
  });

  it("refuses what needs replication to restart, names the loss and the argument, for each such property", async () => {
    const { fake, item } = await made();
    for (const [key, value] of [
      ["fabricDiscoveryMachineId", machineIdOf("web07")],
      ["disksDefault", { logStorageAccountId: storageId, diskType: "Premium_LRS" }],
      ["multiVmGroupName", "shop"],
      ["protectionContainerName", "cont2"],
    ] as const) {
      const { failures } = await replicatedItem.check(makeContext(fake), item.inputs, program({ [key]: value }));
      const reason = failures.find((entry) => entry.property === key)?.reason ?? "";
      expect(reason, key).to.contain("all recovery points lost").and.to.contain("restartReplication: true");
      const allowed = await replicatedItem.check(
        makeContext(fake),
        item.inputs,
        program({ [key]: value, restartReplication: true }),
      );
      expect(allowed.failures, key).to.deep.equal([]);
      const diff = replicatedItem.diff(item.id, item.outputs, allowed.inputs);
      expect(diff.replaces, key).to.deep.equal([key]);
      expect(diff.deleteBeforeReplace, key).to.equal(key !== "protectionContainerName");
    }
  });

  it("refuses to restart the replication of a machine that is in a plan, naming the plan and the way", async () => {
    const { fake, item } = await made();
    const group = { replicatedItemIds: [app01], startGroupActions: [], endGroupActions: [] };
    await fake.putPlan(planIdOf("shop"), {
      primaryFabricId: "f",
      recoveryFabricId: "Microsoft Azure",
      failoverDeploymentModel: "ResourceManager",
      groups: [{ groupType: "Boot", ...group }],
    });
    fake.resources.set(planIdOf("shop").toLowerCase(), { id: planIdOf("shop"), name: "shop" });
    const check = async (changes: Properties) =>
      (await replicatedItem.check(makeContext(fake), item.inputs, program(changes))).failures;
    const [refused, ...others] = await check({ multiVmGroupName: "shop", restartReplication: true });
    expect(refused?.property).to.equal("multiVmGroupName");
    expect(refused?.reason).to.contain("in a recovery plan (shop): take it out of there");
    expect(others).to.deep.equal([]);
    fake.calls.length = 0;
    expect(await check({ restartReplication: true })).to.deep.equal([]);
    expect(fake.calls).to.deep.equal([]);
  });

  it("refuses another name for the same machine", async () => {
    const { fake, item } = await made();
    const { failures } = await replicatedItem.check(makeContext(fake), item.inputs, program({ name: "app02" }));
    expect(failures.map(({ property }) => property)).to.include("name");
  });

  it("reads drift as exactly the drifted inputs, and the next up mends exactly that", async () => {
    const { fake, item } = await made();
    const drifted = fake.items.get(app01.toLowerCase());
    if (!drifted?.nics[0]) throw new Error("app01 has no adapter");
    drifted.targetVmSize = "Standard_B1s";
    drifted.nics[0].targetSubnetName = "elsewhere";
    const found = await replicatedItem.read(makeContext(fake), item.id, item.outputs);
    expect(Object.keys(found?.inputs ?? {})).to.have.members(Object.keys(item.inputs));
    expect(replicatedItem.diff(item.id, found?.outputs ?? {}, item.inputs).changes).to.have.members([
      "targetVmSize",
      "nics",
    ]);
    fake.writes.length = 0;
    await up(replicatedItem, makeContext(fake), program(), {
      ...item,
      inputs: found?.inputs ?? {},
      outputs: found?.outputs ?? {},
    });
    expect(fake.writes).to.deep.equal(["updateItem app01"]);
    expect(drifted.targetVmSize).to.equal("Standard_D2s_v5");
    expect(drifted.nics[0].targetSubnetName).to.equal("web");
  });
});

describe("ReplicatedItem, while its machine is not at protected", () => {
  for (const stage of ["failedOver", "committed", "reprotected", "failedBack"] as const) {
    it(`keeps the last forward settings, shows no difference, and refuses update and delete at ${stage}`, async () => {
      const { fake, item } = await made();
      fake.setStage(app01, stage);
      const held = fake.items.get(app01.toLowerCase());
      if (!held) throw new Error("app01 is not there");
      // The same item answers with the roles flipped (recorded).
      held.policyId =
        "/Subscriptions/x/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/replicationPolicies/back";
      held.targetNetworkId = networkIdOf("on-premises");
      fake.writes.length = 0;
      const found = await replicatedItem.read(makeContext(fake), item.id, item.outputs);
      expect(found?.inputs).to.deep.equal(item.inputs);
      expect(replicatedItem.diff(item.id, found?.outputs ?? {}, item.inputs).hasChanges).to.equal(false);
      const changed = failure(
        up(replicatedItem, makeContext(fake), program({ targetVmSize: "Standard_D8s_v5" }), item),
      );
      expect((await changed).message)
        .to.contain(stage)
        .and.to.contain("Failover");
      const deleted = await failure(replicatedItem.delete(makeContext(fake), item.id, item.outputs));
      expect(deleted.message).to.contain(stage).and.to.contain("completeMigration: true");
      expect(fake.writes).to.deep.equal([]);
    });
  }

  it("refuses a changed setting in the preview already, by each property, and nothing that is no setting", async () => {
    const { fake, item } = await made();
    fake.setStage(app01, "committed");
    const check = async (changes: Properties) =>
      (await replicatedItem.check(makeContext(fake), item.inputs, program(changes))).failures;
    const refused = await check({ targetVmSize: "Standard_D8s_v5", targetSubnetName: "elsewhere" });
    expect(refused.map(({ property }) => property)).to.have.members(["targetVmSize", "targetSubnetName"]);
    expect(refused[0]?.reason).to.contain("committed").and.to.contain("bring it back there with its Failover");
    expect(await check({ timeoutMinutes: 7, completeMigration: true })).to.deep.equal([]);
  });

  it("tells a create how to go on, as a renamed resource and a lost state come to it", async () => {
    const { fake } = await made();
    fake.setStage(app01, "committed");
    const error = await failure(up(replicatedItem, makeContext(fake), program()));
    expect(error.message)
      .to.contain('name value "app01" is in the vault already: its machine is committed')
      .and.to.contain("alias");
  });

  it("ends replication for good with completeMigration: true, which itself changes nothing in Azure", async () => {
    const { fake, item } = await made();
    fake.setStage(app01, "committed");
    fake.writes.length = 0;
    const allowed = await up(replicatedItem, makeContext(fake), program({ completeMigration: true }), item);
    expect(fake.writes).to.deep.equal([]);
    await replicatedItem.delete(makeContext(fake), allowed.id, allowed.outputs);
    expect(fake.writes).to.deep.equal(["startDisableReplication:MigrationComplete app01"]);
  });

  it("refuses update and delete while a drill waits for its clean-up, and says to clean up first", async () => {
    const { fake, item } = await made();
    fake.setStage(app01, "drill");
    fake.writes.length = 0;
    const changed = failure(
      up(replicatedItem, makeContext(fake), program({ targetVmSize: "Standard_D8s_v5" }), item),
    );
    expect((await changed).message).to.contain("Clean the test failover up first");
    const deleted = await failure(replicatedItem.delete(makeContext(fake), item.id, item.outputs));
    expect(deleted.message).to.contain("Clean the test failover up first");
    expect(fake.writes).to.deep.equal([]);
  });
});
