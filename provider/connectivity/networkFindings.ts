import { overlaps, parsePrefix } from "./address.js";
import { compareText, type Findings, listSome } from "./findings.js";
import { lastSegment } from "./ids.js";
import type { PlacedNic } from "./placeMachines.js";
import type { NetworkState, SubnetState, Surroundings } from "./surroundings.js";
import type { ConnectivityInput } from "./types.js";
import { isUnknown } from "./unknown.js";

/** What is wrong with, or worth knowing of, the networks that the machines land in. */
export function findInNetworks(
  input: ConnectivityInput,
  placed: readonly PlacedNic[],
  surroundings: Surroundings,
  findings: Findings,
): void {
  const networks = new Map<NetworkState, PlacedNic[]>();
  for (const nic of placed) {
    if (nic.network === undefined) continue;
    const members = networks.get(nic.network);
    if (members === undefined) networks.set(nic.network, [nic]);
    else members.push(nic);
  }
  for (const [network, nics] of networks) {
    if (input.purpose === "testFailover") checkIsolation(input, network, findings);
    const retained = findRetained(input, network, nics, findings);
    findGatewayOverlaps(network, retained, findings);
    for (const { rule, property, value, allowed } of network.adminRules?.problems ?? [])
      findings.add({
        id: "ruleUnreadable",
        severity: "warning",
        text: `rule ${rule} of Virtual Network Manager on network ${network.input.name}: ${property} has "${value}", which was left out`,
        remedy: `allowed: ${allowed}`,
      });
    for (const subnet of new Set(nics.flatMap((nic) => nic.subnet ?? []))) {
      const inSubnet = nics.filter((nic) => nic.subnet === subnet);
      findInSubnet(input, subnet, inSubnet, findings);
    }
  }
  findAddressChanges(input, placed, findings);
  findInRules(surroundings, findings);
}

function checkIsolation(input: ConnectivityInput, network: NetworkState, findings: Findings): void {
  const id = network.input.id.toLowerCase();
  const production = input.machines
    .filter((machine) =>
      [machine.targetNetworkId, ...machine.nics.map((nic) => nic.target.networkId)].some(
        (target) => target?.toLowerCase() === id,
      ),
    )
    .map((machine) => machine.name)
    .sort(compareText);
  if (production.length > 0)
    findings.add({
      id: "testNetworkIsProduction",
      severity: input.allowProductionNetwork === true ? "warning" : "error",
      text: `test network ${network.input.name} is also the failover network of ${listSome(production)}: two machines of one identity would meet`,
      remedy:
        input.allowProductionNetwork === true
          ? "shut the primary machines down first, or use an isolated network"
          : "use an isolated network, or set allowProductionNetwork: true",
    });
  const ways = [
    ...network.gateways.map((gateway) => `gateway ${gateway.name}`),
    ...network.input.peerings
      .filter((peering) => peering.state.toLowerCase() === "connected")
      .map((peering) => `the peering with ${lastSegment(peering.remoteNetworkId)}`),
  ];
  if (ways.length > 0)
    findings.add({
      id: "testNetworkConnected",
      severity: "warning",
      text: `test network ${network.input.name} is not isolated: ${listSome(ways)} joins it with others`,
      remedy: "test machines can reach production through it; use an isolated network unless that is meant",
    });
}

/** A subnet moves as a whole: the same range must not be live on both sides of a gateway. */
function findRetained(
  input: ConnectivityInput,
  network: NetworkState,
  nics: readonly PlacedNic[],
  findings: Findings,
): Set<string> {
  const seen = new Map<string, { subnet: SubnetState; source: string; machines: string[] }>();
  const reported = new Set<string>();
  for (const { machine, nic, subnet } of nics) {
    const known =
      nic.sourcePrefix ??
      enclosing(
        nic.sourceIp,
        input.onPremisesSubnets?.map(({ prefix }) => prefix),
      );
    // An on-premises address that lies in the Azure subnet is enough to know that the range is repeated.
    const source = known ?? enclosing(nic.sourceIp, subnet === undefined ? [] : [subnet.addresses.input.prefix]);
    const range = source === undefined ? undefined : parsePrefix(source);
    if (source === undefined || range === undefined || subnet?.addresses.prefix === undefined) continue;
    if (!overlaps(range, subnet.addresses.prefix)) continue;
    const key = `${subnet.addresses.input.name} ${source}`;
    const entry = seen.get(key) ?? { subnet, source, machines: [] };
    entry.machines.push(machine.name);
    seen.set(key, entry);
  }
  for (const { subnet, source, machines } of seen.values()) {
    const range = parsePrefix(source);
    if (range === undefined) continue;
    const isJoined =
      network.gateways.some((gateway) => gateway.onPremisesPrefixes === undefined) ||
      network.gatewaySpaces.some((space) => meets(space, range));
    const remaining = input.onPremisesSubnets
      ?.filter(({ prefix }) => meets(prefix, range))
      .flatMap((onPremises) => onPremises.remainingMachines);
    const staysLive = remaining === undefined || remaining.length > 0;
    if (!isJoined && input.purpose === "testFailover") continue;
    const who = remaining === undefined || remaining.length === 0 ? "" : `; ${listSome(remaining)} stay there`;
    const { name, prefix } = subnet.addresses.input;
    if (isJoined) for (const space of network.gatewaySpaces) if (meets(space, range)) reported.add(space);
    findings.add({
      id: "retainedSubnetOverlap",
      severity: isJoined && staysLive ? "error" : "warning",
      text: isJoined
        ? `subnet ${name} (${prefix}) repeats the on-premises range ${source} of ${listSome(machines)}, and a gateway joins both sides: one range cannot be live on both${who}`
        : `subnet ${name} (${prefix}) repeats the on-premises range ${source} of ${listSome(machines)}${who}`,
      remedy: isJoined
        ? "move the whole subnet and withdraw its route on-premises before the failover, or use another range in Azure"
        : "all machines of the range must move together, and on-premises routes must then send it to Azure",
    });
  }
  return reported;
}

function findGatewayOverlaps(network: NetworkState, reported: ReadonlySet<string>, findings: Findings): void {
  for (const gateway of network.gateways) {
    for (const onPremises of gateway.onPremisesPrefixes ?? []) {
      const range = parsePrefix(onPremises);
      if (range === undefined || range.length === 0 || reported.has(onPremises)) continue;
      const own = network.input.addressSpaces.filter((space) => meets(space, range));
      if (own.length === 0) continue;
      findings.add({
        id: "gatewayOverlap",
        severity: "error",
        text: `gateway ${gateway.name} joins ${onPremises} on-premises with ${own.join(", ")} of network ${network.input.name}: the ranges overlap`,
        remedy:
          "VPN and ExpressRoute cannot connect overlapping ranges: change one of them, or withdraw the route",
      });
    }
  }
}

function findInSubnet(
  input: ConnectivityInput,
  subnet: SubnetState,
  nics: readonly PlacedNic[],
  findings: Findings,
): void {
  const {
    name,
    prefix,
    natGatewayId,
    defaultOutboundAccess,
    ipv6Prefix,
    unreadHolders = [],
  } = subnet.addresses.input;
  if (unreadHolders.length > 0)
    findings.add({
      id: "holdersUnread",
      severity: "info",
      text: `subnet ${name} (${prefix}): the addresses of ${listSome(unreadHolders)} were not read and count as free`,
      remedy: "none, unless a set address turns out to be taken",
    });
  if (ipv6Prefix !== undefined)
    findings.add({
      id: "ipv6NotGiven",
      severity: "info",
      text: `subnet ${name} has an IPv6 range (${ipv6Prefix}) too: Site Recovery gives machines an IPv4 address only, and by IPv6 nobody reaches them`,
      remedy: "add an IPv6 configuration to the NICs after the failover where clients need it",
    });
  const statics = nics.filter((nic) => nic.staticAddress !== undefined);
  const dynamics = nics.filter((nic) => nic.address.kind === "dynamic");
  if (input.purpose === "failover" && statics.length > 0)
    findings.add({
      id: "addressNotReserved",
      severity: dynamics.length > 0 ? "warning" : "info",
      text: `Azure cannot reserve the ${counted(statics.length, "set address", "set addresses")} in subnet ${name} (${prefix}) before the machines exist${dynamics.length > 0 ? `; ${counted(dynamics.length, "NIC", "NICs")} without a set address may take ${statics.length === 1 ? "it" : "one"}` : ""}`,
      remedy:
        dynamics.length > 0
          ? "set an address on every NIC of this subnet, and keep other machines out of it"
          : "keep other machines out of this subnet",
    });
  const defaultRoute = subnet.view.routeTable?.routes.find(
    (route) => parsePrefix(route.prefix)?.length === 0 && route.nextHopType.toLowerCase() !== "internet",
  );
  const hasWindows = input.purpose === "failover" && nics.some(({ machine }) => machine.osType === "Windows");
  if (defaultRoute !== undefined)
    findings.add({
      id: "defaultRoute",
      severity: "info",
      text: `route ${defaultRoute.prefix} -> ${defaultRoute.nextHopType} on subnet ${name}: no public IP is reachable there, and Azure may let the tag VirtualNetwork cover more than is planned here${hasWindows ? "; Windows activation (KMS, Tcp 1688) leaves by it too" : ""}`,
      remedy: `connect by VPN, Bastion or the appliance; do not rely on AllowVnetInBound for sources outside the network${hasWindows ? "; let the next hop pass KMS, or route its addresses to Internet" : ""}`,
    });
  const hasPublicIp = nics.every(({ nic }) => settingsOf(input, nic).publicIpId !== undefined);
  if (defaultOutboundAccess === false && natGatewayId === undefined && defaultRoute === undefined && !hasPublicIp)
    findings.add({
      id: "noOutboundInternet",
      severity: "warning",
      text: `subnet ${name} is private: machines in it have no way out to the Internet (agent registration, Windows activation, updates)`,
      remedy: "add a NAT gateway to the subnet",
    });
}

function findAddressChanges(input: ConnectivityInput, placed: readonly PlacedNic[], findings: Findings): void {
  if (input.purpose !== "failover") return;
  const changed = placed
    .filter(
      ({ nic, address }) =>
        nic.sourceIp !== undefined &&
        !isUnknown(nic.sourceIp) &&
        (address.kind === "dynamic" || address.kind === "chosen"),
    )
    .map(({ machine }) => machine.name);
  const names = [...new Set(changed)].sort(compareText);
  if (names.length > 0)
    findings.add({
      id: "addressChanges",
      severity: "info",
      text: `${names.length === 1 ? "1 machine gets" : `${names.length} machines get`} another address: ${listSome(names)}`,
      remedy: "update their DNS names after the failover",
    });
}

/** Rules that cannot be read, and numbers given twice, which Azure refuses. */
function findInRules(surroundings: Surroundings, findings: Findings): void {
  for (const { input, evaluator } of surroundings.usedNsgs()) {
    for (const { rule, property, value, allowed } of evaluator.problems)
      findings.add({
        id: "ruleUnreadable",
        severity: isUnknown(value) ? "info" : "warning",
        text: `rule ${rule} of NSG ${input.name}: ${property} has "${isUnknown(value) ? "known after apply" : value}", which was left out`,
        remedy: `allowed: ${allowed}`,
      });
    const seen = new Map<string, string>();
    for (const rule of [...input.rules].sort((a, b) => compareText(a.name, b.name))) {
      const key = `${rule.direction} ${rule.priority}`;
      const other = seen.get(key);
      if (other === undefined) seen.set(key, rule.name);
      else
        findings.add({
          id: "priorityTwice",
          severity: "warning",
          text: `NSG ${input.name}: rules ${other} and ${rule.name} share priority ${rule.priority} (${rule.direction})`,
          remedy: "Azure allows a priority once per direction: change one",
        });
    }
  }
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function settingsOf(input: ConnectivityInput, nic: PlacedNic["nic"]): PlacedNic["nic"]["test"] {
  return input.purpose === "testFailover" ? nic.test : nic.target;
}

function enclosing(address: string | undefined, prefixes: readonly string[] | undefined): string | undefined {
  const point = address === undefined ? undefined : parsePrefix(address);
  return point === undefined ? undefined : prefixes?.find((prefix) => meets(prefix, point));
}

function meets(text: string, range: { first: number; last: number; length: number }): boolean {
  const prefix = parsePrefix(text);
  return prefix !== undefined && overlaps(prefix, range);
}
