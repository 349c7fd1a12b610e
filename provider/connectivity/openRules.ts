import { isWide, managementPorts, readSources } from "./access.js";
import { parsePrefix } from "./address.js";
import { anyPorts, NsgEvaluator } from "./nsg.js";
import { type RangeSet, unionOf } from "./rangeSet.js";
import { anySet, composeTags, TagTable } from "./serviceTags.js";
import type { SecurityRule } from "./types.js";

/** A management port that rules open to everybody. */
export interface OpenPort {
  /** 22 or 3389. */
  port: number;
  /** The rules that together let more than a /8 of the Internet in, in order of priority. */
  rules: string[];
}

/**
 * The management ports that the rules of one NSG open to the whole Internet, wherever the NSG will be attached: asked
 * for every destination at once, rules in order of priority. A tag or an application security group as destination
 * counts as a machine that may be there; AzureCloud as source counts as the Internet, because everybody may rent there.
 *
 * @see https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
 */
export function openPorts(rules: readonly SecurityRule[]): OpenPort[] {
  const tags = new TagTable();
  const asgs = new Map<string, RangeSet>();
  const context = composeTags({ vnetSpaces: [], peeredSpaces: [], gatewaySpaces: [], udrPrefixes: [] });
  const evaluator = new NsgEvaluator(rules.map(anywhere), tags, asgs);
  const { set: sources } = readSources(["Internet"], tags, context, asgs);
  return [...managementPorts]
    .sort((a, b) => a - b)
    .flatMap((port) => {
      const { parts } = evaluator.decide(
        {
          direction: "Inbound",
          protocol: "Tcp",
          sources,
          sourcePorts: anyPorts,
          destinations: anySet,
          destinationPort: port,
        },
        context,
      );
      const byRule = new Map<string, RangeSet>();
      for (const part of parts)
        if (part.access === "Allow") byRule.set(part.rule, unionOf(byRule.get(part.rule) ?? [], part.sources));
      const wide = [...byRule].filter(([, set]) => isWide(set, context)).map(([rule]) => rule);
      if (wide.length > 0) return [{ port, rules: wide }];
      // Many narrow rules may add up to the Internet.
      return isWide(unionOf(...byRule.values()), context) ? [{ port, rules: [...byRule.keys()] }] : [];
    });
}

/** A rule without the place that its NSG is attached at, which only the NSG's user knows. */
function anywhere(rule: SecurityRule): SecurityRule {
  const isAllow = rule.access === "Allow";
  const isSomewhere = (destination: string): boolean =>
    parsePrefix(destination) === undefined && (isAllow || /^virtualnetwork$/i.test(destination));
  return {
    ...rule,
    sources: rule.sources.map((source) =>
      isAllow && (/^azurecloud(\.|$)/i.test(source) || isAnyIpv6(source)) ? "*" : source,
    ),
    destinations: rule.destinations.map((destination) => (isSomewhere(destination) ? "*" : destination)),
  };
}

/** `::/0` in any spelling. */
function isAnyIpv6(text: string): boolean {
  return /^[0:]+\/0$/.test(text.trim()) && text.includes(":");
}
