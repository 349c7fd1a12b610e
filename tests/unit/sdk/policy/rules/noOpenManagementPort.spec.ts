import { expect } from "chai";
import { noOpenManagementPort as rule } from "../../../../../sdk/policy/rules/noOpenManagementPort.js";
import {
  azureNative,
  broken,
  drill,
  expectNothing,
  expectUndecided,
  failover,
  judge,
  unknown,
  withFindings,
} from "../builders.js";

const inbound = (more: Record<string, unknown>) => ({
  name: "in",
  priority: 200,
  direction: "Inbound",
  access: "Allow",
  protocol: "Tcp",
  sourceAddressPrefix: "*",
  sourcePortRange: "*",
  destinationAddressPrefix: "*",
  destinationPortRange: "3389",
  ...more,
});
const nsg = (...securityRules: unknown[]) => azureNative("network:NetworkSecurityGroup", { securityRules });
const deny = { name: "deny", access: "Deny", priority: 100 };

describe("no-open-management-port", () => {
  it("is met by narrow sources, other ports, outbound rules and refusals", () => {
    expectNothing(
      judge(
        rule,
        nsg(
          inbound({ sourceAddressPrefix: "203.0.113.0/24" }),
          inbound({ priority: 201, sourceAddressPrefix: "VirtualNetwork" }),
          inbound({ priority: 202, sourceAddressPrefix: "10.0.0.0/8" }),
          inbound({ priority: 203, destinationPortRange: "443" }),
          inbound({ priority: 204, destinationPortRange: "3390-4000" }),
          inbound({ priority: 205, protocol: "Udp" }),
          inbound({ priority: 206, direction: "Outbound" }),
          inbound({ priority: 207, access: "Deny" }),
        ),
      ),
    );
  });

  for (const [what, more] of Object.entries({
    "source *": {},
    "source Any": { sourceAddressPrefix: "Any" },
    "source Internet": { sourceAddressPrefix: "Internet" },
    "source 0.0.0.0/0": { sourceAddressPrefix: "0.0.0.0/0" },
    "source ::/0": { sourceAddressPrefix: "::/0" },
    "source AzureCloud": { sourceAddressPrefix: "AzureCloud.westeurope" },
    "sources in the plural": {
      sourceAddressPrefix: undefined,
      sourceAddressPrefixes: ["10.0.0.0/8", "0.0.0.0/0"],
    },
    "two halves of the Internet": { sourceAddressPrefix: "", sourceAddressPrefixes: ["0.0.0.0/1", "128.0.0.0/1"] },
    "all ports": { destinationPortRange: "*" },
    "a range of ports": { destinationPortRange: "3000-4000" },
    "ports in the plural": { destinationPortRange: undefined, destinationPortRanges: ["80", "3380-3390"] },
    "any protocol": { protocol: "*" },
    "words in another case": { direction: "inbound", access: "ALLOW", protocol: "TCP" },
    "a destination in the network": { destinationAddressPrefix: "10.1.2.0/24" },
    "a destination by tag": { destinationAddressPrefix: "VirtualNetwork" },
    "a destination by security group": {
      destinationAddressPrefix: undefined,
      destinationApplicationSecurityGroups: [{ id: "/subscriptions/s/asg" }],
    },
  })) {
    it(`is broken by ${what}, inline and as a rule of its own, in every version of the type`, () => {
      expect(broken(judge(rule, nsg(inbound(more))))).to.match(
        /^rule in lets the whole Internet in to .*RDP \(3389\)$/,
      );
      for (const type of ["network:SecurityRule", "network/v20230901:SecurityRule"])
        expect(broken(judge(rule, azureNative(type, inbound({ ...more, securityRuleName: "own" }))))).to.contain(
          "rule own",
        );
    });
  }

  it("is broken by SSH too, and names both ports of one rule", () => {
    expect(broken(judge(rule, nsg(inbound({ destinationPortRange: "22" }))))).to.contain("SSH (22)");
    expect(broken(judge(rule, nsg(inbound({ destinationPortRange: "*" }))))).to.contain("SSH (22) and RDP (3389)");
  });

  it("asks rules in order of priority", () => {
    expectNothing(judge(rule, nsg(inbound({}), inbound(deny))));
    expect(broken(judge(rule, nsg(inbound({}), inbound({ ...deny, priority: 300 }))))).to.contain("rule in");
    expect(
      broken(judge(rule, nsg(inbound({}), inbound({ ...deny, sourceAddressPrefix: "203.0.113.0/24" })))),
    ).to.contain("rule in");
    const elsewhere = inbound({ ...deny, destinationAddressPrefix: "10.9.0.0/16" });
    expect(broken(judge(rule, nsg(inbound({ destinationAddressPrefix: "10.1.0.0/16" }), elsewhere)))).to.contain(
      "rule in",
    );
  });

  it("adds narrow rules up", () => {
    const pieces = Array.from({ length: 8 }, (_, index) =>
      inbound({ name: `p${index}`, priority: 200 + index, sourceAddressPrefix: `${40 + index * 8}.0.0.0/8` }),
    );
    expect(broken(judge(rule, nsg(...pieces))))
      .to.contain("rules p0, p1")
      .and.contain("together let");
  });

  it("is broken by what a drill's or a failover's connectivity plan finds open", () => {
    for (const judged of [
      drill(withFindings({ id: "openToInternet" })),
      failover(withFindings({ id: "anySourceAsked" })),
    ])
      expect(broken(judge(rule, judged))).to.match(/openToInternet|anySourceAsked/);
    expectNothing(judge(rule, drill(withFindings({ id: "pathMissing" }))));
  });

  it("says nothing of an NSG without rules, of a rule without fields, and of other resources", () => {
    expectNothing(judge(rule, azureNative("network:NetworkSecurityGroup", {})));
    expectNothing(judge(rule, azureNative("network:SecurityRule", {})));
    expectNothing(judge(rule, azureNative("network:RouteTable", { securityRules: [inbound({})] })));
  });

  it("waits for what is not known, and still tells of what no unknown rule can mend", () => {
    expectUndecided(
      judge(rule, azureNative("network:NetworkSecurityGroup", { securityRules: unknown })),
      "securityRules",
    );
    expectUndecided(
      judge(rule, nsg(inbound({ sourceAddressPrefix: unknown }))),
      "securityRules.0.sourceAddressPrefix",
    );
    expectUndecided(
      judge(rule, nsg(inbound({}), inbound({ ...deny, sourceAddressPrefix: unknown }))),
      "securityRules.1.sourceAddressPrefix",
    );
    const verdicts = judge(
      rule,
      nsg(inbound({}), inbound({ name: "later", priority: 300, sourceAddressPrefix: unknown })),
    );
    expect(verdicts.map(({ kind }) => kind)).to.deep.equal(["violation", "undecided"]);
  });

  it("does not wait for what does not decide: names, and the NSG that a rule belongs to", () => {
    const given = inbound({ name: unknown, networkSecurityGroupName: unknown, resourceGroupName: unknown });
    expect(broken(judge(rule, azureNative("network:SecurityRule", given)))).to.contain(
      "lets the whole Internet in",
    );
    expect(broken(judge(rule, nsg(inbound({ name: unknown, id: unknown }))))).to.contain("rule securityRules[0]");
  });

  it("needs no id of an application security group: its members are machines of the network", () => {
    const group = [{ id: unknown }];
    const toGroup = { destinationAddressPrefix: undefined, destinationApplicationSecurityGroups: group };
    expect(broken(judge(rule, nsg(inbound(toGroup))))).to.contain("rule in");
    const fromGroup = { sourceAddressPrefix: undefined, sourceApplicationSecurityGroups: group };
    expectNothing(judge(rule, nsg(inbound(fromGroup))));
    expect(broken(judge(rule, nsg(inbound({}), inbound({ ...deny, ...toGroup }))))).to.contain("rule in");
  });
});
