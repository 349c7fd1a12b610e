import { expect } from "chai";
import { fromArm, planConnectivity } from "../../../../provider/connectivity/index.js";
import type { ConnectivityPlan, SecurityAdminRule } from "../../../../provider/connectivity/types.js";
import {
  input,
  machine,
  network,
  networkId,
  nic,
  nsg,
  nsgId,
  publicIpId,
  routeTableId,
  rule,
  subnet,
} from "./shop.js";

function finding(plan: ConnectivityPlan, id: string): string | undefined {
  return plan.findings.find((candidate) => candidate.id === id)?.text;
}

const app = (changes = {}) => network("prod", { subnets: [subnet("app", "10.20.1.0/24", changes)] });

describe("rules of Virtual Network Manager", () => {
  const admin = (access: SecurityAdminRule["access"], sources = ["*"]): SecurityAdminRule => ({
    ...rule("Admin", 10, { sources }),
    access,
  });
  const plan = (adminRules: SecurityAdminRule[], access: "Allow" | "Deny" = "Allow") =>
    planConnectivity(
      input({
        networks: [{ ...app({ nsgId: nsgId("sub") }), adminRules }],
        nsgs: [nsg("sub", [rule("Rdp", 200, { access })])],
      }),
    );
  const verdict = (made: ConnectivityPlan) => made.machines[0]?.nics[0]?.access[0];

  it("denies for good, and no rule is offered against it", () => {
    const made = plan([admin("Deny")]);
    expect(verdict(made)?.decidedBy).to.deep.equal({ scope: "admin", rule: "Admin" });
    expect(made.fix.rules).to.deep.equal([]);
    expect(finding(made, "adminRuleBlocks")).to.include("rule Admin (10) of Virtual Network Manager");
  });

  it("always allows past an NSG that denies", () => {
    const made = plan([admin("AlwaysAllow")], "Deny");
    expect(verdict(made)?.outcome).to.equal("allowed");
    expect(verdict(made)?.decidedBy).to.deep.equal({ scope: "admin", rule: "Admin" });
    expect(made.fix.rules).to.deep.equal([]);
  });

  it("goes on to the NSGs after Allow, and for sources that no rule names", () => {
    expect(verdict(plan([admin("Allow")], "Deny"))?.decidedBy.scope).to.equal("subnet");
    expect(verdict(plan([admin("Deny", ["203.0.113.0/24"])]))?.outcome).to.equal("allowed");
    const half = plan([admin("AlwaysAllow", ["192.168.50.0/25"])], "Deny");
    expect(verdict(half)?.outcome).to.equal("blocked");
    expect(half.fix.rules[0]?.sources).to.deep.equal(["192.168.50.0/24"]);
  });

  it("reads what Azure answers for a network", () => {
    const properties = {
      priority: 10,
      direction: "Inbound",
      access: "AlwaysAllow",
      protocol: "Tcp",
      sources: [{ addressPrefix: "10.0.0.0/8", addressPrefixType: "IPPrefix" }],
      destinations: [{ addressPrefix: "*", addressPrefixType: "IPPrefix" }],
      sourcePortRanges: ["0-65535"],
      destinationPortRanges: ["3389"],
    };
    const model = fromArm({
      virtualNetworks: [{ id: networkId("prod"), name: "prod", properties: {} }],
      securityAdminRules: { [networkId("PROD")]: [{ kind: "Custom", id: "/x/rules/allow-rdp", properties }] },
    });
    expect(model.networks[0]?.adminRules).to.deep.equal([
      {
        name: "allow-rdp",
        priority: 10,
        direction: "Inbound",
        access: "AlwaysAllow",
        protocol: "Tcp",
        sources: ["10.0.0.0/8"],
        sourcePorts: ["0-65535"],
        destinations: ["*"],
        destinationPorts: ["3389"],
      },
    ]);
  });
});

describe("the way out after a failover", () => {
  it("names the rule that keeps machines from Site Recovery's services and from activation", () => {
    const deny = rule("NoInternet", 300, {
      direction: "Outbound",
      access: "Deny",
      protocol: "*",
      destinations: ["Internet"],
      destinationPorts: ["*"],
    });
    const networks = [app({ nsgId: nsgId("sub") })];
    const made = planConnectivity(input({ networks, nsgs: [nsg("sub", [deny])] }));
    const texts = made.findings.filter(({ id }) => id === "outboundBlocked").map(({ text }) => text);
    expect(texts).to.have.length(2);
    expect(texts.join()).to.include("rule NoInternet (300) of NSG sub").and.to.include("Tcp 1688");
    const allow = rule("Services", 200, {
      ...deny,
      access: "Allow",
      destinations: ["AzureSiteRecovery", "Storage", "AzureActiveDirectory", "AzureKeyVault", "EventHub"],
    });
    const more = rule("More", 201, { ...allow, destinations: ["GuestAndHybridManagement", "AzurePlatformLKM"] });
    const named = { ...allow, name: "Services", priority: 200 };
    const opened = planConnectivity(
      input({ networks, nsgs: [nsg("sub", [named, { ...more, name: "More", priority: 201 }, deny])] }),
    );
    expect(finding(opened, "outboundBlocked")).to.equal(undefined);
  });

  it("warns of default outbound access, and of activation behind an appliance", () => {
    expect(finding(planConnectivity(input()), "defaultOutboundAccess")).to.include("app of network prod");
    const routed = planConnectivity(
      input({
        networks: [app({ routeTableId: routeTableId("rt") })],
        routeTables: [
          {
            id: routeTableId("rt"),
            name: "rt",
            routes: [{ prefix: "0.0.0.0/0", nextHopType: "VirtualAppliance" }],
          },
        ],
      }),
    );
    expect(finding(routed, "defaultOutboundAccess")).to.equal(undefined);
    expect(finding(routed, "defaultRoute")).to.include("Windows activation (KMS, Tcp 1688)");
  });

  it("has nothing to say of a default route that leads to the Internet", () => {
    const made = planConnectivity(
      input({
        networks: [app({ routeTableId: routeTableId("rt") })],
        routeTables: [
          { id: routeTableId("rt"), name: "rt", routes: [{ prefix: "0.0.0.0/0", nextHopType: "Internet" }] },
        ],
      }),
    );
    expect(finding(made, "defaultRoute")).to.equal(undefined);
  });
});

describe("limits", () => {
  it("names rules that Azure would not take, and public IPs beyond the default limit", () => {
    const asgs = Array.from({ length: 11 }, (_, i) => `asg:group${i}`);
    const publicIps = Array.from({ length: 10 }, (_, i) => ({ id: publicIpId(`ip${i}`), sku: "Standard" }));
    const made = planConnectivity(
      input({
        networks: [app({ nsgId: nsgId("sub") })],
        nsgs: [
          nsg("sub", [
            rule("Asgs", 200, { sources: asgs }),
            rule("Tags", 210, { sources: ["Internet", "VirtualNetwork"] }),
          ]),
        ],
        publicIps,
        access: [{ path: "internet", sources: ["203.0.113.0/24"] }],
      }),
    );
    const texts = made.findings.filter(({ id }) => id === "ruleOverLimit").map(({ text }) => text);
    expect(texts.join()).to.include("11 application security groups, allowed: 10");
    expect(texts.join()).to.include("several service tags (Internet, VirtualNetwork)");
    expect(finding(made, "tooManyPublicIps")).to.include("11 Standard public IPs");
  });
});

describe("addresses held by others", () => {
  it("counts the front end of a load balancer as taken", () => {
    const subnetId = `${networkId("prod")}/subnets/app`;
    const model = fromArm({
      virtualNetworks: [
        {
          id: networkId("prod"),
          name: "prod",
          properties: {
            addressSpace: { addressPrefixes: ["10.20.0.0/16"] },
            subnets: [{ id: subnetId, name: "app", properties: { addressPrefix: "10.20.1.0/24" } }],
          },
        },
      ],
      loadBalancers: [
        {
          id: "/subscriptions/1/resourceGroups/g/providers/Microsoft.Network/loadBalancers/lb",
          name: "lb",
          properties: {
            frontendIPConfigurations: [
              { properties: { privateIPAddress: "10.20.1.10", subnet: { id: subnetId } } },
            ],
          },
        },
      ],
    });
    const made = planConnectivity({ ...input(), ...model });
    expect(finding(made, "addressTaken")).to.include("taken in subnet app (10.20.1.0/24) by load balancer lb");
  });

  it("warns of a static address inside a Linux guest that comes from Hyper-V", () => {
    const hyperV = machine("h", { osType: "Linux", instanceType: "HyperVReplicaAzure", nics: [nic()] });
    expect(finding(planConnectivity(input({ machines: [hyperV] })), "staticNotForLinux")).to.include("10.20.1.10");
  });
});
