import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { expect } from "chai";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { unknownMarker } from "../../../../provider/connectivity/unknown.js";
import type { Properties } from "../../../../provider/resources/handler.js";
import { type Emulator, type LogEntry, startEmulator } from "../../../../rehearsal/emulator/index.js";
import {
  bareEstate,
  itemId,
  networkId,
  planId,
  protectedEstate,
  vaultConfig,
  vaultId,
} from "../../../e2e/drill/estate.js";
import { CallFailed, PluginProcess, secret, typeOf, urnOf } from "./pluginProcess.js";

const schemaFile = join(__dirname, "../../../../schema.json");
const vault = Object.fromEntries(
  Object.entries(vaultConfig).map(([key, value]) => [key.replace("siterecovery:", ""), value]),
);
const policy = { name: "gold", instanceType: "InMageRcm" };

async function failure(work: Promise<unknown>): Promise<CallFailed> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CallFailed) return error;
    throw error;
  }
  throw new Error("the call succeeded");
}

describe("the plugin over its protocol", function () {
  this.timeout(120_000);
  let emulator: Emulator;
  let plugin: PluginProcess;

  async function begin(options: Parameters<typeof startEmulator>[0] = {}): Promise<void> {
    emulator = await startEmulator({ estate: bareEstate(), speed: 20_000, ...options });
    plugin = await PluginProcess.start({ SITERECOVERY_ENDPOINT: emulator.origin }, () =>
      readFile(schemaFile, "utf8"),
    );
    // The history has tests of its own, and none of them writes into this project.
    await plugin.configure({ ...vault, evidenceDirectory: "none" });
  }
  const writes = () => emulator.log().filter(({ method }: LogEntry) => method !== "GET");

  afterEach(async () => {
    plugin.stop();
    await emulator.stop();
  });

  it("says its version, its schema, and that it takes secrets and previews", async () => {
    await begin();
    const answer = await plugin.configure(vault);
    expect(answer.toObject()).to.include({ acceptsecrets: true, supportspreview: true, acceptresources: false });
    const info = await plugin.call<pluginMessages.PluginInfo>((done) =>
      plugin.raw.getPluginInfo(new empty.Empty(), done),
    );
    expect(info.getVersion()).to.equal("1.2.3");
    const schema = await plugin.call<provider.GetSchemaResponse>((done) =>
      plugin.raw.getSchema(new provider.GetSchemaRequest(), done),
    );
    expect(JSON.parse(schema.getSchema()).resources).to.have.property(typeOf("Failover"));
  });

  it("refuses a type or a function that is none, naming those that are", async () => {
    await begin();
    expect((await failure(plugin.check("Gateway", {}))).message).to.match(
      /is no resource of siterecovery.*ReplicationPolicy/,
    );
    expect((await failure(plugin.invoke("siterecovery:index:nothing", {}))).message).to.match(
      /is no function of siterecovery.*getProtectableMachines/,
    );
  });

  it("names all problems of the configuration at once, and takes values, texts and JSON texts", async () => {
    emulator = await startEmulator();
    plugin = await PluginProcess.start({});
    const failures = await plugin.checkConfig({
      subscriptionId: "mine",
      useOidc: "maybe",
      endpoint: "http://example.com",
      region: "west",
      pollIntervalSeconds: "0",
    });
    expect(failures.map(({ property }) => property).sort()).to.deep.equal(
      ["endpoint", "pollIntervalSeconds", "region", "subscriptionId", "useOidc"].sort(),
    );
    const cloud = {
      endpoint: "https://arm.example.com",
      authority: "https://login.example.com",
      audience: "https://arm.example.com",
    };
    for (const given of [cloud, JSON.stringify(cloud), "usgov", "China"])
      expect(
        await plugin.checkConfig({ ...vault, cloud: given, pollIntervalSeconds: "2.5", useMsi: "true" }),
      ).to.deep.equal([]);
    expect((await plugin.checkConfig({ cloud: { ...cloud, authority: "http://x" } }))[0]?.reason).to.contain(
      "authority",
    );
    const refused = await failure(plugin.configure({ ...vault, cloud: "mars", maxThrottleWaitSeconds: "x" }));
    expect(refused.message).to.match(/siterecovery:maxThrottleWaitSeconds .*siterecovery:cloud /);
  });

  it("asks for a replacement never when a configuration changed", async () => {
    await begin();
    const request = new provider.DiffRequest();
    const answer = await plugin.call<provider.DiffResponse>((done) => plugin.raw.diffConfig(request, done));
    expect(answer.getReplacesList()).to.deep.equal([]);
    expect(answer.getChanges()).to.equal(provider.DiffResponse.DiffChanges.DIFF_NONE);
  });

  it("previews a create with its whole outputs, and writes nothing", async () => {
    await begin();
    const { inputs, failures } = await plugin.check("ReplicationPolicy", policy);
    expect(failures).to.deep.equal([]);
    const before = emulator.log().length;
    const { id, outputs } = await plugin.create("ReplicationPolicy", inputs, { preview: true });
    expect(id).to.equal("");
    expect(outputs).to.include({
      policyId: `${vaultId}/replicationPolicies/gold`,
      recoveryPointRetentionMinutes: 1440,
    });
    expect(emulator.log().length).to.equal(before);
    const item = await plugin.create("ReplicatedItem", { name: "x", targetVmName: "y" }, { preview: true });
    expect(item.outputs).to.include({ protectionState: unknownMarker, failoverVmName: "y" });
  });

  it("previews a failover at the stage that it will reach, with the plan, and shows both on the resource", async () => {
    await begin({ estate: protectedEstate() });
    const given = { targetId: planId, stage: "failedOver", startFrom: "protected@never" };
    const { inputs, failures } = await plugin.check("Failover", given);
    expect(failures).to.deep.equal([]);
    const { outputs } = await plugin.create("Failover", inputs, { preview: true });
    expect(outputs).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
    expect(outputs.connectivityPlan).to.have.property("machines").with.lengthOf(2);
    const [line] = plugin.lines;
    expect(line).to.include({ urn: urnOf("Failover"), severity: "info", ephemeral: false });
    expect(line?.message).to.match(/goes from protected to failedOver[\s\S]*Cannot be undone[\s\S]*db01 .*RDP/);
    expect(writes()).to.deep.equal([]);
  });

  it("leaves showing to the program where the program's classes do it, and echoes their key", async () => {
    await begin({ estate: protectedEstate() });
    const given = { targetId: planId, stage: "protected", __provider: "a line" };
    const { inputs } = await plugin.check("Failover", given);
    expect(inputs.__provider).to.equal("a line");
    const { outputs } = await plugin.create("Failover", inputs, { preview: true });
    expect(outputs.__provider).to.equal("a line");
    expect(plugin.lines).to.deep.equal([]);
    const created = await plugin.create("Failover", inputs);
    expect(created.outputs.__provider).to.equal("a line");
    const read = await plugin.read("Failover", created.id, { inputs, outputs: created.outputs });
    expect(read.outputs.__provider).to.equal("a line");
    expect(read.inputs).to.deep.equal(inputs);
    const { __provider: _line, ...withoutLine } = created.outputs;
    const diff = await plugin.diff("Failover", created.id, { inputs, outputs: withoutLine }, inputs);
    expect(diff.changes).to.equal("none");
  });

  it("names differences path by path, and what they do", async () => {
    await begin({ estate: protectedEstate() });
    const { inputs: first } = await plugin.check("RecoveryPlan", {
      name: "second",
      fabricName: "shop-fabric",
      bootGroups: [{ replicatedItemIds: [itemId("db01")] }],
    });
    const { inputs: second } = await plugin.check("RecoveryPlan", {
      name: "second",
      fabricName: "shop-fabric",
      failoverDeploymentModel: "Classic",
      bootGroups: [{ replicatedItemIds: [itemId("db01")] }, { replicatedItemIds: [itemId("web01")] }],
      timeoutMinutes: 20,
    });
    const diff = await plugin.diff("RecoveryPlan", planId, { inputs: first, outputs: first }, second);
    expect(diff).to.deep.equal({
      changes: "some",
      replaces: ["failoverDeploymentModel"],
      deleteBeforeReplace: true,
      detailed: { failoverDeploymentModel: "update_replace", "bootGroups[1]": "add", timeoutMinutes: "update" },
    });
  });

  it("creates, reads, updates and deletes in Azure, and reads a thing that is gone as gone", async () => {
    await begin();
    const { inputs } = await plugin.check("ReplicationPolicy", policy);
    const { id, outputs } = await plugin.create("ReplicationPolicy", inputs);
    expect(id).to.equal(`${vaultId}/replicationPolicies/gold`);
    const { inputs: changed } = await plugin.check(
      "ReplicationPolicy",
      { ...policy, recoveryPointRetentionMinutes: 60 },
      inputs,
    );
    const updated = await plugin.update("ReplicationPolicy", id, outputs, changed);
    expect(updated.recoveryPointRetentionMinutes).to.equal(60);
    const read = await plugin.read("ReplicationPolicy", id, { inputs: changed, outputs: updated });
    expect(read).to.deep.include({ id, inputs: changed });
    // In the run that made it a delete only forgets: a rename would else take away what it just adopted.
    await plugin.delete("ReplicationPolicy", id, updated);
    expect((await plugin.read("ReplicationPolicy", id, { inputs: changed, outputs: updated })).id).to.equal(id);
    plugin.stop();
    plugin = await PluginProcess.start({ SITERECOVERY_ENDPOINT: emulator.origin });
    await plugin.configure(vault);
    await plugin.delete("ReplicationPolicy", id, updated);
    expect((await plugin.read("ReplicationPolicy", id, { inputs: changed, outputs: updated })).id).to.equal("");
  });

  it("takes over by id alone what was made elsewhere, with the inputs that a program would declare", async () => {
    await begin({ estate: protectedEstate() });
    const read = await plugin.read("ReplicatedItem", itemId("db01"));
    expect(read.inputs).to.include({ name: "db01", fabricName: "shop-fabric", timeoutMinutes: 480 });
    const { inputs, failures } = await plugin.check("ReplicatedItem", read.inputs, read.inputs);
    expect(failures).to.deep.equal([]);
    const diff = await plugin.diff("ReplicatedItem", read.id, read, inputs);
    expect(diff.changes, JSON.stringify(diff)).to.equal("none");
    expect((await plugin.read("ReplicatedItem", itemId("nobody"))).id).to.equal("");
    expect((await failure(plugin.read("ReplicatedItem", planId))).message).to.contain("is not an id of this kind");
    expect((await failure(plugin.read("TestFailover", planId))).message).to.contain("cannot be imported");
  });

  it("imports a failover at the stage it is at, and starts nothing for a program that declares another", async () => {
    await begin({ estate: protectedEstate() });
    const read = await plugin.read("Failover", planId);
    expect(read.inputs).to.include({ targetId: planId, stage: "protected" });
    expect(read.outputs).to.include({ observedStage: "protected", lastAppliedStage: "protected" });
    const same = await plugin.check("Failover", { targetId: planId, stage: "protected" }, read.inputs);
    expect(same.failures).to.deep.equal([]);
    expect((await plugin.diff("Failover", planId, read, same.inputs)).changes).to.equal("none");
    const other = await plugin.check("Failover", { targetId: planId, stage: "failedOver" }, read.inputs);
    expect(other.failures[0]?.reason).to.contain('startFrom: "protected@never"');
    const later = await plugin.check("Failover", { targetId: planId, stage: "failedOver" }, same.inputs);
    expect(later.failures).to.deep.equal([]);
  });

  it("keeps secrets wrapped where they were and wherever their text turns up, and out of messages", async () => {
    await begin({ estate: protectedEstate() });
    const canary = "canary-4711";
    const given = {
      targetId: planId,
      testNetworkId: networkId("shop-drill"),
      comments: secret(canary),
      triggers: ["open", secret({ code: `${canary}-inner` })],
    };
    const { inputs } = await plugin.check("TestFailover", given);
    expect(inputs.comments).to.deep.equal(secret(canary));
    expect(inputs.triggers).to.deep.equal(["open", secret({ code: `${canary}-inner` })]);
    const { outputs } = await plugin.create("TestFailover", inputs);
    expect(outputs.comments).to.deep.equal(secret(canary));
    const read = await plugin.read("TestFailover", planId, { inputs, outputs });
    expect(unwrapped(read)).to.not.contain(canary);
    expect(unwrapped({ inputs, outputs })).to.not.contain(canary);
    const wrong = await plugin.check("ReplicationPolicy", {
      name: secret(`${canary} !`),
      instanceType: secret("Nope"),
    });
    expect(JSON.stringify(wrong.failures)).to.contain("[secret]").and.not.contain(canary).and.not.contain("Nope");
    const gone = await failure(
      plugin.create("ReplicationPolicy", { ...vault, name: "x", vaultName: secret(canary) }),
    );
    expect(gone.message).to.not.contain(canary);
    expect(JSON.stringify(plugin.lines)).to.not.contain(canary);
  });

  it("ends a wait at Cancel with the state so far, leaves the job alone, and starts nothing more", async () => {
    await begin({ estate: protectedEstate(), speed: 60 });
    const { inputs } = await plugin.check("TestFailover", {
      targetId: planId,
      testNetworkId: networkId("shop-drill"),
    });
    const passing = plugin.nextLine(({ ephemeral }) => ephemeral);
    const creating = failure(plugin.create("TestFailover", inputs));
    await passing;
    await plugin.cancel();
    const { partial } = await creating;
    expect(partial).to.deep.include({ id: planId });
    expect(partial?.properties).to.include({ status: "running" });
    expect(partial?.reasons.join("\n")).to.match(/stopped waiting.*\n.*Run `pulumi up` again/);
    const written = writes().length;
    const { inputs: other } = await plugin.check("ReplicationPolicy", policy);
    expect((await failure(plugin.create("ReplicationPolicy", other))).message).to.contain("cancelled");
    expect(writes().length).to.equal(written);
  });

  it("tells a job's tasks on the resource as passing lines, not one for each change", async () => {
    await begin({ estate: protectedEstate() });
    const { inputs } = await plugin.check("TestFailover", {
      targetId: planId,
      testNetworkId: networkId("shop-drill"),
    });
    plugin.lines.length = 0;
    await plugin.create("TestFailover", inputs);
    const passing = plugin.lines.filter(({ ephemeral }) => ephemeral);
    expect(passing.length).to.be.within(1, 3);
    for (const line of plugin.lines) expect(line.urn).to.equal(urnOf("TestFailover"));
  });

  it("carries the whole state and every reason of a failure that left something behind", async () => {
    await begin({ estate: protectedEstate(), speed: 60 });
    // Node's own client takes 64 kB here; the real engine takes 16 MB.
    const note = "x".repeat(30_000);
    const { inputs } = await plugin.check("TestFailover", {
      targetId: planId,
      testNetworkId: networkId("shop-drill"),
      triggers: [note],
    });
    const { partial } = await failure(plugin.create("TestFailover", inputs, { timeout: 1 }));
    expect(partial?.properties.triggers).to.deep.equal([note]);
    expect(partial?.reasons.join("\n")).to.contain("the bound for waiting");
  });

  it("starts nothing when the engine that asked for it is gone", async () => {
    await begin();
    plugin.beforeWrite = () => Promise.reject(new Error("the engine that asked for this change is gone"));
    const { inputs } = await plugin.check("ReplicationPolicy", policy);
    expect((await failure(plugin.create("ReplicationPolicy", inputs))).message).to.contain("is gone");
    expect(writes()).to.deep.equal([]);
  });

  it("answers a function, and names every wrong argument", async () => {
    await begin();
    const { result } = await plugin.invoke(typeOf("getProtectableMachines"), { fabricName: "shop-fabric" });
    expect((result.machines as Properties[]).map(({ name }) => name)).to.deep.equal(["db01", "web01"]);
    const { failures } = await plugin.invoke(typeOf("getProtectableMachines"), { fabric: "x" });
    expect(failures.map(({ property }) => property).sort()).to.deep.equal(["fabric", "fabricName"]);
    expect(
      (await failure(plugin.invoke(typeOf("getProtectableMachines"), { fabricName: "none" }))).message,
    ).to.contain('reading fabric "none"');
  });
});

/** The text of properties without what is wrapped as a secret. */
function unwrapped(value: unknown): string {
  const open = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(open);
    if (typeof inner !== "object" || inner === null) return inner;
    if ("4dabf18193072939515e22adb298388d" in inner) return "[wrapped]";
    return Object.fromEntries(Object.entries(inner).map(([key, child]) => [key, open(child)]));
  };
  return JSON.stringify(open(value));
}
