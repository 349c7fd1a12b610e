import type { ArmResource, World } from "../core.js";
import { adminRuleType } from "../network/adminRules.js";
import {
  availabilitySetKind,
  diskEncryptionSetKind,
  proximityPlacementGroupKind,
} from "../resources/computePlacement.js";
import { networkSecurityGroupKind } from "../resources/networkSecurityGroups.js";
import { type ResourceKind, store } from "../resources/operations.js";
import {
  bastionHostKind,
  connectionKind,
  localNetworkGatewayKind,
  networkManagerKind,
  networkWatcherKind,
  virtualNetworkGatewayKind,
} from "../resources/plainNetwork.js";
import { publicIpAddressKind } from "../resources/publicIpAddresses.js";
import { resourceGroupResource, subscriptionResource } from "../resources/resourceGroups.js";
import { routeTableKind } from "../resources/routeTables.js";
import { storageAccountKind, vaultKind } from "../resources/storageAndVaults.js";
import { virtualNetworkKind } from "../resources/virtualNetworks.js";
import { networkSecurityGroupId, resourceGroupId, routeTableId, vaultId, virtualNetworkId } from "./names.js";
import { offAzureResources } from "./offAzure.js";
import type { Estate } from "./schema.js";

/**
 * Puts an estate's Azure side into an empty world: subscription, resource groups, networks and what belongs to them,
 * storage, the vault, and the machines as the appliance reports them. Goes through the same checks as a client's PUT.
 * What the vault itself holds is Site Recovery's to seed.
 */
export function seedResources(world: World, estate: Estate): void {
  const { location } = estate;
  world.arm.put(subscriptionResource(estate.subscriptionId));
  const groups = [
    estate.resourceGroup,
    "NetworkWatcherRG",
    ...estate.resourceGroups,
    ...[
      ...estate.networks,
      ...estate.networkSecurityGroups,
      ...estate.routeTables,
      ...estate.networkManagers,
      ...estate.storageAccounts,
      ...placementsOf(estate).flatMap(([, parts]) => parts),
    ].flatMap((part) => part.resourceGroup ?? []),
    ...estate.replicatedItems.flatMap((item) => item.resourceGroup ?? []),
  ];
  for (const group of groups) {
    const id = resourceGroupId(estate, group);
    if (!world.arm.get(id)) world.arm.put(resourceGroupResource(id, location));
  }
  const write = (
    kind: ResourceKind,
    id: string,
    properties: Record<string, unknown>,
    more: Record<string, unknown> = {},
  ): ArmResource => store(kind, id, { location, properties, ...more }, undefined, world);
  const network = (type: string, name: string, group?: string) =>
    `${resourceGroupId(estate, group)}/providers/Microsoft.Network/${type}/${name}`;

  // As Azure makes it by itself with the first network of a region.
  write(networkWatcherKind, network("networkWatchers", `NetworkWatcher_${location}`, "NetworkWatcherRG"), {});
  for (const group of estate.networkSecurityGroups)
    write(networkSecurityGroupKind, networkSecurityGroupId(estate, group.name), {
      securityRules: group.rules.map((rule) => ({
        name: rule.name,
        properties: {
          priority: rule.priority,
          direction: rule.direction,
          access: rule.access,
          protocol: rule.protocol,
          ...oneOrMany("sourceAddressPrefix", "sourceAddressPrefixes", rule.sources),
          ...oneOrMany("sourcePortRange", "sourcePortRanges", rule.sourcePorts),
          ...oneOrMany("destinationAddressPrefix", "destinationAddressPrefixes", rule.destinations),
          ...oneOrMany("destinationPortRange", "destinationPortRanges", rule.destinationPorts),
        },
      })),
    });
  for (const table of estate.routeTables)
    write(routeTableKind, routeTableId(estate, table.name), {
      routes: table.routes.map(({ name, ...properties }) => ({ name, properties })),
    });
  for (const entry of estate.networks)
    write(virtualNetworkKind, virtualNetworkId(estate, entry.name), {
      addressSpace: { addressPrefixes: [...entry.addressPrefixes, ...entry.ipv6Prefixes] },
      subnets: entry.subnets.map((subnet) => ({
        name: subnet.name,
        properties: {
          ...(subnet.ipv6Prefix === undefined
            ? { addressPrefix: subnet.addressPrefix }
            : { addressPrefixes: [subnet.addressPrefix, subnet.ipv6Prefix] }),
          ...(subnet.networkSecurityGroup && {
            networkSecurityGroup: { id: networkSecurityGroupId(estate, subnet.networkSecurityGroup) },
          }),
          ...(subnet.routeTable && { routeTable: { id: routeTableId(estate, subnet.routeTable) } }),
          ...(subnet.defaultOutboundAccess !== undefined && {
            defaultOutboundAccess: subnet.defaultOutboundAccess,
          }),
        },
      })),
    });
  seedPeerings(world, estate);
  seedAdminRules(world, estate);

  const publicAddress = (name: string) =>
    write(
      publicIpAddressKind,
      network("publicIPAddresses", name),
      { publicIPAllocationMethod: "Static" },
      { sku: { name: "Standard" } },
    ).id;
  for (const gateway of estate.gateways) {
    const subnet = { id: `${virtualNetworkId(estate, gateway.network)}/subnets/GatewaySubnet` };
    const made = write(virtualNetworkGatewayKind, network("virtualNetworkGateways", gateway.name), {
      gatewayType: "Vpn",
      vpnType: "RouteBased",
      sku: { name: "VpnGw1", tier: "VpnGw1" },
      ipConfigurations: [
        { name: "default", properties: { subnet, publicIPAddress: { id: publicAddress(`${gateway.name}-ip`) } } },
      ],
    });
    const local = write(localNetworkGatewayKind, network("localNetworkGateways", `${gateway.name}-onpremises`), {
      localNetworkAddressSpace: { addressPrefixes: gateway.onPremisesPrefixes },
    });
    write(connectionKind, network("connections", `${gateway.name}-connection`), {
      connectionType: "IPsec",
      connectionStatus: "Connected",
      virtualNetworkGateway1: { id: made.id },
      localNetworkGateway2: { id: local.id },
    });
  }
  for (const bastion of estate.bastions) {
    const subnet = { id: `${virtualNetworkId(estate, bastion.network)}/subnets/AzureBastionSubnet` };
    write(bastionHostKind, network("bastionHosts", bastion.name), {
      ipConfigurations: [
        { name: "default", properties: { subnet, publicIPAddress: { id: publicAddress(`${bastion.name}-ip`) } } },
      ],
    });
  }
  for (const account of estate.storageAccounts)
    write(
      storageAccountKind,
      `${resourceGroupId(estate, account.resourceGroup)}/providers/Microsoft.Storage/storageAccounts/${account.name}`,
      {},
      { sku: { name: account.sku } },
    );
  for (const [kind, parts] of placementsOf(estate))
    for (const { name, resourceGroup } of parts)
      write(kind, `${resourceGroupId(estate, resourceGroup)}/providers/${kind.type}/${name}`, {
        // Only disk encryption sets have one, and keep its secret in their vault.
        ...(kind === diskEncryptionSetKind && {
          activeKey: { keyUrl: `https://${name}.vault.azure.net/keys/disks` },
        }),
      });
  write(vaultKind, vaultId(estate), {});
  for (const resource of offAzureResources(estate, world.clock.now())) world.arm.put(resource);
}

function placementsOf(estate: Estate): [ResourceKind, Estate["availabilitySets"]][] {
  return [
    [availabilitySetKind, estate.availabilitySets],
    [proximityPlacementGroupKind, estate.proximityPlacementGroups],
    [diskEncryptionSetKind, estate.diskEncryptionSets],
  ];
}

/** Rules of Virtual Network Manager as its configurations would have brought them into force. */
function seedAdminRules(world: World, estate: Estate): void {
  for (const manager of estate.networkManagers) {
    const id = `${resourceGroupId(estate, manager.resourceGroup)}/providers/Microsoft.Network/networkManagers/${manager.name}`;
    const scope = `/subscriptions/${estate.subscriptionId}`;
    const properties = {
      networkManagerScopeAccesses: ["SecurityAdmin"],
      networkManagerScopes: { subscriptions: [scope], managementGroups: [] },
    };
    store(networkManagerKind, id, { location: estate.location, properties }, undefined, world);
    const collection = `${id}/securityAdminConfigurations/estate/ruleCollections/estate`;
    const places = (prefixes: readonly string[]) =>
      prefixes.map((addressPrefix) => ({
        addressPrefixType: /^[a-z]/i.test(addressPrefix) ? "ServiceTag" : "IPPrefix",
        addressPrefix,
      }));
    for (const {
      name,
      networks,
      sources,
      sourcePorts,
      destinations,
      destinationPorts,
      ...rule
    } of manager.securityAdminRules)
      world.arm.put({
        id: `${collection}/rules/${name}`,
        name,
        type: adminRuleType,
        properties: {
          description: "",
          ...rule,
          protocol: rule.protocol === "*" ? "Any" : rule.protocol,
          sources: places(sources),
          destinations: places(destinations),
          sourcePortRanges: sourcePorts.map(wholeRange),
          destinationPortRanges: destinationPorts.map(wholeRange),
          appliesTo: networks.map((network) => virtualNetworkId(estate, network)),
        },
      });
  }
}

/** Virtual Network Manager writes every port as a range. */
function wholeRange(ports: string): string {
  return ports === "*" ? "0-65535" : ports;
}

/** Both directions of every peering that the estate names; a network with a gateway lends it. */
function seedPeerings(world: World, estate: Estate): void {
  const links = new Map<string, Set<string>>();
  const link = (from: string, to: string) => links.set(from, (links.get(from) ?? new Set()).add(to));
  const spelled = (name: string) =>
    estate.networks.find((network) => network.name.toLowerCase() === name.toLowerCase())?.name ?? name;
  for (const network of estate.networks)
    for (const peer of network.peerings) {
      link(network.name, spelled(peer));
      link(spelled(peer), network.name);
    }
  const hasGateway = (name: string) => estate.gateways.some((gateway) => spelled(gateway.network) === name);
  for (const [name, peers] of links) {
    const existing = world.arm.get(virtualNetworkId(estate, name));
    if (!existing) continue;
    const virtualNetworkPeerings = [...peers].map((peer) => ({
      name: `to-${peer}`,
      properties: {
        remoteVirtualNetwork: { id: virtualNetworkId(estate, peer) },
        allowVirtualNetworkAccess: true,
        allowForwardedTraffic: true,
        allowGatewayTransit: hasGateway(name),
        useRemoteGateways: hasGateway(peer) && !hasGateway(name),
      },
    }));
    store(
      virtualNetworkKind,
      existing.id,
      { ...existing, properties: { ...existing.properties, virtualNetworkPeerings } },
      existing,
      world,
    );
  }
}

/** Azure answers a single value under the one name and several under the other. */
function oneOrMany(one: string, many: string, values: string[]): Record<string, unknown> {
  return values.length === 1 ? { [one]: values[0] } : { [many]: values };
}
