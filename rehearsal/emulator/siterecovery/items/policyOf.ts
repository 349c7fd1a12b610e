import type { ItemState, PolicyState, VaultState } from "../state.js";

/** The policy by which an item replicates. */
export function policyOf(vault: VaultState, item: ItemState): PolicyState | undefined {
  return vault.policies[item.policyName.toLowerCase()];
}
