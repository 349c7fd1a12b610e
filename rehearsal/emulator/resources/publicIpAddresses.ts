import { z } from "zod";
import type { Operation, World } from "../core.js";
import { ArmError } from "../errors.js";
import { formatAddress, parseAddress, parsePrefix } from "../network/addresses.js";
import { isObject } from "../network/allocation.js";
import { publicAddressOwner } from "./networkInterfaces.js";
import { networkName, type ResourceKind, resourceOperations } from "./operations.js";
import { parseProperties } from "./shapes.js";

/** The ranges kept for documentation (RFC 5737): an address of these is nobody's. */
const ranges = ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"];

const addressBody = z.looseObject({
  publicIPAllocationMethod: z.enum(["Static", "Dynamic"]).default("Static"),
  publicIPAddressVersion: z.enum(["IPv4", "IPv6"]).default("IPv4"),
  idleTimeoutInMinutes: z.int().min(4).max(30).default(4),
});

const type = "Microsoft.Network/publicIPAddresses";

export const publicIpAddressKind: ResourceKind = {
  type,
  operations: "PublicIPAddresses",
  parameter: "publicIpAddressName",
  name: networkName,
  hasEtag: true,
  hasOperation: true,
  write(write, world) {
    const body = parseProperties(addressBody, write.properties);
    const sku = isObject(write.body.sku) ? write.body.sku : { name: "Standard", tier: "Regional" };
    const zones = write.body.zones;
    if (String(sku.name).toLowerCase() !== "standard")
      throw new ArmError(
        400,
        "IPv4BasicSkuPublicIpCountLimitReached",
        `Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region. Public IP address ${write.id} has the sku '${String(sku.name)}'.`,
      );
    if (body.publicIPAllocationMethod !== "Static")
      throw new ArmError(
        400,
        "StandardSkuPublicIPAddressMustBeStatic",
        `Standard sku publicIp ${write.id} must have AllocationMethod set to Static.`,
      );
    if (body.publicIPAddressVersion !== "IPv4")
      throw new ArmError(
        501,
        "NotImplemented",
        `The emulator does not implement public IPv6 addresses (${write.id}).`,
      );
    const { ipAddress: _a, ipConfiguration: _c, provisioningState: _p, resourceGuid: _g, ...rest } = body;
    return {
      sku: { name: "Standard", tier: typeof sku.tier === "string" ? sku.tier : "Regional" },
      ...(Array.isArray(zones) && { zones }),
      properties: {
        provisioningState: "Succeeded",
        resourceGuid: write.existing?.properties.resourceGuid ?? world.newGuid(),
        ipAddress: write.existing?.properties.ipAddress ?? freeAddress(world),
        ...rest,
        ipTags: [],
      },
    };
  },
  render(address, world) {
    const owner = publicAddressOwner(address.id, world);
    return owner === undefined
      ? address
      : { ...address, properties: { ...address.properties, ipConfiguration: { id: owner } } };
  },
  refuseDeletion(address, world) {
    const owner = publicAddressOwner(address.id, world);
    if (owner === undefined) return;
    throw new ArmError(
      400,
      "PublicIPAddressCannotBeDeleted",
      `Public IP address ${address.id} can not be deleted since it is still allocated to resource ${owner}. In order to delete the public IP, disassociate/detach the Public IP address from the resource. To learn how to do this, see aka.ms/deletepublicip.`,
    );
  },
};

export const publicIpAddressOperations: Operation[] = resourceOperations(publicIpAddressKind);

function freeAddress(world: World): string {
  const taken = new Set(world.arm.list(type).map((address) => parseAddress(String(address.properties.ipAddress))));
  for (const text of ranges) {
    const range = parsePrefix(text);
    if (!range) continue;
    for (let address = range.first + 1; address < range.last; address++)
      if (!taken.has(address)) return formatAddress(address);
  }
  throw new ArmError(
    400,
    "PublicIPCountLimitReached",
    "Cannot create more public IP addresses for this subscription in this region.",
  );
}
