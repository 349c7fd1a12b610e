/** Classic VMware: failover and commit, then the reprotection, as a client of 2017 drove them. */

import { expect } from "chai";
import { type Emulator, type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import { readReference, referenceData } from "../referenceData.js";
import { asOfToday, withoutNews } from "./asOfToday.js";
import { type Entry, replay } from "./replay.js";

const network = {
  name: "ASRCanaryTestSub3-CORP-SEA-VNET-1",
  resourceGroup: "ERNetwork",
  addressPrefixes: ["10.0.0.0/16"],
  subnets: [{ name: "Subnet-1", addressPrefix: "10.0.0.0/24" }],
};
const machine = (name: string, id: string, ip: string) => ({
  name,
  kind: "classic" as const,
  classic: { id },
  os: { type: "Windows" as const, name: "Microsoft Windows Server 2012 R2 Datacenter" },
  size: { cores: 2, memoryMB: 2047 },
  disks: [{ sizeGB: 20 }],
  nics: [{ network: "lan", ip }],
  mobilityAgent: { version: "9.12.0.0" },
});
const item = (name: string, id: string) => ({
  machine: name,
  name: id,
  policy: "V2aTestv2avm1",
  targetNetwork: network.name,
  targetSubnet: "Subnet-1",
});
const [first, second, third] = [
  "e685c4aa-93ed-11e7-b6a4-0050568f2e8f",
  "11111111-93ed-11e7-b6a4-0050568f2e8f",
  "22222222-93ed-11e7-b6a4-0050568f2e8f",
] as const;

const estate = (state: "protected" | "committed"): EstateInput => ({
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  resourceGroup: "canaryexproute",
  location: "southeastasia",
  vault: { name: "IbizaV2ATest" },
  networks: [network],
  storageAccounts: [{ name: "ev2ateststorage" }],
  classicVMware: {
    name: "V2A-W2K12-400",
    id: "a5441e09-275c-4f15-a1b9-450a22c89d7b",
    fabricName: "9a72155b61d09325a02ba0311dea55df3a7135b65558b43c9ff540b9e7be084f",
    processServers: [{ name: "V2A-W2K12-400", id: "F69DF410-66A9-EA46-AF73D9593D9F1771" }],
    masterTargets: [
      {
        name: "V2A-W2K12-400",
        id: "F69DF410-66A9-EA46-AF73D9593D9F1771",
        retentionVolumes: ["D", "W"],
        datastores: ["HDS_DS"],
      },
    ],
    runAsAccounts: [{ id: "1", name: "Admin" }],
  },
  machines: [
    machine("win-4003", first, "10.150.1.111"),
    machine("win-4001", second, "10.150.1.112"),
    machine("win-4002", third, "10.150.1.113"),
  ],
  classicPolicies: ["V2aTestv2avm1", "V2aTestPolicy2", "V2aTestPolicy3"].map((name, index) => ({
    name,
    ...(index === 0 ? { reverseMapping: "reverseMapv2avm1" } : {}),
  })),
  replicatedItems: [{ ...item("win-4003", first), state }, item("win-4001", second), item("win-4002", third)],
});

/**
 * What remains when the age of the recordings is taken into account: the vault's servers were ill, lists left details of
 * classic items out, the contract spells some fields of this kind as the recordings do, pairing told more of its ends,
 * and three looks fell into the second in which a step began or ended.
 */
const ofItsTime = new RegExp(
  [
    "\\$\\.properties\\.health: |healthErrorDetails|retentionVolumes: recorded 0",
    "affectedObjectDetails\\.(primary|recovery)(CloudId|FabricProviderId|VmmId|VmmName|Vm)",
    "providerSpecificDetails\\.(status|associatedItemsCount|dataSourceType)",
    "azureV[Mm]DiskDetails|recoveryAzureV[Mm]Name|sourceVm(RAM|CPU|Ram|Cpu)|enableR(DP|dp)OnTargetOption|selectedTfoAzureNetworkId",
    "rpoInSeconds|lastRpoCalculatedTime|vmNics\\[\\d\\]|multiVmSyncStatus",
    'diskDetails|osType: recorded "WINDOWS"',
    "value\\[0\\].*(protectedDisks|diskResized|masterTargetId|vhdName|osDiskId|failoverRecoveryPointId)",
    "entry 1[23] \\(GET, Tue, 19 Sep 2017 10:47:15|entry 12 \\(GET, Tue, 19 Sep 2017 10:51:18|entry 15 \\(GET, Tue, 19 Sep 2017 10:49:28",
  ].join("|"),
);

describe("the recordings of classic VMware, sent to the emulator again", function () {
  this.timeout(240_000);
  let emulator: Emulator | undefined;
  afterEach(async () => {
    await emulator?.stop();
    emulator = undefined;
  });

  for (const [file, state, title] of [
    ["vmware-classic-failover-commit.json", "protected", "failover and commit"],
    ["vmware-classic-reprotect.json", "committed", "the reverse mapping and the reprotection"],
  ] as const) {
    it(`are answered with the same status, shapes, states and tasks: ${title}`, async function () {
      const all = readReference(referenceData(this), "recordings", file) as Entry[];
      const startTime = new Date(all[0]?.date ?? "").toISOString();
      emulator = await startEmulator({ estate: estate(state), frozen: true, startTime });
      const { problems } = await replay(emulator, all, {
        recorded: asOfToday,
        answered: withoutNews,
        ofItsTime,
        isOld: true,
        isCut: true,
        compareTasks: true,
        onlyItem: first,
      });
      expect(problems, problems.join("\n")).to.deep.equal([]);
    });
  }
});
