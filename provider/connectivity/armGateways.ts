import type { ArmParser } from "./armParser.js";
import type { ArmResources } from "./armResources.js";
import { connectionShape, gatewayShape, localGatewayShape } from "./armShapes.js";
import { lastSegment, unique } from "./ids.js";
import type { GatewayInput } from "./types.js";

/** Gateways by the lower-case id of the network of their GatewaySubnet, ranges from the local network gateways that they connect. */
export function readGateways(
  parser: ArmParser,
  resources: Pick<ArmResources, "virtualNetworkGateways" | "localNetworkGateways" | "connections">,
): Map<string, GatewayInput[]> {
  const local = new Map(
    parser
      .parse(localGatewayShape, resources.localNetworkGateways, "local network gateway")
      .map(({ id, properties }) => [id.toLowerCase(), properties.localNetworkAddressSpace?.addressPrefixes ?? []]),
  );
  const connections = parser.parse(connectionShape, resources.connections, "connection");
  const byNetwork = new Map<string, GatewayInput[]>();
  for (const gateway of parser.parse(gatewayShape, resources.virtualNetworkGateways, "virtual network gateway")) {
    const { gatewayType, ipConfigurations, vpnClientConfiguration } = gateway.properties;
    const kind = gatewayType?.toLowerCase() === "expressroute" ? "expressRoute" : "vpn";
    const mine = connections.filter(
      ({ properties }) => properties.virtualNetworkGateway1.id.toLowerCase() === gateway.id.toLowerCase(),
    );
    const ranges = mine.map(({ properties }) =>
      local.get(properties.localNetworkGateway2?.id.toLowerCase() ?? ""),
    );
    const clientPool = vpnClientConfiguration?.vpnClientAddressPool?.addressPrefixes ?? [];
    const prefixes = [...ranges.flatMap((range) => range ?? []), ...clientPool];
    // ExpressRoute and BGP learn their ranges on the line: nothing in ARM's own JSON holds them.
    const learnsByBgp = kind === "expressRoute" || mine.some(({ properties }) => properties.enableBgp === true);
    const isKnown = prefixes.length > 0 && !learnsByBgp && ranges.every((range) => range !== undefined);
    const input: GatewayInput = {
      name: gateway.name ?? lastSegment(gateway.id),
      kind,
      ...(isKnown ? { onPremisesPrefixes: [...new Set(prefixes)] } : {}),
    };
    for (const networkId of unique(
      (ipConfigurations ?? []).map(
        ({ properties }) => /^(.+)\/subnets\/[^/]+$/i.exec(properties.subnet?.id ?? "")?.[1],
      ),
    )) {
      const key = networkId.toLowerCase();
      byNetwork.set(key, [...(byNetwork.get(key) ?? []), input]);
    }
  }
  return byNetwork;
}
