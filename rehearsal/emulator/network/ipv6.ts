/** IPv6 addresses and prefixes as 128-bit numbers: networks and rules may hold them, and flows are judged by them. */

export interface Ipv6Range {
  first: bigint;
  last: bigint;
}

/** `2001:db8::4`; undefined where the text is no IPv6 address. */
export function parseIpv6Address(text: string): bigint | undefined {
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(":")) return undefined;
  const shortened = text.indexOf("::");
  if (shortened !== text.lastIndexOf("::")) return undefined;
  const split = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const head = split(shortened < 0 ? text : text.slice(0, shortened));
  const tail = shortened < 0 ? [] : split(text.slice(shortened + 2));
  const missing = 8 - head.length - tail.length;
  if (shortened < 0 ? missing !== 0 : missing < 1) return undefined;
  const words = [...head, ...new Array<string>(Math.max(missing, 0)).fill("0"), ...tail];
  if (!words.every((word) => /^[0-9a-f]{1,4}$/i.test(word))) return undefined;
  return BigInt(`0x${words.map((word) => word.padStart(4, "0")).join("")}`);
}

/** `2001:db8::/32`, or an address as a range of one; bits beyond the length are cut off. */
export function parseIpv6Range(text: string): (Ipv6Range & { length: number }) | undefined {
  const [network = "", lengthText = "128", ...rest] = text.split("/");
  const address = parseIpv6Address(network);
  const length = Number(lengthText);
  if (address === undefined || rest.length > 0 || !/^\d{1,3}$/.test(lengthText) || length > 128) return undefined;
  const hostBits = BigInt(128 - length);
  const first = (address >> hostBits) << hostBits;
  return { first, last: first + (1n << hostBits) - 1n, length };
}

export function isWithinIpv6(range: Ipv6Range, address: bigint): boolean {
  return address >= range.first && address <= range.last;
}
