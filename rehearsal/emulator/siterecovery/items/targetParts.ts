/** What the settings of a replicated item name in Azure: it has to be there before a machine replicates towards it. */

import type { World } from "../../core.js";
import type { Problem } from "../kinds/kind.js";
import { sameName } from "../names.js";

/** Types that settings may name, as messages call them. */
const partTypes = {
  availabilitySet: ["Microsoft.Compute/availabilitySets", "availability set"],
  proximityPlacementGroup: ["Microsoft.Compute/proximityPlacementGroups", "proximity placement group"],
  diskEncryptionSet: ["Microsoft.Compute/diskEncryptionSets", "disk encryption set"],
  storageAccount: ["Microsoft.Storage/storageAccounts", "storage account"],
  resourceGroup: ["Microsoft.Resources/resourceGroups", "resource group"],
} as const;

/** A setting by its path in the body, and the id that it holds; empty or absent = it names nothing. */
export interface NamedPart {
  path: string;
  id: string | null | undefined;
  type: keyof typeof partTypes;
}

/**
 * Chosen: no recording shows whether Azure refuses at once or by a failed job; either way nothing replicates.
 */
export function requireParts(world: World, parts: readonly NamedPart[], problems: Problem[]): void {
  for (const { path, id, type } of parts) {
    if (id == null || id === "") continue;
    const [armType, words] = partTypes[type];
    const found = world.arm.get(id.replace(/\/+$/, ""));
    if (found === undefined || !sameName(found.type, armType))
      problems.push({ path, message: `"${id}" is not an existing ${words}` });
  }
}

/** `Standard_D4s_v5`, `Basic_A0`, `Standard_B2ms`: the form of every size; which of them a region has, changes. */
const vmSizePattern = /^(?:Basic|Standard)_[A-Z]{1,3}\d+[A-Za-z0-9-]*(?:_[A-Za-z0-9]+)*$/i;

/** Chosen, as above. */
export function requireVmSize(size: string | null | undefined, path: string, problems: Problem[]): void {
  if (size == null || size === "" || vmSizePattern.test(size)) return;
  problems.push({
    path,
    message: `"${size}" is not a size of a virtual machine; allowed: one such as Standard_D4s_v5`,
  });
}
