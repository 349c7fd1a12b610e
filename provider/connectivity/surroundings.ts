import { parsePrefix, prefixesSet } from "./address.js";
import { AdminRules } from "./adminRules.js";
import { NsgEvaluator } from "./nsg.js";
import { SubnetAddresses } from "./placement.js";
import type { RangeSet } from "./rangeSet.js";
import { effectiveRoutes, RouteTable } from "./routes.js";
import { composeTags, type TagContext, TagTable } from "./serviceTags.js";
import type {
  ConnectivityInput,
  GatewayInput,
  NetworkInput,
  NsgInput,
  PublicIpInput,
  RouteTableInput,
} from "./types.js";

/** A gateway that serves a network; kind is unknown where its own network was not read. */
export interface ReachingGateway {
  name: string;
  kind?: GatewayInput["kind"];
  onPremisesPrefixes?: string[];
}

export interface NsgState {
  input: NsgInput;
  evaluator: NsgEvaluator;
}

/** What the platform makes of one subnet: service tags and routes. */
export interface SubnetView {
  context: TagContext;
  routes: RouteTable;
  routeTable?: RouteTableInput;
}

export interface SubnetState {
  addresses: SubnetAddresses;
  view: SubnetView;
}

export interface NetworkState {
  input: NetworkInput;
  gateways: ReachingGateway[];
  /** Ranges on the other side of the gateways, those that are only assumed included. */
  gatewaySpaces: string[];
  peeredSpaces: string[];
  subnets: SubnetState[];
  /** Left out where Virtual Network Manager has no rule here. */
  adminRules?: AdminRules;
}

/** The input, indexed: every id without case, every range and rule parsed once. */
export class Surroundings {
  readonly tags = new TagTable();
  readonly asgs: ReadonlyMap<string, RangeSet>;
  private readonly networks = new Map<string, NetworkState>();
  private readonly networkInputs: Map<string, NetworkInput>;
  private readonly nsgs = new Map<string, NsgState>();
  private readonly nsgInputs: Map<string, NsgInput>;
  private readonly routeTables: Map<string, RouteTableInput>;
  private readonly publicIps: Map<string, PublicIpInput>;

  constructor(private readonly input: ConnectivityInput) {
    this.asgs = new Map(
      input.asgs.flatMap((asg) => {
        const set = prefixesSet(asg.addresses);
        const name = asg.id.slice(asg.id.lastIndexOf("/") + 1);
        return [
          [asg.id.toLowerCase(), set],
          [name.toLowerCase(), set],
        ];
      }),
    );
    this.networkInputs = byId(input.networks);
    this.routeTables = byId(input.routeTables);
    this.publicIps = byId(input.publicIps);
    this.nsgInputs = byId(input.nsgs);
  }

  network(id: string): NetworkState | undefined {
    const key = id.toLowerCase();
    let state = this.networks.get(key);
    if (state === undefined) {
      const input = this.networkInputs.get(key);
      if (input === undefined) return undefined;
      state = this.openNetwork(input);
      this.networks.set(key, state);
    }
    return state;
  }

  /** Parsed when first asked for: a subscription holds many NSGs that have no part in the plan. */
  nsg(id: string | undefined): NsgState | undefined {
    if (id === undefined) return undefined;
    const key = id.toLowerCase();
    let state = this.nsgs.get(key);
    if (state === undefined) {
      const input = this.nsgInputs.get(key);
      if (input === undefined) return undefined;
      state = { input, evaluator: new NsgEvaluator(input.rules, this.tags, this.asgs) };
      this.nsgs.set(key, state);
    }
    return state;
  }

  /** The NSGs that were asked for. */
  usedNsgs(): NsgState[] {
    return [...this.nsgs.values()];
  }

  /** Names of all NSGs of the input, in lower case. */
  nsgNames(): Set<string> {
    return new Set([...this.nsgInputs.values()].map(({ name }) => name.toLowerCase()));
  }

  publicIp(id: string | undefined): PublicIpInput | undefined {
    return id === undefined ? undefined : this.publicIps.get(id.toLowerCase());
  }

  /** Ranges of AzureBastionSubnet in the network itself or in one peered with it. */
  bastionPrefixes(network: NetworkState): string[] {
    const peered = connected(network.input).map((peering) =>
      this.networkInputs.get(peering.remoteNetworkId.toLowerCase()),
    );
    return [network.input, ...peered].flatMap((candidate) =>
      (candidate?.subnets ?? [])
        .filter((subnet) => subnet.name.toLowerCase() === "azurebastionsubnet")
        .map((subnet) => subnet.prefix),
    );
  }

  private openNetwork(input: NetworkInput): NetworkState {
    const gateways: ReachingGateway[] = [...input.gateways];
    for (const peering of connected(input)) {
      if (peering.useRemoteGateways !== true) continue;
      const remote = this.networkInputs.get(peering.remoteNetworkId.toLowerCase());
      const name = peering.remoteNetworkId.slice(peering.remoteNetworkId.lastIndexOf("/") + 1);
      gateways.push(...(remote?.gateways ?? [{ name: `gateway of ${name}` }]));
    }
    const gatewaySpaces = gateways.flatMap((gateway) => gateway.onPremisesPrefixes ?? []);
    if (gateways.some((gateway) => gateway.onPremisesPrefixes === undefined))
      gatewaySpaces.push(...this.assumedOnPremises());
    const peeredSpaces = connected(input).flatMap((peering) => peering.remoteAddressSpaces);
    const contexts = new Map<string, TagContext>();
    const subnets = input.subnets.map((subnet): SubnetState => {
      const routeTable =
        subnet.routeTableId === undefined ? undefined : this.routeTables.get(subnet.routeTableId.toLowerCase());
      const userRoutes = routeTable?.routes ?? [];
      const udrPrefixes = userRoutes.map((route) => route.prefix);
      const key = udrPrefixes.join(",");
      let context = contexts.get(key);
      if (context === undefined) {
        context = composeTags({ vnetSpaces: input.addressSpaces, peeredSpaces, gatewaySpaces, udrPrefixes });
        contexts.set(key, context);
      }
      const routes = new RouteTable(
        effectiveRoutes({
          vnetSpaces: input.addressSpaces,
          peeredSpaces,
          gatewaySpaces,
          userRoutes,
          disableBgpRoutePropagation: routeTable?.disableBgpRoutePropagation === true,
        }),
      );
      const view = routeTable === undefined ? { context, routes } : { context, routes, routeTable };
      return { addresses: new SubnetAddresses(subnet), view };
    });
    const adminRules =
      input.adminRules === undefined || input.adminRules.length === 0
        ? undefined
        : new AdminRules(input.adminRules, this.tags, this.asgs);
    return {
      input,
      gateways,
      gatewaySpaces,
      peeredSpaces,
      subnets,
      ...(adminRules === undefined ? {} : { adminRules }),
    };
  }

  /** Behind a gateway whose ranges come by BGP, the sources that people name for it are taken to be there. */
  private assumedOnPremises(): string[] {
    return (this.input.access ?? [])
      .filter((wanted) => wanted.path === "vpn" || wanted.path === "expressRoute")
      .flatMap((wanted) => wanted.sources ?? [])
      .filter((source) => (parsePrefix(source)?.length ?? 0) > 0);
  }
}

function connected(network: NetworkInput): NetworkInput["peerings"] {
  return network.peerings.filter(
    (peering) => peering.state.toLowerCase() === "connected" && peering.allowVirtualNetworkAccess !== false,
  );
}

function byId<T extends { id: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.id.toLowerCase(), item]));
}
