import { expect } from "chai";
import { type Body, describeSiteRecovery, drill, failover, type SiteRecovery } from "./describeSiteRecovery.js";

const items = (site: SiteRecovery) => `${site.container}/replicationProtectedItems`;

async function points(site: SiteRecovery, name = "web01"): Promise<Body[]> {
  return (await site.send("GET", `${items(site)}/${name}/recoveryPoints`)).body.value;
}

async function machine(site: SiteRecovery, name: string): Promise<number> {
  return (await site.send("GET", `${site.group}/providers/Microsoft.Compute/virtualMachines/${name}`)).status;
}

function change(recoveryPointId: string | undefined): unknown {
  return {
    properties: { recoveryPointId, providerSpecificDetails: { instanceType: "InMageRcm", recoveryPointId } },
  };
}

describeSiteRecovery("unplanned failover of an item", (current) => {
  it("makes the machine in the target network, moves the item to Recovery and offers commit and change of point", async () => {
    const site = current();
    const { status, job } = await site.run(
      "POST",
      `${items(site)}/web01/unplannedFailover`,
      failover({ performShutdown: "true" }),
    );
    expect(status).to.equal("Succeeded");
    expect(job.tasks.map((task: Body) => [task.name, task.state])).to.deep.equal([
      ["VmUfoPrerequisitesCheck", "Succeeded"],
      ["VmShutdownVmOnPrimary", "Succeeded"],
      ["VmPrepareForUnPlannedFailover", "Succeeded"],
      ["VmFailover", "Succeeded"],
      ["VmFoStartVmOnSecondary", "Succeeded"],
    ]);
    const item = await site.item("web01");
    expect(item).to.include({
      protectionState: "UnplannedFailoverCommitPendingStatesBegin",
      protectionStateDescription: "Failover completed",
      activeLocation: "Recovery",
    });
    expect(item.allowedOperations).to.deep.equal([
      "CompleteMigration",
      "Commit",
      "DisableProtection",
      "ChangePit",
      "SwitchProtection",
    ]);
    expect(item.failoverRecoveryPointId).to.match(/\/replicationProtectionContainers\/cloud_[0-9a-f-]{36}\//);
    const nic = await site.send("GET", `${site.group}/providers/Microsoft.Network/networkInterfaces/web01-nic-0`);
    expect(nic.body.properties.ipConfigurations[0]?.properties.privateIPAddress).to.equal("10.20.1.11");
  });

  it("fails, and makes nothing, where the item's subnet is gone: another subnet was not asked for", async () => {
    const site = current();
    const put = await site.send("PUT", site.network("prod"), {
      location: "westeurope",
      properties: {
        addressSpace: { addressPrefixes: ["10.20.0.0/16"] },
        subnets: [{ name: "other", properties: { addressPrefix: "10.20.1.0/24" } }],
      },
    });
    expect(put.status, JSON.stringify(put.body)).to.equal(200);
    const { status, job } = await site.run("POST", `${items(site)}/web01/unplannedFailover`, failover());
    expect(status).to.equal("Failed");
    expect(job.errors[0]?.serviceErrorDetails.message).to.contain("/virtualNetworks/prod/subnets/web");
    expect(await machine(site, "web01")).to.equal(404);
    expect((await site.item("web01")).activeLocation).to.equal("Primary");
  });

  it("leaves the shutdown out where it is not asked for, and the synchronisation where a point is named", async () => {
    const site = current();
    const chosen = (await points(site))[3];
    const { job } = await site.run(
      "POST",
      `${items(site)}/web01/unplannedFailover`,
      failover({ recoveryPointId: chosen?.id }),
    );
    const skipped = job.tasks.filter((task: Body) => task.state === "Other");
    expect(skipped.map((task: Body) => task.name)).to.deep.equal([
      "VmShutdownVmOnPrimary",
      "VmPrepareForUnPlannedFailover",
    ]);
    expect(skipped[0]?.stateDescription).to.equal("Skipped");
    expect((await site.item("web01")).failoverRecoveryPointId).to.equal(chosen?.id);
  });

  it("goes on where the source cannot be reached, and says so in the job", async () => {
    const site = current();
    await site.admin("POST", "faults", { kind: "sourceUnreachable" });
    const { status, job } = await site.run(
      "POST",
      `${items(site)}/web01/unplannedFailover`,
      failover({ performShutdown: "true" }),
    );
    expect(status).to.equal("Succeeded");
    expect(job.state).to.equal("CompletedWithInformation");
    expect(job.errors[0]?.serviceErrorDetails.code).to.equal("SourceShutdownFailed");
    expect((await site.item("web01")).activeLocation).to.equal("Recovery");
  });

  it("cannot make the latest point while the region is down, but can use one that exists", async () => {
    const site = current();
    await site.admin("POST", "faults", { kind: "regionDown", location: "westeurope" });
    const latest = await site.run("POST", `${items(site)}/web01/unplannedFailover`, failover());
    expect(latest.status).to.equal("Failed");
    expect(latest.job.errors[0]?.serviceErrorDetails.code).to.equal("RegionUnavailable");
    expect((await site.item("web01")).protectionState).to.equal("Protected");
    const processed = (await points(site))[0]?.id;
    const again = await site.run(
      "POST",
      `${items(site)}/web01/unplannedFailover`,
      failover({ recoveryPointId: processed }),
    );
    expect(again.status).to.equal("Succeeded");
  });

  it("fails in its prerequisites, and harms nothing, where the static address is taken", async () => {
    const site = current();
    await site.run("POST", `${items(site)}/web01/testFailover`, drill(site.network("prod")));
    await site.run("POST", `${items(site)}/app01/testFailover`, drill(site.network("drill")));
    const nics = [{ nicId: "", isPrimaryNic: "true", targetStaticIPAddress: "10.20.1.11" }];
    await site.run("POST", `${items(site)}/app01/testFailoverCleanup`, { properties: { comments: "" } });
    const nicId = (
      await site.send("GET", `${items(site)}/old01`)
    ).body.properties.providerSpecificDetails.vmNics.map((nic) => (nic as unknown as { nicId: string }).nicId)[0];
    const vmNics = nics.map((nic) => ({ ...nic, nicId }));
    const update = { properties: { providerSpecificDetails: { instanceType: "InMageRcm", vmNics } } };
    expect((await site.run("PATCH", `${items(site)}/old01`, update)).status).to.equal("Succeeded");
    const { status, job } = await site.run("POST", `${items(site)}/old01/unplannedFailover`, failover());
    expect(status).to.equal("Failed");
    expect(job.tasks[0]?.state).to.equal("Failed");
    expect(job.errors[0]?.serviceErrorDetails.message).to.contain("10.20.1.11");
    expect(await site.item("old01")).to.include({ protectionState: "Protected", activeLocation: "Primary" });
  });

  it("can be started again after it failed on its way", async () => {
    const site = current();
    await site.admin("POST", "faults", { kind: "failTask", taskName: "VmFoStartVmOnSecondary", times: 1 });
    const failed = await site.run("POST", `${items(site)}/web01/unplannedFailover`, failover());
    expect(failed.status).to.equal("Failed");
    const item = await site.item("web01");
    expect(item.protectionState).to.equal("UnplannedFailoverFailed");
    expect(item.allowedOperations).to.deep.equal(["UnplannedFailover", "DisableProtection", "TestFailover"]);
    expect(await machine(site, "web01")).to.equal(404);
    expect((await site.run("POST", `${items(site)}/web01/unplannedFailover`, failover())).status).to.equal(
      "Succeeded",
    );
  });

  it("refuses the other direction and a point that has aged out before any job", async () => {
    const site = current();
    const back = {
      properties: {
        failoverDirection: "RecoveryToPrimary",
        providerSpecificDetails: { instanceType: "InMageRcm", performShutdown: "false" },
      },
    };
    const refused = await site.send("POST", `${items(site)}/web01/unplannedFailover`, back);
    expect([refused.status, refused.body.error.details[0]?.code]).to.deep.equal([400, "InvalidFailoverDirection"]);
    const oldest = (await points(site)).at(-1)?.id;
    await site.advance(3 * 3600);
    const gone = await site.send(
      "POST",
      `${items(site)}/web01/unplannedFailover`,
      failover({ recoveryPointId: oldest }),
    );
    expect([gone.status, gone.body.error.details[0]?.code]).to.deep.equal([400, "RecoveryPointNotFound"]);
    expect((await site.send("GET", "/replicationJobs")).body.value).to.have.length(0);
  });
});

describeSiteRecovery("change of recovery point, and commit", (current) => {
  it("builds the machine again from the other point, under the same name and address", async () => {
    const site = current();
    await site.run("POST", `${items(site)}/web01/unplannedFailover`, failover());
    const before = await site.send("GET", `${site.group}/providers/Microsoft.Compute/virtualMachines/web01`);
    const chosen = (await points(site))[5]?.id;
    const { status } = await site.run("POST", `${items(site)}/web01/applyRecoveryPoint`, change(chosen));
    expect(status).to.equal("Succeeded");
    expect((await site.item("web01")).failoverRecoveryPointId).to.equal(chosen);
    const after = await site.send("GET", `${site.group}/providers/Microsoft.Compute/virtualMachines/web01`);
    expect(after.body.id).to.equal(before.body.id);
    expect(JSON.stringify(after.body)).to.not.equal(JSON.stringify(before.body));
    const nics = (await site.send("GET", `${site.group}/providers/Microsoft.Network/networkInterfaces`)).body
      .value;
    expect(nics.map((nic) => nic.properties.ipConfigurations[0]?.properties.privateIPAddress)).to.deep.equal([
      "10.20.1.11",
    ]);
  });

  it("keeps the points as they were at the failover until the commit, which takes them all away", async () => {
    const site = current();
    await site.run("POST", `${items(site)}/web01/unplannedFailover`, failover());
    const kept = (await points(site)).map((point) => point.name);
    expect(kept.length).to.be.greaterThan(20);
    await site.advance(48 * 3600);
    expect((await points(site)).map((point) => point.name)).to.deep.equal(kept);
    const { status, job } = await site.run("POST", `${items(site)}/web01/failoverCommit`);
    expect(status).to.equal("Succeeded");
    expect(job.scenarioName).to.equal("CommitFailover");
    expect(await points(site)).to.deep.equal([]);
    const item = await site.item("web01");
    expect(item).to.include({ protectionState: "UnplannedFailoverCommitted", activeLocation: "Recovery" });
    expect(item.allowedOperations).to.deep.equal(["CompleteMigration", "DisableProtection", "SwitchProtection"]);
    const refused = await site.send("POST", `${items(site)}/web01/applyRecoveryPoint`, change("x"));
    expect(refused.status).to.equal(400);
  });

  it("is not offered to an item that has not failed over", async () => {
    const site = current();
    const refused = await site.send("POST", `${items(site)}/web01/failoverCommit`);
    expect(refused.status).to.equal(400);
    expect(refused.body.error).to.include({ code: "BadRequest" });
    expect(refused.body.error.details[0]?.message).to.contain(
      "UnplannedFailover, DisableProtection, TestFailover",
    );
    expect(refused.body.error.details[0]).to.include.keys(
      "possibleCauses",
      "recommendedAction",
      "clientRequestId",
      "activityId",
    );
  });
});

describeSiteRecovery("a body that Azure cannot take", (current) => {
  it("is refused naming each property, its value and what is allowed, and nothing starts", async () => {
    const site = current();
    const path = `${site.container}/replicationProtectedItems/web01/unplannedFailover`;
    const sent = async (body: unknown) => {
      const { status, body: answer } = await site.send("POST", path, body);
      return [status, ...answer.error.details.map(({ message }) => message)];
    };
    expect(await sent({})).to.deep.equal([400, "properties: is required; allowed: of type object"]);
    const providerSpecificDetails = { instanceType: "InMageRcm", performShutdown: "perhaps" };
    expect(
      await sent({ properties: { failoverDirection: 5, sourceSiteOperations: "Maybe", providerSpecificDetails } }),
    ).to.deep.equal([
      400,
      "properties.failoverDirection: value 5 is not allowed; allowed: of type string",
      'properties.sourceSiteOperations: value "Maybe" is not allowed; allowed: Required, NotRequired',
      'properties.providerSpecificDetails.performShutdown: is required; allowed: "true", "false"',
    ]);
    expect((await site.item("web01")).protectionState).to.equal("Protected");
  });
});
