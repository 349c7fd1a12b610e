import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startEmulator } from "../../../rehearsal/emulator/index.js";
import {
  describeSiteRecovery,
  drill,
  estate,
  failover,
  type SiteRecovery,
  siteRecoveryOf,
} from "./describeSiteRecovery.js";

const item = (site: SiteRecovery, name = "web01") => `${site.container}/replicationProtectedItems/${name}`;
const nameOf = (location: string | null) => location?.replace(/\?.*$/, "").split("/").at(-1) ?? "";

async function start(site: SiteRecovery, path: string, body: unknown): Promise<string> {
  const started = await site.send("POST", path, body);
  expect(started.status, JSON.stringify(started.body)).to.equal(202);
  return nameOf(started.headers.get("location"));
}

describeSiteRecovery("long-running operations", (current) => {
  it("answer 202 without a body, with polling addresses on the host that was asked, and the job's id in x-ms-request-id", async () => {
    const site = current();
    const started = await site.send("POST", `${item(site)}/testFailover`, drill(site.network("drill")));
    const name = nameOf(started.headers.get("azure-asyncoperation"));
    expect(started.headers.get("azure-asyncoperation")).to.match(
      new RegExp(
        `^${site.emulator.origin}/Subscriptions/.*/replicationOperationStatus/[0-9a-f-]{36}\\?api-version=2023-06-01$`,
      ),
    );
    expect(started.headers.get("location")).to.contain(`/web01/operationresults/${name}`);
    expect(started.headers.get("retry-after")).to.equal("30");
    expect(started.headers.get("x-ms-request-id")).to.match(new RegExp(`/replicationJobs/${name}$`));
    expect(started.body).to.deep.equal({});
  });

  it("answer 202 at their result address until they are over, then the resource, and 204 where it is gone", async () => {
    const site = current();
    const started = await site.send("POST", `${item(site)}/testFailover`, drill(site.network("drill")));
    const location = started.headers.get("location") ?? "";
    expect((await site.send("GET", location)).status).to.equal(202);
    await site.advance(3600);
    const result = await site.send("GET", location);
    expect([result.status, result.body.name]).to.deep.equal([200, "web01"]);
    const removed = await site.send("DELETE", "/replicationRecoveryPlans/shop");
    await site.advance(60);
    expect((await site.send("GET", removed.headers.get("location") ?? "")).status).to.equal(204);
  });

  it("have no name in their first moment, as a job, and NotStarted as their status", async () => {
    const site = current();
    const started = await site.send("POST", `${item(site)}/testFailover`, drill(site.network("drill")));
    const job = async () =>
      (await site.send("GET", `/replicationJobs/${nameOf(started.headers.get("location"))}`)).body.properties;
    expect(await job()).to.deep.include({
      scenarioName: null,
      state: "NotStarted",
      tasks: [],
      targetObjectName: null,
    });
    const status = await site.send("GET", started.headers.get("azure-asyncoperation") ?? "");
    expect(status.body).to.deep.include({ status: "NotStarted", startTime: null, endTime: null, error: null });
    await site.advance(1);
    expect(await job()).to.include({
      scenarioName: "TestFailover",
      state: "InProgress",
      targetObjectName: "web01",
    });
  });
});

describeSiteRecovery("jobs", (current) => {
  it("are listed newest first without tasks and details, and filtered by state", async () => {
    const site = current();
    await site.run("POST", `${item(site)}/testFailover`, drill(site.network("drill")));
    await start(site, `${item(site, "app01")}/testFailover`, drill(site.network("drill")));
    await site.advance(60);
    const all = (await site.send("GET", "/replicationJobs")).body.value;
    expect(all.map((job) => job.properties.targetObjectName)).to.deep.equal(["app01", "web01"]);
    expect(all.map((job) => [job.properties.tasks, job.properties.customDetails])).to.deep.equal([
      [[], null],
      [[], null],
    ]);
    const running = (await site.send("GET", "/replicationJobs?$filter=( JobStatus eq 'InProgress' )")).body.value;
    expect(running.map((job) => job.properties.targetObjectName)).to.deep.equal(["app01"]);
  });

  it("carry the client's request id in their activity id", async () => {
    const site = current();
    const url = `${site.emulator.origin}${site.vault}/replicationPolicies/p?api-version=2023-06-01`;
    const body = JSON.stringify({ properties: { providerSpecificInput: { instanceType: "InMageRcm" } } });
    const headers = { "content-type": "application/json", "x-ms-client-request-id": "my-call-7" };
    const { headers: answered } = await fetch(url, { method: "PUT", body, headers });
    const job = (await site.send("GET", `/replicationJobs/${nameOf(answered.get("location"))}`)).body.properties;
    expect(job.activityId).to.match(/^my-call-7 ActivityId: [0-9a-f-]{36}$/);
  });

  it("stop where they are when cancelled; a cancelled failover has stopped replication for good", async () => {
    const site = current();
    const name = await start(site, `${item(site)}/unplannedFailover`, failover());
    await site.advance(120);
    const cancelled = await site.run("POST", `/replicationJobs/${name}/cancel`);
    expect(cancelled.status).to.equal("Succeeded");
    const job = (await site.send("GET", `/replicationJobs/${name}`)).body.properties;
    expect(job.state).to.equal("Cancelled");
    expect(job.tasks.map((task) => task.state)).to.deep.equal([
      "Succeeded",
      "Other",
      "Succeeded",
      "Cancelled",
      "Other",
    ]);
    await site.advance(3600);
    const web = await site.item("web01");
    expect(web.activeLocation).to.equal("Primary");
    expect(web.allowedOperations).to.deep.equal(["DisableProtection"]);
    const again = await site.send("POST", `/replicationJobs/${name}/cancel`);
    expect([again.status, again.body.error.details[0]?.code]).to.deep.equal([400, "JobActionNotAllowed"]);
  });

  it("that failed in a cleanup can be restarted and then succeed", async () => {
    const site = current();
    await site.run("POST", `${item(site)}/testFailover`, drill(site.network("drill")));
    await site.admin("POST", "faults", { kind: "failTask", taskName: "VmTfoDeleteTestVm", times: 1 });
    const name = await start(site, `${item(site)}/testFailoverCleanup`, { properties: { comments: "" } });
    await site.advance(600);
    const job = async () => (await site.send("GET", `/replicationJobs/${name}`)).body.properties;
    expect(await job()).to.deep.include({ state: "Failed", allowedActions: ["Restart"] });
    expect((await site.item("web01")).allowedOperations).to.deep.equal(["TestFailoverCleanup"]);
    await site.run("POST", `/replicationJobs/${name}/restart`);
    await site.advance(600);
    expect((await job()).state).to.equal("Succeeded");
    expect((await site.item("web01")).testFailoverState).to.equal("MarkedForDeletion");
  });
});

describe("a job that runs while the emulator is stopped", () => {
  it("goes on from the state file and ends as it would have", async () => {
    const folder = await mkdtemp(join(tmpdir(), "siterecovery-"));
    const stateFile = join(folder, "state.json");
    try {
      const first = await startEmulator({ estate: estate(), frozen: true, stateFile });
      const site = siteRecoveryOf(first);
      const name = await start(site, "/replicationRecoveryPlans/shop/testFailover", {
        properties: {
          failoverDirection: "PrimaryToRecovery",
          networkType: "VmNetworkAsInput",
          networkId: site.network("drill"),
        },
      });
      await site.advance(700);
      await first.stop();
      const second = await startEmulator({ estate: estate(), frozen: true, stateFile });
      try {
        const again = siteRecoveryOf(second);
        const job = async () => (await again.send("GET", `/replicationJobs/${name}`)).body.properties;
        expect((await job()).state).to.equal("InProgress");
        await again.advance(3600);
        expect((await job()).state).to.equal("Succeeded");
        const made = (await again.send("GET", `${again.group}/providers/Microsoft.Compute/virtualMachines`)).body
          .value;
        expect(made.map((machine) => machine.name)).to.have.members(["app01-test", "web01-test", "old01-test"]);
      } finally {
        await second.stop();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describeSiteRecovery(
  "a vault of more than a hundred items",
  (current) => {
    const plan = (site: SiteRecovery, count: number) => ({
      properties: {
        primaryFabricId: `${site.vault}/replicationFabrics/shop-vault-vmwarefabric`,
        recoveryFabricId: "Microsoft Azure",
        groups: [
          {
            groupType: "Boot",
            replicationProtectedItems: Array.from({ length: count }, (_, index) => ({
              id: `${site.vault}${item(site, `vm${index}`)}`,
            })),
          },
        ],
      },
    });

    it("refuses a plan of 101 of them and takes one of 100, which fails over all of them", async () => {
      const site = current();
      const refused = await site.send("PUT", "/replicationRecoveryPlans/all", plan(site, 101));
      expect(refused.status).to.equal(400);
      expect(refused.body.error.message).to.contain("holds 101 items; allowed: 100");
      expect((await site.run("PUT", "/replicationRecoveryPlans/all", plan(site, 100))).status).to.equal(
        "Succeeded",
      );
      const { status, job } = await site.run("POST", "/replicationRecoveryPlans/all/unplannedFailover", {
        properties: { failoverDirection: "PrimaryToRecovery", sourceSiteOperations: "NotRequired" },
      });
      expect([status, job.state]).to.deep.equal(["Succeeded", "Succeeded"]);
      expect(job.protectedItemDetails ?? job.customDetails.protectedItemDetails).to.have.length(100);
    });
  },
  () => {
    const machines = Array.from({ length: 101 }, (_, index) => `vm${index}`);
    return {
      ...estate(),
      machines: machines.map((name, index) => ({
        name,
        os: { type: "Windows" as const, name: "Windows Server 2019" },
        nics: [{ network: "lan", ip: `192.168.1.${index + 10}` }],
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
