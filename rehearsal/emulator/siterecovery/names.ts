/**
 * Paths, ids and times in the spellings that the service uses: requests say `/subscriptions`, its own ids begin with
 * `/Subscriptions`, and names compare without case.
 */

import { guidOf } from "../estate/names.js";
import type { FabricState, ItemState, VaultState } from "./state.js";

export const vaultPath =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.RecoveryServices/vaults/{vaultName}";
export const fabricPath = `${vaultPath}/replicationFabrics/{fabricName}`;
export const containerPath = `${fabricPath}/replicationProtectionContainers/{containerName}`;
export const itemPath = `${containerPath}/replicationProtectedItems/{itemName}`;
export const planPath = `${vaultPath}/replicationRecoveryPlans/{planName}`;

/** The one recovery fabric and container of every scenario that goes to Azure. */
export const microsoftAzure = "Microsoft Azure";
/** Azure's own fabric and container behind that name, the same in every vault of the recordings. */
const azureFabricName = "d49858f157601230a6ac5862fbbc6e63bf38d23ecd96cf953767945d457fe9d5";
export const azureContainerName = "d38048d4-b460-4791-8ece-108395ee8478";
export const azureFabricIdentifier = "21a9403c-6ec1-44f2-b744-b4e50b792387";

export const vaultType = "Microsoft.RecoveryServices/vaults";
export const itemType = `${vaultType}/replicationFabrics/replicationProtectionContainers/replicationProtectedItems`;

export function keyOf(...names: string[]): string {
  return names.join("/").toLowerCase();
}

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function vaultId(vault: VaultState): string {
  return `/Subscriptions/${vault.subscriptionId}/resourceGroups/${vault.resourceGroup}/providers/${vaultType}/${vault.name}`;
}

export function vaultKey(vault: VaultState): string {
  return vaultId(vault).toLowerCase();
}

export function policyId(vault: VaultState, name: string): string {
  return `${vaultId(vault)}/replicationPolicies/${name}`;
}

export function fabricId(vault: VaultState, name: string): string {
  return `${vaultId(vault)}/replicationFabrics/${name}`;
}

export function containerId(vault: VaultState, fabric: string, container: string): string {
  return `${fabricId(vault, fabric)}/replicationProtectionContainers/${container}`;
}

export function itemId(vault: VaultState, item: Pick<ItemState, "fabricName" | "containerName" | "name">): string {
  return `${containerId(vault, item.fabricName, item.containerName)}/replicationProtectedItems/${item.name}`;
}

export function itemKey(item: Pick<ItemState, "fabricName" | "containerName" | "name">): string {
  return keyOf(item.fabricName, item.containerName, item.name);
}

export function planId(vault: VaultState, name: string): string {
  return `${vaultId(vault)}/replicationRecoveryPlans/${name}`;
}

export function jobId(vault: VaultState, name: string): string {
  return `${vaultId(vault)}/replicationJobs/${name}`;
}

export function azureFabricId(vault: VaultState): string {
  return fabricId(vault, azureFabricName);
}

export function azureContainerId(vault: VaultState): string {
  return containerId(vault, azureFabricName, azureContainerName);
}

/** Internal ids are the machine's, so that protecting it again gives the same one. */
export function internalIdentifierOf(vault: VaultState, machineId: string): string {
  return guidOf("protectedItem", vaultKey(vault), machineId.toLowerCase());
}

/** Recovery points; those of InMageRcm live below the container's internal name, not its ARM name. */
export function recoveryPointId(vault: VaultState, fabric: FabricState, item: ItemState, point: string): string {
  const container = fabric.kind === "InMageRcm" ? `cloud_${fabric.internalIdentifier}` : item.containerName;
  return `${containerId(vault, item.fabricName, container)}/replicationProtectedItems/${item.name}/recoveryPoints/${point}`;
}

export function fabricFriendlyName(fabric: FabricState): string {
  return fabric.friendlyName ?? fabric.name;
}

/** Names of a container's fabric and of itself, as people see them. */
export function friendlyNamesOf(
  vault: VaultState,
  of: { fabricName: string; containerName: string },
): { fabric: string; container: string } {
  const fabric = vault.fabrics[keyOf(of.fabricName)];
  const container = fabric?.containers[keyOf(of.containerName)];
  return {
    fabric: fabric === undefined ? of.fabricName : fabricFriendlyName(fabric),
    container: container?.friendlyName ?? container?.name ?? of.containerName,
  };
}

export function lastSegment(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** The names after each `segment/` of an ARM id, such as `{ replicationFabrics: "f" }`; keys in lower case. */
export function segmentsOf(id: string): Record<string, string> {
  const parts = id.split("/").filter((part) => part !== "");
  const names: Record<string, string> = {};
  for (let i = 0; i + 1 < parts.length; i += 1) {
    const [key, value] = [parts[i], parts[i + 1]];
    if (key !== undefined && value !== undefined) names[key.toLowerCase()] = value;
  }
  return names;
}

/** `2023-08-26T02:56:04.6960000Z`: .NET's seven decimals. */
export function ticks(at: number): string {
  return new Date(at).toISOString().replace(/Z$/, "0000Z");
}

/** Job ends are kept in whole seconds: `2017-09-20T13:27:58Z`. */
export function wholeSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A task that has not begun or ended: .NET's default time, without a zone. */
export const neverForTask = "0001-01-01T00:00:00";
/** An item that runs nothing. */
export const neverForScenario = "1753-01-01T01:01:01Z";

export const seconds = 1000;
export const minutes = 60 * seconds;
export const hours = 60 * minutes;
export const days = 24 * hours;
