/** What a fabric of modernised VMware shows: its one appliance with all of its services. */

import { guidOf } from "../../estate/names.js";
import type { InMageRcmFabric } from "../fabricState.js";
import { serviceEndpoint } from "../kinds/inMageRcm/render.js";
import { fabricId, minutes, ticks } from "../names.js";
import type { Call } from "../operation.js";
import type { VaultState } from "../state.js";

/** Components report every minute, and the service shows it a little later. */
const heartbeatEvery = minutes;

export function heartbeat(call: Call): string {
  return ticks(Math.floor(call.world.clock.now() / heartbeatEvery) * heartbeatEvery);
}

function identity(vault: VaultState, fabric: InMageRcmFabric, role: string) {
  const tenantId = guidOf("tenant", vault.subscriptionId);
  return {
    tenantId,
    applicationId: guidOf("application", fabric.internalIdentifier, role),
    objectId: guidOf("object", fabric.internalIdentifier, role),
    audience: `api://${tenantId}/${fabric.appliance.name}${role}aadapp`,
    aadAuthority: `https://login.microsoftonline.com/${tenantId}`,
  };
}

/** `customDetails`: a list leaves the components out; only GET of one fabric has them. */
export function inMageRcmDetails(call: Call, fabric: InMageRcmFabric, isList: boolean): object {
  const components = isList ? noComponents : componentsOf(call, fabric);
  return {
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
    sourceAgentIdentityDetails: isList ? null : identity(call.vault, fabric, "failbackagentauth"),
    ...components,
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
function componentsOf(call: Call, fabric: InMageRcmFabric) {
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

/** What only a provider of this kind shows, beside what every provider does. */
export function inMageRcmProvider(vault: VaultState, fabric: InMageRcmFabric): object {
  const { appliance } = fabric;
  return {
    machineId: appliance.id,
    machineName: appliance.name,
    biosId: appliance.biosId,
    authenticationIdentityDetails: identity(vault, fabric, "agentauth"),
    resourceAccessIdentityDetails: identity(vault, fabric, "failbackagentauth"),
    dataPlaneAuthenticationIdentityDetails: identity(vault, fabric, "dataplane"),
  };
}

export function renderAppliance(call: Call, fabric: InMageRcmFabric): unknown {
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
