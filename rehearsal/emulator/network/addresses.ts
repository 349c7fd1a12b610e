/** IPv4 addresses and prefixes as numbers. Azure's subnets here are IPv4 only. */

/** A range of addresses, both ends included. */
export interface AddressRange {
  first: number;
  last: number;
}

export interface Prefix extends AddressRange {
  /** 0-32. */
  length: number;
}

/** `10.0.0.4` as a number 0-4294967295; undefined where the text is no IPv4 address. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    // "010" is octal for some readers and decimal for others: neither.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join(".");
}

/** `10.0.0.0/24`; undefined where the text is no prefix or has bits set beyond its length. */
export function parsePrefix(text: string): Prefix | undefined {
  const [network, length, ...rest] = text.split("/");
  if (network === undefined || length === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length))
    return undefined;
  const first = parseAddress(network);
  const bits = Number(length);
  if (first === undefined || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  return first % size === 0 ? { first, last: first + size - 1, length: bits } : undefined;
}

/** An address (a range of one), a prefix, or `first-last`; undefined for anything else, such as a service tag. */
export function parseRange(text: string): AddressRange | undefined {
  const single = parseAddress(text);
  if (single !== undefined) return { first: single, last: single };
  const prefix = parsePrefix(text);
  if (prefix) return prefix;
  const ends = text.split("-").map((end) => parseAddress(end.trim()));
  const [first, last] = ends;
  return ends.length === 2 && first !== undefined && last !== undefined && first <= last
    ? { first, last }
    : undefined;
}

export function includesAddress(range: AddressRange, address: number): boolean {
  return address >= range.first && address <= range.last;
}

export function includesRange(outer: AddressRange, inner: AddressRange): boolean {
  return inner.first >= outer.first && inner.last <= outer.last;
}

export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/**
 * Azure keeps the first four addresses and the last one of every subnet, whatever its size.
 * @see https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
 */
export function isReserved(subnet: AddressRange, address: number): boolean {
  return address < subnet.first + 4 || address === subnet.last;
}

/** The lowest address of a subnet that is neither reserved nor taken; undefined where the subnet is full. */
export function nextFreeAddress(subnet: AddressRange, taken: ReadonlySet<number>): number | undefined {
  for (let address = subnet.first + 4; address < subnet.last; address++) if (!taken.has(address)) return address;
  return undefined;
}
