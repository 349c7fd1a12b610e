import { expect } from "chai";
import { InvalidInput, NotFound, SiteRecoveryError } from "../../../../provider/siterecovery/errors.js";
import { type StubAnswer, type StubServer, startStub } from "./stubServer.js";
import {
  caught,
  containerPath,
  coordinates,
  itemId,
  type StubJob,
  type StubVault,
  startStubVault,
  vaultPath,
  wireItem,
} from "./stubVault.js";

describe("the snapshot of a vault", () => {
  let vault: StubVault;
  let put: () => Promise<void>;
  let endJobs: (all: StubJob[]) => StubJob[];
  beforeEach(async () => {
    endJobs = (all) => all;
    put = async () => {};
    vault = await startStubVault(async (request, stub) => {
      if (request.method === "GET") return undefined;
      await put();
      const { answer } = stub.start(request, "UpdateVmProperties");
      for (const job of endJobs([...stub.jobs.values()])) stub.end(job);
      return answer;
    });
    for (let index = 0; index < 250; index++) {
      vault.resources.set(itemId(`vm${index}`).toLowerCase(), wireItem(`vm${index}`));
    }
  });
  afterEach(() => vault.server.close());

  it("costs the pages of a list for a thousand questions at once, whatever the case of the id", async () => {
    const siteRecovery = vault.connect();
    const found = await Promise.all(
      Array.from({ length: 1000 }, (_, index) =>
        siteRecovery.findItem(
          itemId(`vm${index % 250}`)
            .toUpperCase()
            .replace("/SUBSCRIPTIONS", "/subscriptions"),
        ),
      ),
    );
    expect(found.every((item) => item !== undefined)).to.equal(true);
    expect(await siteRecovery.listItems()).to.have.length(250);
    expect(vault.server.requests).to.have.length(3);
  });

  it("reads only the touched entry again after a write and after a start", async () => {
    const siteRecovery = vault.connect();
    await siteRecovery.listItems();
    put = async () => {
      vault.resources.set(itemId("vm7").toLowerCase(), wireItem("vm7", { details: { targetVmName: "seven" } }));
    };
    await siteRecovery.updateItem(itemId("vm7"), "InMageRcm", { targetVmName: "seven" }, { timeoutMs: 10_000 });
    const item = await siteRecovery.findItem(itemId("vm7"));
    await siteRecovery.listItems();
    expect(item?.targetVmName).to.equal("seven");
    const readsOf = (name: string): number =>
      vault.server.sent("GET", `/replicationProtectedItems/${name}`).length;
    expect(readsOf("vm7")).to.equal(1);
    if (item === undefined) return;
    await siteRecovery.startAction({ kind: "replicatedItem", item }, { kind: "failoverCommit" }, "mark");
    await Promise.all([
      siteRecovery.findItem(itemId("vm7")),
      siteRecovery.findItem(itemId("vm8")),
      siteRecovery.listItems(),
    ]);
    expect([readsOf("vm7"), readsOf("vm8")]).to.deep.equal([2, 0]);
    expect(vault.server.sent("GET", "/replicationProtectedItems")).to.have.length(3);
  });

  it("shares lists among writes that end together, and reads each job once", async () => {
    const siteRecovery = vault.connect({ pollIntervalSeconds: 0.05 });
    await siteRecovery.listItems();
    endJobs = (all) => (all.length === 100 ? all : []);
    const before = vault.server.requests.length;
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        siteRecovery.updateItem(
          itemId(`vm${index}`),
          "InMageRcm",
          { licenseType: "NoLicenseType" },
          { timeoutMs: 10_000 },
        ),
      ),
    );
    const asked = vault.server.requests.slice(before);
    const count = (pattern: RegExp): number =>
      asked.filter(({ method, path }) => pattern.test(`${method} ${path}`)).length;
    expect(count(/^PATCH/)).to.equal(100);
    expect(count(/^GET .*replicationJobs\/[^/]+$/)).to.equal(100);
    expect(count(/^GET .*replicationProtectedItems/)).to.be.lessThan(80);
  });

  it("lists again when it is older than the bound, and when it is forgotten", async () => {
    const siteRecovery = vault.connect({ snapshotSeconds: 0 });
    await siteRecovery.listItems();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await siteRecovery.listItems();
    expect(vault.server.requests).to.have.length(6);
    const lasting = vault.connect();
    await lasting.listItems();
    lasting.forgetSnapshot();
    await lasting.listItems();
    expect(vault.server.requests).to.have.length(12);
  });

  it("answers undefined for what is not there, and NotFound where the vault itself is missing", async () => {
    const siteRecovery = vault.connect();
    expect(await siteRecovery.getItem(itemId("nobody"))).to.equal(undefined);
    expect(await siteRecovery.findItem(itemId("nobody"))).to.equal(undefined);
    expect(await siteRecovery.findPlan(`${vaultPath}/replicationRecoveryPlans/none`)).to.equal(undefined);
    expect(await siteRecovery.getJob("none")).to.equal(undefined);
    const elsewhere = await startStubVault(() => ({
      status: 404,
      body: {
        error: {
          code: "ResourceNotFound",
          message:
            "The Resource 'Microsoft.RecoveryServices/vaults/vault' under resource group 'dr' was not found.",
        },
      },
    }));
    try {
      for (const read of [elsewhere.connect().getItem(itemId("vm")), elsewhere.connect().listPolicies()]) {
        const error = await caught(read);
        expect(error).to.be.instanceOf(NotFound);
        expect(error.message).to.contain('the vault "vault" is not there (404, ResourceNotFound)');
      }
    } finally {
      await elsewhere.server.close();
    }
  });

  it("reads states, never-dates, string booleans and oddly cased provider details as they are meant", async () => {
    const wire = wireItem("odd", {
      properties: { lastSuccessfulFailoverTime: "0001-01-01T00:00:00" },
      details: {
        OSType: "Windows",
        targetVMName: "odd-azure",
        vmNics: [
          {
            nicId: "n1",
            isPrimaryNic: "true",
            isSelectedForFailover: "false",
            targetIPAddress: "10.0.0.4",
            targetIPAddressType: "Static",
            testIPAddress: "",
            testIPAddressType: "Dynamic",
          },
        ],
        protectedDisks: [{ diskId: "d1", isOSDisk: "True", capacityInBytes: 42 }],
      },
    });
    vault.resources.set(itemId("odd").toLowerCase(), wire);
    const item = await vault.connect().getItem(itemId("odd"));
    expect(item).to.deep.include({
      fabricName: "fabric",
      protectionContainerName: "container",
      osType: "Windows",
      targetVmName: "odd-azure",
      internalId: "internal-odd",
      currentScenario: undefined,
      lastSuccessfulFailoverTime: undefined,
      failoverRecoveryPointId: undefined,
    });
    expect(item?.nics[0]).to.include({
      isPrimary: true,
      isSelectedForFailover: false,
      targetIpAddress: "10.0.0.4",
      testIpAddress: undefined,
    });
    expect(item?.disks[0]).to.include({ isOsDisk: true, capacityInBytes: 42 });
  });

  it("repeats reads after lost connections, 503 and 429", async () => {
    const troubles: StubAnswer[] = [
      "drop",
      { status: 503, headers: { "retry-after": "0" } },
      { status: 429, headers: { "retry-after": "0" } },
    ];
    const flaky = await startStubVault(() => troubles.shift());
    try {
      flaky.resources.set(itemId("vm").toLowerCase(), wireItem("vm"));
      expect((await flaky.connect().getItem(itemId("vm")))?.name).to.equal("vm");
      expect(flaky.server.requests).to.have.length(4);
    } finally {
      await flaky.server.close();
    }
  });

  it("stops waiting for what Azure answers later when the signal is aborted", async () => {
    const nicId = `/subscriptions/${coordinates.subscriptionId}/resourceGroups/dr/providers/Microsoft.Network/networkInterfaces/n`;
    const controller = new AbortController();
    const server = await startStub((request) => {
      if (request.method === "POST")
        return { status: 202, headers: { location: `${server.origin}/later`, "retry-after": "60" } };
      return { status: 202 };
    });
    try {
      const { connect } = await import("../../../../provider/siterecovery/azure/index.js");
      const siteRecovery = connect({
        vault: coordinates,
        endpoint: server.origin,
        credential: () => Promise.reject(new Error("no")),
        beforeWrite: async () => {},
        signal: controller.signal,
      });
      const asking = caught(siteRecovery.getEffectiveRoutes(nicId));
      while (server.sent("POST").length === 0) await new Promise(setImmediate);
      controller.abort();
      const error = await asking;
      expect(error).to.include({ code: "WaitStopped" });
      expect(error.message).to.contain("the run is cancelled. Azure goes on.");
      const startedAt = Date.now();
      await siteRecovery.pause(60_000);
      expect(Date.now() - startedAt).to.be.lessThan(5_000);
    } finally {
      await server.close();
    }
  });

  it("pauses no more when the signal is aborted: the last answer counts, of reads and of writes", async () => {
    const later = { "retry-after": "60" };
    for (const status of [429, 503]) {
      const busy = await startStubVault(() => ({ status, headers: later }));
      try {
        for (const method of ["GET", "DELETE"]) {
          const controller = new AbortController();
          const siteRecovery = busy.connect({ signal: controller.signal, log: () => controller.abort() });
          const before = busy.server.sent(method, "/p").length;
          const id = `${vaultPath}/replicationPolicies/p`;
          const error = await caught(
            method === "GET"
              ? siteRecovery.findPlan(`${vaultPath}/replicationRecoveryPlans/p`)
              : siteRecovery.deletePolicy(id, { timeoutMs: 1000 }),
          );
          expect(error).to.be.instanceOf(SiteRecoveryError);
          expect(error.message).to.contain(`(${status}, `);
          if (status === 429) expect(error.message).to.contain("cancelled; nothing was started");
          expect(busy.server.sent(method, "/p").length - before, `${method} ${status}`).to.equal(1);
        }
      } finally {
        await busy.server.close();
      }
    }
  });

  it("ends with the last answer when an outage outlasts the bound, quoting no markup and no token", async () => {
    const down = await startStubVault(() => ({
      status: 502,
      body: "<html><h1>Bad gateway</h1> Bearer abc.def eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x</html>",
    }));
    try {
      const error = await caught(down.connect({ maxOutageSeconds: 0 }).listPolicies());
      expect(error).to.be.instanceOf(SiteRecoveryError);
      expect(error.message).to.equal(
        'listing replication policies "vault": the answer is not Azure\'s: "Bad gateway Bearer <token> <token>" (502, 502). Run again later.',
      );
    } finally {
      await down.server.close();
    }
  });

  it("does not follow a next page to another host", async () => {
    let other: StubServer | undefined;
    const astray = await startStubVault((request) =>
      request.path.endsWith("/replicationPolicies")
        ? { status: 200, body: { value: [], nextLink: `${other?.origin}/steal` } }
        : undefined,
    );
    other = await startStub(() => ({ status: 200, body: { value: [] } }));
    try {
      const error = await caught(astray.connect().listPolicies());
      expect(error.message).to.contain("not followed");
      expect(other.requests).to.have.length(0);
    } finally {
      await astray.server.close();
      await other.close();
    }
  });
});

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

describe("reads of networks", () => {
  const group = `/subscriptions/${coordinates.subscriptionId}/resourceGroups/net/providers`;
  const nicId = `${group}/Microsoft.Network/networkInterfaces/nic1`;
  const vmId = `${group}/Microsoft.Compute/virtualMachines/vm1`;

  it("gets by id with the api-version of its provider, lists all pages, and answers undefined for 404", async () => {
    const server = await startStub((request) => {
      if (request.path.endsWith("/nic1")) return { status: 200, body: { id: nicId, name: "nic1" } };
      if (request.path.endsWith("/networkInterfaces")) {
        return request.query.has("page")
          ? { status: 200, body: { value: [{ id: "b" }] } }
          : {
              status: 200,
              body: {
                value: [{ id: "a" }],
                nextLink: `${server.origin}${request.path}?page=2&api-version=2023-09-01`,
              },
            };
      }
      return { status: 404, body: { error: { code: "ResourceNotFound", message: "no" } } };
    });
    try {
      const { connect } = await import("../../../../provider/siterecovery/azure/index.js");
      const siteRecovery = connect({
        vault: coordinates,
        endpoint: server.origin,
        credential: () => Promise.reject(new Error("no")),
        beforeWrite: async () => {},
      });
      expect(await siteRecovery.getResource(nicId)).to.deep.equal({ id: nicId, name: "nic1" });
      expect(server.requests[0]?.query.get("api-version")).to.equal("2023-09-01");
      expect(await siteRecovery.getResource(vmId)).to.equal(undefined);
      expect(await siteRecovery.listResources(`${group}/Microsoft.Network/networkInterfaces`)).to.deep.equal([
        { id: "a" },
        { id: "b" },
      ]);
      expect(server.requests.every(({ headers }) => headers.authorization === undefined)).to.equal(true);
      const unknown = await caught(siteRecovery.getResource(`${group}/Microsoft.Unknown/things/x`));
      expect(unknown).to.be.instanceOf(InvalidInput);
    } finally {
      await server.close();
    }
  });

  it("verifies an IP flow by the region's Network Watcher and waits for its later answer, also after a lost connection", async () => {
    let polls = 0;
    let asks = 0;
    const server = await startStub((request) => {
      if (request.path === vmId) return { status: 200, body: { id: vmId, location: "West Europe" } };
      if (request.path.endsWith("/networkWatchers")) {
        return {
          status: 200,
          body: {
            value: [
              { id: "/subscriptions/s/w0", location: "eastus" },
              { id: `${group}/Microsoft.Network/networkWatchers/w1`, location: "westeurope" },
            ],
          },
        };
      }
      if (request.path.endsWith("/w1/ipFlowVerify")) {
        asks += 1;
        if (asks === 1) return "drop";
        return {
          status: 202,
          headers: { location: `${server.origin}/later?api-version=2023-09-01`, "retry-after": "0" },
        };
      }
      if (request.path === "/later") {
        polls += 1;
        return polls < 3
          ? { status: 202 }
          : { status: 200, body: { access: "Deny", ruleName: "securityRules/noRdp" } };
      }
      if (request.path.endsWith("/effectiveRouteTable")) {
        return {
          status: 200,
          body: {
            value: [
              {
                source: "Default",
                state: "Active",
                addressPrefix: ["0.0.0.0/0"],
                nextHopType: "Internet",
                nextHopIpAddress: [],
              },
            ],
          },
        };
      }
      return { status: 404, body: {} };
    });
    try {
      const { connect } = await import("../../../../provider/siterecovery/azure/index.js");
      const siteRecovery = connect({
        vault: coordinates,
        endpoint: server.origin,
        credential: () => Promise.reject(new Error("no")),
        beforeWrite: async () => {},
      });
      const request = {
        virtualMachineId: vmId,
        nicId,
        direction: "Inbound",
        protocol: "TCP",
        localIpAddress: "10.0.0.4",
        localPort: "3389",
        remoteIpAddress: "10.1.0.4",
        remotePort: "60000",
      } as const;
      expect(await siteRecovery.verifyIpFlow(request)).to.deep.equal({
        access: "Deny",
        ruleName: "securityRules/noRdp",
      });
      expect(server.sent("POST", "/ipFlowVerify")[1]?.body).to.include({
        targetResourceId: vmId,
        targetNicResourceId: nicId,
        localIPAddress: "10.0.0.4",
      });
      expect(await siteRecovery.getEffectiveRoutes(nicId)).to.deep.equal([
        {
          source: "Default",
          state: "Active",
          addressPrefixes: ["0.0.0.0/0"],
          nextHopType: "Internet",
          nextHopIpAddresses: [],
        },
      ]);
    } finally {
      await server.close();
    }
  });
});
