import type { ArmResource, World } from "../core.js";
import { type AddressRange, parsePrefix, parseRange } from "./addresses.js";
import { isObject, referencedId } from "./allocation.js";
import { parseIpv6Range } from "./ipv6.js";

/** How virtual networks are joined: peerings and gateways, read from the store. */

/** Prefixes of a virtual network's address space. */
export function addressSpace(network: ArmResource): string[] {
  const space = network.properties.addressSpace;
  const prefixes: unknown = isObject(space) ? space.addressPrefixes : undefined;
  return Array.isArray(prefixes) ? prefixes.map(String) : [];
}

export interface Peer {
  network: ArmResource;
  usesRemoteGateways: boolean;
}

/** The networks that a network is joined with by a peering that both sides have and that lets traffic pass. */
export function connectedPeers(network: ArmResource, world: World): Peer[] {
  return peerings(network).flatMap((peering) => {
    const remote = world.arm.get(referencedId(peering.remoteVirtualNetwork) ?? "");
    if (!remote || peering.peeringState !== "Connected" || peering.allowVirtualNetworkAccess === false) return [];
    const back = peerings(remote).find(
      (candidate) => referencedId(candidate.remoteVirtualNetwork)?.toLowerCase() === network.id.toLowerCase(),
    );
    const usesRemoteGateways = peering.useRemoteGateways === true && back?.allowGatewayTransit === true;
    return [{ network: remote, usesRemoteGateways }];
  });
}

function peerings(network: ArmResource): Record<string, unknown>[] {
  const list = network.properties.virtualNetworkPeerings;
  return (Array.isArray(list) ? list.filter(isObject) : []).map((peering) =>
    isObject(peering.properties) ? peering.properties : {},
  );
}

/** Ranges on-premises that a network reaches by its own gateway, or by that of a peer that lends it. */
export function gatewayPrefixes(network: ArmResource, world: World): string[] {
  const lenders = connectedPeers(network, world)
    .filter((peer) => peer.usesRemoteGateways)
    .map((peer) => peer.network);
  return [network, ...lenders].flatMap((owner) => ownGatewayPrefixes(owner, world));
}

function ownGatewayPrefixes(network: ArmResource, world: World): string[] {
  const below = `${network.id.toLowerCase()}/subnets/`;
  const gateways = world.arm.list("Microsoft.Network/virtualNetworkGateways").filter((gateway) => {
    const configurations = gateway.properties.ipConfigurations;
    return (Array.isArray(configurations) ? configurations.filter(isObject) : []).some((configuration) => {
      const properties = isObject(configuration.properties) ? configuration.properties : {};
      return referencedId(properties.subnet)?.toLowerCase().startsWith(below) ?? false;
    });
  });
  return gateways.flatMap((gateway) =>
    world.arm
      .referrers(gateway.id)
      .filter((user) => user.type === "Microsoft.Network/connections")
      .flatMap((connection) => {
        const local = world.arm.get(referencedId(connection.properties.localNetworkGateway2) ?? "");
        const space = local?.properties.localNetworkAddressSpace;
        const prefixes: unknown = isObject(space) ? space.addressPrefixes : undefined;
        return Array.isArray(prefixes) ? prefixes.map(String) : [];
      }),
  );
}

/** A user-defined route of a subnet. */
export interface UserRoute {
  name: string;
  addressPrefix: string;
  nextHopType: string;
  nextHopIpAddress?: string;
  tableId: string;
}

/** True where the subnet's route table keeps what gateways bring away from it. */
export function isPropagationDisabled(subnet: ArmResource, world: World): boolean {
  const table = world.arm.get(referencedId(subnet.properties.routeTable) ?? "");
  return table?.properties.disableBgpRoutePropagation === true;
}

export function userRoutes(subnet: ArmResource, world: World): UserRoute[] {
  const tableId = referencedId(subnet.properties.routeTable);
  const table = tableId === undefined ? undefined : world.arm.get(tableId);
  const routes = table?.properties.routes;
  return (Array.isArray(routes) ? routes.filter(isObject) : []).map((route) => {
    const properties = isObject(route.properties) ? route.properties : {};
    const { nextHopIpAddress } = properties;
    return {
      name: String(route.name),
      addressPrefix: String(properties.addressPrefix),
      nextHopType: String(properties.nextHopType),
      ...(typeof nextHopIpAddress === "string" && { nextHopIpAddress }),
      tableId: table?.id ?? "",
    };
  });
}

/** Azure's own address inside every virtual network: DHCP, DNS, health probes. */
export const platformAddress = "168.63.129.16";

/**
 * What the service tag `VirtualNetwork` covers for a subnet: the network, its peers, the ranges behind gateways, the
 * platform's address, and prefixes on user-defined routes. A default route (0.0.0.0/0) is not counted: whether it
 * widens the tag is not documented clearly.
 * @see https://learn.microsoft.com/azure/virtual-network/service-tags-overview
 */
export function virtualNetworkTag(network: ArmResource, subnet: ArmResource, world: World): string[] {
  return [
    ...addressSpace(network),
    ...connectedPeers(network, world).flatMap((peer) => addressSpace(peer.network)),
    ...gatewayPrefixes(network, world),
    ...userRoutes(subnet, world)
      .map((route) => route.addressPrefix)
      .filter(
        (prefix) =>
          (prefix !== "0.0.0.0/0" && parsePrefix(prefix) !== undefined) ||
          (parseIpv6Range(prefix)?.length ?? 0) > 0,
      ),
    platformAddress,
  ];
}

export function toRanges(prefixes: string[]): AddressRange[] {
  return prefixes.flatMap((prefix) => parseRange(prefix) ?? []);
}
