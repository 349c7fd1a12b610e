import { expect } from "chai";
import type { EstateInput } from "../../../rehearsal/emulator/index.js";
import { type Body, describeSiteRecovery, estate, type SiteRecovery } from "./describeSiteRecovery.js";

/** A classic machine of its own, and two that are consistent together. */
function classicEstate(): EstateInput {
  const machine = (name: string, ip: string) => ({
    name,
    kind: "classic" as const,
    os: { type: "Windows" as const, name: "Windows Server 2012 R2" },
    nics: [{ network: "lan", ip }],
  });
  const item = (name: string, more: object = {}) => ({
    machine: name,
    policy: "old",
    targetNetwork: "prod",
    targetSubnet: "web",
    testNetwork: "drill",
    ...more,
  });
  return {
    ...estate(),
    machines: [
      machine("old01", "192.168.1.31"),
      machine("twin01", "192.168.1.32"),
      machine("twin02", "192.168.1.33"),
    ],
    classicVMware: {
      name: "config-server",
      processServers: [{ name: "ps1", id: "PS-1" }],
      masterTargets: [{ name: "mt1", id: "MT-1", retentionVolumes: ["R"], datastores: ["datastore1"] }],
    },
    policies: [],
    classicPolicies: [{ name: "old" }],
    replicatedItems: [
      item("old01"),
      item("twin01", { multiVmGroup: "twins" }),
      item("twin02", { multiVmGroup: "twins" }),
    ],
    recoveryPlans: [],
  };
}

async function idOf(site: SiteRecovery, name = "old01"): Promise<string> {
  const all = (await site.send("GET", "/replicationProtectedItems")).body.value;
  return all.find((each) => each.name === name)?.id ?? "";
}

async function state(site: SiteRecovery, name = "old01"): Promise<unknown[]> {
  const item = (await site.send("GET", await idOf(site, name))).body.properties;
  const { instanceType } = item.providerSpecificDetails as Body & { instanceType: string };
  return [instanceType, item.protectionState, item.activeLocation, item.allowedOperations];
}

const run = async (site: SiteRecovery, action: string, body?: unknown, name = "old01") =>
  site.run("POST", `${await idOf(site, name)}/${action}`, body);

const toAzure = {
  properties: {
    failoverDirection: "PrimaryToRecovery",
    sourceSiteOperations: "NotRequired",
    providerSpecificDetails: { instanceType: "InMageAzureV2" },
  },
};
const reprotect = (site: SiteRecovery, more: object = {}) => ({
  properties: {
    failoverDirection: "RecoveryToPrimary",
    providerSpecificDetails: {
      instanceType: "InMage",
      masterTargetId: "MT-1",
      processServerId: "PS-1",
      retentionDrive: "R",
      datastoreName: "datastore1",
      profileId: `${site.vault}/replicationPolicies/old-failback`,
      ...more,
    },
  },
});
const toVMware = {
  properties: {
    failoverDirection: "RecoveryToPrimary",
    providerSpecificDetails: { instanceType: "InMage", recoveryPointType: "LatestTime" },
  },
};
const again = (site: SiteRecovery) => ({
  properties: {
    failoverDirection: "PrimaryToRecovery",
    providerSpecificDetails: {
      instanceType: "InMageAzureV2",
      processServerId: "PS-1",
      policyId: `${site.vault}/replicationPolicies/old`,
    },
  },
});

describeSiteRecovery(
  "a machine of classic VMware",
  (current) => {
    it("goes to Azure and back again, as the item that it was", async () => {
      const site = current();
      await run(site, "unplannedFailover", toAzure);
      await run(site, "failoverCommit");
      expect(await state(site)).to.deep.equal([
        "InMageAzureV2",
        "UnplannedFailoverStatesBegin",
        "Recovery",
        ["CompleteMigration", "DisableProtection", "SwitchProtection"],
      ]);
      const { job } = await run(site, "reProtect", reprotect(site));
      expect(job.scenarioName).to.equal("SwitchReplicationGroupProtection");
      await site.advance(20 * 60);
      expect(await state(site)).to.deep.equal([
        "InMage",
        "Protected",
        "Primary",
        ["UnplannedFailover", "DisableProtection"],
      ]);
      await run(site, "unplannedFailover", toVMware);
      expect((await state(site)).slice(0, 3)).to.deep.equal([
        "InMage",
        "UnplannedFailoverCommitPendingStatesBegin",
        "Recovery",
      ]);
      const vm = `${site.group}/providers/Microsoft.Compute/virtualMachines/old01`;
      expect((await site.send("GET", vm)).status).to.equal(200);
      await run(site, "failoverCommit");
      expect((await site.send("GET", vm)).status).to.equal(404);
      await run(site, "reProtect", again(site));
      await site.advance(3600);
      expect(await state(site)).to.deep.equal([
        "InMageAzureV2",
        "Protected",
        "Primary",
        ["UnplannedFailover", "DisableProtection", "TestFailover"],
      ]);
    });

    it("names everything that is wrong with a reprotection at once", async () => {
      const site = current();
      await run(site, "unplannedFailover", toAzure);
      const wrong = { masterTargetId: "MT-9", processServerId: "PS-9", profileId: "none" };
      const { status, body } = await site.send("POST", `${await idOf(site)}/reProtect`, reprotect(site, wrong));
      expect(status).to.equal(400);
      const messages = body.error.details.map((each) => each.message).join("\n");
      expect(messages).to.match(/"MT-9".* allowed: MT-1[\s\S]*"PS-9".* allowed: PS-1[\s\S]*old-failback/);
    });

    it("is refused a reprotection alone where it is consistent with others", async () => {
      const site = current();
      await run(site, "unplannedFailover", toAzure, "twin01");
      const { status, body } = await site.send("POST", `${await idOf(site, "twin01")}/reProtect`, reprotect(site));
      expect(status).to.equal(400);
      expect(body.error.details[0]?.code).to.equal("MultiVmGroupReprotectNotAllowed");
      expect(body.error.details[0]?.message).to.contain("'twin02'");
    });

    it("cannot be enabled any more, and its policies are read-only or closed", async () => {
      const site = current();
      const container = (await site.send("GET", "/replicationProtectionContainers")).body.value[0]?.id ?? "";
      const enable = await site.send("PUT", `${container}/replicationProtectedItems/new`, {
        properties: {
          policyId: `${site.vault}/replicationPolicies/old`,
          providerSpecificDetails: { instanceType: "InMageAzureV2" },
        },
      });
      expect([enable.status, enable.body.error.details[0]?.code]).to.deep.equal([400, "EnablingNotSupported"]);
      const policy = { properties: { providerSpecificInput: { instanceType: "InMageAzureV2" } } };
      const made = await site.send("PUT", "/replicationPolicies/new", policy);
      expect(made.body.error.details[0]?.code).to.equal("ClassicDeprecated");
    });
  },
  classicEstate,
);
