import { expect } from "chai";
import {
  type Declared,
  drillProgram,
  failoverProgram,
  item,
  itemId,
  networkId,
  planId,
  protectedEstate,
  replication,
} from "../drill/estate.js";
import { describeProduct } from "../drill/product.js";

const policy = (name: string, args: Record<string, unknown>): Declared => ({
  kind: "ReplicationPolicy",
  name,
  args: { name, instanceType: "InMageRcm", ...args },
});

const plan = (name: string, groups: string[][]): Declared => ({
  kind: "RecoveryPlan",
  name,
  args: {
    name,
    fabricName: "shop-fabric",
    bootGroups: groups.map((names) => ({ replicatedItemIds: names.map(itemId) })),
  },
});

const drillOf = (name: string, args: Record<string, unknown>): Declared => ({
  kind: "TestFailover",
  name,
  args: { targetId: planId, testNetworkId: networkId("shop-drill"), ...args },
});

/** Each wrong in its own way, with the words that have to say so: the property, the value, what is allowed. */
const wrong: { resource: Declared; says: RegExp[] }[] = [
  { resource: policy("unknown-property", { retention: 5 }), says: [/retention/] },
  {
    resource: policy("wrong-type", { recoveryPointRetentionMinutes: "a day" }),
    says: [/recoveryPointRetentionMinutes.*"a day".*0-21600/],
  },
  {
    resource: policy("too-long", { recoveryPointRetentionMinutes: 21_601 }),
    says: [/recoveryPointRetentionMinutes.*21601.*0-21600/],
  },
  {
    resource: policy("rare-points", { appConsistentFrequencyMinutes: 721 }),
    says: [/appConsistentFrequencyMinutes.*721.*60-720/],
  },
  {
    resource: policy("too-rare", { recoveryPointRetentionMinutes: 120, appConsistentFrequencyMinutes: 120 }),
    says: [/appConsistentFrequencyMinutes.*120.*shorter than recoveryPointRetentionMinutes/],
  },
  {
    resource: policy("nothing-kept", { recoveryPointRetentionMinutes: 0, appConsistentFrequencyMinutes: 60 }),
    says: [/appConsistentFrequencyMinutes.*60.*recoveryPointRetentionMinutes 0/],
  },
  {
    resource: { ...policy("bad-name", {}), args: { name: "no/slash", instanceType: "InMageRcm" } },
    says: [/name.*"no\/slash".*1-80/],
  },
  {
    resource: plan("twice", [["db01", "web01"], ["db01"]]),
    says: [/bootGroups\[1\]\.replicatedItemIds\[0\].*db01/],
  },
  {
    resource: plan("crowd", [Array.from({ length: 101 }, (_, index) => `m${index}`)]),
    says: [/101/, /\b100\b/],
  },
  {
    resource: drillOf("production", { testNetworkId: networkId("shop-recovery") }),
    says: [/testNetworkId.*shop-recovery.*allowProductionNetwork: true/],
  },
  {
    resource: drillOf("custom-point", { recoveryPoint: `${itemId("db01")}/recoveryPoints/one` }),
    says: [/recoveryPoint.*recoveryPoints\/one/],
  },
  { resource: drillOf("gone", { targetId: `${planId}-other` }), says: [/targetId.*shop-other/] },
];

describeProduct("bad input", (start) => {
  it("is refused before any write, all of it in one preview and again in one up, each by property, value and what is allowed", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program({ resources: wrong.map(({ resource }) => resource) });
    for (const command of ["preview", "up"] as const) {
      const { output } = await product.fail(command);
      const sections = sectionsOf(output);
      for (const { resource, says } of wrong) {
        const section = sections.get(resource.name) ?? "";
        for (const words of says) expect(section, `${command}, ${resource.name}:\n${output}`).to.match(words);
      }
    }
    expect(product.writes()).to.deep.equal([]);
  });

  it("allows the failover network for a drill where that is declared, and says what it risks", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program({
      resources: [
        drillOf("production", { testNetworkId: networkId("shop-recovery"), allowProductionNetwork: true }),
      ],
    });
    const { output } = await product.succeed("preview");
    expect(output).to.match(/production/i);
    expect(product.writes()).to.deep.equal([]);
  });

  it("refuses a drill of a machine that does not replicate, and a second one while the first waits for its clean-up", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program({ resources: [drillOf("nobody", { targetId: itemId("app09") })] });
    expect((await product.fail("up")).output).to.match(/targetId.*app09/);
    expect(product.writes()).to.deep.equal([]);

    product.program({ resources: [drillOf("first", {})] });
    await product.succeed("up");
    const from = product.requests;
    product.program({
      resources: [drillOf("first", {}), drillOf("second", { targetId: itemId("db01"), triggers: [2] })],
    });
    const { output } = await product.fail("up");
    expect(output).to.match(/test failover waits for its clean-up on db01/);
    expect(product.writes(from)).to.deep.equal([]);
  });

  it("refuses a drill and a failover of machines that still replicate for the first time, before any start", async () => {
    const product = await start({ speed: 1 });
    product.program({
      fabricName: "shop-fabric",
      resources: replication().map((resource) =>
        resource.kind === "ReplicatedItem" ? item(resource.name, { waitUntil: "started" }) : resource,
      ),
    });
    // The plan's machines are enabled, and at this speed stay in their first replication.
    product.emulator.world.clock.change({ speed: 60 });
    const up = await product.run("up");
    product.freeze();
    expect(up.status, up.output).to.equal(0);
    const from = product.requests;
    product.program({ ...drillProgram(), resources: [drillOf("early", {})], outputs: {} });
    expect((await product.fail("up")).output).to.match(/db01 is .*protected and replicating/s);
    expect(product.accepted("testFailover")).to.equal(0);
    expect(
      product.writes(from).filter((write) => write.startsWith("POST") && write.includes("ailover")),
    ).to.deep.equal([]);
  });

  it("refuses a stage that is none, and one that this kind of replication does not have", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program(failoverProgram("failedover"));
    expect((await product.fail("up")).output).to.match(/stage.*"failedover".*protected.*failedOver/s);
    expect(product.writes()).to.deep.equal([]);
  });
});

/** What is said about each resource in the block `Diagnostics:`, by its name, in one line. */
function sectionsOf(output: string): Map<string, string> {
  const sections = new Map<string, string>();
  let name = "";
  for (const line of output.slice(output.lastIndexOf("\nDiagnostics:")).split("\n")) {
    const heading = /^ {2}\S+ \((\S+)\):$/.exec(line);
    if (heading) name = heading[1] ?? "";
    else sections.set(name, `${sections.get(name) ?? ""} ${line.trim()}`);
  }
  return sections;
}
