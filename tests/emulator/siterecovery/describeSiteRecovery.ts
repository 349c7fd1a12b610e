/** A fresh emulator with a frozen clock for each test, and the few calls that every test of Site Recovery makes. */

import { expect } from "chai";
import { type Emulator, type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";

export interface Answer {
  status: number;
  headers: Headers;
  body: Body;
}

/** The fields that tests read, wherever they stand in an answer: one that is missing fails the assertion about it. */
export interface Body {
  activeLocation: string;
  activityId: string;
  affectedResourceCorrelationIds: string[];
  allowedActions: string[];
  allowedOperations: string[];
  childTasks: Body[];
  clientRequestId: string;
  code: string;
  currentScenario: Body;
  currentScenarioStatus: string;
  customDetails: Body;
  description: string;
  details: Body[];
  endTime: string;
  error: Body;
  errorCode: string;
  errors: Body[];
  failoverHealth: string;
  failoverRecoveryPointId: string;
  friendlyName: string;
  groups: Body[];
  groupTaskCustomDetails: Body;
  healthErrors: Body[];
  id: string;
  ipConfigurations: Body[];
  issues: Body[];
  jobTask: Body;
  lastRecoveryPointId: string;
  message: string;
  name: string;
  nextLink: string | null;
  osVersions: Body[];
  privateIPAddress: string;
  properties: Body;
  protectedDisks: Body[];
  protectedItemDetails: Body[];
  protectedItemsHealth: Body;
  protectionState: string;
  providerSpecificDetails: Body;
  recoveryPointId: string;
  recoveryPointTime: string;
  recoveryPointType: string;
  replicationProtectedItems: Body[];
  scenarioName: string | null;
  serviceErrorDetails: Body;
  startTime: string;
  state: string;
  stateDescription: string;
  status: string;
  summaryCode: string;
  supportedOsList: Body[];
  targetIPAddress: string;
  targetObjectName: string;
  targetVmName: string;
  tasks: Body[];
  testFailoverState: string;
  testFailoverStatus: string;
  value: Body[];
  vmNics: Body[];
}

export interface SiteRecovery {
  emulator: Emulator;
  /** Id of the vault as requests write it. */
  vault: string;
  /** Path of the container, below the vault. */
  container: string;
  group: string;
  send(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Moves the frozen clock. */
  advance(seconds: number): Promise<void>;
  /** Sends and advances until the operation is over; the status body, its job beside it. */
  run(method: string, path: string, body?: unknown): Promise<{ status: string; job: Body }>;
  network(name: string): string;
  item(name: string): Promise<Body>;
  admin(method: string, path: string, body?: unknown): Promise<Answer>;
}

const subscriptionId = "11111111-2222-4333-8444-555555555555";

/** Three protected machines: a Windows one, a Linux one, and a physical one with an old agent. */
export function estate(changes: Partial<EstateInput> = {}): EstateInput {
  const item = (machine: string, targetIp?: string) => ({
    machine,
    policy: "daily",
    targetNetwork: "prod",
    targetSubnet: "web",
    testNetwork: "drill",
    ...(targetIp === undefined ? {} : { targetIp }),
  });
  return {
    subscriptionId,
    resourceGroup: "shop",
    location: "westeurope",
    vault: { name: "shop-vault" },
    clock: { start: "2026-03-02T08:00:00Z" },
    networks: [
      {
        name: "prod",
        addressPrefixes: ["10.20.0.0/16"],
        subnets: [{ name: "web", addressPrefix: "10.20.1.0/24" }],
      },
      {
        name: "drill",
        addressPrefixes: ["10.20.0.0/16"],
        subnets: [
          { name: "aaa", addressPrefix: "10.20.9.0/24" },
          { name: "web", addressPrefix: "10.20.1.0/24" },
        ],
      },
    ],
    storageAccounts: [{ name: "shoplogs" }],
    runAsAccounts: [{ name: "windows" }],
    machines: [
      {
        name: "web01",
        os: { type: "Windows", name: "Windows Server 2019" },
        nics: [{ network: "lan", ip: "192.168.1.11" }],
      },
      {
        name: "app01",
        os: { type: "Linux", name: "Ubuntu 22.04" },
        nics: [{ network: "lan", ip: "192.168.1.12" }],
      },
      {
        name: "old01",
        kind: "physical",
        os: { type: "Windows", name: "Windows Server 2012 R2" },
        nics: [{ network: "lan", ip: "192.168.1.13" }],
        mobilityAgent: { version: "9.7" },
      },
    ],
    policies: [{ name: "daily", appConsistentFrequencyInMinutes: 60 }],
    replicatedItems: [item("web01", "10.20.1.11"), item("app01"), item("old01")],
    recoveryPlans: [{ name: "shop", groups: [["app01"], ["web01", "old01"]] }],
    ...changes,
  };
}

export function describeSiteRecovery(
  title: string,
  tests: (current: () => SiteRecovery) => void,
  input: () => EstateInput = estate,
): void {
  describe(title, () => {
    let site: SiteRecovery | undefined;
    beforeEach(async () => {
      site = siteRecoveryOf(await startEmulator({ estate: input(), frozen: true }));
    });
    afterEach(async () => {
      await site?.emulator.stop();
    });
    tests(() => {
      if (site === undefined) throw new Error("the emulator has not started");
      return site;
    });
  });
}

export function siteRecoveryOf(emulator: Emulator): SiteRecovery {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/shop`;
  const vault = `${group}/providers/Microsoft.RecoveryServices/vaults/shop-vault`;
  const container =
    "/replicationFabrics/shop-vault-vmwarefabric/replicationProtectionContainers/shop-vault-replicationcontainer";
  const send = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const target = path.startsWith("http")
      ? path
      : `${emulator.origin}${/^\/subscriptions/i.test(path) ? path : vault + path}`;
    const url = new URL(target);
    if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", "2023-06-01");
    return request(url, method, body);
  };
  const admin = (method: string, path: string, body?: unknown) =>
    request(new URL(`${emulator.origin}/_emulator/${path}`), method, body);
  const advance = async (seconds: number) => {
    const answer = await admin("POST", "clock", { advanceSeconds: seconds });
    expect(answer.status).to.equal(200);
  };
  return {
    emulator,
    vault,
    container,
    group,
    send,
    admin,
    advance,
    async run(method, path, body) {
      const started = await send(method, path, body);
      expect(started.status, JSON.stringify(started.body)).to.equal(202);
      const poll = started.headers.get("azure-asyncoperation") ?? "";
      const name = poll.replace(/\?.*$/, "").split("/").at(-1);
      for (let waited = 0; waited < 8 * 3600; waited += 30) {
        const { body: state } = await send("GET", poll);
        if (!["NotStarted", "InProgress"].includes(state.status)) {
          return { status: state.status, job: (await send("GET", `/replicationJobs/${name}`)).body.properties };
        }
        await advance(30);
      }
      throw new Error(`${method} ${path} did not end within 8 simulated hours`);
    },
    network: (name) => `${group}/providers/Microsoft.Network/virtualNetworks/${name}`,
    item: async (name) => (await send("GET", `${container}/replicationProtectedItems/${name}`)).body.properties,
  };
}

async function request(url: URL, method: string, body: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === "" ? {} : JSON.parse(text)) as Body,
  };
}

/** The body of a test failover into the drill network. */
export function drill(networkId: string, more: object = {}): unknown {
  const providerSpecificDetails = { instanceType: "InMageRcm", ...more };
  return {
    properties: {
      failoverDirection: "PrimaryToRecovery",
      networkType: "VmNetworkAsInput",
      networkId,
      providerSpecificDetails,
    },
  };
}

export function failover(more: object = {}): unknown {
  return {
    properties: {
      failoverDirection: "PrimaryToRecovery",
      sourceSiteOperations: "NotRequired",
      providerSpecificDetails: { instanceType: "InMageRcm", performShutdown: "false", ...more },
    },
  };
}
