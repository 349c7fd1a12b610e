import { expect } from "chai";
import type { Stage } from "../../../../provider/lifecycle/stages.js";
import { failover } from "../../../../provider/resources/failover.js";
import type { Properties } from "../../../../provider/resources/handler.js";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import type { Fabric } from "../../../../provider/siterecovery/siteRecovery.js";
import {
  itemIdOf,
  makeContext,
  networkIdOf,
  planIdOf,
  policyIdOf,
  type Resource,
  storageId,
  up,
} from "./fakeEstate.js";
import { FakeSiteRecovery } from "./fakeSiteRecovery.js";

const app01 = itemIdOf("app01");
const db01 = itemIdOf("db01");
const agent = "83629832-8201-4d31-b9cd-a644185d035a";

/** All that modernised machines need on their way back. */
const prepared: Properties = {
  reprotect: { reprotectAgentId: agent, datastoreName: "Datastore 3", logStorageAccountId: storageId },
  reverse: { processServerId: agent, policyId: policyIdOf("daily") },
};

const fabric: Fabric = {
  id: "fabric",
  name: "site1",
  friendlyName: "site1",
  instanceType: "InMageRcm",
  health: "Normal",
  processServers: [{ id: agent, name: "appliance" }],
  masterTargets: [],
  reprotectAgents: [{ id: agent, name: "appliance", accessibleDatastores: ["Datastore 3", "Datastore 4"] }],
  runAsAccounts: [],
  hyperVHosts: [],
};

async function estate(instanceType = "InMageRcm"): Promise<FakeSiteRecovery> {
  const fake = new FakeSiteRecovery();
  fake.addItem("app01", "protected", { instanceType });
  fake.addItem("db01", "protected", { instanceType });
  fake.fabrics.splice(0, fake.fabrics.length, fabric);
  await fake.putPolicy("daily", {
    instanceType: "InMageRcm",
    recoveryPointRetentionMinutes: 1440,
    crashConsistentFrequencyMinutes: 5,
    appConsistentFrequencyMinutes: 0,
    multiVmSync: true,
  });
  fake.writes.length = 0;
  return fake;
}

const run = (fake: FakeSiteRecovery, stage: Stage, prior?: Resource, changes: Properties = {}) =>
  up(failover, makeContext(fake), { targetId: app01, stage, ...changes }, prior);

/** One `up` for each stage, the first one adopting. */
async function walkRound(
  fake: FakeSiteRecovery,
  stages: readonly Stage[],
  changes: Properties,
): Promise<Resource> {
  let at: Resource | undefined;
  for (const stage of stages) {
    at = await run(fake, stage, at, changes);
    expect(at.outputs).to.include({ observedStage: stage, lastAppliedStage: stage });
    const writes = fake.writes.length;
    const again = await run(fake, stage, at, changes);
    // Back at protected, the plan for the day after is shown again: an update that asks nothing of Azure.
    const settled = stage === "protected" ? await run(fake, stage, again, changes) : again;
    expect(settled.hasChanged, `another up at ${stage}`).to.equal(false);
    expect(fake.writes.length).to.equal(writes);
  }
  if (!at) throw new Error("no stage");
  return at;
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => {
      throw new Error("it should have been refused");
    },
    (error: Error) => error.message,
  );
}

async function preview(fake: FakeSiteRecovery, stage: Stage, prior?: Resource, changes: Properties = {}) {
  const { inputs, failures } = await failover.check(makeContext(fake), prior?.inputs ?? {}, {
    targetId: app01,
    stage,
    ...changes,
  });
  return { lines: ((inputs.preview as { lines: string[] } | undefined)?.lines ?? []).join("\n"), failures };
}

describe("Failover round the ring", () => {
  it("takes modernised machines there and back, one step for each changed word", async () => {
    const fake = await estate();
    await walkRound(
      fake,
      ["protected", "failedOver", "committed", "reprotected", "failedBack", "failbackCommitted", "protected"],
      prepared,
    );
    expect(fake.starts.map((start) => start.action)).to.deep.equal([
      { kind: "unplannedFailover", shutdownSource: true, recoveryPoint: { kind: "latest" } },
      { kind: "failoverCommit" },
      { kind: "reprotect", settings: prepared.reprotect },
      {
        kind: "failback",
        settings: {
          recoveryPointType: "CrashConsistent",
          dataSyncOption: "ForSynchronization",
          recoveryVmCreationOption: "NoAction",
          isPlanned: true,
        },
      },
      { kind: "failoverCommit" },
      { kind: "reverseReplicate", settings: prepared.reverse },
    ]);
  });

  it("goes straight from failedOver to reprotected by one reprotect, which commits on the way", async () => {
    const fake = await estate();
    const over = await walkRound(fake, ["protected", "failedOver"], prepared);
    expect((await preview(fake, "reprotected", over, prepared)).lines).to.contain("committed on the way");
    await run(fake, "reprotected", over, prepared);
    expect(fake.writes.slice(1)).to.deep.equal(["reprotect app01"]);
  });

  it("commits first where Azure does not offer the straight way", async () => {
    const fake = await estate();
    const over = await walkRound(fake, ["protected", "failedOver"], prepared);
    const item = fake.items.get(app01.toLowerCase());
    if (!item) throw new Error("no item");
    item.allowedOperations = ["Commit", "DisableProtection"];
    await run(fake, "reprotected", over, prepared);
    expect(fake.writes.slice(1)).to.deep.equal(["failoverCommit app01", "reprotect app01"]);
  });

  it("cancels a failback when reprotected is declared again from failedBack", async () => {
    const fake = await estate();
    const back = await walkRound(
      fake,
      ["protected", "failedOver", "committed", "reprotected", "failedBack"],
      prepared,
    );
    expect((await preview(fake, "reprotected", back, prepared)).lines).to.contain(
      "failedBack -> reprotected (failoverCancel)",
    );
    const again = await run(fake, "reprotected", back, prepared);
    expect(fake.writes.at(-1)).to.equal("failoverCancel app01");
    expect(again.outputs).to.include({ observedStage: "reprotected", lastAppliedStage: "reprotected" });
  });

  it("goes to the end of the turn with through: true and no further, however often it runs", async () => {
    const fake = await estate();
    const all = { ...prepared, through: true };
    const over = await walkRound(fake, ["protected", "failedOver"], all);
    const home = await run(fake, "protected", over, all);
    expect(fake.writes.slice(1)).to.deep.equal([
      "reprotect app01",
      "failback app01",
      "failoverCommit app01",
      "reverseReplicate app01",
    ]);
    const writes = fake.writes.length;
    const settled = await run(fake, "protected", await run(fake, "protected", home, all), all);
    expect(settled.hasChanged).to.equal(false);
    expect(fake.writes.length).to.equal(writes);
    expect(await refusal(run(fake, "protected", await run(fake, "failedOver", home, all), prepared))).to.contain(
      "4 steps",
    );
  });

  it("waits until the data is on-premises before it fails back, and for initial replication at the end", async () => {
    const fake = await estate();
    const committed = await walkRound(fake, ["protected", "failedOver", "committed"], prepared);
    const waited: string[] = [];
    const waitForItem = fake.waitForItem.bind(fake);
    fake.waitForItem = async (id, isReached, options) => {
      const item = fake.items.get(id.toLowerCase());
      waited.push(`${item?.instanceType} ${item?.allowedOperations.join()}`);
      if (item?.instanceType === "InMageRcmFailback")
        item.allowedOperations = ["PlannedFailover", "DisableProtection"];
      return waitForItem(id, isReached, options);
    };
    const setStage = fake.setStage.bind(fake);
    fake.setStage = (id, stage) => {
      setStage(id, stage);
      const item = fake.items.get(id.toLowerCase());
      if (item && stage === "reprotected") item.allowedOperations = ["DisableProtection"];
    };
    await run(fake, "failedBack", committed, { ...prepared, through: true });
    expect(waited).to.deep.equal(["InMageRcmFailback DisableProtection"]);
    expect(fake.writes.slice(2)).to.deep.equal(["reprotect app01", "failback app01"]);
  });

  it("takes Hyper-V machines there planned and back without a reprotect, which is no stage of theirs", async () => {
    const fake = await estate("HyperVReplicaAzure");
    const changes = { kind: "planned", failback: { dataSyncOption: "ForDownTime" } };
    await walkRound(
      fake,
      ["protected", "failedOver", "committed", "failedBack", "failbackCommitted", "protected"],
      changes,
    );
    expect(fake.starts.map((start) => start.kind)).to.deep.equal([
      "plannedFailover",
      "failoverCommit",
      "failback",
      "failoverCommit",
      "reverseReplicate",
    ]);
    expect(fake.starts[2]?.action).to.have.nested.property("settings.dataSyncOption", "ForDownTime");
    const committed = await walkRound(
      await estate("HyperVReplicaAzure"),
      ["protected", "failedOver", "committed"],
      {},
    );
    const other = await estate("HyperVReplicaAzure");
    other.setStage(app01, "committed");
    const { failures } = await preview(other, "reprotected", committed);
    expect(failures.map((failure) => failure.reason).join())
      .to.contain("there is no stage reprotected for this kind of machine")
      .and.to.contain("Legal stages from committed: committed, failedBack");
  });

  it("drives classic machines as they are, with a warning that Azure no longer supports them", async () => {
    const fake = await estate("InMageAzureV2");
    const changes = {
      reprotect: {
        masterTargetId: "F69D",
        processServerId: agent,
        retentionDrive: "R",
        policyId: policyIdOf("daily-failback"),
      },
      reverse: { processServerId: agent, policyId: policyIdOf("classic") },
    };
    const settings = {
      recoveryPointThresholdMinutes: 15,
      recoveryPointRetentionMinutes: 1440,
      appConsistentFrequencyMinutes: 60,
      multiVmSync: false,
    };
    await fake.putPolicy("daily-failback", { ...settings, instanceType: "InMage" });
    await fake.putPolicy("classic", { ...settings, instanceType: "InMageAzureV2" });
    fake.writes.length = 0;
    const made = await run(fake, "protected", undefined, changes);
    expect((await preview(fake, "failedOver", made, changes)).lines).to.contain(
      "Deprecated: these are classic machines",
    );
    await walkRound(
      fake,
      ["protected", "failedOver", "committed", "reprotected", "failedBack", "failbackCommitted", "protected"],
      changes,
    );
    const item = fake.items.get(app01.toLowerCase());
    if (item) item.multiVmGroupName = "shop";
    const committed = await walkRound(fake, ["protected", "failedOver", "committed"], changes);
    expect((await preview(fake, "reprotected", committed, changes)).failures[0]?.reason).to.contain(
      "app01 is in multi-VM group shop",
    );
  });

  it("takes machines between two VMM sites round, straight by reverse replication as recorded", async () => {
    const fake = await estate("HyperVReplica2012R2");
    await walkRound(fake, ["protected", "failedOver", "reprotected", "failedBack", "protected"], {});
    expect(fake.starts.map((start) => start.kind)).to.deep.equal([
      "unplannedFailover",
      "reprotect",
      "failback",
      "reverseReplicate",
    ]);
  });

  it("reprotects the machines of a plan one by one, with their own datastores, and fails them back together", async () => {
    const fake = await estate();
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
      groups: [group("Shutdown"), group("Failover"), group("Boot", db01), group("Boot", app01)],
    });
    fake.writes.length = 0;
    const changes = {
      ...prepared,
      targetId: planIdOf("shop-plan"),
      reprotect: {
        ...(prepared.reprotect as Properties),
        perItem: { DB01: { datastoreName: "Datastore 4" } },
      },
    };
    await walkRound(fake, ["protected", "failedOver", "committed", "reprotected", "failedBack"], changes);
    expect(fake.writes).to.deep.equal([
      "unplannedFailover shop-plan",
      "failoverCommit shop-plan",
      "reprotect db01",
      "reprotect app01",
      "failback shop-plan",
    ]);
    expect(fake.starts[2]?.action).to.have.nested.property("settings.datastoreName", "Datastore 4");
    expect(fake.starts[3]?.action).to.have.nested.property("settings.datastoreName", "Datastore 3");
  });
});

describe("Failover, with more than one thing wrong", () => {
  it("refuses stage, kind, point and settings of the way back at once, naming machine, stage and what is legal", async () => {
    const fake = await estate();
    const at = await run(fake, "protected", undefined, prepared);
    const wrong = {
      kind: "planned",
      recoveryPoint: "latestProcessed",
      failback: { dataSyncOption: "ForDownTime" },
    };
    const { failures } = await failover.check(makeContext(fake), at.inputs, {
      targetId: app01,
      stage: "committed",
      ...prepared,
      ...wrong,
    });
    const of = (property: string) =>
      failures.filter((each) => each.property === property).map((each) => each.reason);
    expect(of("kind").join()).to.contain("here app01 at protected").and.to.contain('allowed: "unplanned"');
    expect(of("recoveryPoint")).to.have.length(1);
    expect(of("failback.dataSyncOption").join()).to.contain("allowed in failback: recoveryPointType");
    expect(of("stage").join())
      .to.contain("stage cannot change from protected to committed")
      .and.to.contain("Legal stages from protected: protected, failedOver");
    expect(failures).to.have.length(4);
  });
});

describe("Failover, the servers of the way back in a preview", () => {
  it("names them in words, as getAppliances lists them, and where the data goes, machine by machine where that differs", async () => {
    const fake = await estate();
    const over = await walkRound(fake, ["protected", "failedOver", "committed"], prepared);
    const preview = async (stage: Stage, at: Resource, changes: Properties) => {
      const checked = await failover.check(makeContext(fake), at.inputs, { targetId: app01, stage, ...changes });
      expect(checked.failures).to.deep.equal([]);
      return (checked.inputs.preview as { lines: string[] }).lines.join("\n");
    };
    const there = await preview("reprotected", over, prepared);
    expect(there).to.contain("By appliance appliance, to datastore Datastore 3.").and.to.not.contain(agent);
    const own = { ...(prepared.reprotect as Properties), perItem: { app01: { datastoreName: "Datastore 4" } } };
    expect(await preview("reprotected", over, { ...prepared, reprotect: own })).to.contain(
      "to datastore Datastore 4",
    );
    let at = over;
    for (const stage of ["reprotected", "failedBack", "failbackCommitted"] as const)
      at = await run(fake, stage, at, prepared);
    const back = await preview("protected", at, prepared);
    expect(back).to.contain("By process server appliance, policy daily.").and.to.not.contain(agent);
  });
});

describe("Failover, the arguments of the way back", () => {
  it("says at protected already what the way back lacks, and stays silent once it is given", async () => {
    const fake = await estate();
    const lacking = (await preview(fake, "protected")).lines;
    expect(lacking).to.contain("The way back is not prepared").and.to.contain("reprotect.datastoreName");
    expect((await preview(fake, "protected", undefined, prepared)).lines).to.not.contain("not prepared");
  });

  it("refuses at protected what is wrong with them, all at once, naming what is allowed", async () => {
    const fake = await estate();
    const { failures } = await preview(fake, "protected", undefined, {
      reprotect: {
        reprotectAgentId: "nobody",
        datastoreName: "Nowhere",
        logStorageAccountId: storageId,
        retentionDrive: "R",
      },
      failback: { dataSyncOption: "ForDownTime", perItem: { ghost: { recoveryPointType: "CrashConsistent" } } },
      reverse: { processServerId: agent, policyId: policyIdOf("none") },
    });
    const told = failures.map((failure) => `${failure.property} ${failure.reason}`).join("\n");
    expect(told).to.match(/reprotect\.reprotectAgentId value "nobody" is not in fabric site1.*allowed: 83629832/);
    expect(told).to.match(/reprotect\.retentionDrive value "R" is not for modernised/);
    expect(told).to.match(/failback\.dataSyncOption value "ForDownTime" is not for modernised.*recoveryPointType/);
    expect(told).to.match(/failback\.perItem\["ghost"\] names no machine of this target; allowed: app01/);
    expect(told).to.match(
      /reverse\.policyId value .* is not in the vault; allowed: a policy for InMageRcm such as .*daily/,
    );
    const { failures: unreachable } = await preview(fake, "protected", undefined, {
      reprotect: { ...(prepared.reprotect as Properties), datastoreName: "Nowhere" },
    });
    expect(unreachable[0]?.reason).to.contain("allowed: Datastore 3, Datastore 4");
  });

  it("says that physical servers come back as VMware machines, and are not overwritten themselves", async () => {
    const fake = await estate();
    const item = fake.items.get(app01.toLowerCase());
    if (item) item.discoveryType = "Physical";
    const over = await walkRound(fake, ["protected", "failedOver", "committed"], prepared);
    expect((await preview(fake, "reprotected", over, prepared)).lines).to.contain(
      "Physical servers come back as VMware machines in that datastore, and are themselves left as they are: app01.",
    );
  });

  it("refuses a datastore and a retention volume that the master target of classic machines does not have", async () => {
    const fake = await estate("InMageAzureV2");
    const target = { id: "mt", name: "mt1", datastores: ["ds1"], retentionVolumes: ["R"] };
    fake.fabrics.splice(0, 1, { ...fabric, instanceType: "VMware", masterTargets: [target] });
    const { failures } = await preview(fake, "protected", undefined, {
      reprotect: { masterTargetId: "MT", datastoreName: "ds9", retentionDrive: "Q" },
    });
    expect(failures.map(({ property, reason }) => `${property} ${reason}`)).to.deep.equal([
      'reprotect.datastoreName value "ds9" cannot be reached by master target mt1; allowed: ds1',
      'reprotect.retentionDrive value "Q" cannot be reached by master target mt1; allowed: R',
    ]);
  });

  it("tells what most of many machines share once, and of a machine what it has of its own", async () => {
    const fake = await estate();
    const names = ["app01", "db01", "web01", "web02", "web03", "web04"];
    for (const name of names.slice(2)) fake.addItem(name);
    await fake.putPlan(planIdOf("all"), {
      primaryFabricId: "f",
      recoveryFabricId: "Microsoft Azure",
      failoverDeploymentModel: "ResourceManager",
      groups: [
        {
          groupType: "Boot",
          replicatedItemIds: names.map(itemIdOf),
          startGroupActions: [],
          endGroupActions: [],
        },
      ],
    });
    const own = { db01: { datastoreName: "Datastore 4" } };
    const program = {
      ...prepared,
      targetId: planIdOf("all"),
      reprotect: { ...(prepared.reprotect as Properties), perItem: own },
    };
    const at = await walkRound(fake, ["protected", "failedOver"], program);
    for (const name of names.slice(0, 3)) fake.portal(itemIdOf(name), "failoverCommit");
    const { inputs } = await failover.check(makeContext(fake), at.inputs, { ...program, stage: "reprotected" });
    const told = (inputs.preview as { lines: string[] }).lines.join("\n");
    expect(told).to.contain(
      "db01: by appliance appliance, to datastore Datastore 4; the others: by appliance appliance, to datastore Datastore 3.",
    );
    expect(told).to.contain(
      "boot group 1: app01, db01, web01 now at committed; web02, web03, web04 now at failedOver",
    );
  });

  it("refuses a host that the Hyper-V site does not have, at the machine that names it, and names one that it has", async () => {
    const fake = await estate("HyperVReplicaAzure");
    const host = { id: "0f0f0f0f-1111-4222-8333-444444444444", name: "host2" };
    fake.fabrics.splice(0, 1, { ...fabric, instanceType: "HyperVSite", hyperVHosts: [host] });
    const onHost = (providerIdForAlternateRecovery: string) => ({
      failback: { perItem: { app01: { dataSyncOption: "ForDownTime", providerIdForAlternateRecovery } } },
    });
    const { failures } = await preview(fake, "protected", undefined, onHost("/a/b/nobody"));
    expect(failures).to.deep.equal([
      {
        property: 'failback.perItem["app01"].providerIdForAlternateRecovery',
        reason: `value "/a/b/nobody" is not in fabric site1 of app01; allowed: ${host.id} (host2)`,
      },
    ]);
    const given = onHost(`/fabrics/site1/replicationRecoveryServicesProviders/${host.id.toUpperCase()}`);
    const at = await walkRound(fake, ["protected", "failedOver", "committed"], given);
    expect((await preview(fake, "failedBack", at, given)).lines).to.contain("on host host2");
  });

  it("refuses a walk that needs what is missing before its first step, also one that is still at protected", async () => {
    const fake = await estate();
    const made = await run(fake, "protected");
    const { failures } = await preview(fake, "reprotected", made, { through: true });
    expect(failures.map((failure) => failure.property)).to.deep.equal([
      "reprotect.reprotectAgentId",
      "reprotect.datastoreName",
      "reprotect.logStorageAccountId",
    ]);
    expect(fake.writes).to.deep.equal([]);
  });

  it("refuses a planned failover of VMware machines with the reason, and of Hyper-V ones with another point", async () => {
    const vmware = await preview(await estate(), "protected", undefined, { kind: "planned" });
    expect(vmware.failures).to.have.length(1);
    expect(vmware.failures[0]?.reason).to.contain("unplanned only");
    const hyperV = await preview(await estate("HyperVReplicaAzure"), "protected", undefined, {
      kind: "planned",
      recoveryPoint: "latestProcessed",
      shutdownSource: false,
    });
    expect(hyperV.failures.map((failure) => failure.property)).to.have.members([
      "recoveryPoint",
      "shutdownSource",
    ]);
  });

  it("says in the preview of failedOver that managed disks cannot go back to Hyper-V, and refuses it at failedBack", async () => {
    const fake = await estate("HyperVReplicaAzure");
    const item = fake.items.get(app01.toLowerCase());
    if (item) item.usesManagedDisks = true;
    const made = await run(fake, "protected");
    expect((await preview(fake, "failedOver", made)).lines).to.contain(
      "Finding: app01 replicates to managed disks",
    );
    const committed = await run(fake, "committed", await run(fake, "failedOver", made));
    const { failures } = await preview(fake, "failedBack", committed);
    expect(failures[0]).to.include({ property: "stage" });
    expect(failures[0]?.reason).to.contain("storage account");
  });

  it("needs the certificate of an encrypting cloud, takes it by reference alone, and keeps it out of the state", async () => {
    const fake = await estate("HyperVReplicaAzure");
    const item = fake.items.get(app01.toLowerCase());
    if (item) item.isEncrypted = true;
    expect((await preview(fake, "protected")).failures[0]).to.include({ property: "encryption" });
    const variable = "SITERECOVERY_TEST_CERTIFICATE";
    const encryption = { primaryCertificate: { environmentVariable: variable } };
    expect((await preview(fake, "protected", undefined, { encryption })).failures[0]?.reason).to.contain(
      `environment variable ${variable} is not set`,
    );
    process.env[variable] = "c2VjcmV0LXBmeA==";
    try {
      const over = await run(fake, "failedOver", await run(fake, "protected", undefined, { encryption }), {
        encryption,
      });
      expect(fake.starts[0]?.action).to.have.nested.property("certificates.primary", "c2VjcmV0LXBmeA==");
      expect(JSON.stringify(over)).to.not.contain("c2VjcmV0");
    } finally {
      delete process.env[variable];
    }
    const file = { primaryCertificate: { file: "/no/such/certificate.pfx" } };
    expect((await preview(fake, "protected", undefined, { encryption: file })).failures[0]?.reason).to.contain(
      "cannot be read (ENOENT)",
    );
  });
});

describe("Failover, waiting for a person", () => {
  const manual = {
    tasks: [
      {
        name: "ManualAction",
        friendlyName: "Manual action",
        state: "Suspended",
        errors: [],
        children: [],
        manualAction: { name: "tell the help desk", instructions: "Call 4711." },
      },
    ],
  };

  it("ends well with what a person must do, goes on by the next up that names it, and starts nothing twice", async () => {
    const fake = await estate();
    const made = await run(fake, "protected");
    fake.suspensions.push(manual);
    const waiting = await run(fake, "failedOver", made);
    expect(waiting.outputs.waitingFor).to.include({ kind: "manualAction", name: "tell the help desk" });
    expect(waiting.outputs).to.have.nested.property("waitingFor.instructions").that.contains("Call 4711.");
    expect(waiting.outputs.walk).to.include({ from: "protected", to: "failedOver" });
    const still = await run(fake, "failedOver", waiting);
    expect(still.outputs.waitingFor).to.include({ name: "tell the help desk" });
    const over = await run(fake, "failedOver", still, { completed: ["tell the help desk"] });
    expect(over.outputs).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
    expect(over.outputs).to.not.have.any.keys("waitingFor", "walk");
    expect(fake.writes).to.deep.equal(["unplannedFailover app01", "resumeJob UnplannedFailover"]);
  });

  it("goes on after a kill that lost the answer: the job is found waiting and the walk stays what it was", async () => {
    const fake = await estate();
    const made = await run(fake, "protected");
    fake.suspensions.push(manual);
    await run(fake, "failedOver", made);
    const waiting = await run(fake, "failedOver", made);
    expect(waiting.outputs.walk).to.include({ from: "protected", to: "failedOver" });
    const over = await run(fake, "failedOver", waiting, { completed: ["tell the help desk"] });
    expect(over.outputs).to.include({ observedStage: "failedOver" });
    expect(fake.writes).to.deep.equal(["unplannedFailover app01", "resumeJob UnplannedFailover"]);
  });

  it("does not take a name for done that stood in completed before the wait began", async () => {
    const fake = await estate();
    const completed = ["tell the help desk"];
    const made = await run(fake, "protected", undefined, { completed });
    fake.suspensions.push(manual);
    const waiting = await run(fake, "failedOver", made, { completed });
    const still = await run(fake, "failedOver", waiting, { completed });
    expect(still.outputs).to.have.nested.property("waitingFor.instructions").that.contains("take it out");
    const out = await run(fake, "failedOver", still);
    const over = await run(fake, "failedOver", out, { completed });
    expect(over.outputs).to.include({ observedStage: "failedOver" });
    expect(fake.writes.filter((write) => write.startsWith("resumeJob"))).to.have.length(1);
  });

  it("waits before it completes a Hyper-V failback that has synchronised its data", async () => {
    const fake = await estate("HyperVReplicaAzure");
    const committed = await walkRound(fake, ["protected", "failedOver", "committed"], {});
    fake.suspensions.push({ tasks: [] });
    const waiting = await run(fake, "failedBack", committed);
    expect(waiting.outputs.waitingFor).to.include({
      kind: "completeFailover",
      name: "complete failover of app01",
    });
    const back = await run(fake, "failedBack", waiting, { completed: ["complete failover of app01"] });
    expect(back.outputs).to.include({ observedStage: "failedBack", lastAppliedStage: "failedBack" });
    expect(fake.writes.slice(2)).to.deep.equal(["failback app01", "resumeJob PlannedFailover"]);
  });

  it("ends a drill well at a manual action, and brings its evidence once the action is completed", async () => {
    const fake = await estate();
    fake.addNetwork(networkIdOf("test"), "10.9.0.0/16");
    fake.suspensions.push(manual);
    const program = { targetId: app01, testNetworkId: networkIdOf("test") };
    const waiting = await up(testFailover, makeContext(fake), program);
    expect(waiting.outputs).to.include({ status: "running" });
    expect(waiting.outputs.waitingFor).to.include({ kind: "manualAction", name: "tell the help desk" });
    const done = await up(
      testFailover,
      makeContext(fake),
      { ...program, completed: ["tell the help desk"] },
      waiting,
    );
    expect(done.outputs).to.include({ status: "waitingForCleanup" });
    expect(done.outputs).to.not.have.property("waitingFor");
    expect(fake.writes).to.deep.equal(["testFailover app01", "resumeJob TestFailover"]);
  });
});
