import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { planConnectivity } from "../../../provider/connectivity/index.js";
import { PreparedConnectivity } from "../../../sdk/preparedConnectivity.js";
import { input, network, nsg, nsgId, rule, subnet } from "../provider/connectivity/shop.js";

describe("PreparedConnectivity", () => {
  before(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
      call: ({ inputs }) => inputs,
    });
  });

  it("makes nothing of a plan that needs nothing, and needs no azure-native for it", () => {
    const plan = planConnectivity(input());
    expect(new PreparedConnectivity("none", { plan, resourceGroupName: "rg" }).remaining).to.deep.equal([]);
  });

  it("says which package is missing, and how to get it", function () {
    try {
      require.resolve("@pulumi/azure-native/network");
      console.log("skipped: @pulumi/azure-native is installed here");
      this.skip();
    } catch {
      // It is an optional peer: a clone has it not.
    }
    const networks = [network("prod", { subnets: [subnet("app", "10.20.1.0/24", { nsgId: nsgId("sub") })] })];
    const nsgs = [nsg("sub", [rule("DenyRdp", 200, { access: "Deny" })])];
    const plan = planConnectivity(input({ networks, nsgs }));
    expect(() => new PreparedConnectivity("shop", { plan, resourceGroupName: "rg" })).to.throw(
      "@pulumi/azure-native is not installed: run `npm install @pulumi/azure-native`",
    );
  });

  it("names what only can be made once the machines exist", () => {
    const access = [{ path: "internet" as const, sources: ["203.0.113.0/24"] }];
    const plan = planConnectivity(input({ access }));
    const without = { ...plan, fix: { ...plan.fix, publicIps: [] } };
    const { remaining } = new PreparedConnectivity("open", { plan: without, resourceGroupName: "rg" });
    expect(remaining.join()).to.include("NSG siterecovery-app-nsg").and.to.include("app01");
  });
});
