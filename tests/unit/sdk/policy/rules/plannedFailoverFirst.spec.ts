import { expect } from "chai";
import { plannedFailoverFirst as rule } from "../../../../../sdk/policy/rules/plannedFailoverFirst.js";
import { broken, expectNothing, failover, judge, machine, walking } from "../builders.js";

const hyperV = machine("web", { scenario: "hyperV" });
const going = (more: Record<string, unknown> = {}, machines = [hyperV]) =>
  failover(
    { kind: "unplanned", recoveryPoint: "latest", ...walking("protected", "failedOver", "web"), ...more },
    machines,
  );

describe("planned-failover-first", () => {
  it("is met by a planned failover, and by another point than the latest", () => {
    expectNothing(judge(rule, going({ kind: "planned" })));
    expectNothing(judge(rule, going({ recoveryPoint: "latestProcessed" })));
  });

  it("is broken by an unplanned failover to the latest point of machines that could go planned", () => {
    expect(broken(judge(rule, going()))).to.contain("web would fail over unplanned");
    expect(broken(judge(rule, going({ kind: undefined, recoveryPoint: undefined })))).to.contain("web");
    expect(broken(judge(rule, going({}, [machine("web", { scenario: "vmmToVmm" })])))).to.contain("web");
  });

  it("says nothing of VMware, which has no planned failover, and where nothing is about to start", () => {
    expectNothing(judge(rule, going({}, [machine("web")])));
    expectNothing(judge(rule, failover({ kind: "unplanned", recoveryPoint: "latest" }, [hyperV])));
    expectNothing(judge(rule, going({}, [machine("web", { scenario: "hyperV", stage: "failedOver" })])));
    expectNothing(judge(rule, going({}, [machine("other", { scenario: "hyperV" })])));
  });
});
