import { expect } from "chai";
import { mobilityAgentCurrent as rule } from "../../../../../sdk/policy/rules/mobilityAgentCurrent.js";
import { broken, expectNothing, failover, itemId, judge, judgeStack, machine, resource } from "../builders.js";

const item = (version?: string) =>
  resource("ReplicatedItem", { name: "web", replicatedItemId: itemId("web") }, { mobilityAgentVersion: version });

describe("mobility-agent-current", () => {
  it("is met by 9.8 and later, compared number by number", () => {
    for (const agentVersion of ["9.8", "9.8.0.1", "9.62.1.0", "10.1"])
      expectNothing(judge(rule, failover({}, [machine("web", { agentVersion })])));
    expectNothing(judgeStack(rule, [item("9.55.1.1")]));
  });

  it("is broken by an older one, and by one that is older than the setting", () => {
    expect(broken(judge(rule, failover({}, [machine("web", { agentVersion: "9.7.9.9" })])))).to.contain(
      "web (9.7.9.9)",
    );
    expect(broken(judge(rule, failover({}), { minVersion: "9.63" }))).to.contain("older than 9.63");
    expect(broken(judgeStack(rule, [item("9.7")]))).to.contain("web (9.7)");
  });

  it("says nothing of a machine whose version Azure does not tell", () => {
    expectNothing(judge(rule, failover({}, [machine("web", { agentVersion: undefined })])));
    expectNothing(judgeStack(rule, [item(undefined)]));
  });
});
