/** A machine on a Hyper-V site: its test failover and the cleanup, as a client of 2017 drove them. */

import { expect } from "chai";
import { type Emulator, type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import { readReference, referenceData } from "../referenceData.js";
import { asOfToday, withoutNews } from "./asOfToday.js";
import { type Entry, replay } from "./replay.js";

const [first, second] = ["b1956159-f3d3-4317-86d4-94fb027c6d95", "f3ccb0c1-57d1-4954-81ac-bbc36285cf77"] as const;
const machine = (name: string, id: string, ip: string) => ({
  name,
  kind: "hyperv" as const,
  hyperV: { site: "primaryFriendlyName", id },
  os: { type: "Windows" as const, name: "Windows Server 2012 R2" },
  size: { cores: 1, memoryMB: 256 },
  disks: [{ sizeGB: 1 }],
  nics: [{ network: "HRMExternalNetwork", ip }],
});
const item = (name: string, id: string) => ({
  machine: name,
  name: id,
  policy: "B2APolicyTest1",
  targetNetwork: "e2anetworksea",
  targetSubnet: "default",
  targetVmSize: "Basic_A0",
});
const policy = (name: string) => ({
  name,
  recoveryPointHistoryInHours: 1,
  applicationConsistentFrequencyInHours: 0,
  copyFrequencySeconds: 30 as const,
  storageAccount: "ev2teststorage",
});

const estate: EstateInput = {
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  resourceGroup: "E2ERg",
  location: "southeastasia",
  vault: { name: "E2ETest" },
  networks: [
    {
      name: "e2anetworksea",
      resourceGroup: "canaryexproute",
      addressPrefixes: ["10.0.0.0/16"],
      subnets: [{ name: "default", addressPrefix: "10.0.0.0/24" }],
    },
  ],
  storageAccounts: [{ name: "ev2teststorage", resourceGroup: "canaryexproute" }],
  hyperVSites: [
    {
      name: "primaryFriendlyName",
      id: "6e846d3a-d55c-5242-870b-c0b98cee05e2",
      hosts: [{ name: "host1", id: "55e8d752-473d-4205-b0f2-553f70d54ef9" }],
    },
    { name: "primaryFabric", id: "ebd5dc04-9788-5236-96d1-04d1d1ea44a1", hosts: [{ name: "host2" }] },
  ],
  vmmServers: [
    {
      name: "host.example.com",
      id: "630960be-c5ae-4e94-a747-37aa0d1050b7",
      fabricName: "a98e3833a83e5a803a77d8c9b73d03b34769cddf26a9c36ff4dbb50a86a5bcd4",
      clouds: [{ name: "primary" }],
    },
  ],
  machines: [machine("hyperV1", first, "192.168.0.11"), machine("hyperV2", second, "192.168.0.12")],
  hyperVPolicies: ["B2APolicyTest", "B2APolicyTest1", "B2APolicy1"].map(policy),
  replicatedItems: [item("hyperV1", first), item("hyperV2", second)],
};

/**
 * What the later recording of Hyper-V answers otherwise: no subnet of the source, null for no availability set, a word for
 * no remote desktop; what the owner of the vault had set; and a time that this vault had lost.
 */
const ofItsTime =
  /vmNics\[0\]\.ipConfigs\[0\]\.subnetName|recoveryAvailabilitySetId|enableRdpOnTargetOption|licenseType|lastReplicatedTime|azureVmDiskDetails\[0\]\.diskId/;

describe("the recording of a test failover of a machine on a Hyper-V site, sent to the emulator again", function () {
  this.timeout(240_000);
  let emulator: Emulator | undefined;
  afterEach(async () => {
    await emulator?.stop();
    emulator = undefined;
  });

  it("is answered with the same status, headers, shapes, states and tasks, from the list of fabrics to the end of the cleanup", async function () {
    const entries = readReference(referenceData(this), "recordings", "hyperv-site-test-failover.json") as Entry[];
    const startTime = new Date(entries[0]?.date ?? "").toISOString();
    emulator = await startEmulator({ estate, frozen: true, startTime });
    const { problems, sent } = await replay(emulator, entries, {
      recorded: asOfToday,
      answered: withoutNews,
      ofItsTime,
      isOld: true,
      isCut: true,
      compareTasks: true,
    });
    expect(problems, problems.join("\n")).to.deep.equal([]);
    expect(sent).to.have.length(entries.length);
  });
});
