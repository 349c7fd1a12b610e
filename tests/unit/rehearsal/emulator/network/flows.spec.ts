import { expect } from "chai";
import { createVirtualMachine } from "../../../../../rehearsal/emulator/compute.js";
import type { ArmResource } from "../../../../../rehearsal/emulator/core.js";
import { checkEstate } from "../../../../../rehearsal/emulator/estate/load.js";
import {
  networkSecurityGroupId,
  resourceGroupId,
  virtualNetworkId,
} from "../../../../../rehearsal/emulator/estate/names.js";
import type { EstateInput } from "../../../../../rehearsal/emulator/estate/schema.js";
import { seedResources } from "../../../../../rehearsal/emulator/estate/seed.js";
import { parseAddress } from "../../../../../rehearsal/emulator/network/addresses.js";
import { cardContext, verifyFlow } from "../../../../../rehearsal/emulator/network/flows.js";
import { effectiveRoutes, nextHop } from "../../../../../rehearsal/emulator/network/routes.js";
import { EmulatorWorld } from "../../../../../rehearsal/emulator/world.js";

type Rule = NonNullable<NonNullable<EstateInput["networkSecurityGroups"]>[number]["rules"]>[number];

interface Setup {
  subnetRules?: Rule[];
  cardRules?: Rule[];
  /** The network's peers, with their prefix. */
  peers?: Record<string, string>;
  onPremises?: string[];
  routes?: NonNullable<NonNullable<EstateInput["routeTables"]>[number]["routes"]>;
  hasPublicAddress?: boolean;
  applicationGroups?: Record<string, string[]>;
}

/** VNet 10.0.0.0/16 with a machine `target` at 10.0.0.4 in subnet `work`, and what a case asks for round it. */
function place(setup: Setup) {
  const estate = checkEstate({
    subscriptionId: "11111111-2222-4333-8444-555555555555",
    resourceGroup: "rg",
    location: "westeurope",
    vault: { name: "vault" },
    networkSecurityGroups: [
      ...(setup.subnetRules ? [{ name: "subnetNsg", rules: setup.subnetRules }] : []),
      ...(setup.cardRules ? [{ name: "cardNsg", rules: setup.cardRules }] : []),
    ],
    routeTables: setup.routes ? [{ name: "routes", routes: setup.routes }] : [],
    networks: [
      {
        name: "net",
        addressPrefixes: ["10.0.0.0/16"],
        peerings: Object.keys(setup.peers ?? {}),
        subnets: [
          {
            name: "work",
            addressPrefix: "10.0.0.0/24",
            ...(setup.subnetRules && { networkSecurityGroup: "subnetNsg" }),
            ...(setup.routes && { routeTable: "routes" }),
          },
          { name: "GatewaySubnet", addressPrefix: "10.0.255.0/27" },
        ],
      },
      ...Object.entries(setup.peers ?? {}).map(([name, prefix]) => ({
        name,
        addressPrefixes: [prefix],
        subnets: [{ name: "a", addressPrefix: prefix }],
      })),
    ],
    gateways: setup.onPremises ? [{ name: "gw", network: "net", onPremisesPrefixes: setup.onPremises }] : [],
  });
  const world = new EmulatorWorld({ siteRecovery: { vaults: {} }, startTime: 0, frozen: true });
  seedResources(world, estate);
  const group = resourceGroupId(estate);
  const subnetId = `${virtualNetworkId(estate, "net")}/subnets/work`;
  const machine = (name: string, privateIpAddress: string, networkSecurityGroupId?: string): ArmResource => {
    const made = createVirtualMachine(world, {
      resourceGroupId: group,
      name,
      size: "Standard_D2s_v3",
      location: "westeurope",
      osType: "Linux",
      nics: [
        {
          name: `${name}-nic`,
          subnetId,
          privateIpAddress,
          ...(networkSecurityGroupId && { networkSecurityGroupId }),
        },
      ],
    });
    const card = world.arm.get(made.networkInterfaces[0]?.id ?? "");
    if (!card) throw new Error("the machine has no card");
    return card;
  };
  const card = machine("target", "10.0.0.4", setup.cardRules && networkSecurityGroupId(estate, "cardNsg"));
  const change = (target: ArmResource, more: Record<string, unknown>) => {
    const [configuration] = target.properties.ipConfigurations as { properties: Record<string, unknown> }[];
    if (configuration) Object.assign(configuration.properties, more);
    world.arm.put(target);
  };
  if (setup.hasPublicAddress) {
    const id = `${group}/providers/Microsoft.Network/publicIPAddresses/ip`;
    world.arm.put({
      id,
      name: "ip",
      type: "Microsoft.Network/publicIPAddresses",
      properties: { ipAddress: "203.0.113.1" },
    });
    change(card, { publicIPAddress: { id } });
  }
  let next = 20;
  for (const [name, members] of Object.entries(setup.applicationGroups ?? {})) {
    const id = `${group}/providers/Microsoft.Network/applicationSecurityGroups/${name}`;
    world.arm.put({ id, name, type: "Microsoft.Network/applicationSecurityGroups", properties: {} });
    for (const member of members)
      change(member === "target" ? card : machine(member, `10.0.0.${next++}`), {
        applicationSecurityGroups: [{ id }],
      });
  }
  const context = cardContext(world.arm.get(card.id) ?? card, world);
  return {
    world,
    context,
    applicationGroup: (name: string) => ({
      id: `${group}/providers/Microsoft.Network/applicationSecurityGroups/${name}`,
    }),
    group: (name: string) => world.arm.get(networkSecurityGroupId(estate, name)),
    verify(direction: "Inbound" | "Outbound", remote: string, port: number, protocol = "tcp") {
      const [localPort, remotePort] = direction === "Inbound" ? [port, 60000] : [60000, port];
      const flow = { direction, protocol, localAddress: "10.0.0.4", localPort, remoteAddress: remote, remotePort };
      const verdict = verifyFlow(context, flow, world);
      return `${verdict.access} ${verdict.decidedAt} ${verdict.rule?.name ?? "-"}`;
    },
    hop(address: string) {
      const route = nextHop(effectiveRoutes(context, world), parseAddress(address) ?? 0);
      return `${route?.source} ${route?.nextHopType}${route?.nextHopIpAddress.length ? ` ${route.nextHopIpAddress}` : ""}`;
    },
  };
}

const inbound = (
  name: string,
  priority: number,
  access: "Allow" | "Deny",
  port: string,
  more: Partial<Rule> = {},
): Rule => ({
  name,
  priority,
  direction: "Inbound",
  access,
  protocol: "Tcp",
  destinationPorts: [port],
  ...more,
});

describe("verifyFlow", () => {
  // Published at learn.microsoft.com: diagnose-vm-network-traffic-filtering-problem.
  it("lets a machine with default rules out to the Internet, not to unknown private addresses, and nobody in", () => {
    const { verify } = place({ cardRules: [] });
    expect(verify("Outbound", "13.107.21.200", 80)).to.equal("Allow networkInterface AllowInternetOutBound");
    expect(verify("Outbound", "172.31.0.100", 80)).to.equal("Deny networkInterface DenyAllOutBound");
    expect(verify("Inbound", "172.31.0.100", 80)).to.equal("Deny networkInterface DenyAllInBound");
  });

  // Published at learn.microsoft.com: network-security-group-how-it-works, VM1, VM2 and VM4.
  it("needs both groups to allow, passes a missing one, and passes private traffic where there is none", () => {
    const allow80 = [inbound("Allow-80", 100, "Allow", "80", { sources: ["Internet"] })];
    expect(place({ subnetRules: allow80, cardRules: [] }).verify("Inbound", "20.40.1.1", 80)).to.equal(
      "Deny networkInterface DenyAllInBound",
    );
    expect(place({ subnetRules: allow80 }).verify("Inbound", "20.40.1.1", 80)).to.equal("Allow subnet Allow-80");
    expect(place({}).verify("Inbound", "10.0.9.9", 80)).to.equal("Allow none -");
  });

  it("closes a Standard public address that no group opens", () => {
    const { verify } = place({ hasPublicAddress: true });
    expect(verify("Inbound", "20.40.1.1", 80)).to.equal("Deny platform -");
    expect(verify("Inbound", "10.0.9.9", 80)).to.equal("Allow none -");
  });

  // Published at learn.microsoft.com: application-security-groups.
  it("matches members of application security groups only", () => {
    const placed = place({
      subnetRules: [],
      applicationGroups: { AsgDb: ["target"], AsgLogic: ["logic"], AsgWeb: ["web"] },
    });
    const group = placed.group("subnetNsg");
    if (!group) throw new Error("no group");
    const rule = (name: string, priority: number, access: string, source: Record<string, unknown>) => ({
      name,
      id: `${group.id}/securityRules/${name}`,
      properties: {
        priority,
        direction: "Inbound",
        access,
        protocol: access === "Allow" ? "Tcp" : "*",
        sourcePortRange: "*",
        destinationPortRange: "1433",
        destinationApplicationSecurityGroups: [placed.applicationGroup("AsgDb")],
        ...source,
      },
    });
    group.properties.securityRules = [
      rule("Allow-Database-BusinessLogic", 110, "Allow", {
        sourceApplicationSecurityGroups: [placed.applicationGroup("AsgLogic")],
      }),
      rule("Deny-Database-All", 120, "Deny", { sourceAddressPrefix: "*" }),
    ];
    placed.world.arm.put(group);
    expect(placed.verify("Inbound", "10.0.0.20", 1433)).to.equal("Allow subnet Allow-Database-BusinessLogic");
    expect(placed.verify("Inbound", "10.0.0.21", 1433)).to.equal("Deny subnet Deny-Database-All");
    expect(placed.verify("Inbound", "10.0.0.21", 80)).to.equal("Allow subnet AllowVnetInBound");
  });

  // Published at learn.microsoft.com: diagnose-network-traffic-filter-problem; the fix there, in both groups.
  it("lets in what a rule in both groups names by the private address", () => {
    const rules = [inbound("Allow-HTTP-All", 100, "Allow", "80", { destinations: ["10.0.0.4"] })];
    const { verify } = place({ subnetRules: rules, cardRules: rules });
    expect(verify("Inbound", "20.40.1.1", 80)).to.equal("Allow networkInterface Allow-HTTP-All");
    expect(verify("Inbound", "20.40.1.1", 443)).to.equal("Deny subnet DenyAllInBound");
  });

  it("counts ranges behind a gateway as VirtualNetwork", () => {
    const placed = place({ subnetRules: [], cardRules: [], onPremises: ["192.168.50.0/24"] });
    expect(placed.verify("Inbound", "192.168.50.20", 3389)).to.equal("Allow networkInterface AllowVnetInBound");
    expect(placed.verify("Inbound", "192.168.51.20", 3389)).to.equal("Deny subnet DenyAllInBound");
  });

  it("ends at the subnet's denial and does not look at the card's group", () => {
    const placed = place({
      subnetRules: [inbound("deny-rdp", 100, "Deny", "3389", { sources: ["Internet"] })],
      cardRules: [inbound("allow-rdp", 100, "Allow", "3389", { sources: ["20.40.0.0/16"] })],
    });
    expect(placed.verify("Inbound", "20.40.1.1", 3389)).to.equal("Deny subnet deny-rdp");
  });

  it("evaluates outbound traffic at the card first", () => {
    const deny = (name: string): Rule => ({ name, priority: 100, direction: "Outbound", access: "Deny" });
    const placed = place({ subnetRules: [deny("subnet-deny")], cardRules: [deny("card-deny")] });
    expect(placed.verify("Outbound", "13.107.21.200", 443)).to.equal("Deny networkInterface card-deny");
  });

  it("lets the first match by priority decide, by protocol, port range and source", () => {
    const rules = [
      inbound("late-deny", 300, "Deny", "*", { protocol: "*", sources: ["10.1.0.0/16"] }),
      inbound("allow-range", 200, "Allow", "8000-8100", { sources: ["10.1.0.0/16"] }),
      inbound("deny-udp", 150, "Deny", "8000-8100", { protocol: "Udp" }),
    ];
    const { verify } = place({ subnetRules: rules, peers: { peer: "10.1.0.0/16" } });
    expect(verify("Inbound", "10.1.0.7", 8050)).to.equal("Allow subnet allow-range");
    expect(verify("Inbound", "10.1.0.7", 8050, "udp")).to.equal("Deny subnet deny-udp");
    expect(verify("Inbound", "10.1.0.7", 8101)).to.equal("Deny subnet late-deny");
    expect(verify("Inbound", "10.0.9.7", 8101)).to.equal("Allow subnet AllowVnetInBound");
  });

  it("counts the platform's address as VirtualNetwork and as load balancer, and not as Internet", () => {
    const { verify } = place({
      subnetRules: [inbound("deny-internet", 100, "Deny", "*", { sources: ["Internet"] })],
    });
    expect(verify("Inbound", "168.63.129.16", 80)).to.equal("Allow subnet AllowVnetInBound");
  });

  it("says that it cannot decide where a tag's addresses are Azure's own business", () => {
    const { verify } = place({
      subnetRules: [inbound("from-cloud", 100, "Allow", "443", { sources: ["AzureCloud.WestEurope"] })],
    });
    expect(() => verify("Inbound", "20.40.1.1", 443)).to.throw("AzureCloud.WestEurope");
    expect(verify("Inbound", "10.0.7.7", 443)).to.equal("Allow subnet AllowVnetInBound");
  });
});

describe("effectiveRoutes", () => {
  it("sends each address the longest prefix's way: within the network, to peers, on-premises, out, or nowhere", () => {
    const { hop } = place({ peers: { peer: "10.1.0.0/16" }, onPremises: ["192.168.50.0/24"] });
    expect(hop("10.0.200.1")).to.equal("Default VnetLocal");
    expect(hop("10.1.0.9")).to.equal("Default VNetPeering");
    expect(hop("192.168.50.9")).to.equal("VirtualNetworkGateway VirtualNetworkGateway");
    expect(hop("192.168.51.9")).to.equal("Default None");
    expect(hop("10.200.0.1")).to.equal("Default None");
    expect(hop("13.107.21.200")).to.equal("Default Internet");
  });

  it("prefers the user's route for the same prefix, and marks the system's as invalid", () => {
    const placed = place({
      onPremises: ["192.168.50.0/24"],
      routes: [
        {
          name: "all",
          addressPrefix: "0.0.0.0/0",
          nextHopType: "VirtualAppliance",
          nextHopIpAddress: "10.0.0.100",
        },
        { name: "drop", addressPrefix: "192.168.50.0/24", nextHopType: "None" },
      ],
    });
    expect(placed.hop("13.107.21.200")).to.equal("User VirtualAppliance 10.0.0.100");
    expect(placed.hop("192.168.50.9")).to.equal("User None");
    const invalid = effectiveRoutes(placed.context, placed.world).filter((route) => route.state === "Invalid");
    expect(invalid.map((route) => `${route.source} ${route.addressPrefix}`)).to.deep.equal([
      "Default 0.0.0.0/0",
      "VirtualNetworkGateway 192.168.50.0/24",
    ]);
  });
});
