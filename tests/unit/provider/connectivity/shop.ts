import type {
  ConnectivityInput,
  MachineInput,
  NetworkInput,
  NicInput,
  NsgInput,
  SecurityRule,
  SubnetInput,
} from "../../../../provider/connectivity/types.js";

/** A small estate in Azure's words; each test changes the part that it is about. */

const group = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/shop-dr/providers";

export function networkId(name: string): string {
  return `${group}/Microsoft.Network/virtualNetworks/${name}`;
}

export function nsgId(name: string): string {
  return `${group}/Microsoft.Network/networkSecurityGroups/${name}`;
}

export function routeTableId(name: string): string {
  return `${group}/Microsoft.Network/routeTables/${name}`;
}

export function publicIpId(name: string): string {
  return `${group}/Microsoft.Network/publicIPAddresses/${name}`;
}

export function rule(name: string, priority: number, changes: Partial<SecurityRule> = {}): SecurityRule {
  return {
    name,
    priority,
    direction: "Inbound",
    access: "Allow",
    protocol: "Tcp",
    sources: ["*"],
    sourcePorts: ["*"],
    destinations: ["*"],
    destinationPorts: ["3389"],
    ...changes,
  };
}

export function nsg(name: string, rules: SecurityRule[] = []): NsgInput {
  return { id: nsgId(name), name, rules };
}

export function subnet(name: string, prefix: string, changes: Partial<SubnetInput> = {}): SubnetInput {
  return { name, prefix, used: [], ...changes };
}

export function network(name: string, changes: Partial<NetworkInput> = {}): NetworkInput {
  return {
    id: networkId(name),
    name,
    addressSpaces: ["10.20.0.0/16"],
    subnets: [subnet("app", "10.20.1.0/24"), subnet("web", "10.20.2.0/24")],
    peerings: [],
    gateways: [{ name: "office", kind: "vpn", onPremisesPrefixes: ["192.168.50.0/24"] }],
    ...changes,
  };
}

export function nic(changes: Partial<NicInput> = {}): NicInput {
  return {
    nicId: "00:50:56:01:02:03",
    isPrimary: true,
    selected: true,
    sourceIp: "192.168.10.5",
    target: { subnetName: "app", staticIp: "10.20.1.10" },
    test: {},
    ...changes,
  };
}

export function machine(name: string, changes: Partial<MachineInput> = {}): MachineInput {
  return {
    name,
    osType: "Windows",
    targetNetworkId: networkId("prod"),
    testNetworkId: networkId("test"),
    nics: [nic()],
    ...changes,
  };
}

export function input(changes: Partial<ConnectivityInput> = {}): ConnectivityInput {
  return {
    purpose: "failover",
    machines: [machine("app01")],
    networks: [network("prod")],
    nsgs: [],
    routeTables: [],
    asgs: [],
    publicIps: [],
    ...changes,
  };
}
