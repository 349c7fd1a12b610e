import { expect } from "chai";
import { machineInRecoveryPlan as rule } from "../../../../../sdk/policy/rules/machineInRecoveryPlan.js";
import {
  broken,
  expectNothing,
  expectUndecided,
  itemId,
  judgeStack,
  plan,
  resource,
  unknown,
} from "../builders.js";

const item = (name: string, id: unknown = itemId(name)) =>
  resource("ReplicatedItem", { name, replicatedItemId: id }, {}, name);

describe("machine-in-recovery-plan", () => {
  it("is met where every machine is in a plan, ids compared without case", () => {
    expectNothing(judgeStack(rule, [item("web"), plan("shop", [itemId("web").toUpperCase()])]));
  });

  it("is broken by each machine that is in none, on the machine itself", () => {
    const verdicts = judgeStack(rule, [item("web"), item("db"), plan("shop", [itemId("web")])]);
    expect(broken(verdicts)).to.equal("db is in no recovery plan of this stack");
    expect(verdicts[0]).to.have.property("urn").that.contains("::db");
    expectNothing(judgeStack(rule, [item("db")], { exceptMachines: ["DB"] }));
  });

  it("is broken where there is no plan at all, and says nothing of a machine without an id", () => {
    expect(broken(judgeStack(rule, [item("web")]))).to.contain("web");
    expectNothing(judgeStack(rule, [resource("ReplicatedItem", { name: "web" })]));
  });

  it("waits where members of a plan are not known yet, and tells of no machine that is certain to be in one", () => {
    expectUndecided(judgeStack(rule, [item("web"), plan("shop", [unknown])]), "bootGroups.0.replicatedItemIds.0");
    expectNothing(judgeStack(rule, [item("web"), plan("shop", [unknown, itemId("web")])]));
    expectUndecided(judgeStack(rule, [item("web", unknown)]), "replicatedItemId");
  });
});
