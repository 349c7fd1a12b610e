import { expect } from "chai";
import { type Declared, itemId, machineNames, networkId, planId, protectedEstate } from "../drill/estate.js";
import { describeProduct } from "../drill/product.js";

const policy = (args: Record<string, unknown>): Declared => ({
  kind: "ReplicationPolicy",
  name: "wrong",
  args: { name: "wrong", instanceType: "InMageRcm", ...args },
});

const plan = (groups: string[][], args: Record<string, unknown> = {}): Declared => ({
  kind: "RecoveryPlan",
  name: "wrong",
  args: {
    name: "wrong",
    fabricName: "shop-fabric",
    bootGroups: groups.map((names) => ({ replicatedItemIds: names.map(itemId) })),
    ...args,
  },
});

const drillOf = (args: Record<string, unknown> = {}, name = "wrong"): Declared => ({
  kind: "TestFailover",
  name,
  args: { targetId: planId, testNetworkId: networkId("shop-drill"), ...args },
});

/** Resources that are wrong, and the words that have to say so: property, value, what is allowed. */
const wrong: { what: string; resource: Declared; says: RegExp[] }[] = [
  {
    what: "a policy with an unknown property, a wrong type, a value out of range and a bad name",
    resource: policy({
      name: "no/slash",
      retention: 5,
      recoveryPointRetentionMinutes: "a day",
      appConsistentFrequencyMinutes: 721,
      timeoutMinutes: 0,
    }),
    says: [
      /name.*"no\/slash".*1-80/,
      /retention\b.*allowed.*recoveryPointRetentionMinutes/,
      /recoveryPointRetentionMinutes.*"a day".*0-21600/,
      /appConsistentFrequencyMinutes.*721.*60-720/,
      /timeoutMinutes.*\b0\b.*1-10080/,
    ],
  },
  {
    what: "application-consistent points as rare as points are kept",
    resource: policy({ recoveryPointRetentionMinutes: 120, appConsistentFrequencyMinutes: 120 }),
    says: [/appConsistentFrequencyMinutes.*120.*shorter than recoveryPointRetentionMinutes/],
  },
  {
    what: "application-consistent points where none are kept",
    resource: policy({ recoveryPointRetentionMinutes: 0, appConsistentFrequencyMinutes: 60 }),
    says: [/appConsistentFrequencyMinutes.*60.*recoveryPointRetentionMinutes.*\b0\b/],
  },
  {
    what: "a plan with a machine in two groups and an unknown property",
    resource: plan([["db01", "web01"], ["db01"]], { groups: [] }),
    says: [
      /bootGroups\[1\]\.replicatedItemIds\[0\].*replicationProtectedItems\/db01"/,
      /groups\b.*allowed.*bootGroups/,
    ],
  },
  {
    what: "a plan of 101 machines",
    resource: plan([Array.from({ length: 101 }, (_, index) => `m${index}`)]),
    says: [/101/, /\b100\b/],
  },
  {
    what: "a drill in the network of a failover",
    resource: drillOf({ testNetworkId: networkId("shop-recovery") }),
    says: [/testNetworkId.*shop-recovery.*allowProductionNetwork: true/],
  },
  {
    what: "a drill of a plan with one machine's recovery point, a bad network and an unknown property",
    resource: drillOf({
      recoveryPoint: `${itemId("db01")}/recoveryPoints/one`,
      testNetworkId: "shop-drill",
      speed: 3,
    }),
    says: [
      /recoveryPoint.*recoveryPoints\/one/,
      /testNetworkId.*"shop-drill".*virtualNetworks/,
      /speed\b.*allowed/,
    ],
  },
  {
    what: "a drill of a plan that is not there",
    resource: drillOf({ targetId: `${planId}-other` }),
    says: [/targetId.*shop-other/],
  },
  {
    what: "a failover to a stage that is none, with one that is no time to start from",
    resource: {
      kind: "Failover",
      name: "wrong",
      args: { targetId: planId, stage: "failedover", startFrom: "protected", through: "yes" },
    },
    says: [
      /stage.*"failedover".*protected.*failedOver/,
      /startFrom.*"protected".*@/,
      /through.*"yes".*true, false/,
    ],
  },
];

describeProduct("bad input", (start) => {
  it("is refused before any write, all problems of a resource together, by property, value and what is allowed", async () => {
    const product = await start({ estate: protectedEstate() });
    for (const { what, resource, says } of wrong) {
      product.program({ resources: [resource] });
      const { output } = await product.fail("up");
      const shown = diagnosticsOf(output);
      for (const words of says) expect(shown, `${what}:\n${output}`).to.match(words);
    }
    expect(product.writes()).to.deep.equal([]);
  });

  it("allows the failover network for a drill where that is declared, and says what it risks", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program({
      resources: [drillOf({ testNetworkId: networkId("shop-recovery"), allowProductionNetwork: true })],
    });
    const { output } = await product.succeed("preview");
    expect(output).to.match(/production/i);
    expect(product.writes()).to.deep.equal([]);
  });

  it("refuses a drill of a machine that does not replicate, and a second one while the first waits for its clean-up", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program({ resources: [drillOf({ targetId: itemId("app09") })] });
    expect((await product.fail("up")).output).to.match(/targetId.*app09/);
    expect(product.writes()).to.deep.equal([]);

    product.program({ resources: [drillOf({}, "first")] });
    await product.succeed("up");
    const from = product.requests;
    product.program({
      resources: [drillOf({}, "first"), drillOf({ targetId: itemId("db01"), triggers: [2] }, "second")],
    });
    const { output } = await product.fail("up");
    expect(output).to.match(/test failover waits for its clean-up on db01/);
    expect(product.writes(from)).to.deep.equal([]);
  });

  it("refuses a drill of machines that still replicate for the first time, before any start", async () => {
    const estate = protectedEstate();
    const product = await start({
      estate: {
        ...estate,
        replicatedItems: estate.replicatedItems?.map((item) => ({
          ...item,
          state: "initialReplication" as const,
        })),
      },
    });
    product.freeze();
    product.program({ resources: [drillOf()] });
    const { output } = await product.fail("up");
    for (const name of machineNames) expect(output).to.contain(`${name} is `);
    expect(output).to.contain("All its machines must be protected and replicating. Nothing was started.");
    expect(product.writes()).to.deep.equal([]);
  });
});

/** The block `Diagnostics:`, a line to each message. */
function diagnosticsOf(output: string): string {
  return output.slice(output.lastIndexOf("\nDiagnostics:"));
}
