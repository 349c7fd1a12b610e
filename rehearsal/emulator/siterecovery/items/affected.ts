import { guidOf } from "../../estate/names.js";
import { kindOf } from "../kinds/index.js";
import { azureContainerName, azureFabricIdentifier, friendlyNamesOf, keyOf, microsoftAzure } from "../names.js";
import type { ItemState, VaultState } from "../state.js";
import { policyOf } from "./policyOf.js";

/** `affectedObjectDetails` of a job on an item, in the recorded keys. */
export function affectedObjects(vault: VaultState, item: ItemState): Record<string, string> {
  const own = kindOf(item).affectedObjects?.(vault, item);
  if (own !== undefined) return own;
  const fabric = vault.fabrics[keyOf(item.fabricName)];
  const identifier = fabric?.internalIdentifier ?? guidOf(item.fabricName);
  const names = friendlyNamesOf(vault, item);
  return {
    primaryVmId: item.internalIdentifier,
    primaryVmName: item.friendlyName,
    recoveryVmId: "",
    recoveryVmName: item.friendlyName,
    protectionProfileId: policyOf(vault, item)?.internalIdentifier ?? "",
    primaryCloudId: fabric?.kind === "InMageRcm" ? `cloud_${identifier}` : item.containerName,
    primaryCloudName: names.container,
    recoveryCloudId: azureContainerName,
    recoveryCloudName: microsoftAzure,
    primaryVmmId: identifier,
    primaryVmmName: names.fabric,
    recoveryVmmId: azureFabricIdentifier,
    recoveryVmmName: microsoftAzure,
    primaryFabricProviderId: fabric?.kind === "InMageRcm" ? "InMageRcmFabric" : (fabric?.kind ?? ""),
    recoveryFabricProviderId: "Azure",
  };
}
