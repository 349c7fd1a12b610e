import fc from "fast-check";
import type {
  ConnectivityInput,
  GatewayInput,
  MachineInput,
  NicInput,
  SecurityAdminRule,
  SecurityRule,
  SubnetInput,
  WantedAccess,
} from "../../../../provider/connectivity/types.js";
import { network, networkId, nsgId, publicIpId, routeTableId } from "./shop.js";

/** Random estates from small pools, so that rules, addresses and accesses meet often. */

export const places = [
  "*",
  "0.0.0.0/0",
  "Internet",
  "VirtualNetwork",
  "AzureLoadBalancer",
  "AzurePlatformDNS",
  "AzurePlatformIMDS",
  "Storage.WestEurope",
  "Storage",
  "10.20.0.0/16",
  "10.20.1.0/24",
  "10.20.1.4",
  "10.20.1.5",
  "10.20.2.0/28",
  "10.30.0.0/24",
  "192.168.0.0/16",
  "192.168.50.0/24",
  "192.168.50.128/25",
  "192.168.50.20",
  "203.0.113.0/24",
  "203.0.113.64/26",
  "20.40.0.0/16",
  "172.31.0.0/24",
  "asg:web",
  "asg:db",
];

const ruleArb: fc.Arbitrary<Omit<SecurityRule, "name" | "priority">> = fc.record({
  direction: fc.constantFrom("Inbound", "Outbound"),
  access: fc.constantFrom("Allow", "Deny"),
  protocol: fc.constantFrom("Tcp", "Udp", "*", "Icmp"),
  sources: fc.uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: 3 }),
  sourcePorts: fc.constantFrom(["*"], ["*"], ["*"], ["1024-65535"], ["50000"]),
  destinations: fc.uniqueArray(fc.constantFrom(...places), { minLength: 1, maxLength: 2 }),
  destinationPorts: fc.constantFrom(["*"], ["3389"], ["22"], ["20-25", "3389"], ["80", "443"], ["0-65535"]),
});

export const rulesArb: fc.Arbitrary<SecurityRule[]> = fc.array(ruleArb, { maxLength: 7 }).chain((rules) =>
  fc
    .uniqueArray(fc.oneof(fc.integer({ min: 100, max: 112 }), fc.integer({ min: 100, max: 4096 })), {
      minLength: rules.length,
      maxLength: rules.length,
    })
    .map((priorities) =>
      rules.map((rule, index) => ({ ...rule, name: `rule-${index}`, priority: priorities[index] ?? 4096 })),
    ),
);

/** Rules of Virtual Network Manager, two of which may share a name: they come from several collections. */
const adminRulesArb: fc.Arbitrary<SecurityAdminRule[]> = fc
  .array(fc.record({ rule: ruleArb, access: fc.constantFrom("Allow", "Deny", "AlwaysAllow") }), { maxLength: 3 })
  .map((drawn) =>
    drawn.map(({ rule, access }, index) => ({
      ...rule,
      access,
      name: index === 2 ? "admin-0" : `admin-${index}`,
      priority: 10 * (index + 1),
    })),
  );

const subnetArb = (name: string, prefix: string, first: string): fc.Arbitrary<SubnetInput> =>
  fc
    .record({
      used: fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 10 }),
      nsg: fc.constantFrom(undefined, "a", "b"),
      routes: fc.constantFrom(undefined, undefined, undefined, "appliance", "drop", "kept"),
      defaultOutboundAccess: fc.constantFrom(undefined, undefined, false, true),
    })
    .map(({ used, nsg, routes, defaultOutboundAccess }) => ({
      name,
      prefix,
      used: used.map((last) => ({ address: `${first}.${last}`, owner: `vm${last}` })),
      ...(nsg === undefined ? {} : { nsgId: nsgId(nsg) }),
      ...(routes === undefined ? {} : { routeTableId: routeTableId(routes) }),
      ...(defaultOutboundAccess === undefined ? {} : { defaultOutboundAccess }),
    }));

const staticIps = [
  "10.20.1.4",
  "10.20.1.5",
  "10.20.1.3",
  "10.20.1.255",
  "10.20.2.6",
  "10.20.2.15",
  "172.16.0.1",
  "nonsense",
];

const nicArb: fc.Arbitrary<NicInput> = fc
  .record({
    subnetName: fc.constantFrom("app", "web", "WEB", "absent", undefined),
    staticIp: fc.constantFrom(undefined, undefined, ...staticIps),
    sourceIp: fc.constantFrom("192.168.10.5", "10.20.1.4", undefined),
    nsg: fc.constantFrom(undefined, undefined, "a", "b"),
    publicIp: fc.constantFrom(undefined, undefined, "standard", "basic"),
    asg: fc.constantFrom(undefined, "web"),
  })
  .map(({ subnetName, staticIp, sourceIp, nsg, publicIp, asg }) => {
    const settings = {
      ...(subnetName === undefined ? {} : { subnetName }),
      ...(staticIp === undefined ? {} : { staticIp }),
      ...(nsg === undefined ? {} : { nsgId: nsgId(nsg) }),
      ...(publicIp === undefined ? {} : { publicIpId: publicIpId(publicIp) }),
    };
    return {
      nicId: "nic",
      isPrimary: true,
      selected: true,
      ...(sourceIp === undefined ? {} : { sourceIp }),
      target: settings,
      test: settings,
      ...(asg === undefined ? {} : { asgIds: [asg] }),
    };
  });

const machineArb: fc.Arbitrary<Omit<MachineInput, "name">> = fc.record({
  osType: fc.constantFrom("Windows", "Linux"),
  targetNetworkId: fc.constant(networkId("prod")),
  testNetworkId: fc.constant(networkId("prod")),
  needsPublicIp: fc.constantFrom(false, false, true),
  nics: fc
    .tuple(nicArb, nicArb)
    .chain(([first, second]) =>
      fc.constantFrom([first], [first], [first, { ...second, nicId: "nic2", isPrimary: false }]),
    ),
});

const accessArb: fc.Arbitrary<WantedAccess> = fc
  .record({
    path: fc.constantFrom("vpn", "expressRoute", "bastion", "internet", "private"),
    sources: fc.option(
      fc.uniqueArray(
        fc.constantFrom(
          "192.168.50.0/24",
          "192.168.50.20",
          "203.0.113.0/24",
          "20.40.1.0/24",
          "10.20.0.0/16",
          "Internet",
          "*",
          "0.0.0.0/0",
          "Storage.WestEurope",
          "VirtualNetwork",
        ),
        { minLength: 1, maxLength: 3 },
      ),
      { nil: undefined },
    ),
    port: fc.constantFrom(undefined, 22, 3389, 443),
    protocol: fc.constantFrom(undefined, "Tcp", "Udp"),
    nics: fc.constantFrom(undefined, "all", "primary"),
    allowAnySource: fc.constantFrom(undefined, undefined, true),
  })
  .map(({ path, sources, port, protocol, nics, allowAnySource }) => ({
    path,
    ...(sources === undefined ? {} : { sources }),
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(nics === undefined ? {} : { nics }),
    ...(allowAnySource === undefined ? {} : { allowAnySource }),
  }));

export const estateArb: fc.Arbitrary<ConnectivityInput> = fc
  .record({
    purpose: fc.constantFrom("failover", "testFailover"),
    machines: fc.array(machineArb, { minLength: 1, maxLength: 6 }),
    subnets: fc.tuple(
      subnetArb("app", "10.20.1.0/24", "10.20.1"),
      subnetArb("web", "10.20.2.0/28", "10.20.2"),
      fc.subarray<SubnetInput>([
        { name: "AzureBastionSubnet", prefix: "10.20.9.0/26", used: [] },
        { name: "Aaa-GatewaySubnet", prefix: "10.20.10.0/29", used: [] },
        { name: "GatewaySubnet", prefix: "10.20.11.0/27", used: [] },
      ]),
    ),
    peer: fc.constantFrom(undefined, "Connected", "Initiated", "lends"),
    adminRules: fc.option(adminRulesArb, { nil: undefined, freq: 2 }),
    gateways: fc.constantFrom<GatewayInput[]>(
      [],
      [{ name: "office", kind: "vpn", onPremisesPrefixes: ["192.168.50.0/24"] }],
      [{ name: "line", kind: "expressRoute" }],
    ),
    a: rulesArb,
    b: rulesArb,
    access: fc.option(fc.array(accessArb, { maxLength: 3 }), { nil: undefined }),
  })
  .map(({ purpose, machines, subnets: [app, web, more], gateways, peer, adminRules, a, b, access }) => ({
    purpose,
    machines: machines.map((machine, index) => ({ ...machine, name: `vm${index}` })),
    networks: [
      network("prod", {
        subnets: [app, web, ...more],
        gateways,
        ...(adminRules === undefined ? {} : { adminRules }),
        peerings:
          peer === undefined
            ? []
            : [
                {
                  remoteNetworkId: networkId("hub"),
                  remoteAddressSpaces: ["10.30.0.0/16"],
                  state: peer === "Initiated" ? "Initiated" : "Connected",
                  ...(peer === "lends" ? { useRemoteGateways: true } : {}),
                },
              ],
      }),
      network("hub", {
        addressSpaces: ["10.30.0.0/16"],
        subnets: [{ name: "AzureBastionSubnet", prefix: "10.30.9.0/26", used: [] }],
        gateways: [{ name: "hub", kind: "vpn", onPremisesPrefixes: ["192.168.50.128/25"] }],
      }),
    ],
    nsgs: [
      { id: nsgId("a"), name: "a", rules: a },
      { id: nsgId("b"), name: "b", rules: b },
    ],
    routeTables: [
      {
        id: routeTableId("appliance"),
        name: "appliance",
        routes: [{ prefix: "0.0.0.0/0", nextHopType: "VirtualAppliance", nextHopIp: "10.20.3.4" }],
      },
      {
        id: routeTableId("drop"),
        name: "drop",
        routes: [
          { prefix: "192.168.50.128/25", nextHopType: "None" },
          { prefix: "203.0.113.64/26", nextHopType: "VirtualAppliance", nextHopIp: "10.20.3.4" },
        ],
      },
      { id: routeTableId("kept"), name: "kept", routes: [], disableBgpRoutePropagation: true },
    ],
    asgs: [
      { id: "web", addresses: ["10.20.1.5"] },
      { id: "db", addresses: ["10.20.2.6"] },
    ],
    publicIps: [
      { id: publicIpId("standard"), sku: "Standard" },
      { id: publicIpId("basic"), sku: "Basic" },
    ],
    ...(access === undefined ? {} : { access }),
  }));
