import { expect } from "chai";
import { failedOverTooLong as rule } from "../../../../../sdk/policy/rules/failedOverTooLong.js";
import { broken, expectNothing, expectUndecided, failover, judge, machine, unknown } from "../builders.js";

const since = (lastFailover: string | undefined, stage = "failedOver") => [
  machine("web", { stage, lastFailover }),
];

describe("failed-over-too-long", () => {
  it("is met within the days that are allowed, and at any other stage", () => {
    expectNothing(judge(rule, failover({ stage: "failedOver" }, since("2026-04-25T12:00:00Z"))));
    expectNothing(judge(rule, failover({ stage: "committed" }, since("2026-01-01T00:00:00Z", "committed"))));
  });

  it("is broken after them, wherever the machines are declared to be", () => {
    expect(broken(judge(rule, failover({ stage: "failedOver" }, since("2026-04-20T00:00:00Z"))))).to.contain(
      "more than 7 days",
    );
    expect(
      broken(judge(rule, failover({ stage: "protected" }, since("2026-04-29T00:00:00Z")), { maxDays: 2 })),
    ).to.contain("web");
  });

  it("says nothing where the time of the failover is not known, and waits for a target that is not", () => {
    expectNothing(judge(rule, failover({ stage: "failedOver" }, since(undefined))));
    expectUndecided(judge(rule, failover({ targetId: unknown, observedMachines: undefined })), "targetId");
  });
});
