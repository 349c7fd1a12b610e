import { expect } from "chai";
import { noClassicVMware as rule } from "../../../../../sdk/policy/rules/noClassicVMware.js";
import {
  broken,
  expectNothing,
  expectUndecided,
  failover,
  judge,
  machine,
  resource,
  unknown,
} from "../builders.js";

describe("no-classic-vmware", () => {
  it("is met by modernised machines and policies", () => {
    expectNothing(judge(rule, failover({})));
    expectNothing(judge(rule, resource("ReplicationPolicy", { instanceType: "InMageRcm" })));
  });

  it("is broken by classic machines, and by a policy for them", () => {
    expect(broken(judge(rule, failover({}, [machine("web", { scenario: "vmwareClassic" })])))).to.contain(
      "web: it is a classic machine",
    );
    expect(
      broken(judge(rule, resource("ReplicationPolicy", { name: "gold", instanceType: "InMageAzureV2" }))),
    ).to.contain("gold");
  });

  it("says nothing where no kind is given", () => {
    expectNothing(judge(rule, resource("ReplicationPolicy", {})));
    expectNothing(judge(rule, failover({ observedMachines: undefined })));
  });

  it("waits for a kind that is not known yet", () => {
    expectUndecided(judge(rule, resource("ReplicationPolicy", { instanceType: unknown })), "instanceType");
  });
});
