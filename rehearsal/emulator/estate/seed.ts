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
  const seeding: Seeding = {
    estate,
    write: (kind, id, properties, more = {}) =>
      store(kind, id, { location, properties, ...more }, undefined, world),
  };
  seedGroups(world, estate);
  // As Azure makes it by itself with the first network of a region.
  const watcher = `NetworkWatcher_${location}`;
  seeding.write(networkWatcherKind, networkPartId(estate, "networkWatchers", watcher, "NetworkWatcherRG"), {});
  seedSecurityGroups(seeding);
  seedRouteTables(seeding);
  seedNetworks(seeding);
  seedPeerings(world, estate);
  seedAdminRules(world, estate);
  seedGateways(seeding);
  seedBastions(seeding);
  seedStorageAccounts(seeding);
  seedPlacements(seeding);
  seeding.write(vaultKind, vaultId(estate), {});
  for (const resource of offAzureResources(estate, world.clock.now())) world.arm.put(resource);
}

interface Seeding {
  estate: Estate;
  /** As a client's PUT would, in the estate's region. */
  write(
    kind: ResourceKind,
    id: string,
    properties: Record<string, unknown>,
    more?: Record<string, unknown>,
  ): ArmResource;
}

function networkPartId(estate: Estate, type: string, name: string, group?: string): string {
  return `${resourceGroupId(estate, group)}/providers/Microsoft.Network/${type}/${name}`;
}

/** The subscription, and every resource group that a part of the estate names. */
function seedGroups(world: World, estate: Estate): void {
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
      ...estate.replicatedItems,
    ].flatMap((part) => part.resourceGroup ?? []),
  ];
  for (const group of groups) {
    const id = resourceGroupId(estate, group);
    if (!world.arm.get(id)) world.arm.put(resourceGroupResource(id, estate.location));
  }
}

function seedSecurityGroups({ estate, write }: Seeding): void {
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
}

function seedRouteTables({ estate, write }: Seeding): void {
  for (const table of estate.routeTables)
    write(routeTableKind, routeTableId(estate, table.name), {
      routes: table.routes.map(({ name, ...properties }) => ({ name, properties })),
    });
}

function seedNetworks({ estate, write }: Seeding): void {
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
}

/** VPN gateways, each with the on-premises side and the connection between them. */
function seedGateways(seeding: Seeding): void {
  const { estate, write } = seeding;
  for (const { name, network, onPremisesPrefixes } of estate.gateways) {
    const made = write(virtualNetworkGatewayKind, networkPartId(estate, "virtualNetworkGateways", name), {
      gatewayType: "Vpn",
      vpnType: "RouteBased",
      sku: { name: "VpnGw1", tier: "VpnGw1" },
      ipConfigurations: [publicConfiguration(seeding, name, network, "GatewaySubnet")],
    });
    const localId = networkPartId(estate, "localNetworkGateways", `${name}-onpremises`);
    const local = write(localNetworkGatewayKind, localId, {
      localNetworkAddressSpace: { addressPrefixes: onPremisesPrefixes },
    });
    write(connectionKind, networkPartId(estate, "connections", `${name}-connection`), {
      connectionType: "IPsec",
      connectionStatus: "Connected",
      virtualNetworkGateway1: { id: made.id },
      localNetworkGateway2: { id: local.id },
    });
  }
}

function seedBastions(seeding: Seeding): void {
  const { estate, write } = seeding;
  for (const { name, network } of estate.bastions)
    write(bastionHostKind, networkPartId(estate, "bastionHosts", name), {
      ipConfigurations: [publicConfiguration(seeding, name, network, "AzureBastionSubnet")],
    });
}

/** Makes a public address `<owner>-ip` and gives the configuration of its owner in the subnet kept for such owners. */
function publicConfiguration(
  { estate, write }: Seeding,
  owner: string,
  network: string,
  subnetName: string,
): Record<string, unknown> {
  const address = write(
    publicIpAddressKind,
    networkPartId(estate, "publicIPAddresses", `${owner}-ip`),
    { publicIPAllocationMethod: "Static" },
    { sku: { name: "Standard" } },
  );
  const subnet = { id: `${virtualNetworkId(estate, network)}/subnets/${subnetName}` };
  return { name: "default", properties: { subnet, publicIPAddress: { id: address.id } } };
}

function seedStorageAccounts({ estate, write }: Seeding): void {
  for (const { name, resourceGroup, sku } of estate.storageAccounts) {
    const id = `${resourceGroupId(estate, resourceGroup)}/providers/Microsoft.Storage/storageAccounts/${name}`;
    write(storageAccountKind, id, {}, { sku: { name: sku } });
  }
}

/** Where machines can be placed, and what their disks are encrypted with. */
function seedPlacements({ estate, write }: Seeding): void {
  for (const [kind, parts] of placementsOf(estate))
    for (const { name, resourceGroup } of parts)
      write(kind, `${resourceGroupId(estate, resourceGroup)}/providers/${kind.type}/${name}`, {
        // Only disk encryption sets have one, and keep its secret in their vault.
        ...(kind === diskEncryptionSetKind && {
          activeKey: { keyUrl: `https://${name}.vault.azure.net/keys/disks` },
        }),
      });
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
