import { formatPrefix, looksLikeIpv6, parsePrefix, prefixesSet } from "./address.js";
import { intersect, type RangeSet, sizeOf, subtract } from "./rangeSet.js";
import { parseEndpoint, publicSet, resolveEndpoint, type TagContext, type TagTable } from "./serviceTags.js";
import type { AccessPath, OsType, WantedAccess } from "./types.js";

export const accessPaths: readonly AccessPath[] = ["vpn", "expressRoute", "bastion", "internet", "private"];

/** The ports by which machines are administered; never opened to everybody unasked. */
export const managementPorts: ReadonlySet<number> = new Set([22, 3389]);

/** A public source larger than this (a /8) counts as "the Internet" for a management port. */
const wideSourceSize = 2 ** 24;

export function defaultPort(osType: OsType): number {
  return osType === "Windows" ? 3389 : 22;
}

export interface InputProblem {
  property: string;
  reason: string;
}

/**
 * Everything that is wrong with wanted access, for a resource's `check`; empty where all is well. A value of a wrong type is
 * passed over where the shape of the inputs says so already: what is wrong beside it is told all the same.
 */
export function checkWantedAccess(
  access: readonly WantedAccess[],
  machineNames?: readonly string[],
  isUnknown: (value: unknown) => boolean = () => false,
): InputProblem[] {
  const problems: InputProblem[] = [];
  const note = (property: string, reason: string): number => problems.push({ property, reason });
  const known = machineNames === undefined ? undefined : new Set(machineNames.map((name) => name.toLowerCase()));
  access.forEach((wanted: unknown, index) => {
    if (typeof wanted !== "object" || wanted === null) return;
    const at = `access[${index}]`;
    const { path, port, protocol, sources, machines } = wanted as Record<keyof WantedAccess, unknown>;
    if (!accessPaths.some((known) => known === path) && !isUnknown(path))
      note(`${at}.path`, `is ${JSON.stringify(path)}, allowed: ${accessPaths.join(", ")}`);
    if (port !== undefined && !isUnknown(port) && !isPort(port))
      note(`${at}.port`, `is ${JSON.stringify(port)}, allowed: a whole number 1-65535`);
    if (protocol !== undefined && !isUnknown(protocol) && protocol !== "Tcp" && protocol !== "Udp")
      note(`${at}.protocol`, `is ${JSON.stringify(protocol)}, allowed: Tcp, Udp`);
    const isEmpty = Array.isArray(sources) && sources.length === 0;
    if (path === "internet" && (sources === undefined || isEmpty))
      note(`${at}.sources`, 'is missing; path "internet" needs the public ranges of those who may connect');
    else if (isEmpty) note(`${at}.sources`, "is empty; name ranges or leave it out for the default of the path");
    textsIn(sources).forEach(([i, source]) => {
      if (!isUnknown(source) && isUnreadable(source))
        note(
          `${at}.sources[${i}]`,
          `is ${JSON.stringify(source)}${looksLikeIpv6(source) ? ", and Site Recovery gives machines no IPv6 address" : ""}, allowed: IPv4 CIDR such as 203.0.113.0/24, an IPv4 address, a service tag`,
        );
    });
    textsIn(machines).forEach(([i, name]) => {
      if (known !== undefined && !isUnknown(name) && !known.has(name.toLowerCase()))
        note(
          `${at}.machines[${i}]`,
          `is ${JSON.stringify(name)}, allowed: ${machineNames?.slice(0, 20).join(", ") || "(no machine here)"}`,
        );
    });
  });
  return problems;
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65535;
}

/** The texts of a list with their places. */
function textsIn(list: unknown): [number, string][] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((value: unknown, index): [number, string][] =>
    typeof value === "string" ? [[index, value]] : [],
  );
}

const sourcePattern = /^(\*|asg:.+|[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*)$/;

function isUnreadable(source: string): boolean {
  return parsePrefix(source) === undefined && !sourcePattern.test(source);
}

/** Sources that can stand together in one rule: all ranges, or a single tag or application security group. */
export interface SourceGroup {
  /** In order, as they go into a rule. */
  entries: { text: string; set: RangeSet }[];
}

export interface Sources {
  texts: string[];
  set: RangeSet;
  groups: SourceGroup[];
  /** As wide as the Internet: more public addresses than a /8, or a tag that covers other people's machines. */
  isWide: boolean;
}

/** Reads sources as one subnet sees them. */
export function readSources(
  texts: readonly string[],
  tags: TagTable,
  context: TagContext,
  asgs: ReadonlyMap<string, RangeSet>,
): Sources {
  const endpoint = parseEndpoint(texts, tags);
  const set = resolveEndpoint(endpoint, context, asgs);
  const ranges: SourceGroup = { entries: [] };
  const single: SourceGroup[] = [];
  const normal: string[] = [];
  for (const text of texts) {
    const prefix = parsePrefix(text);
    const isEverything = text === "*" || text.toLowerCase() === "any" || prefix?.length === 0;
    const normalText = isEverything ? "*" : prefix === undefined ? text : formatPrefix(prefix);
    if (normal.includes(normalText)) continue;
    normal.push(normalText);
    const entry = {
      text: normalText,
      set:
        isEverything || prefix === undefined
          ? resolveEndpoint(parseEndpoint([text], tags), context, asgs)
          : prefixesSet([text]),
    };
    if (prefix === undefined || isEverything) single.push({ entries: [entry] });
    else ranges.entries.push(entry);
  }
  return {
    texts: normal,
    set,
    groups: ranges.entries.length > 0 ? [ranges, ...single] : single,
    isWide: endpoint.unknownTags.length > 0 || isWide(set, context),
  };
}

/** True where a set holds more public addresses than a /8. */
export function isWide(set: RangeSet, context: TagContext): boolean {
  return sizeOf(intersect(subtract(set, context.virtualNetwork), publicSet)) > wideSourceSize;
}
