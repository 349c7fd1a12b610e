/** Every answer of a whole drill and failover, against the published OpenAPI document. */

import { expect } from "chai";
import { startEmulator } from "../../../rehearsal/emulator/index.js";
import {
  drill,
  estate,
  failover,
  type SiteRecovery,
  siteRecoveryOf,
} from "../../emulator/siterecovery/describeSiteRecovery.js";
import { readReference, referenceData } from "../referenceData.js";
import { Contract, type OpenApi } from "./openApi.js";

const item = (site: SiteRecovery, name: string) => `${site.container}/replicationProtectedItems/${name}`;

/** Everything that can be read, at whatever stage things are. */
async function readable(site: SiteRecovery): Promise<string[]> {
  const fabric = "/replicationFabrics/shop-vault-vmwarefabric";
  const names = async (path: string) => (await site.send("GET", path)).body.value.map((each) => each.name);
  const jobs = await names("/replicationJobs");
  const events = await names("/replicationEvents");
  const protectable = await names(`${site.container}/replicationProtectableItems`);
  const points = await names(`${item(site, "web01")}/recoveryPoints`);
  return [
    "/replicationPolicies",
    "/replicationPolicies/daily",
    "/replicationFabrics",
    fabric,
    "/replicationRecoveryServicesProviders",
    `${fabric}/replicationRecoveryServicesProviders`,
    `${fabric}/replicationRecoveryServicesProviders/appliancedra`,
    "/replicationProtectionContainers",
    `${fabric}/replicationProtectionContainers`,
    site.container,
    "/replicationProtectionContainerMappings",
    `${site.container}/replicationProtectionContainerMappings`,
    `${site.container}/replicationProtectionContainerMappings/daily`,
    `${site.container}/replicationProtectableItems`,
    `${site.container}/replicationProtectableItems/${protectable[0]}`,
    "/replicationProtectedItems",
    `${site.container}/replicationProtectedItems`,
    ...["web01", "app01", "old01"].map((name) => item(site, name)),
    `${item(site, "web01")}/targetComputeSizes`,
    `${item(site, "web01")}/recoveryPoints`,
    ...points.slice(0, 2).map((name) => `${item(site, "web01")}/recoveryPoints/${name}`),
    "/replicationRecoveryPlans",
    "/replicationRecoveryPlans/shop",
    "/replicationJobs",
    ...jobs.map((name) => `/replicationJobs/${name}`),
    "/replicationEvents",
    ...events.slice(0, 2).map((name) => `/replicationEvents/${name}`),
    "/replicationVaultHealth",
    "/replicationVaultSettings",
    "/replicationVaultSettings/default",
    "/replicationAppliances",
    "/replicationSupportedOperatingSystems",
  ];
}

async function reprotection(site: SiteRecovery): Promise<unknown> {
  const { body } = await site.send("GET", "/replicationFabrics/shop-vault-vmwarefabric");
  const { reprotectAgents } = body.properties.customDetails as unknown as { reprotectAgents: { id: string }[] };
  const providerSpecificDetails = {
    instanceType: "InMageRcm",
    reprotectAgentId: reprotectAgents[0]?.id,
    datastoreName: "datastore1",
    logStorageAccountId: `${site.group}/providers/Microsoft.Storage/storageAccounts/shoplogs`,
  };
  return { properties: { providerSpecificDetails } };
}

describe("answers of the emulator, against the published contract", function () {
  this.timeout(240_000);

  it("are valid in every operation and at every stage, from protected to the committed failback", async function () {
    const folder = referenceData(this);
    const contract = new Contract(readReference(folder, "contract", "openapi-2023-06-01.json") as OpenApi);
    const emulator = await startEmulator({ estate: estate(), frozen: true });
    try {
      const site = siteRecoveryOf(emulator);
      const problems = new Set<string>();
      const operations = new Set<string>();
      const look = async (stage: string) => {
        for (const path of await readable(site)) {
          const { status, body } = await site.send("GET", path);
          expect(status, `${stage}: GET ${path}`).to.equal(200);
          const whole = site.vault + path;
          operations.add(contract.operationOf("GET", whole) ?? path);
          for (const problem of contract.problems("GET", whole, status, body))
            problems.add(`${stage}: ${problem}`);
        }
      };
      await look("protected");
      const plan = "/replicationRecoveryPlans/shop";
      await site.send("POST", `${item(site, "web01")}/testFailover`, drill(site.network("drill")));
      await look("just started");
      await site.advance(60);
      await look("running");
      await site.advance(3600);
      await look("drill pending");
      await site.run("POST", `${item(site, "web01")}/testFailoverCleanup`, { properties: { comments: "" } });
      await look("cleaned up");
      await site.admin("POST", "faults", {
        kind: "failTask",
        taskName: "VmFailover",
        targetName: "old01",
        times: 1,
      });
      await site.run("POST", `${plan}/unplannedFailover`, {
        properties: {
          failoverDirection: "PrimaryToRecovery",
          sourceSiteOperations: "Required",
          providerSpecificDetails: [{ instanceType: "InMageRcm", recoveryPointType: "LatestProcessed" }],
        },
      });
      await look("failed over, one of them not");
      await site.run("POST", `${item(site, "old01")}/unplannedFailover`, failover());
      await site.run("POST", `${plan}/failoverCommit`);
      await look("committed");
      await site.run("POST", `${item(site, "web01")}/reProtect`, await reprotection(site));
      await look("reprotected");
      await site.advance(20 * 60);
      const details = { instanceType: "InMageRcmFailback", recoveryPointType: "CrashConsistent" };
      const back = { properties: { providerSpecificDetails: details } };
      await site.run("POST", `${item(site, "web01")}/plannedFailover`, back);
      await look("failed back");
      await site.run("POST", `${item(site, "web01")}/failoverCommit`);
      await look("failback committed");
      expect([...problems], [...problems].join("\n")).to.deep.equal([]);
      expect([...operations].filter((each) => each.startsWith("/"))).to.deep.equal([]);
      expect(operations.size).to.be.greaterThan(27);
    } finally {
      await emulator.stop();
    }
  });
});
