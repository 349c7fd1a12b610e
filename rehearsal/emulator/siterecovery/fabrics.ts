/** Fabrics, their recovery services providers and containers, and the appliances: all registered from on-premises. */

import type { Operation } from "../core.js";
import { guidOf } from "../estate/names.js";
import { notFound, Refusal } from "./errors.js";
import { serviceEndpoint } from "./kinds/inMageRcm/render.js";
import {
  containerId,
  containerPath,
  fabricId,
  fabricPath,
  minutes,
  sameName,
  ticks,
  vaultPath,
  vaultType,
} from "./names.js";
import { type Call, containerOf, fabricOf, operation, param } from "./operation.js";
import { page } from "./paging.js";
import type { FabricState, VaultState } from "./state.js";

/** Components report every minute, and the service shows it a little later. */
const heartbeatEvery = minutes;

function heartbeat(call: Call): string {
  return ticks(Math.floor(call.world.clock.now() / heartbeatEvery) * heartbeatEvery);
}

function identity(vault: VaultState, fabric: FabricState, role: string) {
  const tenantId = guidOf("tenant", vault.subscriptionId);
  return {
    tenantId,
    applicationId: guidOf("application", fabric.internalIdentifier, role),
    objectId: guidOf("object", fabric.internalIdentifier, role),
    audience: `api://${tenantId}/${fabric.appliance.name}${role}aadapp`,
    aadAuthority: `https://login.microsoftonline.com/${tenantId}`,
  };
}

/** A list leaves the components out; only GET of one fabric has them. */
function renderFabric(call: Call, fabric: FabricState, isList: boolean): unknown {
  const { vault } = call;
  const none = { kekState: "None", kekCertThumbprint: null };
  const components = isList ? noComponents : componentsOf(call, fabric);
  return {
    name: fabric.name,
    type: `${vaultType}/replicationFabrics`,
    id: fabricId(vault, fabric.name),
    properties: {
      friendlyName: fabric.name,
      encryptionDetails: none,
      rolloverEncryptionDetails: none,
      internalIdentifier: fabric.internalIdentifier,
      bcdrState: "Valid",
      customDetails: {
        instanceType: fabric.kind,
        vmwareSiteId: fabric.vmwareSiteId,
        physicalSiteId: fabric.physicalSiteId,
        serviceEndpoint: serviceEndpoint("srs"),
        serviceResourceId: String(
          Number.parseInt(guidOf("resource", fabric.name).slice(0, 12).replaceAll("-", ""), 16),
        ),
        serviceContainerId: String(Number.parseInt(guidOf("container", fabric.name).slice(0, 8), 16)),
        dataPlaneUri: serviceEndpoint("prot"),
        controlPlaneUri: serviceEndpoint("rcm"),
        sourceAgentIdentityDetails: isList ? null : identity(vault, fabric, "failbackagentauth"),
        ...components,
      },
      healthErrorDetails: [],
      health: "Normal",
    },
  };
}

const noComponents = {
  processServers: [],
  rcmProxies: [],
  pushInstallers: [],
  replicationAgents: [],
  reprotectAgents: [],
  marsAgents: [],
  dras: [],
  agentDetails: [],
};

/** The services of the one appliance; numbers of a machine at rest. */
function componentsOf(call: Call, fabric: FabricState) {
  const { appliance } = fabric;
  const at = heartbeat(call);
  const base = { id: appliance.id, name: appliance.name, biosId: appliance.biosId };
  const placed = {
    ...base,
    fabricObjectId: `${fabric.vmwareSiteId}/machines/${appliance.id}`,
    fqdn: appliance.fqdn,
  };
  const healthy = { version: appliance.version, lastHeartbeatUtc: at, health: "Normal", healthErrors: [] };
  const memory = 32 * 1024 ** 3;
  const space = 600 * 1024 ** 3;
  return {
    processServers: [
      {
        ...placed,
        ipAddresses: [appliance.ipAddress],
        version: appliance.version,
        lastHeartbeatUtc: at,
        totalMemoryInBytes: memory,
        availableMemoryInBytes: Math.floor(memory * 0.9),
        usedMemoryInBytes: memory - Math.floor(memory * 0.9),
        memoryUsagePercentage: 10,
        totalSpaceInBytes: space,
        availableSpaceInBytes: Math.floor(space * 0.98),
        usedSpaceInBytes: space - Math.floor(space * 0.98),
        freeSpacePercentage: 98,
        throughputUploadPendingDataInBytes: 0,
        throughputInBytes: 0,
        processorUsagePercentage: 1,
        throughputStatus: "Healthy",
        systemLoad: 0,
        systemLoadStatus: "Healthy",
        diskUsageStatus: "Healthy",
        memoryUsageStatus: "Healthy",
        processorUsageStatus: "Healthy",
        health: "Normal",
        healthErrors: [],
        historicHealth: "Normal",
      },
    ],
    rcmProxies: [{ ...placed, clientAuthenticationType: "Certificate", ...healthy }],
    pushInstallers: [{ ...placed, ...healthy }],
    replicationAgents: [{ ...placed, ...healthy }],
    reprotectAgents: [
      {
        ...placed,
        ...healthy,
        accessibleDatastores: fabric.datastores,
        vcenterId: `${fabric.vmwareSiteId}/vcenters/vcenter`,
        lastDiscoveryInUtc: at,
      },
    ],
    marsAgents: [{ ...placed, ...healthy }],
    dras: [{ ...base, ...healthy }],
    agentDetails: [],
  };
}

function renderProvider(call: Call, fabric: FabricState): unknown {
  const { vault } = call;
  const { appliance } = fabric;
  const name = `${appliance.name}dra`;
  const items = Object.values(vault.items).filter((item) => sameName(item.fabricName, fabric.name)).length;
  const never = "9999-12-31T23:59:59.9999999";
  return {
    id: `${fabricId(vault, fabric.name)}/replicationRecoveryServicesProviders/${name}`,
    type: `${vaultType}/replicationFabrics/replicationRecoveryServicesProviders`,
    name,
    properties: {
      fabricType: fabric.kind,
      friendlyName: appliance.name,
      providerVersion: appliance.version,
      serverVersion: "0.0",
      providerVersionState: "Latest",
      providerVersionExpiryDate: never,
      fabricFriendlyName: fabric.name,
      lastHeartBeat: heartbeat(call),
      connectionStatus: "Connected",
      protectedItemCount: items,
      allowedScenarios: ["Refresh"],
      healthErrorDetails: [],
      draIdentifier: appliance.id,
      machineId: appliance.id,
      machineName: appliance.name,
      biosId: appliance.biosId,
      authenticationIdentityDetails: identity(vault, fabric, "agentauth"),
      resourceAccessIdentityDetails: identity(vault, fabric, "failbackagentauth"),
      dataPlaneAuthenticationIdentityDetails: identity(vault, fabric, "dataplane"),
      providerVersionDetails: { version: appliance.version, expiryDate: never, status: "Supported" },
    },
  };
}

function renderContainer(vault: VaultState, fabric: FabricState, container: { name: string }): unknown {
  const inContainer = (each: { fabricName: string; containerName: string }) =>
    sameName(each.fabricName, fabric.name) && sameName(each.containerName, container.name);
  const items = Object.values(vault.items).filter(inContainer).length;
  const isPaired = Object.values(vault.mappings).some(inContainer);
  return {
    id: containerId(vault, fabric.name, container.name),
    name: container.name,
    type: `${vaultType}/replicationFabrics/replicationProtectionContainers`,
    properties: {
      fabricFriendlyName: fabric.name,
      friendlyName: container.name,
      fabricType: fabric.kind,
      protectedItemCount: items,
      pairingStatus: isPaired ? "Paired" : "NotPaired",
      role: isPaired ? "Primary" : "",
      fabricSpecificDetails: null,
    },
  };
}

function renderAppliance(call: Call, fabric: FabricState): unknown {
  const { processServers, rcmProxies, pushInstallers, replicationAgents, reprotectAgents, marsAgents, dras } =
    componentsOf(call, fabric);
  return {
    id: fabric.appliance.id,
    name: fabric.appliance.name,
    fabricArmId: fabricId(call.vault, fabric.name),
    processServer: processServers[0],
    rcmProxy: rcmProxies[0],
    pushInstaller: pushInstallers[0],
    replicationAgent: replicationAgents[0],
    reprotectAgent: reprotectAgents[0],
    marsAgent: marsAgents[0],
    dra: dras[0],
    switchProviderBlockingErrorDetails: [],
  };
}

const providers = `${fabricPath}/replicationRecoveryServicesProviders`;

export const fabricOperations: Operation[] = [
  operation("ReplicationFabrics_List", "GET", `${vaultPath}/replicationFabrics`, (call) =>
    page(call.request, Object.values(call.vault.fabrics), (fabric) => renderFabric(call, fabric, true)),
  ),
  operation("ReplicationFabrics_Get", "GET", fabricPath, (call) => ({
    status: 200,
    body: renderFabric(call, fabricOf(call), false),
  })),
  operation("ReplicationFabrics_Create", "PUT", fabricPath, () => {
    throw new Refusal(501, [
      {
        code: "NotImplemented",
        message: "ReplicationFabrics_Create is not emulated: the estate's appliance registers its fabric.",
        possibleCauses: "The emulator has no Hyper-V sites.",
        recommendedAction: "Use the fabric that the estate file describes.",
      },
    ]);
  }),
  operation(
    "ReplicationRecoveryServicesProviders_List",
    "GET",
    `${vaultPath}/replicationRecoveryServicesProviders`,
    (call) => page(call.request, Object.values(call.vault.fabrics), (fabric) => renderProvider(call, fabric)),
  ),
  operation("ReplicationRecoveryServicesProviders_ListByReplicationFabrics", "GET", providers, (call) =>
    page(call.request, [fabricOf(call)], (fabric) => renderProvider(call, fabric)),
  ),
  operation("ReplicationRecoveryServicesProviders_Get", "GET", `${providers}/{providerName}`, (call) => {
    const fabric = fabricOf(call);
    const name = param(call.request, "providerName");
    // Items name their provider by its id, lists by its name: both are the same one.
    const isKnown = sameName(name, `${fabric.appliance.name}dra`) || sameName(name, fabric.appliance.id);
    if (!isKnown) throw notFound("recovery services provider", name);
    return { status: 200, body: renderProvider(call, fabric) };
  }),
  operation(
    "ReplicationProtectionContainers_List",
    "GET",
    `${vaultPath}/replicationProtectionContainers`,
    (call) => {
      const all = Object.values(call.vault.fabrics).flatMap((fabric) =>
        Object.values(fabric.containers).map((container) => ({ fabric, container })),
      );
      return page(call.request, all, ({ fabric, container }) => renderContainer(call.vault, fabric, container));
    },
  ),
  operation(
    "ReplicationProtectionContainers_ListByReplicationFabrics",
    "GET",
    `${fabricPath}/replicationProtectionContainers`,
    (call) => {
      const fabric = fabricOf(call);
      return page(call.request, Object.values(fabric.containers), (each) =>
        renderContainer(call.vault, fabric, each),
      );
    },
  ),
  operation("ReplicationProtectionContainers_Get", "GET", containerPath, (call) => {
    const { fabric, container } = containerOf(call);
    return { status: 200, body: renderContainer(call.vault, fabric, container) };
  }),
  operation("ReplicationAppliances_List", "GET", `${vaultPath}/replicationAppliances`, (call) => {
    const fabrics = Object.values(call.vault.fabrics);
    const details = {
      instanceType: "InMageRcm",
      appliances: fabrics.map((fabric) => renderAppliance(call, fabric)),
    };
    return {
      status: 200,
      body: { value: [{ properties: { providerSpecificDetails: details } }], nextLink: null },
    };
  }),
];
