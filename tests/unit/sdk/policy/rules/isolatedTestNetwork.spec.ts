import { expect } from "chai";
import { isolatedTestNetwork as rule } from "../../../../../sdk/policy/rules/isolatedTestNetwork.js";
import {
  broken,
  drill,
  expectNothing,
  expectUndecided,
  itemId,
  judge,
  machine,
  networkId,
  plan,
  resource,
  unknown,
  withFindings,
} from "../builders.js";

describe("isolated-test-network", () => {
  it("is met by a drill whose plan finds nothing of it, and by a machine with a test network of its own", () => {
    expectNothing(judge(rule, drill(withFindings({ id: "addressChanges" }))));
    const item = { name: "web", targetNetworkId: networkId("production"), testNetworkId: networkId("drill") };
    expectNothing(judge(rule, resource("ReplicatedItem", item)));
  });

  it("is broken by a test network that is production, or that is peered or has a gateway", () => {
    expect(
      broken(judge(rule, drill(withFindings({ id: "testNetworkIsProduction", severity: "warning" })))),
    ).to.contain("testNetworkIsProduction");
    const joined = drill(withFindings({ id: "testNetworkConnected", severity: "warning" }));
    expect(broken(judge(rule, joined))).to.contain("testNetworkConnected");
    expectNothing(judge(rule, joined, { exceptNetworks: ["DRILL"] }));
  });

  it("lets no exception count for the failover network itself", () => {
    const production = drill(withFindings({ id: "testNetworkIsProduction" }));
    expect(broken(judge(rule, production, { exceptNetworks: ["drill"] }))).to.contain("testNetworkIsProduction");
  });

  it("is broken by a machine whose test network is its failover network, declared or found in Azure", () => {
    const same = { targetNetworkId: networkId("net"), testNetworkId: networkId("NET") };
    expect(broken(judge(rule, resource("ReplicatedItem", { name: "web", ...same })))).to.contain(
      "web: its test network",
    );
    expect(broken(judge(rule, plan("shop", [itemId("web")], [machine("web", same)])))).to.contain(
      "web: its test network",
    );
  });

  it("says nothing where there is no connectivity plan and no network", () => {
    expectNothing(judge(rule, drill({})));
    expectNothing(judge(rule, resource("ReplicatedItem", { name: "web" })));
  });

  it("waits for a test network that is not known yet", () => {
    expectUndecided(judge(rule, drill({ testNetworkId: unknown })), "testNetworkId");
  });
});
