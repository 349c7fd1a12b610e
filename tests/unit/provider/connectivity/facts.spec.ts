import { expect } from "chai";
import { checkCases } from "../../../../provider/connectivity/cases.js";

/**
 * What Microsoft's documents say of addresses, NSGs, tags and routes, one case per sentence, each answer worked out by
 * hand. A row changes what differs from the base below.
 */

const context = {
  vnetSpaces: ["10.0.0.0/16"],
  subnetPrefix: "10.0.0.0/24",
  peeredSpaces: [] as string[],
  gatewaySpaces: [] as string[],
  udrPrefixes: [] as string[],
  asgs: {} as Record<string, string[]>,
  publicIpSku: null as string | null,
};

interface Rule {
  name: string;
  priority: number;
  direction: string;
  access: string;
  protocol: string;
  sources: string[];
  sourcePorts: string[];
  destinations: string[];
  destinationPorts: string[];
}

function rule(name: string, priority: number, access: "Allow" | "Deny", changes: Partial<Rule> = {}): Rule {
  return {
    name,
    priority,
    direction: "Inbound",
    access,
    protocol: "Tcp",
    sources: ["*"],
    sourcePorts: ["*"],
    destinations: ["*"],
    destinationPorts: ["*"],
    ...changes,
  };
}

const inbound = (source: string, destinationPort: number, changes: object = {}) => ({
  direction: "Inbound",
  protocol: "Tcp",
  source,
  sourcePort: 50_000,
  destination: "10.0.0.4",
  destinationPort,
  connectionState: "new",
  ...changes,
});
const outbound = (destination: string, destinationPort: number, changes: object = {}) => ({
  direction: "Outbound",
  protocol: "Tcp",
  source: "10.0.0.4",
  sourcePort: 50_000,
  destination,
  destinationPort,
  connectionState: "new",
  ...changes,
});

function ask(given: Record<string, unknown>): string[] {
  const file = { schemaVersion: 1, cases: [{ id: "one", title: "a case", ...given }] };
  return checkCases(file)[0]?.differences ?? ["no result"];
}

interface NsgRow {
  title: string;
  context?: Partial<typeof context>;
  subnet?: Rule[] | null;
  nic?: Rule[] | null;
  flow: object;
  /** Scope and rule of each NSG that is asked, in order. */
  evaluated: [scope: string, rule: string, access: "Allow" | "Deny"][];
  decidedBy?: { scope: string; rule: string | null };
  verdict?: "allow" | "deny";
}

const rdp = { destinationPorts: ["3389"] };
const onPremises = { gatewaySpaces: ["192.168.50.0/24"] };

const nsgRows: NsgRow[] = [
  {
    title: "inbound asks the subnet's NSG first, then the NIC's",
    subnet: [rule("A", 200, "Allow", rdp)],
    nic: [rule("B", 300, "Allow", rdp)],
    flow: inbound("203.0.113.5", 3389),
    evaluated: [
      ["subnet", "A", "Allow"],
      ["nic", "B", "Allow"],
    ],
  },
  {
    title: "outbound asks the NIC's NSG first, then the subnet's",
    subnet: [rule("A", 200, "Deny", { direction: "Outbound" })],
    nic: [],
    flow: outbound("8.8.8.8", 443),
    evaluated: [
      ["nic", "AllowInternetOutBound", "Allow"],
      ["subnet", "A", "Deny"],
    ],
  },
  {
    title: "a refusal of the NIC's NSG ends an outbound flow",
    subnet: [],
    nic: [rule("B", 4096, "Deny", { direction: "Outbound", destinations: ["Internet"] })],
    flow: outbound("8.8.8.8", 443),
    evaluated: [["nic", "B", "Deny"]],
  },
  {
    title: "traffic inside one subnet passes both NSGs too",
    subnet: [rule("A", 100, "Deny", { sources: ["10.0.0.0/24"], destinations: ["10.0.0.0/24"] })],
    nic: null,
    flow: inbound("10.0.0.9", 445),
    evaluated: [["subnet", "A", "Deny"]],
  },
  {
    title: "a missing NSG passes, an empty one has the default rules",
    subnet: null,
    nic: [],
    flow: inbound("203.0.113.5", 443),
    evaluated: [["nic", "DenyAllInBound", "Deny"]],
  },
  {
    title: "the lower number decides, whatever the order in the list",
    subnet: [rule("Late", 300, "Deny", rdp), rule("Early", 299, "Allow", rdp)],
    flow: inbound("203.0.113.5", 3389),
    evaluated: [["subnet", "Early", "Allow"]],
  },
  {
    title: "a custom rule overrides a default one",
    subnet: [rule("No-Vnet", 4096, "Deny", { protocol: "*", sources: ["VirtualNetwork"] })],
    flow: inbound("10.0.9.9", 80),
    evaluated: [["subnet", "No-Vnet", "Deny"]],
  },
  {
    title: "inbound is filtered after the translation: a rule for the public address never matches",
    context: { publicIpSku: "Standard", publicIpAddress: "20.50.1.1" } as Partial<typeof context>,
    subnet: [rule("To-Public", 100, "Allow", { destinations: ["20.50.1.1"] })],
    flow: inbound("203.0.113.5", 443),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "a flow to the public address is asked with the private one that the rules name",
    context: { publicIpSku: "Standard", publicIpAddress: "20.50.1.1" } as Partial<typeof context>,
    subnet: [rule("To-Private", 100, "Allow", { destinations: ["10.0.0.4"] })],
    flow: inbound("203.0.113.5", 443, { destination: "20.50.1.1" }),
    evaluated: [["subnet", "To-Private", "Allow"]],
  },
  {
    title: "outbound is filtered before the translation: a rule for the private source matches",
    context: { publicIpSku: "Standard", publicIpAddress: "20.50.1.1" } as Partial<typeof context>,
    nic: [rule("From-Private", 100, "Deny", { direction: "Outbound", sources: ["10.0.0.4"] })],
    flow: outbound("8.8.8.8", 443, { source: "20.50.1.1" }),
    evaluated: [["nic", "From-Private", "Deny"]],
  },
  {
    title: "the reply of an allowed flow needs no rule",
    subnet: [rule("None-Out", 100, "Deny", { direction: "Outbound", protocol: "*" })],
    flow: outbound("203.0.113.5", 50_000, { sourcePort: 3389, connectionState: "reply-of-allowed-inbound" }),
    evaluated: [],
    decidedBy: { scope: "flow-state", rule: null },
    verdict: "allow",
  },
  {
    title: "ports may be lists and ranges, both ends included",
    subnet: [rule("Ports", 100, "Allow", { destinationPorts: ["80", "10000-10005"] })],
    flow: inbound("203.0.113.5", 10_005),
    evaluated: [["subnet", "Ports", "Allow"]],
  },
  {
    title: "a port beside the range does not match",
    subnet: [rule("Ports", 100, "Allow", { destinationPorts: ["80, 10000-10005"] })],
    flow: inbound("203.0.113.5", 10_006),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "the source port is part of the match",
    subnet: [rule("From-1024", 100, "Allow", { sourcePorts: ["1024-49999"] })],
    flow: inbound("203.0.113.5", 80),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "UDP does not match a TCP rule",
    subnet: [rule("Tcp-Only", 100, "Allow", rdp)],
    flow: inbound("203.0.113.5", 3389, { protocol: "Udp" }),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "ICMP has no ports and matches a rule for every port",
    subnet: [rule("Ping", 100, "Allow", { protocol: "ICMP" })],
    flow: inbound("203.0.113.5", 0, { protocol: "icmp", sourcePort: 0 }),
    evaluated: [["subnet", "Ping", "Allow"]],
  },
  {
    title: "ICMP without ports does not match a rule for one port",
    subnet: [rule("Web", 100, "Allow", { protocol: "*", destinationPorts: ["80"] })],
    flow: inbound("203.0.113.5", 0, { protocol: "Icmp", sourcePort: null, destinationPort: null }),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "the default rules hold for ICMP too",
    subnet: [],
    flow: inbound("10.0.3.3", 0, { protocol: "Icmp", sourcePort: 0 }),
    evaluated: [["subnet", "AllowVnetInBound", "Allow"]],
  },
  {
    title: "0.0.0.0/0, * and Any are the same",
    subnet: [rule("All", 100, "Deny", { protocol: "Any", sources: ["0.0.0.0/0"], destinations: ["Any"] })],
    flow: inbound("10.0.3.3", 80),
    evaluated: [["subnet", "All", "Deny"]],
  },
  {
    title: "VirtualNetwork covers a peered network",
    context: { peeredSpaces: ["10.5.0.0/16"] },
    subnet: [],
    flow: inbound("10.5.6.7", 3389),
    evaluated: [["subnet", "AllowVnetInBound", "Allow"]],
  },
  {
    title: "a network that is not peered is neither VirtualNetwork nor Internet",
    subnet: [rule("From-Internet", 100, "Allow", { sources: ["Internet"] })],
    flow: inbound("10.5.6.7", 3389),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "VirtualNetwork covers what a gateway joins",
    context: onPremises,
    subnet: [],
    nic: [],
    flow: inbound("192.168.50.20", 22),
    evaluated: [
      ["subnet", "AllowVnetInBound", "Allow"],
      ["nic", "AllowVnetInBound", "Allow"],
    ],
  },
  {
    title: "a range beside what the gateway joins is refused",
    context: onPremises,
    subnet: [],
    flow: inbound("192.168.51.20", 22),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "VirtualNetwork covers prefixes of user-defined routes, outbound too",
    context: { udrPrefixes: ["172.31.0.0/24"] },
    nic: [],
    flow: outbound("172.31.0.100", 80),
    evaluated: [["nic", "AllowVnetOutBound", "Allow"]],
  },
  {
    title: "a public prefix on a user-defined route leaves Internet",
    context: { udrPrefixes: ["203.0.113.0/24"] },
    nic: [rule("No-Internet", 100, "Deny", { direction: "Outbound", destinations: ["Internet"] })],
    flow: outbound("203.0.113.9", 443),
    evaluated: [["nic", "AllowVnetOutBound", "Allow"]],
  },
  {
    title: "public space inside the network itself is not Internet",
    context: { vnetSpaces: ["20.60.0.0/16", "10.0.0.0/16"] },
    subnet: [rule("From-Internet", 100, "Deny", { sources: ["Internet"] })],
    flow: inbound("20.60.7.7", 443),
    evaluated: [["subnet", "AllowVnetInBound", "Allow"]],
  },
  {
    title: "Internet covers Azure's public addresses",
    subnet: [rule("From-Internet", 100, "Allow", { sources: ["Internet"], destinationPorts: ["443"] })],
    flow: inbound("20.40.1.1", 443),
    evaluated: [["subnet", "From-Internet", "Allow"]],
  },
  {
    title: "carrier-grade NAT space is not Internet",
    nic: [],
    flow: outbound("100.64.1.1", 443),
    evaluated: [["nic", "DenyAllOutBound", "Deny"]],
  },
  {
    title: "AzureLoadBalancer is the probe's address and nothing else",
    subnet: [rule("Clients", 100, "Allow", { sources: ["AzureLoadBalancer"] })],
    flow: inbound("203.0.113.5", 80),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "a rule can keep probes out",
    subnet: [rule("No-Probes", 100, "Deny", { protocol: "*", sources: ["AzureLoadBalancer"] })],
    flow: inbound("168.63.129.16", 80),
    evaluated: [["subnet", "No-Probes", "Deny"]],
  },
  {
    title: "a client behind a load balancer is seen with its own address and the machine's port",
    subnet: [rule("From-Office", 100, "Allow", { sources: ["203.0.113.0/24"], destinationPorts: ["8080"] })],
    flow: inbound("203.0.113.77", 8080),
    evaluated: [["subnet", "From-Office", "Allow"]],
  },
  {
    title: "Azure's DNS is reached past a rule that denies everything",
    nic: [rule("Nothing", 100, "Deny", { direction: "Outbound", protocol: "*" })],
    flow: outbound("168.63.129.16", 53, { protocol: "Udp" }),
    evaluated: [],
    decidedBy: { scope: "none", rule: null },
    verdict: "allow",
  },
  {
    title: "a service tag whose addresses are not known does not match a single address",
    subnet: [rule("From-Gateway", 100, "Allow", { sources: ["GatewayManager"] })],
    flow: inbound("203.0.113.5", 443),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "a service tag matches a flow that names it, without case",
    nic: [rule("To-Asr", 100, "Allow", { direction: "Outbound", destinations: ["azuresiterecovery"] })],
    flow: outbound("AzureSiteRecovery", 443),
    evaluated: [["nic", "To-Asr", "Allow"]],
  },
  {
    title: "a regional tag lies in its own tag, and both in Internet",
    nic: [rule("No-Storage", 100, "Deny", { direction: "Outbound", destinations: ["Storage"] })],
    flow: outbound("Storage.WestEurope", 443),
    evaluated: [["nic", "No-Storage", "Deny"]],
  },
  {
    title: "an application security group acts on its members only, names without case",
    context: { asgs: { Web: ["10.0.0.4"], Db: ["10.0.0.20"] } },
    subnet: [rule("Web-To-Db", 100, "Allow", { sources: ["asg:WEB"], destinations: ["asg:db"] })],
    flow: inbound("203.0.113.5", 1433, { destination: "10.0.0.20" }),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "several application security groups in one rule are joined",
    context: { asgs: { web: ["10.0.0.4"], logic: ["10.0.0.5"], db: ["10.0.0.20"] } },
    subnet: [
      rule("To-Db", 100, "Allow", { sources: ["asg:web", "asg:logic"], destinations: ["asg:db"] }),
      rule("No-Db", 110, "Deny", { destinations: ["asg:db"] }),
    ],
    flow: inbound("10.0.0.5", 1433, { destination: "10.0.0.20" }),
    evaluated: [["subnet", "To-Db", "Allow"]],
  },
  {
    title: "an application security group without members matches nothing",
    context: { asgs: { empty: [] } },
    subnet: [rule("None", 100, "Deny", { sources: ["asg:empty"] })],
    flow: inbound("10.0.0.5", 1433),
    evaluated: [["subnet", "AllowVnetInBound", "Allow"]],
  },
  {
    title: "prefixes are compared by their bits",
    subnet: [rule("Odd", 100, "Deny", { sources: ["10.0.0.130/25"] })],
    flow: inbound("10.0.0.129", 80),
    evaluated: [["subnet", "Odd", "Deny"]],
  },
];

const dualStack = { vnetSpaces: ["10.0.0.0/16", "2001:db8:a::/48"], peeredSpaces: ["fd00:5::/48"] };
const ipv6 = (source: string, port: number, changes: object = {}) =>
  inbound(source, port, { destination: "2001:db8:a:1::4", ...changes });

const ipv6Rows: NsgRow[] = [
  {
    title: "VirtualNetwork covers the network's own IPv6 space, and ends where it ends",
    context: dualStack,
    subnet: [],
    flow: ipv6("2001:db8:a:ffff:ffff:ffff:ffff:ffff", 22),
    evaluated: [["subnet", "AllowVnetInBound", "Allow"]],
  },
  {
    title: "VirtualNetwork covers a peered network's IPv6 space",
    context: dualStack,
    subnet: [],
    flow: ipv6("FD00:5:0:0::7", 22),
    evaluated: [["subnet", "AllowVnetInBound", "Allow"]],
  },
  {
    title: "a public IPv6 address is Internet",
    context: dualStack,
    subnet: [rule("Web", 100, "Allow", { sources: ["Internet"], destinationPorts: ["443"] })],
    flow: ipv6("2001:db8:b::1", 443),
    evaluated: [["subnet", "Web", "Allow"]],
  },
  {
    title: "a unique local address that nothing connects is neither",
    context: dualStack,
    subnet: [rule("Web", 100, "Allow", { sources: ["Internet"], destinationPorts: ["443"] })],
    flow: ipv6("fd00:6::1", 443),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "an IPv6 prefix matches by its bits, whatever its spelling",
    context: dualStack,
    subnet: [rule("Office", 100, "Allow", { sources: ["2001:0DB8:000b::/47"], ...rdp })],
    flow: ipv6("2001:db8:a:ffff::1", 3389),
    evaluated: [["subnet", "Office", "Allow"]],
  },
  {
    title: "an address beside the prefix does not match",
    context: { ...dualStack, vnetSpaces: ["2001:db8:a:1::/64"] },
    subnet: [rule("Office", 100, "Allow", { sources: ["2001:db8:c::/48", "203.0.113.0/24"], ...rdp })],
    flow: ipv6("2001:db8:d::1", 3389),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "::/0 is every IPv6 address, and no IPv4 one",
    context: dualStack,
    subnet: [rule("Six", 100, "Allow", { sources: ["::/0"] })],
    flow: inbound("203.0.113.5", 443),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "* covers both families",
    context: dualStack,
    nic: [rule("Closed", 100, "Deny")],
    flow: ipv6("2001:db8:a:2::9", 443),
    evaluated: [["nic", "Closed", "Deny"]],
  },
  {
    title: "IPv4 rules do not meet IPv6, however wide",
    context: dualStack,
    subnet: [rule("Four", 100, "Allow", { sources: ["0.0.0.0/1", "128.0.0.0/1"] })],
    flow: ipv6("2001:db8:b::1", 443),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
  {
    title: "probes come by IPv6 from Azure's own link-local address",
    context: dualStack,
    subnet: [rule("No-Probes", 100, "Deny", { sources: ["AzureLoadBalancer"] })],
    flow: ipv6("fe80::1234:5678:9abc", 80),
    evaluated: [["subnet", "No-Probes", "Deny"]],
  },
  {
    title: "outbound to a public IPv6 address passes by the default rules",
    context: dualStack,
    nic: [],
    flow: outbound("2606:4700::1111", 443, { source: "2001:db8:a:1::4" }),
    evaluated: [["nic", "AllowInternetOutBound", "Allow"]],
  },
  {
    title: "an application security group holds IPv6 addresses too",
    context: { ...dualStack, asgs: { web: ["2001:db8:a:1::4", "10.0.0.4"] } },
    subnet: [rule("To-Web", 100, "Allow", { destinations: ["asg:web"], destinationPorts: ["443"] })],
    flow: ipv6("2001:db8:b::1", 443),
    evaluated: [["subnet", "To-Web", "Allow"]],
  },
];

const adminRow = (access: "Allow" | "Deny" | "AlwaysAllow") => ({
  context: { adminRules: [{ ...rule("Admin", 1, "Deny", rdp), access }] } as Partial<typeof context>,
});
const adminRows: NsgRow[] = [
  {
    ...adminRow("Deny"),
    title: "a Deny of Virtual Network Manager is final, and no NSG is asked",
    subnet: [rule("Rdp", 100, "Allow", rdp)],
    flow: inbound("203.0.113.5", 3389),
    evaluated: [],
    decidedBy: { scope: "admin", rule: "admin" },
    verdict: "deny",
  },
  {
    ...adminRow("AlwaysAllow"),
    title: "AlwaysAllow is final too",
    subnet: [],
    flow: inbound("203.0.113.5", 3389),
    evaluated: [],
    decidedBy: { scope: "admin", rule: "admin" },
    verdict: "allow",
  },
  {
    ...adminRow("Allow"),
    title: "Allow goes on to the NSGs",
    subnet: [],
    flow: inbound("203.0.113.5", 3389),
    evaluated: [["subnet", "DenyAllInBound", "Deny"]],
  },
];

const place = (item: object, subnets: object[], expected: object) =>
  ask({ kind: "ip", input: { operation: "testFailoverPlacement", item, testVnet: { subnets } }, expected });
const item = (changes: object = {}) => ({
  subnetName: "app",
  staticIp: null,
  testSubnetName: null,
  testStaticIp: null,
  ...changes,
});
const subnetOf = (name: string, prefix: string, inUse: string[] = []) => ({ name, prefix, inUse });

const staticRows: [title: string, input: object, expected: object][] = [
  ["the first four are kept", { requested: "10.0.1.128" }, { valid: false, reason: "reserved-first-four" }],
  ["the fourth is kept", { requested: "10.0.1.131" }, { valid: false, reason: "reserved-first-four" }],
  ["the fifth is the first that is given", { requested: "10.0.1.132" }, { valid: true, usableTotal: 123 }],
  ["the last is kept", { requested: "10.0.1.255" }, { valid: false, reason: "reserved-last" }],
  ["the last but one is given", { requested: "10.0.1.254" }, { valid: true, reason: null }],
  ["below the range", { requested: "10.0.1.127" }, { valid: false, reason: "out-of-range" }],
  ["above the range", { requested: "10.0.2.0" }, { valid: false, reason: "out-of-range" }],
  [
    "taken",
    { requested: "10.0.1.140", inUse: ["10.0.1.140"] },
    { valid: false, reason: "in-use", freeAfter: 122 },
  ],
  [
    "a /29 has three, and none is left after the third",
    { subnetPrefix: "10.0.0.8/29", inUse: ["10.0.0.12", "10.0.0.13"], requested: "10.0.0.14" },
    { valid: true, usableTotal: 3, usable: ["10.0.0.12", "10.0.0.13", "10.0.0.14"], freeAfter: 0 },
  ],
  [
    "a /28 has eleven; what Azure keeps does not count as used",
    { subnetPrefix: "10.0.0.16/28", inUse: ["10.0.0.16", "10.0.0.17"], requested: "10.0.0.30" },
    { valid: true, usableTotal: 11, freeAfter: 10 },
  ],
  [
    "an IPv6 subnet keeps its first four",
    { subnetPrefix: "fd00:1::/64", requested: "fd00:1::3" },
    { valid: false, reason: "reserved-first-four" },
  ],
  [
    "an IPv6 subnet keeps its last",
    { subnetPrefix: "fd00:1::/64", requested: "fd00:1::ffff:ffff:ffff:ffff" },
    { valid: false, reason: "reserved-last" },
  ],
  [
    "an IPv6 address is taken in any spelling",
    { subnetPrefix: "fd00:1::/64", inUse: ["fd00:1::0:A"], requested: "fd00:0001:0:0::a" },
    { valid: false, reason: "in-use" },
  ],
  ["an IPv6 address is free", { subnetPrefix: "fd00:1::/64", requested: "fd00:1::4" }, { valid: true }],
  [
    "an IPv6 address of another subnet",
    { subnetPrefix: "fd00:1::/64", requested: "fd00:1:0:1::4" },
    { valid: false, reason: "out-of-range" },
  ],
  [
    "a /30 leaves no address",
    { subnetPrefix: "10.0.0.0/30", requested: "10.0.0.3" },
    { valid: false, reason: "reserved-first-four", usableTotal: 0, freeAfter: 0 },
  ],
];

const system = [
  { source: "Default", prefix: "10.0.0.0/16", nextHopType: "VnetLocal" },
  { source: "Default", prefix: "0.0.0.0/0", nextHopType: "Internet" },
  { source: "Default", prefix: "10.0.0.0/8", nextHopType: "None" },
  { source: "Default", prefix: "172.16.0.0/12", nextHopType: "None" },
  { source: "Default", prefix: "192.168.0.0/16", nextHopType: "None" },
  { source: "Default", prefix: "100.64.0.0/10", nextHopType: "None" },
];
const user = (prefix: string, nextHopType: string) => ({ source: "User", prefix, nextHopType, nextHopIp: null });
const open = [rule("Office", 100, "Allow", { sources: ["203.0.113.0/24"], ...rdp })];
const standard = { publicIpSku: "Standard", publicIpAddress: "20.50.1.1" };
const closedRoute = (prefix: string, nextHopType: string) => ({
  directlyReachableFromInternet: false,
  blockedBy: { kind: "route", prefix, nextHopType },
});

const reachabilityRows: [title: string, given: Record<string, unknown>, expected: object][] = [
  [
    "a Standard public IP with an NSG that allows is reachable",
    { context: standard },
    {
      nsgVerdict: "allow",
      nsgDecidedBy: { scope: "subnet", rule: "office" },
      directlyReachableFromInternet: true,
      blockedBy: null,
    },
  ],
  [
    "a Basic public IP without an NSG is open",
    { context: { publicIpSku: "Basic" }, subnetRules: null },
    {
      nsgVerdict: "none",
      nsgDecidedBy: { scope: "none", rule: null },
      directlyReachableFromInternet: true,
      blockedBy: null,
    },
  ],
  [
    "a Standard public IP without an NSG is closed by the platform",
    { context: standard, subnetRules: null },
    {
      nsgVerdict: "none",
      directlyReachableFromInternet: false,
      blockedBy: { kind: "platform", reason: "standard-public-ip-closed-without-nsg-allow" },
    },
  ],
  [
    "without an NSG a private source is not closed out by the platform",
    {
      context: { ...standard, gatewaySpaces: ["192.168.50.0/24"] },
      subnetRules: null,
      routes: [
        ...system,
        { ...user("192.168.50.0/24", "VirtualNetworkGateway"), source: "VirtualNetworkGateway" },
      ],
      flow: inbound("192.168.50.20", 3389),
    },
    { nsgVerdict: "none", directlyReachableFromInternet: false, blockedBy: null },
  ],
  [
    "an NSG with the default rules only keeps the Internet out by itself",
    { context: standard, subnetRules: [] },
    {
      nsgVerdict: "deny",
      nsgDecidedBy: { scope: "subnet", rule: "DenyAllInBound" },
      directlyReachableFromInternet: false,
      blockedBy: null,
    },
  ],
  [
    "without a public IP nothing is reached directly",
    { context: {} },
    { nsgVerdict: "allow", directlyReachableFromInternet: false, blockedBy: null },
  ],
  [
    "a default route to an appliance takes the reply elsewhere",
    { context: standard, routes: [...system, user("0.0.0.0/0", "VirtualAppliance")] },
    { nsgVerdict: "allow", ...closedRoute("0.0.0.0/0", "VirtualAppliance") },
  ],
  [
    "a default route learned from a gateway does so too",
    {
      context: standard,
      routes: [
        ...system,
        { source: "VirtualNetworkGateway", prefix: "0.0.0.0/0", nextHopType: "VirtualNetworkGateway" },
      ],
    },
    closedRoute("0.0.0.0/0", "VirtualNetworkGateway"),
  ],
  [
    "a default route to None drops the reply",
    { context: standard, routes: [...system, user("0.0.0.0/0", "None")] },
    closedRoute("0.0.0.0/0", "None"),
  ],
  [
    "sources that are exempt from the default route get their replies",
    {
      context: standard,
      routes: [...system, user("0.0.0.0/0", "VirtualAppliance"), user("203.0.113.0/24", "Internet")],
    },
    { directlyReachableFromInternet: true, blockedBy: null },
  ],
  [
    "the longest prefix wins over the better source",
    {
      context: standard,
      routes: [
        ...system,
        user("0.0.0.0/0", "Internet"),
        { source: "VirtualNetworkGateway", prefix: "203.0.113.0/24", nextHopType: "VirtualNetworkGateway" },
      ],
    },
    closedRoute("203.0.113.0/24", "VirtualNetworkGateway"),
  ],
  [
    "of equal prefixes the user's route wins",
    {
      context: standard,
      routes: [
        { source: "VirtualNetworkGateway", prefix: "0.0.0.0/0", nextHopType: "VirtualNetworkGateway" },
        ...system,
        user("0.0.0.0/0", "Internet"),
      ],
    },
    { directlyReachableFromInternet: true, blockedBy: null },
  ],
  [
    "None on the way back of on-premises breaks a private connection",
    {
      context: { gatewaySpaces: ["192.168.50.0/24"] },
      subnetRules: [],
      routes: [...system, user("192.168.50.0/24", "None")],
      flow: inbound("192.168.50.20", 3389),
    },
    { nsgVerdict: "allow", ...closedRoute("192.168.50.0/24", "None") },
  ],
  [
    "an appliance on the way to on-premises is no block",
    {
      context: { gatewaySpaces: ["192.168.50.0/24"] },
      subnetRules: [],
      routes: [...system, user("192.168.0.0/16", "VirtualAppliance")],
      flow: inbound("192.168.50.20", 3389),
    },
    { nsgVerdict: "allow", directlyReachableFromInternet: false, blockedBy: null },
  ],
  [
    "a route of the network wins over a more specific one that a gateway brings",
    {
      context: {},
      subnetRules: [],
      routes: [...system, { source: "BGP", prefix: "10.0.7.0/24", nextHopType: "None" }],
      flow: inbound("10.0.7.7", 3389),
    },
    { nsgVerdict: "allow", blockedBy: null },
  ],
  [
    "an outbound flow is blocked by the route to its destination",
    {
      context: {},
      subnetRules: [],
      routes: [...system, user("20.0.0.0/8", "None")],
      flow: outbound("20.1.1.1", 443),
    },
    { nsgVerdict: "allow", ...closedRoute("20.0.0.0/8", "None") },
  ],
];

describe("facts of the documents", () => {
  describe("NSGs", () => {
    for (const row of [...nsgRows, ...ipv6Rows, ...adminRows])
      it(row.title, () => {
        const evaluated = row.evaluated.map(([scope, name, access]) => ({ scope, rule: name, access }));
        const last = evaluated.at(-1);
        const decidedBy = row.decidedBy ?? { scope: last?.scope, rule: last?.rule };
        const verdict = row.verdict ?? last?.access;
        expect(
          ask({
            kind: "nsg",
            context: { ...context, ...row.context },
            subnetRules: row.subnet ?? null,
            nicRules: row.nic ?? null,
            flow: row.flow,
            expected: { verdict, decidedBy, evaluated },
          }),
        ).to.deep.equal([]);
      });
  });

  describe("addresses", () => {
    for (const [title, input, expected] of staticRows)
      it(title, () => {
        const given = { operation: "validateStatic", subnetPrefix: "10.0.1.128/25", inUse: [], ...input };
        expect(ask({ kind: "ip", input: given, expected })).to.deep.equal([]);
      });

    const two = [subnetOf("b", "10.9.1.0/24"), subnetOf("App", "10.9.2.0/24")];
    it("takes the subnet of the item's name, without case", () => {
      expect(place(item(), two, { subnet: "app", ipFrom: "10.9.2.0/24", requestedIpGranted: null })).to.deep.equal(
        [],
      );
    });

    it("takes the item's test setting before its own name", () => {
      expect(place(item({ testSubnetName: "B" }), two, { subnet: "b" })).to.deep.equal([]);
    });

    it("takes the own name where the test setting names no subnet", () => {
      expect(place(item({ testSubnetName: "gone" }), two, { subnet: "App" })).to.deep.equal([]);
    });

    it("takes the first in alphabetical order, without case, past subnets that Azure keeps", () => {
      const subnets = [
        subnetOf("Zeta", "10.9.1.0/24"),
        subnetOf("AzureBastionSubnet", "10.9.250.0/26"),
        subnetOf("beta", "10.9.2.0/24"),
        subnetOf("Alpha2", "10.9.3.0/24"),
      ];
      expect(place(item({ subnetName: "none" }), subnets, { subnet: "alpha2" })).to.deep.equal([]);
    });

    it("grants the test address before the item's own", () => {
      const wishes = item({ staticIp: "10.9.2.50", testStaticIp: "10.9.2.60" });
      expect(place(wishes, two, { requestedIpGranted: true, ipMustBe: "10.9.2.60" })).to.deep.equal([]);
    });

    it("gives another free address where the wish is taken, reserved or of another range", () => {
      const taken = [subnetOf("app", "10.9.2.0/28", ["10.9.2.10"])];
      for (const staticIp of ["10.9.2.10", "10.9.2.3", "10.9.2.15", "192.168.1.10"])
        expect(
          place(item({ staticIp }), taken, {
            requestedIpGranted: false,
            ipFrom: "10.9.2.0/28",
            ipMustNotBe: staticIp,
          }),
          staticIp,
        ).to.deep.equal([]);
    });

    it("foretells an address only where one is left, and none where the subnet is full", () => {
      const inUse = ["10.9.2.4", "10.9.2.6"];
      const one = [subnetOf("app", "10.9.2.0/29", inUse)];
      expect(place(item(), one, { ipMustBe: "10.9.2.5" })).to.deep.equal([]);
      const full = [subnetOf("app", "10.9.2.0/29", [...inUse, "10.9.2.5"])];
      const wish = item({ staticIp: "10.9.2.5" });
      expect(place(wish, full, { subnet: "app", requestedIpGranted: false, ipFrom: null })).to.deep.equal([]);
      expect(place(wish, full, { ipMustBe: "10.9.2.5" })).to.have.length(1);
    });
  });

  describe("reachability", () => {
    for (const [title, given, expected] of reachabilityRows)
      it(title, () => {
        const changes = (given.context ?? {}) as object;
        const asked = {
          kind: "reachability",
          subnetRules: open,
          nicRules: null,
          routes: system,
          flow: inbound("203.0.113.10", 3389),
          ...given,
          context: { ...context, ...changes },
          expected,
        };
        expect(ask(asked)).to.deep.equal([]);
      });
  });

  describe("cases that cannot be read", () => {
    it("names every value with its place and what is allowed", () => {
      const [problem = ""] = ask({
        kind: "nsg",
        context: { ...context, vnetSpaces: ["10.0.0.0/33"] },
        subnetRules: [rule("A", 50, "Allow", { sources: ["10.0.0.300"], destinationPorts: ["90-80"] })],
        nicRules: null,
        flow: inbound("nowhere at all", 99_999),
        expected: {},
      });
      for (const place of [
        'context.vnetSpaces.0: is "10.0.0.0/33", allowed: a CIDR or an address',
        "subnetRules.0.priority: is 50, allowed: 100-4096",
        'subnetRules.0.sources.0: is "10.0.0.300", allowed: a CIDR',
        'subnetRules.0.destinationPorts.0: is "90-80", allowed: *',
        'flow.source: is "nowhere at all"',
        "flow.destinationPort",
        "expected: is empty",
      ])
        expect(problem).to.include(place);
    });
  });
});
