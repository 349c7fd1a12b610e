import { expect } from "chai";
import { recoveryPlanSize as rule } from "../../../../../sdk/policy/rules/recoveryPlanSize.js";
import { broken, expectNothing, expectUndecided, itemId, judge, plan, resource, unknown } from "../builders.js";

const many = (count: number) => Array.from({ length: count }, (_, index) => itemId(`m${index}`));

describe("recovery-plan-size", () => {
  it("is met by a plan of 100 machines", () => {
    expectNothing(judge(rule, plan("shop", many(100))));
  });

  it("is broken by one more, and by more than the setting allows, machines counted over all groups", () => {
    expect(broken(judge(rule, plan("shop", many(101))))).to.contain("has 101 machines; allowed: at most 100");
    const two = resource("RecoveryPlan", {
      name: "shop",
      bootGroups: [{ replicatedItemIds: many(6) }, { replicatedItemIds: many(5) }],
    });
    expect(broken(judge(rule, two, { maxMachines: 10 }))).to.contain("has 11 machines");
  });

  it("says nothing of a plan without groups", () => {
    expectNothing(judge(rule, resource("RecoveryPlan", { name: "shop" })));
  });

  it("counts machines that are not known yet, and waits for lists that are not", () => {
    expect(broken(judge(rule, plan("shop", [unknown, unknown, itemId("a")]), { maxMachines: 2 }))).to.contain(
      "3 machines",
    );
    expectNothing(judge(rule, plan("shop", [unknown])));
    const groups = { name: "shop", bootGroups: [{ replicatedItemIds: unknown }] };
    expectUndecided(judge(rule, resource("RecoveryPlan", groups)), "bootGroups.0.replicatedItemIds");
    expectUndecided(judge(rule, resource("RecoveryPlan", { bootGroups: unknown })), "bootGroups");
  });
});
