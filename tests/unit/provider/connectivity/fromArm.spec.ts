import { expect } from "chai";
import {
  fromArm,
  planConnectivity,
  referencesOf,
  unknownMarker,
} from "../../../../provider/connectivity/index.js";
import { machine, networkId, nic, nsgId, routeTableId } from "./shop.js";

/** Bodies as ARM gives them, cut to what a reader may meet; ids deliberately in mixed letters. */

const group = networkId("x").replace("/virtualNetworks/x", "");

const virtualNetwork = {
  id: networkId("prod"),
  name: "prod",
  type: "Microsoft.Network/virtualNetworks",
  location: "westeurope",
  etag: 'W/"1"',
  properties: {
    provisioningState: "Succeeded",
    addressSpace: { addressPrefixes: ["10.20.0.0/16"] },
    subnets: [
      {
        id: `${networkId("prod")}/subnets/app`,
        name: "app",
        properties: {
          addressPrefix: "10.20.1.0/24",
          networkSecurityGroup: { id: nsgId("sub").toUpperCase() },
          routeTable: { id: routeTableId("rt") },
          defaultOutboundAccess: false,
          ipConfigurations: [
            { id: `${group}/networkInterfaces/old-nic/ipConfigurations/ip1` },
            { id: `${group}/loadBalancers/lb/frontendIPConfigurations/fe` },
            { id: `${group}/networkInterfaces/unread-nic/ipConfigurations/ip1` },
          ],
        },
      },
      { name: "dual", properties: { addressPrefixes: ["fd00:1::/64", "10.20.2.0/24"] } },
      {
        name: "GatewaySubnet",
        properties: {
          addressPrefix: "10.20.255.0/27",
          ipConfigurations: [{ id: `${group}/virtualNetworkGateways/gw/ipConfigurations/default` }],
        },
      },
    ],
    virtualNetworkPeerings: [
      {
        name: "to-hub",
        properties: {
          remoteVirtualNetwork: { id: networkId("hub") },
          remoteAddressSpace: { addressPrefixes: ["10.1.0.0/16"] },
          peeringState: "Connected",
          allowVirtualNetworkAccess: true,
          useRemoteGateways: false,
        },
      },
    ],
  },
};

const networkSecurityGroup = {
  id: nsgId("sub"),
  name: "sub",
  properties: {
    securityRules: [
      {
        name: "AllowDb",
        properties: {
          priority: 100,
          direction: "Inbound",
          access: "Allow",
          protocol: "TCP",
          sourceAddressPrefix: "",
          sourceAddressPrefixes: ["192.168.50.0/24", "192.168.60.0/24"],
          sourcePortRange: "*",
          destinationApplicationSecurityGroups: [{ id: `${group}/applicationSecurityGroups/db` }],
          destinationPortRange: "1433",
          destinationPortRanges: [],
        },
      },
      {
        name: "DenyRdp",
        properties: {
          priority: 200,
          direction: "inbound",
          access: "deny",
          protocol: "*",
          sourceAddressPrefix: "*",
          sourcePortRange: "*",
          destinationAddressPrefix: "*",
          destinationPortRanges: ["22", "3389"],
        },
      },
    ],
    defaultSecurityRules: [{ name: "AllowVnetInBound", properties: { priority: 65000 } }],
  },
};

const resources = {
  virtualNetworks: [virtualNetwork],
  networkSecurityGroups: [networkSecurityGroup],
  routeTables: [
    {
      id: routeTableId("rt"),
      name: "rt",
      properties: {
        disableBgpRoutePropagation: true,
        routes: [
          {
            name: "fw",
            properties: {
              addressPrefix: "0.0.0.0/0",
              nextHopType: "VirtualAppliance",
              nextHopIpAddress: "10.20.3.4",
            },
          },
        ],
      },
    },
  ],
  networkInterfaces: [
    {
      id: `${group}/networkInterfaces/OLD-nic`,
      name: "old-nic",
      properties: {
        virtualMachine: { id: `${group}/virtualMachines/old-vm` },
        ipConfigurations: [
          {
            properties: {
              privateIPAddress: "10.20.1.9",
              subnet: { id: `${networkId("PROD")}/subnets/APP` },
              applicationSecurityGroups: [{ id: `${group}/applicationSecurityGroups/DB` }],
            },
          },
        ],
      },
    },
  ],
  publicIPAddresses: [
    { id: `${group}/publicIPAddresses/ip`, sku: { name: "Standard" }, properties: { ipAddress: "20.50.1.1" } },
  ],
  virtualNetworkGateways: [
    {
      id: `${group}/virtualNetworkGateways/gw`,
      name: "gw",
      properties: {
        gatewayType: "Vpn",
        ipConfigurations: [{ properties: { subnet: { id: `${networkId("prod")}/subnets/GatewaySubnet` } } }],
        vpnClientConfiguration: { vpnClientAddressPool: { addressPrefixes: ["172.16.5.0/24"] } },
      },
    },
  ],
  localNetworkGateways: [
    {
      id: `${group}/localNetworkGateways/office`,
      properties: { localNetworkAddressSpace: { addressPrefixes: ["192.168.50.0/24"] } },
    },
  ],
  connections: [
    {
      id: `${group}/connections/c`,
      properties: {
        virtualNetworkGateway1: { id: `${group}/virtualnetworkgateways/GW` },
        localNetworkGateway2: { id: `${group}/localNetworkGateways/OFFICE` },
      },
    },
  ],
};

describe("fromArm", () => {
  const model = fromArm(resources);

  it("reads networks with subnets, peerings, gateways and who holds which address", () => {
    expect(model.networks).to.deep.equal([
      {
        id: networkId("prod"),
        name: "prod",
        addressSpaces: ["10.20.0.0/16"],
        subnets: [
          {
            name: "app",
            prefix: "10.20.1.0/24",
            nsgId: nsgId("sub").toUpperCase(),
            routeTableId: routeTableId("rt"),
            defaultOutboundAccess: false,
            unreadHolders: ["lb", "unread-nic"],
            used: [{ address: "10.20.1.9", owner: "old-vm" }],
          },
          { name: "dual", prefix: "10.20.2.0/24", ipv6Prefix: "fd00:1::/64", used: [] },
          { name: "GatewaySubnet", prefix: "10.20.255.0/27", unreadHolders: ["gw"], used: [] },
        ],
        peerings: [
          {
            name: "to-hub",
            remoteNetworkId: networkId("hub"),
            remoteAddressSpaces: ["10.1.0.0/16"],
            state: "Connected",
            allowVirtualNetworkAccess: true,
            useRemoteGateways: false,
          },
        ],
        gateways: [{ name: "gw", kind: "vpn", onPremisesPrefixes: ["192.168.50.0/24", "172.16.5.0/24"] }],
      },
    ]);
    expect(model.findings).to.deep.equal([]);
  });

  it("reads rules in all their forms: single fields, lists, application security groups, any letters", () => {
    expect(model.nsgs[0]?.rules).to.deep.equal([
      {
        name: "AllowDb",
        priority: 100,
        direction: "Inbound",
        access: "Allow",
        protocol: "TCP",
        sources: ["192.168.50.0/24", "192.168.60.0/24"],
        sourcePorts: ["*"],
        destinations: [`asg:${group}/applicationSecurityGroups/db`],
        destinationPorts: ["1433"],
      },
      {
        name: "DenyRdp",
        priority: 200,
        direction: "Inbound",
        access: "Deny",
        protocol: "*",
        sources: ["*"],
        sourcePorts: ["*"],
        destinations: ["*"],
        destinationPorts: ["22", "3389"],
      },
    ]);
    expect(model.asgs).to.deep.equal([{ id: `${group}/applicationSecurityGroups/DB`, addresses: ["10.20.1.9"] }]);
    expect(model.routeTables[0]).to.deep.include({ disableBgpRoutePropagation: true });
    expect(model.publicIps).to.deep.equal([
      { id: `${group}/publicIPAddresses/ip`, sku: "Standard", address: "20.50.1.1" },
    ]);
  });

  it("does not let the machines that are planned stand in their own way", () => {
    const own = fromArm(resources, { ownVirtualMachines: ["OLD-VM"] });
    expect(own.networks[0]?.subnets[0]?.used).to.deep.equal([]);
  });

  it("leaves the ranges of ExpressRoute and BGP open, since ARM does not hold them", () => {
    const [gateway] = resources.virtualNetworkGateways;
    const byLine = { ...gateway, properties: { ...gateway?.properties, gatewayType: "ExpressRoute" } };
    expect(fromArm({ ...resources, virtualNetworkGateways: [byLine] }).networks[0]?.gateways).to.deep.equal([
      { name: "gw", kind: "expressRoute" },
    ]);
    const bgp = resources.connections.map((connection) => ({
      ...connection,
      properties: { ...connection.properties, enableBgp: true },
    }));
    expect(fromArm({ ...resources, connections: bgp }).networks[0]?.gateways).to.deep.equal([
      { name: "gw", kind: "vpn" },
    ]);
  });

  it("turns each part that cannot be read into a finding, and reads the rest", () => {
    const broken = fromArm({
      ...resources,
      virtualNetworks: [
        null,
        {
          ...virtualNetwork,
          properties: {
            ...virtualNetwork.properties,
            subnets: [{ name: 7 }, ...virtualNetwork.properties.subnets],
          },
        },
      ],
      networkSecurityGroups: [
        {
          ...networkSecurityGroup,
          properties: { securityRules: [{ name: "Odd", properties: { priority: "high" } }] },
        },
        "text",
      ],
    });
    expect(broken.networks[0]?.subnets.map(({ name }) => name)).to.deep.equal(["app", "dual", "GatewaySubnet"]);
    expect(broken.findings.map(({ id, text }) => [id, text.split(" could not")[0]])).to.deep.equal([
      ["armUnreadable", "NSG number 2"],
      ["armUnreadable", "rule of NSG sub Odd"],
      ["armUnreadable", "subnet of prod number 1"],
      ["armUnreadable", "virtual network number 1"],
    ]);
  });

  it("gives the planner what it needs: the refusing rule is found through ids in other letters", () => {
    const target = { subnetName: "app", staticIp: "10.20.1.9" };
    const plan = planConnectivity({
      purpose: "failover",
      machines: [machine("a", { nics: [nic({ target })] })],
      ...model,
      access: [{ path: "private" }],
    });
    expect(plan.findings.find(({ id }) => id === "addressTaken")?.text).to.include("by old-vm");
    const free = planConnectivity({
      purpose: "failover",
      machines: [machine("a")],
      ...model,
      access: [{ path: "private" }],
    });
    expect(free.machines[0]?.nics[0]?.access[0]?.decidedBy).to.deep.equal({
      scope: "subnet",
      nsg: "sub",
      rule: "DenyRdp",
    });
    expect(free.findings.map(({ id }) => id)).to.include("holdersUnread");
  });
});

describe("referencesOf", () => {
  it("names what else to read for a network, each once", () => {
    expect(referencesOf(virtualNetwork)).to.deep.equal({
      nsgIds: [nsgId("sub").toUpperCase()],
      routeTableIds: [routeTableId("rt")],
      peeredNetworkIds: [networkId("hub")],
      networkInterfaceIds: [`${group}/networkInterfaces/old-nic`, `${group}/networkInterfaces/unread-nic`],
      gatewayIds: [`${group}/virtualNetworkGateways/gw`],
      loadBalancerIds: [`${group}/loadBalancers/lb`],
    });
    expect(referencesOf("nonsense").nsgIds).to.deep.equal([]);
  });
});

describe("values that are not known yet", () => {
  const base = { purpose: "failover" as const, ...fromArm(resources), access: [{ path: "private" as const }] };
  const kindOf = (changes: Parameters<typeof machine>[1]) => {
    const plan = planConnectivity({ ...base, machines: [machine("a", changes)] });
    const planned = plan.machines[0]?.nics[0];
    return [planned?.address.kind, planned?.address.why, planned?.access[0]?.outcome];
  };

  it("make the network, the subnet or the address known after apply", () => {
    expect(kindOf({ targetNetworkId: unknownMarker })).to.deep.equal([
      "unknown",
      "the network is known after apply",
      undefined,
    ]);
    expect(kindOf({ nics: [nic({ target: { subnetName: unknownMarker } })] })).to.deep.equal([
      "unknown",
      "the subnet is known after apply",
      undefined,
    ]);
    expect(kindOf({ nics: [nic({ target: { subnetName: "app", staticIp: unknownMarker } })] })).to.deep.equal([
      "unknown",
      "the address is known after apply",
      "unknown",
    ]);
  });

  it("make access not known where an NSG, a source or a port is not known", () => {
    const nicNsg = machine("a", { nics: [nic({ target: { subnetName: "dual", nsgId: unknownMarker } })] });
    const verdictOf = (access: object) =>
      planConnectivity({ ...base, machines: [nicNsg], access: [{ path: "private", ...access }] }).machines[0]
        ?.nics[0]?.access[0];
    expect(verdictOf({})?.why).to.equal("the NSG is known after apply");
    const plain = machine("a", { nics: [nic({ target: { subnetName: "dual" } })] });
    const plan = planConnectivity({
      ...base,
      machines: [plain],
      access: [
        { path: "private", sources: [unknownMarker] },
        { path: "private", port: unknownMarker as unknown as number },
      ],
    });
    expect(plan.machines[0]?.nics[0]?.access.map(({ why }) => why)).to.deep.equal([
      "the sources are known after apply",
    ]);
    expect(plan.findings.map(({ id }) => id)).to.include("portUnknown");
  });

  it("never make the planner or the reader throw, wherever they stand", () => {
    const seen = new Set<string>();
    const markEach = (
      value: unknown,
      use: (marked: unknown) => void,
      rebuild: (part: unknown) => unknown = (part) => part,
    ): void => {
      use(rebuild(unknownMarker));
      if (typeof value !== "object" || value === null) return;
      for (const [key, part] of Object.entries(value)) {
        markEach(part, use, (inner) =>
          rebuild(
            Array.isArray(value)
              ? value.map((old, i) => (String(i) === key ? inner : old))
              : { ...value, [key]: inner },
          ),
        );
      }
    };
    markEach(resources, (marked) => {
      if (typeof marked !== "object" || marked === null) return;
      if (Object.values(marked).some((list) => !Array.isArray(list))) return;
      const plan = planConnectivity({ ...base, ...fromArm(marked), machines: [machine("a")] });
      seen.add(plan.machines[0]?.nics[0]?.address.kind ?? "none");
      expect(JSON.stringify(plan)).to.not.include("null");
    });
    expect([...seen].sort()).to.include.members(["chosen", "impossible"]);
  });
});
