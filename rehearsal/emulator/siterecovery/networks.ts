/** VM networks of VMM servers, and to which virtual networks in Azure they are mapped. */

import { z } from "zod";
import type { ArmResponse, Operation } from "../core.js";
import { invalidInput, notAllowed, notFound } from "./errors.js";
import type { HyperVFabric } from "./fabricState.js";
import type { Step } from "./jobs/scenario.js";
import { type JobSpec, startJob } from "./jobs/start.js";
import { accepted } from "./longRunning.js";
import {
  azureFabricId,
  fabricFriendlyName,
  fabricId,
  fabricPath,
  keyOf,
  lastSegment,
  microsoftAzure,
  sameName,
  vaultPath,
  vaultType,
} from "./names.js";
import { type Call, fabricOf, operation, param, propertiesOf } from "./operation.js";
import { page } from "./paging.js";
import type { NetworkMappingState, VaultState } from "./state.js";

const networksPath = `${fabricPath}/replicationNetworks`;
const networkPath = `${networksPath}/{networkName}`;
const mappingsPath = `${networkPath}/replicationNetworkMappings`;
export const networkMappingPath = `${mappingsPath}/{networkMappingName}`;

interface NetworkOf {
  fabric: HyperVFabric;
  network: HyperVFabric["networks"][number];
}

const isHyperV = (fabric: { kind: string }): fabric is HyperVFabric =>
  fabric.kind === "VMM" || fabric.kind === "HyperVSite";

function networksOf(vault: VaultState): NetworkOf[] {
  return Object.values(vault.fabrics)
    .filter(isHyperV)
    .flatMap((fabric) => fabric.networks.map((network) => ({ fabric, network })));
}

function networkOf(call: Call): NetworkOf {
  const fabric = fabricOf(call);
  const name = param(call.request, "networkName");
  const found = networksOf(call.vault).find(
    (each) =>
      each.fabric === fabric && (sameName(each.network.id, name) || sameName(each.network.friendlyName, name)),
  );
  if (found === undefined) throw notFound("network", name);
  return found;
}

/** ARM id of a VM network. */
export function vmNetworkId(vault: VaultState, fabric: { name: string }, id: string): string {
  return `${fabricId(vault, fabric.name)}/replicationNetworks/${id}`;
}

function networkId(vault: VaultState, { fabric, network }: NetworkOf): string {
  return vmNetworkId(vault, fabric, network.id);
}

/** The VM network of an ARM id; undefined where it is a network in Azure or does not exist. */
function vmNetworkOf(vault: VaultState, id: string): NetworkOf | undefined {
  return networksOf(vault).find((each) => sameName(networkId(vault, each), id));
}

function renderNetwork(vault: VaultState, of: NetworkOf): unknown {
  return {
    type: `${vaultType}/replicationFabrics/replicationNetworks`,
    id: networkId(vault, of),
    name: of.network.id,
    properties: {
      fabricType: of.fabric.kind,
      subnets: [],
      friendlyName: of.network.friendlyName,
      networkType: "NoIsolation",
    },
  };
}

function keyOfMapping(of: NetworkOf, name: string): string {
  return keyOf(of.fabric.name, of.network.id, name);
}

function render(vault: VaultState, mapping: NetworkMappingState): unknown {
  const of = networksOf(vault).find(
    (each) => sameName(each.fabric.name, mapping.fabricName) && sameName(each.network.id, mapping.networkId),
  );
  if (of === undefined) throw new Error(`the network mapping ${mapping.name} has no network ${mapping.networkId}`);
  const id = networkId(vault, of);
  const other = vmNetworkOf(vault, mapping.recoveryNetworkId);
  return {
    type: `${vaultType}/replicationFabrics/replicationNetworks/replicationNetworkMappings`,
    id: `${id}/replicationNetworkMappings/${mapping.name}`,
    name: mapping.name,
    properties: {
      state: "Paired",
      primaryNetworkFriendlyName: of.network.friendlyName,
      primaryNetworkId: id,
      primaryFabricFriendlyName: fabricFriendlyName(of.fabric),
      recoveryNetworkFriendlyName: other?.network.friendlyName ?? lastSegment(mapping.recoveryNetworkId),
      recoveryNetworkId: mapping.recoveryNetworkId,
      recoveryFabricArmId: other === undefined ? azureFabricId(vault) : fabricId(vault, other.fabric.name),
      recoveryFabricFriendlyName: other === undefined ? microsoftAzure : fabricFriendlyName(other.fabric),
      fabricSpecificSettings: { instanceType: other === undefined ? "VmmToAzure" : "VmmToVmm" },
    },
  };
}

function mappingOf(call: Call): NetworkMappingState {
  const name = param(call.request, "networkMappingName");
  const mapping = call.vault.networkMappings?.[keyOfMapping(networkOf(call), name)];
  if (mapping === undefined) throw notFound("network mapping", name);
  return mapping;
}

export function getNetworkMapping(call: Call): ArmResponse {
  return { status: 200, body: render(call.vault, mappingOf(call)) };
}

const schema = z.object({
  recoveryFabricName: z.string().nullish(),
  recoveryNetworkId: z.string(),
  fabricSpecificDetails: z.looseObject({ instanceType: z.string() }).nullish(),
});

function startMappingJob(
  call: Call,
  mapping: NetworkMappingState,
  what: Pick<JobSpec, "scenario" | "friendlyName" | "removesResource"> & { taskName: string; step: string },
): ArmResponse {
  const { taskName, step, ...spec } = what;
  const of = networkOf(call);
  const job = startJob(call.world, call.vault, {
    ...spec,
    clientRequestId: call.request.clientRequestId,
    resourceId: `${networkId(call.vault, of)}/replicationNetworkMappings/${mapping.name}`,
    targetObjectId: of.network.id,
    targetObjectName: of.network.friendlyName,
    targetInstanceType: "Network",
    startDelaySeconds: 0,
    tasks: [{ taskId: taskName, name: taskName, friendlyName: spec.friendlyName, seconds: 2.5, step }],
    input: { mapping: { ...mapping } },
  });
  return accepted(call, job);
}

/** The items that take their network from this mapping change with it, as in Azure. */
function save(call: Call, before: NetworkMappingState | undefined): ArmResponse {
  const of = networkOf(call);
  const body = propertiesOf(call.request, schema);
  const given = body.fabricSpecificDetails?.instanceType;
  const problems: { path: string; message: string }[] = [];
  if (given !== undefined && given !== "VmmToAzure" && given !== "VmmToVmm") {
    problems.push({
      path: "properties.fabricSpecificDetails.instanceType",
      message: `"${given}" is not emulated; allowed: VmmToAzure, VmmToVmm`,
    });
  }
  const target = vmNetworkOf(call.vault, body.recoveryNetworkId);
  const isToVmm = given === "VmmToVmm" || (given === undefined && target !== undefined);
  const path = "properties.recoveryNetworkId";
  if (isToVmm && (target === undefined || target.fabric === of.fabric)) {
    const known = networksOf(call.vault).filter((each) => each.fabric !== of.fabric);
    const allowed = known.map((each) => networkId(call.vault, each)).join(", ") || "none exists";
    const message = `"${body.recoveryNetworkId}" is not a VM network of another VMM server; allowed: ${allowed}`;
    problems.push({ path, message });
  }
  if (!isToVmm && call.world.arm.get(body.recoveryNetworkId) === undefined) {
    problems.push({ path, message: `"${body.recoveryNetworkId}" is not an existing virtual network` });
  }
  if (problems.length > 0) throw invalidInput(problems);
  const name = before?.name ?? param(call.request, "networkMappingName");
  const other = Object.values(call.vault.networkMappings ?? {}).find(
    (each) =>
      sameName(each.fabricName, of.fabric.name) &&
      sameName(each.networkId, of.network.id) &&
      !sameName(each.name, name),
  );
  if (other !== undefined) {
    throw notAllowed(
      "NetworkAlreadyMapped",
      `The network '${of.network.friendlyName}' is already mapped by '${other.name}'.`,
      "Update that mapping, or delete it first.",
      409,
    );
  }
  return startMappingJob(
    call,
    { name, fabricName: of.fabric.name, networkId: of.network.id, recoveryNetworkId: body.recoveryNetworkId },
    {
      scenario: "NetworkPairing",
      friendlyName: "Map networks",
      taskName: "NetworkPairingTask",
      step: "networkMapping.save",
    },
  );
}

export const networkOperations: Operation[] = [
  operation("ReplicationNetworks_List", "GET", `${vaultPath}/replicationNetworks`, (call) =>
    page(call.request, networksOf(call.vault), (each) => renderNetwork(call.vault, each)),
  ),
  operation("ReplicationNetworks_ListByReplicationFabrics", "GET", networksPath, (call) => {
    const fabric = fabricOf(call);
    const own = networksOf(call.vault).filter((each) => each.fabric === fabric);
    return page(call.request, own, (each) => renderNetwork(call.vault, each));
  }),
  operation("ReplicationNetworks_Get", "GET", networkPath, (call) => ({
    status: 200,
    body: renderNetwork(call.vault, networkOf(call)),
  })),
  operation("ReplicationNetworkMappings_List", "GET", `${vaultPath}/replicationNetworkMappings`, (call) =>
    page(call.request, Object.values(call.vault.networkMappings ?? {}), (each) => render(call.vault, each)),
  ),
  operation("ReplicationNetworkMappings_ListByReplicationNetworks", "GET", mappingsPath, (call) => {
    const of = networkOf(call);
    const own = Object.values(call.vault.networkMappings ?? {}).filter(
      (each) => sameName(each.fabricName, of.fabric.name) && sameName(each.networkId, of.network.id),
    );
    return page(call.request, own, (each) => render(call.vault, each));
  }),
  operation("ReplicationNetworkMappings_Get", "GET", networkMappingPath, getNetworkMapping),
  operation("ReplicationNetworkMappings_Create", "PUT", networkMappingPath, (call) => {
    const key = keyOfMapping(networkOf(call), param(call.request, "networkMappingName"));
    return save(call, call.vault.networkMappings?.[key]);
  }),
  operation("ReplicationNetworkMappings_Update", "PATCH", networkMappingPath, (call) =>
    save(call, mappingOf(call)),
  ),
  operation("ReplicationNetworkMappings_Delete", "DELETE", networkMappingPath, (call) =>
    startMappingJob(call, mappingOf(call), {
      scenario: "NetworkUnPairing",
      friendlyName: "Unmap networks",
      removesResource: true,
      taskName: "NetworkUnPairingTask",
      step: "networkMapping.remove",
    }),
  ),
];

export const networkMappingSteps: Record<string, Step> = {
  "networkMapping.save": ({ vault, job }) => {
    const mapping = job.input.mapping as unknown as NetworkMappingState;
    const key = keyOf(mapping.fabricName, mapping.networkId, mapping.name);
    vault.networkMappings = { ...vault.networkMappings, [key]: mapping };
    return "done";
  },
  "networkMapping.remove": ({ vault, job }) => {
    const mapping = job.input.mapping as unknown as NetworkMappingState;
    delete vault.networkMappings?.[keyOf(mapping.fabricName, mapping.networkId, mapping.name)];
    return "done";
  },
};
