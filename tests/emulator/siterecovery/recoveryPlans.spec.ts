import { expect } from "chai";
import { type Body, describeSiteRecovery, type SiteRecovery } from "./describeSiteRecovery.js";

const plans = "/replicationRecoveryPlans";
const itemId = (site: SiteRecovery, name: string) =>
  `${site.vault}${site.container}/replicationProtectedItems/${name}`;
const boot = (site: SiteRecovery, names: string[], more: object = {}) => ({
  groupType: "Boot",
  replicationProtectedItems: names.map((name) => ({ id: itemId(site, name) })),
  ...more,
});
const plan = (site: SiteRecovery, groups: unknown[]) => ({
  properties: {
    primaryFabricId: `${site.vault}/replicationFabrics/shop-vault-vmwarefabric`,
    recoveryFabricId: "Microsoft Azure",
    failoverDeploymentModel: "ResourceManager",
    groups,
  },
});
const drill = (site: SiteRecovery, recoveryPointType = "Latest") => ({
  properties: {
    failoverDirection: "PrimaryToRecovery",
    networkType: "VmNetworkAsInput",
    networkId: site.network("drill"),
    providerSpecificDetails: [{ instanceType: "InMageRcm", recoveryPointType }],
  },
});
const failover = {
  properties: {
    failoverDirection: "PrimaryToRecovery",
    sourceSiteOperations: "Required",
    providerSpecificDetails: [{ instanceType: "InMageRcm", recoveryPointType: "Latest" }],
  },
};
const manual = (failoverTypes: string[]) => ({
  actionName: "check the books",
  failoverTypes,
  failoverDirections: ["PrimaryToRecovery"],
  customDetails: { instanceType: "ManualActionDetails", description: "Look at the last booking" },
});
const get = async (site: SiteRecovery, name: string) =>
  (await site.send("GET", `${plans}/${name}`)).body.properties;

describeSiteRecovery("recovery plans", (current) => {
  it("come back with a Shutdown and a Failover group in front, and echo what was written", async () => {
    const site = current();
    const groups = [boot(site, ["web01"], { endGroupActions: [manual(["TestFailover"])] }), boot(site, ["app01"])];
    expect((await site.run("PUT", `${plans}/Two`, plan(site, groups))).status).to.equal("Succeeded");
    const read = await get(site, "two");
    expect(read.groups.map((group) => (group as unknown as { groupType: string }).groupType)).to.deep.equal([
      "Shutdown",
      "Failover",
      "Boot",
      "Boot",
    ]);
    expect(read.groups[2]).to.deep.include({ endGroupActions: [manual(["TestFailover"])], startGroupActions: [] });
    expect(read.allowedOperations).to.deep.equal(["UnplannedFailover", "TestFailover"]);
    const again = await site.run("PUT", `${plans}/Two`, {
      properties: { ...plan(site, []).properties, groups: read.groups },
    });
    expect(again.status).to.equal("Succeeded");
    expect((await get(site, "Two")).groups).to.deep.equal(read.groups);
    const listed = (await site.send("GET", plans)).body.value;
    expect(listed.map((each) => [each.name, each.properties.groups])).to.deep.include(["Two", []]);
  });

  it("are refused with every problem at once: one item in two groups, an unknown item, no Boot group, bad types", async () => {
    const site = current();
    const bad = await site.send(
      "PUT",
      `${plans}/bad`,
      plan(site, [boot(site, ["web01", "nobody"]), boot(site, ["WEB01"])]),
    );
    expect(bad.status).to.equal(400);
    const messages = bad.body.error.details.map((each) => each.message);
    expect(messages).to.have.length(2);
    expect(messages.join()).to.contain("nobody").and.to.contain("'web01' is already in group 0");
    const empty = await site.send("PUT", `${plans}/bad`, plan(site, []));
    expect(empty.body.error.details[0]?.message).to.contain("no Boot group");
    const eight = Array.from({ length: 8 }, () => boot(site, []));
    expect((await site.send("PUT", `${plans}/bad`, plan(site, eight))).body.error.message).to.contain(
      "allowed: 1-7",
    );
    expect((await site.send("GET", `${plans}/bad`)).status).to.equal(404);
  });

  it("fail over all machines side by side, then start the boot groups one after another", async () => {
    const site = current();
    const { status, job } = await site.run("POST", `${plans}/shop/testFailover`, drill(site));
    expect(status).to.equal("Succeeded");
    const [, failoverGroup, first, second] = job.tasks;
    const children = (task: Body | undefined) => task?.groupTaskCustomDetails.childTasks ?? [];
    expect(children(failoverGroup).map((task) => task.customDetails.jobTask.targetObjectName)).to.deep.equal([
      "app01",
      "web01",
      "old01",
    ]);
    expect(new Set(children(failoverGroup).map((task) => task.startTime)).size).to.equal(1);
    expect(children(first).map((task) => task.customDetails.jobTask.targetObjectName)).to.deep.equal(["app01"]);
    expect(children(second).map((task) => task.customDetails.jobTask.targetObjectName)).to.deep.equal([
      "web01",
      "old01",
    ]);
    expect(Date.parse(String(second?.startTime))).to.be.at.least(Date.parse(String(first?.endTime)));
    // Only the machine that needs it takes longer.
    const [web, old] = children(second).map(
      (task) => (Date.parse(task.endTime) - Date.parse(task.startTime)) / 60_000,
    );
    expect([Math.round(web ?? 0), Math.round(old ?? 0)]).to.deep.equal([2, 11]);
    const waiting = await get(site, "shop");
    expect(waiting).to.include({
      currentScenarioStatus: "Suspended",
      currentScenarioStatusDescription: "WaitingForStopTestFailover",
    });
    expect(waiting.allowedOperations).to.deep.equal(["TestFailoverCleanup"]);
    expect(
      (await site.run("POST", `${plans}/shop/testFailoverCleanup`, { properties: { comments: "ok" } })).status,
    ).to.equal("Succeeded");
    const machines = await site.send("GET", `${site.group}/providers/Microsoft.Compute/virtualMachines`);
    expect(machines.body.value).to.deep.equal([]);
    expect((await get(site, "shop")).allowedOperations).to.deep.equal(["UnplannedFailover", "TestFailover"]);
  });

  it("wait at a manual action until the job is resumed", async () => {
    const site = current();
    const groups = [boot(site, ["app01"], { endGroupActions: [manual(["TestFailover"])] }), boot(site, ["web01"])];
    await site.run("PUT", `${plans}/manual`, plan(site, groups));
    const started = await site.send("POST", `${plans}/manual/testFailover`, drill(site));
    const name = started.headers.get("location")?.replace(/\?.*$/, "").split("/").at(-1);
    await site.advance(3600);
    const job = async () => (await site.send("GET", `/replicationJobs/${name}`)).body.properties;
    const waiting = await job();
    expect(waiting.state).to.equal("Suspended");
    expect(waiting.allowedActions).to.deep.equal(["Cancel", "Resume"]);
    const task = waiting.tasks.find((each) => each.state === "Suspended");
    expect(task?.customDetails).to.include({
      instanceType: "ManualActionTaskDetails",
      instructions: "Look at the last booking",
    });
    await site.advance(3600);
    expect((await job()).state).to.equal("Suspended");
    const resumed = await site.run("POST", `/replicationJobs/${name}/resume`, {
      properties: { comments: "looked" },
    });
    expect(resumed.status).to.equal("Succeeded");
    await site.advance(600);
    expect((await job()).state).to.equal("Succeeded");
    const refused = await site.send("POST", `/replicationJobs/${name}/resume`, { properties: { comments: "" } });
    expect([refused.status, refused.body.error.details[0]?.code]).to.deep.equal([400, "JobActionNotAllowed"]);
  });

  it("go on without a machine that fails, and end as partially succeeded", async () => {
    const site = current();
    await site.admin("POST", "faults", {
      kind: "failTask",
      taskName: "VmFailover",
      targetName: "web01",
      times: 1,
    });
    const { status, job } = await site.run("POST", `${plans}/shop/unplannedFailover`, failover);
    expect(status).to.equal("Succeeded");
    expect(job.state).to.equal("PartiallySucceeded");
    expect((await site.item("app01")).activeLocation).to.equal("Recovery");
    expect((await site.item("web01")).activeLocation).to.equal("Primary");
    expect((await get(site, "shop")).allowedOperations).to.deep.equal(["Commit"]);
    expect((await site.run("POST", `${plans}/shop/failoverCommit`)).status).to.equal("Succeeded");
    expect((await site.item("app01")).protectionState).to.equal("UnplannedFailoverCommitted");
    expect((await site.item("web01")).protectionState).to.equal("UnplannedFailoverFailed");
  });

  it("refuse to start while one of their machines is busy or cannot, naming it", async () => {
    const site = current();
    const one = {
      failoverDirection: "PrimaryToRecovery",
      networkType: "VmNetworkAsInput",
      networkId: site.network("drill"),
    };
    await site.run("POST", `${site.container}/replicationProtectedItems/web01/testFailover`, {
      properties: { ...one, providerSpecificDetails: { instanceType: "InMageRcm" } },
    });
    const refused = await site.send("POST", `${plans}/shop/unplannedFailover`, failover);
    expect(refused.status).to.equal(400);
    expect(refused.body.error.message).to.contain("'web01' is in Protected, test failover WaitingForCompletion");
  });

  it("can be changed and deleted, and hold back what they contain", async () => {
    const site = current();
    const patch = { properties: { groups: [boot(site, ["old01"])] } };
    expect((await site.run("PATCH", `${plans}/shop`, patch)).status).to.equal("Succeeded");
    expect((await get(site, "shop")).groups).to.have.length(3);
    const remove = { properties: { replicationProviderInput: { instanceType: "InMageRcm" } } };
    const held = await site.send("POST", `${site.container}/replicationProtectedItems/old01/remove`, remove);
    expect(held.body.error.message).to.contain("'shop'");
    const byPlan = await site.send("GET", "/replicationProtectedItems?$filter=RecoveryPlanName eq 'shop'");
    expect(byPlan.body.value.map((item) => item.name)).to.deep.equal(["old01"]);
    expect((await site.run("DELETE", `${plans}/shop`)).status).to.equal("Succeeded");
    expect((await site.send("GET", `${plans}/shop`)).status).to.equal(404);
    expect(
      (await site.run("POST", `${site.container}/replicationProtectedItems/old01/remove`, remove)).status,
    ).to.equal("Succeeded");
    expect((await site.send("GET", `${site.container}/replicationProtectedItems/old01`)).status).to.equal(404);
  });
});
