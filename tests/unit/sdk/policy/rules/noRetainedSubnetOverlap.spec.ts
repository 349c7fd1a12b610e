import { expect } from "chai";
import { noRetainedSubnetOverlap as rule } from "../../../../../sdk/policy/rules/noRetainedSubnetOverlap.js";
import { broken, expectNothing, failover, judge, withFindings } from "../builders.js";

describe("no-retained-subnet-overlap", () => {
  it("is met where no gateway joins the two sides", () => {
    expectNothing(judge(rule, failover(withFindings({ id: "retainedSubnetOverlap", severity: "warning" }))));
  });

  it("is broken by a range that is live on both sides of a gateway", () => {
    for (const id of ["retainedSubnetOverlap", "gatewayOverlap"])
      expect(broken(judge(rule, failover(withFindings({ id, severity: "error" }))))).to.contain(id);
  });

  it("says nothing without a connectivity plan", () => {
    expectNothing(judge(rule, failover({})));
  });
});
