import { expect } from "chai";
import { noBasicPublicIp as rule } from "../../../../../sdk/policy/rules/noBasicPublicIp.js";
import {
  azureNative,
  broken,
  expectNothing,
  expectUndecided,
  failover,
  judge,
  unknown,
  withFindings,
} from "../builders.js";

const address = (inputs: Record<string, unknown>, type = "network:PublicIPAddress") =>
  azureNative(type, inputs, "ip");

describe("no-basic-public-ip", () => {
  it("is met by Standard addresses", () => {
    expectNothing(judge(rule, address({ sku: { name: "Standard" } })));
    expectNothing(judge(rule, failover(withFindings({ id: "publicIpClosed" }))));
  });

  it("is broken by Basic ones, in any case and version, and by those of a connectivity plan", () => {
    expect(broken(judge(rule, address({ sku: { name: "Basic" } })))).to.equal("ip is of SKU Basic");
    expect(
      broken(judge(rule, address({ sku: { name: "BASIC" } }, "network/v20200501:PublicIPAddress"))),
    ).to.contain("Basic");
    expect(broken(judge(rule, failover(withFindings({ id: "basicPublicIp" }))))).to.contain("basicPublicIp");
  });

  it("is broken by an address without a SKU, which Azure makes Basic", () => {
    for (const inputs of [{}, { sku: {} }, { sku: null }])
      expect(broken(judge(rule, address(inputs)))).to.contain("has no SKU");
  });

  it("waits for a SKU that is not known yet", () => {
    expectUndecided(judge(rule, address({ sku: unknown })), "sku");
    expectUndecided(judge(rule, address({ sku: { name: unknown } })), "sku.name");
  });
});
