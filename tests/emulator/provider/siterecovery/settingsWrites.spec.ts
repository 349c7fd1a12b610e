import { expect } from "chai";
import { containerPath, itemId, startStubVault, vaultPath, wireItem } from "./stubVault.js";

describe("writes of settings", () => {
  it("writes a mapping and a plan in the recorded form and reads back what is there", async () => {
    const vault = await startStubVault((request, stub) => {
      if (request.method === "GET") return undefined;
      const { job, answer } = stub.start(request, "Any");
      const id = request.path;
      if (request.method === "PUT") {
        const { properties } = request.body as { properties: Record<string, unknown> };
        const groups = [
          { groupType: "Shutdown" },
          { groupType: "Failover" },
          ...((properties.groups as unknown[] | undefined) ?? []),
        ];
        stub.resources.set(id.toLowerCase(), {
          id,
          name: id.split("/").at(-1),
          properties: {
            ...properties,
            groups,
            state: "Paired",
            health: "Normal",
            replicationProviders: ["InMageRcm"],
            currentScenario: null,
          },
        });
      } else stub.resources.delete(id.replace(/\/remove$/, "").toLowerCase());
      stub.end(job);
      return answer;
    });
    try {
      vault.resources.set(itemId("app01").toLowerCase(), wireItem("app01"));
      const siteRecovery = vault.connect({ pollIntervalSeconds: 0.02 });
      const wait = { timeoutMs: 10_000 };
      const policyId = `${vaultPath}/replicationPolicies/p`;
      const mappingId = `${containerPath}/replicationProtectionContainerMappings/m`;
      const mapping = await siteRecovery.putMapping(
        mappingId,
        { policyId, targetProtectionContainerId: "Microsoft Azure", instanceType: "InMageRcm" },
        wait,
      );
      expect(mapping).to.include({ policyId, state: "Paired", fabricName: "fabric" });
      const planId = `${vaultPath}/replicationRecoveryPlans/web`;
      const manual = {
        name: "Check DNS",
        failoverTypes: ["TestFailover"],
        failoverDirections: ["PrimaryToRecovery"],
        details: { kind: "manual", description: "by hand" },
      } as const;
      const boot = {
        groupType: "Boot" as const,
        replicatedItemIds: [itemId("app01")],
        startGroupActions: [
          {
            ...manual,
            failoverTypes: [...manual.failoverTypes],
            failoverDirections: [...manual.failoverDirections],
          },
        ],
        endGroupActions: [],
      };
      const plan = await siteRecovery.putPlan(
        planId,
        {
          primaryFabricId: `${vaultPath}/replicationFabrics/fabric`,
          recoveryFabricId: "Microsoft Azure",
          failoverDeploymentModel: "ResourceManager",
          groups: [boot],
        },
        wait,
      );
      expect(plan.groups.map(({ groupType }) => groupType)).to.deep.equal(["Shutdown", "Failover", "Boot"]);
      expect(plan.groups[2]).to.deep.equal(boot);
      const [, put] = vault.server.sent("PUT");
      expect(JSON.stringify(put?.body)).to.contain('"virtualMachineId":"internal-app01"');
      await siteRecovery.removeMapping(mappingId, "InMageRcm", wait);
      expect(vault.server.sent("POST", "/m/remove")[0]?.body).to.deep.equal({
        properties: { providerSpecificInput: { instanceType: "InMageRcm" } },
      });
      expect(await siteRecovery.findMapping(mappingId)).to.equal(undefined);
      await siteRecovery.deletePlan(planId, wait);
      expect(await siteRecovery.findPlan(planId)).to.equal(undefined);
    } finally {
      await vault.server.close();
    }
  });

  it("waits for the job of each write by the jobs list alone, and reads the resource once, after it", async () => {
    const vault = await startStubVault((request, stub) => {
      if (request.method === "GET") return undefined;
      const { answer } = stub.start(request, "Any");
      stub.resources.set(request.path.toLowerCase(), { id: request.path, name: "any", properties: {} });
      return answer;
    });
    try {
      const siteRecovery = vault.connect({ pollIntervalSeconds: 0.02 });
      const wait = { timeoutMs: 10_000 };
      const settings = {
        instanceType: "InMageRcm",
        recoveryPointRetentionMinutes: 60,
        crashConsistentFrequencyMinutes: 5,
        appConsistentFrequencyMinutes: 0,
        multiVmSync: true,
      } as const;
      const paths: string[][] = [];
      for (const write of [
        () => siteRecovery.putPolicy("p", settings, wait),
        () => siteRecovery.updatePolicy("p", settings, wait),
        () => siteRecovery.updatePlan(`${vaultPath}/replicationRecoveryPlans/web`, [], wait),
      ]) {
        const before = vault.server.requests.length;
        const listed = vault.server.sent("GET", "/replicationJobs").length;
        const ended = write();
        while (vault.server.sent("GET", "/replicationJobs").length < listed + 3) {
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        for (const job of vault.jobs.values()) vault.end(job);
        await ended;
        const asked = vault.server.requests
          .slice(before)
          .map(({ method, path }) => `${method} ${path.split("/").at(-2)}`);
        paths.push(asked.filter((each) => each !== "GET vault"));
      }
      expect(paths).to.deep.equal([
        ["PUT replicationPolicies", "GET replicationJobs", "GET replicationPolicies"],
        ["PATCH replicationPolicies", "GET replicationJobs", "GET replicationPolicies"],
        ["PATCH replicationRecoveryPlans", "GET replicationJobs", "GET replicationRecoveryPlans"],
      ]);
    } finally {
      await vault.server.close();
    }
  });

  it("counts a removal of what is already gone as done", async () => {
    const vault = await startStubVault((request) =>
      request.method === "GET"
        ? undefined
        : { status: 404, body: { error: { code: "NotFound", message: "gone" } } },
    );
    try {
      await vault.connect().deletePolicy(`${vaultPath}/replicationPolicies/p`, { timeoutMs: 5000 });
      expect(vault.server.sent("DELETE")).to.have.length(1);
    } finally {
      await vault.server.close();
    }
  });

  it("looks after a removal whose answer was lost, and ends well when the mapping is gone", async () => {
    const mappingId = `${containerPath}/replicationProtectionContainerMappings/m`;
    const vault = await startStubVault((request, stub) => {
      if (request.method !== "POST") return undefined;
      const { job } = stub.start(request, "DissociateProtectionProfile");
      stub.resources.delete(mappingId.toLowerCase());
      stub.end(job);
      return "drop";
    });
    try {
      vault.resources.set(mappingId.toLowerCase(), { id: mappingId, name: "m", properties: {} });
      await vault
        .connect({ pollIntervalSeconds: 0.02 })
        .removeMapping(mappingId, "InMageRcm", { timeoutMs: 5000 });
      expect(vault.server.sent("POST")).to.have.length(1);
    } finally {
      await vault.server.close();
    }
  });
});
