import type { VaultCoordinates } from "../siteRecovery.js";
import type { VaultReads } from "./vaultReads.js";
import type { VaultSnapshot } from "./vaultSnapshot.js";
import type { VaultWrites } from "./vaultWrites.js";

/** What everything that is done in a vault is done with. */
export interface VaultParts {
  vault: VaultCoordinates;
  /** The vault as every call of the SDK names it; `resourceName` is the vault in the SDK's words. */
  at: readonly [resourceName: string, resourceGroupName: string];
  reads: VaultReads;
  snapshot: VaultSnapshot;
  writes: VaultWrites;
}
