import fc from "fast-check";
import type { NetworkModel } from "../../../provider/connectivity/index.js";
import { fromArm } from "../../../provider/connectivity/index.js";
import { createVirtualMachine } from "../../../rehearsal/emulator/compute.js";
import type { ArmResource } from "../../../rehearsal/emulator/core.js";
import { checkEstate } from "../../../rehearsal/emulator/estate/load.js";
import {
  networkSecurityGroupId,
  resourceGroupId,
  routeTableId,
  virtualNetworkId,
} from "../../../rehearsal/emulator/estate/names.js";
import { seedResources } from "../../../rehearsal/emulator/estate/seed.js";
import { adminRulesOf } from "../../../rehearsal/emulator/network/adminRules.js";
import { virtualNetworkKind } from "../../../rehearsal/emulator/resources/virtualNetworks.js";
import { EmulatorWorld } from "../../../rehearsal/emulator/world.js";

/**
 * Random estates in which everything that decides over a connection varies, from small pools, so that rules, routes and
 * addresses meet often. The emulator holds them; the planner reads what the emulator answers.
 */

const prefixes = [
  "10.0.0.0/16",
  "10.0.0.0/24",
  "10.0.0.4",
  "10.0.1.0/28",
  "10.0.0.0/8",
  "192.168.0.0/16",
  "192.168.50.0/24",
  "192.168.50.128/25",
  "203.0.113.0/24",
  "203.0.113.64/26",
  "20.40.0.0/16",
  "20.60.0.0/16",
  "10.1.0.0/24",
  "172.31.0.0/24",
  "168.63.129.16",
  "0.0.0.0/0",
  "2001:db8:a::/48",
  "2001:db8:a:0:0:0:0:8/125",
  "2001:db8::/32",
  "fd00:1::/64",
  "::/0",
];
const alone = ["*", "Internet", "VirtualNetwork", "AzureLoadBalancer", "AzurePlatformDNS", "AzurePlatformIMDS"];
const places: fc.Arbitrary<string[]> = fc.oneof(
  fc.constant<string[]>(["*"]),
  fc.constantFrom(...alone).map((place) => [place]),
  fc.uniqueArray(fc.constantFrom(...prefixes), { minLength: 1, maxLength: 3 }),
);
const groupNames = ["web", "db"] as const;
/** A side that names an application security group instead of places. */
const group = fc.constantFrom(...Array.from({ length: 8 }, () => undefined), ...groupNames);

const content = {
  direction: fc.constantFrom("Inbound" as const, "Outbound" as const),
  protocol: fc.constantFrom(...(["*", "*", "*", "Tcp", "Tcp", "Tcp", "Udp", "Icmp"] as const)),
  sources: places,
  sourcePorts: fc.constantFrom<string[][]>(["*"], ["*"], ["1024-65535"]),
  destinations: places,
  destinationPorts: fc.constantFrom<string[][]>(
    ["*"],
    ["*"],
    ["*"],
    ["3389"],
    ["22"],
    ["20-25", "3389"],
    ["80", "443"],
    ["0-65535"],
  ),
};

function rulesWith<T>(extra: { [K in keyof T]: fc.Arbitrary<T[K]> }, lowest: number, least: number, most: number) {
  const one = fc.record({ ...content, ...extra } as unknown as { [key: string]: fc.Arbitrary<unknown> });
  return fc
    .uniqueArray(fc.integer({ min: lowest, max: 4096 }), { minLength: least, maxLength: most })
    .chain((priorities) =>
      fc
        .tuple(...priorities.map(() => one))
        .map((rules) =>
          rules.map((rule, index) => ({ ...rule, name: `rule-${index}`, priority: priorities[index] ?? 4096 })),
        ),
    ) as unknown as fc.Arbitrary<(Content & T & { name: string; priority: number })[]>;
}

interface Content {
  direction: "Inbound" | "Outbound";
  protocol: "Tcp" | "Udp" | "*" | "Icmp";
  sources: string[];
  sourcePorts: string[];
  destinations: string[];
  destinationPorts: string[];
}

type Grouped = {
  access: "Allow" | "Deny";
  sourceGroup: (typeof groupNames)[number] | undefined;
  destinationGroup: (typeof groupNames)[number] | undefined;
};
const rules = rulesWith<Grouped>(
  { access: fc.constantFrom("Allow", "Deny"), sourceGroup: group, destinationGroup: group },
  100,
  4,
  9,
);
const adminRules = rulesWith<{ access: "Allow" | "Deny" | "AlwaysAllow"; networks: string[] }>(
  {
    access: fc.constantFrom("Allow", "Deny", "AlwaysAllow"),
    networks: fc.constantFrom(["net"], ["net", "other"], ["other"]),
  },
  1,
  1,
  4,
);

export const addresses = [
  "10.0.0.4",
  "10.0.0.9",
  "10.0.1.5",
  "10.1.0.7",
  "10.9.0.1",
  "192.168.50.20",
  "192.168.50.200",
  "192.168.60.1",
  "203.0.113.7",
  "203.0.113.70",
  "20.40.1.1",
  "20.60.1.1",
  "8.8.8.8",
  "172.31.0.5",
  "172.31.1.5",
  "168.63.129.16",
  "169.254.169.254",
  "100.64.1.1",
];

/** With an IPv6 address at the far end, the near end is the machine's place in the network's IPv6 range. */
const ipv6Addresses = [
  "2001:db8:a::9",
  "2001:db8:a:1::1",
  "2001:DB8:B::1",
  "2001:db9::1",
  "fd00:1::7",
  "fd00:2::7",
  "fe80::1234:5678:9abc",
  "fe80::1",
  "2606:4700::1111",
];
export const localIpv6 = "2001:db8:a::4";

const hops = ["VirtualAppliance", "None", "Internet", "VnetLocal", "VirtualNetworkGateway"] as const;
const table = fc.record({
  routes: fc.uniqueArray(
    fc.record({
      prefix: fc.constantFrom(
        "0.0.0.0/0",
        "172.31.0.0/24",
        "203.0.113.64/26",
        "192.168.50.0/24",
        "192.168.50.128/25",
        "20.40.0.0/16",
        "10.0.1.0/28",
        "10.0.0.0/8",
        "10.1.0.0/16",
      ),
      hop: fc.constantFrom(...hops),
    }),
    { maxLength: 3, selector: ({ prefix }) => prefix },
  ),
  disableBgpRoutePropagation: fc.boolean(),
});

export const estates = fc.record({
  subnetRules: fc.option(rules, { nil: undefined, freq: 4 }),
  cardRules: fc.option(rules, { nil: undefined, freq: 4 }),
  adminRules: fc.option(adminRules, { nil: undefined, freq: 2 }),
  /** Public addresses in the network's own space are not the Internet there. */
  hasPublicSpace: fc.boolean(),
  /** Dual-stack: an IPv6 range of the network, and one of its peer. */
  hasIpv6: fc.boolean(),
  hasPeer: fc.boolean(),
  gateway: fc.constantFrom(undefined, "net" as const, "peer" as const),
  onPremises: fc.constantFrom(["192.168.50.0/24"], ["192.168.0.0/16"], ["10.0.1.0/28", "192.168.50.128/25"]),
  table: fc.option(table, { nil: undefined }),
  publicIp: fc.boolean(),
  /** Which of the machines 10.0.0.4 and 10.0.0.9 are in which group. */
  members: fc.record({
    web: fc.subarray(["10.0.0.4", "10.0.0.9"]),
    db: fc.subarray(["10.0.0.4", "10.0.0.9"]),
  }),
  /** The last octets of addresses that others hold. */
  taken: fc.uniqueArray(fc.integer({ min: 4, max: 14 }), { maxLength: 11 }),
  wish: fc.constantFrom(
    undefined,
    "10.0.1.3",
    "10.0.1.4",
    "10.0.1.9",
    "10.0.1.14",
    "10.0.1.15",
    "10.0.2.5",
    "10.0.1.300",
  ),
  flows: fc.array(
    fc.record({
      direction: fc.constantFrom("Inbound" as const, "Outbound" as const),
      protocol: fc.constantFrom("Tcp", "Tcp", "Tcp", "Udp", "Icmp"),
      remote: fc.constantFrom(...addresses, ...ipv6Addresses),
      localPort: fc.constantFrom(22, 3389, 80, 9999, 50_000),
      remotePort: fc.constantFrom(22, 443, 1024, 60_000),
    }),
    { minLength: 4, maxLength: 8 },
  ),
});
export type Drawn = typeof estates extends fc.Arbitrary<infer T> ? T : never;

type NsgEntry = { name: string; properties: Record<string, unknown> };

/** Puts a drawn estate into an emulator's world, with a machine at 10.0.0.4, and reads it with the planner's reader. */
export function build(drawn: Drawn) {
  const { subnetRules, cardRules, hasPeer, taken } = drawn;
  const attached = {
    ...(subnetRules && { networkSecurityGroup: "subnetNsg" }),
    ...(drawn.table && { routeTable: "routes" }),
  };
  const plainRules = (list: NonNullable<Drawn["subnetRules"]>) =>
    list.map(({ sourceGroup: _source, destinationGroup: _destination, ...rule }) => rule);
  const gatewaySubnet = { name: "GatewaySubnet", addressPrefix: "10.0.255.0/27" };
  const gateway = drawn.gateway === "peer" && !hasPeer ? undefined : drawn.gateway;
  // Azure refuses a gateway whose other side overlaps the network; a lent one may still bring such a route.
  const onPremises = drawn.onPremises;
  const estate = checkEstate({
    subscriptionId: "11111111-2222-4333-8444-555555555555",
    resourceGroup: "rg",
    location: "westeurope",
    vault: { name: "vault" },
    networkSecurityGroups: [
      ...(subnetRules ? [{ name: "subnetNsg", rules: plainRules(subnetRules) }] : []),
      ...(cardRules ? [{ name: "cardNsg", rules: plainRules(cardRules) }] : []),
    ],
    networkManagers: drawn.adminRules ? [{ name: "manager", securityAdminRules: drawn.adminRules }] : [],
    routeTables: drawn.table
      ? [
          {
            name: "routes",
            routes: drawn.table.routes.map(({ prefix, hop }, index) => ({
              name: `route-${index}`,
              addressPrefix: prefix,
              nextHopType: hop,
              ...(hop === "VirtualAppliance" ? { nextHopIpAddress: "10.0.0.200" } : {}),
            })),
          },
        ]
      : [],
    networks: [
      {
        name: "net",
        addressPrefixes: ["10.0.0.0/16", ...(drawn.hasPublicSpace ? ["20.60.0.0/16"] : [])],
        ipv6Prefixes: drawn.hasIpv6 ? ["2001:db8:a::/56"] : [],
        peerings: hasPeer ? ["peer"] : [],
        subnets: [
          {
            name: "work",
            addressPrefix: "10.0.0.0/24",
            ...(drawn.hasIpv6 && { ipv6Prefix: "2001:db8:a::/64" }),
            ...attached,
          },
          { name: "small", addressPrefix: "10.0.1.0/28", ...attached },
          gatewaySubnet,
        ],
      },
      { name: "other", addressPrefixes: ["10.2.0.0/16"], subnets: [{ name: "a", addressPrefix: "10.2.0.0/24" }] },
      ...(hasPeer
        ? [
            {
              name: "peer",
              addressPrefixes: ["10.1.0.0/16"],
              ipv6Prefixes: drawn.hasIpv6 ? ["fd00:1::/48"] : [],
              subnets: [
                { name: "a", addressPrefix: "10.1.0.0/24" },
                { name: "GatewaySubnet", addressPrefix: "10.1.255.0/27" },
              ],
            },
          ]
        : []),
    ],
    gateways: gateway ? [{ name: "gw", network: gateway, onPremisesPrefixes: onPremises }] : [],
  });
  const world = new EmulatorWorld({ siteRecovery: { vaults: {} }, startTime: 0, frozen: true });
  seedResources(world, estate);
  const groupId = resourceGroupId(estate);
  const networkId = virtualNetworkId(estate, "net");
  const machine = (name: string, subnet: string, privateIpAddress: string, nsgId?: string): ArmResource => {
    const made = createVirtualMachine(world, {
      resourceGroupId: groupId,
      name,
      size: "Standard_D2s_v3",
      location: "westeurope",
      osType: "Linux",
      nics: [
        {
          name: `${name}-nic`,
          subnetId: `${networkId}/subnets/${subnet}`,
          privateIpAddress,
          ...(nsgId && { networkSecurityGroupId: nsgId }),
        },
      ],
    });
    return require(made.networkInterfaces[0]?.id ?? "");
  };
  const require = (id: string): ArmResource => {
    const found = world.arm.get(id);
    if (!found) throw new Error(`${id} is not there`);
    return found;
  };
  const cards = {
    "10.0.0.4": machine("target", "work", "10.0.0.4", cardRules && networkSecurityGroupId(estate, "cardNsg")),
    "10.0.0.9": machine("neighbour", "work", "10.0.0.9"),
  };
  const asgId = (name: string) => `${groupId}/providers/Microsoft.Network/applicationSecurityGroups/${name}`;
  const change = (card: ArmResource, more: Record<string, unknown>) => {
    const [configuration] = card.properties.ipConfigurations as { properties: Record<string, unknown> }[];
    if (configuration) Object.assign(configuration.properties, more);
    world.arm.put(card);
  };
  for (const [address, card] of Object.entries(cards)) {
    const groups = groupNames.filter((name) => drawn.members[name].includes(address));
    if (groups.length > 0)
      change(card, { applicationSecurityGroups: groups.map((name) => ({ id: asgId(name) })) });
  }
  if (drawn.publicIp) {
    const id = `${groupId}/providers/Microsoft.Network/publicIPAddresses/ip`;
    const properties = { ipAddress: "52.1.1.1" };
    world.arm.put({
      id,
      name: "ip",
      type: "Microsoft.Network/publicIPAddresses",
      sku: { name: "Standard" },
      properties,
    });
    change(cards["10.0.0.4"], { publicIPAddress: { id } });
  }
  for (const [name, list] of [["subnetNsg", subnetRules] as const, ["cardNsg", cardRules] as const])
    if (list) nameGroups(require(networkSecurityGroupId(estate, name)), list);
  if (drawn.table?.disableBgpRoutePropagation) {
    const found = require(routeTableId(estate, "routes"));
    world.arm.put({ ...found, properties: { ...found.properties, disableBgpRoutePropagation: true } });
  }
  for (const last of taken) machine(`other${last}`, "small", `10.0.1.${last}`);

  function nameGroups(nsg: ArmResource, list: NonNullable<Drawn["subnetRules"]>): void {
    for (const entry of nsg.properties.securityRules as NsgEntry[]) {
      const drawnRule = list.find(({ name }) => name === entry.name);
      for (const [side, name] of [
        ["source", drawnRule?.sourceGroup],
        ["destination", drawnRule?.destinationGroup],
      ] as const) {
        if (name === undefined) continue;
        delete entry.properties[`${side}AddressPrefix`];
        delete entry.properties[`${side}AddressPrefixes`];
        entry.properties[`${side}ApplicationSecurityGroups`] = [{ id: asgId(name) }];
      }
    }
    world.arm.put(nsg);
  }

  const list = (type: string) => world.arm.list(`Microsoft.Network/${type}`);
  const model = fromArm({
    virtualNetworks: list("virtualNetworks").map(
      (network) => virtualNetworkKind.render?.(network, world) ?? network,
    ),
    networkSecurityGroups: list("networkSecurityGroups"),
    routeTables: list("routeTables"),
    networkInterfaces: list("networkInterfaces"),
    publicIPAddresses: list("publicIPAddresses"),
    virtualNetworkGateways: list("virtualNetworkGateways"),
    localNetworkGateways: list("localNetworkGateways"),
    connections: list("connections"),
    securityAdminRules: {
      [networkId]: adminRulesOf(require(networkId), world).map(({ resource }) => resource),
    },
  });
  return { world, card: require(cards["10.0.0.4"].id), model, networkId };
}

/** What the planner takes for the surroundings of the network, out of the model that it read. */
export function sourcesOf(model: NetworkModel) {
  const net = model.networks.find(({ name }) => name === "net");
  if (net === undefined) throw new Error("the network was not read");
  const lent = net.peerings
    .filter(({ useRemoteGateways }) => useRemoteGateways === true)
    .flatMap(({ remoteNetworkId }) => model.networks.find(({ id }) => id === remoteNetworkId)?.gateways ?? []);
  const [routes] = model.routeTables;
  return {
    vnetSpaces: net.addressSpaces,
    peeredSpaces: net.peerings.flatMap(({ remoteAddressSpaces }) => remoteAddressSpaces),
    gatewaySpaces: [...net.gateways, ...lent].flatMap(({ onPremisesPrefixes }) => onPremisesPrefixes ?? []),
    userRoutes: routes?.routes ?? [],
    disableBgpRoutePropagation: routes?.disableBgpRoutePropagation === true,
    adminRules: net.adminRules ?? [],
  };
}
