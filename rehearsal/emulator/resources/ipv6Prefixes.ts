import { ArmError } from "../errors.js";
import { type Ipv6Range, parseIpv6Range } from "../network/ipv6.js";

/** IPv6 ranges of virtual networks and subnets: beside IPv4 ranges, never in their place. */

export function isIpv6(text: string): boolean {
  return text.includes(":");
}

/** @throws ArmError for a prefix that cannot be read or overlaps another of the network */
export function readIpv6Space(texts: readonly string[], networkId: string): Ipv6Range[] {
  const space: { text: string; range: Ipv6Range }[] = [];
  for (const text of texts) {
    const range = requireIpv6(text, networkId);
    const other = space.find((candidate) => overlap(candidate.range, range));
    if (other)
      throw new ArmError(
        400,
        "AddressPrefixesOverlap",
        `Address prefixes ${other.text} and ${text} of resource ${networkId} overlap.`,
      );
    space.push({ text, range });
  }
  return space.map(({ range }) => range);
}

/**
 * @param taken ranges of the network's subnets so far; the new one is added
 * @throws ArmError for a subnet that is no /64, lies outside the network or overlaps another
 */
export function checkIpv6Subnet(
  subnet: { id: string; name: string },
  text: string,
  space: readonly Ipv6Range[],
  taken: Ipv6Range[],
): void {
  const range = requireIpv6(text, subnet.id);
  if (range.length !== 64)
    throw new ArmError(
      400,
      "InvalidIPv6SubnetPrefix",
      `Subnet '${subnet.name}' has the IPv6 address prefix ${text}; an IPv6 subnet must be a /64.`,
    );
  if (!space.some((outer) => range.first >= outer.first && range.last <= outer.last))
    throw new ArmError(
      400,
      "NetcfgInvalidSubnet",
      `Subnet '${subnet.name}' is not valid because its IPv6 address range is outside that of its virtual network.`,
    );
  if (taken.some((other) => overlap(other, range)))
    throw new ArmError(
      400,
      "NetcfgSubnetRangesOverlap",
      `Subnet '${subnet.name}' is not valid because its IPv6 address range overlaps with that of an existing subnet.`,
    );
  taken.push(range);
}

function requireIpv6(text: string, id: string): Ipv6Range & { length: number } {
  const range = text.includes("/") ? parseIpv6Range(text) : undefined;
  if (range) return range;
  throw new ArmError(
    400,
    "InvalidCIDRNotation",
    `The address prefix ${text} in resource ${id} has an invalid CIDR notation.`,
  );
}

function overlap(a: Ipv6Range, b: Ipv6Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}
