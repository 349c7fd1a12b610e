import { expect } from "chai";
import { failbackPrepared as rule } from "../../../../../sdk/policy/rules/failbackPrepared.js";
import { broken, expectNothing, failover, judge, machine, unknown } from "../builders.js";

const reprotect = { reprotectAgentId: "agent", datastoreName: "ds1", logStorageAccountId: "/subscriptions/s/log" };
const reverse = { processServerId: "ps", policyId: "/subscriptions/s/policy" };

describe("failback-prepared", () => {
  it("is met by a Failover with all that the way back needs, for all machines or for one", () => {
    expectNothing(judge(rule, failover({ reprotect, reverse })));
    const { datastoreName, ...others } = reprotect;
    expectNothing(
      judge(rule, failover({ reprotect: { ...others, perItem: { WEB: { datastoreName } } }, reverse })),
    );
  });

  it("is broken by what is missing, by name", () => {
    expect(
      broken(judge(rule, failover({ reprotect: { ...reprotect, datastoreName: undefined }, reverse }))),
    ).to.equal("web: the way back needs reprotect.datastoreName");
  });

  it("is broken by a Failover that says nothing of it, and by a classic machine of a multi-VM group", () => {
    expect(broken(judge(rule, failover({}))))
      .to.contain("reprotect.reprotectAgentId")
      .and.contain("reverse.processServerId");
    const grouped = machine("web", { scenario: "vmwareClassic", multiVmGroupName: "g" });
    expect(broken(judge(rule, failover({}, [grouped])))).to.contain("multi-VM group g");
  });

  it("counts what is not known yet as given, and judges no machine that is on its way back", () => {
    const later = Object.fromEntries(Object.keys(reprotect).map((key) => [key, unknown]));
    expectNothing(judge(rule, failover({ reprotect: later, reverse })));
    expectNothing(judge(rule, failover({}, [machine("web", { stage: "failedBack" })])));
    expectNothing(judge(rule, failover({ observedMachines: undefined })));
  });
});
