import { parseAddress, parsePrefix, prefixesSet, usableAddresses } from "./address.js";
import { AdminRules } from "./adminRules.js";
import { Ipv6Space, parseIpv6Prefix } from "./ipv6.js";
import { NsgEvaluator, priorityRange } from "./nsg.js";
import { contains, intersects, type RangeSet, unionOf } from "./rangeSet.js";
import { type EffectiveRoute, RouteTable, routeWord } from "./routes.js";
import {
  composeTags,
  parseEndpoint,
  platformTagOf,
  resolveEndpoint,
  type TagContext,
  TagTable,
} from "./serviceTags.js";
import type { RuleAccess, RuleDirection, SecurityAdminRule, SecurityRule } from "./types.js";

/** Where a flow is asked about: the ranges that give service tags their meaning, and the public IP. */
export interface FlowContext {
  vnetSpaces: string[];
  subnetPrefix: string;
  peeredSpaces: string[];
  gatewaySpaces: string[];
  udrPrefixes: string[];
  /** Name of an application security group -> private addresses of its members. */
  asgs: Record<string, string[]>;
  /** null = no public IP. */
  publicIpSku: string | null;
  publicIpAddress?: string;
  /** Rules of Virtual Network Manager, asked before the NSGs. Default none. */
  adminRules?: readonly SecurityAdminRule[];
}

export interface Flow {
  direction: RuleDirection;
  protocol: string;
  /** An address; a CIDR or a tag asks for every address in it. */
  source: string;
  sourcePort: number;
  destination: string;
  destinationPort: number;
  /** Replies of an allowed flow need no rule: NSGs are stateful. Default new. */
  connectionState?: "new" | "reply-of-allowed-inbound";
}

export interface FlowVerdict {
  verdict: "allow" | "deny";
  /** rule is null where no NSG decided. */
  decidedBy: { scope: "admin" | "subnet" | "nic" | "none" | "flow-state"; rule: string | null };
  /** NSGs in the order in which Azure asked them; after a deny the next is not asked. */
  evaluated: { scope: "subnet" | "nic"; rule: string; access: RuleAccess }[];
}

/** null = no NSG there, [] = an NSG with the default rules only. */
export type Rules = readonly SecurityRule[] | null;

/**
 * Whether NSGs let one flow pass: inbound the subnet's first, then the NIC's, outbound the other way round.
 * @throws RangeError where source or destination cannot be read
 * @see https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works
 */
export function evaluateFlow(context: FlowContext, subnetRules: Rules, nicRules: Rules, flow: Flow): FlowVerdict {
  if (flow.connectionState === "reply-of-allowed-inbound")
    return { verdict: "allow", decidedBy: { scope: "flow-state", rule: null }, evaluated: [] };
  const tags = new TagTable(ipv6SpaceOf(context, [subnetRules, nicRules], flow));
  const tagContext = composeTags(context, tags.ipv6);
  const asgs = asgSets(context.asgs, tags);
  const isInbound = flow.direction === "Inbound";
  // Rules see private addresses only: Azure translates before inbound filtering and after outbound filtering.
  const own = (text: string): RangeSet | undefined => translated(text, context, [subnetRules, nicRules]);
  const flowSet = {
    direction: flow.direction,
    protocol: flow.protocol,
    sources: (isInbound ? undefined : own(flow.source)) ?? place(flow.source, "source", tags, tagContext, asgs),
    sourcePorts: [flow.sourcePort, flow.sourcePort],
    destinations:
      (isInbound ? own(flow.destination) : undefined) ??
      place(flow.destination, "destination", tags, tagContext, asgs),
    destinationPort: flow.destinationPort,
  };
  const platformTag = isInbound ? undefined : platformTagOf(flow.destination);
  if (platformTag === undefined && context.adminRules !== undefined && context.adminRules.length > 0) {
    const { destinationPort: port, ...question } = flowSet;
    const decided = new AdminRules(context.adminRules, tags, asgs).decide({ ...question, port }, tagContext);
    const final = decided.denied ?? (decided.forNsgs.length === 0 ? decided.alwaysAllowed : undefined);
    if (final !== undefined)
      return {
        verdict: decided.denied === undefined ? "allow" : "deny",
        decidedBy: { scope: "admin", rule: final.rule },
        evaluated: [],
      };
  }
  const stages: { scope: "subnet" | "nic"; rules: Rules }[] = [
    { scope: "subnet", rules: subnetRules },
    { scope: "nic", rules: nicRules },
  ];
  if (flow.direction === "Outbound") stages.reverse();
  const evaluated: FlowVerdict["evaluated"] = [];
  for (const { scope, rules } of stages) {
    if (rules === null) continue;
    // Azure's own services are exempt, but for rules that name them by their tag.
    const asked = platformTag === undefined ? rules : rules.filter((rule) => namesTag(rule, platformTag));
    const decided = new NsgEvaluator(asked, tags, asgs).decide(flowSet, tagContext).parts;
    const parts =
      platformTag === undefined ? decided : decided.filter(({ priority }) => priority <= priorityRange.highest);
    const deciding = parts.find((part) => part.access === "Deny") ?? parts.at(-1);
    if (deciding === undefined) continue;
    evaluated.push({ scope, rule: deciding.rule, access: deciding.access });
    if (deciding.access === "Deny") break;
  }
  const last = evaluated.at(-1);
  return {
    verdict: last?.access === "Deny" ? "deny" : "allow",
    decidedBy: last === undefined ? { scope: "none", rule: null } : { scope: last.scope, rule: last.rule },
    evaluated,
  };
}

export interface Reachability {
  /** none = no NSG on subnet or NIC. */
  nsgVerdict: "allow" | "deny" | "none";
  nsgDecidedBy: FlowVerdict["decidedBy"];
  directlyReachableFromInternet: boolean;
  blockedBy:
    | { kind: "route"; prefix: string; nextHopType: string }
    | { kind: "platform"; reason: "standard-public-ip-closed-without-nsg-allow" }
    | null;
}

/**
 * What stands in the way of a flow besides NSGs: the route that the machine's own packets take (of an inbound flow the
 * replies), and Azure's closed Standard public IP.
 */
export function evaluateReachability(
  context: FlowContext,
  subnetRules: Rules,
  nicRules: Rules,
  routes: readonly EffectiveRoute[],
  flow: Flow,
): Reachability {
  const verdict = evaluateFlow(context, subnetRules, nicRules, flow);
  const hasNsg = subnetRules !== null || nicRules !== null;
  const isInbound = flow.direction === "Inbound";
  const tags = new TagTable(ipv6SpaceOf(context, [], flow));
  const tagContext = composeTags(context, tags.ipv6);
  const [farEnd, property] = isInbound
    ? ([flow.source, "source"] as const)
    : ([flow.destination, "destination"] as const);
  const far = place(farEnd, property, tags, tagContext, asgSets(context.asgs, tags));
  const isPublic = intersects(far, tagContext.internet);
  const badRoute = new RouteTable(routes)
    .lookUp(far)
    .find(({ route }) => breaksReturn(route.nextHopType, isPublic && isInbound))?.route;
  const isClosed = isClosedByPlatform(context, subnetRules, nicRules, flow);
  return {
    nsgVerdict: hasNsg ? verdict.verdict : "none",
    nsgDecidedBy: verdict.decidedBy,
    directlyReachableFromInternet:
      isInbound &&
      isPublic &&
      context.publicIpSku !== null &&
      verdict.verdict === "allow" &&
      badRoute === undefined &&
      !isClosed,
    blockedBy:
      badRoute !== undefined
        ? { kind: "route", prefix: badRoute.prefix, nextHopType: badRoute.nextHopType }
        : isClosed
          ? { kind: "platform", reason: "standard-public-ip-closed-without-nsg-allow" }
          : null,
  };
}

/**
 * Whether Azure itself stops a new inbound flow: a Standard public IP is closed until an NSG allows, although a missing
 * NSG lets private traffic pass.
 * @see https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses
 */
export function isClosedByPlatform(
  context: FlowContext,
  subnetRules: Rules,
  nicRules: Rules,
  flow: Flow,
): boolean {
  if (subnetRules !== null || nicRules !== null || flow.direction !== "Inbound") return false;
  if (flow.connectionState === "reply-of-allowed-inbound" || context.publicIpSku?.toLowerCase() !== "standard")
    return false;
  const tags = new TagTable(ipv6SpaceOf(context, [], flow));
  const tagContext = composeTags(context, tags.ipv6);
  const sources = place(flow.source, "source", tags, tagContext, asgSets(context.asgs, tags));
  return intersects(sources, tagContext.internet);
}

/** A reply to a public source must leave by Internet or a service endpoint; any reply dies at None. */
function breaksReturn(nextHopType: string, isPublicSource: boolean): boolean {
  const hop = routeWord(nextHopType);
  return hop === "none" || (isPublicSource && hop !== "internet" && hop !== "virtualnetworkserviceendpoint");
}

/**
 * The private addresses that the machine's public IP may stand for: the one address of the subnet that the rules name,
 * else every address of it. Undefined for any other place.
 */
function translated(text: string, context: FlowContext, given: readonly Rules[]): RangeSet | undefined {
  const address = parseAddress(text);
  if (address === undefined || context.publicIpAddress === undefined) return undefined;
  if (address !== parseAddress(context.publicIpAddress)) return undefined;
  const subnet = parsePrefix(context.subnetPrefix);
  if (subnet === undefined) return undefined;
  const usable = usableAddresses(subnet);
  const named = given.flatMap((rules) =>
    (rules ?? [])
      .flatMap((rule) => [...rule.sources, ...rule.destinations])
      .flatMap((place) => parsePrefix(place) ?? []),
  );
  const hosts = new Set(
    named.filter(({ first, length }) => length === 32 && contains(usable, first)).map(({ first }) => first),
  );
  const [only] = hosts;
  return only !== undefined && hosts.size === 1 ? [only, only] : usable;
}

function namesTag(rule: SecurityRule, tag: string): boolean {
  return rule.destinations.some((text) => text.trim().toLowerCase() === tag);
}

/** The IPv6 ranges of a question; undefined where it names none. */
function ipv6SpaceOf(context: FlowContext, given: readonly Rules[], flow: Flow): Ipv6Space | undefined {
  const { vnetSpaces, peeredSpaces, gatewaySpaces, udrPrefixes, asgs, adminRules = [] } = context;
  const rules = [...given.flatMap((list) => list ?? []), ...adminRules];
  const texts = [
    ...[...vnetSpaces, ...peeredSpaces, ...gatewaySpaces, ...udrPrefixes, ...Object.values(asgs).flat()],
    ...rules.flatMap(({ sources, destinations }) => [...sources, ...destinations]),
    ...[flow.source, flow.destination],
  ];
  return texts.some((text) => parseIpv6Prefix(text) !== undefined) ? new Ipv6Space(texts) : undefined;
}

function asgSets(asgs: Record<string, string[]>, tags: TagTable): Map<string, RangeSet> {
  return new Map(
    Object.entries(asgs).map(([name, addresses]) => [
      name.toLowerCase(),
      unionOf(prefixesSet(addresses), ...addresses.map((address) => tags.ipv6?.setOf(address) ?? [])),
    ]),
  );
}

function place(
  text: string,
  property: string,
  tags: TagTable,
  context: TagContext,
  asgs: ReadonlyMap<string, RangeSet>,
): RangeSet {
  const endpoint = parseEndpoint([text], tags);
  if (endpoint.unreadable.length > 0)
    throw new RangeError(`flow.${property} is "${text}", allowed: address, CIDR, * or service tag`);
  return resolveEndpoint(endpoint, context, asgs);
}
