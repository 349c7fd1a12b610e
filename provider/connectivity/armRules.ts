import type { z } from "zod";
import type { ArmParser } from "./armParser.js";
import type { ArmResources } from "./armResources.js";
import { type nsgShape, securityAdminRuleShape, securityRuleShape } from "./armShapes.js";
import { lastSegment } from "./ids.js";
import type { NsgInput, SecurityAdminRule, SecurityRule } from "./types.js";

export function readNsg(parser: ArmParser, nsg: z.infer<typeof nsgShape>): NsgInput {
  const name = nsg.name ?? lastSegment(nsg.id);
  const rules = parser.parse(securityRuleShape, nsg.properties?.securityRules, `rule of NSG ${name}`).map(
    ({ name: ruleName, properties }): SecurityRule => ({
      name: ruleName,
      priority: properties.priority,
      direction: properties.direction.toLowerCase() === "outbound" ? "Outbound" : "Inbound",
      access: properties.access.toLowerCase() === "allow" ? "Allow" : "Deny",
      protocol: properties.protocol,
      sources: places(
        properties.sourceAddressPrefix,
        properties.sourceAddressPrefixes,
        properties.sourceApplicationSecurityGroups,
      ),
      sourcePorts: places(properties.sourcePortRange, properties.sourcePortRanges),
      destinations: places(
        properties.destinationAddressPrefix,
        properties.destinationAddressPrefixes,
        properties.destinationApplicationSecurityGroups,
      ),
      destinationPorts: places(properties.destinationPortRange, properties.destinationPortRanges),
    }),
  );
  return { id: nsg.id, name, rules };
}

/** The security admin rules on a network; where Azure did not answer for them, a finding says so. */
export function readAdminRules(
  parser: ArmParser,
  resources: Pick<ArmResources, "securityAdminRules" | "securityAdminRulesUnread">,
  networkId: string,
): { adminRules?: SecurityAdminRule[] } {
  const given = Object.entries(resources.securityAdminRules ?? {}).find(
    ([id]) => id.toLowerCase() === networkId.toLowerCase(),
  )?.[1];
  for (const [id, why] of Object.entries(resources.securityAdminRulesUnread ?? {}))
    if (id.toLowerCase() === networkId.toLowerCase())
      parser.findings.add({
        id: "adminRulesUnread",
        severity: "info",
        text: `whether Virtual Network Manager has rules on network ${lastSegment(networkId)} is not known: ${why}`,
        remedy:
          "none where you do not use it; else grant Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action",
      });
  const rules = parser
    .parse(securityAdminRuleShape, given, `security admin rule of ${lastSegment(networkId)}`)
    .map(({ id, name, properties }, index): SecurityAdminRule => {
      const everyPort = (ranges: string[] | null | undefined) =>
        ranges == null || ranges.length === 0 ? ["*"] : ranges;
      const prefixes = (entries: { addressPrefix: string }[] | null | undefined) =>
        entries == null || entries.length === 0 ? ["*"] : entries.map(({ addressPrefix }) => addressPrefix);
      const access = properties.access.toLowerCase();
      return {
        name: name ?? (id == null ? `rule ${index + 1}` : lastSegment(id)),
        priority: properties.priority,
        direction: properties.direction.toLowerCase() === "outbound" ? "Outbound" : "Inbound",
        access: access === "alwaysallow" ? "AlwaysAllow" : access === "allow" ? "Allow" : "Deny",
        protocol: properties.protocol,
        // A rule without places or ports holds for all of them.
        sources: prefixes(properties.sources),
        sourcePorts: everyPort(properties.sourcePortRanges),
        destinations: prefixes(properties.destinations),
        destinationPorts: everyPort(properties.destinationPortRanges),
      };
    });
  return rules.length === 0 ? {} : { adminRules: rules };
}

/** Azure fills the single field or the list; an empty single field beside a list says nothing. */
function places(
  single: string | null | undefined,
  list: readonly string[] | null | undefined,
  groups?: readonly { id: string }[] | null,
): string[] {
  const texts = [single ?? "", ...(list ?? [])].filter((text) => text !== "");
  return [...texts, ...(groups ?? []).map(({ id }) => `asg:${id}`)];
}
