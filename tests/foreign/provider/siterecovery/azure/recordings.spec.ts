import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readItem } from "../../../../../provider/siterecovery/azure/readItem.js";
import { isEnded, readJob } from "../../../../../provider/siterecovery/azure/readJob.js";
import { readMapping, readPlan, readPolicy } from "../../../../../provider/siterecovery/azure/readVault.js";

interface Exchange {
  method: string;
  path: string;
  status: number;
  requestBody: unknown;
  responseBody: unknown;
}

const root = process.env.SITERECOVERY_REFERENCE_DATA;
const folder = root === undefined ? undefined : join(root, "recordings");

/** Answers to GETs of one resource of a collection, of every recording. */
function answers(collection: string): { file: string; body: unknown }[] {
  if (folder === undefined) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      const exchanges = JSON.parse(readFileSync(join(folder, file), "utf8")) as Exchange[];
      return exchanges
        .filter(
          ({ method, path, status }) =>
            method === "GET" && status === 200 && new RegExp(`/${collection}/[^/?]+\\?`, "i").test(path),
        )
        .map(({ responseBody }) => ({ file, body: responseBody }));
    });
}

describe("reading what Azure itself answered", () => {
  before(function () {
    if (folder === undefined || !existsSync(folder)) {
      console.log("skipped: SITERECOVERY_REFERENCE_DATA does not name a folder with recordings");
      this.skip();
    }
  });

  it("reads every recorded item: known kind, allowed operations, internal id, disks and cards, no never-dates", () => {
    const found = answers("replicationProtectedItems");
    expect(found.length).to.be.greaterThan(20);
    const kinds = new Set<string>();
    for (const { file, body } of found) {
      const item = readItem(body);
      kinds.add(item.instanceType);
      expect(item.protectionState, file).to.not.equal("");
      expect(item.fabricName, file).to.not.equal("");
      expect(item.internalId, file).to.match(/^[0-9a-f-]{36}$/);
      expect(item.currentScenario?.jobName, file).to.not.equal("None");
      expect(JSON.stringify(item), file).to.not.match(/"(0001|1601|1753)-/);
      if (item.instanceType === "InMageAzureV2" && item.disks.length > 0)
        expect(item.disks[0], file).to.include({ isOsDisk: true, capacityInBytes: 21474836480 });
      if (item.instanceType === "InMageRcm") {
        expect(item.disks[0]).to.include({ isOsDisk: true, capacityInBytes: 42949672960 });
        expect(item.nics[0]).to.deep.include({
          nicId: "00:50:56:93:78:90",
          isPrimary: true,
          sourceIpAddress: "10.150.249.15",
          targetIpAddress: undefined,
        });
      }
    }
    expect([...kinds]).to.include.members(["InMageRcm", "InMageRcmFailback"]);
  });

  it("reads every recorded job with its tasks, and knows which have ended", () => {
    const jobs = answers("replicationJobs").map(({ body }) => readJob(body));
    expect(jobs.length).to.be.greaterThan(10);
    for (const job of jobs) {
      expect(isEnded(job), `${job.name} ${job.state}`).to.equal(job.endTime !== undefined);
      for (const task of job.tasks) expect(task.name).to.not.equal("");
    }
    const tested = jobs.find(
      ({ scenarioName, state }) => scenarioName === "TestFailover" && state === "Succeeded",
    );
    expect(tested?.tasks.map(({ name }) => name)).to.deep.equal([
      "VmTfoPrerequisitesCheck",
      "VmTfoInitiateFailover",
      "VmTfoPrepareTestVm",
      "VmTfoBootTestVm",
    ]);
    expect(tested?.protectedItems[0]).to.include({
      testVmName: "hyperV1-test",
      recoveryPointTime: "2017-09-20T13:15:06.654Z",
    });
    expect(tested?.tasks[0]?.startTime).to.equal("2017-09-20T13:15:12.433Z");
  });

  it("reads recorded policies, mappings and plans", () => {
    const policy = answers("replicationPolicies")
      .map(({ body }) => readPolicy(body))
      .find(({ instanceType }) => instanceType === "InMageRcm");
    expect(policy?.settings).to.deep.equal({
      instanceType: "InMageRcm",
      recoveryPointRetentionMinutes: 1440,
      crashConsistentFrequencyMinutes: 5,
      appConsistentFrequencyMinutes: 0,
      multiVmSync: true,
    });
    const mappings = answers("replicationProtectionContainerMappings").map(({ body }) => readMapping(body));
    expect(mappings.find(({ name }) => name === "cli-test-container-mapping-V2ARCM-1")).to.include({
      state: "Paired",
      targetProtectionContainerId: "Microsoft Azure",
    });
    const plan = answers("replicationRecoveryPlans")
      .map(({ body }) => readPlan(body, false))
      .find(({ name }) => name.includes("V2ARCM"));
    expect(
      plan?.groups.map(({ groupType, replicatedItemIds }) => [groupType, replicatedItemIds.length]),
    ).to.deep.equal([
      ["Shutdown", 0],
      ["Failover", 0],
      ["Boot", 1],
    ]);
    expect(plan).to.include({ currentScenario: undefined, isSummary: false, recoveryFabricId: "Microsoft Azure" });
  });
});
