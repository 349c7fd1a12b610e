import { z } from "zod";
import { attachedParts, azureMacAddress } from "../compute.js";
import type { ArmResource, Operation, World } from "../core.js";
import { ArmError, invalidReference } from "../errors.js";
import { parseAddress } from "../network/addresses.js";
import { allocateAddress, findSubnet, ipConfigurations } from "../network/allocation.js";
import { invalidRequest, networkName, type ResourceKind, resourceOperations, type Write } from "./operations.js";
import { member, parseProperties, reference, requireReferences } from "./shapes.js";

const configurationBody = member(
  z.looseObject({
    subnet: reference,
    privateIPAllocationMethod: z.enum(["Dynamic", "Static"]).default("Dynamic"),
    privateIPAddress: z.string().nullish(),
    publicIPAddress: reference.nullish(),
    applicationSecurityGroups: z.array(reference).max(20).nullish(),
    primary: z.boolean().nullish(),
  }),
);

const interfaceBody = z.looseObject({
  ipConfigurations: z.array(configurationBody).min(1),
  networkSecurityGroup: reference.nullish(),
  enableAcceleratedNetworking: z.boolean().default(false),
  enableIPForwarding: z.boolean().default(false),
  dnsSettings: z.looseObject({ dnsServers: z.array(z.string()).default([]) }).default({ dnsServers: [] }),
});

const type = "Microsoft.Network/networkInterfaces";

const networkInterfaceKind: ResourceKind = {
  type,
  operations: "NetworkInterfaces",
  parameter: "networkInterfaceName",
  name: networkName,
  hasEtag: true,
  hasOperation: true,
  write: writeInterface,
  render(card, world) {
    const machine = virtualMachineOf(card.id, world);
    const configurations = card.properties.ipConfigurations;
    return {
      ...card,
      properties: {
        ...card.properties,
        ipConfigurations: Array.isArray(configurations)
          ? configurations.map((configuration) => ({ ...configuration, etag: card.etag }))
          : [],
        ...(machine && { virtualMachine: { id: machine.id }, primary: isPrimaryOf(machine, card.id) }),
      },
    };
  },
  refuseDeletion(card, world) {
    const machine = virtualMachineOf(card.id, world);
    if (!machine) return;
    throw new ArmError(
      400,
      "NicInUse",
      `Network Interface ${card.id} is used by existing resource ${machine.id}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.`,
    );
  },
};

export const networkInterfaceOperations: Operation[] = resourceOperations(networkInterfaceKind);

/** The virtual machine that a network card is attached to. */
export function virtualMachineOf(cardId: string, world: World): ArmResource | undefined {
  return world.arm.referrers(cardId).find((user) => user.type === "Microsoft.Compute/virtualMachines");
}

/** `attachedParts` names the primary card first. */
function isPrimaryOf(machine: ArmResource, cardId: string): boolean {
  return attachedParts(machine)[0]?.id.toLowerCase() === cardId.toLowerCase();
}

function writeInterface(write: Write, world: World) {
  const body = parseProperties(interfaceBody, write.properties);
  requireReferences(world, write.id, body.networkSecurityGroup?.id);
  const old = new Map(
    (write.existing ? ipConfigurations(write.existing) : []).map((entry) => [entry.name.toLowerCase(), entry]),
  );
  const promised = new Map<string, Map<number, string>>();
  const networks = new Set<string>();
  const marked = body.ipConfigurations.findIndex((configuration) => configuration.properties.primary === true);

  const configurations = body.ipConfigurations.map((configuration, index) => {
    const id = `${write.id}/ipConfigurations/${configuration.name}`;
    const properties = configuration.properties;
    const path = `properties.ipConfigurations.${index}.properties`;
    const subnet = findSubnet(world, properties.subnet.id, id);
    if (subnet.location !== write.location) throw invalidReference(subnet.id, id);
    networks.add(subnet.networkId.toLowerCase());
    const isStatic = properties.privateIPAllocationMethod === "Static";
    if (isStatic && !properties.privateIPAddress)
      throw invalidRequest([
        { path: `${path}.privateIPAddress`, message: "is required where privateIPAllocationMethod is Static" },
      ]);
    const before = old.get(configuration.name.toLowerCase());
    // A card keeps its address, dynamic or not, for as long as it stays in its subnet.
    const kept =
      before?.subnetId?.toLowerCase() === subnet.id.toLowerCase() ? before?.privateIpAddress : undefined;
    const already = promised.get(subnet.id.toLowerCase()) ?? new Map<number, string>();
    promised.set(subnet.id.toLowerCase(), already);
    const wish = isStatic ? (properties.privateIPAddress ?? undefined) : kept;
    const address = allocateAddress(world, subnet, id, wish, already);
    already.set(parseAddress(address) ?? 0, id);
    checkPublicAddress(properties.publicIPAddress?.id, id, world);
    requireReferences(world, id, ...(properties.applicationSecurityGroups ?? []).map((group) => group.id));
    const {
      subnet: _s,
      privateIPAddress: _a,
      privateIPAllocationMethod,
      provisioningState: _p,
      primary: _m,
      ...rest
    } = properties;
    return {
      name: configuration.name,
      id,
      type: `${type}/ipConfigurations`,
      properties: {
        provisioningState: "Succeeded",
        privateIPAddress: address,
        privateIPAllocationMethod,
        ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)),
        subnet: { id: subnet.id },
        primary: index === (marked === -1 ? 0 : marked),
        privateIPAddressVersion: "IPv4",
      },
    };
  });
  if (networks.size > 1)
    throw new ArmError(
      400,
      "SubnetsNotInSameVnet",
      `The subnets of network interface ${write.id} are not in the same virtual network.`,
    );
  const {
    ipConfigurations: _i,
    virtualMachine: _v,
    primary: _p,
    provisioningState: _s,
    resourceGuid: _g,
    macAddress: _m,
    networkSecurityGroup,
    dnsSettings,
    ...rest
  } = body;
  return {
    properties: {
      provisioningState: "Succeeded",
      resourceGuid: write.existing?.properties.resourceGuid ?? world.newGuid(),
      ipConfigurations: configurations,
      dnsSettings: { ...dnsSettings, appliedDnsServers: [] },
      macAddress: write.existing?.properties.macAddress ?? azureMacAddress(world),
      ...(networkSecurityGroup && { networkSecurityGroup }),
      hostedWorkloads: [],
      tapConfigurations: [],
      nicType: "Standard",
      ...rest,
    },
  };
}

function checkPublicAddress(publicId: string | undefined, configurationId: string, world: World): void {
  if (publicId === undefined) return;
  requireReferences(world, configurationId, publicId);
  const owner = publicAddressOwner(publicId, world);
  if (owner === undefined || owner.toLowerCase() === configurationId.toLowerCase()) return;
  throw new ArmError(
    400,
    "PublicIPAddressInUse",
    `Resource ${configurationId} is referencing public IP address ${publicId} that is already allocated to resource ${owner}.`,
  );
}

/** The id of the address configuration that has a public address. */
export function publicAddressOwner(publicId: string, world: World): string | undefined {
  return world.arm
    .referrers(publicId)
    .flatMap((user) => ipConfigurations(user))
    .find((configuration) => configuration.publicIpAddressId?.toLowerCase() === publicId.toLowerCase())?.id;
}
