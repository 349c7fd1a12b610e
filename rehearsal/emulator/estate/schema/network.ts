/** What is prepared of networks in Azure. */

import { z } from "zod";
import {
  address,
  ipv6Prefix,
  networkName,
  prefix,
  resourceGroupName,
  stringList,
  virtualNetworkName,
  wholeNumber,
} from "./values.js";

/** A rule of a network security group; priority 100-4096, unique per direction. `*`, tags and prefixes as in Azure. */
const securityRuleSchema = z.strictObject({
  name: networkName,
  /** 100-4096, lower is evaluated first. */
  priority: wholeNumber(100, 4096),
  direction: z.enum(["Inbound", "Outbound"]),
  access: z.enum(["Allow", "Deny"]),
  /** Default `*`. */
  protocol: z.enum(["Tcp", "Udp", "Icmp", "Esp", "Ah", "*"]).default("*"),
  /** Addresses, prefixes or one service tag (`Internet`); default `["*"]`. */
  sources: stringList.default(["*"]),
  /** `"*"`, `"443"`, `"10000-10005"`; default `["*"]`. */
  sourcePorts: stringList.default(["*"]),
  destinations: stringList.default(["*"]),
  destinationPorts: stringList.default(["*"]),
});

export const networkSecurityGroupSchema = z.strictObject({
  name: networkName,
  /** Default: the estate's. */
  resourceGroup: resourceGroupName.optional(),
  rules: z.array(securityRuleSchema).default([]),
});

/** A rule of Virtual Network Manager, asked before the network security groups. */
const securityAdminRuleSchema = z.strictObject({
  ...securityRuleSchema.shape,
  /** 1-4096, lower is asked first. */
  priority: wholeNumber(1, 4096),
  /** `Allow` leaves the decision to the security groups, `AlwaysAllow` and `Deny` are final. */
  access: z.enum(["Allow", "Deny", "AlwaysAllow"]),
  /** Names of `networks` on which it is in force. */
  networks: z.array(virtualNetworkName).min(1, { error: "must name at least one network" }),
});

export const networkManagerSchema = z.strictObject({
  name: networkName,
  resourceGroup: resourceGroupName.optional(),
  securityAdminRules: z.array(securityAdminRuleSchema).default([]),
});

export const routeTableSchema = z.strictObject({
  name: networkName,
  resourceGroup: resourceGroupName.optional(),
  routes: z
    .array(
      z.strictObject({
        name: networkName,
        addressPrefix: prefix,
        nextHopType: z.enum(["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"]),
        /** Only with VirtualAppliance, and then required. */
        nextHopIpAddress: address.optional(),
      }),
    )
    .default([]),
});

const subnetSchema = z.strictObject({
  name: networkName,
  addressPrefix: prefix,
  /** Makes the subnet dual-stack: a /64 within the network's `ipv6Prefixes`. */
  ipv6Prefix: ipv6Prefix.optional(),
  /** Name of one of `networkSecurityGroups`. */
  networkSecurityGroup: networkName.optional(),
  /** Name of one of `routeTables`. */
  routeTable: networkName.optional(),
  /** False = a private subnet: nothing leaves it for the Internet by default. Default: Azure does not say. */
  defaultOutboundAccess: z.boolean().optional(),
});

/** A virtual network in Azure: `{ name, addressPrefixes: [10.20.0.0/16], subnets: [{ name, addressPrefix }] }`. */
export const networkSchema = z.strictObject({
  name: virtualNetworkName,
  resourceGroup: resourceGroupName.optional(),
  addressPrefixes: z.array(prefix).min(1, { error: "must name at least one prefix" }),
  /** IPv6 ranges beside them; default none. */
  ipv6Prefixes: z.array(ipv6Prefix).default([]),
  subnets: z.array(subnetSchema).min(1, { error: "must name at least one subnet" }),
  /** Names of other networks of this file; each becomes a connected peering in both directions. */
  peerings: z.array(virtualNetworkName).default([]),
});

/** A VPN gateway that joins a network with on-premises ranges; the network needs a subnet `GatewaySubnet`. */
export const gatewaySchema = z.strictObject({
  name: networkName,
  network: virtualNetworkName,
  onPremisesPrefixes: z.array(prefix).min(1, { error: "must name at least one prefix" }),
});

/** A Bastion host; the network needs a subnet `AzureBastionSubnet`. */
export const bastionSchema = z.strictObject({ name: networkName, network: virtualNetworkName });
