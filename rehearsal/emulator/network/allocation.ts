import type { ArmResource, World } from "../core.js";
import { ArmError, invalidReference } from "../errors.js";
import {
  formatAddress,
  includesAddress,
  isReserved,
  nextFreeAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
} from "./addresses.js";

/** Why an address cannot be given. */
export type AddressProblem = "notAnAddress" | "outOfRange" | "reserved" | "taken" | "subnetFull";

/** A private address that Azure refuses to give; `code` and message as the network provider words them. */
export class AddressUnavailable extends ArmError {
  constructor(
    readonly problem: AddressProblem,
    code: string,
    message: string,
  ) {
    super(400, code, message);
  }
}

/** A subnet as allocation needs it. */
export interface FoundSubnet {
  id: string;
  name: string;
  range: Prefix;
  prefix: string;
  networkId: string;
  location: string;
}

/**
 * The subnet of an id.
 * @throws ArmError `InvalidResourceReference` where it or its network does not exist
 */
export function findSubnet(world: World, subnetId: string, referrer: string): FoundSubnet {
  const networkId = subnetId.replace(/\/subnets\/[^/]+$/i, "");
  const network = world.arm.get(networkId);
  const subnet = network && world.arm.get(subnetId);
  const prefix = subnet && subnetPrefix(subnet);
  const range = prefix === undefined ? undefined : parsePrefix(prefix);
  if (!network || !subnet || prefix === undefined || !range) throw invalidReference(subnetId, referrer);
  return {
    id: subnet.id,
    name: subnet.name,
    range,
    prefix,
    networkId: network.id,
    location: network.location ?? "",
  };
}

/** `addressPrefix` of a subnet, or the first of `addressPrefixes` that is IPv4. */
function subnetPrefix(subnet: ArmResource): string | undefined {
  const { addressPrefix, addressPrefixes } = subnet.properties;
  if (typeof addressPrefix === "string") return addressPrefix;
  const first: unknown = Array.isArray(addressPrefixes)
    ? addressPrefixes.find((text) => !String(text).includes(":"))
    : undefined;
  return typeof first === "string" ? first : undefined;
}

/** Who has which address of a subnet: numbers of addresses to ids of address configurations. */
function takenAddresses(world: World, subnetId: string): Map<number, string> {
  const taken = new Map<number, string>();
  for (const resource of world.arm.referrers(subnetId))
    for (const configuration of ipConfigurations(resource)) {
      if (configuration.subnetId?.toLowerCase() !== subnetId.toLowerCase()) continue;
      const address = configuration.privateIpAddress && parseAddress(configuration.privateIpAddress);
      if (typeof address === "number") taken.set(address, configuration.id);
    }
  return taken;
}

/** An address configuration, read out of a network card, a gateway or a Bastion host. */
export interface IpConfiguration {
  id: string;
  name: string;
  subnetId?: string;
  privateIpAddress?: string;
  publicIpAddressId?: string;
  applicationSecurityGroupIds: string[];
  primary: boolean;
}

export function ipConfigurations(resource: ArmResource): IpConfiguration[] {
  const list = resource.properties.ipConfigurations;
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map((entry) => {
    const properties = isObject(entry.properties) ? entry.properties : {};
    const groups = properties.applicationSecurityGroups;
    return {
      id: String(entry.id),
      name: String(entry.name),
      subnetId: referencedId(properties.subnet),
      privateIpAddress: typeof properties.privateIPAddress === "string" ? properties.privateIPAddress : undefined,
      publicIpAddressId: referencedId(properties.publicIPAddress),
      applicationSecurityGroupIds: Array.isArray(groups)
        ? groups.flatMap((group) => referencedId(group) ?? [])
        : [],
      primary: properties.primary === true,
    };
  });
}

/** The id that `{ id }` holds. */
export function referencedId(value: unknown): string | undefined {
  return isObject(value) && typeof value.id === "string" ? value.id : undefined;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Gives an address of a subnet: the wished one, or the lowest free one.
 * @param configurationId who asks; an address that it has already is free for it
 * @param alsoTaken addresses promised a moment ago and not stored yet
 * @throws AddressUnavailable with Azure's code: `PrivateIPAddressNotInSubnet`, `PrivateIPAddressInReservedRange`,
 * `PrivateIPAddressIsAllocated`, `SubnetIsFull`
 */
export function allocateAddress(
  world: World,
  subnet: FoundSubnet,
  configurationId: string,
  wish?: string,
  alsoTaken: ReadonlyMap<number, string> = new Map(),
): string {
  const taken = new Map([...takenAddresses(world, subnet.id), ...alsoTaken]);
  for (const [address, owner] of taken) {
    if (owner.toLowerCase() === configurationId.toLowerCase()) taken.delete(address);
  }
  if (wish === undefined) {
    const free = nextFreeAddress(subnet.range, new Set(taken.keys()));
    if (free !== undefined) return formatAddress(free);
    throw new AddressUnavailable(
      "subnetFull",
      "SubnetIsFull",
      `Subnet ${subnet.name} with address prefix ${subnet.prefix} is already full.`,
    );
  }
  const address = parseAddress(wish);
  if (address === undefined)
    throw new AddressUnavailable(
      "notAnAddress",
      "InvalidIPAddressFormat",
      `The IP address ${wish} is not a valid IPv4 address.`,
    );
  if (!includesAddress(subnet.range, address))
    throw new AddressUnavailable(
      "outOfRange",
      "PrivateIPAddressNotInSubnet",
      `Private static IP address ${wish} does not belong to the range of subnet prefix ${subnet.prefix}.`,
    );
  if (isReserved(subnet.range, address))
    throw new AddressUnavailable(
      "reserved",
      "PrivateIPAddressInReservedRange",
      `Private static IP address ${wish} falls within reserved IP range of subnet prefix ${subnet.prefix}.`,
    );
  const owner = taken.get(address);
  if (owner !== undefined)
    throw new AddressUnavailable(
      "taken",
      "PrivateIPAddressIsAllocated",
      `IP configuration ${configurationId} is using the private IP address ${wish} which is already allocated to resource ${owner}.`,
    );
  return wish;
}
