/** Fabrics, their providers and their containers as the service answers them. */

import { type ContainerState, type FabricState, providersOf } from "../fabricState.js";
import { containerId, fabricFriendlyName, fabricId, sameName, ticks, vaultType } from "../names.js";
import type { Call } from "../operation.js";
import type { VaultState } from "../state.js";
import { heartbeat, inMageRcmDetails, inMageRcmProvider } from "./inMageRcm.js";
import { vmwareDetails } from "./vmware.js";

const noKey = { kekState: "None", kekCertThumbprint: null };

export function renderFabric(call: Call, fabric: FabricState, isList: boolean): unknown {
  const key = fabric.kind === "VMM" ? fabric.kekCertificate : null;
  return {
    name: fabric.name,
    type: `${vaultType}/replicationFabrics`,
    id: fabricId(call.vault, fabric.name),
    properties: {
      friendlyName: fabricFriendlyName(fabric),
      encryptionDetails:
        key === null
          ? noKey
          : {
              kekState: "Enabled",
              kekCertThumbprint: key.thumbprint,
              kekCertExpiryDate: ticks(key.expiresAt),
            },
      rolloverEncryptionDetails: key === null ? noKey : { kekState: "Enabled", kekCertThumbprint: null },
      internalIdentifier: fabric.internalIdentifier,
      bcdrState: "Valid",
      customDetails: customDetails(call, fabric, isList),
      healthErrorDetails: [],
      health: "Normal",
    },
  };
}

function customDetails(call: Call, fabric: FabricState, isList: boolean): object {
  switch (fabric.kind) {
    case "InMageRcm":
      return inMageRcmDetails(call, fabric, isList);
    case "VMM":
      return { instanceType: "VMM" };
    case "VMware":
      return vmwareDetails(call, fabric);
    case "HyperVSite":
      return {
        instanceType: "HyperVSite",
        hyperVHosts: fabric.hosts.map(({ id, name, version }) => ({ id, name, marsAgentVersion: version })),
      };
  }
}

export interface ProviderOf {
  fabric: FabricState;
  provider: { id: string; name: string };
}

export function allProviders(fabrics: FabricState[]): ProviderOf[] {
  return fabrics.flatMap((fabric) => providersOf(fabric).map((provider) => ({ fabric, provider })));
}

/** Those of an appliance are named after it, the others by their id. */
export function providerName({ fabric, provider }: ProviderOf): string {
  return fabric.kind === "InMageRcm" ? `${provider.name}dra` : provider.id;
}

const never = "9999-12-31T23:59:59.9999999";

export function renderProvider(call: Call, of: ProviderOf): unknown {
  const { vault } = call;
  const { fabric, provider } = of;
  const name = providerName(of);
  const items = Object.values(vault.items).filter((item) => sameName(item.fabricName, fabric.name)).length;
  const version = versionOf(of);
  return {
    id: `${fabricId(vault, fabric.name)}/replicationRecoveryServicesProviders/${name}`,
    type: `${vaultType}/replicationFabrics/replicationRecoveryServicesProviders`,
    name,
    properties: {
      fabricType: fabric.kind,
      friendlyName: provider.name,
      providerVersion: version,
      serverVersion: "0.0",
      providerVersionState: "Latest",
      providerVersionExpiryDate: never,
      fabricFriendlyName: fabricFriendlyName(fabric),
      lastHeartBeat: heartbeat(call),
      connectionStatus: "Connected",
      protectedItemCount: items,
      allowedScenarios: ["Refresh"],
      healthErrorDetails: [],
      draIdentifier: provider.id,
      ...(fabric.kind === "InMageRcm" ? inMageRcmProvider(vault, fabric) : {}),
      providerVersionDetails: { version, expiryDate: never, status: "Supported" },
    },
  };
}

function versionOf({ fabric, provider }: ProviderOf): string {
  if (fabric.kind === "InMageRcm") return fabric.appliance.version;
  if (fabric.kind === "VMware") return fabric.version;
  const host = fabric.hosts.find((each) => each.id === provider.id) ?? fabric.hosts[0];
  return host?.version ?? "";
}

export function renderContainer(vault: VaultState, fabric: FabricState, container: ContainerState): unknown {
  const inContainer = (each: { fabricName: string; containerName: string }) =>
    sameName(each.fabricName, fabric.name) && sameName(each.containerName, container.name);
  const items = Object.values(vault.items).filter(inContainer).length;
  const isSource = Object.values(vault.mappings).some(inContainer);
  const id = containerId(vault, fabric.name, container.name);
  const isTarget = Object.values(vault.mappings).some((mapping) => sameName(mapping.targetContainer, id));
  return {
    id,
    name: container.name,
    type: `${vaultType}/replicationFabrics/replicationProtectionContainers`,
    properties: {
      fabricFriendlyName: fabricFriendlyName(fabric),
      friendlyName: container.friendlyName ?? container.name,
      fabricType: fabric.kind,
      protectedItemCount: items,
      pairingStatus: isSource || isTarget ? "Paired" : "NotPaired",
      role: isSource ? "Primary" : isTarget ? "Recovery" : "",
      fabricSpecificDetails: null,
    },
  };
}
