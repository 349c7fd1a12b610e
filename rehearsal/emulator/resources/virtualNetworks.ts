import { z } from "zod";
import type { ArmResource, Operation, World } from "../core.js";
import { ArmError, invalidReference } from "../errors.js";
import { includesRange, overlaps, type Prefix, parsePrefix } from "../network/addresses.js";
import { ipConfigurations } from "../network/allocation.js";
import type { Ipv6Range } from "../network/ipv6.js";
import { checkIpv6Subnet, isIpv6, readIpv6Space } from "./ipv6Prefixes.js";
import { childOperations, networkName, type ResourceKind, resourceOperations, type Write } from "./operations.js";
import { member, parseProperties, reference, refuseMemberName, refuseTwice } from "./shapes.js";
import {
  peeringBody,
  peeringsOf,
  readPeerings,
  refreshPeerings,
  renderPeerings,
} from "./virtualNetworkPeerings.js";

const subnetBody = member(
  z.looseObject({
    addressPrefix: z.string().optional(),
    addressPrefixes: z.array(z.string()).optional(),
    networkSecurityGroup: reference.nullish(),
    routeTable: reference.nullish(),
  }),
);

const networkBody = z.looseObject({
  addressSpace: z.looseObject({ addressPrefixes: z.array(z.string()).min(1) }),
  subnets: z.array(subnetBody).optional(),
  virtualNetworkPeerings: z.array(peeringBody).optional(),
  enableDdosProtection: z.boolean().default(false),
});

type SubnetBody = z.output<typeof subnetBody>;

const type = "Microsoft.Network/virtualNetworks";

export const virtualNetworkKind: ResourceKind = {
  type,
  operations: "VirtualNetworks",
  parameter: "virtualNetworkName",
  name: { ...networkName, pattern: /^\w[\w.-]*\w$/, most: 64 },
  hasEtag: true,
  hasOperation: true,
  write: writeNetwork,
  render: renderNetwork,
  refuseDeletion(network, world) {
    for (const subnet of subnetsOf(network)) refuseSubnetInUse(subnet, world);
  },
  changed: refreshPeerings,
};

/** Virtual networks, and subnets and peerings on their own paths. */
export const virtualNetworkOperations: Operation[] = [
  ...resourceOperations(virtualNetworkKind),
  ...childOperations({
    parent: virtualNetworkKind,
    collection: "subnets",
    operations: "Subnets",
    parameter: "subnetName",
  }),
  ...childOperations({
    parent: virtualNetworkKind,
    collection: "virtualNetworkPeerings",
    operations: "VirtualNetworkPeerings",
    parameter: "virtualNetworkPeeringName",
  }),
];

/** The subnets of a virtual network, as stored. */
function subnetsOf(network: ArmResource): ArmResource[] {
  // Written by `writeNetwork` only.
  return Array.isArray(network.properties.subnets) ? (network.properties.subnets as ArmResource[]) : [];
}

function writeNetwork(write: Write, world: World) {
  const body = parseProperties(networkBody, write.properties);
  const spaceTexts = body.addressSpace.addressPrefixes;
  const space = spaceTexts
    .filter((text) => !isIpv6(text))
    .map((text) => ({ text, range: requirePrefix(text, write.id) }));
  const ipv6Space = readIpv6Space(spaceTexts.filter(isIpv6), write.id);
  for (const [index, prefix] of space.entries()) {
    const other = space.slice(0, index).find((candidate) => overlaps(candidate.range, prefix.range));
    if (other)
      throw new ArmError(
        400,
        "AddressPrefixesOverlap",
        `Address prefixes ${other.text} and ${prefix.text} of resource ${write.id} overlap.`,
      );
  }
  const existing = write.existing;
  // A write without the property leaves the members as they are: Azure has done so since 2023.
  const subnets = body.subnets
    ? readSubnets(body.subnets, write, space, ipv6Space, world)
    : existing
      ? subnetsOf(existing)
      : [];
  const peerings = body.virtualNetworkPeerings
    ? readPeerings(
        body.virtualNetworkPeerings,
        write,
        space.map((prefix) => prefix.range),
        world,
      )
    : existing
      ? peeringsOf(existing)
      : [];
  const outside = subnets.find(
    (subnet) =>
      !prefixTexts(subnet).every((text) => isIpv6(text) || space.some((prefix) => isWithin(text, prefix.range))),
  );
  if (outside)
    throw new ArmError(
      400,
      "NetcfgInvalidSubnet",
      `Subnet '${outside.name}' is not valid because its IP address range is outside the IP address range of virtual network '${write.name}'.`,
    );
  const {
    subnets: _s,
    virtualNetworkPeerings: _p,
    provisioningState: _,
    resourceGuid: _g,
    // Recorded: sent by the client, not answered.
    enableVmProtection: _v,
    enableDdosProtection,
    ...rest
  } = body;
  return {
    properties: {
      provisioningState: "Succeeded",
      resourceGuid: existing?.properties.resourceGuid ?? world.newGuid(),
      ...rest,
      subnets,
      virtualNetworkPeerings: peerings,
      enableDdosProtection,
    },
  };
}

function readSubnets(
  bodies: SubnetBody[],
  write: Write,
  space: { range: Prefix }[],
  ipv6Space: Ipv6Range[],
  world: World,
): ArmResource[] {
  const old = new Map(
    (write.existing ? subnetsOf(write.existing) : []).map((subnet) => [subnet.name.toLowerCase(), subnet]),
  );
  const ranges: { name: string; range: Prefix }[] = [];
  const ipv6Ranges: Ipv6Range[] = [];
  const subnets = bodies.map((body): ArmResource => {
    refuseMemberName(body.name);
    const before = old.get(body.name.toLowerCase());
    const id = before?.id ?? `${write.id}/subnets/${body.name}`;
    const texts =
      body.properties.addressPrefixes ??
      (body.properties.addressPrefix === undefined ? [] : [body.properties.addressPrefix]);
    if (texts.length === 0)
      throw new ArmError(400, "InvalidRequestFormat", `Subnet '${body.name}' has no addressPrefix.`);
    for (const text of texts) {
      if (isIpv6(text)) {
        checkIpv6Subnet({ id, name: body.name }, text, ipv6Space, ipv6Ranges);
        continue;
      }
      const range = requirePrefix(text, id);
      if (range.length > 29)
        throw new ArmError(
          400,
          "SubnetTooSmall",
          `Subnet '${body.name}' with address prefix ${text} is smaller than the minimum size /29.`,
        );
      if (!space.some((prefix) => includesRange(prefix.range, range)))
        throw new ArmError(
          400,
          "NetcfgInvalidSubnet",
          `Subnet '${body.name}' is not valid because its IP address range is outside the IP address range of virtual network '${write.name}'.`,
        );
      const other = ranges.find((candidate) => overlaps(candidate.range, range));
      if (other)
        throw new ArmError(
          400,
          "NetcfgSubnetRangesOverlap",
          `Subnet '${body.name}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${write.name}'.`,
        );
      ranges.push({ name: body.name, range });
    }
    const { networkSecurityGroup, routeTable } = body.properties;
    for (const part of [networkSecurityGroup, routeTable]) {
      if (!part) continue;
      const target = world.arm.get(part.id);
      if (!target || target.location !== write.location) throw invalidReference(part.id, id);
    }
    if (before && prefixTexts(before).join() !== texts.join()) refusePrefixInUse(before, world);
    const {
      ipConfigurations: _c,
      provisioningState: _,
      addressPrefix: _a,
      addressPrefixes: _b,
      ...rest
    } = body.properties;
    const isList = body.properties.addressPrefixes !== undefined;
    return {
      name: before?.name ?? body.name,
      id,
      type: `${type}/subnets`,
      properties: {
        provisioningState: "Succeeded",
        ...(isList ? { addressPrefixes: texts } : { addressPrefix: texts[0] }),
        delegations: [],
        privateEndpointNetworkPolicies: "Disabled",
        privateLinkServiceNetworkPolicies: "Enabled",
        ...withoutNull(rest),
      },
    };
  });
  const names = subnets.map((subnet) => subnet.name.toLowerCase());
  refuseTwice(names, "subnet", write.id);
  for (const [name, subnet] of old) if (!names.includes(name)) refuseSubnetInUse(subnet, world);
  return subnets;
}

/** Adds what Azure answers beside what was written: etags, who uses the subnets, the remote address spaces. */
function renderNetwork(network: ArmResource, world: World): ArmResource {
  return {
    ...network,
    properties: {
      ...network.properties,
      subnets: subnetsOf(network).map((subnet) => {
        const { provisioningState, addressPrefix, addressPrefixes, networkSecurityGroup, routeTable, ...rest } =
          subnet.properties;
        const configurations = configurationsIn(subnet.id, world).map((id) => ({ id }));
        return {
          name: subnet.name,
          id: subnet.id,
          etag: network.etag,
          properties: {
            provisioningState,
            ...(addressPrefix !== undefined && { addressPrefix }),
            ...(addressPrefixes !== undefined && { addressPrefixes }),
            ...(networkSecurityGroup !== undefined && { networkSecurityGroup }),
            ...(routeTable !== undefined && { routeTable }),
            ...(configurations.length > 0 && { ipConfigurations: configurations }),
            ...rest,
          },
          type: subnet.type,
        };
      }),
      virtualNetworkPeerings: renderPeerings(network, world),
    },
  };
}

/** Ids of the address configurations in a subnet. */
function configurationsIn(subnetId: string, world: World): string[] {
  return world.arm
    .referrers(subnetId)
    .flatMap((user) => ipConfigurations(user))
    .filter((configuration) => isSameId(configuration.subnetId, subnetId))
    .map((configuration) => configuration.id);
}

function refuseSubnetInUse(subnet: ArmResource, world: World): void {
  const users = configurationsIn(subnet.id, world);
  if (users.length === 0) return;
  throw new ArmError(
    400,
    "InUseSubnetCannotBeDeleted",
    `Subnet ${subnet.name} is in use by ${users.join(", ")} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.`,
  );
}

function refusePrefixInUse(subnet: ArmResource, world: World): void {
  if (configurationsIn(subnet.id, world).length === 0) return;
  throw new ArmError(
    400,
    "InUsePrefixCannotBeDeleted",
    `IpPrefix ${prefixTexts(subnet).join(", ")} on Subnet ${subnet.name} has active allocations and cannot be deleted.`,
  );
}

function requirePrefix(text: string, id: string): Prefix {
  const range = parsePrefix(text);
  if (!range)
    throw new ArmError(
      400,
      "InvalidCIDRNotation",
      `The address prefix ${text} in resource ${id} has an invalid CIDR notation.`,
    );
  return range;
}

function prefixTexts(subnet: ArmResource): string[] {
  const { addressPrefix, addressPrefixes } = subnet.properties;
  return Array.isArray(addressPrefixes)
    ? addressPrefixes.map(String)
    : typeof addressPrefix === "string"
      ? [addressPrefix]
      : [];
}

function isWithin(text: string, outer: Prefix): boolean {
  const range = parsePrefix(text);
  return range !== undefined && includesRange(outer, range);
}

function withoutNull(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null));
}

function isSameId(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}
