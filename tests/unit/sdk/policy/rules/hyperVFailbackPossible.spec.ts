import { expect } from "chai";
import { hyperVFailbackPossible as rule } from "../../../../../sdk/policy/rules/hyperVFailbackPossible.js";
import {
  broken,
  expectNothing,
  expectUndecided,
  failover,
  judge,
  machine,
  resource,
  unknown,
} from "../builders.js";

const item = (inputs: Record<string, unknown>) =>
  resource("ReplicatedItem", { name: "web", instanceType: "HyperVReplicaAzure", ...inputs });

describe("hyper-v-failback-possible", () => {
  it("is met by replication to a storage account", () => {
    expectNothing(judge(rule, item({ diskIds: ["os"], targetStorageAccountId: "/subscriptions/s/a" })));
    expectNothing(judge(rule, failover({}, [machine("web", { scenario: "hyperV", usesManagedDisks: false })])));
  });

  it("is broken by managed disks, declared or found in Azure", () => {
    expect(broken(judge(rule, item({ disks: [{ diskId: "os" }] })))).to.contain(
      "web: it replicates to managed disks",
    );
    const managed = machine("web", { scenario: "hyperV", usesManagedDisks: true });
    expect(broken(judge(rule, failover({}, [managed])))).to.contain("web: it replicates to managed disks");
  });

  it("says nothing of VMware, nor where it is not known what replicates", () => {
    expectNothing(judge(rule, resource("ReplicatedItem", { name: "web", instanceType: "InMageRcm", disks: [] })));
    expectNothing(judge(rule, failover({}, [machine("web", { scenario: "hyperV" })])));
    expectUndecided(judge(rule, failover({ targetId: unknown, observedMachines: undefined })), "targetId");
  });
});
