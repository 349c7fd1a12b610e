import type { Operation } from "../core.js";
import type { ResourceStore } from "../store.js";
import { computePlacementOperations } from "./computePlacement.js";
import { networkInterfaceOperations } from "./networkInterfaces.js";
import { networkManagerOperations } from "./networkManagers.js";
import { networkSecurityGroupOperations } from "./networkSecurityGroups.js";
import { networkWatcherOperations } from "./networkWatcher.js";
import { offAzureOperations } from "./offAzure.js";
import { plainNetworkOperations } from "./plainNetwork.js";
import { publicIpAddressOperations } from "./publicIpAddresses.js";
import { resourceGroupOperations } from "./resourceGroups.js";
import { routeTableOperations } from "./routeTables.js";
import { storageOperations, vaultOperations } from "./storageAndVaults.js";
import { computeOperations } from "./virtualMachines.js";
import { virtualNetworkOperations } from "./virtualNetworks.js";

/** Every operation of the generic ARM store; Site Recovery's own are in `../siterecovery`. */
export function resourceManagerOperations(arm: () => ResourceStore): Operation[] {
  return [
    ...resourceGroupOperations(arm),
    ...virtualNetworkOperations,
    ...networkSecurityGroupOperations,
    ...networkInterfaceOperations,
    ...publicIpAddressOperations,
    ...routeTableOperations,
    ...plainNetworkOperations,
    ...networkWatcherOperations,
    ...networkManagerOperations,
    ...computeOperations,
    ...computePlacementOperations,
    ...storageOperations,
    ...vaultOperations,
    ...offAzureOperations,
  ];
}
