import { z } from "zod";
import {
  connectionShape,
  gatewayShape,
  loadBalancerShape,
  localGatewayShape,
  networkInterfaceShape,
  nsgShape,
  peeringShape,
  publicIpShape,
  routeShape,
  routeTableShape,
  securityAdminRuleShape,
  securityRuleShape,
  subnetShape,
  virtualNetworkShape,
} from "./armShapes.js";
import { Findings, listSome } from "./findings.js";
import type {
  AsgInput,
  ConnectivityInput,
  Finding,
  GatewayInput,
  NetworkInput,
  NsgInput,
  PeeringInput,
  PublicIpInput,
  RouteTableInput,
  SecurityAdminRule,
  SecurityRule,
  SubnetInput,
  UsedAddress,
} from "./types.js";

/** ARM's answers as they came, by kind; what was not read is left out. */
export interface ArmResources {
  virtualNetworks?: readonly unknown[];
  networkSecurityGroups?: readonly unknown[];
  routeTables?: readonly unknown[];
  /** Who holds which address, and the members of application security groups. */
  networkInterfaces?: readonly unknown[];
  publicIPAddresses?: readonly unknown[];
  /** Their front ends hold addresses of subnets too. */
  loadBalancers?: readonly unknown[];
  /** By the id of a virtual network: what `listNetworkManagerEffectiveSecurityAdminRules` answers for it. */
  securityAdminRules?: Readonly<Record<string, readonly unknown[]>>;
  /** By the id of a virtual network: why Azure did not answer for its security admin rules. */
  securityAdminRulesUnread?: Readonly<Record<string, string>>;
  virtualNetworkGateways?: readonly unknown[];
  localNetworkGateways?: readonly unknown[];
  /** Microsoft.Network/connections: which local network gateway a VPN gateway is joined with. */
  connections?: readonly unknown[];
}

export interface FromArmOptions {
  /** Names or ids of the machines that are being planned: what they hold from an earlier run is not in their own way. */
  ownVirtualMachines?: readonly string[];
}

export type NetworkModel = Pick<ConnectivityInput, "networks" | "nsgs" | "routeTables" | "asgs" | "publicIps"> & {
  findings: Finding[];
};

/** Ids that a virtual network names and that a caller reads next; in the order found, each once. */
export interface NetworkReferences {
  nsgIds: string[];
  routeTableIds: string[];
  peeredNetworkIds: string[];
  /** NICs that hold addresses in its subnets. */
  networkInterfaceIds: string[];
  /** Gateways in its GatewaySubnet. */
  gatewayIds: string[];
  /** Load balancers with a front end in its subnets. */
  loadBalancerIds: string[];
}

/** What else to read for a virtual network. Anything unreadable is left out here and found by `fromArm`. */
export function referencesOf(virtualNetwork: unknown): NetworkReferences {
  const network = virtualNetworkShape.safeParse(virtualNetwork).data;
  const subnets = parsed(subnetShape, network?.properties.subnets);
  const holders = subnets.flatMap(({ properties }) => (properties.ipConfigurations ?? []).map(({ id }) => id));
  const peerings = parsed(peeringShape, network?.properties.virtualNetworkPeerings);
  return {
    nsgIds: unique(subnets.map(({ properties }) => properties.networkSecurityGroup?.id)),
    routeTableIds: unique(subnets.map(({ properties }) => properties.routeTable?.id)),
    peeredNetworkIds: unique(peerings.map(({ properties }) => properties.remoteVirtualNetwork.id)),
    networkInterfaceIds: unique(holders.map((id) => /^(.+\/networkInterfaces\/[^/]+)\//i.exec(id)?.[1])),
    gatewayIds: unique(holders.map((id) => /^(.+\/virtualNetworkGateways\/[^/]+)\//i.exec(id)?.[1])),
    loadBalancerIds: unique(holders.map((id) => /^(.+\/loadBalancers\/[^/]+)\//i.exec(id)?.[1])),
  };
}

/**
 * Turns ARM's JSON into the planner's model. Ids are matched without case; fields that are not known pass; a part that
 * is missing or of another shape becomes a finding, and the rest is read on.
 */
export function fromArm(resources: ArmResources, options: FromArmOptions = {}): NetworkModel {
  return new ArmReader(resources, options).read();
}

class ArmReader {
  private readonly findings = new Findings();
  private readonly own: ReadonlySet<string>;

  constructor(
    private readonly resources: ArmResources,
    options: FromArmOptions,
  ) {
    this.own = new Set(options.ownVirtualMachines?.map((name) => name.toLowerCase()));
  }

  read(): NetworkModel {
    const { used, asgs, nicIds } = this.readInterfaces();
    const gateways = this.readGateways();
    const networks = this.parse(virtualNetworkShape, this.resources.virtualNetworks, "virtual network").map(
      ({ id, name, properties }): NetworkInput => ({
        id,
        name: name ?? lastSegment(id),
        addressSpaces: properties.addressSpace?.addressPrefixes ?? [],
        subnets: this.readSubnets(id, properties.subnets, used, nicIds),
        peerings: this.readPeerings(id, properties.virtualNetworkPeerings),
        gateways: gateways.get(id.toLowerCase()) ?? [],
        ...this.readAdminRules(id),
      }),
    );
    return {
      networks,
      nsgs: this.parse(nsgShape, this.resources.networkSecurityGroups, "NSG").map((nsg) => this.readNsg(nsg)),
      routeTables: this.parse(routeTableShape, this.resources.routeTables, "route table").map((table) =>
        this.readRouteTable(table),
      ),
      asgs,
      publicIps: this.parse(publicIpShape, this.resources.publicIPAddresses, "public IP").map(
        ({ id, sku, properties }): PublicIpInput => ({
          id,
          sku: sku?.name ?? "Basic",
          ...(properties?.ipAddress == null ? {} : { address: properties.ipAddress }),
        }),
      ),
      findings: this.findings.sorted(),
    };
  }

  private readInterfaces(): { used: Map<string, UsedAddress[]>; asgs: AsgInput[]; nicIds: Set<string> } {
    const used = new Map<string, UsedAddress[]>();
    const members = new Map<string, AsgInput>();
    const nicIds = new Set<string>();
    for (const nic of this.parse(networkInterfaceShape, this.resources.networkInterfaces, "network interface")) {
      nicIds.add(nic.id.toLowerCase());
      const machineId = nic.properties.virtualMachine?.id;
      if (machineId !== undefined && (this.isOwn(machineId) || this.isOwn(lastSegment(machineId)))) continue;
      const owner = machineId === undefined ? `NIC ${nic.name ?? lastSegment(nic.id)}` : lastSegment(machineId);
      for (const { properties } of nic.properties.ipConfigurations ?? []) {
        const address = properties.privateIPAddress;
        if (address == null) continue;
        const subnetId = properties.subnet?.id.toLowerCase();
        if (subnetId !== undefined) {
          const held = used.get(subnetId) ?? [];
          held.push({ address, owner });
          used.set(subnetId, held);
        }
        for (const { id } of properties.applicationSecurityGroups ?? []) {
          const asg = members.get(id.toLowerCase()) ?? { id, addresses: [] };
          asg.addresses.push(address);
          members.set(id.toLowerCase(), asg);
        }
      }
    }
    for (const balancer of this.parse(loadBalancerShape, this.resources.loadBalancers, "load balancer")) {
      nicIds.add(balancer.id.toLowerCase());
      for (const { properties } of balancer.properties.frontendIPConfigurations ?? []) {
        const subnetId = properties?.subnet?.id.toLowerCase();
        if (properties?.privateIPAddress == null || subnetId === undefined) continue;
        const held = used.get(subnetId) ?? [];
        held.push({
          address: properties.privateIPAddress,
          owner: `load balancer ${balancer.name ?? lastSegment(balancer.id)}`,
        });
        used.set(subnetId, held);
      }
    }
    return { used, asgs: [...members.values()], nicIds };
  }

  private readAdminRules(networkId: string): { adminRules?: SecurityAdminRule[] } {
    const given = Object.entries(this.resources.securityAdminRules ?? {}).find(
      ([id]) => id.toLowerCase() === networkId.toLowerCase(),
    )?.[1];
    for (const [id, why] of Object.entries(this.resources.securityAdminRulesUnread ?? {}))
      if (id.toLowerCase() === networkId.toLowerCase())
        this.findings.add({
          id: "adminRulesUnread",
          severity: "info",
          text: `whether Virtual Network Manager has rules on network ${lastSegment(networkId)} is not known: ${why}`,
          remedy:
            "none where you do not use it; else grant Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action",
        });
    const rules = this.parse(
      securityAdminRuleShape,
      given,
      `security admin rule of ${lastSegment(networkId)}`,
    ).map(({ id, name, properties }, index): SecurityAdminRule => {
      const everyPort = (ranges: string[] | null | undefined) =>
        ranges == null || ranges.length === 0 ? ["*"] : ranges;
      const prefixes = (entries: { addressPrefix: string }[] | null | undefined) =>
        entries == null || entries.length === 0 ? ["*"] : entries.map(({ addressPrefix }) => addressPrefix);
      const access = properties.access.toLowerCase();
      return {
        name: name ?? (id == null ? `rule ${index + 1}` : lastSegment(id)),
        priority: properties.priority,
        direction: properties.direction.toLowerCase() === "outbound" ? "Outbound" : "Inbound",
        access: access === "alwaysallow" ? "AlwaysAllow" : access === "allow" ? "Allow" : "Deny",
        protocol: properties.protocol,
        // A rule without places or ports holds for all of them.
        sources: prefixes(properties.sources),
        sourcePorts: everyPort(properties.sourcePortRanges),
        destinations: prefixes(properties.destinations),
        destinationPorts: everyPort(properties.destinationPortRanges),
      };
    });
    return rules.length === 0 ? {} : { adminRules: rules };
  }

  private isOwn(name: string): boolean {
    return this.own.has(name.toLowerCase());
  }

  private readSubnets(
    networkId: string,
    subnets: readonly unknown[] | null | undefined,
    used: ReadonlyMap<string, UsedAddress[]>,
    nicIds: ReadonlySet<string>,
  ): SubnetInput[] {
    return this.parse(subnetShape, subnets, `subnet of ${lastSegment(networkId)}`).map(
      ({ id, name, properties }) => {
        const prefixes = [properties.addressPrefix, ...(properties.addressPrefixes ?? [])].flatMap(
          (text) => text ?? [],
        );
        const prefix = prefixes.find((text) => !text.includes(":")) ?? prefixes[0] ?? "";
        const ipv6Prefix = prefixes.find((text) => text.includes(":") && text !== prefix);
        const holders = (properties.ipConfigurations ?? []).map(
          (holder) => /^(.+)\/[^/]*ipConfigurations\//i.exec(holder.id)?.[1],
        );
        const unread = unique(
          holders.filter((holder) => holder !== undefined && !nicIds.has(holder.toLowerCase())),
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
      },
    );
  }

  private readPeerings(networkId: string, peerings: readonly unknown[] | null | undefined): PeeringInput[] {
    return this.parse(peeringShape, peerings, `peering of ${lastSegment(networkId)}`).map(
      ({ name, properties }) => ({
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
      }),
    );
  }

  private readNsg(nsg: z.infer<typeof nsgShape>): NsgInput {
    const name = nsg.name ?? lastSegment(nsg.id);
    const rules = this.parse(securityRuleShape, nsg.properties?.securityRules, `rule of NSG ${name}`).map(
      ({ name: ruleName, properties }): SecurityRule => ({
        name: ruleName,
        priority: properties.priority,
        direction: properties.direction.toLowerCase() === "outbound" ? "Outbound" : "Inbound",
        access: properties.access.toLowerCase() === "allow" ? "Allow" : "Deny",
        protocol: properties.protocol,
        sources: places(
          properties.sourceAddressPrefix,
          properties.sourceAddressPrefixes,
          properties.sourceApplicationSecurityGroups,
        ),
        sourcePorts: places(properties.sourcePortRange, properties.sourcePortRanges),
        destinations: places(
          properties.destinationAddressPrefix,
          properties.destinationAddressPrefixes,
          properties.destinationApplicationSecurityGroups,
        ),
        destinationPorts: places(properties.destinationPortRange, properties.destinationPortRanges),
      }),
    );
    return { id: nsg.id, name, rules };
  }

  private readRouteTable(table: z.infer<typeof routeTableShape>): RouteTableInput {
    const name = table.name ?? lastSegment(table.id);
    return {
      id: table.id,
      name,
      routes: this.parse(routeShape, table.properties?.routes, `route of ${name}`).map((route) => ({
        ...(route.name == null ? {} : { name: route.name }),
        prefix: route.properties.addressPrefix,
        nextHopType: route.properties.nextHopType,
        ...(route.properties.nextHopIpAddress == null ? {} : { nextHopIp: route.properties.nextHopIpAddress }),
      })),
      ...(table.properties?.disableBgpRoutePropagation === true ? { disableBgpRoutePropagation: true } : {}),
    };
  }

  /** Gateways by the network of their GatewaySubnet, ranges from the local network gateways that they connect. */
  private readGateways(): Map<string, GatewayInput[]> {
    const local = new Map(
      this.parse(localGatewayShape, this.resources.localNetworkGateways, "local network gateway").map(
        ({ id, properties }) => [id.toLowerCase(), properties.localNetworkAddressSpace?.addressPrefixes ?? []],
      ),
    );
    const connections = this.parse(connectionShape, this.resources.connections, "connection");
    const byNetwork = new Map<string, GatewayInput[]>();
    for (const gateway of this.parse(
      gatewayShape,
      this.resources.virtualNetworkGateways,
      "virtual network gateway",
    )) {
      const { gatewayType, ipConfigurations, vpnClientConfiguration } = gateway.properties;
      const kind = gatewayType?.toLowerCase() === "expressroute" ? "expressRoute" : "vpn";
      const mine = connections.filter(
        ({ properties }) => properties.virtualNetworkGateway1.id.toLowerCase() === gateway.id.toLowerCase(),
      );
      const ranges = mine.map(({ properties }) =>
        local.get(properties.localNetworkGateway2?.id.toLowerCase() ?? ""),
      );
      const clientPool = vpnClientConfiguration?.vpnClientAddressPool?.addressPrefixes ?? [];
      const prefixes = [...ranges.flatMap((range) => range ?? []), ...clientPool];
      // ExpressRoute and BGP learn their ranges on the line: nothing in ARM's own JSON holds them.
      const learnsByBgp = kind === "expressRoute" || mine.some(({ properties }) => properties.enableBgp === true);
      const isKnown = prefixes.length > 0 && !learnsByBgp && ranges.every((range) => range !== undefined);
      const input: GatewayInput = {
        name: gateway.name ?? lastSegment(gateway.id),
        kind,
        ...(isKnown ? { onPremisesPrefixes: [...new Set(prefixes)] } : {}),
      };
      for (const networkId of unique(
        (ipConfigurations ?? []).map(
          ({ properties }) => /^(.+)\/subnets\/[^/]+$/i.exec(properties.subnet?.id ?? "")?.[1],
        ),
      )) {
        const key = networkId.toLowerCase();
        byNetwork.set(key, [...(byNetwork.get(key) ?? []), input]);
      }
    }
    return byNetwork;
  }

  private parse<S extends z.ZodType>(
    shape: S,
    items: readonly unknown[] | null | undefined,
    what: string,
  ): z.infer<S>[] {
    return (items ?? []).flatMap((item, index) => {
      const result = shape.safeParse(item);
      if (result.success) return [result.data];
      const problems = result.error.issues.map(
        (issue) => `${issue.path.join(".") || "(whole)"}: ${issue.message}`,
      );
      this.findings.add({
        id: "armUnreadable",
        severity: "warning",
        text: `${what} ${nameIn(item) ?? `number ${index + 1}`} could not be read: ${listSome(problems)}`,
        remedy: "the plan goes on without it; check what Azure answers for it",
      });
      return [];
    });
  }
}

function parsed<S extends z.ZodType>(shape: S, items: readonly unknown[] | null | undefined): z.infer<S>[] {
  return (items ?? []).flatMap((item) => {
    const result = shape.safeParse(item);
    return result.success ? [result.data] : [];
  });
}

const named = z.object({ name: z.string().optional(), id: z.string().optional() });

function nameIn(item: unknown): string | undefined {
  const { name, id } = named.safeParse(item).data ?? {};
  return name ?? (id === undefined ? undefined : lastSegment(id));
}

/** Azure fills the single field or the list; an empty single field beside a list says nothing. */
function places(
  single: string | null | undefined,
  list: readonly string[] | null | undefined,
  groups?: readonly { id: string }[] | null,
): string[] {
  const texts = [single ?? "", ...(list ?? [])].filter((text) => text !== "");
  return [...texts, ...(groups ?? []).map(({ id }) => `asg:${id}`)];
}

function unique(values: readonly (string | undefined)[]): string[] {
  const byKey = new Map<string, string>();
  for (const value of values) {
    if (value !== undefined && !byKey.has(value.toLowerCase())) byKey.set(value.toLowerCase(), value);
  }
  return [...byKey.values()];
}

function lastSegment(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
