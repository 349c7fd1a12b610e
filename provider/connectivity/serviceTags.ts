import { addressCount, parsePrefix, parseSpan, prefixesSet, prefixSet, privatePrefixes } from "./address.js";
import { type Ipv6Space, ipv6ProbeAddress, parseIpv6Prefix } from "./ipv6.js";
import { emptySet, type RangeSet, subtract, unionOf } from "./rangeSet.js";

/** Every address, and every tag whose addresses are not known. */
export const anySet: RangeSet = [0, addressCount * 2];

/** The address from which Azure probes a machine and serves DNS and DHCP. */
const platformAddress = "168.63.129.16";

/** Azure's own services that NSGs pass over unless a rule names their tag, by the address that they answer at. */
const platformTags: Readonly<Record<string, string>> = {
  [platformAddress]: "azureplatformdns",
  "169.254.169.254": "azureplatformimds",
};

/**
 * The tag (in lower case) that a rule must name to act on traffic to one of Azure's own services; undefined for any
 * other destination.
 * @see https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works
 */
export function platformTagOf(destination: string): string | undefined {
  return platformTags[destination.replace(/\/32$/, "")];
}

const nonPublicSet = prefixesSet([
  ...privatePrefixes,
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
]);

/** All numbers that are public addresses, tags of unknown range included: Azure's services are reached in public space. */
export const publicSet: RangeSet = subtract(anySet, nonPublicSet);

/** The ranges from which Azure composes its tags for one subnet. */
export interface TagRanges {
  vnetSpaces: readonly string[];
  peeredSpaces: readonly string[];
  /** On-premises ranges joined by a gateway. */
  gatewaySpaces: readonly string[];
  /** Prefixes of user-defined routes on the subnet. 0.0.0.0/0 may widen VirtualNetwork in Azure; it is not relied on. */
  udrPrefixes: readonly string[];
}

/** What the tags with a local meaning cover for one subnet. */
export interface TagContext {
  virtualNetwork: RangeSet;
  internet: RangeSet;
}

/**
 * VirtualNetwork = own, peered and gateway ranges, prefixes of user-defined routes, 168.63.129.16. Internet = public
 * space outside of that; private ranges that nothing connects are in neither.
 * @see https://learn.microsoft.com/azure/virtual-network/service-tags-overview
 */
export function composeTags(ranges: TagRanges, ipv6?: Ipv6Space): TagContext {
  const routed = ranges.udrPrefixes.filter(
    (prefix) => (parsePrefix(prefix) ?? parseIpv6Prefix(prefix))?.length !== 0,
  );
  const virtualNetwork = unionOf(
    prefixesSet(ranges.vnetSpaces),
    prefixesSet(ranges.peeredSpaces),
    prefixesSet(ranges.gatewaySpaces),
    prefixesSet(routed),
    prefixesSet([platformAddress]),
    ...[ranges.vnetSpaces, ranges.peeredSpaces, ranges.gatewaySpaces, routed].flatMap((texts) =>
      texts.map((text) => ipv6?.setOf(text) ?? emptySet),
    ),
  );
  const everywhere = ipv6 === undefined ? publicSet : unionOf(publicSet, subtract(ipv6.all, ipv6.nonPublic));
  return { virtualNetwork, internet: subtract(everywhere, virtualNetwork) };
}

/**
 * Gives each service tag whose addresses are not known here (Storage, AzureCloud.westeurope, ...) numbers above all
 * addresses, so that a tag equals itself, lies in Internet and in `*`, and meets no CIDR. A regional tag lies in its own
 * base tag. The numbers never leave the planner.
 */
export class TagTable {
  private readonly blocks = new Map<string, { start: number; regions: Map<string, number> }>();
  private static readonly blockSize = 4096;

  /** @param ipv6 the IPv6 ranges of the question; left out, IPv6 meets nothing */
  constructor(readonly ipv6?: Ipv6Space) {}

  /** What `*` stands for. */
  get anything(): RangeSet {
    return this.ipv6 === undefined ? anySet : unionOf(anySet, this.ipv6.all);
  }

  setOf(tag: string): RangeSet {
    const [base = "", ...rest] = tag.toLowerCase().split(".");
    const region = rest.join(".");
    let block = this.blocks.get(base);
    if (block === undefined) {
      block = { start: addressCount + this.blocks.size * TagTable.blockSize, regions: new Map() };
      this.blocks.set(base, block);
    }
    if (region === "") return [block.start, block.start + TagTable.blockSize - 1];
    let index = block.regions.get(region);
    if (index === undefined) {
      index = block.regions.size;
      block.regions.set(region, index);
    }
    return [block.start + index, block.start + index];
  }
}

/** A place named in a rule or as a wanted source, parsed once and resolved per subnet. */
export interface Endpoint {
  fixed: RangeSet;
  usesVirtualNetwork: boolean;
  usesInternet: boolean;
  asgs: readonly string[];
  /** Tags whose addresses are not known here. */
  unknownTags: readonly string[];
  /** Texts that are neither. */
  unreadable: readonly string[];
}

const tagPattern = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/;

/** True for the name of a service tag; `Any` is none. */
export function isServiceTag(text: string): boolean {
  return tagPattern.test(text.trim()) && text.trim().toLowerCase() !== "any";
}

/** Reads CIDRs and addresses of both families, `first-last`, `*`, Any, tags and `asg:<name>`; never throws. */
export function parseEndpoint(texts: readonly string[], tags: TagTable): Endpoint {
  const sets: RangeSet[] = [];
  const asgs: string[] = [];
  const unknownTags: string[] = [];
  const unreadable: string[] = [];
  let usesVirtualNetwork = false;
  let usesInternet = false;
  for (const text of texts.flatMap((entry) => entry.split(","))) {
    const lower = text.trim().toLowerCase();
    const prefix = parsePrefix(lower);
    const span = parseSpan(lower);
    if (lower === "*" || lower === "any" || prefix?.length === 0) sets.push(tags.anything);
    else if (prefix !== undefined) sets.push(prefixSet(prefix));
    else if (span !== undefined) sets.push(span);
    else if (parseIpv6Prefix(lower) !== undefined) sets.push(tags.ipv6?.setOf(lower) ?? emptySet);
    else if (lower.startsWith("asg:")) asgs.push(lower.slice(4));
    else if (lower === "virtualnetwork") usesVirtualNetwork = true;
    else if (lower === "internet") usesInternet = true;
    else if (lower === "azureloadbalancer")
      sets.push(prefixesSet([platformAddress]), tags.ipv6?.setOf(ipv6ProbeAddress) ?? emptySet);
    else if (Object.values(platformTags).includes(lower))
      sets.push(prefixesSet(Object.keys(platformTags).filter((address) => platformTags[address] === lower)));
    else if (tagPattern.test(lower)) {
      sets.push(tags.setOf(lower));
      unknownTags.push(text);
    } else unreadable.push(text);
  }
  return { fixed: unionOf(...sets), usesVirtualNetwork, usesInternet, asgs, unknownTags, unreadable };
}

/** The addresses of an endpoint as one subnet sees them; ASGs by the addresses of their present members. */
export function resolveEndpoint(
  endpoint: Endpoint,
  context: TagContext,
  asgAddresses: ReadonlyMap<string, RangeSet>,
): RangeSet {
  const sets = [endpoint.fixed];
  if (endpoint.usesVirtualNetwork) sets.push(context.virtualNetwork);
  if (endpoint.usesInternet) sets.push(context.internet);
  for (const asg of endpoint.asgs) sets.push(asgAddresses.get(asg) ?? []);
  return unionOf(...sets);
}
