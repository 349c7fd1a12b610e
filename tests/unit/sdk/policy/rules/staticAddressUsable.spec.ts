import { expect } from "chai";
import { staticAddressUsable as rule } from "../../../../../sdk/policy/rules/staticAddressUsable.js";
import { broken, drill, expectNothing, failover, judge, withFindings } from "../builders.js";

describe("static-address-usable", () => {
  it("is met by a plan whose addresses can be had", () => {
    expectNothing(judge(rule, failover(withFindings({ id: "addressChanges", severity: "info" }))));
  });

  it("is broken by an address that is reserved, out of range, taken or unreadable", () => {
    for (const id of ["addressReserved", "addressOutOfRange", "addressTaken", "addressUnreadable"])
      expect(
        broken(judge(rule, failover(withFindings({ id, machine: "web", text: "10.0.0.3 cannot be had" })))),
      ).to.equal("web: 10.0.0.3 cannot be had");
    expect(broken(judge(rule, drill(withFindings({ id: "addressReserved", severity: "warning" }))))).to.contain(
      "addressReserved",
    );
  });

  it("takes no offence at a failover address that does not fit a test network", () => {
    expectNothing(judge(rule, drill(withFindings({ id: "addressOutOfRange", severity: "info" }))));
  });

  it("says nothing without a connectivity plan", () => {
    expectNothing(judge(rule, failover({})));
  });
});
