import { expect } from "chai";
import { type Body, describeSiteRecovery, failover, type SiteRecovery } from "./describeSiteRecovery.js";

const item = (site: SiteRecovery, name = "web01") => `${site.container}/replicationProtectedItems/${name}`;

async function applianceId(site: SiteRecovery): Promise<string> {
  const fabric = (await site.send("GET", "/replicationFabrics/shop-vault-vmwarefabric")).body as unknown as {
    properties: { customDetails: { reprotectAgents: { id: string; accessibleDatastores: string[] }[] } };
  };
  const [agent] = fabric.properties.customDetails.reprotectAgents;
  expect(agent?.accessibleDatastores).to.deep.equal(["datastore1"]);
  return agent?.id ?? "";
}

async function toVMware(site: SiteRecovery, more: object = {}): Promise<unknown> {
  return {
    properties: {
      failoverDirection: "RecoveryToPrimary",
      providerSpecificDetails: {
        instanceType: "InMageRcm",
        reprotectAgentId: await applianceId(site),
        datastoreName: "datastore1",
        logStorageAccountId: `${site.group}/providers/Microsoft.Storage/storageAccounts/shoplogs`,
        policyId: `${site.vault.replace("/subscriptions", "/Subscriptions")}/replicationPolicies/daily-failback`,
        ...more,
      },
    },
  };
}

async function toAzure(site: SiteRecovery, more: object = {}): Promise<unknown> {
  const providerSpecificDetails = {
    instanceType: "InMageRcmFailback",
    processServerId: await applianceId(site),
    policyId: `${site.vault}/replicationPolicies/daily`,
    ...more,
  };
  return { properties: { failoverDirection: "PrimaryToRecovery", providerSpecificDetails } };
}

const back = (recoveryPointType = "CrashConsistent") => ({
  properties: { providerSpecificDetails: { instanceType: "InMageRcmFailback", recoveryPointType } },
});

async function state(site: SiteRecovery, name = "web01"): Promise<unknown[]> {
  const { protectionState, activeLocation, allowedOperations, providerSpecificDetails } = await site.item(name);
  const { instanceType } = providerSpecificDetails as Body & { instanceType: string };
  return [instanceType, protectionState, activeLocation, allowedOperations];
}

async function azureMachine(site: SiteRecovery, name = "web01"): Promise<string> {
  const path = `${site.group}/providers/Microsoft.Compute/virtualMachines/${name}/instanceView`;
  const { status, body } = await site.send("GET", path);
  const statuses = (body as unknown as { statuses?: { code: string }[] }).statuses ?? [];
  return status === 404 ? "gone" : (statuses.find((each) => each.code.startsWith("PowerState/"))?.code ?? "");
}

const sourceIsOn = (site: SiteRecovery, name = "web01") =>
  Object.values(Object.values(site.emulator.world.state.siteRecovery.vaults)[0]?.machines ?? {}).find(
    (machine) => machine.name === name,
  )?.isPoweredOn;

const protectedBack = ["InMageRcmFailback", "Protected", "Primary", ["PlannedFailover", "DisableProtection"]];
const failedBack = [
  "InMageRcmFailback",
  "CommitPendingStatesBegin",
  "Recovery",
  ["CompleteMigration", "Commit", "DisableProtection", "SwitchProtection", "CancelFailover"],
];

/** Fails over with the source shut down, reprotects, and waits until the item is protected. */
async function reprotected(site: SiteRecovery, name = "web01", commits = true): Promise<Body> {
  await site.run("POST", `${item(site, name)}/unplannedFailover`, failover({ performShutdown: "true" }));
  if (commits) await site.run("POST", `${item(site, name)}/failoverCommit`);
  const { status, job } = await site.run("POST", `${item(site, name)}/reProtect`, await toVMware(site));
  expect(status).to.equal("Succeeded");
  return job;
}

describeSiteRecovery("the way back to VMware", (current) => {
  it("is a ring: reprotect, fail back, commit, reprotect again, in the recorded states of the same item", async () => {
    const site = current();
    const identifier = (await site.item("web01")).providerSpecificDetails as Body & { internalIdentifier: string };
    await reprotected(site);
    expect(await state(site)).to.deep.equal([
      "InMageRcmFailback",
      "InitialReplicationInProgress",
      "Primary",
      ["DisableProtection"],
    ]);
    expect(sourceIsOn(site)).to.equal(false);
    await site.advance(20 * 60);
    expect(await state(site)).to.deep.equal(protectedBack);

    const failing = await site.run("POST", `${item(site)}/plannedFailover`, back());
    expect(failing.status).to.equal("Succeeded");
    expect(failing.job.tasks.map((task) => task.name)).to.deep.equal([
      "VmPfoPrerequisitesCheck",
      "VmPrepareProtectedEntitiesTask",
      "VmPrepareForFailover",
      "VmFailover",
      "VmFoStartVmOnSecondary",
    ]);
    expect(await state(site)).to.deep.equal(failedBack);
    expect([await azureMachine(site), sourceIsOn(site)]).to.deep.equal(["PowerState/deallocated", true]);

    expect((await site.run("POST", `${item(site)}/failoverCommit`)).status).to.equal("Succeeded");
    expect(await azureMachine(site)).to.equal("gone");
    const cards = await site.send("GET", `${site.group}/providers/Microsoft.Network/networkInterfaces`);
    expect(cards.body.value).to.deep.equal([]);
    expect((await state(site))[3]).to.deep.equal(["CompleteMigration", "DisableProtection", "SwitchProtection"]);

    expect((await site.run("POST", `${item(site)}/reProtect`, await toAzure(site))).status).to.equal("Succeeded");
    await site.advance(3600);
    expect(await state(site)).to.deep.equal([
      "InMageRcm",
      "Protected",
      "Primary",
      ["UnplannedFailover", "DisableProtection", "TestFailover"],
    ]);
    const after = await site.item("web01");
    expect(after.providerSpecificDetails).to.include({ internalIdentifier: identifier.internalIdentifier });
    expect(after.providerSpecificDetails.vmNics[0]?.targetIPAddress).to.equal("10.20.1.11");
    await reprotected(site);
    await site.advance(20 * 60);
    expect(await state(site)).to.deep.equal(protectedBack);
  });

  it("goes straight from an uncommitted failover, whose job commits on its way", async () => {
    const site = current();
    const job = await reprotected(site, "web01", false);
    expect(job.scenarioName).to.equal("SwitchReplicationGroupProtection");
    expect(job.customDetails).to.include({ instanceType: "SwitchProtectionJobDetails" });
    expect(job.tasks.map((task) => [task.name, task.state])).to.deep.equal([
      ["SwitchReplicationGroupProtectionPreflightTask", "Succeeded"],
      ["VmCommitFailover", "Succeeded"],
      ["DiscoverReplicaTask", "Succeeded"],
      ["GetSwitchProtectionRequirementsTask", "Succeeded"],
      ["ProtectReplicaTask", "Succeeded"],
    ]);
    expect((await state(site))[0]).to.equal("InMageRcmFailback");
  });

  it("leaves the commit out of a reprotection after a commit", async () => {
    const job = await reprotected(current());
    expect(job.tasks[1]).to.include({ name: "VmCommitFailover", state: "Other", stateDescription: "Skipped" });
  });

  it("names everything that is wrong with a reprotection at once, and what is allowed, before any job", async () => {
    const site = current();
    await site.run("POST", `${item(site)}/unplannedFailover`, failover());
    const wrong = {
      reprotectAgentId: "nobody",
      datastoreName: "attic",
      policyId: `${site.vault}/replicationPolicies/daily`,
    };
    const { status, body } = await site.send("POST", `${item(site)}/reProtect`, await toVMware(site, wrong));
    expect(status).to.equal(400);
    const messages = body.error.details.map((each) => each.message);
    expect(messages).to.have.length(3);
    expect(messages[0]).to.match(/reprotectAgentId: "nobody" .* allowed: [0-9a-f-]{36}/);
    expect(messages[1]).to.match(/datastoreName: "attic" .* allowed: datastore1/);
    expect(messages[2]).to.match(/policyId: .*daily" .* allowed: .*daily-failback/);
  });

  it("cancels a failback: the machine in Azure starts again, the other stops, and replication goes on", async () => {
    const site = current();
    await reprotected(site);
    await site.advance(20 * 60);
    await site.run("POST", `${item(site)}/plannedFailover`, back());
    const { status, job } = await site.run("POST", `${item(site)}/failoverCancel`);
    expect(status).to.equal("Succeeded");
    expect([job.scenarioName, job.friendlyName]).to.deep.equal([
      "CancelFailover",
      "Cancel failover and resume replication",
    ]);
    expect(await state(site)).to.deep.equal(protectedBack);
    expect([await azureMachine(site), sourceIsOn(site)]).to.deep.equal(["PowerState/running", false]);
    expect((await site.run("POST", `${item(site)}/plannedFailover`, back())).status).to.equal("Succeeded");
  });

  it("cancels a failed failback by itself", async () => {
    const site = current();
    await reprotected(site);
    await site.advance(20 * 60);
    await site.admin("POST", "faults", { kind: "failTask", taskName: "VmFoStartVmOnSecondary", times: 1 });
    expect((await site.run("POST", `${item(site)}/plannedFailover`, back())).status).to.equal("Failed");
    await site.advance(600);
    const jobs = (await site.send("GET", "/replicationJobs")).body.value.map(
      (each) => each.properties.scenarioName,
    );
    expect(jobs[0]).to.equal("CancelFailover");
    expect(await state(site)).to.deep.equal(protectedBack);
    expect(await azureMachine(site)).to.equal("PowerState/running");
  });

  it("asks for the cancel of a failed failback where its own failed too, and offers nothing else", async () => {
    const site = current();
    await reprotected(site);
    await site.advance(20 * 60);
    await site.admin("POST", "faults", { kind: "failTask", taskName: "VmFoStartVmOnSecondary", times: 1 });
    await site.admin("POST", "faults", { kind: "failTask", taskName: "StartVmOnPrimary", times: 1 });
    await site.run("POST", `${item(site)}/plannedFailover`, back());
    await site.advance(600);
    expect((await state(site))[3]).to.deep.equal(["CancelFailover"]);
    expect((await site.run("POST", `${item(site)}/failoverCancel`)).status).to.equal("Succeeded");
    expect(await state(site)).to.deep.equal(protectedBack);
  });

  it("reprotects from an uncommitted failback, which takes the machine in Azure away", async () => {
    const site = current();
    await reprotected(site);
    await site.advance(20 * 60);
    await site.run("POST", `${item(site)}/plannedFailover`, back());
    expect((await site.run("POST", `${item(site)}/reProtect`, await toAzure(site))).status).to.equal("Succeeded");
    expect(await azureMachine(site)).to.equal("gone");
    expect((await state(site)).slice(0, 3)).to.deep.equal([
      "InMageRcm",
      "InitialReplicationInProgress",
      "Primary",
    ]);
  });

  it("needs the machine in Azure to run, and an appliance that answers", async () => {
    const site = current();
    await site.run("POST", `${item(site)}/unplannedFailover`, failover());
    await site.send("POST", `${site.group}/providers/Microsoft.Compute/virtualMachines/web01/deallocate`);
    const stopped = await site.run("POST", `${item(site)}/reProtect`, await toVMware(site));
    expect(stopped.status).to.equal("Failed");
    expect(stopped.job.errors[0]?.serviceErrorDetails.code).to.equal("AzureVirtualMachineNotRunning");
    expect((await state(site))[3]).to.include("SwitchProtection");
    await site.send("POST", `${site.group}/providers/Microsoft.Compute/virtualMachines/web01/start`);
    await site.admin("POST", "faults", { kind: "sourceUnreachable", times: 1 });
    const silent = await site.run("POST", `${item(site)}/reProtect`, await toVMware(site));
    expect(silent.job.errors[0]?.serviceErrorDetails.code).to.equal("ApplianceNotReachable");
    expect((await site.run("POST", `${item(site)}/reProtect`, await toVMware(site))).status).to.equal("Succeeded");
  });

  it("refuses what the state does not offer: a failback before the reprotection, a planned failover to Azure, a wrong direction", async () => {
    const site = current();
    const forward = await site.send("POST", `${item(site)}/plannedFailover`, back());
    expect(forward.status).to.equal(400);
    expect(forward.body.error.details[0]?.code).to.equal("OperationNotAllowedOnProtectedItem");
    await site.run("POST", `${item(site)}/unplannedFailover`, failover());
    const other = (await toVMware(site)) as { properties: { failoverDirection: string } };
    other.properties.failoverDirection = "PrimaryToRecovery";
    const { body } = await site.send("POST", `${item(site)}/reProtect`, other);
    expect(body.error.details[0]?.code).to.equal("InvalidFailoverDirection");
  });

  it("has the failback policy that the service made, for reading only", async () => {
    const site = current();
    const policy = (await site.send("GET", "/replicationPolicies/daily-failback")).body;
    expect(policy.properties.providerSpecificDetails).to.include({ instanceType: "InMageRcmFailback" });
    for (const method of ["PUT", "PATCH", "DELETE"]) {
      const details = { instanceType: "InMageRcmFailback", crashConsistentFrequencyInMinutes: 10 };
      const body = { properties: { providerSpecificInput: details, replicationProviderSettings: details } };
      const refused = await site.send(method, "/replicationPolicies/daily-failback", body);
      expect(refused.body.error.details[0]?.code, method).to.equal("ProtectionProfileReadOnly");
    }
    await reprotected(site);
    const inUse = await site.send("DELETE", "/replicationPolicies/daily");
    expect(inUse.status).to.equal(409);
  });
});
