import type { ArmResource, World } from "../core.js";
import { ArmError } from "../errors.js";
import { type AddressRange, includesAddress, parseAddress } from "./addresses.js";
import { type AdminRule, adminRulesOf } from "./adminRules.js";
import { type IpConfiguration, ipConfigurations, referencedId } from "./allocation.js";
import { type Ipv6Range, isWithinIpv6, parseIpv6Address, parseIpv6Range } from "./ipv6.js";
import { type RuleSide, rulesOf, type SecurityAddress, type SecurityRule } from "./securityRules.js";
import { platformAddress, toRanges, virtualNetworkTag } from "./topology.js";

/** One new connection as a network card sees it; both addresses of one family. */
export interface Flow {
  direction: "Inbound" | "Outbound";
  /** Lower case: `tcp`, `udp`, `icmp`. */
  protocol: string;
  localAddress: string;
  /** Undefined = any: matches only rules that leave the port open. */
  localPort?: number;
  remoteAddress: string;
  remotePort?: number;
}

/** What decides over a flow. */
export interface FlowVerdict {
  access: "Allow" | "Deny";
  /** Where it was decided last; `none` = no security group on the way. */
  decidedAt: "networkManager" | "subnet" | "networkInterface" | "platform" | "none";
  groupId?: string;
  rule?: SecurityRule | AdminRule;
}

/** A network card with its surroundings. */
export interface CardContext {
  card: ArmResource;
  configuration: IpConfiguration;
  network: ArmResource;
  subnet: ArmResource;
}

/** The surroundings of one address of a card, of its primary one where none is named. */
export function cardContext(card: ArmResource, world: World, address?: string): CardContext {
  const configurations = ipConfigurations(card);
  const configuration =
    address === undefined
      ? (configurations.find((candidate) => candidate.primary) ?? configurations[0])
      : configurations.find((candidate) => candidate.privateIpAddress === address);
  const subnet = world.arm.get(configuration?.subnetId ?? "");
  const network = world.arm.get((configuration?.subnetId ?? "").replace(/\/subnets\/[^/]+$/i, ""));
  if (!configuration || !subnet || !network)
    throw new ArmError(
      400,
      "InvalidParameter",
      `Network interface ${card.id} has no address ${address ?? ""} in a virtual network.`,
    );
  return { card, configuration, network, subnet };
}

/**
 * Whether a new connection passes: inbound the subnet's group, then the card's; outbound the other way round. Both must
 * allow, a missing group passes, and the first that denies ends it. Replies of an allowed connection need no rule.
 * @see https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works
 */
export function verifyFlow(context: CardContext, flow: Flow, world: World): FlowVerdict {
  const steps = [
    { at: "subnet" as const, group: groupOf(context.subnet, world) },
    { at: "networkInterface" as const, group: groupOf(context.card, world) },
  ];
  if (flow.direction === "Outbound") steps.reverse();
  const matcher = new Matcher(context, flow, world);
  const service = flow.direction === "Outbound" ? platformServices[flow.remoteAddress] : undefined;
  const final = service === undefined ? adminVerdict(context, flow, matcher, world) : undefined;
  if (final) return final;
  let verdict: FlowVerdict = { access: "Allow", decidedAt: "none" };
  for (const { at, group } of steps) {
    if (!group) continue;
    const rule = rulesOf(group).find(
      (candidate) =>
        candidate.direction === flow.direction &&
        (service === undefined || namesTag(candidate, service)) &&
        matcher.matches(candidate),
    );
    // Azure's own services are reached past a group that does not name them.
    if (service !== undefined && !rule) continue;
    // The default rules match everything, so a group always decides; one without them is not Azure's.
    verdict = { access: rule?.access ?? "Deny", decidedAt: at, groupId: group.id, ...(rule && { rule }) };
    if (verdict.access === "Deny") return verdict;
  }
  // A Standard public address is closed until a group opens it, although private traffic passes without one.
  if (
    verdict.decidedAt === "none" &&
    flow.direction === "Inbound" &&
    context.configuration.publicIpAddressId &&
    matcher.isRemoteInternet()
  )
    return { access: "Deny", decidedAt: "platform" };
  return verdict;
}

/** What Virtual Network Manager decides for good: the first rule that matches, unless it leaves it to the groups. */
function adminVerdict(
  { network }: CardContext,
  flow: Flow,
  matcher: Matcher,
  world: World,
): FlowVerdict | undefined {
  const rule = adminRulesOf(network, world).find(
    (candidate) => candidate.direction === flow.direction && matcher.matches(candidate),
  );
  if (rule === undefined || rule.access === "Allow") return undefined;
  return { access: rule.access === "Deny" ? "Deny" : "Allow", decidedAt: "networkManager", rule };
}

/** The security group of a card or a subnet. */
export function groupOf(resource: ArmResource, world: World): ArmResource | undefined {
  const id = referencedId(resource.properties.networkSecurityGroup);
  return id === undefined ? undefined : world.arm.get(id);
}

/** Ranges that are no public address space. */
const privateRanges = toRanges([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
]);

/** Azure's own services, which no group stops unless a rule names their tag. */
const platformServices: Readonly<Record<string, string>> = {
  "168.63.129.16": "azureplatformdns",
  "169.254.169.254": "azureplatformimds",
};

function namesTag(rule: SecurityRule, tag: string): boolean {
  return rule.destination.addresses.some(
    (candidate) => candidate.kind === "tag" && candidate.tag.toLowerCase() === tag,
  );
}

class Matcher {
  readonly #local: Address;
  readonly #remote: Address;
  readonly #virtualNetwork: AddressRange[];
  readonly #virtualNetworkIpv6: Ipv6Range[];

  constructor(
    private readonly context: CardContext,
    private readonly flow: Flow,
    private readonly world: World,
  ) {
    this.#local = requireAddress(flow.localAddress);
    this.#remote = requireAddress(flow.remoteAddress);
    const tag = virtualNetworkTag(context.network, context.subnet, world);
    this.#virtualNetwork = toRanges(tag);
    this.#virtualNetworkIpv6 = tag.flatMap((text) => parseIpv6Range(text) ?? []);
  }

  matches(rule: Omit<SecurityRule, "access">): boolean {
    const local = { address: this.#local, port: this.flow.localPort };
    const remote = { address: this.#remote, port: this.flow.remotePort };
    const [source, destination] = this.flow.direction === "Inbound" ? [remote, local] : [local, remote];
    return (
      (rule.protocol === "*" || rule.protocol === this.flow.protocol) &&
      isPortWithin(rule.source.ports, source.port) &&
      isPortWithin(rule.destination.ports, destination.port) &&
      this.isWithin(rule.source, source.address) &&
      this.isWithin(rule.destination, destination.address)
    );
  }

  isRemoteInternet(): boolean {
    return this.isInternet(this.#remote);
  }

  private isWithin(side: RuleSide, address: Address): boolean {
    return (
      side.addresses.some((candidate) => this.covers(candidate, address)) ||
      side.applicationSecurityGroups.some((group) => this.isMember(group, address))
    );
  }

  private covers(candidate: SecurityAddress, address: Address): boolean {
    if (candidate.kind === "any") return true;
    if (candidate.kind === "range")
      return typeof address === "number" && includesAddress(candidate.range, address);
    if (candidate.kind === "ipv6") return typeof address === "bigint" && isWithinIpv6(candidate.range, address);
    switch (candidate.tag.toLowerCase()) {
      case "virtualnetwork":
        return this.isInVirtualNetwork(address);
      case "azureloadbalancer":
        return address === parseAddress(platformAddress) || address === probeIpv6;
      case "internet":
        return this.isInternet(address);
      case "azureplatformdns":
        return address === parseAddress("168.63.129.16");
      case "azureplatformimds":
        return address === parseAddress("169.254.169.254");
      default:
        // The other tags hold public addresses of Azure only, and which ones changes weekly.
        if (!this.isInternet(address)) return false;
        throw new ArmError(
          501,
          "NotImplemented",
          `The emulator does not know which addresses the service tag ${candidate.tag} holds, and cannot decide over ${this.flow.remoteAddress}.`,
        );
    }
  }

  private isInVirtualNetwork(address: Address): boolean {
    return typeof address === "bigint"
      ? this.#virtualNetworkIpv6.some((range) => isWithinIpv6(range, address))
      : this.#virtualNetwork.some((range) => includesAddress(range, address));
  }

  private isInternet(address: Address): boolean {
    if (typeof address === "bigint")
      return !privateIpv6.some((range) => isWithinIpv6(range, address)) && !this.isInVirtualNetwork(address);
    return (
      address !== parseAddress(platformAddress) &&
      !privateRanges.some((range) => includesAddress(range, address)) &&
      !this.#virtualNetwork.some((range) => includesAddress(range, address))
    );
  }

  /** All members of an application security group are in one network, so an address names one card. */
  private isMember(groupId: string, address: Address): boolean {
    const below = `${this.context.network.id.toLowerCase()}/subnets/`;
    return this.world.arm
      .referrers(groupId)
      .some((card) =>
        ipConfigurations(card).some(
          (configuration) =>
            configuration.applicationSecurityGroupIds.some((id) => id.toLowerCase() === groupId) &&
            (configuration.subnetId?.toLowerCase().startsWith(below) ?? false) &&
            anyAddress(configuration.privateIpAddress ?? "") === address,
        ),
      );
  }
}

function isPortWithin(ranges: AddressRange[], port: number | undefined): boolean {
  if (port === undefined) return ranges.some((range) => range.first === 0 && range.last === 65_535);
  return ranges.some((range) => includesAddress(range, port));
}

/** IPv4 as a number, IPv6 as a bigint: never equal. */
type Address = number | bigint;

function anyAddress(text: string): Address | undefined {
  return parseAddress(text) ?? parseIpv6Address(text);
}

/** Not public: loopback, unique local, link-local, multicast. */
const privateIpv6 = ["::/127", "fc00::/7", "fe80::/10", "ff00::/8"].flatMap((text) => parseIpv6Range(text) ?? []);

/** From where Azure probes by IPv6. */
const probeIpv6 = parseIpv6Address("fe80::1234:5678:9abc");

function requireAddress(text: string): Address {
  const address = anyAddress(text);
  if (address === undefined)
    throw new ArmError(400, "InvalidIPAddressFormat", `The IP address ${text} is not a valid IP address.`);
  return address;
}
