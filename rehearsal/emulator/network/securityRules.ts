import type { ArmResource } from "../core.js";
import { type AddressRange, parseAddress, parseRange } from "./addresses.js";
import { isObject, referencedId } from "./allocation.js";
import { type Ipv6Range, parseIpv6Range } from "./ipv6.js";

/** Reading and matching the rules of network security groups. */

/** What an address field of a rule says. A range of one family matches no flow of the other. */
export type SecurityAddress =
  | { kind: "any" }
  | { kind: "tag"; tag: string }
  | { kind: "range"; range: AddressRange }
  | { kind: "ipv6"; range: Ipv6Range };

export function parseSecurityAddress(text: string): SecurityAddress | undefined {
  if (text === "*" || text.toLowerCase() === "any" || text === "0.0.0.0/0") return { kind: "any" };
  const range = parseRange(text) ?? looseRange(text);
  if (range) return { kind: "range", range };
  const ipv6 = parseIpv6Range(text);
  if (ipv6) return { kind: "ipv6", range: ipv6 };
  return /^[a-z][a-z0-9]*(?:\.[a-z0-9]+)*$/i.test(text) ? { kind: "tag", tag: text } : undefined;
}

/** A prefix with bits set beyond its length stands for its network. */
function looseRange(text: string): AddressRange | undefined {
  const [host, length, ...rest] = text.split("/");
  const address = host === undefined ? undefined : parseAddress(host);
  const bits = Number(length);
  if (address === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length ?? "") || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

/** `*`, `443` or `10000-10005` (0-65535). */
export function parsePorts(text: string): AddressRange | undefined {
  if (text === "*") return { first: 0, last: 65_535 };
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first <= last && last <= 65_535 ? { first, last } : undefined;
}

/** A rule ready to be matched. */
export interface SecurityRule {
  name: string;
  isDefault: boolean;
  priority: number;
  direction: "Inbound" | "Outbound";
  access: "Allow" | "Deny";
  /** Lower case; `*` = any. */
  protocol: string;
  source: RuleSide;
  destination: RuleSide;
}

export interface RuleSide {
  addresses: SecurityAddress[];
  /** Lower-case ids. */
  applicationSecurityGroups: string[];
  ports: AddressRange[];
}

/** The rules of a network security group, own and default ones, in the order in which Azure evaluates a direction. */
export function rulesOf(group: ArmResource): SecurityRule[] {
  const read = (collection: string, isDefault: boolean) => {
    const list = group.properties[collection];
    return (Array.isArray(list) ? list.filter(isObject) : []).map((entry) => readRule(entry, isDefault));
  };
  return [...read("securityRules", false), ...read("defaultSecurityRules", true)].sort(
    (a, b) => a.priority - b.priority,
  );
}

function readRule(entry: Record<string, unknown>, isDefault: boolean): SecurityRule {
  const properties = isObject(entry.properties) ? entry.properties : {};
  const side = (name: "source" | "destination"): RuleSide => ({
    addresses: texts(properties, `${name}AddressPrefix`, `${name}AddressPrefixes`).flatMap(
      (text) => parseSecurityAddress(text) ?? [],
    ),
    applicationSecurityGroups: list(properties[`${name}ApplicationSecurityGroups`]).flatMap(
      (group) => referencedId(group)?.toLowerCase() ?? [],
    ),
    ports: texts(properties, `${name}PortRange`, `${name}PortRanges`).flatMap((text) => parsePorts(text) ?? []),
  });
  return {
    name: String(entry.name),
    isDefault,
    priority: Number(properties.priority),
    direction: properties.direction === "Outbound" ? "Outbound" : "Inbound",
    access: properties.access === "Allow" ? "Allow" : "Deny",
    protocol: String(properties.protocol).toLowerCase(),
    source: side("source"),
    destination: side("destination"),
  };
}

function texts(properties: Record<string, unknown>, one: string, many: string): string[] {
  const single = properties[one];
  return [...(typeof single === "string" && single !== "" ? [single] : []), ...list(properties[many]).map(String)];
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
