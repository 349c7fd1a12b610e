import type { Operation } from "../core.js";
import { isObject, referencedId } from "../network/allocation.js";
import { networkName, type ResourceKind, resourceOperations } from "./operations.js";
import { requireReferences } from "./shapes.js";

/**
 * Types of Microsoft.Network that are stored as they are written: others refer to them or read them, and nothing of
 * what Azure does with them happens here (no tunnel is built, no session is brokered).
 */
function plain(type: string, operations: string, parameter: string): ResourceKind {
  return {
    type: `Microsoft.Network/${type}`,
    operations,
    parameter,
    name: networkName,
    hasEtag: true,
    hasOperation: true,
    write(write, world) {
      const { sku, zones, kind } = write.body;
      const configurations = write.properties.ipConfigurations;
      const list = Array.isArray(configurations) ? configurations.filter(isObject) : undefined;
      for (const configuration of list ?? []) {
        const properties = isObject(configuration.properties) ? configuration.properties : {};
        requireReferences(
          world,
          write.id,
          referencedId(properties.subnet),
          referencedId(properties.publicIPAddress),
        );
      }
      return {
        ...(sku !== undefined && { sku }),
        ...(zones !== undefined && { zones }),
        ...(kind !== undefined && { kind }),
        properties: {
          ...write.properties,
          provisioningState: "Succeeded",
          resourceGuid: write.existing?.properties.resourceGuid ?? world.newGuid(),
          ...(list && {
            ipConfigurations: list.map((configuration) => ({
              ...configuration,
              id: `${write.id}/ipConfigurations/${String(configuration.name)}`,
            })),
          }),
        },
      };
    },
  };
}

export const virtualNetworkGatewayKind = plain(
  "virtualNetworkGateways",
  "VirtualNetworkGateways",
  "virtualNetworkGatewayName",
);
export const localNetworkGatewayKind = plain(
  "localNetworkGateways",
  "LocalNetworkGateways",
  "localNetworkGatewayName",
);
export const connectionKind = plain(
  "connections",
  "VirtualNetworkGatewayConnections",
  "virtualNetworkGatewayConnectionName",
);
export const bastionHostKind = plain("bastionHosts", "BastionHosts", "bastionHostName");
export const networkWatcherKind = plain("networkWatchers", "NetworkWatchers", "networkWatcherName");
export const networkManagerKind = plain("networkManagers", "NetworkManagers", "networkManagerName");
const applicationSecurityGroupKind: ResourceKind = plain(
  "applicationSecurityGroups",
  "ApplicationSecurityGroups",
  "applicationSecurityGroupName",
);

export const plainNetworkOperations: Operation[] = [
  virtualNetworkGatewayKind,
  localNetworkGatewayKind,
  connectionKind,
  bastionHostKind,
  networkWatcherKind,
  networkManagerKind,
  applicationSecurityGroupKind,
].flatMap(resourceOperations);
