import { type RangeSet, subtract, unionOf } from "./rangeSet.js";

/** An IPv4 range; `first` and `last` as unsigned 32-bit numbers, `length` 0-32. */
export interface Prefix {
  first: number;
  last: number;
  length: number;
}

/** 2^32: service tags whose addresses are not known live above it, as numbers that no address has. */
export const addressCount = 2 ** 32;

/** Ranges that are not public: a system route drops them unless a network or gateway holds them. */
export const privatePrefixes: readonly string[] = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
];

/** A dotted IPv4 address as a number, undefined where the text is none. Leading zeros are refused as ambiguous. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part)) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** A CIDR range or a single address (/32); undefined where the text is neither. Bits behind the length are ignored. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { first: address, last: address, length: 32 };
  const lengthText = text.slice(slash + 1);
  if (!/^(0|[1-9]\d?)$/.test(lengthText) || Number(lengthText) > 32) return undefined;
  const length = Number(lengthText);
  const size = 2 ** (32 - length);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, length };
}

/** `10.0.0.4-10.0.0.9`, both ends included; undefined where the text is no such range. */
export function parseSpan(text: string): RangeSet | undefined {
  const [first, last, ...rest] = text.split("-").map((end) => parseAddress(end.trim()));
  return first !== undefined && last !== undefined && rest.length === 0 && first <= last
    ? [first, last]
    : undefined;
}

/** True for text that looks like IPv6, of which Site Recovery gives machines none. */
export function looksLikeIpv6(text: string): boolean {
  return text.includes(":") && /^[0-9a-f:.]+(\/\d+)?$/i.test(text);
}

export function prefixSet(prefix: Prefix): RangeSet {
  return [prefix.first, prefix.last];
}

/** The union of those texts that are ranges; others are left out. */
export function prefixesSet(texts: readonly string[]): RangeSet {
  return unionOf(
    ...texts.flatMap((text) => {
      const prefix = parsePrefix(text);
      return prefix === undefined ? [] : [prefixSet(prefix)];
    }),
  );
}

export function formatPrefix(prefix: Prefix): string {
  return prefix.length === 32 ? formatAddress(prefix.first) : `${formatAddress(prefix.first)}/${prefix.length}`;
}

/** The fewest CIDR ranges that hold exactly the addresses of the set, in order. */
export function setToPrefixes(set: RangeSet): string[] {
  const texts: string[] = [];
  for (let i = 0; i < set.length; i += 2) {
    let first = set[i] ?? 0;
    const last = Math.min(set[i + 1] ?? -1, addressCount - 1);
    while (first <= last) {
      let length = 32;
      while (length > 0) {
        const size = 2 ** (32 - (length - 1));
        if (first % size !== 0 || first + size - 1 > last) break;
        length--;
      }
      const size = 2 ** (32 - length);
      texts.push(formatPrefix({ first, last: first + size - 1, length }));
      first += size;
    }
  }
  return texts;
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** The addresses that Azure gives to machines: all but the first four and the last of the subnet's own range. */
export function usableAddresses(subnet: Prefix): RangeSet {
  return subtract(prefixSet(subnet), [subnet.first, subnet.first + 3, subnet.last, subnet.last]);
}

export type StaticAddressProblem = "reserved-first-four" | "reserved-last" | "out-of-range" | "in-use";

/**
 * Whether an address may be asked for in a subnet.
 * @returns undefined where it may, else why not. `isUsed` is asked last.
 * @see https://learn.microsoft.com/azure/virtual-network/ip-services/private-ip-addresses
 */
export function staticAddressProblem(
  subnet: Prefix,
  address: number,
  isUsed: (address: number) => boolean,
): StaticAddressProblem | undefined {
  if (address < subnet.first || address > subnet.last) return "out-of-range";
  if (address <= subnet.first + 3) return "reserved-first-four";
  if (address === subnet.last) return "reserved-last";
  return isUsed(address) ? "in-use" : undefined;
}
