import { randomUUID } from "node:crypto";
import type { ConnectOptions } from "../../../../provider/siterecovery/azure/index.js";
import { connect } from "../../../../provider/siterecovery/azure/index.js";
import type { SiteRecovery } from "../../../../provider/siterecovery/siteRecovery.js";
import { type StubAnswer, type StubRequest, type StubServer, startStub } from "./stubServer.js";

export const coordinates = {
  subscriptionId: "00000000-0000-0000-0000-000000000001",
  resourceGroupName: "dr",
  vaultName: "vault",
};
export const vaultPath = `/subscriptions/${coordinates.subscriptionId}/resourceGroups/dr/providers/Microsoft.RecoveryServices/vaults/vault`;
/** As Azure spells it in answers. */
export const answeredPath = vaultPath.replace("/subscriptions", "/Subscriptions");
export const containerPath = `${vaultPath}/replicationFabrics/fabric/replicationProtectionContainers/container`;

export function itemId(name: string): string {
  return `${containerPath}/replicationProtectedItems/${name}`;
}

export interface StubJob {
  name: string;
  scenarioName: string;
  state: string;
  activityId: string;
  targetObjectId?: string;
  targetObjectName?: string;
  targetInstanceType?: string;
  tasks: unknown[];
  errors: unknown[];
  customDetails?: unknown;
  startTime: string;
  endTime?: string;
}

type Script = (request: StubRequest, vault: StubVault) => StubAnswer | undefined | Promise<StubAnswer | undefined>;

export interface StubVault {
  server: StubServer;
  jobs: Map<string, StubJob>;
  resources: Map<string, Record<string, unknown>>;
  /** Adds a running job and gives the 202 that names it. */
  start(request: StubRequest, scenarioName: string, more?: Partial<StubJob>): { job: StubJob; answer: StubAnswer };
  end(job: StubJob, state?: string): void;
  connect(options?: Partial<ConnectOptions>): SiteRecovery;
}

/** A replicated item in the form that Azure answers. */
export function wireItem(
  name: string,
  more: { properties?: object; details?: object } = {},
): Record<string, unknown> {
  return {
    id: itemId(name).replace("/subscriptions", "/Subscriptions"),
    name,
    type: "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems",
    properties: {
      friendlyName: name,
      protectionState: "Protected",
      protectionStateDescription: "Protected",
      activeLocation: "Primary",
      testFailoverState: "None",
      allowedOperations: ["UnplannedFailover", "DisableProtection", "TestFailover"],
      replicationHealth: "Normal",
      healthErrors: [],
      currentScenario: {
        scenarioName: "None",
        jobId: `${answeredPath}/replicationJobs/None`,
        startTime: "1753-01-01T01:01:01Z",
      },
      failoverRecoveryPointId: "",
      ...more.properties,
      providerSpecificDetails: {
        instanceType: "InMageRcm",
        internalIdentifier: `internal-${name}`,
        vmNics: [],
        protectedDisks: [],
        ...more.details,
      },
    },
  };
}

/**
 * A vault behind the stub server: what the script does not answer is a job list (with its filter), a job, a list of
 * `resources` below a collection in pages of `pageSize`, or one of them.
 */
export async function startStubVault(script: Script = () => undefined, pageSize = 100): Promise<StubVault> {
  const jobs = new Map<string, StubJob>();
  const resources = new Map<string, Record<string, unknown>>();
  const server = await startStub(async (request) => {
    const scripted = await script(request, vault);
    if (scripted !== undefined) return scripted;
    if (request.method !== "GET")
      return { status: 501, body: { error: { code: "NotScripted", message: request.path } } };
    if (request.path.toLowerCase().endsWith("/replicationjobs")) {
      const state = /JobStatus eq '(\w+)'/.exec(request.query.get("$filter") ?? "")?.[1];
      const found = [...jobs.values()].filter((job) => state === undefined || job.state === state);
      return page(
        request,
        found.map((job) => wireJob(job, false)),
      );
    }
    const jobName = /\/replicationJobs\/([^/]+)$/i.exec(request.path)?.[1];
    const job = jobName === undefined ? undefined : jobs.get(jobName);
    if (job !== undefined) return { status: 200, body: wireJob(job, true) };
    const one = resources.get(request.path.toLowerCase());
    if (one !== undefined) return { status: 200, body: one };
    const collection = request.path.split("/").at(-1)?.toLowerCase() ?? "";
    if (
      /^replication(policies|protecteditems|fabrics|recoveryplans|protectioncontainermappings)$|^recoverypoints$/.test(
        collection,
      )
    ) {
      const found = [...resources].filter(([id]) => id.split("/").at(-2) === collection).map(([, body]) => body);
      return page(request, found);
    }
    return {
      status: 404,
      headers: { "x-ms-request-id": "request-404" },
      body: {
        error: {
          code: "NotFound",
          message: "not found",
          details: [{ code: "ArmResourceDoesNotExist", message: `${request.path} does not exist.` }],
        },
      },
    };
  });

  function page(request: StubRequest, all: unknown[]): StubAnswer {
    const from = Number(request.query.get("skipToken") ?? "0");
    const next = new URL(`${server.origin}${request.path}`);
    for (const [name, value] of request.query) next.searchParams.set(name, value);
    next.searchParams.set("skipToken", String(from + pageSize));
    return {
      status: 200,
      body: { value: all.slice(from, from + pageSize), nextLink: from + pageSize < all.length ? next.href : null },
    };
  }

  const vault: StubVault = {
    server,
    jobs,
    resources,
    start(request, scenarioName, more = {}) {
      const name = randomUUID();
      const job: StubJob = {
        name,
        scenarioName,
        state: "InProgress",
        activityId: `${String(request.headers["x-ms-client-request-id"])} ActivityId: ${randomUUID()}`,
        tasks: [],
        errors: [],
        startTime: "2026-01-02T03:04:05.1234567Z",
        ...more,
      };
      jobs.set(name, job);
      return {
        job,
        answer: {
          status: 202,
          headers: {
            "azure-asyncoperation": `${server.origin}${answeredPath}/replicationOperationStatus/${name}?api-version=2023-06-01`,
            location: `${server.origin}${request.path}/operationresults/${name}?api-version=2023-06-01`,
            "retry-after": "0",
          },
        },
      };
    },
    end(job, state = "Succeeded") {
      job.state = state;
      job.endTime = "2026-01-02T03:14:05Z";
    },
    connect: (options) => connectToStub(server, options),
  };
  return vault;
}

/** The adapter, connected to a server that answers as a test says. */
export function connectToStub(server: StubServer, options: Partial<ConnectOptions> = {}): SiteRecovery {
  return connect({
    vault: coordinates,
    endpoint: server.origin,
    credential: async () => {
      throw new Error("a credential was asked for on behalf of a loopback endpoint");
    },
    beforeWrite: async () => {},
    ...options,
  });
}

function wireJob(job: StubJob, isAlone: boolean): Record<string, unknown> {
  return {
    id: `${answeredPath}/replicationJobs/${job.name}`,
    name: job.name,
    type: "Microsoft.RecoveryServices/vaults/replicationJobs",
    properties: {
      allowedActions: [],
      stateDescription: job.state,
      ...job,
      tasks: isAlone ? job.tasks : [],
      customDetails: isAlone ? (job.customDetails ?? { instanceType: "AsrJobDetails" }) : null,
    },
  };
}

/** The error that a call ends with. @throws where it ends well */
export async function caught(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not throw an Error");
}
