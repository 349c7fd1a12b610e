/** Rules of network security groups as azure-native takes them: flat, single or plural, possibly not known yet. */

import type { SecurityRule } from "../../provider/connectivity/index.js";
import { asList, asNumber, asText, asTexts, own, unknownPath } from "./plain.js";

/** A rule as far as it is known. */
export interface ReadRule {
  rule: SecurityRule;
  /** Where something of it is not known, within the rule. */
  unknownAt: readonly string[] | undefined;
}

/** The highest number that a rule may have, for one that has none. */
const lastPriority = 4096;

/**
 * An inbound rule; undefined for an outbound one, and for what is no rule.
 *
 * @param fallbackName how a rule without a name is called
 */
export function readInboundRule(given: unknown, fallbackName: string): ReadRule | undefined {
  const unknownAt = unknownPath(given);
  const word = (key: string): string => (asText(own(given, key)) ?? "").toLowerCase();
  if (word("direction") === "outbound") return undefined;
  if (unknownAt === undefined && (word("direction") !== "inbound" || !["allow", "deny"].includes(word("access"))))
    return undefined;
  const places = (single: string, plural: string, groups: string): string[] => [
    ...texts(own(given, single)),
    ...asList(own(given, plural)).flatMap(texts),
    ...asList(own(given, groups)).flatMap((group) => {
      const id = asText(own(group, "id"));
      return id === undefined ? [] : [`asg:${id}`];
    }),
  ];
  const ports = (single: string, plural: string): string[] => [
    ...texts(own(given, single)),
    ...asList(own(given, plural)).flatMap(texts),
  ];
  const sourcePorts = ports("sourcePortRange", "sourcePortRanges");
  const destinations = places(
    "destinationAddressPrefix",
    "destinationAddressPrefixes",
    "destinationApplicationSecurityGroups",
  );
  return {
    unknownAt,
    rule: {
      name: asText(own(given, "name")) ?? fallbackName,
      priority: asNumber(own(given, "priority")) ?? lastPriority,
      direction: "Inbound",
      access: word("access") === "deny" ? "Deny" : "Allow",
      protocol: asText(own(given, "protocol")) ?? "*",
      sources: places("sourceAddressPrefix", "sourceAddressPrefixes", "sourceApplicationSecurityGroups"),
      sourcePorts: sourcePorts.length > 0 ? sourcePorts : ["*"],
      destinations: destinations.length > 0 ? destinations : ["*"],
      destinationPorts: ports("destinationPortRange", "destinationPortRanges"),
    },
  };
}

/** A text, a number written as one, or texts divided by commas. */
function texts(value: unknown): string[] {
  const single = typeof value === "number" ? String(value) : asText(value);
  return asTexts(single?.split(",").map((entry) => entry.trim()));
}
