import { expect } from "chai";
import {
  describeObservation,
  type ObservedItem,
  observe,
  type Stage,
  scenarioOf,
  stageMeaning,
  stages,
} from "../../../../provider/lifecycle/stages.js";

function item(
  instanceType: string,
  activeLocation: string,
  allowedOperations: string[],
  changes: Partial<ObservedItem> = {},
): ObservedItem {
  return {
    instanceType,
    activeLocation,
    allowedOperations,
    protectionState: "SomeStateThatMustNotMatter",
    testFailoverState: "None",
    ...changes,
  };
}

/** recorded and example: what Azure or its published examples answer; chosen: no source, by analogy. */
type Case = [
  basis: string,
  item: ObservedItem,
  stage: Stage,
  flags?: { isReady?: boolean; isDrillPending?: boolean },
];

const cases: Case[] = [
  [
    "recorded, vmware-inmagercm",
    item("InMageRcm", "Primary", ["UnplannedFailover", "DisableProtection", "TestFailover"]),
    "protected",
  ],
  [
    "recorded, vmware-classic-failover-commit",
    item("InMageAzureV2", "Primary", ["UnplannedFailover", "DisableProtection", "TestFailover"]),
    "protected",
  ],
  [
    "recorded, hyperv-site-test-failover",
    item("HyperVReplicaAzure", "Primary", [
      "PlannedFailover",
      "UnplannedFailover",
      "DisableProtection",
      "TestFailover",
    ]),
    "protected",
  ],
  [
    "recorded, initial replication",
    item("InMageRcm", "Primary", ["DisableProtection"]),
    "protected",
    { isReady: false },
  ],
  [
    "recorded, initial replication",
    item("HyperVReplicaAzure", "Primary", ["DisableProtection"]),
    "protected",
    { isReady: false },
  ],
  [
    "example, a test failover that waits",
    item("HyperVReplicaAzure", "Primary", ["TestFailoverCleanup"], { testFailoverState: "WaitingForCompletion" }),
    "protected",
    { isDrillPending: true },
  ],
  [
    "example, by analogy for VMware",
    item("InMageRcm", "Primary", ["TestFailoverCleanup"]),
    "protected",
    { isDrillPending: true },
  ],
  [
    "recorded, vmware-inmagercm",
    item("InMageRcm", "Recovery", [
      "CompleteMigration",
      "Commit",
      "DisableProtection",
      "ChangePit",
      "SwitchProtection",
    ]),
    "failedOver",
  ],
  [
    "example",
    item("HyperVReplicaAzure", "Recovery", ["CompleteMigration", "Commit", "DisableProtection", "ChangePit"]),
    "failedOver",
  ],
  [
    "recorded, vmware-classic-reprotect",
    item("InMageAzureV2", "Recovery", ["CompleteMigration", "DisableProtection", "SwitchProtection"]),
    "committed",
  ],
  [
    "recorded for classic, the same kind",
    item("InMageRcm", "Recovery", ["CompleteMigration", "DisableProtection", "SwitchProtection"]),
    "committed",
  ],
  [
    "example",
    item("HyperVReplicaAzure", "Recovery", ["CompleteMigration", "DisableProtection", "Failback"]),
    "committed",
  ],
  [
    "recorded, vmware-inmagercm",
    item("InMageRcmFailback", "Primary", ["PlannedFailover", "DisableProtection"]),
    "reprotected",
  ],
  [
    "recorded, vmware-classic-reprotect",
    item("InMage", "Primary", ["UnplannedFailover", "DisableProtection"]),
    "reprotected",
  ],
  [
    "recorded, replication back runs for the first time",
    item("InMageRcmFailback", "Primary", ["DisableProtection"]),
    "reprotected",
    { isReady: false },
  ],
  ["recorded", item("InMage", "Primary", ["DisableProtection"]), "reprotected", { isReady: false }],
  [
    "chosen",
    item("InMageRcmFailback", "Recovery", ["Commit", "CancelFailover", "SwitchProtection"]),
    "failedBack",
  ],
  ["chosen", item("InMage", "Recovery", ["Commit", "SwitchProtection"]), "failedBack"],
  ["chosen", item("InMageRcmFailback", "Recovery", ["SwitchProtection"]), "failbackCommitted"],
  ["chosen", item("InMage", "Recovery", ["SwitchProtection", "DisableProtection"]), "failbackCommitted"],
  [
    "chosen, after VMM to VMM",
    item("HyperVReplicaAzure", "Primary", ["Commit", "ReverseReplicate", "DisableProtection"]),
    "failedBack",
  ],
  [
    "chosen, after VMM to VMM",
    item("HyperVReplicaAzureFailback", "Primary", ["ReverseReplicate", "DisableProtection"]),
    "failbackCommitted",
  ],
];

describe("observe", () => {
  for (const [basis, observed, stage, flags] of cases) {
    it(`tells ${stage} of a ${observed.instanceType} item that is active at ${observed.activeLocation} and offers ${observed.allowedOperations.join(", ")} (${basis})`, () => {
      expect(observe(observed)).to.deep.equal({
        kind: "stage",
        stage,
        isReady: flags?.isReady ?? true,
        isDrillPending: flags?.isDrillPending ?? false,
      });
    });
  }

  it("looks neither at the order of the operations nor at protectionState", () => {
    for (const [, observed] of cases) {
      const turned = { ...observed, allowedOperations: [...observed.allowedOperations].reverse() };
      expect(observe({ ...turned, protectionState: "Protected" })).to.deep.equal(observe(observed));
    }
  });

  it("says busy of every item that offers nothing, whatever else it answers", () => {
    for (const [, observed] of cases) {
      expect(observe({ ...observed, allowedOperations: [] })).to.deep.equal({ kind: "busy" });
    }
  });

  it("says busy of every item with an open job, whatever it offers", () => {
    for (const [, observed] of cases) {
      expect(observe({ ...observed, currentScenario: { scenarioName: "UnplannedFailover" } })).to.deep.equal({
        kind: "busy",
      });
    }
  });

  it("does not take reprotected for protected although both say Primary and protection state Protected", () => {
    const back = item("InMageRcmFailback", "Primary", ["PlannedFailover", "DisableProtection"], {
      protectionState: "Protected",
    });
    expect(observe(back)).to.include({ stage: "reprotected" });
  });

  it("keeps an item whose failover failed at protected, because Azure offers the failover again", () => {
    const failed = item("InMageRcm", "Primary", ["UnplannedFailover", "DisableProtection", "TestFailover"], {
      protectionState: "UnplannedFailoverFailed",
    });
    expect(observe(failed)).to.include({ stage: "protected", isReady: true });
  });

  it("says unknown of kinds and combinations that it has no source for, instead of guessing", () => {
    const strangers = [
      item("A2A", "Primary", ["UnplannedFailover", "DisableProtection", "TestFailover"]),
      item("InMageRcm", "Recovery", ["DisableProtection"]),
      item("InMageRcm", "Primary", ["DisableProtection", "RepairReplication"]),
      item("InMageRcmFailback", "Recovery", ["DisableProtection"]),
      item("SomethingNew", "Somewhere", ["UnplannedFailover"]),
    ];
    for (const stranger of strangers)
      expect(observe(stranger), stranger.instanceType).to.deep.equal({ kind: "unknown" });
  });

  it("does not take an unplanned failover together with a clean-up for a waiting drill", () => {
    const both = item("InMageRcm", "Primary", ["UnplannedFailover", "TestFailoverCleanup"]);
    expect(observe(both)).to.include({ stage: "protected", isDrillPending: false });
  });
});

describe("describeObservation", () => {
  it("names the job of a busy item", () => {
    const busy = item("InMageRcm", "Primary", [], { currentScenario: { scenarioName: "UnplannedFailover" } });
    expect(describeObservation(busy)).to.equal("busy with UnplannedFailover");
  });

  it("names protection state and operations of an item at no known stage", () => {
    const strange = item("A2A", "Primary", ["RepairReplication"], { protectionState: "Odd" });
    expect(describeObservation(strange)).to.contain("protection state Odd").and.to.contain("RepairReplication");
  });

  it("tells a waiting drill and a replication that is not ready from plain protected", () => {
    expect(describeObservation(item("InMageRcm", "Primary", ["TestFailoverCleanup"]))).to.match(
      /^protected, with a test failover that waits for its clean-up$/,
    );
    expect(describeObservation(item("InMageRcm", "Primary", ["DisableProtection"]))).to.match(
      /^protected, but not ready/,
    );
    expect(describeObservation(item("InMageRcm", "Primary", ["UnplannedFailover"]))).to.equal("protected");
  });
});

describe("scenarioOf", () => {
  it("puts forward and failback kinds of modernised and of classic machines on a ring each", () => {
    for (const kind of ["InMageRcm", "InMageRcmFailback"]) expect(scenarioOf(kind), kind).to.equal("vmware");
    for (const kind of ["InMageAzureV2", "InMage"]) expect(scenarioOf(kind), kind).to.equal("vmwareClassic");
  });

  it("puts Hyper-V to Azure and Hyper-V between VMM sites on a ring each, and knows no other kind", () => {
    expect(scenarioOf("HyperVReplicaAzure")).to.equal("hyperV");
    expect(scenarioOf("HyperVReplicaAzureFailback")).to.equal("hyperV");
    expect(scenarioOf("HyperVReplica2012R2")).to.equal("vmmToVmm");
    expect(scenarioOf("A2A")).to.equal(undefined);
  });
});

describe("stageMeaning", () => {
  it("has a text of its own for every stage", () => {
    expect(Object.keys(stageMeaning)).to.have.members([...stages]);
    expect(new Set(Object.values(stageMeaning)).size).to.equal(stages.length);
  });
});
