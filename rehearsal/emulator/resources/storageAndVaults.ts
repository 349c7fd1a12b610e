import type { Operation } from "../core.js";
import { ArmError } from "../errors.js";
import { isObject } from "../network/allocation.js";
import { type ResourceKind, resourceOperations } from "./operations.js";
import { protectedItemCount } from "./resourceGroups.js";

export const storageAccountKind: ResourceKind = {
  type: "Microsoft.Storage/storageAccounts",
  operations: "StorageAccounts",
  parameter: "accountName",
  name: {
    pattern: /^[a-z0-9]{3,24}$/,
    most: 24,
    allowed:
      "Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.",
  },
  write(write, world) {
    const elsewhere = world.arm
      .list("Microsoft.Storage/storageAccounts")
      .find((account) => account.name === write.name && account.id.toLowerCase() !== write.id.toLowerCase());
    if (elsewhere)
      throw new ArmError(
        409,
        "StorageAccountAlreadyTaken",
        `The storage account named ${write.name} is already taken.`,
      );
    const sku = isObject(write.body.sku) ? write.body.sku : undefined;
    if (!sku && !write.existing)
      throw new ArmError(
        400,
        "InvalidValuesForRequestParameters",
        "Values for request parameters are invalid: sku.",
      );
    const endpoint = (service: string) => `https://${write.name}.${service}.core.windows.net/`;
    return {
      sku: sku ?? write.existing?.sku,
      kind: write.body.kind ?? write.existing?.kind ?? "StorageV2",
      properties: {
        accessTier: "Hot",
        supportsHttpsTrafficOnly: true,
        ...write.properties,
        provisioningState: "Succeeded",
        creationTime: write.existing?.properties.creationTime ?? new Date(world.clock.now()).toISOString(),
        primaryEndpoints: Object.fromEntries(
          ["blob", "queue", "table", "file"].map((service) => [service, endpoint(service)]),
        ),
        primaryLocation: write.location,
        statusOfPrimary: "available",
      },
    };
  },
};

export const vaultKind: ResourceKind = {
  type: "Microsoft.RecoveryServices/vaults",
  operations: "Vaults",
  parameter: "vaultName",
  name: {
    pattern: /^[A-Za-z][A-Za-z0-9-]{1,49}$/,
    most: 50,
    allowed: "It must have 2-50 characters, begin with a letter, and contain letters, digits and hyphens only.",
  },
  hasEtag: true,
  write(write) {
    const { provisioningState: _, ...rest } = write.properties;
    return {
      sku: isObject(write.body.sku) ? write.body.sku : (write.existing?.sku ?? { name: "RS0", tier: "Standard" }),
      properties: {
        publicNetworkAccess: "Enabled",
        ...rest,
        provisioningState: "Succeeded",
        privateEndpointStateForBackup: "None",
        privateEndpointStateForSiteRecovery: "None",
      },
    };
  },
  refuseDeletion(vault, world) {
    const count = protectedItemCount(vault.id, world);
    if (count === 0) return;
    throw new ArmError(
      400,
      "ServiceResourceNotEmptyWithBackendMessage",
      `Recovery Services vault cannot be deleted as there are existing resources within the vault: ${count} replicated items in ${vault.name}.`,
    );
  },
  changed(id, resource, world) {
    if (!resource) delete world.state.siteRecovery.vaults[id.toLowerCase()];
  },
};

export const storageOperations: Operation[] = resourceOperations(storageAccountKind);
export const vaultOperations: Operation[] = resourceOperations(vaultKind);
