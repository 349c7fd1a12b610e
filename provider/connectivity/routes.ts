import { parsePrefix, prefixSet } from "./address.js";
import { intersect, type RangeSet, subtract, unionOf } from "./rangeSet.js";

/** A route as Azure shows it among a NIC's effective routes. */
export interface EffectiveRoute {
  /** Default (system), User, VirtualNetworkGateway (BGP and gateway ranges). Compared without case. */
  source: string;
  prefix: string;
  /** VnetLocal, VNetPeering, VirtualNetworkServiceEndpoint, VirtualNetworkGateway, Internet, VirtualAppliance, None. */
  nextHopType: string;
  nextHopIp?: string;
}

/** A part of a set of addresses and the route that Azure takes to it; no route at all leaves the part out. */
export interface RoutedPart {
  route: EffectiveRoute;
  addresses: RangeSet;
}

/** What decides the routes of one subnet. */
export interface RouteSources {
  vnetSpaces: readonly string[];
  peeredSpaces: readonly string[];
  gatewaySpaces: readonly string[];
  userRoutes: readonly { prefix: string; nextHopType: string; nextHopIp?: string }[];
  /** True = gateway ranges do not reach the subnet. */
  disableBgpRoutePropagation: boolean;
}

/** The routes of a subnet before any lookup: system, gateway and user-defined, without those that are unreadable. */
export function effectiveRoutes(sources: RouteSources): EffectiveRoute[] {
  const system = (prefix: string, nextHopType: string): EffectiveRoute => ({
    source: "Default",
    prefix,
    nextHopType,
  });
  return [
    ...sources.vnetSpaces.map((prefix) => system(prefix, "VnetLocal")),
    ...sources.peeredSpaces.map((prefix) => system(prefix, "VNetPeering")),
    system("0.0.0.0/0", "Internet"),
    system("10.0.0.0/8", "None"),
    system("172.16.0.0/12", "None"),
    system("192.168.0.0/16", "None"),
    system("100.64.0.0/10", "None"),
    ...(sources.disableBgpRoutePropagation ? [] : sources.gatewaySpaces).map((prefix) => ({
      source: "VirtualNetworkGateway",
      prefix,
      nextHopType: "VirtualNetworkGateway",
    })),
    ...sources.userRoutes.map((route) => ({ source: "User", ...route })),
  ].filter((route) => parsePrefix(route.prefix) !== undefined);
}

/** Routes in the order in which Azure prefers them, parsed once per subnet. */
export class RouteTable {
  private readonly ordered: { route: EffectiveRoute; addresses: RangeSet }[];
  private readonly known = new WeakMap<RangeSet, RoutedPart[]>();

  constructor(routes: readonly EffectiveRoute[]) {
    const parsed = routes.flatMap((route) => {
      const prefix = parsePrefix(route.prefix);
      return prefix === undefined ? [] : [{ route, prefix, rank: rankOf(route) }];
    });
    const local = unionOf(...parsed.filter(({ route }) => isLocal(route)).map(({ prefix }) => prefixSet(prefix)));
    this.ordered = parsed
      .sort((a, b) => b.prefix.length - a.prefix.length || a.rank - b.rank || a.prefix.first - b.prefix.first)
      .map(({ route, prefix, rank }) => ({
        route,
        // System routes of the network, of peerings and of service endpoints win even over more specific BGP routes.
        addresses: rank === gatewayRank ? subtract(prefixSet(prefix), local) : prefixSet(prefix),
      }));
  }

  /** Splits a set of addresses by the route that each takes: longest prefix, then user-defined, BGP, system. */
  lookUp(addresses: RangeSet): RoutedPart[] {
    let parts = this.known.get(addresses);
    if (parts === undefined) {
      parts = this.split(addresses);
      this.known.set(addresses, parts);
    }
    return parts;
  }

  private split(addresses: RangeSet): RoutedPart[] {
    const parts: RoutedPart[] = [];
    let open = addresses;
    for (const { route, addresses: covered } of this.ordered) {
      if (open.length === 0) break;
      const match = intersect(open, covered);
      if (match.length === 0) continue;
      parts.push({ route, addresses: match });
      open = subtract(open, covered);
    }
    return parts;
  }
}

const gatewayRank = 1;

/** Azure's portal writes "Virtual network gateway" what its API calls VirtualNetworkGateway. */
export function routeWord(text: string): string {
  return text.toLowerCase().replace(/[\s-]/g, "");
}

function rankOf(route: EffectiveRoute): number {
  const source = routeWord(route.source);
  if (["user", "udr", "userdefined"].includes(source)) return 0;
  return source === "virtualnetworkgateway" || source === "bgp" ? gatewayRank : 2;
}

const localHops = new Set([
  "vnetlocal",
  "virtualnetwork",
  "vnetpeering",
  "vnetglobalpeering",
  "virtualnetworkserviceendpoint",
  "interfaceendpoint",
]);

function isLocal(route: EffectiveRoute): boolean {
  return rankOf(route) === 2 && localHops.has(routeWord(route.nextHopType));
}
