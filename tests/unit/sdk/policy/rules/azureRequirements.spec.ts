import { expect } from "chai";
import { azureRequirements as rule } from "../../../../../sdk/policy/rules/azureRequirements.js";
import { broken, expectNothing, failover, judge, machine, resource } from "../builders.js";

describe("azure-requirements", () => {
  it("is met by a machine within Azure's limits", () => {
    expectNothing(judge(rule, failover({})));
    expectNothing(judge(rule, resource("ReplicatedItem", { name: "web" })));
  });

  it("is broken by a name that Azure cannot make, and by disks that it does not take", () => {
    expect(broken(judge(rule, resource("ReplicatedItem", { name: "web_01" })))).to.contain('named "web_01"');
    const disks = [{ diskId: "os", isOsDisk: true, capacityInBytes: 2 ** 42 }];
    expect(broken(judge(rule, failover({}, [machine("web", { disks })])))).to.contain("web: disk os has 4096 GiB");
    expect(broken(judge(rule, failover({}, [machine("web", { disks: [{ diskId: "d" }] })])))).to.contain(
      "0 operating system disks",
    );
  });

  it("says nothing of a machine whose disks are not known", () => {
    expectNothing(judge(rule, failover({}, [machine("web", { disks: undefined })])));
    expectNothing(judge(rule, resource("ReplicatedItem", {})));
  });
});
