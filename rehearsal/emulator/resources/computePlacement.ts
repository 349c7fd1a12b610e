import type { Operation } from "../core.js";
import { ArmError } from "../errors.js";
import { isObject } from "../network/allocation.js";
import { computeName, machinesOf } from "./computeNames.js";
import { invalidRequest, type ResourceKind, resourceOperations } from "./operations.js";

/** What machines and disks are made with: availability sets, proximity placement groups, disk encryption sets. */

export const availabilitySetKind: ResourceKind = {
  type: "Microsoft.Compute/availabilitySets",
  operations: "AvailabilitySets",
  parameter: "availabilitySetName",
  name: { ...computeName, most: 80 },
  write(write) {
    const { virtualMachines: _, ...rest } = write.properties;
    return {
      sku: isObject(write.body.sku) ? write.body.sku : { name: "Classic" },
      properties: { platformUpdateDomainCount: 5, platformFaultDomainCount: 2, ...rest },
    };
  },
  render: (set, world) => ({
    ...set,
    properties: { ...set.properties, virtualMachines: machinesOf(set, world).map(({ id }) => ({ id })) },
  }),
  refuseDeletion(set, world) {
    if (machinesOf(set, world).length === 0) return;
    throw new ArmError(
      409,
      "OperationNotAllowed",
      `Availability Set '${set.name}' cannot be deleted. Before deleting an Availability Set please ensure that it does not contain any VM.`,
    );
  },
};

export const proximityPlacementGroupKind: ResourceKind = {
  type: "Microsoft.Compute/proximityPlacementGroups",
  operations: "ProximityPlacementGroups",
  parameter: "proximityPlacementGroupName",
  name: { ...computeName, most: 80 },
  write: (write) => ({ properties: { proximityPlacementGroupType: "Standard", ...write.properties } }),
};

export const diskEncryptionSetKind: ResourceKind = {
  type: "Microsoft.Compute/diskEncryptionSets",
  operations: "DiskEncryptionSets",
  parameter: "diskEncryptionSetName",
  name: { ...computeName, most: 80 },
  write(write) {
    const { activeKey } = write.properties;
    if (!isObject(activeKey) || typeof activeKey.keyUrl !== "string")
      throw invalidRequest([
        { path: "properties.activeKey.keyUrl", message: "is required; allowed: the URL of a key" },
      ]);
    const { identity } = write.body;
    return {
      ...(identity !== undefined && { identity }),
      properties: {
        encryptionType: "EncryptionAtRestWithCustomerKey",
        rotationToLatestKeyVersionEnabled: false,
        ...write.properties,
        previousKeys: [],
        provisioningState: "Succeeded",
      },
    };
  },
};

export const computePlacementOperations: Operation[] = [
  availabilitySetKind,
  proximityPlacementGroupKind,
  diskEncryptionSetKind,
].flatMap(resourceOperations);
