import type { World } from "../../core.js";

/** The subnets of a virtual network, in alphabetical order without regard to case. */
export function subnetsOf(world: World, networkId: string): { id: string; name: string }[] {
  const subnets = world.arm.get(networkId)?.properties.subnets;
  const list = Array.isArray(subnets) ? (subnets as { id: string; name: string }[]) : [];
  return [...list].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}
