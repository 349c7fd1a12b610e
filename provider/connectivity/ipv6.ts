import { emptySet, type RangeSet, unionOf } from "./rangeSet.js";

/** An IPv6 range; `first` and `last` as 128-bit numbers, `length` 0-128. */
export interface Ipv6Prefix {
  first: bigint;
  last: bigint;
  length: number;
}

const bits = 128;

/** An IPv6 address as a number, undefined where the text is none. A zone (`%eth0`) is refused. */
export function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map(groupsOf);
  if (left === undefined || (halves.length === 2 && right === undefined)) return undefined;
  const given = left.length + (right?.length ?? 0);
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined;
  const groups = [...left, ...Array.from({ length: 8 - given }, () => 0), ...(right ?? [])];
  return groups.reduce((value, group) => value * 65_536n + BigInt(group), 0n);
}

/** The 16-bit groups of one side of `::`; the last two may be written as an IPv4 address. */
function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const words = text.split(":");
  for (const [index, word] of words.entries()) {
    const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(word)?.slice(1).map(Number);
    if (octets !== undefined) {
      const [a = 256, b = 256, c = 256, d = 256] = octets;
      if (index !== words.length - 1 || Math.max(a, b, c, d) > 255) return undefined;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-f]{1,4}$/i.test(word)) groups.push(Number.parseInt(word, 16));
    else return undefined;
  }
  return groups;
}

/** A CIDR range or a single address (/128); undefined where the text is neither. Bits behind the length are ignored. */
export function parseIpv6Prefix(text: string): Ipv6Prefix | undefined {
  const [address = "", lengthText, ...rest] = text.split("/");
  const value = parseIpv6(address);
  if (value === undefined || rest.length > 0) return undefined;
  if (lengthText !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(lengthText) || Number(lengthText) > bits))
    return undefined;
  const length = lengthText === undefined ? bits : Number(lengthText);
  const size = 1n << BigInt(bits - length);
  const first = (value / size) * size;
  return { first, last: first + size - 1n, length };
}

/** From where Azure probes a machine by IPv6. @see https://learn.microsoft.com/azure/load-balancer/load-balancer-ipv6-overview */
export const ipv6ProbeAddress = "fe80::1234:5678:9abc";

/** Ranges that are no public address space: unspecified and loopback, unique local, link-local, multicast. */
const nonPublic = ["::/127", "fc00::/7", "fe80::/10", "ff00::/8"];

/**
 * The IPv6 ranges of one question as sets of small numbers. Between two neighbouring ends of the ranges that are named all
 * addresses are alike, so each such stretch is one number: 128 bits fit where IPv4 addresses are numbers too. The numbers
 * lie above those of addresses and service tags, and mean nothing in another question.
 */
export class Ipv6Space {
  private static readonly base = 2 ** 34;
  private readonly starts: bigint[];

  /** @param texts every range and address that the question names; those that are no IPv6 are passed over */
  constructor(texts: Iterable<string>) {
    const starts = new Set([0n]);
    for (const text of [...texts, ...nonPublic, ipv6ProbeAddress]) {
      const prefix = parseIpv6Prefix(text);
      if (prefix === undefined) continue;
      starts.add(prefix.first);
      starts.add(prefix.last + 1n);
    }
    starts.delete(1n << BigInt(bits));
    this.starts = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  /** Every IPv6 address. */
  get all(): RangeSet {
    return [Ipv6Space.base, Ipv6Space.base + this.starts.length - 1];
  }

  get nonPublic(): RangeSet {
    return unionOf(...nonPublic.map((text) => this.setOf(text)));
  }

  /** The stretches of a range that the question names; empty for a text that is no IPv6. */
  setOf(text: string): RangeSet {
    const prefix = parseIpv6Prefix(text);
    if (prefix === undefined) return emptySet;
    return [Ipv6Space.base + this.stretchOf(prefix.first), Ipv6Space.base + this.stretchOf(prefix.last)];
  }

  private stretchOf(address: bigint): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] ?? 0n) <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

export type Ipv6StaticProblem = "reserved-first-four" | "reserved-last" | "out-of-range" | "in-use";

/**
 * Whether an address may be asked for in an IPv6 subnet, which is a /64. Azure keeps the first four and the last one as
 * in every subnet (derived from the rule for IPv4).
 */
export function ipv6StaticProblem(
  subnet: Ipv6Prefix,
  address: bigint,
  inUse: readonly string[],
): Ipv6StaticProblem | undefined {
  if (address < subnet.first || address > subnet.last) return "out-of-range";
  if (address <= subnet.first + 3n) return "reserved-first-four";
  if (address === subnet.last) return "reserved-last";
  return inUse.some((text) => parseIpv6(text) === address) ? "in-use" : undefined;
}
