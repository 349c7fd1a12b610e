import { expect } from "chai";
import { type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import {
  type Body,
  describeSiteRecovery,
  estate,
  type SiteRecovery,
  siteRecoveryOf,
} from "./describeSiteRecovery.js";

const [here, there] = ["vmm1.example.com", "vmm2.example.com"] as const;

/** Three machines of one cloud that replicate to the cloud of another VMM server. */
function twoSites(state: "protected" | "committed" | "reprotected" | "failedBack" = "protected"): EstateInput {
  const machine = (name: string, ip: string) => ({
    name,
    kind: "hyperv" as const,
    hyperV: { vmmServer: here, cloud: "gold" },
    os: { type: "Windows" as const, name: "Windows Server 2012 R2" },
    nics: [{ network: "corp", ip }],
  });
  const server = (name: string) => ({
    name,
    fabricName: name.replace(/\..*/, ""),
    clouds: [{ name: "gold" }, { name: "spare" }],
    networks: [
      { name: "corp", id: name === here ? "11111111-0000-4000-8000-000000000001" : undefined },
      { name: "test", id: name === here ? undefined : "22222222-0000-4000-8000-000000000002" },
    ],
  });
  return {
    ...estate(),
    policies: [],
    machines: [machine("vm01", "192.168.1.21"), machine("vm02", "192.168.1.22"), machine("vm03", "192.168.1.23")],
    vmmServers: [server(here), server(there)],
    networkMappings: [
      { vmmServer: here, network: "corp", targetVmmServer: there, targetNetwork: "corp", name: "corp" },
    ],
    vmmPolicies: [
      { name: "second-site", recoveryPoints: 4, mappings: [{ from: `${here}/gold`, to: `${there}/gold` }] },
    ],
    replicatedItems: [
      { machine: "vm01", policy: "second-site", state },
      { machine: "vm02", policy: "second-site", state },
      { machine: "vm03", policy: "second-site", state },
    ],
    recoveryPlans: [{ name: "site", groups: [["vm01"], ["vm02", "vm03"]] }],
  };
}

async function itemAt(site: SiteRecovery, name = "vm01"): Promise<{ id: string; properties: Body }> {
  const all = (await site.send("GET", "/replicationProtectedItems")).body.value;
  const found = all.find((each) => each.name === name);
  return { id: found?.id ?? "", properties: found?.properties ?? ({} as Body) };
}

const stateOf = async (site: SiteRecovery, name = "vm01") => {
  const { protectionState, activeLocation, allowedOperations } = (await itemAt(site, name)).properties;
  return [protectionState, activeLocation, allowedOperations];
};

const body = (failoverDirection: string, instanceType: string, more: object = {}) => ({
  properties: { failoverDirection, ...more, providerSpecificDetails: { instanceType } },
});
const [out, back] = ["PrimaryToRecovery", "RecoveryToPrimary"] as const;
const planned = (direction: string) => body(direction, "ProviderSpecificFailoverInput");
const unplanned = (direction: string, sourceSiteOperations = "Required") =>
  body(direction, "ProviderSpecificFailoverInput", { sourceSiteOperations });
const reverse = (direction: string) => body(direction, "ReverseReplicationProviderSpecificInput");

const run = async (site: SiteRecovery, action: string, input?: unknown, name = "vm01") => {
  const ended = await site.run("POST", `${(await itemAt(site, name)).id}/${action}`, input);
  // The reverse replication is followed by jobs of its own.
  await site.advance(180);
  return ended;
};

const machines = (site: SiteRecovery) =>
  Object.values(Object.values(site.emulator.world.state.siteRecovery.vaults)[0]?.machines ?? {});
/** Which machines of this name run, by the fabric in which they stand. */
const running = (site: SiteRecovery, name = "vm01") =>
  machines(site)
    .filter((each) => each.name === name && each.isPoweredOn)
    .map((each) => [each.hyperV?.fabricName, each.nics[0]?.network]);

const ready = ["PlannedFailover", "UnplannedFailover", "DisableProtection", "TestFailover"];
const pending = ["CompleteMigration", "ReverseReplicate", "Commit", "DisableProtection", "ChangePit"];
const committed = ["CompleteMigration", "ReverseReplicate", "DisableProtection"];

describeSiteRecovery(
  "a machine that replicates to the cloud of another VMM server",
  (current) => {
    it("goes to the other site as planned, replicates back, and comes home the same way", async () => {
      const site = current();
      expect(await stateOf(site)).to.deep.equal(["Protected", "Primary", ready]);
      await run(site, "plannedFailover", planned(out));
      expect(await stateOf(site)).to.deep.equal(["PlannedFailoverCommitRequired", "Recovery", pending]);
      expect(running(site)).to.deep.equal([["vmm2", "corp"]]);
      await run(site, "failoverCommit");
      expect(await stateOf(site)).to.deep.equal(["PlannedFailoverStatesBegin", "Recovery", committed]);
      const { job } = await run(site, "reProtect", reverse(back));
      expect([job.scenarioName, job.tasks.map((task) => `${task.name} ${task.state}`)]).to.deep.equal([
        "ReverseReplication",
        [
          "VmReverseReplicationPrerequisitesCheck Succeeded",
          "VmCommit Other",
          "VmPrepareForReverseReplication Succeeded",
          "VmInitiateReverseReplication Succeeded",
          "UpdateDraState Succeeded",
        ],
      ]);
      expect(await stateOf(site)).to.deep.equal(["Protected", "Recovery", ready]);
      await run(site, "plannedFailover", planned(back));
      expect(await stateOf(site)).to.deep.equal(["PlannedFailoverCommitRequired", "Primary", pending]);
      expect(running(site)).to.deep.equal([["vmm1", "corp"]]);
      await run(site, "failoverCommit");
      await run(site, "reProtect", reverse(out));
      expect(await stateOf(site)).to.deep.equal(["Protected", "Primary", ready]);
    });

    it("is held by the job that completes a reverse replication, on the receiving side", async () => {
      const site = current();
      await run(site, "unplannedFailover", unplanned(out));
      const { id } = await itemAt(site);
      await site.run("POST", `${id}/reProtect`, reverse(back));
      const held = (await itemAt(site)).properties;
      expect([held.currentScenario.scenarioName, held.allowedOperations]).to.deep.equal(["EnableProtection", []]);
      const { value } = (await site.send("GET", "/replicationJobs")).body;
      expect(value.slice(0, 3).map((job) => job.properties.scenarioName)).to.deep.equal([
        "PrimaryIrCompletion",
        "SecondaryIrCompletion",
        "ReverseReplication",
      ]);
      await site.advance(180);
      expect(await stateOf(site)).to.deep.equal(["Protected", "Recovery", ready]);
    });

    it("changes its point before the commit, and after it has none", async () => {
      const site = current();
      const { id } = await itemAt(site);
      const points = async () => (await site.send("GET", `${id}/recoveryPoints`)).body.value;
      expect(await points()).to.have.length.within(4, 5);
      await run(site, "unplannedFailover", unplanned(out));
      const [, older] = await points();
      const wanted = { properties: { recoveryPointId: older?.id } };
      expect((await run(site, "applyRecoveryPoint", wanted)).status).to.equal("Succeeded");
      expect((await itemAt(site)).properties.failoverRecoveryPointId).to.equal(older?.id);
      await run(site, "failoverCommit");
      expect(await stateOf(site)).to.deep.equal(["UnplannedFailoverStatesBegin", "Recovery", committed]);
      expect(await points()).to.deep.equal([]);
    });

    it("does not fail over as planned while either server is away, and harms nothing; unplanned it goes on and says so", async () => {
      const site = current();
      const { body: fault } = await site.admin("POST", "faults", {
        kind: "sourceUnreachable",
        fabricName: "vmm1",
      });
      const failed = await run(site, "plannedFailover", planned(out));
      expect([failed.status, failed.job.errors[0]?.serviceErrorDetails.code]).to.deep.equal([
        "Failed",
        "VmmServerNotReachable",
      ]);
      expect(await stateOf(site)).to.deep.equal(["Protected", "Primary", ready]);
      expect(running(site)).to.deep.equal([["vmm1", "corp"]]);
      const went = await run(site, "unplannedFailover", unplanned(out));
      expect([went.job.state, went.job.errors[0]?.serviceErrorDetails.code]).to.deep.equal([
        "CompletedWithInformation",
        "SourceShutdownFailed",
      ]);
      // Both run now, which is what the reverse replication mends.
      expect(running(site).map(([fabric]) => fabric)).to.have.members(["vmm1", "vmm2"]);
      expect((await run(site, "reProtect", reverse(back))).status).to.equal("Failed");
      await site.admin("DELETE", `faults/${fault.id}`);
      expect((await run(site, "reProtect", reverse(back))).status).to.equal("Succeeded");
      expect(running(site).map(([fabric]) => fabric)).to.deep.equal(["vmm2"]);
      const other = await site.admin("POST", "faults", { kind: "sourceUnreachable", fabricName: "vmm1" });
      expect(other.status).to.equal(201);
      const home = await run(site, "unplannedFailover", unplanned(back));
      expect(home.job.errors[0]?.serviceErrorDetails.message).to.contain("vmm1.example.com");
    });

    it("is refused the other direction and other bodies, naming what is allowed", async () => {
      const site = current();
      const { id } = await itemAt(site);
      const wrong = await site.send("POST", `${id}/plannedFailover`, planned(back));
      expect([wrong.status, wrong.body.error.message]).to.satisfy(([status, text]: [number, string]) => {
        return status === 400 && text.includes(out);
      });
      const other = await site.send("POST", `${id}/unplannedFailover`, body(out, "HyperVReplicaAzure"));
      expect(other.body.error.details[0]?.message).to.contain("ProviderSpecificFailoverInput");
    });

    it("is tested beside its copy, in a VM network of the other server or in none", async () => {
      const site = current();
      const { id } = await itemAt(site);
      const networks = "/replicationFabrics/vmm2/replicationNetworks";
      const known = (await site.send("GET", networks)).body.value;
      const network = known.find((each) => each.properties.friendlyName === "test")?.id;
      const test = (more: object) => body(out, "TestFailoverProviderSpecificInput", more);
      const azure = { networkType: "VmNetworkAsInput", networkId: site.network("drill") };
      const refused = await site.send("POST", `${id}/testFailover`, test(azure));
      expect(refused.body.error.details[0]?.message).to.contain(String(network));
      for (const [wanted, connection] of [
        [{ networkType: "VmNetworkAsInput", networkId: network }, "Connected"],
        [{ networkType: "NoNetworkAttachAsInput" }, "Disconnected"],
      ] as const) {
        const { job } = await run(site, "testFailover", test(wanted));
        expect(job.customDetails.protectedItemDetails[0]).to.include({
          testVmName: "vm01-test",
          networkConnectionStatus: connection,
        });
        expect(running(site, "vm01-test")).to.deep.equal([["vmm2", connection === "Connected" ? "test" : ""]]);
        expect(running(site)).to.deep.equal([["vmm1", "corp"]]);
        expect((await stateOf(site))[2]).to.deep.equal(["TestFailoverCleanup"]);
        await run(site, "testFailoverCleanup", { properties: { comments: "well" } });
        expect(running(site, "vm01-test")).to.deep.equal([]);
      }
      expect((await stateOf(site))[2]).to.deep.equal(ready);
    });

    it("cannot be enabled, and its copy is nothing that could be protected", async () => {
      const site = current();
      const containers = (await site.send("GET", "/replicationFabrics/vmm2/replicationProtectionContainers")).body;
      for (const { id } of containers.value) {
        expect((await site.send("GET", `${id}/replicationProtectableItems`)).body.value).to.deep.equal([]);
      }
    });
  },
  twoSites,
);

describeSiteRecovery(
  "the pair of two clouds",
  (current) => {
    it("takes a policy of its kind with every range, and a mapping from cloud to cloud", async () => {
      const site = current();
      const bad = {
        instanceType: "HyperVReplica2012R2",
        replicationFrequencyInSeconds: 60,
        recoveryPoints: 25,
        applicationConsistentSnapshotFrequencyInHours: 13,
      };
      const refused = await site.send("PUT", "/replicationPolicies/other", {
        properties: { providerSpecificInput: bad },
      });
      expect(refused.body.error.details.map((each) => each.message).join("\n"))
        .to.contain("30, 300 or 900 seconds")
        .and.to.contain("0-24 hourly points")
        .and.to.contain("1-12 hours");
      const good = { instanceType: "HyperVReplica2012R2", replicationFrequencyInSeconds: 30 };
      await site.run("PUT", "/replicationPolicies/other", { properties: { providerSpecificInput: good } });
      const clouds = async (fabric: string) =>
        (await site.send("GET", `/replicationFabrics/${fabric}/replicationProtectionContainers`)).body.value;
      const spare = (list: Body[]) => list.find((each) => each.properties.friendlyName === "spare")?.id ?? "";
      const [from, to] = [spare(await clouds("vmm1")), spare(await clouds("vmm2"))];
      const mapping = `${from}/replicationProtectionContainerMappings/spare`;
      const policyId = (await site.send("GET", "/replicationPolicies/other")).body.id;
      const wanted = { targetProtectionContainerId: to, policyId, providerSpecificInput: {} };
      expect((await site.run("PUT", mapping, { properties: wanted })).status).to.equal("Succeeded");
      const made = (await site.send("GET", mapping)).body.properties;
      expect(made).to.include({
        targetFabricFriendlyName: there,
        targetProtectionContainerFriendlyName: "spare",
        policyFriendlyName: "other",
      });
      const toAzure = { ...wanted, targetProtectionContainerId: "Microsoft Azure" };
      const wrong = await site.send("PUT", `${mapping}2`, { properties: toAzure });
      expect([wrong.status, wrong.body.error.message]).to.satisfy(([status, text]: [number, string]) => {
        return status === 400 && text.includes("HyperVReplica2012R2");
      });
    });

    it("maps VM networks of both servers, and refuses those of the same one", async () => {
      const site = current();
      const of = async (fabric: string) =>
        (await site.send("GET", `/replicationFabrics/${fabric}/replicationNetworks`)).body.value;
      const named = (list: Body[], name: string) => list.find((each) => each.properties.friendlyName === name)?.id;
      const [own, other] = [await of("vmm1"), await of("vmm2")];
      const path = `${named(own, "test")}/replicationNetworkMappings/test`;
      const wanted = (recoveryNetworkId: unknown) => ({
        properties: { recoveryNetworkId, fabricSpecificDetails: { instanceType: "VmmToVmm" } },
      });
      const refused = await site.send("PUT", path, wanted(named(own, "corp")));
      expect(refused.body.error.message).to.contain("is not a VM network of another VMM server");
      expect((await site.run("PUT", path, wanted(named(other, "test")))).status).to.equal("Succeeded");
      expect((await site.send("GET", path)).body.properties).to.deep.include({
        recoveryFabricFriendlyName: there,
        recoveryNetworkFriendlyName: "test",
        fabricSpecificSettings: { instanceType: "VmmToVmm" },
      });
    });
  },
  twoSites,
);

describe("an estate of two sites", () => {
  for (const [stage, protectionState, location] of [
    ["committed", "UnplannedFailoverStatesBegin", "Recovery"],
    ["reprotected", "Protected", "Recovery"],
    ["failedBack", "PlannedFailoverCommitRequired", "Primary"],
  ] as const) {
    it(`can begin with machines that are ${stage}`, async () => {
      const emulator = await startEmulator({ estate: twoSites(stage), frozen: true });
      try {
        const site = siteRecoveryOf(emulator);
        expect((await stateOf(site)).slice(0, 2)).to.deep.equal([protectionState, location]);
        expect(running(site).map(([fabric]) => fabric)).to.deep.equal([location === "Primary" ? "vmm1" : "vmm2"]);
      } finally {
        await emulator.stop();
      }
    });
  }

  it("is told everything that does not fit together", async () => {
    const wrong = twoSites();
    const [first, ...others] = wrong.replicatedItems ?? [];
    const input: EstateInput = {
      ...wrong,
      networkMappings: [{ vmmServer: here, network: "corp", targetVmmServer: there, targetNetwork: "none" }],
      vmmPolicies: [
        { name: "second-site", mappings: [{ from: `${here}/spare`, to: `${there}/silver` }] },
        { name: "again", mappings: [{ from: `${here}/spare`, to: `${here}/spare` }] },
      ],
      replicatedItems: [{ ...first, machine: "vm01", policy: "second-site", targetNetwork: "prod" }, ...others],
    };
    const error = await startEmulator({ estate: input }).then(
      () => "started",
      (reason: unknown) => String(reason),
    );
    for (const part of [
      '"none" is not one of networks of "vmm2.example.com"; allowed: corp, test',
      '"vmm2.example.com/silver" is not one of the clouds',
      '"vmm1.example.com/spare" is the cloud that it replicates from',
      '"vmm1.example.com/spare" replicates by policy "second-site" already',
      'targetNetwork: is given; allowed: not with policy "second-site"',
      'does not replicate the cloud "vmm1.example.com/gold" of "vm01"',
    ])
      expect(error).to.contain(part);
  });
});
