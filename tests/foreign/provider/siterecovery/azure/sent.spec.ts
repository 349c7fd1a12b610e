import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { connect } from "../../../../../provider/siterecovery/azure/index.js";
import { readItem } from "../../../../../provider/siterecovery/azure/readItem.js";
import type { Action, ReplicatedItem } from "../../../../../provider/siterecovery/siteRecovery.js";
import { startStub } from "../../../../emulator/provider/siterecovery/stubServer.js";

interface Exchange {
  method: string;
  path: string;
  status: number;
  requestBody: unknown;
  responseBody: unknown;
}

const root = process.env.SITERECOVERY_REFERENCE_DATA;
const folder = root === undefined ? undefined : join(root, "recordings");

/** An action's recorded request, and the item as it was last read before it. */
function recorded(file: string, call: string, which = 0): { sent: Exchange; item: ReplicatedItem } {
  const exchanges = JSON.parse(readFileSync(join(folder ?? "", file), "utf8")) as Exchange[];
  const index = exchanges.flatMap(({ method, path }, at) =>
    method === "POST" && new RegExp(`/${call}\\?`, "i").test(path) ? [at] : [],
  )[which];
  const sent = index === undefined ? undefined : exchanges[index];
  const before = exchanges
    .slice(0, index)
    .filter(
      ({ method, status, path }) =>
        method === "GET" && status === 200 && /\/replicationProtectedItems\/[^/?]+\?/i.test(path),
    )
    .at(-1);
  if (!sent || !before) throw new Error(`${file} has no ${call} after an item`);
  return { sent, item: readItem(before.responseBody) };
}

const guid = "00000000-0000-0000-0000-000000000001";

/** What our adapter sends for an action on an item. */
async function send(item: ReplicatedItem, action: Action): Promise<{ path: string; body: unknown }> {
  const stub = await startStub((request) =>
    request.method === "POST"
      ? {
          status: 202,
          headers: {
            "azure-asyncoperation": `http://${request.headers.host}/replicationOperationStatus/${guid}?api-version=2023-06-01`,
            location: `http://${request.headers.host}/operationresults/${guid}?api-version=2023-06-01`,
          },
        }
      : { status: 200, body: { value: [] } },
  );
  try {
    const [, subscriptionId = "", resourceGroupName = "", vaultName = ""] =
      /subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/.*?vaults\/([^/]+)\//i.exec(item.id) ?? [];
    const siteRecovery = connect({
      vault: { subscriptionId, resourceGroupName, vaultName },
      endpoint: stub.origin,
      credential: () => Promise.reject(new Error("no credential is needed here")),
      beforeWrite: async () => {},
    });
    const job = await siteRecovery.startAction({ kind: "replicatedItem", item }, action, guid);
    expect(job.name).to.equal(guid);
    const [post] = stub.sent("POST");
    return { path: post?.path ?? "", body: post?.body };
  } finally {
    await stub.close();
  }
}

const keysInOneCase = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(keysInOneCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toLowerCase(), keysInOneCase(inner)]),
  );
};

describe("sending what Microsoft's own clients sent", () => {
  before(function () {
    if (folder === undefined || !existsSync(folder)) {
      console.log("skipped: SITERECOVERY_REFERENCE_DATA does not name a folder with recordings");
      this.skip();
    }
  });

  const settings = (body: unknown) =>
    (body as { properties: { providerSpecificDetails: Record<string, string> } }).properties
      .providerSpecificDetails;
  const failback = {
    recoveryPointType: "CrashConsistent",
    dataSyncOption: "ForSynchronization",
    recoveryVmCreationOption: "NoAction",
    isPlanned: true,
  } as const;
  const latest = { kind: "latest" } as const;
  const failover: Action = { kind: "unplannedFailover", shutdownSource: false, recoveryPoint: latest };

  const cases: [string, string, string, number, (body: unknown) => Action][] = [
    [
      "reprotects a modernised machine straight from an uncommitted failover",
      "vmware-inmagercm.json",
      "reProtect",
      0,
      (body) => {
        const { reprotectAgentId = "", datastoreName = "", logStorageAccountId = "" } = settings(body);
        return { kind: "reprotect", settings: { reprotectAgentId, datastoreName, logStorageAccountId } };
      },
    ],
    [
      "fails a modernised machine back",
      "vmware-inmagercm.json",
      "plannedFailover",
      0,
      () => ({ kind: "failback", settings: failback }),
    ],
    ["fails a Hyper-V machine over", "hyperv-vmm.json", "unplannedFailover", 0, () => failover],
    ["commits with no body", "hyperv-vmm.json", "failoverCommit", 0, () => ({ kind: "failoverCommit" })],
    [
      "fails a Hyper-V machine back with a synchronisation",
      "hyperv-vmm.json",
      "plannedFailover",
      0,
      () => ({ kind: "failback", settings: failback }),
    ],
    [
      "fails a classic machine over",
      "vmware-classic-failover-commit.json",
      "unplannedFailover",
      0,
      () => failover,
    ],
    [
      "reprotects a classic machine, with its failback policy as profile",
      "vmware-classic-reprotect.json",
      "reProtect",
      0,
      (body) => {
        const {
          masterTargetId = "",
          processServerId = "",
          retentionDrive = "",
          runAsAccountId = "",
          datastoreName = "",
          profileId = "",
        } = settings(body);
        return {
          kind: "reprotect",
          settings: {
            masterTargetId,
            processServerId,
            retentionDrive,
            runAsAccountId,
            datastoreName,
            policyId: profileId,
          },
        };
      },
    ],
    ["fails over between VMM sites", "vmm-to-vmm-failover-failback.json", "unplannedFailover", 0, () => failover],
    [
      "replicates back between VMM sites",
      "vmm-to-vmm-failover-failback.json",
      "reProtect",
      0,
      () => ({ kind: "reprotect", settings: {} }),
    ],
    [
      "fails back unplanned between VMM sites",
      "vmm-to-vmm-failover-failback.json",
      "unplannedFailover",
      1,
      () => ({ kind: "failback", settings: { ...failback, isPlanned: false } }),
    ],
    [
      "replicates forward again between VMM sites",
      "vmm-to-vmm-failover-failback.json",
      "reProtect",
      1,
      () => ({ kind: "reverseReplicate", settings: {} }),
    ],
    [
      "fails back planned between VMM sites",
      "vmm-to-vmm-failback-reverse-replicate.json",
      "plannedFailover",
      0,
      () => ({ kind: "failback", settings: failback }),
    ],
    [
      "replicates forward after a commit between VMM sites",
      "vmm-to-vmm-failback-reverse-replicate.json",
      "reProtect",
      0,
      () => ({ kind: "reverseReplicate", settings: {} }),
    ],
  ];

  for (const [what, file, call, which, actionOf] of cases) {
    it(`${what} by the recorded request`, async () => {
      const { sent, item } = recorded(file, call, which);
      const { path, body } = await send(item, actionOf(sent.requestBody));
      expect(path.toLowerCase()).to.equal((sent.path.split("?")[0] ?? "").toLowerCase());
      expect(keysInOneCase(body)).to.deep.equal(keysInOneCase(sent.requestBody ?? undefined));
    });
  }
});
