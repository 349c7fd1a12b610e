import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { NotFound, SiteRecoveryError, Unclear } from "../../../../provider/siterecovery/errors.js";
import type { Action, Job, SiteRecovery, Target } from "../../../../provider/siterecovery/siteRecovery.js";
import type { Emulator } from "../../../../rehearsal/emulator/index.js";
import {
  connectTo,
  containerId,
  estate,
  fabricId,
  groupId,
  itemId,
  testNetworkId,
  vault,
  vaultId,
  withEmulator,
} from "./emulatedVault.js";

const wait = { timeoutMs: 30_000 };
const planId = `${vaultId}/replicationRecoveryPlans/shop`;

async function target(siteRecovery: SiteRecovery, id: string): Promise<Target> {
  if (id === planId) {
    const plan = await siteRecovery.getPlan(id);
    if (plan !== undefined) return { kind: "recoveryPlan", plan };
  } else {
    const item = await siteRecovery.getItem(id);
    if (item !== undefined) return { kind: "replicatedItem", item };
  }
  throw new Error(`${id} is not there`);
}

/** Starts as a careful caller does: looks at the target, and looks again where an answer was lost. */
async function run(
  siteRecovery: SiteRecovery,
  id: string,
  action: Action,
  isDone: () => Promise<boolean>,
): Promise<Job | undefined> {
  for (;;) {
    const at = await target(siteRecovery, id);
    const open = await siteRecovery.findOpenJob(at);
    if (open === undefined && (await isDone())) return undefined;
    try {
      const job = open ?? (await siteRecovery.startAction(at, action, `run-${action.kind}`));
      return await siteRecovery.waitForJob(job.name, wait);
    } catch (error) {
      if (!(error instanceof Unclear)) throw error;
    }
  }
}

function acceptedPosts(emulator: Emulator, end: string): number {
  return emulator
    .log()
    .filter(
      ({ method, path, status }) =>
        method === "POST" && path.toLowerCase().endsWith(end.toLowerCase()) && status === 202,
    ).length;
}

async function drill(emulator: Emulator, siteRecovery: SiteRecovery): Promise<Job | undefined> {
  const items = [itemId("db01"), itemId("web01")];
  const states = async (): Promise<string[]> =>
    Promise.all(items.map(async (id) => (await siteRecovery.getItem(id))?.testFailoverState ?? ""));
  const tested = await run(
    siteRecovery,
    planId,
    { kind: "testFailover", networkId: testNetworkId, recoveryPoint: { kind: "latestProcessed" } },
    async () => (await states()).every((state) => state === "WaitingForCompletion"),
  );
  expect(await states()).to.deep.equal(["WaitingForCompletion", "WaitingForCompletion"]);
  const cleaned = await run(siteRecovery, planId, { kind: "testFailoverCleanup", comments: "done" }, async () =>
    (await states()).every((state) => state !== "WaitingForCompletion"),
  );
  expect(cleaned?.state ?? "Succeeded").to.equal("Succeeded");
  expect(await states()).to.not.include("WaitingForCompletion");
  expect(acceptedPosts(emulator, "/shop/testFailover")).to.equal(1);
  return tested;
}

describe("the adapter against the emulator", function () {
  this.timeout(240_000);

  it("sets up replication: policy, mapping, a replicated machine, a plan, and reads all of it back", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const siteRecovery = connectTo(emulator);
      const settings = {
        instanceType: "InMageRcm",
        recoveryPointRetentionMinutes: 1440,
        crashConsistentFrequencyMinutes: 5,
        appConsistentFrequencyMinutes: 60,
        multiVmSync: true,
      } as const;
      const policy = await siteRecovery.putPolicy("hourly", settings, wait);
      expect(policy.settings).to.deep.equal(settings);
      const changed = await siteRecovery.updatePolicy(
        "hourly",
        { ...settings, recoveryPointRetentionMinutes: 2880 },
        wait,
      );
      expect(changed.settings).to.include({ recoveryPointRetentionMinutes: 2880 });
      const mappingId = `${containerId}/replicationProtectionContainerMappings/hourly`;
      const mapping = await siteRecovery.putMapping(
        mappingId,
        { policyId: policy.id, targetProtectionContainerId: "Microsoft Azure", instanceType: "InMageRcm" },
        wait,
      );
      expect(mapping).to.include({ state: "Paired", targetProtectionContainerId: "Microsoft Azure" });
      const db = await siteRecovery.findItem(itemId("db01"));
      const machineId = db?.fabricDiscoveryMachineId?.replace(/\/machines\/.*/i, "/machines");
      const machines = await siteRecovery.listResources(machineId ?? "");
      const app = machines.find(
        ({ properties }) => (properties as { displayName?: string }).displayName === "app01",
      );
      const enabling = await siteRecovery.startEnableReplication(
        itemId("app01"),
        {
          instanceType: "InMageRcm",
          policyId: policy.id,
          fabricDiscoveryMachineId: String(app?.id),
          processServerId: db?.processServerId ?? "",
          targetResourceGroupId: groupId,
          targetNetworkId: testNetworkId,
          targetSubnetName: "shop",
          targetVmName: "app01",
          disksDefault: {
            logStorageAccountId: `${groupId}/providers/Microsoft.Storage/storageAccounts/shopdrlogs`,
            diskType: "Standard_LRS",
          },
        },
        randomUUID(),
      );
      expect((await siteRecovery.waitForJob(enabling.name, wait)).state).to.equal("Succeeded");
      const item = await siteRecovery.waitForItem(
        itemId("app01"),
        ({ allowedOperations }) => allowedOperations.includes("UnplannedFailover"),
        wait,
      );
      expect(item).to.include({ instanceType: "InMageRcm", protectionState: "Protected", targetVmName: "app01" });
      const updated = await siteRecovery.updateItem(
        item.id,
        item.instanceType,
        { targetVmName: "app01-dr" },
        wait,
      );
      expect(updated.targetVmName).to.equal("app01-dr");
      const id = `${vaultId}/replicationRecoveryPlans/app`;
      const groups = [
        {
          groupType: "Boot" as const,
          replicatedItemIds: [itemId("app01")],
          startGroupActions: [],
          endGroupActions: [],
        },
      ];
      const plan = await siteRecovery.putPlan(
        id,
        {
          primaryFabricId: fabricId,
          recoveryFabricId: "Microsoft Azure",
          failoverDeploymentModel: "ResourceManager",
          groups,
        },
        wait,
      );
      expect(
        plan.groups.map(({ groupType, replicatedItemIds }) => [groupType, replicatedItemIds.length]),
      ).to.deep.equal([
        ["Shutdown", 0],
        ["Failover", 0],
        ["Boot", 1],
      ]);
      await siteRecovery.deletePlan(id, wait);
      const disabling = await siteRecovery.startDisableReplication(item.id, "NotSpecified", item.instanceType);
      expect((await siteRecovery.waitForJob(disabling.name, wait)).state).to.equal("Succeeded");
      expect(await siteRecovery.getItem(item.id)).to.equal(undefined);
      await siteRecovery.removeMapping(mappingId, "InMageRcm", wait);
      await siteRecovery.deletePolicy(policy.id, wait);
      expect(await siteRecovery.findPolicy(policy.id)).to.equal(undefined);
    });
  });

  it("runs a drill of a plan with task progress and sees what a rule of the test network blocks", async () => {
    await withEmulator({}, async (emulator) => {
      const siteRecovery = connectTo(emulator);
      const plan = await target(siteRecovery, planId);
      const told: Job[] = [];
      // A slow clock, so that the job is still open when it is looked for, however busy this machine is.
      const { clock } = emulator.world;
      const fast = clock.configuredSpeed;
      clock.change({ speed: 60 });
      const started = await siteRecovery.startAction(
        plan,
        { kind: "testFailover", networkId: testNetworkId, recoveryPoint: { kind: "latest" } },
        "drill-1",
      );
      const open = await siteRecovery.findOpenJob(await target(siteRecovery, planId));
      expect(open?.name).to.equal(started.name);
      clock.change({ speed: fast });
      const job = await siteRecovery.waitForJob(started.name, { ...wait, onProgress: (each) => told.push(each) });
      expect(job.state).to.equal("Succeeded");
      expect(job.activityId).to.match(/^drill-1 /);
      expect(job.protectedItems.map(({ name }) => name)).to.have.length(2);
      expect(told.length).to.be.greaterThan(1);
      const item = await siteRecovery.getItem(itemId("db01"));
      expect(item?.allowedOperations).to.deep.equal(["TestFailoverCleanup"]);
      const machines = await siteRecovery.listResources(`${groupId}/providers/Microsoft.Compute/virtualMachines`);
      expect(machines).to.have.length(2);
      const nics = await siteRecovery.listResources(`${groupId}/providers/Microsoft.Network/networkInterfaces`);
      const [nic] = nics as {
        id: string;
        properties: {
          ipConfigurations: { properties: { privateIPAddress: string } }[];
          virtualMachine: { id: string };
        };
      }[];
      const local = nic?.properties.ipConfigurations[0]?.properties.privateIPAddress ?? "";
      const flow = (localPort: string) =>
        siteRecovery.verifyIpFlow({
          virtualMachineId: nic?.properties.virtualMachine.id ?? "",
          nicId: nic?.id,
          direction: "Inbound",
          protocol: "TCP",
          localIpAddress: local,
          localPort,
          remoteIpAddress: "10.20.9.9",
          remotePort: "50000",
        });
      expect(await flow("3389")).to.include({ access: "Deny" });
      expect(await flow("443")).to.include({ access: "Allow" });
      expect(await siteRecovery.getEffectiveRoutes(nic?.id ?? "")).to.not.have.length(0);
      await run(siteRecovery, planId, { kind: "testFailoverCleanup", comments: "done" }, async () => false);
      expect(
        await siteRecovery.listResources(`${groupId}/providers/Microsoft.Compute/virtualMachines`),
      ).to.have.length(0);
    });
  });

  it("fails an item over, changes its point, commits, and knows the job by its mark", async () => {
    await withEmulator({}, async (emulator) => {
      const siteRecovery = connectTo(emulator);
      const id = itemId("db01");
      const never = async (): Promise<boolean> => false;
      const failover = await run(
        siteRecovery,
        id,
        { kind: "unplannedFailover", shutdownSource: true, recoveryPoint: { kind: "latestCrashConsistent" } },
        never,
      );
      expect(failover?.state).to.equal("Succeeded");
      expect((await siteRecovery.findItem(id))?.allowedOperations).to.include("Commit");
      const points = await siteRecovery.getRecoveryPoints(id);
      const older = points.at(-1);
      await run(siteRecovery, id, { kind: "applyRecoveryPoint", recoveryPointId: older?.id ?? "" }, never);
      expect((await siteRecovery.getItem(id))?.failoverRecoveryPointId?.toLowerCase()).to.equal(
        older?.id.toLowerCase(),
      );
      await run(siteRecovery, id, { kind: "failoverCommit" }, never);
      expect((await siteRecovery.getItem(id))?.allowedOperations)
        .to.include("SwitchProtection")
        .and.not.include("Commit");
      expect(await siteRecovery.getRecoveryPoints(id)).to.deep.equal([]);
      const jobs = await siteRecovery.listJobs(await target(siteRecovery, id), "UnplannedFailover");
      expect(jobs[0]?.activityId).to.match(/^run-unplannedFailover /);
    });
  });

  it("ends a drill well, with one accepted start, where a third of all calls fail in some way", async () => {
    await withEmulator({}, async (emulator) => {
      emulator.world.state.faults.push(
        { id: "a", kind: "throttle", retryAfterSeconds: 0, probability: 0.1 },
        { id: "b", kind: "refuse", status: 503, probability: 0.1 },
        { id: "c", kind: "drop", when: "before", probability: 0.05 },
        { id: "d", kind: "drop", when: "after", probability: 0.05 },
      );
      await drill(emulator, connectTo(emulator));
    });
  });

  it("sends one start and finds its job where the connection drops after the server acted", async () => {
    await withEmulator({}, async (emulator) => {
      emulator.world.state.faults.push({
        id: "a",
        kind: "drop",
        when: "after",
        method: "POST",
        path: "/testFailover$",
        times: 1,
      });
      const tested = await drill(emulator, connectTo(emulator));
      expect(tested?.activityId).to.match(/^run-testFailover /);
    });
  });

  for (const when of ["before", "after"] as const) {
    it(`disables replication once where the connection drops ${when} the server acted`, async () => {
      await withEmulator({ estate: { ...estate(), recoveryPlans: [] } }, async (emulator) => {
        emulator.world.state.faults.push({
          id: "a",
          kind: "drop",
          when,
          method: "POST",
          path: "/remove$",
          times: 1,
        });
        const siteRecovery = connectTo(emulator);
        const job = await siteRecovery.startDisableReplication(itemId("db01"), "NotSpecified", "InMageRcm");
        expect((await siteRecovery.waitForJob(job.name, wait)).state).to.equal("Succeeded");
        expect(await siteRecovery.findItem(itemId("db01"))).to.equal(undefined);
        expect(
          emulator
            .log()
            .filter(({ method, path, status }) => method === "POST" && path.endsWith("/remove") && status === 202),
        ).to.have.length(1);
      });
    });
  }

  it("tells a vault that is not there from a thing that is not there", async () => {
    await withEmulator({}, async (emulator) => {
      const elsewhere = connectTo(emulator, { vault: { ...vault, vaultName: "other-vault" } });
      const error: unknown = await elsewhere.listItems().catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(NotFound);
      expect((error as Error).message).to.contain('the vault "other-vault" is not there');
      expect(await connectTo(emulator).getItem(itemId("nobody"))).to.equal(undefined);
    });
  });

  it("costs pages and not items to look at 400 of them", async () => {
    const names = Array.from({ length: 400 }, (_, index) => `vm${index}`);
    await withEmulator({ estate: { ...estate(names), recoveryPlans: [] } }, async (emulator) => {
      const siteRecovery = connectTo(emulator);
      const items = await Promise.all(names.map((name) => siteRecovery.findItem(itemId(name))));
      expect(items.every((item) => item !== undefined)).to.equal(true);
      expect(emulator.log().length).to.be.lessThan(20);
    });
  });

  it("says at once what to do about a certificate that this machine does not know", async () => {
    await withEmulator({ tls: true }, async (emulator) => {
      const error: unknown = await connectTo(emulator)
        .listPolicies()
        .catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(SiteRecoveryError);
      expect((error as Error).message)
        .to.contain("no trusted connection")
        .and.to.contain("NODE_EXTRA_CA_CERTS");
    });
  });

  it("speaks TLS with a loopback address whose certificate is trusted, still without a credential", async () => {
    await withEmulator({ tls: true }, async (emulator) => {
      const program = `
        const { connect } = require(${JSON.stringify(resolve("provider/siterecovery/azure/index.ts"))});
        connect({
          vault: ${JSON.stringify(vault)},
          endpoint: ${JSON.stringify(emulator.origin)},
          credential: () => { throw new Error("a credential was asked for"); },
          beforeWrite: async () => {},
        }).listItems().then((items) => console.log(items.length), (error) => { console.error(error); process.exitCode = 1; });`;
      const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "-e", program], {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: emulator.certificatePath },
      });
      expect(stdout.trim()).to.equal("2");
    });
  });
});
