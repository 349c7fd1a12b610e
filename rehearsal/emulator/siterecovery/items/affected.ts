import { guidOf } from "../../estate/names.js";
import { azureContainerName, azureFabricIdentifier, keyOf, microsoftAzure } from "../names.js";
import type { ItemState, VaultState } from "../state.js";
import { policyOf } from "./policyOf.js";

/** `affectedObjectDetails` of a job on an item, in the recorded keys. */
export function affectedObjects(vault: VaultState, item: ItemState): Record<string, string> {
  const fabric = vault.fabrics[keyOf(item.fabricName)];
  const identifier = fabric?.internalIdentifier ?? guidOf(item.fabricName);
  return {
    primaryVmId: item.internalIdentifier,
    primaryVmName: item.friendlyName,
    recoveryVmId: "",
    recoveryVmName: item.friendlyName,
    protectionProfileId: policyOf(vault, item)?.internalIdentifier ?? "",
    primaryCloudId: `cloud_${identifier}`,
    primaryCloudName: item.containerName,
    recoveryCloudId: azureContainerName,
    recoveryCloudName: microsoftAzure,
    primaryVmmId: identifier,
    primaryVmmName: item.fabricName,
    recoveryVmmId: azureFabricIdentifier,
    recoveryVmmName: microsoftAzure,
    primaryFabricProviderId: "InMageRcmFabric",
    recoveryFabricProviderId: "Azure",
  };
}
