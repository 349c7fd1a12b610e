/**
 * The recorded requests of a real client against Azure, sent again at the recorded times to an emulator that was given
 * the same names.
 */

import { expect } from "chai";
import { type Emulator, type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import { readReference, referenceData } from "../referenceData.js";
import { type Entry, isPoll, replay } from "./replay.js";

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

describe("the recording of modernised VMware, sent to the emulator again", function () {
  this.timeout(240_000);
  let emulator: Emulator | undefined;
  afterEach(async () => {
    await emulator?.stop();
    emulator = undefined;
  });

  it("is answered with the same status, headers, shapes and states, from the first policy to the failback and the removal", async function () {
    const all = readReference(referenceData(this), "recordings", "vmware-inmagercm.json") as Entry[];
    const first = all[0]?.date ?? "";
    emulator = await startEmulator({ estate, frozen: true, startTime: new Date(first).toISOString() });
    discoverMachine(emulator);
    takeTheName(emulator);
    const { problems, sent } = await replay(emulator, all);
    expect(problems, problems.join("\n")).to.deep.equal([]);
    expect(sent.filter(isPoll).length).to.be.greaterThan(140);
  });
});
