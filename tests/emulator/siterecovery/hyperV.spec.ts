import { expect } from "chai";
import type { EstateInput } from "../../../rehearsal/emulator/index.js";
import { type Body, describeSiteRecovery, estate, type SiteRecovery } from "./describeSiteRecovery.js";

/** Two machines on a Hyper-V site, one with managed disks in Azure; one in a VMM cloud whose data is encrypted. */
function hyperVEstate(): EstateInput {
  const machine = (name: string, ip: string, hyperV: object) => ({
    name,
    kind: "hyperv" as const,
    hyperV,
    os: { type: "Windows" as const, name: "Windows Server 2019" },
    disks: [{ sizeGB: 40 }, { sizeGB: 10 }],
    nics: [{ network: "corp", ip }],
  });
  const item = (name: string, policy: string, more: object = {}) => ({
    machine: name,
    policy,
    targetNetwork: "prod",
    targetSubnet: "web",
    testNetwork: "drill",
    ...more,
  });
  return {
    ...estate(),
    machines: [
      machine("hv01", "192.168.1.21", { site: "branch" }),
      machine("hv02", "192.168.1.22", { site: "branch" }),
      machine("vmm01", "192.168.1.23", { vmmServer: "vmm.example.com", cloud: "gold" }),
      machine("late01", "192.168.1.24", { site: "later" }),
    ],
    hyperVSites: [
      {
        name: "branch",
        hosts: [{ name: "host1" }, { name: "host2", id: "0f0f0f0f-1111-4222-8333-444444444444" }],
      },
      { name: "later", registered: false, hosts: [{ name: "host9" }] },
    ],
    vmmServers: [{ name: "vmm.example.com", clouds: [{ name: "gold" }], networks: [{ name: "corp" }] }],
    policies: [],
    hyperVPolicies: [{ name: "hourly" }, { name: "secret", encryption: true }],
    networkMappings: [{ vmmServer: "vmm.example.com", network: "corp", targetNetwork: "drill" }],
    replicatedItems: [
      item("hv01", "hourly", { targetIp: "10.20.1.21" }),
      item("hv02", "hourly", { managedDisks: true }),
      item("vmm01", "secret"),
    ],
    recoveryPlans: [{ name: "branch", groups: [["hv01"], ["hv02"]] }],
  };
}

async function idOf(site: SiteRecovery, name: string): Promise<string> {
  const all = (await site.send("GET", "/replicationProtectedItems")).body.value;
  return all.find((each) => each.name === name)?.id ?? "";
}

async function item(site: SiteRecovery, name = "hv01"): Promise<Body> {
  return (await site.send("GET", await idOf(site, name))).body.properties;
}

const state = async (site: SiteRecovery, name = "hv01") => {
  const { protectionState, activeLocation, allowedOperations } = await item(site, name);
  return [protectionState, activeLocation, allowedOperations];
};

const forward = (more: object = {}, details: object = {}) => ({
  properties: {
    failoverDirection: "PrimaryToRecovery",
    sourceSiteOperations: "NotRequired",
    ...more,
    providerSpecificDetails: { instanceType: "HyperVReplicaAzure", ...details },
  },
});
const back = (dataSyncOption: string, more: object = {}) => ({
  properties: {
    failoverDirection: "RecoveryToPrimary",
    providerSpecificDetails: {
      instanceType: "HyperVReplicaAzureFailback",
      dataSyncOption,
      recoveryVmCreationOption: "NoAction",
      ...more,
    },
  },
});
const reverse = {
  properties: {
    failoverDirection: "PrimaryToRecovery",
    providerSpecificDetails: { instanceType: "HyperVReplicaAzure" },
  },
};

const run = async (site: SiteRecovery, action: string, body?: unknown, name = "hv01") =>
  site.run("POST", `${await idOf(site, name)}/${action}`, body);

const machines = (site: SiteRecovery) =>
  Object.values(Object.values(site.emulator.world.state.siteRecovery.vaults)[0]?.machines ?? {});
const source = (site: SiteRecovery, name = "hv01") => machines(site).find((each) => each.name === name);

async function azureMachine(site: SiteRecovery, name = "hv01"): Promise<string> {
  const path = `${site.group}/providers/Microsoft.Compute/virtualMachines/${name}/instanceView`;
  const { status, body } = await site.send("GET", path);
  const statuses = (body as unknown as { statuses?: { code: string }[] }).statuses ?? [];
  return status === 404 ? "gone" : (statuses.find((each) => each.code.startsWith("PowerState/"))?.code ?? "");
}

const ready = [
  "Protected",
  "Primary",
  ["PlannedFailover", "UnplannedFailover", "DisableProtection", "TestFailover"],
];
const committed = ["CompleteMigration", "DisableProtection", "Failback"];

async function jobOf(site: SiteRecovery, scenario: string): Promise<{ name: string; properties: Body }> {
  const jobs = (await site.send("GET", "/replicationJobs")).body.value;
  const name = jobs.find((each) => each.properties.scenarioName === scenario)?.name ?? "";
  return (await site.send("GET", `/replicationJobs/${name}`)).body;
}

describeSiteRecovery(
  "a machine on a Hyper-V site",
  (current) => {
    it("fails over, commits, fails back with a synchronisation that a person completes, commits, and replicates again", async () => {
      const site = current();
      expect(await state(site)).to.deep.equal(ready);
      await run(site, "plannedFailover", forward());
      expect(await state(site)).to.deep.equal([
        "PlannedFailoverCommitRequired",
        "Recovery",
        ["CompleteMigration", "Commit", "DisableProtection", "ChangePit"],
      ]);
      expect([source(site)?.isPoweredOn, await azureMachine(site)]).to.deep.equal([false, "PowerState/running"]);
      const nic = await site.send("GET", `${site.group}/providers/Microsoft.Network/networkInterfaces/hv01-nic-0`);
      expect(nic.body.properties.ipConfigurations[0]?.properties.privateIPAddress).to.equal("10.20.1.21");

      await run(site, "failoverCommit");
      expect(await state(site)).to.deep.equal(["PlannedFailoverStatesBegin", "Recovery", committed]);
      expect((await run(site, "plannedFailover", back("ForSynchronization"))).status).to.equal("Succeeded");
      const waiting = await jobOf(site, "PlannedFailover");
      expect(waiting.properties).to.include({ state: "Suspended" });
      expect(waiting.properties.allowedActions).to.deep.equal(["Cancel", "Resume"]);
      expect(await azureMachine(site)).to.equal("PowerState/running");
      expect((await item(site)).currentScenario).to.include({ scenarioName: "PlannedFailover" });

      await site.send("POST", `/replicationJobs/${waiting.name}/resume`, { properties: { comments: "go" } });
      await site.advance(3600);
      expect((await jobOf(site, "PlannedFailover")).properties.state).to.equal("Succeeded");
      expect(await state(site)).to.deep.equal([
        "PlannedFailoverCommitRequired",
        "Primary",
        ["CompleteMigration", "Commit", "DisableProtection"],
      ]);
      expect([source(site)?.isPoweredOn, await azureMachine(site)]).to.deep.equal([
        true,
        "PowerState/deallocated",
      ]);

      await run(site, "failoverCommit");
      expect(await azureMachine(site)).to.equal("gone");
      expect((await state(site))[2]).to.deep.equal(["CompleteMigration", "ReverseReplicate", "DisableProtection"]);
      const { job } = await run(site, "reProtect", reverse);
      expect([job.scenarioName, job.friendlyName]).to.deep.equal([
        "ReprotectReplicationGroup",
        "Reverse replication",
      ]);
      expect(await state(site)).to.deep.equal(ready);
      expect((await run(site, "unplannedFailover", forward())).status).to.equal("Succeeded");
    });

    it("goes back in one go where the data is synchronised during the failover only", async () => {
      const site = current();
      await run(site, "unplannedFailover", forward());
      await run(site, "failoverCommit");
      const { status, job } = await run(site, "plannedFailover", back("ForDownTime"));
      expect([status, job.state]).to.deep.equal(["Succeeded", "Succeeded"]);
      expect(job.tasks.find((task) => task.name === "VmDataSynchronization")?.state).to.equal("Other");
      expect((await state(site))[1]).to.equal("Primary");
    });

    it("can give up a failback that waits by disabling replication, as recorded", async () => {
      const site = current();
      await run(site, "unplannedFailover", forward());
      await run(site, "failoverCommit");
      await run(site, "plannedFailover", back("ForSynchronization"));
      await site.run("DELETE", "/replicationRecoveryPlans/branch");
      expect((await run(site, "remove", { properties: {} })).status).to.equal("Succeeded");
      expect(await idOf(site, "hv01")).to.equal("");
    });

    it("uses the newest point that exists where nobody shut it down, and a new one where somebody did", async () => {
      const site = current();
      const newest = (await site.send("GET", `${await idOf(site, "hv01")}/recoveryPoints`)).body.value[0];
      await site.advance(90);
      await run(site, "unplannedFailover", forward());
      expect((await item(site)).failoverRecoveryPointId.split("/").at(-1)).to.equal(newest?.name);
      await run(site, "unplannedFailover", forward({ sourceSiteOperations: "Required" }), "hv02");
      const points = (await site.send("GET", `${await idOf(site, "hv02")}/recoveryPoints`)).body.value;
      expect((await item(site, "hv02")).failoverRecoveryPointId.split("/").at(-1)).to.equal(points[0]?.name);
      expect(source(site, "hv02")?.isPoweredOn).to.equal(false);
    });

    it("changes its point any number of times before the commit", async () => {
      const site = current();
      await run(site, "unplannedFailover", forward());
      const points = (await site.send("GET", `${await idOf(site, "hv01")}/recoveryPoints`)).body.value;
      for (const point of [points[2], points[1]]) {
        const body = {
          properties: {
            recoveryPointId: point?.id,
            providerSpecificDetails: { instanceType: "HyperVReplicaAzure" },
          },
        };
        expect((await run(site, "applyRecoveryPoint", body)).status).to.equal("Succeeded");
        expect((await item(site)).failoverRecoveryPointId).to.equal(point?.id);
      }
    });

    it("does not fail over as planned while its host cannot be reached, and harms nothing; unplanned it goes on and says so", async () => {
      const site = current();
      await site.admin("POST", "faults", { kind: "sourceUnreachable" });
      const planned = await run(site, "plannedFailover", forward());
      expect(planned.job.errors[0]?.serviceErrorDetails.code).to.equal("HostNotReachable");
      expect(await state(site)).to.deep.equal(ready);
      const unplanned = await run(site, "unplannedFailover", forward({ sourceSiteOperations: "Required" }));
      expect([unplanned.status, unplanned.job.state]).to.deep.equal(["Succeeded", "CompletedWithInformation"]);
      expect(unplanned.job.errors[0]?.serviceErrorDetails.code).to.equal("SourceShutdownFailed");
    });

    it("goes on replicating after a planned failover that failed on its way", async () => {
      const site = current();
      await site.admin("POST", "faults", { kind: "failTask", taskName: "VmFailover", times: 1 });
      expect((await run(site, "plannedFailover", forward())).status).to.equal("Failed");
      expect(await state(site)).to.deep.equal(ready);
    });

    it("is refused a failback from managed disks, and one whose machine is gone unless it may be made again", async () => {
      const site = current();
      for (const name of ["hv01", "hv02"]) {
        await run(site, "unplannedFailover", forward(), name);
        await run(site, "failoverCommit", undefined, name);
      }
      const managed = await site.send("POST", `${await idOf(site, "hv02")}/plannedFailover`, back("ForDownTime"));
      expect(managed.status).to.equal(400);
      expect(managed.body.error.details[0]?.code).to.equal("FailbackNotSupportedForManagedDisks");
      const place = source(site)?.hyperV;
      if (place === undefined) throw new Error("hv01 stands nowhere");
      place.exists = false;
      const gone = await run(site, "plannedFailover", back("ForDownTime"));
      expect(gone.job.errors[0]?.serviceErrorDetails.code).to.equal("OnPremisesVirtualMachineNotFound");
      const elsewhere = {
        recoveryVmCreationOption: "CreateVmIfNotFound",
        providerIdForAlternateRecovery: "0f0f0f0f-1111-4222-8333-444444444444",
      };
      expect((await run(site, "plannedFailover", back("ForDownTime", elsewhere))).status).to.equal("Succeeded");
      expect(place).to.include({ exists: true, hostId: "0f0f0f0f-1111-4222-8333-444444444444" });
    });

    it("names another host that does not exist, and what is allowed", async () => {
      const site = current();
      await run(site, "unplannedFailover", forward());
      await run(site, "failoverCommit");
      const body = back("ForDownTime", { providerIdForAlternateRecovery: "nobody" });
      const { status, body: refused } = await site.send(
        "POST",
        `${await idOf(site, "hv01")}/plannedFailover`,
        body,
      );
      expect(status).to.equal(400);
      expect(refused.error.details[0]?.message).to.match(/"nobody" is not a provider .* 0f0f0f0f/);
    });

    it("fails over with its plan and back, where the plan waits once for all machines", async () => {
      const site = current();
      const plan = "/replicationRecoveryPlans/branch";
      const groups = [{ groupType: "Boot", replicationProtectedItems: [{ id: await idOf(site, "hv01") }] }];
      await site.run("PATCH", plan, { properties: { groups } });
      const planned = { properties: { failoverDirection: "PrimaryToRecovery", providerSpecificDetails: [] } };
      expect((await site.run("POST", `${plan}/plannedFailover`, planned)).job.state).to.equal("Succeeded");
      await site.run("POST", `${plan}/failoverCommit`);
      expect((await site.send("GET", plan)).body.properties.allowedOperations).to.deep.equal(["Failback"]);
      const details = back("ForSynchronization").properties.providerSpecificDetails;
      const failback = {
        properties: { failoverDirection: "RecoveryToPrimary", providerSpecificDetails: [details] },
      };
      await site.send("POST", `${plan}/plannedFailover`, failback);
      await site.advance(3600);
      const waiting = await jobOf(site, "PlannedFailover");
      expect(waiting.properties).to.include({ state: "Suspended", targetObjectName: "branch" });
      expect(await azureMachine(site)).to.equal("PowerState/running");
      await site.send("POST", `/replicationJobs/${waiting.name}/resume`, { properties: {} });
      await site.advance(3600);
      expect((await state(site))[1]).to.equal("Primary");
      expect(await azureMachine(site)).to.equal("PowerState/deallocated");
    });
  },
  hyperVEstate,
);

describeSiteRecovery(
  "a machine in a VMM cloud",
  (current) => {
    const pfx = Buffer.from("certificate").toString("base64");

    it("whose data is encrypted needs the certificate for every failover to Azure", async () => {
      const site = current();
      const id = await idOf(site, "vmm01");
      const drill = { networkType: "VmNetworkAsInput", networkId: site.network("drill") };
      for (const [action, more] of [
        ["testFailover", drill],
        ["unplannedFailover", {}],
        ["plannedFailover", {}],
      ] as const) {
        const { status, body } = await site.send("POST", `${id}/${action}`, forward(more));
        expect(status, action).to.equal(400);
        expect(body.error.details[0]?.message, action).to.contain("primaryKekCertificatePfx: is missing");
      }
      const bad = await site.send(
        "POST",
        `${id}/unplannedFailover`,
        forward({}, { primaryKekCertificatePfx: "no!" }),
      );
      expect(bad.body.error.details[0]?.message).to.contain("is not base64");
      const given = await run(site, "unplannedFailover", forward({}, { primaryKekCertificatePfx: pfx }), "vmm01");
      expect(given.status).to.equal("Succeeded");
    });

    it("fails over into the network that its VM network is mapped to, and follows the mapping when it changes", async () => {
      const site = current();
      const fabric = (await site.send("GET", "/replicationFabrics")).body.value.find(
        (each) => each.properties.friendlyName === "vmm.example.com",
      );
      const network = (await site.send("GET", `${fabric?.id}/replicationNetworks`)).body.value[0];
      const mapping = (await site.send("GET", "/replicationNetworkMappings")).body.value[0];
      const details = async () =>
        (await item(site, "vmm01")).providerSpecificDetails as Body & { selectedRecoveryAzureNetworkId: string };
      expect((await details()).selectedRecoveryAzureNetworkId).to.equal(site.network("drill"));
      const body = {
        properties: {
          recoveryNetworkId: site.network("prod"),
          fabricSpecificDetails: { instanceType: "VmmToAzure" },
        },
      };
      const twice = await site.send("PUT", `${network?.id}/replicationNetworkMappings/other`, body);
      expect([twice.status, twice.body.error.details[0]?.code]).to.deep.equal([409, "NetworkAlreadyMapped"]);
      await site.run("PATCH", mapping?.id ?? "", body);
      expect((await details()).selectedRecoveryAzureNetworkId).to.equal(site.network("prod"));
      await run(site, "unplannedFailover", forward({}, { primaryKekCertificatePfx: pfx }), "vmm01");
      const nic = await site.send(
        "GET",
        `${site.group}/providers/Microsoft.Network/networkInterfaces/vmm01-nic-0`,
      );
      expect(JSON.stringify(nic.body.properties.ipConfigurations[0])).to.contain(
        "/virtualNetworks/prod/subnets/web",
      );
      expect((await site.run("DELETE", mapping?.id ?? "")).status).to.equal("Succeeded");
      expect((await site.send("GET", mapping?.id ?? "")).status).to.equal(404);
    });
  },
  hyperVEstate,
);

describeSiteRecovery(
  "setting up a Hyper-V site",
  (current) => {
    const policy = (details: object) => ({
      properties: { providerSpecificInput: { instanceType: "HyperVReplicaAzure", ...details } },
    });

    it("makes the site, whose hosts and machines then register, maps a policy, and replicates until a job completes the protection", async () => {
      const site = current();
      const made = await site.run("PUT", "/replicationFabrics/later", {
        properties: { customDetails: { instanceType: "FabricSpecificCreationInput" } },
      });
      expect([made.job.scenarioName, made.status]).to.deep.equal(["CreateSite", "Succeeded"]);
      const fabric = (await site.send("GET", "/replicationFabrics/later")).body.properties.customDetails;
      expect(fabric).to.include({ instanceType: "HyperVSite" });
      await site.run("PUT", "/replicationPolicies/often", policy({ replicationInterval: 30 }));
      const containers = (await site.send("GET", "/replicationFabrics/later/replicationProtectionContainers"))
        .body;
      const container = containers.value[0]?.id ?? "";
      const policyId = `${site.vault}/replicationPolicies/often`;
      const mapping = `${container}/replicationProtectionContainerMappings/later-often`;
      await site.run("PUT", mapping, { properties: { targetProtectionContainerId: "Microsoft Azure", policyId } });
      const protectable = (await site.send("GET", `${container}/replicationProtectableItems`)).body.value[0];
      expect(protectable?.properties.friendlyName).to.equal("late01");
      const details = {
        instanceType: "HyperVReplicaAzure",
        targetAzureVmName: "late01",
        targetAzureV2ResourceGroupId: site.group,
        targetStorageAccountId: `${site.group}/providers/Microsoft.Storage/storageAccounts/shoplogs`,
        targetAzureNetworkId: site.network("prod"),
        targetAzureSubnetId: "web",
      };
      const path = `${container}/replicationProtectedItems/late01`;
      const elsewhere = {
        ...details,
        targetAzureV2ResourceGroupId: `${site.group}-later`,
        targetStorageAccountId: `${site.group}/providers/Microsoft.Storage/storageAccounts/later`,
        targetAvailabilitySetId: `${site.group}/providers/Microsoft.Compute/availabilitySets/later`,
        targetVmSize: "Huge",
      };
      const refused = await site.send("PUT", path, {
        properties: { policyId, protectableItemId: protectable?.id, providerSpecificDetails: elsewhere },
      });
      expect(refused.status).to.equal(400);
      expect(refused.body.error.details.map(({ message }) => message.replace(/"[^"]*"/, "it"))).to.deep.equal([
        "properties.providerSpecificDetails.targetVmSize: it is not a size of a virtual machine; allowed: one such as Standard_D4s_v5",
        "properties.providerSpecificDetails.targetAzureV2ResourceGroupId: it is not an existing resource group",
        "properties.providerSpecificDetails.targetStorageAccountId: it is not an existing storage account",
        "properties.providerSpecificDetails.targetAvailabilitySetId: it is not an existing availability set",
      ]);
      const enable = {
        properties: { policyId, protectableItemId: protectable?.id, providerSpecificDetails: details },
      };
      expect((await site.run("PUT", path, enable)).status).to.equal("Succeeded");
      expect((await state(site, "late01"))[0]).to.equal("InitialReplicationInProgress");
      await site.advance(5 * 60);
      expect((await state(site, "late01"))[0]).to.equal("InitialReplicationRecoveryCompletionPending");
      await site.advance(9 * 60 + 40);
      expect(await state(site, "late01")).to.deep.equal(["Protected", "Primary", []]);
      expect((await item(site, "late01")).currentScenario).to.include({ scenarioName: "EnableProtection" });
      await site.advance(60);
      expect(await state(site, "late01")).to.deep.equal(ready);

      const inUse = await site.send("POST", "/replicationFabrics/later/remove");
      expect([inUse.status, inUse.body.error.details[0]?.code]).to.deep.equal([409, "FabricInUse"]);
      await site.run("POST", `${path}/remove`, { properties: {} });
      await site.run("DELETE", mapping);
      expect((await site.run("POST", "/replicationFabrics/later/remove")).status).to.equal("Succeeded");
      expect((await site.send("GET", "/replicationFabrics/later")).status).to.equal(404);
    });

    it("refuses policies out of range with everything that is wrong, and fills in what is left out", async () => {
      const site = current();
      const wrong = {
        recoveryPointHistoryDuration: 25,
        replicationInterval: 900,
        applicationConsistentSnapshotFrequencyInHours: 13,
      };
      const { status, body } = await site.send("PUT", "/replicationPolicies/wrong", policy(wrong));
      expect(status).to.equal(400);
      expect(body.error.details.map((each) => each.message).join("\n")).to.match(
        /recoveryPointHistoryDuration: 25 .* 0-24 hours[\s\S]*0 \(off\) or 1-12 hours[\s\S]*replicationInterval: 900 .* 30 or 300 seconds/,
      );
      await site.run("PUT", "/replicationPolicies/plain", policy({}));
      const plain = (await site.send("GET", "/replicationPolicies/plain")).body.properties.providerSpecificDetails;
      expect(plain).to.include({ recoveryPointHistoryDurationInHours: 2, replicationInterval: 300 });
    });

    it("refuses fabrics that register from on-premises, and enabling with everything that is wrong", async () => {
      const site = current();
      const vmm = await site.send("PUT", "/replicationFabrics/vmm2", {
        properties: { customDetails: { instanceType: "VMM" } },
      });
      expect(vmm.body.error.details[0]?.message).to.contain('"VMM" registers from on-premises');
      const container = (await site.send("GET", "/replicationFabrics/branch/replicationProtectionContainers")).body
        .value[0];
      const enable = {
        properties: {
          policyId: `${site.vault}/replicationPolicies/hourly`,
          protectableItemId: `${container?.id}/replicationProtectableItems/nobody`,
          providerSpecificDetails: {
            instanceType: "HyperVReplicaAzure",
            targetAzureVmName: "bad name",
            targetAzureNetworkId: "none",
          },
        },
      };
      const { body } = await site.send("PUT", `${container?.id}/replicationProtectedItems/x`, enable);
      const paths = body.error.details.map((each) => each.message.split(":")[0]);
      expect(paths).to.deep.equal([
        "properties.protectableItemId",
        "properties.providerSpecificDetails.targetAzureVmName",
        "properties.providerSpecificDetails.targetAzureV2ResourceGroupId",
        "properties.providerSpecificDetails.targetStorageAccountId",
        "properties.providerSpecificDetails.targetAzureNetworkId",
      ]);
    });
  },
  hyperVEstate,
);

describeSiteRecovery(
  "an estate whose items are at later stages",
  (current) => {
    it("begins with them there, machines on both sides included", async () => {
      const site = current();
      expect(await state(site)).to.deep.equal(["UnplannedFailoverStatesBegin", "Recovery", committed]);
      expect([source(site)?.isPoweredOn, await azureMachine(site)]).to.deep.equal([false, "PowerState/running"]);
      expect((await state(site, "hv02"))[1]).to.equal("Primary");
      expect(await azureMachine(site, "hv02")).to.equal("gone");
    });
  },
  () => {
    const all = hyperVEstate();
    const items = all.replicatedItems ?? [];
    return {
      ...all,
      replicatedItems: [
        { ...items[0], state: "committed" },
        { ...items[1], managedDisks: false, state: "failbackCommitted" },
      ] as EstateInput["replicatedItems"],
    };
  },
);
