/** Machines of a container that could be replicated: those the appliance has discovered. */

import type { ArmRequest, Operation } from "../core.js";
import { guidOf } from "../estate/names.js";
import { notFound } from "./errors.js";
import { type ContainerState, providersOf } from "./fabricState.js";
import { filterOf } from "./filter.js";
import { isOtherCloud } from "./mappings.js";
import { containerId, containerPath, fabricId, itemId, keyOf, sameName, vaultType } from "./names.js";
import { type Call, containerOf, operation, param } from "./operation.js";
import { page } from "./paging.js";
import type { FabricState, ItemState, SourceMachine, VaultState } from "./state.js";

const path = `${containerPath}/replicationProtectableItems`;

interface Entry {
  name: string;
  id: string;
  machine: SourceMachine;
}

/** The machines of a container: an appliance's are those of the sites it reports to, Hyper-V's stand in it. */
function entriesOf({ vault }: Call, fabric: FabricState, container: ContainerState): Entry[] {
  return Object.entries(vault.machines).flatMap(([id, machine]): Entry[] => {
    const { hyperV, classic } = machine;
    if (classic !== undefined) {
      return sameName(classic.fabricName, fabric.name) ? [{ id, machine, name: classic.vmId }] : [];
    }
    if (hyperV === undefined) {
      return fabric.kind === "InMageRcm" ? [{ id, machine, name: guidOf("protectableItem", id) }] : [];
    }
    const isHere = sameName(hyperV.fabricName, fabric.name) && sameName(hyperV.containerName, container.name);
    return isHere && hyperV.exists && hyperV.isCopy !== true ? [{ id, machine, name: hyperV.vmId }] : [];
  });
}

/** The items by the id of their machine: looked up for each entry of a page. */
function itemsByMachine({ vault }: Call): Map<string, ItemState> {
  return new Map(Object.values(vault.items).map((item) => [item.details.machine, item]));
}

function render(
  { vault }: Call,
  fabric: FabricState,
  container: ContainerState,
  { id, machine, name }: Entry,
  items: Map<string, ItemState>,
): unknown {
  const item = items.get(id);
  return {
    id: `${containerId(vault, fabric.name, container.name)}/replicationProtectableItems/${name}`,
    name,
    type: `${vaultType}/replicationFabrics/replicationProtectionContainers/replicationProtectableItems`,
    properties: {
      friendlyName: machine.name,
      protectionStatus: item === undefined ? "Unprotected" : "Protected",
      replicationProtectedItemId: item === undefined ? null : itemId(vault, item),
      recoveryServicesProviderId: `${fabricId(vault, fabric.name)}/replicationRecoveryServicesProviders/${providerIdOf(fabric, machine)}`,
      protectionReadinessErrors: [],
      supportedReplicationProviders: [providerOf(vault, fabric, container)],
      customDetails: machine.hyperV === undefined ? vmwareDetails(fabric, machine, name) : hyperVDetails(machine),
    },
  };
}

const providersByFabric: Record<FabricState["kind"], string> = {
  InMageRcm: "InMageRcm",
  VMware: "InMageAzureV2",
  HyperVSite: "HyperVReplicaAzure",
  VMM: "HyperVReplicaAzure",
};

/** By what a cloud's machines replicate follows from where the cloud is mapped to. */
function providerOf(vault: VaultState, fabric: FabricState, container: ContainerState): string {
  const pairing = Object.values(vault.mappings).find(
    (mapping) =>
      sameName(mapping.fabricName, fabric.name) &&
      sameName(mapping.containerName, container.name) &&
      isOtherCloud(vault, mapping),
  );
  const policy = vault.policies[keyOf(pairing?.policyName ?? "")];
  return policy?.details.instanceType ?? providersByFabric[fabric.kind];
}

function providerIdOf(fabric: FabricState, machine: SourceMachine): string {
  return machine.hyperV !== undefined && fabric.kind === "HyperVSite"
    ? machine.hyperV.hostId
    : (providersOf(fabric)[0]?.id ?? "");
}

function vmwareDetails(fabric: FabricState, machine: SourceMachine, name: string): object {
  const site = fabric.kind === "InMageRcm" ? fabric.vmwareSiteId : "";
  return {
    instanceType: "VMwareVirtualMachine",
    agentGeneratedId: name,
    agentInstalled: "true",
    osType: machine.osType,
    agentVersion: machine.agentVersion,
    ipAddress: machine.nics[0]?.ip ?? "",
    poweredOn: String(machine.isPoweredOn),
    vCenterInfrastructureId: machine.isPhysical ? "" : `${site}/vcenters/vcenter`,
    discoveryType: machine.isPhysical ? "Physical" : "vCenter",
    diskDetails: [],
    validationErrors: [],
  };
}

/** Recorded: disks are called Data before protection, whatever they hold. */
function hyperVDetails(machine: SourceMachine): object {
  const windows = {
    osType: "Windows",
    productType: "VER_NT_SERVER",
    osEdition: "Datacenter",
    oSVersion: "10.0",
    oSMajorVersion: "10",
    oSMinorVersion: "0",
  };
  return {
    instanceType: "HyperVVirtualMachine",
    sourceItemId: machine.hyperV?.sourceItemId ?? "",
    generation: String(machine.hyperV?.generation ?? 1),
    // The guest tells it only while it runs with its integration services.
    osDetails: machine.osType === "Windows" && machine.isPoweredOn ? windows : null,
    diskDetails: machine.disks.map((disk, index) => ({
      maxSizeMB: disk.sizeGB * 1024,
      vhdType: "Data",
      vhdId: disk.id,
      vhdName: disk.name ?? `${machine.name}_disk_${index + 1}`,
    })),
    hasPhysicalDisk: "NotPresent",
    hasFibreChannelAdapter: "NotPresent",
    hasSharedVhd: "NotPresent",
    hyperVHostId: machine.hyperV?.hostId ?? "",
  };
}

const groupsToken = "ReplicationGroup:Begin";

function groupsLink(request: ArmRequest): string {
  const query = new URLSearchParams(request.query);
  query.set("$skipToken", groupsToken);
  return `${request.origin}${request.path}?${query.toString().replaceAll("%24", "$")}`;
}

function firstPage(request: ArmRequest): ArmRequest {
  const query = new URLSearchParams(request.query);
  query.delete("$skipToken");
  return { ...request, query };
}

export const protectableItemOperations: Operation[] = [
  operation("ReplicationProtectableItems_ListByReplicationProtectionContainers", "GET", path, (call) => {
    const { fabric, container } = containerOf(call);
    const filter = filterOf(call.request, ["State", "FriendlyName"]);
    const items = itemsByMachine(call);
    const entries = entriesOf(call, fabric, container).filter(({ id, machine }) => {
      const status = items.has(id) ? "Protected" : "Unprotected";
      const { state = status, friendlyname = machine.name } = filter;
      return sameName(state, status) && sameName(friendlyname, machine.name);
    });
    // Recorded: behind the machines of a VMM cloud its replication groups are listed, of which the emulator has none.
    if (call.request.query.get("$skipToken") === groupsToken) return page(firstPage(call.request), [], () => null);
    const answer = page(call.request, entries, (entry) => render(call, fabric, container, entry, items));
    const body = answer.body as { nextLink: string | null };
    if (fabric.kind === "VMM") body.nextLink ??= groupsLink(call.request);
    return answer;
  }),
  operation("ReplicationProtectableItems_Get", "GET", `${path}/{protectableItemName}`, (call) => {
    const { fabric, container } = containerOf(call);
    const name = param(call.request, "protectableItemName");
    const entry = entriesOf(call, fabric, container).find((each) => sameName(each.name, name));
    if (entry === undefined) throw notFound("protectable item", name);
    return { status: 200, body: render(call, fabric, container, entry, itemsByMachine(call)) };
  }),
];
