import { expect } from "chai";
import {
  Conflict,
  InvalidInput,
  JobFailed,
  SiteRecoveryError,
  Timeout,
  Unclear,
} from "../../../../provider/siterecovery/errors.js";
import type { ReplicatedItem, SiteRecovery } from "../../../../provider/siterecovery/siteRecovery.js";
import type { StubAnswer, StubRequest } from "./stubServer.js";
import { caught, itemId, type StubVault, startStubVault, vaultPath, wireItem } from "./stubVault.js";

const failover = { kind: "unplannedFailover", shutdownSource: true, recoveryPoint: { kind: "latest" } } as const;
const wait = { timeoutMs: 20_000 };

describe("starting an action", () => {
  let vault: StubVault;
  let answerPost: (request: StubRequest) => StubAnswer;
  const vaults: StubVault[] = [];

  beforeEach(async () => {
    vault = await startStubVault((request) => (request.method === "POST" ? answerPost(request) : undefined));
    vaults.push(vault);
    vault.resources.set(itemId("app01").toLowerCase(), wireItem("app01"));
  });
  afterEach(async () => {
    await Promise.all(vaults.splice(0).map(({ server }) => server.close()));
  });

  async function item(siteRecovery: SiteRecovery): Promise<ReplicatedItem> {
    const found = await siteRecovery.getItem(itemId("app01"));
    if (found === undefined) throw new Error("the stub lost its item");
    return found;
  }

  it("sends the recorded body, the mark as client request id and no Authorization header, and names the job without polling", async () => {
    answerPost = (request) => vault.start(request, "UnplannedFailover").answer;
    const siteRecovery = vault.connect();
    const job = await siteRecovery.startAction(
      { kind: "replicatedItem", item: await item(siteRecovery) },
      failover,
      "mark-1",
    );
    const [post] = vault.server.sent("POST", "/unplannedFailover");
    expect(post?.body).to.deep.equal({
      properties: {
        failoverDirection: "PrimaryToRecovery",
        sourceSiteOperations: "Required",
        providerSpecificDetails: { instanceType: "InMageRcm", performShutdown: "true" },
      },
    });
    expect(post?.headers["x-ms-client-request-id"]).to.equal("mark-1");
    expect(vault.server.requests.every(({ headers }) => headers.authorization === undefined)).to.equal(true);
    expect(vault.jobs.has(job.name)).to.equal(true);
    expect(vault.server.requests).to.have.length(2);
  });

  for (const [name, loss] of [
    ["the connection drops before the server acted", "drop"],
    ["the server answers 503", { status: 503, body: { error: { code: "ServiceUnavailable", message: "busy" } } }],
    ["the server answers 500 with a page of a proxy", { status: 500, body: "<html><b>Bad</b> gateway</html>" }],
    ["the server answers 408", { status: 408 }],
  ] as const) {
    it(`sends one POST and throws Unclear when ${name}`, async () => {
      answerPost = () => loss;
      const siteRecovery = vault.connect();
      const target = { kind: "replicatedItem", item: await item(siteRecovery) } as const;
      const error = await caught(siteRecovery.startAction(target, failover, "mark"));
      expect(error).to.be.instanceOf(Unclear);
      expect(error.message).to.match(
        /^starting unplannedFailover of replicated item "app01": .*Look at the target/,
      );
      expect(vault.server.sent("POST")).to.have.length(1);
    });
  }

  it("sends one POST and finds the job by its mark when the connection drops after the server acted", async () => {
    answerPost = (request) => {
      vault.start(request, "UnplannedFailover");
      return "drop";
    };
    const siteRecovery = vault.connect();
    const target = { kind: "replicatedItem", item: await item(siteRecovery) } as const;
    const job = await siteRecovery.startAction(target, failover, "mark");
    expect([...vault.jobs.keys()]).to.deep.equal([job.name]);
    expect(vault.server.sent("POST")).to.have.length(1);
  });

  it("does not take an ended job of the same mark for its own", async () => {
    answerPost = (request) => {
      vault.end(vault.start(request, "UnplannedFailover").job, "Failed");
      return "drop";
    };
    const siteRecovery = vault.connect();
    const target = { kind: "replicatedItem", item: await item(siteRecovery) } as const;
    expect(await caught(siteRecovery.startAction(target, failover, "mark"))).to.be.instanceOf(Unclear);
  });

  it("waits out 429 and asks beforeWrite before each try", async () => {
    let tries = 0;
    let probes = 0;
    answerPost = (request) => {
      tries += 1;
      if (tries < 3)
        return {
          status: 429,
          headers: { "retry-after": "0" },
          body: { error: { code: "TooManyRequests", message: "slow" } },
        };
      return vault.start(request, "UnplannedFailover").answer;
    };
    const siteRecovery = vault.connect({
      beforeWrite: async () => {
        probes += 1;
      },
    });
    const target = { kind: "replicatedItem", item: await item(siteRecovery) } as const;
    await siteRecovery.startAction(target, failover, "mark");
    expect([tries, probes]).to.deep.equal([3, 3]);
  });

  it("gives up on 429 at the bound and says that nothing was started", async () => {
    answerPost = () => ({
      status: 429,
      headers: { "retry-after": "30" },
      body: { error: { code: "TooManyRequests", message: "slow" } },
    });
    const siteRecovery = vault.connect({ maxThrottleWaitSeconds: 5 });
    const target = { kind: "replicatedItem", item: await item(siteRecovery) } as const;
    const error = await caught(siteRecovery.startAction(target, failover, "mark"));
    expect(error).to.be.instanceOf(Timeout);
    expect(error.message).to.contain("nothing was started").and.to.contain("TooManyRequests");
    expect(vault.server.sent("POST")).to.have.length(1);
  });

  it("sends nothing when beforeWrite throws, and passes its error on", async () => {
    answerPost = (request) => vault.start(request, "UnplannedFailover").answer;
    const gone = new Error("the engine is gone");
    const siteRecovery = vault.connect({
      beforeWrite: async () => {
        throw gone;
      },
    });
    const target = { kind: "replicatedItem", item: await item(siteRecovery) } as const;
    expect(await caught(siteRecovery.startAction(target, failover, "mark"))).to.equal(gone);
    expect(vault.server.sent("POST")).to.have.length(0);
  });

  it("tells a refusal by Azure's inner code with causes, action and request id, and sends it once", async () => {
    answerPost = () => ({
      status: 409,
      headers: { "x-ms-request-id": "request-7" },
      body: {
        error: {
          code: "Conflict",
          message: "outer",
          details: [
            {
              code: "AnotherJobRuns",
              message: "Another job runs on the item.",
              possibleCauses: "A failover was started in the portal.",
              recommendedAction: "Wait for it.",
            },
          ],
        },
      },
    });
    const siteRecovery = vault.connect();
    const target = { kind: "replicatedItem", item: await item(siteRecovery) } as const;
    const error = await caught(siteRecovery.startAction(target, failover, "mark"));
    expect(error).to.be.instanceOf(Conflict);
    expect(error).to.include({
      code: "AnotherJobRuns",
      requestId: "request-7",
      possibleCauses: "A failover was started in the portal.",
      recommendedAction: "Wait for it.",
      statusCode: 409,
    });
    expect(error.message).to.equal(
      'starting unplannedFailover of replicated item "app01": Another job runs on the item (409, AnotherJobRuns, request request-7). Possible causes: A failover was started in the portal. Wait for it.',
    );
    expect(vault.server.sent("POST")).to.have.length(1);
  });

  it("refuses a recovery point that the item does not have, naming those it has, before any POST", async () => {
    answerPost = (request) => vault.start(request, "TestFailover").answer;
    const pointId = `${itemId("app01")}/recoveryPoints/point1`;
    vault.resources.set(pointId.toLowerCase(), {
      id: pointId,
      name: "point1",
      properties: { recoveryPointTime: "2026-01-01T00:00:00Z", recoveryPointType: "CrashConsistent" },
    });
    const siteRecovery = vault.connect();
    const target = { kind: "replicatedItem", item: await item(siteRecovery) } as const;
    const action = {
      kind: "testFailover",
      networkId: "/n",
      recoveryPoint: { kind: "latestApplicationConsistent" },
    } as const;
    const error = await caught(siteRecovery.startAction(target, action, "mark"));
    expect(error.message)
      .to.contain("no ApplicationConsistent recovery point")
      .and.to.contain("point1 (CrashConsistent");
    expect(vault.server.sent("POST")).to.have.length(0);
  });

  it("repeats a PUT after a lost connection and takes the first try's job when the second is refused", async () => {
    let tries = 0;
    const policyPath = `${vaultPath}/replicationPolicies/p`;
    vault = await startStubVault((request, stub) => {
      if (request.method !== "PUT") return undefined;
      tries += 1;
      if (tries === 2) return { status: 409, body: { error: { code: "Conflict", message: "a job creates it" } } };
      const { job } = stub.start(request, "AddProtectionProfile");
      setTimeout(() => {
        stub.resources.set(policyPath.toLowerCase(), {
          id: policyPath,
          name: "p",
          properties: {
            providerSpecificDetails: {
              instanceType: "InMageRcm",
              recoveryPointHistoryInMinutes: 60,
              crashConsistentFrequencyInMinutes: 5,
              appConsistentFrequencyInMinutes: 0,
              enableMultiVmSync: "true",
            },
          },
        });
        stub.end(job);
      }, 50);
      return "drop";
    });
    vaults.push(vault);
    const settings = {
      instanceType: "InMageRcm",
      recoveryPointRetentionMinutes: 60,
      crashConsistentFrequencyMinutes: 5,
      appConsistentFrequencyMinutes: 0,
      multiVmSync: true,
    } as const;
    const policy = await vault.connect().putPolicy("p", settings, wait);
    expect(policy.settings).to.deep.equal(settings);
    expect(vault.jobs.size).to.equal(1);
    expect(tries).to.equal(2);
  });

  it("throws JobFailed with the causes of the job when a write's job ends badly or partly", async () => {
    const vaultOfFailure = await startStubVault((request, stub) => {
      if (request.method !== "DELETE") return undefined;
      const { job, answer } = stub.start(request, "RemoveProtectionProfile", {
        errors: [
          {
            serviceErrorDetails: {
              code: "PolicyInUse",
              message: "The policy is in use.",
              possibleCauses: "A mapping uses it.",
              recommendedAction: "Remove the mapping m1.",
            },
          },
        ],
      });
      stub.end(job, "PartiallySucceeded");
      return answer;
    });
    vaults.push(vaultOfFailure);
    const error = await caught(vaultOfFailure.connect().deletePolicy(`${vaultPath}/replicationPolicies/p`, wait));
    expect(error).to.be.instanceOf(JobFailed);
    expect(error.message).to.equal(
      'deleting replication policy "p": The policy is in use (PolicyInUse). Possible causes: A mapping uses it. Remove the mapping m1.',
    );
  });

  it("says at once that nothing listens, and at which address", async () => {
    await vault.server.close();
    const error = await caught(vault.connect().listPolicies());
    expect(error).to.be.instanceOf(SiteRecoveryError);
    expect(error.message).to.contain(`nothing listens at ${vault.server.origin}`).and.to.contain("ECONNREFUSED");
  });

  it("refuses ids of another vault", async () => {
    const error = await caught(
      vault.connect().getItem(itemId("app01").replace("/vaults/vault/", "/vaults/other/")),
    );
    expect(error).to.be.instanceOf(InvalidInput);
    expect(vault.server.requests).to.have.length(0);
  });
});
