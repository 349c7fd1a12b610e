/** VMM to VMM: both recordings of one vault and one machine, one after the other, as a client of 2017 drove them. */

import { expect } from "chai";
import { type Emulator, type EstateInput, startEmulator } from "../../../rehearsal/emulator/index.js";
import { readReference, referenceData } from "../referenceData.js";
import { asOfToday, withoutNews } from "./asOfToday.js";
import { type Entry, replay } from "./replay.js";

const [machine, other] = ["672ac946-913b-4297-8c35-1aae8c388f63", "1389fed3-c1ea-4732-95dc-0704589f66a8"] as const;
const primary = "a98e3833a83e5a803a77d8c9b73d03b34769cddf26a9c36ff4dbb50a86a5bcd4";
const cloud = "b2b708f7-5500-472d-9b4e-34a88340b067";

const vm = (name: string, id: string, sizeGB: number) => ({
  name,
  kind: "hyperv" as const,
  hyperV: { vmmServer: "primary.example.com", cloud: "primary", id },
  // Its guest told nothing of itself when it was listed.
  os: { type: "Linux" as const, name: "CentOS 6" },
  disks: [{ sizeGB }],
  nics: [{ network: "corp", ip: "192.168.0.10" }],
});

const estate: EstateInput = {
  subscriptionId: "00000000-0000-0000-0000-000000000000",
  resourceGroup: "E2ERg",
  location: "southeastasia",
  vault: { name: "E2ETest" },
  vmmServers: [
    {
      name: "primary.example.com",
      id: "630960be-c5ae-4e94-a747-37aa0d1050b7",
      fabricName: primary,
      clouds: [
        { name: "AcsToAadMigrationCloud", id: "a61894df-5760-42cb-ae76-b852ccd9f8ec" },
        { name: "primary", id: cloud },
      ],
      networks: [{ name: "corp" }],
    },
    {
      name: "recovery.example.com",
      id: "c7d06f45-fdb7-40b5-a7ae-5061651a831b",
      fabricName: "38de67c62c2b231fb647b060df06a8a69da7e305c44db6646693b7470d709c87",
      clouds: [{ name: "recovery", id: "cd28d671-bd2a-4894-9ac8-82136c8104bc" }],
      networks: [{ name: "corp", id: "3e820a25-2f19-429b-b9f9-cdeab5465187" }],
    },
  ],
  networkMappings: [
    {
      vmmServer: "primary.example.com",
      network: "corp",
      targetVmmServer: "recovery.example.com",
      targetNetwork: "corp",
    },
  ],
  vmmPolicies: [
    {
      name: "E2EPolicy1",
      replicationFrequencySeconds: 30,
      recoveryPoints: 1,
      mappings: [
        { name: "E2AClP26mapping", from: "primary.example.com/primary", to: "recovery.example.com/recovery" },
      ],
    },
  ],
  machines: [vm("VM1", machine, 1), { ...vm("vm3", other, 40), nics: [{ network: "lab", ip: "192.168.1.10" }] }],
  replicatedItems: [
    { machine: "VM1", name: machine, policy: "E2EPolicy1", protectedSince: "2017-09-18T13:00:00Z" },
    { machine: "vm3", name: other, policy: "E2EPolicy1", protectedSince: "2017-09-18T01:00:00Z" },
  ],
};

const item = `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/E2ERg/providers/Microsoft.RecoveryServices/vaults/E2ETest/replicationFabrics/${primary}/replicationProtectionContainers/${cloud}/replicationProtectedItems/${machine}`;
const base = (instanceType: string) => ({ providerSpecificDetails: { instanceType } });

/** What the recordings show to have happened before they begin: the times at which, and the actions. */
const before = [
  ["2017-09-18T13:45:01Z", "testFailover", { networkType: "NoNetworkAttachAsInput" }],
  ["2017-09-18T13:53:00Z", "testFailoverCleanup", {}],
  [
    "2017-09-18T13:55:04Z",
    "unplannedFailover",
    {
      failoverDirection: "PrimaryToRecovery",
      sourceSiteOperations: "NotRequired",
      ...base("ProviderSpecificFailoverInput"),
    },
  ],
  [
    "2017-09-18T14:02:00Z",
    "reProtect",
    { failoverDirection: "RecoveryToPrimary", ...base("ReverseReplicationProviderSpecificInput") },
  ],
] as const;
const between = [
  [
    "2017-09-19T01:40:00Z",
    "unplannedFailover",
    {
      failoverDirection: "PrimaryToRecovery",
      sourceSiteOperations: "NotRequired",
      ...base("ProviderSpecificFailoverInput"),
    },
  ],
  [
    "2017-09-19T01:50:00Z",
    "reProtect",
    { failoverDirection: "RecoveryToPrimary", ...base("ReverseReplicationProviderSpecificInput") },
  ],
  [
    "2017-09-19T02:06:52Z",
    "plannedFailover",
    { failoverDirection: "RecoveryToPrimary", ...base("ProviderSpecificFailoverInput") },
  ],
  [
    "2017-09-19T02:17:50Z",
    "reProtect",
    { failoverDirection: "PrimaryToRecovery", ...base("ReverseReplicationProviderSpecificInput") },
  ],
] as const;

async function act(emulator: Emulator, actions: typeof before | typeof between): Promise<void> {
  for (const [time, action, properties] of actions) {
    emulator.world.clock.change({ time: Date.parse(time) });
    const answer = await fetch(`${emulator.origin}${item}/${action}?api-version=2016-08-10`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ properties }),
    });
    expect(answer.status, `${action} at ${time}: ${await answer.text()}`).to.equal(202);
  }
}

/** Two jobs that had ended before the recording began, by the ids that they have here. */
async function earlierJobs(emulator: Emulator, entries: Entry[]): Promise<Map<string, string>> {
  const vault = item.slice(0, item.indexOf("/replicationFabrics/"));
  const answer = await fetch(`${emulator.origin}${vault}/replicationJobs?api-version=2016-08-10`);
  const { value } = (await answer.json()) as { value: { name: string; properties: { scenarioName: string } }[] };
  const completions = entries
    .map((entry) => entry.responseBody as { name?: string; properties?: { scenarioName?: string } } | null)
    .filter((body) => /IrCompletion$/.test(body?.properties?.scenarioName ?? ""));
  expect(completions).to.have.length(2);
  return new Map(
    completions.map((recorded) => [
      recorded?.name ?? "",
      value.find((job) => job.properties.scenarioName === recorded?.properties?.scenarioName)?.name ?? "",
    ]),
  );
}

describe("the recordings of VMM to VMM, sent to the emulator again", function () {
  this.timeout(240_000);
  let emulator: Emulator | undefined;
  afterEach(async () => {
    await emulator?.stop();
    emulator = undefined;
  });

  it("are answered with the same status, headers, shapes, states and tasks, from one site to the other and back, twice", async function () {
    const data = referenceData(this);
    const read = (file: string) => readReference(data, "recordings", file) as Entry[];
    emulator = await startEmulator({ estate, frozen: true, startTime: "2017-09-18T13:40:00Z" });
    const options = {
      recorded: asOfToday,
      // The recordings call both servers by one name that was put in the place of theirs.
      answered: (body: unknown) =>
        withoutNews(JSON.parse(JSON.stringify(body).replaceAll(/(primary|recovery)\.example/g, "host.example"))),
      isOld: true,
      isCut: true,
      compareTasks: true,
    };
    await act(emulator, before);
    const planned = await replay(emulator, read("vmm-to-vmm-failback-reverse-replicate.json"), options);
    expect(planned.problems, planned.problems.join("\n")).to.deep.equal([]);
    await act(emulator, between);
    const entries = read("vmm-to-vmm-failover-failback.json");
    emulator.world.clock.change({ time: Date.parse(entries[0]?.date ?? "") });
    const names = await earlierJobs(emulator, entries);
    const unplanned = await replay(emulator, entries, { ...options, names });
    expect(unplanned.problems, unplanned.problems.join("\n")).to.deep.equal([]);
  });
});
