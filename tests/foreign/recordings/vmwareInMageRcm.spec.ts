/**
 * The recorded requests of a real client against Azure, sent again at the recorded times to an emulator that was given
 * the same names.
 */

import { expect } from "chai";
import { type Emulator, type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import { readReference, referenceData } from "../referenceData.js";
import { shapeDifferences } from "./shape.js";

interface Entry {
  command: string;
  method: string;
  path: string;
  requestBody: unknown;
  status: number;
  headers: Record<string, string>;
  date: string;
  responseBody: unknown;
}

const root = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rgtestsrv2arcm";
const site = `${root}/providers/Microsoft.OffAzure/VMwareSites/vaulttestvf5e8vmwaresite`;
const machineId = `${site}/machines/vcenter65_5013a427-875d-d00f-8488-ae04c6780453`;

const estate: EstateInput = {
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  resourceGroup: "rgtestsrv2arcm",
  location: "eastus",
  vault: { name: "vaulttestv2arcm" },
  appliance: {
    name: "vaultv2arcm",
    version: "9.55.6765.1",
    processServerId: "83629832-8201-4d31-b9cd-a644185d035a",
    datastores: ["5 TB External storage", "Datastore 3", "datastore1 (6)"],
  },
  fabric: {
    name: "vaulttestv2arcm-vmwarefabric",
    vmwareSite: "vaulttestvf5e8vmwaresite",
    physicalSite: "vaulttestvf5e8physicalsite",
  },
  protectionContainer: { name: "vaulttestvf5e8replicationcontainer" },
  runAsAccounts: [{ name: "wincreds", id: "1f6fd679-7eda-54d7-b887-d681ca0cd984" }],
  storageAccounts: [{ name: "cliteststoragev2arcm1" }],
  // The recorded vault was in use before: its container was paired.
  policies: [{ name: "older-policy" }],
  networks: [
    {
      name: "cli-test-vnet-V2ARCM-1",
      addressPrefixes: ["10.0.0.0/16"],
      subnets: [{ name: "MySubnet", addressPrefix: "10.0.0.0/24" }],
    },
  ],
};

/** A machine of an earlier failover had the target's name: Azure warned of it twice. */
function takeTheName(emulator: Emulator): void {
  emulator.world.arm.put({
    id: `${root}/providers/Microsoft.Compute/virtualMachines/RCM-Win2K16-01`,
    name: "RCM-Win2K16-01",
    type: "Microsoft.Compute/virtualMachines",
    location: "eastus",
    properties: {},
  });
}

/** The recorded machine as its discovery showed it; the estate would give it an id of its own. */
function discoverMachine(emulator: Emulator): void {
  emulator.world.arm.put({
    id: machineId,
    name: "vcenter65_5013a427-875d-d00f-8488-ae04c6780453",
    type: "Microsoft.OffAzure/VMwareSites/machines",
    properties: {
      displayName: "RCM-Win2K16-01",
      operatingSystemDetails: {
        osType: "windowsguest",
        osName: "Microsoft Windows Server 2016 or later (64-bit)",
      },
      numberOfProcessorCore: 4,
      allocatedMemoryInMB: 4095,
      firmware: "bios",
      powerStatus: "ON",
      disks: [{ uuid: "{1477963391}", maxSizeInBytes: 42949672960 }],
      networkAdapters: [
        {
          macAddress: "00:50:56:93:78:90",
          networkName: "VM Network",
          ipAddressList: ["10.150.249.15"],
          ipAddressType: "Static",
        },
      ],
      mobilityAgentVersion: "9.55.6765.1",
    },
  });
}

const isPoll = (entry: Entry) => /\/replicationOperationStatus\//i.test(entry.path);
const isSiteRecovery = (entry: Entry) => /\/Microsoft\.RecoveryServices\//i.test(entry.path);

describe("the recording of modernised VMware, sent to the emulator again", function () {
  this.timeout(60_000);
  let emulator: Emulator | undefined;
  afterEach(async () => {
    await emulator?.stop();
    emulator = undefined;
  });

  it("is answered with the same status, headers, shapes and states, from the first policy to the failback and the removal", async function () {
    const all = readReference(referenceData(this), "recordings", "vmware-inmagercm.json") as Entry[];
    const entries = all.map((entry, index) => ({ entry, index }));
    const first = entries[0]?.entry.date ?? "";
    emulator = await startEmulator({ estate, frozen: true, startTime: new Date(first).toISOString() });
    discoverMachine(emulator);
    takeTheName(emulator);
    const jobs = new Map<string, string>();
    const problems: string[] = [];
    let sent = 0;
    for (const { entry, index } of entries.filter(({ entry }) => isSiteRecovery(entry))) {
      emulator.world.clock.change({ time: Date.parse(entry.date) });
      const path = entry.path.replace(
        /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi,
        (guid) => jobs.get(guid) ?? guid,
      );
      const response = await fetch(emulator.origin + path, {
        method: entry.method,
        headers: { "content-type": "application/json" },
        ...(entry.requestBody === null ? {} : { body: JSON.stringify(entry.requestBody) }),
      });
      sent += 1;
      const text = await response.text();
      const answered: unknown = text === "" ? null : JSON.parse(text);
      const where = `entry ${index} (${entry.command}, ${entry.date})`;
      if (response.status !== entry.status)
        problems.push(`${where}: recorded ${entry.status}, answered ${response.status}: ${text}`);
      problems.push(...headerDifferences(entry, response).map((each) => `${where}: ${each}`));
      noteJob(entry, response, jobs);
      const shape = shapeDifferences(entry.responseBody, answered);
      problems.push(...shape.map((each) => `${where}: ${each}`));
    }
    expect(problems, problems.join("\n")).to.deep.equal([]);
    expect(sent).to.equal(entries.filter(({ entry }) => isSiteRecovery(entry)).length);
    expect(entries.filter(({ entry }) => isPoll(entry)).length).to.be.greaterThan(140);
  });
});

/** Polling addresses must lead to the emulator, and differ from the recorded ones in the operation's id alone. */
function headerDifferences(entry: Entry, response: Response): string[] {
  const guid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\?)/i;
  const problems: string[] = [];
  for (const name of ["azure-asyncoperation", "location"]) {
    const [recorded, answered] = [entry.headers[name], response.headers.get(name)];
    if (recorded === undefined && answered === null) continue;
    const [wanted, given] = [recorded, answered].map((value) =>
      (value ?? "absent").replace(/^http:\/\/127\.0\.0\.1:\d+/, "").replace(guid, "id"),
    );
    if (wanted !== given) problems.push(`${name}: recorded ${wanted}, answered ${given}`);
  }
  const type = entry.headers["content-type"];
  if (type !== undefined && response.headers.get("content-type") !== type) {
    problems.push(`content-type: recorded ${type}, answered ${response.headers.get("content-type")}`);
  }
  for (const name of [
    "x-ms-ratelimit-remaining-subscription-writes",
    "x-ms-ratelimit-remaining-subscription-deletes",
  ]) {
    if (entry.headers[name] !== undefined && response.headers.get(name) === null)
      problems.push(`${name}: not answered`);
  }
  return problems;
}

/** Which id the emulator gave to the operation that the recording knows by another. */
function noteJob(entry: Entry, response: Response, jobs: Map<string, string>): void {
  const last = (address: string | null | undefined) => address?.replace(/\?.*$/, "").split("/").at(-1);
  const [recorded, answered] = [
    last(entry.headers["azure-asyncoperation"]),
    last(response.headers.get("azure-asyncoperation")),
  ];
  if (recorded !== undefined && answered !== undefined) jobs.set(recorded, answered);
}
