import type { z } from "zod";
import { peeringShape, subnetShape, virtualNetworkShape } from "./armShapes.js";
import { unique } from "./ids.js";

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

function parsed<S extends z.ZodType>(shape: S, items: readonly unknown[] | null | undefined): z.infer<S>[] {
  return (items ?? []).flatMap((item) => {
    const result = shape.safeParse(item);
    return result.success ? [result.data] : [];
  });
}
