/**
 * The data that the connectivity planner takes and gives. Everything is plain JSON: addresses are dotted IPv4 text,
 * ranges are CIDR text, ids are ARM ids and compare without case. Optional keys are left out, never `undefined` or null.
 */

export type Purpose = "testFailover" | "failover";

/** The operating system as Site Recovery names it; decides the default port: RDP 3389 or SSH 22. */
export type OsType = "Windows" | "Linux";

/** How a person means to reach a machine. `private` = from inside the network or a network peered with it. */
export type AccessPath = "vpn" | "expressRoute" | "bastion" | "internet" | "private";

/** One access that must work after the failover. */
export interface WantedAccess {
  path: AccessPath;
  /**
   * CIDR, address, or service tag. Default by path: `vpn` and `expressRoute` the on-premises ranges of the gateways of
   * that kind, `bastion` the range of AzureBastionSubnet, `private` the network's own ranges. `internet` has no default:
   * nobody is let in from everywhere by leaving a word out.
   */
  sources?: string[];
  /** 1-65535. Default 3389 for Windows, 22 for Linux. */
  port?: number;
  /** Default Tcp. */
  protocol?: "Tcp" | "Udp";
  /** Names of machines; default all. */
  machines?: string[];
  /** Which NICs must be reachable. Default `primary`: Azure gives the default gateway to the primary NIC only. */
  nics?: "primary" | "all";
  /** Lets a fix open 22 or 3389 to a source as wide as the Internet. Default false; when true the plan warns. */
  allowAnySource?: boolean;
}

/** What Site Recovery holds for one NIC, once for failover and once for test failover. */
export interface NicSettings {
  networkId?: string;
  subnetName?: string;
  /** The address that was asked for; left out = Azure chooses ("dynamic"). */
  staticIp?: string;
  /** NSG that the failed-over NIC will carry; Site Recovery itself makes none. */
  nsgId?: string;
  publicIpId?: string;
}

export interface NicInput {
  /** For VMware this is the MAC address. */
  nicId: string;
  isPrimary: boolean;
  /** False = "do not use": no NIC is made in Azure. */
  selected: boolean;
  sourceIp?: string;
  /** The on-premises subnet of the NIC, where known. */
  sourcePrefix?: string;
  target: NicSettings;
  test: NicSettings;
  /** Application security groups that the failed-over NIC will be in; default none. */
  asgIds?: string[];
}

export interface MachineInput {
  name: string;
  osType?: OsType;
  /** What replicates it (HyperVReplicaAzure, InMageRcm, ...): Azure sets a Linux guest's address not for all of them. */
  instanceType?: string;
  targetNetworkId?: string;
  testNetworkId?: string;
  /** Asks for a public IP although no wanted access comes by `internet`. */
  needsPublicIp?: boolean;
  nics: NicInput[];
}

export interface UsedAddress {
  address: string;
  /** Who holds it, for people: a NIC's id or name. */
  owner?: string;
}

export interface SubnetInput {
  name: string;
  prefix: string;
  /** The IPv6 range of a dual-stack subnet, a /64. */
  ipv6Prefix?: string;
  nsgId?: string;
  routeTableId?: string;
  natGatewayId?: string;
  /** False = private subnet: no outbound Internet by default. */
  defaultOutboundAccess?: boolean;
  used: UsedAddress[];
  /** Names of things that hold addresses in it which were not read (load balancers, private endpoints). */
  unreadHolders?: string[];
}

export interface PeeringInput {
  name?: string;
  remoteNetworkId: string;
  remoteAddressSpaces: string[];
  /** Azure's peeringState: Connected, Initiated, Disconnected. Only Connected carries traffic. */
  state: string;
  /** Default true. */
  allowVirtualNetworkAccess?: boolean;
  /** The gateways of the remote network serve this one. */
  useRemoteGateways?: boolean;
}

export interface GatewayInput {
  name: string;
  kind: "vpn" | "expressRoute";
  /** Ranges on the other side. Left out = learned by BGP and not readable here. */
  onPremisesPrefixes?: string[];
}

export interface NetworkInput {
  id: string;
  name: string;
  addressSpaces: string[];
  subnets: SubnetInput[];
  peerings: PeeringInput[];
  gateways: GatewayInput[];
  /** Rules of Virtual Network Manager that are in force here; asked before any NSG. Default none. */
  adminRules?: SecurityAdminRule[];
}

/**
 * A rule of Virtual Network Manager, asked before the NSGs: Deny and AlwaysAllow are final, Allow goes on to the NSGs.
 * @see https://learn.microsoft.com/azure/virtual-network-manager/concept-security-admins
 */
export interface SecurityAdminRule extends Omit<SecurityRule, "access"> {
  access: RuleAccess | "AlwaysAllow";
}

export type RuleDirection = "Inbound" | "Outbound";
export type RuleAccess = "Allow" | "Deny";

/** A security rule; lists hold CIDRs, addresses, `*`, service tags or `asg:<id or name>`, ports `*`, `80` or `80-90`. */
export interface SecurityRule {
  name: string;
  /** 100-4096, unique per direction. */
  priority: number;
  direction: RuleDirection;
  access: RuleAccess;
  /** Tcp, Udp, Icmp, Esp, Ah or `*`; compared without case. */
  protocol: string;
  sources: string[];
  sourcePorts: string[];
  destinations: string[];
  destinationPorts: string[];
}

export interface NsgInput {
  id: string;
  name: string;
  /** Custom rules only; the six default rules are Azure's and always there. */
  rules: SecurityRule[];
}

export interface RouteInput {
  name?: string;
  prefix: string;
  /** VnetLocal, VirtualNetworkGateway, Internet, VirtualAppliance, None. */
  nextHopType: string;
  nextHopIp?: string;
}

export interface RouteTableInput {
  id: string;
  name: string;
  routes: RouteInput[];
  /** True = routes of gateways do not reach the subnet. Default false. */
  disableBgpRoutePropagation?: boolean;
}

export interface AsgInput {
  id: string;
  /** Private addresses of the NICs that are in it now. */
  addresses: string[];
}

export interface PublicIpInput {
  id: string;
  /** Standard or Basic. */
  sku: string;
  address?: string;
}

/** An on-premises subnet, where it is known which machines stay behind in it. */
export interface OnPremisesSubnetInput {
  prefix: string;
  remainingMachines: string[];
}

export interface ConnectivityInput {
  purpose: Purpose;
  /** The network that the run names; default each item's own setting. */
  networkId?: string;
  /** Turns the refusal of a test network that is also a failover network into a warning. Default false. */
  allowProductionNetwork?: boolean;
  machines: MachineInput[];
  networks: NetworkInput[];
  nsgs: NsgInput[];
  routeTables: RouteTableInput[];
  asgs: AsgInput[];
  publicIps: PublicIpInput[];
  onPremisesSubnets?: OnPremisesSubnetInput[];
  /** Default: RDP or SSH by VPN or ExpressRoute where a gateway reaches the network, else Bastion, else private. */
  access?: WantedAccess[];
  /** What was already found while the input was read; goes into the plan as it is. */
  findings?: Finding[];
}

export type Severity = "error" | "warning" | "info";

export interface Finding {
  /** Stable word for programs, such as `addressTaken`. */
  id: string;
  severity: Severity;
  machine?: string;
  nic?: string;
  text: string;
  remedy: string;
}

/**
 * kept = the on-premises address stays; chosen = the address that was set; dynamic = some free address of the subnet,
 * which Azure picks and nobody can foretell; impossible = this NIC gets none; unknown = known after apply.
 */
export type AddressKind = "kept" | "chosen" | "dynamic" | "impossible" | "unknown";

export interface AddressPlan {
  kind: AddressKind;
  /** Only with kept and chosen. */
  address?: string;
  why: string;
}

/** What one NSG says to a wanted access, asked on its own. */
export interface NsgResult {
  scope: "subnet" | "nic";
  nsgId: string;
  nsgName: string;
  access: RuleAccess;
  /** The rule that decided; for a refusal of a part of the sources, the first rule that refuses. */
  rule: string;
  priority: number;
  /** True where only a part of the sources or of the possible addresses is refused. */
  partial?: boolean;
  /** False where the NSG before it already refused, so that Azure never asks this one. */
  evaluated: boolean;
}

export interface DecidedBy {
  /** `admin` = a rule of Virtual Network Manager, which no NSG overrides; `path` = the way itself is missing (no gateway, no Bastion, no public IP); `none` = no NSG in the way. */
  scope: "admin" | "subnet" | "nic" | "none" | "platform" | "route" | "path" | "address";
  nsg?: string;
  rule?: string;
  /** With scope `route`. */
  prefix?: string;
  nextHopType?: string;
}

export interface AccessVerdict {
  path: AccessPath;
  protocol: "Tcp" | "Udp";
  port: number;
  sources: string[];
  outcome: "allowed" | "blocked" | "unknown";
  decidedBy: DecidedBy;
  nsgs: NsgResult[];
  why: string;
}

export interface PublicIpPlan {
  /** none = not wanted and not there; attached = the settings name one; needed = a fix adds one. */
  state: "none" | "attached" | "needed";
  id?: string;
  sku?: string;
}

export interface NicPlan {
  nicId: string;
  isPrimary: boolean;
  networkId?: string;
  networkName?: string;
  subnetName?: string;
  subnetPrefix?: string;
  /** The on-premises address. */
  addressNow?: string;
  address: AddressPlan;
  publicIp: PublicIpPlan;
  access: AccessVerdict[];
}

export interface MachinePlan {
  name: string;
  osType?: OsType;
  nics: NicPlan[];
}

/** A rule to add, complete; `nsgId` is one of the input or the name of one in `networkSecurityGroups`. */
export interface FixRule extends SecurityRule {
  nsgId: string;
  nsgName: string;
  path: AccessPath;
  machines: string[];
}

/** An NSG to make and to attach to NICs, because Azure closes a Standard public IP until an NSG allows. */
export interface FixNsg {
  name: string;
  attachTo: { machine: string; nicId: string }[];
  rules: Omit<FixRule, "nsgId" | "nsgName">[];
}

export interface FixPublicIp {
  machine: string;
  nicId: string;
  sku: "Standard";
  allocationMethod: "Static";
}

/** The smallest change that lets every wanted access in that an NSG or a missing public IP blocks. */
export interface Fix {
  rules: FixRule[];
  networkSecurityGroups: FixNsg[];
  publicIps: FixPublicIp[];
}

/** One thing to look after inside a machine, or by a person afterwards; the planner cannot see it. */
export interface ChecklistEntry {
  /** Stable word for programs, such as `sanPolicy`. */
  id: string;
  when: "beforeFailover" | "afterFailover";
  text: string;
}

export interface Checklist {
  osType: OsType;
  entries: ChecklistEntry[];
}

export interface ConnectivityPlan {
  purpose: Purpose;
  machines: MachinePlan[];
  fix: Fix;
  findings: Finding[];
  /** One per operating system among the machines. */
  checklists: Checklist[];
}
