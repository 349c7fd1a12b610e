import type { HttpClient, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { createHttpHeaders } from "@azure/core-rest-pipeline";
import { expect } from "chai";
import { ArmClient } from "../../../../../provider/siterecovery/azure/armClient.js";
import { parseEndpoint } from "../../../../../provider/siterecovery/azure/endpoint.js";
import { noBuckets } from "../../../../../provider/siterecovery/azure/rateLimit.js";
import { SiteRecoveryError, Unauthorized, Unclear } from "../../../../../provider/siterecovery/errors.js";

interface Seen {
  url: string;
  authorization: string | undefined;
  userAgent: string | undefined;
}

function client(
  answers: (request: PipelineRequest) => { status: number; headers?: Record<string, string>; body?: string },
) {
  const seen: Seen[] = [];
  const scopes: unknown[] = [];
  let credentials = 0;
  let lifetimeMs = 3_600_000;
  const httpClient: HttpClient = {
    async sendRequest(request): Promise<PipelineResponse> {
      seen.push({
        url: request.url,
        authorization: request.headers.get("authorization"),
        userAgent: request.headers.get("user-agent"),
      });
      const { status, headers, body } = answers(request);
      return {
        request,
        status,
        headers: createHttpHeaders({ "content-type": "application/json", ...headers }),
        bodyAsText: body,
      };
    },
  };
  const arm = new ArmClient({
    endpoint: parseEndpoint("https://management.azure.com"),
    buckets: noBuckets,
    beforeWrite: async () => {},
    maxThrottleWaitMs: 10_000,
    maxOutageMs: 0,
    tryTimeoutMs: 1000,
    log: () => {},
    subscriptionId: "s",
    vaultName: "v",
    audience: "https://audience.example",
    userAgent: "siterecovery/1",
    httpClient,
    credential: async () => {
      credentials += 1;
      return {
        getToken: async (scope) => {
          scopes.push(scope);
          return { token: `token-${scopes.length}`, expiresOnTimestamp: Date.now() + lifetimeMs };
        },
      };
    },
  });
  return {
    arm,
    seen,
    scopes,
    credentials: () => credentials,
    expireAtOnce: () => {
      lifetimeMs = -1;
    },
  };
}

const policies =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/replicationPolicies";
const reading = { operation: "listing", kind: "replication policies", name: "v" };

describe("the client towards Azure", () => {
  it("asks for one credential, when first needed, with the audience's scope, and names itself", async () => {
    const { arm, seen, scopes, credentials } = client(() => ({ status: 200, body: '{"value":[]}' }));
    expect(credentials()).to.equal(0);
    await arm.list(reading, policies, String);
    await arm.list(reading, policies, String);
    expect(credentials()).to.equal(1);
    expect(scopes.flat()).to.deep.equal(["https://audience.example/.default"]);
    expect(seen.map(({ authorization }) => authorization)).to.deep.equal(["Bearer token-1", "Bearer token-1"]);
    expect(seen[0]?.userAgent).to.match(/^siterecovery\/1 /);
  });

  it("takes a new token for a try after the old one ran out", async () => {
    let tries = 0;
    const { arm, seen, expireAtOnce } = client(() => {
      tries += 1;
      return tries === 1
        ? { status: 429, headers: { "retry-after": "0" } }
        : { status: 200, body: '{"value":[]}' };
    });
    expireAtOnce();
    await arm.list(reading, policies, String);
    expect(seen.map(({ authorization }) => authorization)).to.deep.equal(["Bearer token-1", "Bearer token-2"]);
  });

  it("follows a next page on a regional host of Azure, and takes no token anywhere else", async () => {
    for (const [next, sent] of [
      ["https://westeurope.management.azure.com/next", 2],
      ["https://management.azure.com.evil.example/next", 1],
      ["http://management.azure.com/next", 1],
    ] as const) {
      const { arm, seen } = client((request) => ({
        status: 200,
        body: JSON.stringify({
          value: [],
          nextLink: new URL(request.url).pathname.endsWith("/next") ? null : next,
        }),
      }));
      const listing = arm.list(reading, policies, String);
      await listing.catch((error: Error) => expect(error.message).to.contain("not followed"));
      expect(seen, next).to.have.length(sent);
    }
  });

  it("takes no answer for an empty list, or for a resource, that is none", async () => {
    for (const [answer, words] of [
      [{ status: 302, headers: { location: "https://proxy.example/login" } }, "302"],
      [{ status: 200 }, "without a text"],
      [{ status: 200, body: "[]" }, "not Azure's"],
      [{ status: 200, body: '{"message":"welcome"}' }, "welcome"],
    ] as const) {
      const { arm } = client(() => answer);
      const error: unknown = await arm.list(reading, policies, String).catch((reason: unknown) => reason);
      expect(error, words)
        .to.be.instanceOf(SiteRecoveryError)
        .and.to.have.property("message")
        .that.contains(words);
    }
    for (const answer of [{ status: 307 }, { status: 200 }]) {
      const { arm } = client(() => answer);
      const error: unknown = await arm.get(reading, `${policies}/p`, String).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(SiteRecoveryError);
    }
  });

  it("does not follow a redirect with a POST", async () => {
    const { arm, seen } = client(() => ({
      status: 307,
      headers: { location: "https://management.azure.com/elsewhere" },
    }));
    const doing = { operation: "starting failoverCommit of", kind: "recovery plan", name: "p" };
    const outcome = await arm.send(
      doing,
      ({ replicationRecoveryPlans: plans }, options) => plans.beginFailoverCommitAndWait("v", "g", "p", options),
      "mark",
    );
    expect(outcome.kind).to.equal("failed");
    expect(seen).to.have.length(1);
  });

  it("holds no token in an error, its cause or what inspecting it shows", async () => {
    const { inspect } = await import("node:util");
    const { arm } = client(() => ({
      status: 503,
      body: '{"error":{"code":"Busy","message":"Bearer token-1 was fine"}}',
    }));
    const doing = { operation: "starting failoverCommit of", kind: "recovery plan", name: "p" };
    const outcome = await arm.send(
      doing,
      ({ replicationRecoveryPlans: plans }, options) => plans.beginFailoverCommitAndWait("v", "g", "p", options),
      "mark",
    );
    if (outcome.kind !== "failed") throw new Error("it was accepted");
    expect(outcome.error).to.be.instanceOf(Unclear);
    expect(inspect(outcome.error, { depth: 10, showHidden: true })).to.not.contain("token-1");
  });

  it("tells missing rights as Unauthorized, and a failing credential as no token", async () => {
    const { arm } = client(() => ({
      status: 401,
      body: '{"error":{"code":"InvalidAuthenticationToken","message":"expired"}}',
    }));
    const listing = arm.list(reading, policies, String);
    const error: unknown = await listing.catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Unauthorized).and.to.include({ code: "InvalidAuthenticationToken" });
  });
});
