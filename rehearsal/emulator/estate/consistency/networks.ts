/** What a schema cannot see of networks: ranges that must fit into each other, priorities, names that must exist. */

import { includesRange, overlaps, type Prefix, parsePrefix } from "../../network/addresses.js";
import { parsePorts, parseSecurityAddress } from "../../network/securityRules.js";
import { byName } from "../byName.js";
import type { EstateProblem } from "../errors.js";
import type { Estate } from "../schema.js";
import { type Path, repeated, unknown } from "./checks.js";

export function networkProblems(estate: Estate): EstateProblem[] {
  return [
    ...virtualNetworkProblems(estate),
    ...securityProblems(estate),
    ...routeProblems(estate),
    ...adminRuleProblems(estate),
    ...joinProblems(estate),
  ];
}

function virtualNetworkProblems(estate: Estate): EstateProblem[] {
  const problems: EstateProblem[] = [];
  problems.push(...repeated(estate.networks, ["networks"], "network"));
  const groups = byName(estate.networkSecurityGroups);
  const tables = byName(estate.routeTables);
  estate.networks.forEach((network, n) => {
    const space = network.addressPrefixes.flatMap((text) => parsePrefix(text) ?? []);
    problems.push(...repeated(network.subnets, ["networks", n, "subnets"], "subnet"));
    const seen: { name: string; range: Prefix }[] = [];
    network.subnets.forEach((subnet, s) => {
      const path: Path = ["networks", n, "subnets", s];
      const range = parsePrefix(subnet.addressPrefix);
      if (!range) return;
      if (range.length > 29)
        problems.push({
          path: [...path, "addressPrefix"],
          message: `"${subnet.addressPrefix}" is too small; allowed: /29 or larger`,
        });
      if (!space.some((outer) => includesRange(outer, range)))
        problems.push({
          path: [...path, "addressPrefix"],
          message: `"${subnet.addressPrefix}" lies outside the network; allowed: within ${network.addressPrefixes.join(", ")}`,
        });
      const other = seen.find((candidate) => overlaps(candidate.range, range));
      if (other)
        problems.push({
          path: [...path, "addressPrefix"],
          message: `"${subnet.addressPrefix}" overlaps with subnet "${other.name}"`,
        });
      seen.push({ name: subnet.name, range });
      problems.push(
        ...unknown(
          subnet.networkSecurityGroup,
          groups,
          [...path, "networkSecurityGroup"],
          "networkSecurityGroups",
        ),
      );
      problems.push(...unknown(subnet.routeTable, tables, [...path, "routeTable"], "routeTables"));
    });
    network.peerings.forEach((peer, p) => {
      const path: Path = ["networks", n, "peerings", p];
      problems.push(...unknown(peer, byName(estate.networks), path, "networks"));
      const remote = byName(estate.networks).get(peer);
      const remoteSpace = (remote?.addressPrefixes ?? []).flatMap((text) => parsePrefix(text) ?? []);
      if (remote === network)
        problems.push({ path, message: `network "${network.name}" cannot be peered with itself` });
      else if (remoteSpace.some((outer) => space.some((own) => overlaps(own, outer))))
        problems.push({
          path,
          message: `"${peer}" cannot be peered with "${network.name}": their address prefixes overlap`,
        });
    });
  });
  return problems;
}

function securityProblems(estate: Estate): EstateProblem[] {
  const problems = repeated(estate.networkSecurityGroups, ["networkSecurityGroups"], "network security group");
  estate.networkSecurityGroups.forEach((group, g) => {
    problems.push(...repeated(group.rules, ["networkSecurityGroups", g, "rules"], "rule"));
    group.rules.forEach((rule, r) => {
      const path: Path = ["networkSecurityGroups", g, "rules", r];
      const twin = group.rules
        .slice(0, r)
        .find((other) => other.priority === rule.priority && other.direction === rule.direction);
      if (twin)
        problems.push({
          path: [...path, "priority"],
          message: `${rule.priority} is used by rule "${twin.name}" too; allowed: once for each direction of a group`,
        });
      problems.push(...placeProblems(rule, path));
    });
  });
  return problems;
}

/** Addresses, tags and ports of a rule that cannot be read. */
function placeProblems(
  rule: Pick<
    Estate["networkSecurityGroups"][number]["rules"][number],
    "sources" | "sourcePorts" | "destinations" | "destinationPorts"
  >,
  path: Path,
): EstateProblem[] {
  const problems: EstateProblem[] = [];
  for (const property of ["sources", "destinations"] as const)
    rule[property].forEach((text, i) => {
      const parsed = parseSecurityAddress(text);
      if (!parsed)
        problems.push({
          path: [...path, property, i],
          message: `"${text}" is no address, prefix or service tag`,
        });
      else if (parsed.kind === "tag" && rule[property].length > 1)
        problems.push({ path: [...path, property, i], message: `the service tag "${text}" must stand alone` });
    });
  for (const property of ["sourcePorts", "destinationPorts"] as const)
    rule[property].forEach((text, i) => {
      if (!parsePorts(text))
        problems.push({
          path: [...path, property, i],
          message: `"${text}" is no port or range; allowed: "*", "443", "1000-2000" within 0-65535`,
        });
    });
  return problems;
}

function adminRuleProblems(estate: Estate): EstateProblem[] {
  const problems = repeated(estate.networkManagers, ["networkManagers"], "network manager");
  estate.networkManagers.forEach((manager, m) => {
    const at: Path = ["networkManagers", m, "securityAdminRules"];
    problems.push(...repeated(manager.securityAdminRules, at, "security admin rule"));
    manager.securityAdminRules.forEach((rule, r) => {
      problems.push(...placeProblems(rule, [...at, r]));
      rule.networks.forEach((network, n) => {
        problems.push(...unknown(network, byName(estate.networks), [...at, r, "networks", n], "networks"));
      });
    });
  });
  return problems;
}

function routeProblems(estate: Estate): EstateProblem[] {
  const problems = repeated(estate.routeTables, ["routeTables"], "route table");
  estate.routeTables.forEach((table, t) => {
    problems.push(...repeated(table.routes, ["routeTables", t, "routes"], "route"));
    table.routes.forEach((route, r) => {
      const path: Path = ["routeTables", t, "routes", r, "nextHopIpAddress"];
      const isAppliance = route.nextHopType === "VirtualAppliance";
      if (isAppliance && route.nextHopIpAddress === undefined)
        problems.push({ path, message: "is missing; required where nextHopType is VirtualAppliance" });
      if (!isAppliance && route.nextHopIpAddress !== undefined)
        problems.push({
          path,
          message: `is given with nextHopType ${route.nextHopType}; allowed: only with VirtualAppliance`,
        });
    });
  });
  return problems;
}

/** Gateways and Bastion hosts need their own subnet, by Azure's name. */
function joinProblems(estate: Estate): EstateProblem[] {
  const kinds = [
    { property: "gateways" as const, subnet: "GatewaySubnet" },
    { property: "bastions" as const, subnet: "AzureBastionSubnet" },
  ];
  return kinds.flatMap(({ property, subnet }) => [
    ...repeated(estate[property], [property], property.slice(0, -1)),
    ...estate[property].flatMap((entry, index): EstateProblem[] => {
      const path: Path = [property, index, "network"];
      const missing = unknown(entry.network, byName(estate.networks), path, "networks");
      if (missing.length > 0) return missing;
      const network = byName(estate.networks).get(entry.network);
      return network?.subnets.some((candidate) => candidate.name === subnet)
        ? []
        : [{ path, message: `network "${entry.network}" has no subnet "${subnet}", which this needs` }];
    }),
  ]);
}
