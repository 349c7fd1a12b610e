import { z } from "zod";

/** The parts of ARM's JSON that the planner reads. Unknown fields pass; a field of another type makes a finding. */

const reference = z.object({ id: z.string() }).nullish();
const texts = z.array(z.string()).nullish();

export const virtualNetworkShape = z.object({
  id: z.string(),
  name: z.string().nullish(),
  properties: z.object({
    addressSpace: z.object({ addressPrefixes: texts }).nullish(),
    subnets: z.array(z.unknown()).nullish(),
    virtualNetworkPeerings: z.array(z.unknown()).nullish(),
  }),
});

export const subnetShape = z.object({
  id: z.string().nullish(),
  name: z.string(),
  properties: z.object({
    addressPrefix: z.string().nullish(),
    addressPrefixes: texts,
    networkSecurityGroup: reference,
    routeTable: reference,
    natGateway: reference,
    defaultOutboundAccess: z.boolean().nullish(),
    ipConfigurations: z.array(z.object({ id: z.string() })).nullish(),
  }),
});

export const peeringShape = z.object({
  name: z.string().nullish(),
  properties: z.object({
    remoteVirtualNetwork: z.object({ id: z.string() }),
    remoteAddressSpace: z.object({ addressPrefixes: texts }).nullish(),
    remoteVirtualNetworkAddressSpace: z.object({ addressPrefixes: texts }).nullish(),
    peeringState: z.string().nullish(),
    allowVirtualNetworkAccess: z.boolean().nullish(),
    useRemoteGateways: z.boolean().nullish(),
  }),
});

export const nsgShape = z.object({
  id: z.string(),
  name: z.string().nullish(),
  properties: z.object({ securityRules: z.array(z.unknown()).nullish() }).nullish(),
});

const groups = z.array(z.object({ id: z.string() })).nullish();

export const securityRuleShape = z.object({
  name: z.string(),
  properties: z.object({
    priority: z.number(),
    direction: z.string(),
    access: z.string(),
    protocol: z.string(),
    sourceAddressPrefix: z.string().nullish(),
    sourceAddressPrefixes: texts,
    sourceApplicationSecurityGroups: groups,
    sourcePortRange: z.string().nullish(),
    sourcePortRanges: texts,
    destinationAddressPrefix: z.string().nullish(),
    destinationAddressPrefixes: texts,
    destinationApplicationSecurityGroups: groups,
    destinationPortRange: z.string().nullish(),
    destinationPortRanges: texts,
  }),
});

export const routeTableShape = z.object({
  id: z.string(),
  name: z.string().nullish(),
  properties: z
    .object({ routes: z.array(z.unknown()).nullish(), disableBgpRoutePropagation: z.boolean().nullish() })
    .nullish(),
});

export const routeShape = z.object({
  name: z.string().nullish(),
  properties: z.object({
    addressPrefix: z.string(),
    nextHopType: z.string(),
    nextHopIpAddress: z.string().nullish(),
  }),
});

export const networkInterfaceShape = z.object({
  id: z.string(),
  name: z.string().nullish(),
  properties: z.object({
    virtualMachine: reference,
    ipConfigurations: z
      .array(
        z.object({
          id: z.string().nullish(),
          properties: z.object({
            privateIPAddress: z.string().nullish(),
            subnet: reference,
            applicationSecurityGroups: groups,
          }),
        }),
      )
      .nullish(),
  }),
});

export const loadBalancerShape = z.object({
  id: z.string(),
  name: z.string().nullish(),
  properties: z.object({
    frontendIPConfigurations: z
      .array(
        z.object({
          properties: z.object({ privateIPAddress: z.string().nullish(), subnet: reference }).nullish(),
        }),
      )
      .nullish(),
  }),
});

/** One entry of a network's effective security admin rules. */
export const securityAdminRuleShape = z.object({
  kind: z.string().nullish(),
  id: z.string().nullish(),
  name: z.string().nullish(),
  properties: z.object({
    priority: z.number(),
    direction: z.string(),
    access: z.string(),
    protocol: z.string(),
    sources: z.array(z.object({ addressPrefix: z.string() })).nullish(),
    destinations: z.array(z.object({ addressPrefix: z.string() })).nullish(),
    sourcePortRanges: texts,
    destinationPortRanges: texts,
  }),
});

export const publicIpShape = z.object({
  id: z.string(),
  sku: z.object({ name: z.string().nullish() }).nullish(),
  properties: z.object({ ipAddress: z.string().nullish() }).nullish(),
});

export const gatewayShape = z.object({
  id: z.string(),
  name: z.string().nullish(),
  properties: z.object({
    gatewayType: z.string().nullish(),
    ipConfigurations: z.array(z.object({ properties: z.object({ subnet: reference }) })).nullish(),
    vpnClientConfiguration: z
      .object({ vpnClientAddressPool: z.object({ addressPrefixes: texts }).nullish() })
      .nullish(),
  }),
});

export const localGatewayShape = z.object({
  id: z.string(),
  properties: z.object({ localNetworkAddressSpace: z.object({ addressPrefixes: texts }).nullish() }),
});

export const connectionShape = z.object({
  id: z.string().nullish(),
  properties: z.object({
    enableBgp: z.boolean().nullish(),
    virtualNetworkGateway1: z.object({ id: z.string() }),
    localNetworkGateway2: reference,
  }),
});
