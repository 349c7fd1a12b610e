/** Hyper-V with VMM: the recorded requests of a real client, sent again to an emulator that was given the same names. */

import { expect } from "chai";
import { type Emulator, type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import { readReference, referenceData } from "../referenceData.js";
import { type Entry, isPoll, replay } from "./replay.js";

const group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/CliTerraformVaultRG";

const estate: EstateInput = {
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  resourceGroup: "CliTerraformVaultRG",
  location: "eastus",
  vault: { name: "clitestingH2A" },
  networks: [
    {
      name: "cli-test-vnet-H2A-E2A-3",
      addressPrefixes: ["10.0.0.0/16"],
      subnets: [{ name: "MySubnet", addressPrefix: "10.0.0.0/24" }],
    },
  ],
  storageAccounts: [{ name: "cliteststorageh2ae2a3" }],
  vmmServers: [
    {
      name: "host.example.com",
      id: "9a54cf2c-9ea0-48ca-82e9-70fbff7771e7",
      fabricName: "b76fc1d0e0c3b667bd38d41f7ce113a878cd9fa29c3eab6642bd0b7698458a2d",
      clouds: [
        { name: "NotSend", id: "09ed2d03-38ec-4bdd-9ba1-d7dd5d09fb42" },
        { name: "ForAzure", id: "28a7b9eb-c2f9-47e8-91ff-697d0d719963" },
        { name: "C1", id: "d2415473-0f52-452b-b002-4417c2247060" },
      ],
      networks: [{ name: "corp", id: "68a19c46-18a9-47ec-9829-e814038ff99d" }],
    },
  ],
  machines: [
    {
      name: "A409-ForAzure-Vm1",
      kind: "hyperv",
      hyperV: { vmmServer: "host.example.com", cloud: "ForAzure", id: "a5246033-3af5-4905-8889-cfedaeea9540" },
      os: { type: "Windows", name: "Windows Server 2012 R2" },
      size: { cores: 1, memoryMB: 1024 },
      disks: [{ id: "2f32c91d-22df-4054-80bc-1fde2c405612", name: "A409-ForAzure-Vm1_disk_1", sizeGB: 40 }],
      nics: [{ network: "corp", ip: "192.168.0.10" }],
      // Its guest told nothing of itself when it was listed.
      powerState: "off",
    },
  ],
};

/** A plan was saved within the second in which it was sent; in the other recording, and here, it took a moment longer. */
const ofItsTime = /recovery-plan create, Fri, 18 Aug 2023 05:56:57 GMT\): \$\.(status|endTime)/;

describe("the recording of Hyper-V with VMM, sent to the emulator again", function () {
  this.timeout(240_000);
  let emulator: Emulator | undefined;
  afterEach(async () => {
    await emulator?.stop();
    emulator = undefined;
  });

  it("is answered with the same status, headers, shapes and states, from the policy to the removal of everything", async function () {
    const all = readReference(referenceData(this), "recordings", "hyperv-vmm.json") as Entry[];
    emulator = await startEmulator({
      estate,
      frozen: true,
      startTime: new Date(all[0]?.date ?? "").toISOString(),
    });
    // A machine of an earlier failover had the target's name: Azure warned of it twice.
    emulator.world.arm.put({
      id: `${group}/providers/Microsoft.Compute/virtualMachines/CliVM2`,
      name: "CliVM2",
      type: "Microsoft.Compute/virtualMachines",
      location: "eastus",
      properties: {},
    });
    const { problems, sent } = await replay(emulator, all, { ofItsTime });
    expect(problems, problems.join("\n")).to.deep.equal([]);
    expect(sent.filter(isPoll).length).to.be.greaterThan(60);
  });
});
