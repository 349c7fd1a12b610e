import { InvalidInput } from "../errors.js";
import type { VaultCoordinates } from "../siteRecovery.js";

export interface ContainerPlace {
  fabricName: string;
  protectionContainerName: string;
}

/** `/subscriptions/.../vaults/<vault>`, as requests spell it. */
export function vaultId(vault: VaultCoordinates): string {
  return `/subscriptions/${vault.subscriptionId}/resourceGroups/${vault.resourceGroupName}/providers/Microsoft.RecoveryServices/vaults/${vault.vaultName}`;
}

/** The name that follows a segment such as `replicationPolicies`, in the id's own spelling. */
export function segment(id: string, collection: string): string | undefined {
  const index = id.toLowerCase().split("/").indexOf(collection.toLowerCase());
  const name = index < 0 ? undefined : id.split("/")[index + 1];
  return name === undefined || name === "" ? undefined : name;
}

export function parseContainerId(id: string): ContainerPlace | undefined {
  const fabricName = segment(id, "replicationFabrics");
  const protectionContainerName = segment(id, "replicationProtectionContainers");
  return fabricName === undefined || protectionContainerName === undefined
    ? undefined
    : { fabricName, protectionContainerName };
}

export function parseItemId(id: string): (ContainerPlace & { itemName: string }) | undefined {
  const place = parseContainerId(id);
  const itemName = segment(id, "replicationProtectedItems");
  return place === undefined || itemName === undefined ? undefined : { ...place, itemName };
}

/** The place and name of an item. @throws InvalidInput with the id and the shape it should have */
export function requireItemId(id: string, vault: VaultCoordinates): ContainerPlace & { itemName: string } {
  requireInVault(id, vault);
  return (
    parseItemId(id) ??
    refuse(
      id,
      "replicationFabrics/<fabric>/replicationProtectionContainers/<container>/replicationProtectedItems/<item>",
      vault,
    )
  );
}

/** @throws InvalidInput with the id and the shape it should have */
export function requireMappingId(id: string, vault: VaultCoordinates): ContainerPlace & { mappingName: string } {
  requireInVault(id, vault);
  const place = parseContainerId(id);
  const mappingName = segment(id, "replicationProtectionContainerMappings");
  return place === undefined || mappingName === undefined
    ? refuse(
        id,
        "replicationFabrics/<fabric>/replicationProtectionContainers/<container>/replicationProtectionContainerMappings/<mapping>",
        vault,
      )
    : { ...place, mappingName };
}

/** @throws InvalidInput with the id and the shape it should have */
export function requireNetworkMappingId(
  id: string,
  vault: VaultCoordinates,
): { fabricName: string; networkName: string; networkMappingName: string } {
  requireInVault(id, vault);
  const fabricName = segment(id, "replicationFabrics");
  const networkName = segment(id, "replicationNetworks");
  const networkMappingName = segment(id, "replicationNetworkMappings");
  return fabricName === undefined || networkName === undefined || networkMappingName === undefined
    ? refuse(
        id,
        "replicationFabrics/<fabric>/replicationNetworks/<network>/replicationNetworkMappings/<mapping>",
        vault,
      )
    : { fabricName, networkName, networkMappingName };
}

/** The last name of an id of the vault's own collection. @throws InvalidInput */
export function requireName(
  id: string,
  collection: "replicationPolicies" | "replicationRecoveryPlans" | "replicationFabrics",
  vault: VaultCoordinates,
): string {
  requireInVault(id, vault);
  return segment(id, collection) ?? refuse(id, `${collection}/<name>`, vault);
}

/** An id of another vault must not be looked up in this one: it would be "not there". */
function requireInVault(id: string, vault: VaultCoordinates): void {
  const root = `${vaultId(vault)}/`;
  if (id.slice(0, root.length).toLowerCase() !== root.toLowerCase()) refuse(id, "...", vault);
}

function refuse(id: string, shape: string, vault: VaultCoordinates): never {
  throw new InvalidInput(`id: "${id}" is not an id of this vault. Allowed: ${vaultId(vault)}/${shape}.`, {
    resourceId: id,
  });
}
