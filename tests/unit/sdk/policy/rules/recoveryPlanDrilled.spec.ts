import { expect } from "chai";
import { recoveryPlanDrilled as rule } from "../../../../../sdk/policy/rules/recoveryPlanDrilled.js";
import {
  broken,
  drill,
  expectNothing,
  expectUndecided,
  failover,
  itemId,
  judgeStack,
  machine,
  plan,
  planId,
  unknown,
} from "../builders.js";

const old = { lastTestFailover: "2025-11-01T00:00:00Z" };

describe("recovery-plan-drilled", () => {
  it("is met by a plan whose machines were all drilled within the time", () => {
    expectNothing(judgeStack(rule, [plan("shop", [itemId("web")], [machine("web")])]));
    expectNothing(judgeStack(rule, [plan("shop", [itemId("web")], [machine("web", old)])], { maxAgeDays: 365 }));
  });

  it("is broken by a plan with a machine whose last drill is too old, or that never had one", () => {
    const machines = [machine("web", old), machine("db", { lastTestFailover: undefined })];
    expect(broken(judgeStack(rule, [plan("shop", [itemId("web"), itemId("db")], machines)])))
      .to.contain("shop")
      .and.contain("web on 2025-11-01T00:00:00Z")
      .and.contain("db never");
    expect(
      broken(judgeStack(rule, [plan("shop", [itemId("web")], [machine("web")])], { maxAgeDays: 5 })),
    ).to.contain("5 days");
  });

  it("is broken by a new plan of machines that do not replicate yet, unless the stack drills it", () => {
    const machines = [machine("web", { isReplicated: false, stage: undefined, lastTestFailover: undefined })];
    const shop = plan("shop", [itemId("web")], machines);
    expect(broken(judgeStack(rule, [shop]))).to.contain("web never");
    expectNothing(judgeStack(rule, [shop, drill({ targetId: planId("SHOP") })]));
  });

  it("is met by a drill of the stack that ran within the time, and not by one that ran before", () => {
    const shop = plan("shop", [itemId("web")], [machine("web", old)]);
    const ran = (startTime: string) => drill({}, { status: "cleanedUp", evidence: { startTime } });
    expectNothing(judgeStack(rule, [shop, ran("2026-03-01T00:00:00Z")]));
    expect(broken(judgeStack(rule, [shop, ran("2025-12-01T00:00:00Z")]))).to.contain("web");
    const older = drill(
      {},
      {
        status: "cleanedUp",
        machines: [{ recoveryPointTime: "2026-03-01T00:00:00Z", recoveryPointAgeSeconds: 60 }],
      },
    );
    expectNothing(judgeStack(rule, [shop, older]));
  });

  it("looks at the plan that a failover names where the stack declares none", () => {
    expect(broken(judgeStack(rule, [failover({}, [machine("web", old)])]))).to.contain("shop");
  });

  it("counts ages to the time that is given", () => {
    const shop = plan("shop", [itemId("web")], [machine("web")]);
    expect(broken(judgeStack(rule, [shop], { asOf: "2027-01-01T00:00:00Z" }))).to.contain("web");
  });

  it("says nothing where it is not known which machines a plan has, and none of a single machine's drill", () => {
    expectNothing(judgeStack(rule, [plan("shop", [itemId("web")])]));
    expectNothing(judgeStack(rule, [failover({ targetId: itemId("web") }, [machine("web", old)])]));
  });

  it("waits for a drill whose target is not known yet", () => {
    const shop = plan("shop", [itemId("web")], [machine("web", old)]);
    expectUndecided(judgeStack(rule, [shop, drill({ targetId: unknown })]), "targetId");
  });
});
