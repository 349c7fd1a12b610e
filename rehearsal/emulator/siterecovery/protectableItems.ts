/** Machines of a container that could be replicated: those the appliance has discovered. */

import type { Operation } from "../core.js";
import { guidOf } from "../estate/names.js";
import { notFound } from "./errors.js";
import { filterOf } from "./filter.js";
import { containerId, containerPath, fabricId, itemId, sameName, vaultType } from "./names.js";
import { type Call, containerOf, operation, param } from "./operation.js";
import { page } from "./paging.js";
import type { FabricState, ItemState, SourceMachine } from "./state.js";

const path = `${containerPath}/replicationProtectableItems`;

interface Entry {
  name: string;
  id: string;
  machine: SourceMachine;
}

function entriesOf({ vault }: Call): Entry[] {
  return Object.entries(vault.machines).map(([id, machine]) => ({
    id,
    machine,
    name: guidOf("protectableItem", id),
  }));
}

/** The items by the id of their machine: looked up for each entry of a page. */
function itemsByMachine({ vault }: Call): Map<string, ItemState> {
  return new Map(Object.values(vault.items).map((item) => [item.details.machine, item]));
}

function render(
  { vault }: Call,
  fabric: FabricState,
  container: { name: string },
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
      recoveryServicesProviderId: `${fabricId(vault, fabric.name)}/replicationRecoveryServicesProviders/${fabric.appliance.id}`,
      protectionReadinessErrors: [],
      supportedReplicationProviders: [fabric.kind],
      customDetails: {
        instanceType: "VMwareVirtualMachine",
        agentGeneratedId: name,
        agentInstalled: "true",
        osType: machine.osType,
        agentVersion: machine.agentVersion,
        ipAddress: machine.nics[0]?.ip ?? "",
        poweredOn: String(machine.isPoweredOn),
        vCenterInfrastructureId: machine.isPhysical ? "" : `${fabric.vmwareSiteId}/vcenters/vcenter`,
        discoveryType: machine.isPhysical ? "Physical" : "vCenter",
        diskDetails: [],
        validationErrors: [],
      },
    },
  };
}

export const protectableItemOperations: Operation[] = [
  operation("ReplicationProtectableItems_ListByReplicationProtectionContainers", "GET", path, (call) => {
    const { fabric, container } = containerOf(call);
    const filter = filterOf(call.request, ["State", "FriendlyName"]);
    const items = itemsByMachine(call);
    const entries = entriesOf(call).filter(({ id, machine }) => {
      const status = items.has(id) ? "Protected" : "Unprotected";
      const { state = status, friendlyname = machine.name } = filter;
      return sameName(state, status) && sameName(friendlyname, machine.name);
    });
    return page(call.request, entries, (entry) => render(call, fabric, container, entry, items));
  }),
  operation("ReplicationProtectableItems_Get", "GET", `${path}/{protectableItemName}`, (call) => {
    const { fabric, container } = containerOf(call);
    const name = param(call.request, "protectableItemName");
    const entry = entriesOf(call).find((each) => sameName(each.name, name));
    if (entry === undefined) throw notFound("protectable item", name);
    return { status: 200, body: render(call, fabric, container, entry, itemsByMachine(call)) };
  }),
];
