import { expect } from "chai";
import { recoveryPointRetention as rule } from "../../../../../sdk/policy/rules/recoveryPointRetention.js";
import { broken, expectNothing, expectUndecided, judge, resource, unknown } from "../builders.js";

const policy = (inputs: Record<string, unknown>) => resource("ReplicationPolicy", inputs);

describe("recovery-point-retention", () => {
  it("is met by a policy that keeps points long enough", () => {
    expectNothing(judge(rule, policy({ recoveryPointRetentionMinutes: 1440 })));
    expectNothing(judge(rule, policy({ recoveryPointRetentionHours: 24 })));
  });

  it("is broken by one that does not, in minutes and in hours", () => {
    expect(broken(judge(rule, policy({ recoveryPointRetentionMinutes: 1439 })))).to.contain("at least 24 hours");
    expect(broken(judge(rule, policy({ recoveryPointRetentionHours: 24 }), { minHours: 72 }))).to.contain(
      "at least 72 hours",
    );
  });

  it("says nothing where the policy has no such value, nor of the policies of the way back", () => {
    expectNothing(judge(rule, policy({})));
    expectNothing(judge(rule, policy({ instanceType: "InMage", recoveryPointRetentionMinutes: 1 })));
  });

  it("waits for a value that is not known yet", () => {
    expectUndecided(judge(rule, policy({ recoveryPointRetentionHours: unknown })), "recoveryPointRetentionHours");
  });
});
