import { type Findings, listSome } from "./findings.js";
import type { PlacedNic } from "./placeMachines.js";
import { isServiceTag } from "./serviceTags.js";
import type { NetworkState, Surroundings } from "./surroundings.js";
import type { ConnectivityInput, Fix, SecurityRule } from "./types.js";

/** Azure's limits per region and subscription. @see azure-virtual-network-limits */
export const limits = {
  rulesPerNsg: 1000,
  addressesPerRule: 4000,
  asgsPerRule: 10,
  asgsPerIpConfiguration: 20,
  routesPerTable: 400,
  privateIpsPerNetwork: 65_536,
  /** Unless the subscription was given more. */
  standardPublicIps: 10,
} as const;

/** What the networks hold, and would hold after the failover and the fix, beyond Azure's limits. */
export function checkLimits(
  input: ConnectivityInput,
  placed: readonly PlacedNic[],
  surroundings: Surroundings,
  fix: Fix,
  findings: Findings,
): void {
  const perNetwork = new Map<NetworkState, number>();
  for (const { network, address } of placed)
    if (network !== undefined && address.kind !== "impossible")
      perNetwork.set(network, (perNetwork.get(network) ?? 0) + 1);
  for (const [network, count] of perNetwork) {
    const used = network.subnets.reduce((sum, { addresses }) => sum + addresses.input.used.length, 0);
    if (used + count > limits.privateIpsPerNetwork)
      findings.add({
        id: "tooManyAddresses",
        severity: "error",
        text: `network ${network.input.name} would hold ${used + count} private addresses, allowed: ${limits.privateIpsPerNetwork}`,
        remedy: "spread the machines over several networks",
      });
  }
  const standard = input.publicIps.filter(({ sku }) => sku.toLowerCase() === "standard").length;
  if (fix.publicIps.length > 0 && standard + fix.publicIps.length > limits.standardPublicIps)
    findings.add({
      id: "tooManyPublicIps",
      severity: "warning",
      text: `${standard + fix.publicIps.length} Standard public IPs would be there, Azure's default limit is ${limits.standardPublicIps} per region and subscription`,
      remedy: "ask Azure for a higher limit in time, or let people connect by Bastion or VPN",
    });
  for (const table of input.routeTables)
    if (table.routes.length > limits.routesPerTable)
      findings.add({
        id: "tooManyRoutes",
        severity: "warning",
        text: `route table ${table.name} holds ${table.routes.length} routes, allowed: ${limits.routesPerTable}`,
        remedy: "merge routes",
      });
  for (const { machine, nic } of placed)
    if ((nic.asgIds?.length ?? 0) > limits.asgsPerIpConfiguration)
      findings.add({
        id: "tooManyAsgs",
        severity: "error",
        machine: machine.name,
        nic: nic.nicId,
        text: `it is in ${nic.asgIds?.length} application security groups, allowed: ${limits.asgsPerIpConfiguration}`,
        remedy: "leave some out",
      });
  for (const { input: nsg } of surroundings.usedNsgs())
    for (const rule of nsg.rules) checkRule(nsg.name, rule, findings);
}

function checkRule(nsgName: string, rule: SecurityRule, findings: Findings): void {
  for (const side of ["sources", "destinations"] as const) {
    const asgs = rule[side].filter((text) => text.toLowerCase().startsWith("asg:"));
    const tags = rule[side].filter(isServiceTag);
    const problem =
      asgs.length > limits.asgsPerRule
        ? `${side} names ${asgs.length} application security groups, allowed: ${limits.asgsPerRule}`
        : tags.length > 1
          ? `${side} names several service tags (${listSome(tags)}), allowed: one`
          : rule[side].length > limits.addressesPerRule
            ? `${side} holds ${rule[side].length} addresses, allowed: ${limits.addressesPerRule}`
            : undefined;
    if (problem !== undefined)
      findings.add({
        id: "ruleOverLimit",
        severity: "warning",
        text: `rule ${rule.name} of NSG ${nsgName}: ${problem}`,
        remedy: "split the rule; Azure does not take it as it is",
      });
  }
}
