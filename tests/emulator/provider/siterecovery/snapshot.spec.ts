import { expect } from "chai";
import { NotFound, SiteRecoveryError } from "../../../../provider/siterecovery/errors.js";
import { type StubAnswer, type StubServer, startStub } from "./stubServer.js";
import {
  caught,
  connectToStub,
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
      const siteRecovery = connectToStub(server, { signal: controller.signal });
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
