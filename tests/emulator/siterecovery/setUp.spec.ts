import { expect } from "chai";
import { type Body, describeSiteRecovery, estate, type SiteRecovery } from "./describeSiteRecovery.js";

const policy = (providerSpecificInput: object) => ({ properties: { providerSpecificInput } });
const messages = (body: Body) => body.error.details.map((each) => each.message).join("\n");

describeSiteRecovery("replication policies", (current) => {
  it("are made with Azure's defaults and read back under the name of their creation", async () => {
    const site = current();
    expect(
      (await site.run("PUT", "/replicationPolicies/Weekly", policy({ instanceType: "InMageRcm" }))).status,
    ).to.equal("Succeeded");
    const { body } = await site.send("GET", "/replicationPolicies/WEEKLY");
    expect(body.name).to.equal("Weekly");
    expect(body.properties.providerSpecificDetails).to.include({
      instanceType: "InMageRcm",
      recoveryPointHistoryInMinutes: 1440,
      appConsistentFrequencyInMinutes: 0,
      crashConsistentFrequencyInMinutes: 5,
      enableMultiVmSync: "true",
    });
  });

  it("are refused with every bad value and what is allowed, before any job", async () => {
    const site = current();
    const bad = {
      instanceType: "InMageRcm",
      recoveryPointHistoryInMinutes: 30_000,
      appConsistentFrequencyInMinutes: 30,
      enableMultiVmSync: "maybe",
    };
    const { status, body } = await site.send("PUT", "/replicationPolicies/bad", policy(bad));
    expect(status).to.equal(400);
    expect(messages(body)).to.contain("30000 is not allowed; allowed: 0-21600 minutes");
    expect(messages(body)).to.contain("30 is not allowed; allowed: 0 (off) or 60-720 minutes");
    expect(messages(body)).to.contain('"maybe" is not allowed; allowed: "true", "false"');
    for (const [history, app] of [
      [60, 60],
      [0, 60],
    ]) {
      const input = {
        instanceType: "InMageRcm",
        recoveryPointHistoryInMinutes: history,
        appConsistentFrequencyInMinutes: app,
      };
      const answer = await site.send("PUT", "/replicationPolicies/bad", policy(input));
      expect(messages(answer.body)).to.contain("allowed: less than the retention");
    }
    expect((await site.send("GET", "/replicationJobs")).body.value).to.have.length(0);
  });

  it("of a kind that is not emulated are refused with 501 naming the kind", async () => {
    const site = current();
    const { status, body } = await site.send("PUT", "/replicationPolicies/azure", policy({ instanceType: "A2A" }));
    expect([status, body.error.code]).to.deep.equal([501, "NotImplemented"]);
    expect(body.error.message).to.contain("A2A");
  });

  it("change by PATCH, and are not deleted under their mappings and items", async () => {
    const site = current();
    const change = {
      properties: {
        replicationProviderSettings: { instanceType: "InMageRcm", recoveryPointHistoryInMinutes: 2880 },
      },
    };
    expect((await site.run("PATCH", "/replicationPolicies/daily", change)).status).to.equal("Succeeded");
    const read = (await site.send("GET", "/replicationPolicies/daily")).body.properties.providerSpecificDetails;
    expect(read).to.include({ recoveryPointHistoryInMinutes: 2880, appConsistentFrequencyInMinutes: 60 });
    const refused = await site.send("DELETE", "/replicationPolicies/daily");
    expect(refused.status).to.equal(409);
    expect(refused.body.error.message).to.contain("mapping 'daily'").and.to.contain("item 'web01'");
  });
});

describeSiteRecovery("enabling, changing and disabling replication", (current) => {
  const item = (site: SiteRecovery, name: string) => `${site.container}/replicationProtectedItems/${name}`;

  const machineId = async (site: SiteRecovery) => {
    const { value } = (
      await site.send("GET", `${site.container}/replicationProtectableItems?$filter=State eq 'Unprotected'`)
    ).body;
    const { value: machines } = (
      await site.send(
        "GET",
        `${site.group}/providers/Microsoft.OffAzure/VMwareSites/shop-vaultvmwaresite/machines?api-version=2020-01-01`,
      )
    ).body;
    return machines.find(
      (each) =>
        (each.properties as unknown as { displayName: string }).displayName === value[0]?.properties.friendlyName,
    )?.id;
  };
  const body = async (site: SiteRecovery, changes: object = {}) => {
    const fabric = (await site.send("GET", "/replicationFabrics/shop-vault-vmwarefabric")).body;
    const { processServers } = fabric.properties.customDetails as unknown as { processServers: { id: string }[] };
    return {
      properties: {
        policyId: `${site.vault}/replicationPolicies/daily`,
        providerSpecificDetails: {
          instanceType: "InMageRcm",
          fabricDiscoveryMachineId: await machineId(site),
          targetResourceGroupId: site.group,
          processServerId: processServers[0]?.id,
          disksDefault: {
            diskType: "Premium_LRS",
            logStorageAccountId: `${site.group}/providers/Microsoft.Storage/storageAccounts/shoplogs`,
          },
          targetNetworkId: site.network("prod"),
          targetSubnetName: "web",
          ...changes,
        },
      },
    };
  };
  const free = async (site: SiteRecovery) => {
    await site.run("DELETE", "/replicationRecoveryPlans/shop");
    const remove = { properties: { replicationProviderInput: { instanceType: "InMageRcm" } } };
    expect((await site.run("POST", `${item(site, "web01")}/remove`, remove)).status).to.equal("Succeeded");
    expect((await site.send("GET", item(site, "web01"))).status).to.equal(404);
  };

  it("copies for the better part of an hour and then is protected, in the recorded states", async () => {
    const site = current();
    await free(site);
    const started = await site.send("PUT", item(site, "again"), await body(site));
    expect(started.status, JSON.stringify(started.body)).to.equal(202);
    expect(await site.item("again")).to.include({
      protectionState: "UnprotectedStatesBegin",
      protectionStateDescription: "Enabling protection",
    });
    const states: string[] = [];
    for (let minutes = 0; minutes < 90; minutes += 5) {
      await site.advance(300);
      const { protectionState, allowedOperations } = await site.item("again");
      const state = `${protectionState} ${allowedOperations.join()}`;
      if (states.at(-1) !== state) states.push(state);
    }
    expect(states).to.deep.equal([
      "UnprotectedStatesBegin DisableProtection",
      "InitialReplicationInProgress DisableProtection",
      "InitialReplicationRecoveryCompletionPending DisableProtection",
      "Protected UnplannedFailover,DisableProtection,TestFailover",
    ]);
  });

  it("keeps an item whose enabling failed, and goes on when its job is restarted", async () => {
    const site = current();
    await free(site);
    await site.admin("POST", "faults", { kind: "failTask", taskName: "EnableProtection", times: 1 });
    const failed = await site.run("PUT", item(site, "again"), await body(site));
    expect(failed.status).to.equal("Failed");
    expect(failed.job.allowedActions).to.deep.equal(["Restart"]);
    expect(await site.item("again")).to.include({ protectionState: "EnablingFailed" });
    const [job] = (await site.send("GET", "/replicationJobs?$filter=JobStatus eq 'Failed'")).body.value;
    await site.run("POST", `/replicationJobs/${job?.name}/restart`);
    await site.advance(2 * 3600);
    expect((await site.send("GET", `/replicationJobs/${job?.name}`)).body.properties.state).to.equal("Succeeded");
    expect((await site.item("again")).protectionState).to.equal("Protected");
  });

  it("is refused with every unknown id and name, and for a machine that is protected already", async () => {
    const site = current();
    await free(site);
    const bad = {
      processServerId: "nobody",
      targetNetworkId: site.network("nowhere"),
      testNetworkId: site.network("drill"),
      testSubnetName: "cellar",
      targetVmName: "-bad-",
    };
    const refused = await site.send("PUT", item(site, "again"), await body(site, bad));
    expect(refused.status).to.equal(400);
    for (const word of ["nobody", "nowhere", '"cellar" is not a subnet of drill; allowed: aaa, web', "-bad-"]) {
      expect(messages(refused.body)).to.contain(word);
    }
    expect((await site.run("PUT", item(site, "again"), await body(site))).status).to.equal("Succeeded");
    const details = (await site.item("again")).providerSpecificDetails as unknown as {
      fabricDiscoveryMachineId: string;
    };
    const twice = await site.send(
      "PUT",
      item(site, "twin"),
      await body(site, { fabricDiscoveryMachineId: details.fabricDiscoveryMachineId }),
    );
    expect([twice.status, twice.body.error.details[0]?.code]).to.deep.equal([409, "MachineAlreadyProtected"]);
  });

  it("is refused where it names what is not in Azure, at once and together, and taken where it is made", async () => {
    const site = current();
    await free(site);
    const compute = (type: string) => `${site.group}/providers/Microsoft.Compute/${type}/later`;
    const account = (name: string) => `${site.group}/providers/Microsoft.Storage/storageAccounts/${name}`;
    const parts = {
      targetResourceGroupId: `${site.group}-later`,
      targetAvailabilitySetId: compute("availabilitySets"),
      targetProximityPlacementGroupId: compute("proximityPlacementGroups"),
      targetBootDiagnosticsStorageAccountId: account("latera"),
      targetVmSize: "Huge",
      disksDefault: {
        diskType: "Premium_LRS",
        logStorageAccountId: account("laterb"),
        diskEncryptionSetId: compute("diskEncryptionSets"),
      },
    };
    const refused = await site.send("PUT", item(site, "again"), await body(site, parts));
    expect(refused.status).to.equal(400);
    for (const [field, message] of [
      ["targetResourceGroupId", "is not an existing resource group"],
      ["targetAvailabilitySetId", "is not an existing availability set"],
      ["targetProximityPlacementGroupId", "is not an existing proximity placement group"],
      ["targetBootDiagnosticsStorageAccountId", "is not an existing storage account"],
      ["targetVmSize", '"Huge" is not a size of a virtual machine'],
      ["disksDefault.logStorageAccountId", "is not an existing storage account"],
      ["disksDefault.diskEncryptionSetId", "is not an existing disk encryption set"],
    ] as const)
      expect(messages(refused.body)).to.match(new RegExp(`${field}: .*${message}`));

    const region = { location: "westeurope" };
    const activeKey = { keyUrl: "https://later.vault.azure.net/keys/disks" };
    const made: [string, object][] = [
      [`${site.group}-later`, region],
      [compute("availabilitySets"), { ...region, properties: {} }],
      [compute("proximityPlacementGroups"), { ...region, properties: {} }],
      [compute("diskEncryptionSets"), { ...region, properties: { activeKey } }],
      [account("latera"), { ...region, sku: { name: "Standard_LRS" } }],
      [account("laterb"), { ...region, sku: { name: "Standard_LRS" } }],
    ];
    for (const [id, content] of made) expect((await site.send("PUT", id, content)).status, id).to.equal(201);
    const taken = await site.run(
      "PUT",
      item(site, "again"),
      await body(site, { ...parts, targetVmSize: "Standard_D4s_v5" }),
    );
    expect(taken.status).to.equal("Succeeded");

    const details = {
      instanceType: "InMageRcm",
      targetAvailabilitySetId: account("latera"),
      targetVmSize: "Tiny",
    };
    const change = { properties: { providerSpecificDetails: details } };
    const changed = await site.send("PATCH", item(site, "again"), change);
    expect(changed.status).to.equal(400);
    expect(messages(changed.body)).to.contain("is not an existing availability set").and.contain('"Tiny"');
  });

  it("changes what is given and leaves the rest", async () => {
    const site = current();
    const before = await site.item("web01");
    const change = {
      properties: { providerSpecificDetails: { instanceType: "InMageRcm", targetVmName: "web01-dr" } },
    };
    expect((await site.run("PATCH", item(site, "web01"), change)).status).to.equal("Succeeded");
    const after = await site.item("web01");
    expect(after.providerSpecificDetails.targetVmName).to.equal("web01-dr");
    expect(after.providerSpecificDetails.vmNics).to.deep.equal(before.providerSpecificDetails.vmNics);
  });
});

describeSiteRecovery("what the vault says of itself", (current) => {
  it("warns of machines that were never tested with 161011, and of old agents, until a test was made", async () => {
    const site = current();
    const issues = async () =>
      (await site.send("GET", "/replicationVaultHealth")).body.properties.protectedItemsHealth.issues;
    const codes = async () =>
      (await issues()).map((issue) => `${issue.summaryCode} ${issue.affectedResourceCorrelationIds.length}`);
    expect(await codes()).to.deep.equal(["161011 3", "MobilityAgentVersionOutdated 1"]);
    const web = await site.item("web01");
    expect(web.failoverHealth).to.equal("Warning");
    expect(web.healthErrors.map((error) => error.errorCode)).to.deep.equal(["161011"]);
    await site.run("POST", `${site.container}/replicationProtectedItems/web01/testFailover`, {
      properties: { networkId: site.network("drill"), providerSpecificDetails: { instanceType: "InMageRcm" } },
    });
    expect(await codes()).to.deep.equal(["161011 2", "MobilityAgentVersionOutdated 1"]);
  });

  it("lists events of jobs, and refuses a filter that it does not know", async () => {
    const site = current();
    await site.run("PUT", "/replicationPolicies/x", policy({ instanceType: "InMageRcm" }));
    const { value } = (await site.send("GET", "/replicationEvents?$filter=EventType eq 'JobStatus'")).body;
    expect(value[0]?.properties.description).to.equal("AddProtectionProfile - Completed");
    const refused = await site.send("GET", "/replicationEvents?$filter=Colour eq 'red'");
    expect(refused.body.error.message).to.contain('"Colour"').and.to.contain("Severity");
  });
});

describeSiteRecovery(
  "lists of a large vault",
  (current) => {
    it("come in pages with a nextLink on the host that was asked, and hold every item once", async () => {
      const site = current();
      const names: string[] = [];
      let pages = 0;
      let next: string | null = "/replicationProtectedItems";
      while (next !== null) {
        const { body } = await site.send("GET", next);
        names.push(...body.value.map((each) => each.name));
        next = body.nextLink;
        if (next !== null) expect(next).to.match(new RegExp(`^${site.emulator.origin}/.*api-version=2023-06-01`));
        pages += 1;
      }
      expect(pages).to.equal(3);
      expect(new Set(names).size).to.equal(250);
      expect(names).to.have.length(250);
      const bad = await site.send("GET", "/replicationProtectedItems?skipToken=elsewhere");
      expect(bad.status).to.equal(400);
    });
  },
  () => {
    const machines = Array.from({ length: 250 }, (_, index) => `vm${index}`);
    const base = estate();
    return {
      ...base,
      machines: machines.map((name, index) => ({
        name,
        os: { type: "Windows" as const, name: "Windows Server 2019" },
        nics: [{ network: "lan", ip: `192.168.${Math.floor(index / 200)}.${(index % 200) + 10}` }],
      })),
      replicatedItems: machines.map((machine) => ({
        machine,
        policy: "daily",
        targetNetwork: "prod",
        targetSubnet: "web",
      })),
      recoveryPlans: [],
    };
  },
);
