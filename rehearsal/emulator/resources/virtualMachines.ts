import { z } from "zod";
import { attachedParts, deleteVirtualMachine } from "../compute.js";
import type { ArmRequest, ArmResource, Operation, World } from "../core.js";
import { ArmError, resourceNotFound } from "../errors.js";
import { isObject } from "../network/allocation.js";
import { computeName, machineType } from "./computeNames.js";
import { virtualMachineOf } from "./networkInterfaces.js";
import { type ResourceKind, resourceOperations, type Write } from "./operations.js";
import { parseProperties, reference, requireReferences } from "./shapes.js";

/** Microsoft.Compute: virtual machines and managed disks. */

const diskBody = z.looseObject({
  name: z.string().min(1).optional(),
  managedDisk: z.looseObject({ id: z.string().optional(), storageAccountType: z.string().optional() }).optional(),
});

const machineBody = z.looseObject({
  hardwareProfile: z.looseObject({ vmSize: z.string().min(1) }),
  storageProfile: z
    .looseObject({
      osDisk: diskBody.extend({ osType: z.enum(["Windows", "Linux"]).optional() }),
      dataDisks: z.array(diskBody).default([]),
    })
    .optional(),
  networkProfile: z.looseObject({ networkInterfaces: z.array(reference).min(1) }),
  availabilitySet: reference.nullish(),
});

const machineKind: ResourceKind = {
  type: machineType,
  operations: "VirtualMachines",
  parameter: "vmName",
  name: computeName,
  write: writeMachine,
  render: (machine) => withoutPower(machine),
};

const diskKind: ResourceKind = {
  type: "Microsoft.Compute/disks",
  operations: "Disks",
  parameter: "diskName",
  name: { ...computeName, most: 80 },
  write(write, world) {
    const sku = isObject(write.body.sku) ? write.body.sku : { name: "Standard_LRS" };
    const managedBy = write.existing?.managedBy;
    const { provisioningState: _, diskState: _d, uniqueId: _u, timeCreated: _t, ...rest } = write.properties;
    return {
      sku,
      ...(write.body.zones !== undefined && { zones: write.body.zones }),
      ...(managedBy !== undefined && { managedBy }),
      properties: {
        ...rest,
        provisioningState: "Succeeded",
        diskState: managedBy === undefined ? "Unattached" : "Attached",
        timeCreated: write.existing?.properties.timeCreated ?? new Date(world.clock.now()).toISOString(),
        uniqueId: write.existing?.properties.uniqueId ?? world.newGuid(),
      },
    };
  },
  refuseDeletion(disk) {
    if (typeof disk.managedBy !== "string") return;
    throw new ArmError(409, "OperationNotAllowed", `Disk ${disk.name} is attached to VM ${disk.managedBy}.`);
  },
};

const machinePath = `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/${machineType}/{vmName}`;

export const computeOperations: Operation[] = [
  ...resourceOperations(machineKind).map((operation) => {
    if (operation.id === "VirtualMachines_Delete")
      return {
        ...operation,
        handle: (request: ArmRequest, world: World) => ({
          status: deleteVirtualMachine(world, idOf(request)) ? 200 : 204,
        }),
      };
    if (operation.id === "VirtualMachines_Get")
      return {
        ...operation,
        handle(request: ArmRequest, world: World) {
          const machine = findMachine(request, world);
          const isWanted = (request.query.get("$expand") ?? "").toLowerCase().split(",").includes("instanceview");
          const body = withoutPower(machine);
          if (!isWanted) return { status: 200, body };
          return {
            status: 200,
            body: { ...body, properties: { ...body.properties, instanceView: instanceView(machine, world) } },
          };
        },
      };
    return operation;
  }),
  {
    id: "VirtualMachines_InstanceView",
    method: "GET",
    path: `${machinePath}/instanceView`,
    handle: (request, world) => ({ status: 200, body: instanceView(findMachine(request, world), world) }),
  },
  ...(["start", "powerOff", "deallocate"] as const).map(
    (action): Operation => ({
      id: `VirtualMachines_${action[0]?.toUpperCase()}${action.slice(1)}`,
      method: "POST",
      path: `${machinePath}/${action}`,
      handle(request, world) {
        const powerState = { start: "running", powerOff: "stopped", deallocate: "deallocated" }[action];
        world.arm.put({ ...findMachine(request, world), powerState });
        return { status: 200 };
      },
    }),
  ),
  ...resourceOperations(diskKind),
];

/** Whether a machine runs; one that was never stopped does. */
export function isRunning(machine: ArmResource): boolean {
  return (machine.powerState ?? "running") === "running";
}

function withoutPower(machine: ArmResource): ArmResource {
  const { powerState: _, ...rest } = machine;
  return rest;
}

function instanceView(machine: ArmResource, world: World) {
  const power = String(machine.powerState ?? "running");
  const time = String(machine.properties.timeCreated ?? new Date(world.clock.now()).toISOString());
  return {
    statuses: [
      { code: "ProvisioningState/succeeded", level: "Info", displayStatus: "Provisioning succeeded", time },
      { code: `PowerState/${power}`, level: "Info", displayStatus: `VM ${power}` },
    ],
  };
}

function idOf(request: ArmRequest): string {
  return `/subscriptions/${request.params.subscriptionId}/resourceGroups/${request.params.resourceGroupName}/providers/${machineType}/${request.params.vmName}`;
}

function findMachine(request: ArmRequest, world: World): ArmResource {
  const machine = world.arm.get(idOf(request));
  if (machine) return machine;
  throw resourceNotFound(machineType, request.params.vmName ?? "", request.params.resourceGroupName ?? "");
}

function writeMachine(write: Write, world: World) {
  const body = parseProperties(machineBody, write.properties);
  requireReferences(
    world,
    write.id,
    body.availabilitySet?.id,
    ...body.networkProfile.networkInterfaces.map(({ id }) => id),
  );
  for (const card of body.networkProfile.networkInterfaces) {
    const owner = virtualMachineOf(card.id, world);
    if (owner && owner.id.toLowerCase() !== write.id.toLowerCase())
      throw new ArmError(400, "NicInUse", `Network Interface ${card.id} is used by existing VM ${owner.id}.`);
  }
  const {
    provisioningState: _,
    vmId: _v,
    instanceView: _i,
    timeCreated: _t,
    osProfile,
    storageProfile,
    ...rest
  } = body;
  const disks = storageProfile ? attachDisks(storageProfile, write, world) : undefined;
  const before = write.existing;
  return {
    ...(write.body.zones !== undefined && { zones: write.body.zones }),
    ...(write.body.identity !== undefined && { identity: write.body.identity }),
    ...(before?.powerState !== undefined && { powerState: before.powerState }),
    properties: {
      ...rest,
      provisioningState: "Succeeded",
      vmId: before?.properties.vmId ?? world.newGuid(),
      ...(disks && { storageProfile: disks }),
      // Azure never answers a password.
      ...(isObject(osProfile) && {
        osProfile: Object.fromEntries(
          Object.entries(osProfile).filter(([name]) => name !== "adminPassword" && name !== "customData"),
        ),
      }),
      timeCreated: before?.properties.timeCreated ?? new Date(world.clock.now()).toISOString(),
    },
  };
}

type StorageProfile = NonNullable<z.output<typeof machineBody>["storageProfile"]>;

/** Attaches the disks that exist and makes the others, as a machine made from an image has them made. */
function attachDisks(profile: StorageProfile, write: Write, world: World) {
  const group = write.id.replace(/\/providers\/.*$/i, "");
  const planned = [profile.osDisk, ...profile.dataDisks].map((disk, index) => {
    const name = disk.name ?? `${write.name}_${index === 0 ? "OsDisk" : `DataDisk_${index - 1}`}`;
    const id = disk.managedDisk?.id ?? `${group}/providers/Microsoft.Compute/disks/${name}`;
    const existing = world.arm.get(id);
    if (disk.managedDisk?.id !== undefined) requireReferences(world, write.id, id);
    if (typeof existing?.managedBy === "string" && existing.managedBy.toLowerCase() !== write.id.toLowerCase())
      throw new ArmError(
        409,
        "AttachDiskWhileBeingDetached",
        `Disk ${id} is attached to VM ${existing.managedBy}.`,
      );
    return { disk, name, id, existing };
  });
  const written = planned.map(({ disk, name, id, existing }, index) => {
    const sku = disk.managedDisk?.storageAccountType ?? "Premium_LRS";
    world.arm.put(
      existing
        ? { ...existing, managedBy: write.id, properties: { ...existing.properties, diskState: "Attached" } }
        : {
            name,
            id,
            type: "Microsoft.Compute/disks",
            location: write.location,
            managedBy: write.id,
            sku: { name: sku, tier: sku.split("_")[0] },
            properties: {
              ...(index === 0 && profile.osDisk.osType !== undefined && { osType: profile.osDisk.osType }),
              creationData: { createOption: "Empty" },
              diskSizeGB: typeof disk.diskSizeGB === "number" ? disk.diskSizeGB : 127,
              timeCreated: new Date(world.clock.now()).toISOString(),
              provisioningState: "Succeeded",
              diskState: "Attached",
              uniqueId: world.newGuid(),
            },
          },
    );
    return { ...disk, name, managedDisk: { storageAccountType: sku, ...disk.managedDisk, id } };
  });
  const [osDisk, ...dataDisks] = written;
  return { ...profile, osDisk, dataDisks };
}

/** Ids of the network cards of a machine, the primary one first. */
export function cardIdsOf(machine: ArmResource): string[] {
  return attachedParts(machine)
    .map((part) => part.id)
    .filter((id) => /\/networkInterfaces\//i.test(id));
}
