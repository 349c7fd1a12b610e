/** The published examples, sent as they are to an emulator that has what they name. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as Mappers from "@azure/arm-recoveryservices-siterecovery/dist-esm/src/models/mappers.js";
import { type CompositeMapper, createSerializer } from "@azure/core-client";
import { expect } from "chai";
import { type Emulator, type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import { siteRecoveryOperations } from "../../../rehearsal/emulator/siterecovery/index.js";
import { readReference, referenceData } from "../referenceData.js";
import { Contract, type OpenApi } from "./openApi.js";

interface Example {
  parameters: Record<string, unknown>;
  responses: Record<string, { body?: unknown; headers?: Record<string, unknown> }>;
}
interface Parameter {
  name: string;
  in: string;
}
interface Described {
  method: string;
  path: string;
  body: string | undefined;
  response: string | undefined;
}
interface Sent {
  status: number;
  headers: Headers;
  body: unknown;
  path: string;
}

/** Of provider kinds that the emulator does not have: refused in the service's form, naming the kind. */
const otherKinds = new Map([["ReplicationProtectionContainerMappings_Update", "A2A"]]);

/** Of machines on Hyper-V: the stage that their items are at before, or nothing where there is no item. */
const onHyperV = new Map<string, NonNullable<EstateInput["replicatedItems"]>[number]["state"] | "none">([
  ["ReplicationFabrics_Create", "none"],
  ["ReplicationFabrics_Delete", "none"],
  ["ReplicationFabrics_Purge", "none"],
  ["ReplicationNetworkMappings_Get", "none"],
  ["ReplicationNetworkMappings_List", "none"],
  ["ReplicationNetworkMappings_Update", "none"],
  ["ReplicationNetworks_List", "none"],
  ["ReplicationNetworks_ListByReplicationFabrics", "none"],
  ["ReplicationPolicies_Create", "none"],
  ["ReplicationProtectedItems_Get", "protected"],
  ["ReplicationProtectedItems_UnplannedFailover", "protected"],
  ["ReplicationProtectedItems_Update", "protected"],
  ["ReplicationProtectedItems_Reprotect", "failbackCommitted"],
  ["ReplicationRecoveryPlans_PlannedFailover", "protected"],
]);

/** What has to have happened before an example makes sense: the actions, on the item or on the plan. */
const before: Record<string, (run: Run) => Promise<unknown>> = {
  ReplicationProtectedItems_TestFailoverCleanup: (run) => run.drill("item"),
  ReplicationRecoveryPlans_TestFailoverCleanup: (run) => run.drill("plan"),
  ReplicationRecoveryPlans_FailoverCommit: (run) => run.failOver(),
  ReplicationProtectedItems_FailoverCancel: (run) => run.failBack(),
  ReplicationNetworkMappings_Update: (run) => run.foreignNetwork(),
  ReplicationJobs_Restart: (run) => run.failCleanup(),
  ReplicationJobs_Resume: (run) => run.suspend(),
  ReplicationPolicies_Delete: (run) => run.freePolicy(),
  ReplicationProtectionContainerMappings_Delete: (run) => run.freeItems(),
  ReplicationProtectedItems_Delete: (run) => run.freePlan(),
};

const text = (value: unknown, fallback: string) => (typeof value === "string" ? value : fallback);

function estateFor(parameters: Example["parameters"]): EstateInput {
  const policy = text(parameters.mappingName, text(parameters.policyName, "protectionprofile1"));
  return {
    subscriptionId: text(parameters.subscriptionId, ""),
    resourceGroup: text(parameters.resourceGroupName, ""),
    location: "westus",
    vault: { name: text(parameters.resourceName, "") },
    fabric: { name: text(parameters.fabricName, "cloud1") },
    protectionContainer: {
      name: text(parameters.protectionContainerName, "cloud_6d224fc6-f326-5d35-96de-fbf51efb3179"),
    },
    appliance: { name: "appliance", processServerId: "241641e6-ee7b-4ee4-8141-821fadda43fa" },
    networks: [
      {
        name: "vnetavrai",
        resourceGroup: "siterecoveryProd1",
        addressPrefixes: ["10.0.0.0/16"],
        subnets: [{ name: "Subnet1", addressPrefix: "10.0.0.0/24" }],
      },
    ],
    machines: ["vm1", "vm2"].map((name, index) => ({
      name,
      os: { type: "Windows" as const, name: "Windows Server 2016" },
      nics: [{ network: "lan", ip: `192.168.0.${10 + index}` }],
    })),
    policies: [{ name: policy }],
    // The names of the items are those that the examples' plans hold.
    replicatedItems: [
      text(parameters.replicatedProtectedItemName, "f8491e4f-817a-40dd-a90c-af773978c75b"),
      "c0c14913-3d7a-48ea-9531-cc99e0e686e6",
    ]
      .filter((name, index, all) => all.indexOf(name) === index)
      .map((name, index) => ({
        machine: `vm${index + 1}`,
        name,
        policy,
        targetNetwork: "vnetavrai",
        targetSubnet: "Subnet1",
        testNetwork: "vnetavrai",
      })),
    recoveryPlans: [
      {
        name: text(parameters.recoveryPlanName, "RPtest1"),
        groups: [[text(parameters.replicatedProtectedItemName, "f8491e4f-817a-40dd-a90c-af773978c75b")]],
      },
    ],
  };
}

/** The same names on Hyper-V: the fabric of the examples is a site, or a VMM server where it has networks. */
function hyperVEstateFor(id: string, parameters: Example["parameters"]): EstateInput {
  const { appliance: _, fabric: __, protectionContainer: ___, ...plain } = estateFor(parameters);
  const stage = onHyperV.get(id) ?? "none";
  const fabric = text(parameters.fabricName, "cloud1");
  const isVmm = "networkName" in parameters || id.startsWith("ReplicationNetwork");
  const site = { name: fabric, id: "6d224fc6-f326-5d35-96de-fbf51efb3179", hosts: [{ name: "host1" }] };
  const network = text(parameters.networkName, "e2267b5c-2650-49bd-ab3f-d66aae694c06");
  const nicId =
    "TWljcm9zb2Z0OkY4NDkxRTRGLTgxN0EtNDBERC1BOTBDLUFGNzczOTc4Qzc1Qlw3NjAwMzMxRS03NDk4LTQ0QTQtQjdDNy0xQjY1NkJDREQ1MkQ=";
  const machines = (plain.machines ?? []).map((machine, index) => ({
    ...machine,
    kind: "hyperv" as const,
    hyperV: { site: fabric },
    nics: [{ network: "corp", ip: `192.168.0.${10 + index}`, ...(index === 0 ? { id: nicId } : {}) }],
  }));
  return {
    ...plain,
    storageAccounts: [{ name: "replicas" }],
    policies: [],
    hyperVPolicies: stage === "none" ? [] : [{ name: plain.policies?.[0]?.name ?? "protectionprofile1" }],
    ...(id === "ReplicationFabrics_Create" || isVmm ? {} : { hyperVSites: [site] }),
    ...(isVmm
      ? {
          vmmServers: [
            {
              name: "vmm",
              fabricName: fabric,
              clouds: [{ name: "gold" }],
              networks: [{ name: "corp", id: network }],
            },
          ],
          networkMappings: [
            {
              name: text(parameters.networkMappingName, "corpe2amap"),
              vmmServer: "vmm",
              network: "corp",
              targetNetwork: "vnetavrai",
            },
          ],
        }
      : {}),
    machines: stage === "none" ? [] : machines,
    replicatedItems:
      stage === "none" ? [] : (plain.replicatedItems ?? []).map((item) => ({ ...item, state: stage })),
    recoveryPlans: stage === "none" ? [] : (plain.recoveryPlans ?? []),
  };
}

/** One example, the emulator that has its names, and what both need to be brought together. */
class Run {
  /** Ids that the example knows by another name, such as its job's. */
  readonly names: Record<string, string> = {};
  constructor(
    readonly emulator: Emulator,
    readonly parameters: Example["parameters"],
  ) {}

  get vault(): string {
    const { subscriptionId, resourceGroupName, resourceName } = this.parameters;
    return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroupName}/providers/Microsoft.RecoveryServices/vaults/${resourceName}`;
  }

  get plan(): string {
    return `/replicationRecoveryPlans/${text(this.parameters.recoveryPlanName, "RPtest1")}`;
  }

  async items(): Promise<{ id: string; name: string }[]> {
    return (
      (await this.send("GET", "/replicationProtectedItems")).body as { value: { id: string; name: string }[] }
    ).value;
  }

  async send(method: string, path: string, body?: unknown): Promise<Sent> {
    const url = new URL(/^(http|\/subscriptions)/i.test(path) ? path : this.vault + path, this.emulator.origin);
    if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", "2023-06-01");
    const response = await fetch(url, {
      method,
      headers: { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: answer === "" ? undefined : JSON.parse(answer),
      path: url.pathname,
    };
  }

  /** The started operation at its end: the status word, and what its Location then answers. */
  async end(started: Sent): Promise<{ status: string; result: Sent }> {
    for (let minute = 0; minute < 600; minute += 1) {
      const { status } = (await this.send("GET", started.headers.get("azure-asyncoperation") ?? "")).body as {
        status: string;
      };
      if (!["NotStarted", "InProgress"].includes(status)) {
        return { status, result: await this.send("GET", started.headers.get("location") ?? "") };
      }
      this.advance(60);
    }
    throw new Error(`${started.path} did not end within 10 simulated hours`);
  }

  advance(seconds: number): void {
    const { clock } = this.emulator.world;
    clock.change({ time: clock.now() + seconds * 1000 });
  }

  private async whole(method: string, path: string, body?: unknown): Promise<Sent> {
    const started = await this.send(method, path, body);
    expect(started.status, `${path} ${JSON.stringify(started.body)}`).to.equal(202);
    await this.end(started);
    return started;
  }

  async drill(what: "item" | "plan"): Promise<Sent> {
    const networkId =
      "/subscriptions/c183865e-6077-46f2-a3b1-deb0f4f4650a/resourceGroups/siterecoveryProd1/providers/Microsoft.Network/virtualNetworks/vnetavrai";
    const properties = { failoverDirection: "PrimaryToRecovery", networkType: "VmNetworkAsInput", networkId };
    const item = (await this.items())[0];
    if (what === "plan")
      return this.whole("POST", `${this.plan}/testFailover`, {
        properties: { ...properties, providerSpecificDetails: [] },
      });
    const providerSpecificDetails = { instanceType: "InMageRcm" };
    return this.whole("POST", `${item?.id}/testFailover`, {
      properties: { ...properties, providerSpecificDetails },
    });
  }

  async failOver(): Promise<void> {
    const properties = {
      failoverDirection: "PrimaryToRecovery",
      sourceSiteOperations: "NotRequired",
      providerSpecificDetails: [],
    };
    await this.whole("POST", `${this.plan}/unplannedFailover`, { properties });
  }

  /** The network of the example lies in another subscription than the vault. */
  foreignNetwork(): Promise<void> {
    const { input } = this.parameters as { input: { properties: { recoveryNetworkId: string } } };
    const type = "Microsoft.Network/virtualNetworks";
    const id = input.properties.recoveryNetworkId;
    this.emulator.world.arm.put({ id, name: "vnetavrai2", type, location: "westus", properties: { subnets: [] } });
    return Promise.resolve();
  }

  async failBack(): Promise<void> {
    await this.failOver();
    const item = (await this.items())[0]?.id;
    const type = "Microsoft.Storage/storageAccounts";
    const id = `/subscriptions/s/resourceGroups/g/providers/${type}/logs`;
    this.emulator.world.arm.put({ id, name: "logs", type, location: "westus", properties: {} });
    const providerSpecificDetails = {
      instanceType: "InMageRcm",
      reprotectAgentId: "241641e6-ee7b-4ee4-8141-821fadda43fa",
      datastoreName: "datastore1",
      logStorageAccountId: id,
    };
    await this.whole("POST", `${item}/reProtect`, { properties: { providerSpecificDetails } });
    this.advance(20 * 60);
    const back = { instanceType: "InMageRcmFailback", recoveryPointType: "CrashConsistent" };
    await this.whole("POST", `${item}/plannedFailover`, { properties: { providerSpecificDetails: back } });
  }

  async failCleanup(): Promise<void> {
    await this.drill("item");
    await this.send("POST", "/_emulator/faults".replace(/^/, `${this.emulator.origin}`), {
      kind: "failTask",
      taskName: "VmTfoDeleteTestVm",
      times: 1,
    });
    const item = (await this.items())[0];
    const cleanup = await this.whole("POST", `${item?.id}/testFailoverCleanup`, { properties: { comments: "" } });
    this.noteJob(cleanup);
  }

  async suspend(): Promise<void> {
    const action = {
      actionName: "wait",
      failoverTypes: ["TestFailover"],
      failoverDirections: ["PrimaryToRecovery"],
      customDetails: { instanceType: "ManualActionDetails" },
    };
    const item = (await this.items())[0];
    const groups = [
      { groupType: "Boot", replicationProtectedItems: [{ id: item?.id }], startGroupActions: [action] },
    ];
    await this.whole("PATCH", this.plan, { properties: { groups } });
    const properties = { failoverDirection: "PrimaryToRecovery", networkType: "VmNetworkAsInput" };
    const started = await this.send("POST", `${this.plan}/testFailover`, { properties });
    this.advance(3600);
    this.noteJob(started);
  }

  private noteJob(started: Sent): void {
    this.names.jobName = started.headers.get("location")?.replace(/\?.*$/, "").split("/").at(-1) ?? "";
  }

  async freePlan(): Promise<void> {
    await this.whole("DELETE", this.plan);
  }

  async freeItems(): Promise<void> {
    await this.freePlan();
    for (const item of await this.items()) await this.whole("DELETE", item.id);
  }

  async freePolicy(): Promise<void> {
    await this.freeItems();
    const mappings = (await this.send("GET", "/replicationProtectionContainerMappings")).body as {
      value: { id: string }[];
    };
    for (const mapping of mappings.value) await this.whole("DELETE", mapping.id);
  }
}

function describedOperations(document: OpenApi): Map<string, Described> {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Described] => {
      const { parameters = [] } = operation as unknown as { parameters?: Parameter[] };
      const schema = operation.responses["200"]?.schema?.$ref;
      return [
        operation.operationId,
        {
          method: method.toUpperCase(),
          path,
          body: parameters.find((each) => each.in === "body")?.name,
          response: typeof schema === "string" ? schema.replace("#/definitions/", "") : undefined,
        },
      ];
    }),
  );
  return new Map(all);
}

/** Every text, number and boolean of a body, times in one form: what a deserialiser must not lose. */
function leaves(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (value instanceof Date) return [value.toISOString()];
  if (typeof value === "object") return Object.values(value).flatMap(leaves);
  const time = typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) ? new Date(value) : undefined;
  return [time === undefined || Number.isNaN(time.getTime()) ? String(value) : time.toISOString()];
}

function lost(body: unknown, mapperName: string): string[] {
  const mapper = (Mappers as unknown as Record<string, CompositeMapper | undefined>)[mapperName];
  if (mapper === undefined) return [`the SDK has no mapper ${mapperName}`];
  const serializer = createSerializer(Mappers as unknown as Record<string, CompositeMapper>, false);
  const kept = leaves(serializer.deserialize(mapper, body, "answer", { xml: {} }));
  return leaves(body).filter((leaf) => {
    const index = kept.indexOf(leaf);
    if (index !== -1) kept.splice(index, 1);
    return index === -1;
  });
}

function expectEnvelope(sent: Sent): { code: string; message: string } {
  const { error } = sent.body as { error: { code: string; message: string } };
  expect(error).to.include.keys("code", "message");
  expect(sent.headers.get("x-ms-request-id"), "x-ms-request-id").to.be.a("string");
  expect(sent.headers.get("content-type")).to.equal("application/json; charset=utf-8");
  return error;
}

describe("the published examples", function () {
  this.timeout(240_000);

  it("of this emulator's operations are accepted, their answers valid and kept whole by the SDK; all others are refused by name", async function () {
    const folder = referenceData(this);
    const document = readReference(folder, "contract", "openapi-2023-06-01.json") as OpenApi;
    const contract = new Contract(document);
    const described = describedOperations(document);
    const own = new Set(siteRecoveryOperations.map((operation) => operation.id));
    const counts = { accepted: 0, otherKind: 0, missing: 0 };
    for (const file of readdirSync(join(folder, "contract", "examples"))) {
      const id = file.replace(/\.json$/, "");
      const example = readReference(folder, "contract", "examples", file) as Example;
      const operation = described.get(id);
      if (operation === undefined) throw new Error(`the contract has no operation ${id}`);
      const emulator = await startEmulator({
        estate: onHyperV.has(id) ? hyperVEstateFor(id, example.parameters) : estateFor(example.parameters),
        frozen: true,
      });
      try {
        const run = new Run(emulator, example.parameters);
        if (own.has(id)) await before[id]?.(run);
        const values = { ...example.parameters, ...run.names };
        // A provider is registered by its appliance, which names it.
        if ("providerName" in values) values.providerName = "appliancedra";
        const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => String(values[name]));
        const sent = await run.send(
          operation.method,
          path,
          operation.body === undefined ? undefined : example.parameters[operation.body],
        );
        if (!own.has(id)) {
          expect(sent.status, id).to.equal(501);
          expect(expectEnvelope(sent).message).to.contain("does not implement");
          counts.missing += 1;
          continue;
        }
        const kind = otherKinds.get(id);
        if (kind !== undefined) {
          expect(sent.status, id).to.be.oneOf([400, 501]);
          expect(expectEnvelope(sent).message, id).to.contain(kind);
          counts.otherKind += 1;
          continue;
        }
        await expectAccepted(run, sent, id, example, operation, contract);
        counts.accepted += 1;
      } finally {
        await emulator.stop();
      }
    }
    expect(counts).to.deep.equal({ accepted: 45, otherKind: 1, missing: 15 });
  });
});

async function expectAccepted(
  run: Run,
  sent: Sent,
  id: string,
  example: Example,
  operation: Described,
  contract: Contract,
): Promise<void> {
  expect(Object.keys(example.responses), `${id}: ${JSON.stringify(sent.body)}`).to.include(String(sent.status));
  let answer = sent;
  let method = operation.method;
  if (sent.status === 202) {
    expect(sent.body, id).to.equal(undefined);
    expect(sent.headers.get("retry-after"), id).to.equal("30");
    const { status, result } = await run.end(sent);
    expect(status, id).to.equal("Succeeded");
    answer = result;
    if (answer.status === 204) return;
    expect(answer.status, `${id}: ${JSON.stringify(answer.body)}`).to.equal(200);
    method = "GET";
  }
  const path = answer.path.replace(/\/operationresults\/[^/]+$/, "");
  expect(contract.problems(method, path, 200, answer.body), id).to.deep.equal([]);
  expect(lost(answer.body, operation.response ?? ""), id).to.deep.equal([]);
}
