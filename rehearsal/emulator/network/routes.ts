import type { World } from "../core.js";
import { includesAddress, includesRange, parsePrefix } from "./addresses.js";
import type { CardContext } from "./flows.js";
import { addressSpace, connectedPeers, gatewayPrefixes, isPropagationDisabled, userRoutes } from "./topology.js";

/** A route as `effectiveRouteTable` answers it. */
export interface EffectiveRoute {
  /** Only on user-defined routes. */
  name?: string;
  source: "Default" | "User" | "VirtualNetworkGateway";
  /** `Invalid`: another source has a route for the same prefix that is preferred. */
  state: "Active" | "Invalid";
  addressPrefix: string[];
  nextHopType: "VnetLocal" | "VNetPeering" | "VirtualNetworkGateway" | "VirtualAppliance" | "Internet" | "None";
  nextHopIpAddress: string[];
  /** The route table of a user-defined route. */
  tableId?: string;
}

/** Private ranges that Azure drops unless the network itself uses them. */
const droppedRanges = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"];

/**
 * Every route of a network card: the system's, those that a gateway brings, the user's.
 * @see https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview
 */
export function effectiveRoutes(context: CardContext, world: World): EffectiveRoute[] {
  const { network, subnet } = context;
  const own = addressSpace(network);
  const user = userRoutes(subnet, world).map(
    (route): EffectiveRoute => ({
      name: route.name,
      source: "User",
      state: "Active",
      addressPrefix: [route.addressPrefix],
      nextHopType:
        route.nextHopType === "VnetLocal" ? "VnetLocal" : (route.nextHopType as EffectiveRoute["nextHopType"]),
      nextHopIpAddress: route.nextHopIpAddress === undefined ? [] : [route.nextHopIpAddress],
      tableId: route.tableId,
    }),
  );
  const system = (prefix: string, nextHopType: EffectiveRoute["nextHopType"]): EffectiveRoute => ({
    source: "Default",
    state: "Active",
    addressPrefix: [prefix],
    nextHopType,
    nextHopIpAddress: [],
  });
  const isUsed = (prefix: string) => {
    const range = parsePrefix(prefix);
    return own.some((text) => {
      const used = parsePrefix(text);
      return range !== undefined && used !== undefined && includesRange(used, range);
    });
  };
  const systemRoutes = [
    ...own.map((prefix) => system(prefix, "VnetLocal")),
    ...connectedPeers(network, world).flatMap((peer) =>
      addressSpace(peer.network).map((prefix) => system(prefix, "VNetPeering")),
    ),
    system("0.0.0.0/0", "Internet"),
    ...droppedRanges.filter((prefix) => !isUsed(prefix)).map((prefix) => system(prefix, "None")),
  ];
  const propagated = isPropagationDisabled(subnet, world) ? [] : gatewayPrefixes(network, world);
  const gateway = propagated.map(
    (prefix): EffectiveRoute => ({ ...system(prefix, "VirtualNetworkGateway"), source: "VirtualNetworkGateway" }),
  );
  // For equal prefixes: user-defined, then learned from a gateway, then the system's.
  const seen = new Set<string>();
  const ranked = [...user, ...gateway, ...systemRoutes].map((route): EffectiveRoute => {
    const prefix = route.addressPrefix[0] ?? "";
    const state = seen.has(prefix) ? "Invalid" : "Active";
    seen.add(prefix);
    return { ...route, state };
  });
  const order = { Default: 0, VirtualNetworkGateway: 1, User: 2 };
  return ranked.sort((a, b) => order[a.source] - order[b.source]);
}

/**
 * The route that a packet to an address takes: the longest prefix of the active ones. Routes within the network and to
 * its peers win over more specific ones that a gateway brings.
 */
export function nextHop(routes: readonly EffectiveRoute[], address: number): EffectiveRoute | undefined {
  const matching = routes
    .filter((route) => route.state === "Active")
    .flatMap((route) => {
      const prefix = parsePrefix(route.addressPrefix[0] ?? "");
      return prefix && includesAddress(prefix, address) ? [{ route, length: prefix.length }] : [];
    })
    .sort((a, b) => b.length - a.length);
  const first = matching[0]?.route;
  if (first?.source !== "VirtualNetworkGateway") return first;
  return (
    matching.find(
      ({ route }) =>
        route.source === "Default" && (route.nextHopType === "VnetLocal" || route.nextHopType === "VNetPeering"),
    )?.route ?? first
  );
}
