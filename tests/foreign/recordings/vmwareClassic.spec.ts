/** Classic VMware: failover and commit, then the reprotection, as a client of 2017 drove them. */

import { expect } from "chai";
import { type Emulator, type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import { readReference, referenceData } from "../referenceData.js";
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
 * Explained by the age of the recordings: a status beside a job's properties, other cases of keys, network cards without
 * `ipConfigs`, health errors under two names, fields that came later; and by what a second hides: tasks that are not
 * needed are known to be so at once here, and the steps of one second may have been passed or not.
 */
const ofItsTime = new RegExp(
  [
    "\\$\\.(status|error|startTime|endTime): recorded",
    "azure-asyncoperation",
    "content-type",
    "\\$\\.properties\\.health: |healthErrorDetails|retentionVolumes: recorded 0",
    "affectedObjectDetails",
    "replicationHealthErrors|failoverHealthErrors|failoverHealthErrorDetails|\\.healthErrors|switchProviderState|eventCorrelationId|primaryFabricProvider",
    "vmNics\\[\\d\\]|sourceVm(RAM|CPU|Ram|Cpu)|enableR(DP|dp)OnTargetOption|selectedTfoAzureNetworkId|azureVMDiskDetails",
    "status: answered|associatedItemsCount|dataSourceType",
    "multiVmSyncStatus|thresholdPercentage|osVersion",
    "kekCertExpiryDate",
    'diskDetails|osType: recorded "WINDOWS"|agentInstalled|poweredOn',
    "tasks\\[\\d\\]\\.(state|startTime|endTime)",
    "10:47:1[56].*\\$\\.properties|10:51:18.*\\$\\.properties|10:49:30.*\\$\\.properties|10:49:28.*(state|allowedActions|endTime)",
    // Lists left details of classic items out.
    "value\\[0\\].*(protectedDisks|diskResized|masterTargetId|vhdName|osDiskId|failoverRecoveryPointId)",
  ].join("|"),
);

describe("the recordings of classic VMware, sent to the emulator again", function () {
  this.timeout(60_000);
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
      const states: string[] = [];
      const { problems } = await replay(emulator, all, {
        ofItsTime,
        onlyItem: first,
        look: (entry, answered) => {
          const [recorded, given] = [entry.responseBody, answered] as { properties?: Record<string, unknown> }[];
          if (given?.properties?.tasks === undefined || recorded?.properties?.tasks === undefined) return [];
          states.push(String(given.properties.state));
          const names = (of: unknown) => (of as { name: string }[]).map((task) => task.name).join();
          const [wanted, are] = [names(recorded.properties.tasks), names(given.properties.tasks)];
          return wanted === are ? [] : [`tasks: recorded ${wanted}, answered ${are}`];
        },
      });
      expect(problems, problems.join("\n")).to.deep.equal([]);
      expect(states).to.include(file.includes("commit") ? "Succeeded" : "InProgress");
    });
  }
});
