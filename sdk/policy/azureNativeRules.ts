/** Rules of network security groups as azure-native takes them: flat, single or plural, possibly not known yet. */

import type { SecurityRule } from "../../provider/connectivity/index.js";
import { asList, asNumber, asText, asTexts, isUnknown, own, type PlainObject, unknownPath } from "./plain.js";

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
  const unknownAt = unknownPath(deciding(given));
  const word = (key: string): string => (asText(own(given, key)) ?? "").toLowerCase();
  if (word("direction") === "outbound") return undefined;
  if (unknownAt === undefined && (word("direction") !== "inbound" || !["allow", "deny"].includes(word("access"))))
    return undefined;
  const places = (single: string, plural: string, groups: string): string[] => [
    ...texts(own(given, single)),
    ...asList(own(given, plural)).flatMap(texts),
    // A group's id need not be known: its members are machines of the network, whichever they are.
    ...asList(own(given, groups)).map((group) => `asg:${asText(own(group, "id")) ?? "unnamed"}`),
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

/** What decides who may pass; a name or an NSG that is not known yet does not. */
const decidingKeys: readonly string[] = [
  "access",
  "direction",
  "priority",
  "protocol",
  "sourceAddressPrefix",
  "sourceAddressPrefixes",
  "sourceApplicationSecurityGroups",
  "sourcePortRange",
  "sourcePortRanges",
  "destinationAddressPrefix",
  "destinationAddressPrefixes",
  "destinationApplicationSecurityGroups",
  "destinationPortRange",
  "destinationPortRanges",
];

function deciding(given: unknown): PlainObject {
  return Object.fromEntries(
    decidingKeys.flatMap((key) => {
      const value = own(given, key);
      const isGroups = key.endsWith("SecurityGroups") && Array.isArray(value) && !value.some(isUnknown);
      return value === undefined || isGroups ? [] : [[key, value]];
    }),
  );
}

/** A text, a number written as one, or texts divided by commas. */
function texts(value: unknown): string[] {
  const single = typeof value === "number" ? String(value) : asText(value);
  return asTexts(single?.split(",").map((entry) => entry.trim()));
}
