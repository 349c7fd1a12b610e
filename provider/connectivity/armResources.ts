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
