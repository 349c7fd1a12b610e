import { expect } from "chai";
import { appConsistentPoints as rule } from "../../../../../sdk/policy/rules/appConsistentPoints.js";
import { broken, expectNothing, expectUndecided, judge, resource, unknown } from "../builders.js";

const policy = (inputs: Record<string, unknown>) => resource("ReplicationPolicy", inputs);

describe("app-consistent-points", () => {
  it("is met by a policy that makes them often enough", () => {
    expectNothing(judge(rule, policy({ instanceType: "InMageRcm", appConsistentFrequencyMinutes: 60 })));
    expectNothing(judge(rule, policy({ instanceType: "HyperVReplicaAzure", appConsistentFrequencyHours: 12 })));
  });

  it("is broken by 0, which switches them off, and by points too far apart", () => {
    expect(broken(judge(rule, policy({ appConsistentFrequencyMinutes: 0 })))).to.contain("is 0");
    expect(broken(judge(rule, policy({ appConsistentFrequencyHours: 0 })))).to.contain("is 0");
    expect(broken(judge(rule, policy({ appConsistentFrequencyMinutes: 240 }), { maxHours: 2 }))).to.contain(
      "2 hours",
    );
  });

  it("says nothing where the policy has no such value, nor of the policies of the way back", () => {
    expectNothing(judge(rule, policy({})));
    expectNothing(judge(rule, policy({ instanceType: "InMageRcmFailback", appConsistentFrequencyMinutes: 0 })));
  });

  it("waits for a value that is not known yet", () => {
    expectUndecided(
      judge(rule, policy({ appConsistentFrequencyMinutes: unknown })),
      "appConsistentFrequencyMinutes",
    );
  });
});
