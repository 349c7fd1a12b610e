import { expect } from "chai";
import { rpoThreshold as rule } from "../../../../../sdk/policy/rules/rpoThreshold.js";
import { broken, expectNothing, expectUndecided, failover, judge, resource, unknown } from "../builders.js";

const policy = (inputs: Record<string, unknown>) => resource("ReplicationPolicy", inputs);

describe("rpo-threshold", () => {
  it("is met by policies at or below the limit", () => {
    expectNothing(judge(rule, policy({ recoveryPointThresholdMinutes: 60 })));
    expectNothing(judge(rule, policy({ crashConsistentFrequencyMinutes: 5 })));
    expectNothing(judge(rule, policy({ replicationIntervalSeconds: 300 })));
  });

  it("is broken by a value above the limit, whatever the kind calls it", () => {
    expect(broken(judge(rule, policy({ recoveryPointThresholdMinutes: 61 })))).to.contain(
      "recoveryPointThresholdMinutes is 61",
    );
    expect(broken(judge(rule, policy({ crashConsistentFrequencyMinutes: 10 }), { maxMinutes: 5 }))).to.contain(
      "is 10",
    );
    expect(broken(judge(rule, policy({ replicationIntervalSeconds: 900 }), { maxMinutes: 10 }))).to.contain(
      "is 900",
    );
    expect(broken(judge(rule, policy({ crashConsistentFrequencyMinutes: 0 })))).to.contain(
      "no crash-consistent points",
    );
  });

  it("says nothing where no such value is given, and of other resources", () => {
    expectNothing(judge(rule, policy({})));
    expectNothing(judge(rule, failover({ recoveryPointThresholdMinutes: 600 })));
  });

  it("waits for a value that is not known yet", () => {
    expectUndecided(
      judge(rule, policy({ recoveryPointThresholdMinutes: unknown })),
      "recoveryPointThresholdMinutes",
    );
  });
});
