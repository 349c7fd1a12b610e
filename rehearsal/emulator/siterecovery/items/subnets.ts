import type { ArmResource, World } from "../../core.js";

/** The subnets of a virtual network, in alphabetical order without regard to case. */
export function subnetsOf(world: World, networkId: string): ArmResource[] {
  const prefix = `${networkId.toLowerCase()}/subnets/`;
  return world.arm
    .list("Microsoft.Network/virtualNetworks/subnets", networkId)
    .filter((subnet) => subnet.id.toLowerCase().startsWith(prefix))
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}
