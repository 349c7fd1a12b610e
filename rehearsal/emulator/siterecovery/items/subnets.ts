import type { World } from "../../core.js";

interface Subnet {
  id: string;
  name: string;
}

/**
 * Subnets that Azure keeps for a service of its own, which takes no virtual machines; by lower-case name.
 *
 * @see https://learn.microsoft.com/azure/virtual-network/virtual-network-for-azure-services
 */
const reservedSubnets = new Set([
  "azurebastionsubnet",
  "azurefirewallmanagementsubnet",
  "azurefirewallsubnet",
  "gatewaysubnet",
  "routeserversubnet",
]);

/** The subnets of a virtual network, in alphabetical order without regard to case. */
export function subnetsOf(world: World, networkId: string): Subnet[] {
  const subnets = world.arm.get(networkId)?.properties.subnets;
  const list = Array.isArray(subnets) ? (subnets as Subnet[]) : [];
  return [...list].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

/** Where a machine goes whose settings name no subnet of the network: the first that is not kept for a service. */
export function fallbackSubnet(subnets: Subnet[]): Subnet | undefined {
  return subnets.find((subnet) => !reservedSubnets.has(subnet.name.toLowerCase()));
}
