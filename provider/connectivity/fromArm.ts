import type { z } from "zod";
import { readGateways } from "./armGateways.js";
import { readHolders } from "./armHolders.js";
import { ArmParser } from "./armParser.js";
import type { ArmResources } from "./armResources.js";
import { readAdminRules, readNsg } from "./armRules.js";
import {
  nsgShape,
  peeringShape,
  publicIpShape,
  routeShape,
  routeTableShape,
  subnetShape,
  virtualNetworkShape,
} from "./armShapes.js";
import { lastSegment, unique } from "./ids.js";
import type {
  ConnectivityInput,
  Finding,
  NetworkInput,
  PeeringInput,
  PublicIpInput,
  RouteTableInput,
  SubnetInput,
  UsedAddress,
} from "./types.js";

export interface FromArmOptions {
  /** Names or ids of the machines that are being planned: what they hold from an earlier run is not in their own way. */
  ownVirtualMachines?: readonly string[];
}

export type NetworkModel = Pick<ConnectivityInput, "networks" | "nsgs" | "routeTables" | "asgs" | "publicIps"> & {
  findings: Finding[];
};

/**
 * Turns ARM's JSON into the planner's model. Ids are matched without case; fields that are not known pass; a part that
 * is missing or of another shape becomes a finding, and the rest is read on.
 */
export function fromArm(resources: ArmResources, options: FromArmOptions = {}): NetworkModel {
  return new ArmReader(resources, options).read();
}

class ArmReader {
  private readonly parser = new ArmParser();
  private readonly own: ReadonlySet<string>;

  constructor(
    private readonly resources: ArmResources,
    options: FromArmOptions,
  ) {
    this.own = new Set(options.ownVirtualMachines?.map((name) => name.toLowerCase()));
  }

  read(): NetworkModel {
    const { used, asgs, ids } = readHolders(this.parser, this.resources, (machine) =>
      this.own.has(machine.toLowerCase()),
    );
    const gateways = readGateways(this.parser, this.resources);
    const networks = this.parser.parse(virtualNetworkShape, this.resources.virtualNetworks, "virtual network").map(
      ({ id, name, properties }): NetworkInput => ({
        id,
        name: name ?? lastSegment(id),
        addressSpaces: properties.addressSpace?.addressPrefixes ?? [],
        subnets: this.readSubnets(id, properties.subnets, used, ids),
        peerings: this.readPeerings(id, properties.virtualNetworkPeerings),
        gateways: gateways.get(id.toLowerCase()) ?? [],
        ...readAdminRules(this.parser, this.resources, id),
      }),
    );
    return {
      networks,
      nsgs: this.parser
        .parse(nsgShape, this.resources.networkSecurityGroups, "NSG")
        .map((nsg) => readNsg(this.parser, nsg)),
      routeTables: this.parser
        .parse(routeTableShape, this.resources.routeTables, "route table")
        .map((table) => this.readRouteTable(table)),
      asgs,
      publicIps: this.parser.parse(publicIpShape, this.resources.publicIPAddresses, "public IP").map(
        ({ id, sku, properties }): PublicIpInput => ({
          id,
          sku: sku?.name ?? "Basic",
          ...(properties?.ipAddress == null ? {} : { address: properties.ipAddress }),
        }),
      ),
      findings: this.parser.findings.sorted(),
    };
  }

  private readSubnets(
    networkId: string,
    subnets: readonly unknown[] | null | undefined,
    used: ReadonlyMap<string, UsedAddress[]>,
    holderIds: ReadonlySet<string>,
  ): SubnetInput[] {
    return this.parser
      .parse(subnetShape, subnets, `subnet of ${lastSegment(networkId)}`)
      .map(({ id, name, properties }) => {
        const prefixes = [properties.addressPrefix, ...(properties.addressPrefixes ?? [])].flatMap(
          (text) => text ?? [],
        );
        const prefix = prefixes.find((text) => !text.includes(":")) ?? prefixes[0] ?? "";
        const ipv6Prefix = prefixes.find((text) => text.includes(":") && text !== prefix);
        const holders = (properties.ipConfigurations ?? []).map(
          (holder) => /^(.+)\/[^/]*ipConfigurations\//i.exec(holder.id)?.[1],
        );
        const unread = unique(
          holders.filter((holder) => holder !== undefined && !holderIds.has(holder.toLowerCase())),
        );
        const { networkSecurityGroup: nsg, routeTable, natGateway, defaultOutboundAccess } = properties;
        return {
          name,
          prefix,
          ...(ipv6Prefix === undefined ? {} : { ipv6Prefix }),
          ...(nsg == null ? {} : { nsgId: nsg.id }),
          ...(routeTable == null ? {} : { routeTableId: routeTable.id }),
          ...(natGateway == null ? {} : { natGatewayId: natGateway.id }),
          ...(defaultOutboundAccess == null ? {} : { defaultOutboundAccess }),
          ...(unread.length === 0 ? {} : { unreadHolders: unread.map(lastSegment) }),
          used: used.get((id ?? `${networkId}/subnets/${name}`).toLowerCase()) ?? [],
        };
      });
  }

  private readPeerings(networkId: string, peerings: readonly unknown[] | null | undefined): PeeringInput[] {
    return this.parser
      .parse(peeringShape, peerings, `peering of ${lastSegment(networkId)}`)
      .map(({ name, properties }) => ({
        ...(name == null ? {} : { name }),
        remoteNetworkId: properties.remoteVirtualNetwork.id,
        remoteAddressSpaces:
          properties.remoteAddressSpace?.addressPrefixes ??
          properties.remoteVirtualNetworkAddressSpace?.addressPrefixes ??
          [],
        state: properties.peeringState ?? "Initiated",
        ...(properties.allowVirtualNetworkAccess == null
          ? {}
          : { allowVirtualNetworkAccess: properties.allowVirtualNetworkAccess }),
        ...(properties.useRemoteGateways == null ? {} : { useRemoteGateways: properties.useRemoteGateways }),
      }));
  }

  private readRouteTable(table: z.infer<typeof routeTableShape>): RouteTableInput {
    const name = table.name ?? lastSegment(table.id);
    return {
      id: table.id,
      name,
      routes: this.parser.parse(routeShape, table.properties?.routes, `route of ${name}`).map((route) => ({
        ...(route.name == null ? {} : { name: route.name }),
        prefix: route.properties.addressPrefix,
        nextHopType: route.properties.nextHopType,
        ...(route.properties.nextHopIpAddress == null ? {} : { nextHopIp: route.properties.nextHopIpAddress }),
      })),
      ...(table.properties?.disableBgpRoutePropagation === true ? { disableBgpRoutePropagation: true } : {}),
    };
  }
}
