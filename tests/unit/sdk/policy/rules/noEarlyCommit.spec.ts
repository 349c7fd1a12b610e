import { expect } from "chai";
import { noEarlyCommit as rule } from "../../../../../sdk/policy/rules/noEarlyCommit.js";
import { broken, expectNothing, failover, judge, machine, walking } from "../builders.js";

const failedOver = (lastFailover?: string) => [machine("web", { stage: "failedOver", lastFailover })];
const committing = (machines: Record<string, unknown>[], to = "committed") =>
  failover(walking("failedOver", to, "web"), machines);

describe("no-early-commit", () => {
  it("is met by a commit once the time has passed", () => {
    expectNothing(judge(rule, committing(failedOver("2026-05-01T07:59:00Z"))));
    expectNothing(judge(rule, committing(failedOver("2026-05-01T11:00:00Z")), { minHours: 1 }));
  });

  it("is broken by one before, and by a reprotect that commits on its way", () => {
    expect(broken(judge(rule, committing(failedOver("2026-05-01T11:00:00Z"))))).to.contain("within 4 hours");
    expect(broken(judge(rule, committing(failedOver("2026-05-01T11:00:00Z"), "reprotected")))).to.contain(
      "within 4 hours",
    );
    expect(broken(judge(rule, committing(failedOver("2026-05-01T07:00:00Z")), { minHours: 24 }))).to.contain(
      "24 hours",
    );
  });

  it("is broken by a walk that fails over and commits at once", () => {
    const through = failover(walking("protected", "committed", "web"), [machine("web")]);
    expect(broken(judge(rule, through))).to.contain("in the same walk");
  });

  it("says nothing where the time of the failover is not known, where nothing moves, and of a failback's commit", () => {
    expectNothing(judge(rule, committing(failedOver(undefined))));
    expectNothing(
      judge(rule, committing([machine("web", { stage: "committed", lastFailover: "2026-05-01T11:00:00Z" })])),
    );
    expectNothing(judge(rule, failover({ stage: "committed" }, failedOver("2026-05-01T11:00:00Z"))));
    const back = failover(walking("failedBack", "failbackCommitted", "web"), [
      machine("web", { stage: "failedBack", lastFailover: "2026-05-01T11:00:00Z" }),
    ]);
    expectNothing(judge(rule, back));
  });
});
