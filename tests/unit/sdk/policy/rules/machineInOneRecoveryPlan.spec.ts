import { expect } from "chai";
import { machineInOneRecoveryPlan as rule } from "../../../../../sdk/policy/rules/machineInOneRecoveryPlan.js";
import { broken, expectNothing, itemId, judgeStack, plan, resource, unknown } from "../builders.js";

describe("machine-in-one-recovery-plan", () => {
  it("is met by plans that share no machine", () => {
    expectNothing(judgeStack(rule, [plan("shop", [itemId("web")]), plan("bank", [itemId("db")])]));
  });

  it("is broken by a machine in two plans, and by one twice in a plan", () => {
    const shared = [plan("shop", [itemId("web")]), plan("bank", [itemId("WEB")])];
    expect(broken(judgeStack(rule, shared))).to.equal("web is in recovery plans shop and bank");
    expectNothing(judgeStack(rule, shared, { exceptMachines: ["web"] }));
    expect(broken(judgeStack(rule, [plan("shop", [itemId("web"), itemId("web")])]))).to.contain(
      "twice in recovery plan shop",
    );
  });

  it("says nothing of plans without groups, and of members that are not known yet", () => {
    expectNothing(judgeStack(rule, [resource("RecoveryPlan", {}), resource("RecoveryPlan", {})]));
    expectNothing(judgeStack(rule, [plan("shop", [unknown]), plan("bank", [unknown])]));
  });
});
