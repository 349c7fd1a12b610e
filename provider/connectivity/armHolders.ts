import type { ArmParser } from "./armParser.js";
import type { ArmResources } from "./armResources.js";
import { loadBalancerShape, networkInterfaceShape } from "./armShapes.js";
import { lastSegment } from "./ids.js";
import type { AsgInput, UsedAddress } from "./types.js";

/** Who holds addresses in subnets: network interfaces and load balancers. */
export interface Holders {
  /** By the id of the subnet, in lower case. */
  used: Map<string, UsedAddress[]>;
  asgs: AsgInput[];
  /** Of all that were read, in lower case. */
  ids: Set<string>;
}

/** @param isOwn whether a machine, by name or id, is one of those that are planned: what it holds is not in its own way */
export function readHolders(
  parser: ArmParser,
  resources: Pick<ArmResources, "networkInterfaces" | "loadBalancers">,
  isOwn: (machine: string) => boolean,
): Holders {
  const used = new Map<string, UsedAddress[]>();
  const members = new Map<string, AsgInput>();
  const ids = new Set<string>();
  for (const nic of parser.parse(networkInterfaceShape, resources.networkInterfaces, "network interface")) {
    ids.add(nic.id.toLowerCase());
    const machineId = nic.properties.virtualMachine?.id;
    if (machineId !== undefined && (isOwn(machineId) || isOwn(lastSegment(machineId)))) continue;
    const owner = machineId === undefined ? `NIC ${nic.name ?? lastSegment(nic.id)}` : lastSegment(machineId);
    for (const { properties } of nic.properties.ipConfigurations ?? []) {
      const address = properties.privateIPAddress;
      if (address == null) continue;
      const subnetId = properties.subnet?.id.toLowerCase();
      if (subnetId !== undefined) {
        const held = used.get(subnetId) ?? [];
        held.push({ address, owner });
        used.set(subnetId, held);
      }
      for (const { id } of properties.applicationSecurityGroups ?? []) {
        const asg = members.get(id.toLowerCase()) ?? { id, addresses: [] };
        asg.addresses.push(address);
        members.set(id.toLowerCase(), asg);
      }
    }
  }
  for (const balancer of parser.parse(loadBalancerShape, resources.loadBalancers, "load balancer")) {
    ids.add(balancer.id.toLowerCase());
    for (const { properties } of balancer.properties.frontendIPConfigurations ?? []) {
      const subnetId = properties?.subnet?.id.toLowerCase();
      if (properties?.privateIPAddress == null || subnetId === undefined) continue;
      const held = used.get(subnetId) ?? [];
      held.push({
        address: properties.privateIPAddress,
        owner: `load balancer ${balancer.name ?? lastSegment(balancer.id)}`,
      });
      used.set(subnetId, held);
    }
  }
  return { used, asgs: [...members.values()], ids };
}
