import { expect } from "chai";
import { noNeedlessPublicIp as rule } from "../../../../../sdk/policy/rules/noNeedlessPublicIp.js";
import {
  broken,
  drill,
  expectNothing,
  expectUndecided,
  failover,
  judge,
  unknown,
  withFindings,
} from "../builders.js";

describe("no-needless-public-ip", () => {
  it("is met by a plan that finds no needless one", () => {
    expectNothing(judge(rule, failover(withFindings({ id: "publicIpClosed" }))));
  });

  it("is broken by a public IP where another way leads to the machine", () => {
    const judged = failover(
      withFindings({
        id: "publicIpNotNeeded",
        severity: "info",
        machine: "web",
        text: "although Bastion reaches it",
      }),
    );
    expect(broken(judge(rule, judged))).to.equal("web: although Bastion reaches it");
  });

  it("says nothing without a connectivity plan, and waits for a target that is not known yet", () => {
    expectNothing(judge(rule, drill({})));
    expectUndecided(judge(rule, drill({ targetId: unknown })), "targetId");
  });
});
