import { expect } from "chai";
import { wantedAccessWorks as rule } from "../../../../../sdk/policy/rules/wantedAccessWorks.js";
import { broken, drill, expectNothing, judge } from "../builders.js";

const withAccess = (outcome: string, scope: string, more: Record<string, unknown> = {}) =>
  drill({
    connectivityPlan: {
      machines: ["web", "db"].map((name) => ({
        name,
        nics: [{ access: [{ path: "bastion", outcome, decidedBy: { scope }, why: "rule deny-rdp denies it" }] }],
      })),
    },
    ...more,
  });

describe("wanted-access-works", () => {
  it("is met where every wanted access works or is not decided yet", () => {
    expectNothing(judge(rule, withAccess("allowed", "none")));
    expectNothing(judge(rule, withAccess("unknown", "subnet")));
  });

  it("is broken by a blocked access, all machines of one reason together", () => {
    expect(broken(judge(rule, withAccess("blocked", "subnet")))).to.equal("web, db: rule deny-rdp denies it");
  });

  it("counts on the fix where the program lets it be carried out, as far as it can mend", () => {
    expectNothing(judge(rule, withAccess("blocked", "nic", { connectivity: { apply: true } })));
    expect(broken(judge(rule, withAccess("blocked", "route", { connectivity: { apply: true } })))).to.contain(
      "web",
    );
  });

  it("says nothing without a connectivity plan", () => {
    expectNothing(judge(rule, drill({})));
  });
});
