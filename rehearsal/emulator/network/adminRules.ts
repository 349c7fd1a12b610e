import type { ArmResource, World } from "../core.js";
import { isObject } from "./allocation.js";
import { parsePorts, parseSecurityAddress, type SecurityRule } from "./securityRules.js";

/** Security admin rules of Virtual Network Manager, which Azure asks before any network security group. */

export const adminRuleType = "Microsoft.Network/networkManagers/securityAdminConfigurations/ruleCollections/rules";

/** A rule that is in force; `AlwaysAllow` and `Deny` are final, `Allow` leaves the decision to the security groups. */
export interface AdminRule extends Omit<SecurityRule, "access"> {
  access: "Allow" | "Deny" | "AlwaysAllow";
  resource: ArmResource;
}

/** The rules in force on a virtual network, in the order in which they are asked. */
export function adminRulesOf(network: ArmResource, world: World): AdminRule[] {
  return world.arm
    .list(adminRuleType)
    .filter(({ properties }) => texts(properties.appliesTo).some((id) => isSame(id, network.id)))
    .map(readRule)
    .sort((a, b) => a.priority - b.priority);
}

function readRule(resource: ArmResource): AdminRule {
  const { priority, direction, access, protocol } = resource.properties;
  const side = (name: "source" | "destination") => ({
    addresses: prefixes(resource.properties[`${name}s`]).flatMap((text) => parseSecurityAddress(text) ?? []),
    applicationSecurityGroups: [],
    ports: texts(resource.properties[`${name}PortRanges`]).flatMap((text) => parsePorts(text) ?? []),
  });
  return {
    name: resource.name,
    isDefault: false,
    priority: Number(priority),
    direction: direction === "Outbound" ? "Outbound" : "Inbound",
    access: access === "AlwaysAllow" || access === "Allow" ? access : "Deny",
    protocol: protocol === "Any" ? "*" : String(protocol).toLowerCase(),
    source: side("source"),
    destination: side("destination"),
    resource,
  };
}

function prefixes(list: unknown): string[] {
  return (Array.isArray(list) ? list.filter(isObject) : []).map((entry) => String(entry.addressPrefix));
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
