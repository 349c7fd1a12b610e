/** ARM ids of Site Recovery: built one way, so that a resource's id stays the same whoever answers it. */

import type { VaultCoordinates } from "../siterecovery/siteRecovery.js";

export function vaultId(vault: VaultCoordinates): string {
  return `/subscriptions/${vault.subscriptionId}/resourceGroups/${vault.resourceGroupName}/providers/Microsoft.RecoveryServices/vaults/${vault.vaultName}`;
}

export function policyId(vault: VaultCoordinates, name: string): string {
  return `${vaultId(vault)}/replicationPolicies/${name}`;
}

export function fabricId(vault: VaultCoordinates, fabricName: string): string {
  return `${vaultId(vault)}/replicationFabrics/${fabricName}`;
}

function containerId(vault: VaultCoordinates, fabricName: string, containerName: string): string {
  return `${fabricId(vault, fabricName)}/replicationProtectionContainers/${containerName}`;
}

export function mappingId(
  vault: VaultCoordinates,
  fabricName: string,
  containerName: string,
  name: string,
): string {
  return `${containerId(vault, fabricName, containerName)}/replicationProtectionContainerMappings/${name}`;
}

export function itemId(vault: VaultCoordinates, fabricName: string, containerName: string, name: string): string {
  return `${containerId(vault, fabricName, containerName)}/replicationProtectedItems/${name}`;
}

export function planId(vault: VaultCoordinates, name: string): string {
  return `${vaultId(vault)}/replicationRecoveryPlans/${name}`;
}

const inVault =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.RecoveryServices\/vaults\/([^/]+)\/(.+)$/i;
const itemPath =
  /^replicationFabrics\/([^/]+)\/replicationProtectionContainers\/([^/]+)\/replicationProtectedItems\/([^/]+)$/i;
const planPath = /^replicationRecoveryPlans\/([^/]+)$/i;

export interface ParsedTarget {
  kind: "replicatedItem" | "recoveryPlan";
  vault: VaultCoordinates;
  name: string;
}

/** What a failover or a drill acts on: the id of a replicated item or of a recovery plan; undefined for anything else. */
export function parseTarget(id: string): ParsedTarget | undefined {
  const parts = inVault.exec(id);
  if (!parts) return undefined;
  const [, subscriptionId = "", resourceGroupName = "", vaultName = "", rest = ""] = parts;
  const vault = { subscriptionId, resourceGroupName, vaultName };
  const item = itemPath.exec(rest);
  if (item?.[3]) return { kind: "replicatedItem", vault, name: item[3] };
  const plan = planPath.exec(rest);
  if (plan?.[1]) return { kind: "recoveryPlan", vault, name: plan[1] };
  return undefined;
}

/** Tells a drill from its target, whose id it has. */
export function drillKey(targetId: string): string {
  return `drill of ${targetId}`;
}

/** The last segment of an id: the resource's name. */
export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
