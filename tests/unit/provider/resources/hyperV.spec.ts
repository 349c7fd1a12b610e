import { expect } from "chai";
import { fabric } from "../../../../provider/resources/fabric.js";
import type { Handler, Properties } from "../../../../provider/resources/handler.js";
import { networkMapping } from "../../../../provider/resources/networkMapping.js";
import { replicatedItem } from "../../../../provider/resources/replicatedItem.js";
import { replicationPolicy } from "../../../../provider/resources/replicationPolicy.js";
import {
  group,
  makeContext,
  networkIdOf,
  policyIdOf,
  storageId,
  up,
  validInputs,
  vault,
  vaultPath,
} from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

async function failuresOf(handler: Handler, news: Properties): Promise<string> {
  const { failures } = await handler.check(makeContext(new FakeSiteRecovery()), {}, news);
  return failures.map(({ property, reason }) => `${property} ${reason}`).join("\n");
}

const inputsOf = (token: string) => {
  const make = validInputs[token];
  if (!make) throw new Error(`no inputs of ${token}`);
  return make();
};

const policy = (changes: Properties = {}): Properties => ({
  ...vault,
  name: "hyperv",
  instanceType: "HyperVReplicaAzure",
  ...changes,
});

const machine = (changes: Properties = {}): Properties => ({
  ...vault,
  name: "hv01",
  fabricName: "site1",
  protectionContainerName: "cont1",
  instanceType: "HyperVReplicaAzure",
  policyId: policyIdOf("hyperv"),
  protectableItemId: `${vaultPath}/replicationFabrics/site1/replicationProtectionContainers/cont1/replicationProtectableItems/hv01`,
  guestOsType: "Windows",
  osDiskId: "disk0",
  diskIds: ["disk0", "disk1"],
  targetStorageAccountId: storageId,
  targetResourceGroupId: group,
  targetNetworkId: networkIdOf("prod"),
  targetSubnetName: "web",
  ...changes,
});

describe("ReplicationPolicy of every kind", () => {
  it("fills a Hyper-V policy with its own defaults and sends these alone", async () => {
    const fake = new FakeSiteRecovery();
    const made = await up(replicationPolicy, makeContext(fake), policy());
    expect(fake.policies.get(policyIdOf("hyperv").toLowerCase())?.settings).to.deep.equal({
      instanceType: "HyperVReplicaAzure",
      recoveryPointRetentionHours: 2,
      appConsistentFrequencyHours: 0,
      replicationIntervalSeconds: 300,
    });
    expect(made.inputs).to.not.have.any.keys("recoveryPointRetentionMinutes", "multiVmSync");
    expect((await up(replicationPolicy, makeContext(fake), policy(), made)).hasChanged).to.equal(false);
  });

  it("holds Hyper-V to 0-24 hours, 30 or 300 seconds, 0-12 hours below the retention", async () => {
    expect(
      await failuresOf(
        replicationPolicy,
        policy({ recoveryPointRetentionHours: 24, replicationIntervalSeconds: 30 }),
      ),
    ).to.equal("");
    expect(await failuresOf(replicationPolicy, policy({ recoveryPointRetentionHours: 0 }))).to.equal("");
    const told = await failuresOf(
      replicationPolicy,
      policy({
        recoveryPointRetentionHours: 25,
        replicationIntervalSeconds: 900,
        appConsistentFrequencyHours: 13,
        initialReplicationStartTime: "25:00",
      }),
    );
    expect(told)
      .to.contain("recoveryPointRetentionHours value 25 is not allowed; allowed: a whole number of hours, 0-24")
      .and.to.contain("replicationIntervalSeconds value 900 is not allowed; allowed: 30, 300 (seconds)")
      .and.to.contain("appConsistentFrequencyHours value 13 is not allowed")
      .and.to.contain("initialReplicationStartTime");
    expect(await failuresOf(replicationPolicy, policy({ appConsistentFrequencyHours: 2 }))).to.contain(
      "must be shorter than recoveryPointRetentionHours (2); allowed: 0 (off) or 1-1",
    );
  });

  it("refuses another kind's settings, naming its own", async () => {
    expect(await failuresOf(replicationPolicy, policy({ recoveryPointRetentionMinutes: 60 }))).to.match(
      /recoveryPointRetentionMinutes value 60 is not for instanceType "HyperVReplicaAzure"; allowed there: recoveryPointRetentionHours/,
    );
  });

  it("takes over Azure's own failback policy as it is, changes and deletes it never", async () => {
    const fake = new FakeSiteRecovery();
    const settings = { crashConsistentFrequencyMinutes: 5, appConsistentFrequencyMinutes: 60 };
    await fake.putPolicy("hyperv", { instanceType: "InMageRcmFailback", ...settings });
    fake.writes.length = 0;
    const own = policy({ instanceType: "InMageRcmFailback" });
    const made = await up(replicationPolicy, makeContext(fake), own);
    await up(replicationPolicy, makeContext(fake), { ...own, appConsistentFrequencyMinutes: 120 }, made).then(
      () => expect.fail("it should have been refused"),
      (error: Error) =>
        expect(error.message).to.contain("It cannot be changed").and.to.contain("is 60, declared 120"),
    );
    await replicationPolicy.delete(makeContext(fake), made.id, made.outputs);
    expect(fake.writes).to.deep.equal([]);
    await up(
      replicationPolicy,
      makeContext(new FakeSiteRecovery()),
      policy({ instanceType: "InMageAzureV2" }),
    ).then(
      () => expect.fail("it should have been refused"),
      (error: Error) => expect(error.message).to.contain("no longer supports classic machines"),
    );
  });
});

describe("ReplicatedItem of Hyper-V", () => {
  it("enables replication to a storage account once, and has nothing to change afterwards", async () => {
    const fake = new FakeSiteRecovery();
    const id = policyIdOf("hyperv");
    fake.policies.set(id.toLowerCase(), { id, name: "hyperv", instanceType: "HyperVReplicaAzure" });
    const made = await up(replicatedItem, makeContext(fake), machine());
    expect(fake.writes).to.deep.equal(["startEnableReplication hv01"]);
    const again = await up(replicatedItem, makeContext(fake), machine(), made);
    expect(again.hasChanged).to.equal(false);
    const read = await replicatedItem.read(makeContext(fake), made.id, made.outputs);
    expect(replicatedItem.diff(made.id, read?.outputs ?? {}, made.inputs).hasChanges).to.equal(false);
  });

  it("names what the kind needs and what it does not have, all at once", async () => {
    const { protectableItemId: _, osDiskId: __, targetStorageAccountId: ___, ...rest } = machine();
    const told = await failuresOf(replicatedItem, { ...rest, processServerId: "x", multiVmGroupName: "shop" });
    expect(told)
      .to.contain('protectableItemId is required for instanceType "HyperVReplicaAzure"')
      .and.to.contain("osDiskId is required")
      .and.to.contain("targetStorageAccountId is required")
      .and.to.contain('processServerId value "x" is not for instanceType "HyperVReplicaAzure"')
      .and.to.contain("multiVmGroupName");
    const managed = { diskId: "disk0", logStorageAccountId: storageId, diskType: "Standard_LRS" };
    expect(await failuresOf(replicatedItem, machine({ disks: [managed] }))).to.contain(
      "diskIds is not allowed together with disks",
    );
  });
});

describe("Fabric", () => {
  it("makes a Hyper-V site once, adopts it elsewhere without a write, and removes it", async () => {
    const fake = new FakeSiteRecovery();
    const made = await up(fabric, makeContext(fake), inputsOf("Fabric"));
    expect((await up(fabric, makeContext(fake), inputsOf("Fabric"), made)).hasChanged).to.equal(false);
    const adopted = await up(fabric, makeContext(fake), inputsOf("Fabric"));
    expect(fake.writes).to.deep.equal(["putHyperVSite hyperv-site"]);
    await fabric.delete(makeContext(fake), adopted.id, adopted.outputs);
    expect(fake.writes.at(-1)).to.equal("removeFabric hyperv-site");
    expect(await fabric.read(makeContext(fake), made.id, made.outputs)).to.equal(undefined);
  });

  it("refuses to take over a fabric of another kind, and to go while machines replicate from it", async () => {
    const fake = new FakeSiteRecovery();
    const made = await up(fabric, makeContext(fake), inputsOf("Fabric"));
    fake.addItem("hv01", "protected", { fabricName: "hyperv-site" });
    await fabric.delete(makeContext(fake), made.id, made.outputs).then(
      () => expect.fail("it should have been refused"),
      (error: Error) => expect(error.message).to.contain("1 replicated item (hv01) still replicate"),
    );
    const site = fake.fabrics.find(({ name }) => name === "hyperv-site");
    if (site) site.instanceType = "InMageRcm";
    await up(fabric, makeContext(fake), inputsOf("Fabric")).then(
      () => expect.fail("it should have been refused"),
      (error: Error) => expect(error.message).to.contain("is of kind InMageRcm"),
    );
  });
});

describe("NetworkMapping", () => {
  it("maps, remaps in place, shows drift as the drifted key, and removes", async () => {
    const fake = new FakeSiteRecovery();
    const inputs = inputsOf("NetworkMapping");
    const made = await up(networkMapping, makeContext(fake), inputs);
    expect((await up(networkMapping, makeContext(fake), inputs, made)).hasChanged).to.equal(false);
    const moved = { ...inputs, recoveryNetworkId: networkIdOf("test") };
    const changed = await up(networkMapping, makeContext(fake), moved, made);
    expect(fake.writes).to.deep.equal(["putNetworkMapping corp-to-prod", "updateNetworkMapping corp-to-prod"]);
    const read = await networkMapping.read(makeContext(fake), made.id, { ...changed.outputs, ...inputs });
    expect(networkMapping.diff(made.id, read?.outputs ?? {}, made.inputs).changes).to.deep.equal([
      "recoveryNetworkId",
    ]);
    await networkMapping.delete(makeContext(fake), made.id, changed.outputs);
    expect(fake.networkMappings.size).to.equal(0);
  });

  it("refuses to take over a mapping to another network", async () => {
    const fake = new FakeSiteRecovery();
    const inputs = inputsOf("NetworkMapping");
    await up(networkMapping, makeContext(fake), inputs);
    await up(networkMapping, makeContext(fake), { ...inputs, recoveryNetworkId: networkIdOf("test") }).then(
      () => expect.fail("it should have been refused"),
      (error: Error) => expect(error.message).to.contain("a mapping of this name exists to"),
    );
    expect(fake.writes).to.deep.equal(["putNetworkMapping corp-to-prod"]);
  });
});
