import {
  includesAddress,
  includesRange,
  isReserved,
  overlaps,
  type Prefix,
  parseAddress,
  parsePrefix,
} from "../network/addresses.js";
import { parsePorts, parseSecurityAddress } from "../network/securityRules.js";
import type { EstateProblem } from "./errors.js";
import type { Estate } from "./schema.js";

/** What a schema cannot see: names that must exist or be unique, ranges that must fit into each other. */
export function consistencyProblems(estate: Estate): EstateProblem[] {
  return [
    ...networkProblems(estate),
    ...securityProblems(estate),
    ...routeProblems(estate),
    ...joinProblems(estate),
    ...machineProblems(estate),
    ...hyperVProblems(estate),
    ...replicationProblems(estate),
  ];
}

type Path = (string | number)[];

function networkProblems(estate: Estate): EstateProblem[] {
  const problems: EstateProblem[] = [];
  problems.push(...repeated(estate.networks, ["networks"], "network"));
  const groups = names(estate.networkSecurityGroups);
  const tables = names(estate.routeTables);
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
      problems.push(...unknown(peer, names(estate.networks), path, "networks"));
      const remote = estate.networks.find((candidate) => same(candidate.name, peer));
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
    ...repeated<{ name: string }>(estate[property], [property], property.slice(0, -1)),
    ...estate[property].flatMap((entry, index): EstateProblem[] => {
      const path: Path = [property, index, "network"];
      const missing = unknown(entry.network, names(estate.networks), path, "networks");
      if (missing.length > 0) return missing;
      const network = estate.networks.find((candidate) => same(candidate.name, entry.network));
      return network?.subnets.some((candidate) => candidate.name === subnet)
        ? []
        : [{ path, message: `network "${entry.network}" has no subnet "${subnet}", which this needs` }];
    }),
  ]);
}

function machineProblems(estate: Estate): EstateProblem[] {
  const problems = repeated(estate.machines, ["machines"], "machine");
  const networks = estate.onPremises.networks;
  const addresses = new Map<string, string>();
  estate.machines.forEach((machine, m) => {
    const osDisks = machine.disks.filter((disk) => disk.isOs === true).length;
    if (osDisks > 1)
      problems.push({
        path: ["machines", m, "disks"],
        message: `${osDisks} disks have isOs: true; allowed: one at most`,
      });
    if (machine.os.type === "Linux" && machine.rdpEnabled === true)
      problems.push({
        path: ["machines", m, "rdpEnabled"],
        message: "is true on Linux; allowed: only on Windows",
      });
    machine.nics.forEach((nic, n) => {
      const path: Path = ["machines", m, "nics", n];
      if (networks.length > 0)
        problems.push(...unknown(nic.network, names(networks), [...path, "network"], "onPremises.networks"));
      const network = networks.find((candidate) => same(candidate.name, nic.network));
      const range = network && parsePrefix(network.prefix);
      const address = parseAddress(nic.ip);
      if (range && address !== undefined && !includesAddress(range, address))
        problems.push({
          path: [...path, "ip"],
          message: `"${nic.ip}" lies outside network "${nic.network}"; allowed: within ${network.prefix}`,
        });
      const key = `${nic.network.toLowerCase()} ${nic.ip}`;
      const owner = addresses.get(key);
      if (owner !== undefined)
        problems.push({ path: [...path, "ip"], message: `"${nic.ip}" is used by "${owner}" too` });
      addresses.set(key, machine.name);
    });
  });
  return problems;
}

/** Machines on Hyper-V stand in one place that exists, and VM networks lead somewhere. */
function hyperVProblems(estate: Estate): EstateProblem[] {
  const problems: EstateProblem[] = [
    ...repeated(estate.hyperVSites, ["hyperVSites"], "Hyper-V site"),
    ...repeated(estate.vmmServers, ["vmmServers"], "VMM server"),
  ];
  estate.machines.forEach((machine, m) => {
    if (machine.kind === "classic" && estate.classicVMware === undefined) {
      problems.push({ path: ["machines", m, "kind"], message: "is classic, but the estate has no classicVMware" });
    }
    if (machine.kind !== "classic" && machine.classic !== undefined) {
      problems.push({ path: ["machines", m, "classic"], message: "is given; allowed: only with kind classic" });
    }
    const path: Path = ["machines", m, "hyperV"];
    const place = machine.hyperV;
    if ((machine.kind === "hyperv") !== (place !== undefined)) {
      problems.push({
        path,
        message: place ? "is given; allowed: only with kind hyperv" : "is missing; required with kind hyperv",
      });
      return;
    }
    if (place === undefined) return;
    if ((place.site === undefined) === (place.vmmServer === undefined)) {
      problems.push({ path, message: "must name either a site, or a vmmServer and a cloud" });
      return;
    }
    problems.push(...unknown(place.site, names(estate.hyperVSites), [...path, "site"], "hyperVSites"));
    problems.push(...unknown(place.vmmServer, names(estate.vmmServers), [...path, "vmmServer"], "vmmServers"));
    const owner = [...estate.hyperVSites, ...estate.vmmServers].find((each) =>
      same(each.name, place.site ?? place.vmmServer ?? ""),
    );
    problems.push(...unknown(place.host, names(owner?.hosts ?? []), [...path, "host"], "hosts"));
    const server = estate.vmmServers.find((each) => same(each.name, place.vmmServer ?? ""));
    if (server === undefined) return;
    problems.push(
      ...unknown(place.cloud ?? "", names(server.clouds), [...path, "cloud"], `clouds of "${server.name}"`),
    );
  });
  estate.networkMappings.forEach((mapping, n) => {
    const path: Path = ["networkMappings", n];
    problems.push(...unknown(mapping.vmmServer, names(estate.vmmServers), [...path, "vmmServer"], "vmmServers"));
    problems.push(
      ...unknown(mapping.targetNetwork, names(estate.networks), [...path, "targetNetwork"], "networks"),
    );
    const server = estate.vmmServers.find((each) => same(each.name, mapping.vmmServer));
    if (server)
      problems.push(
        ...unknown(mapping.network, names(server.networks), [...path, "network"], `networks of "${server.name}"`),
      );
  });
  estate.hyperVPolicies.forEach((policy, p) => {
    const places = [
      ...estate.hyperVSites.map((site) => site.name),
      ...estate.vmmServers.flatMap((server) => server.clouds.map((cloud) => `${server.name}/${cloud.name}`)),
    ].map((name) => ({ name }));
    policy.mappedTo.forEach((place, i) => {
      problems.push(
        ...unknown(place, names(places), ["hyperVPolicies", p, "mappedTo", i], "the sites and clouds"),
      );
    });
    const [app, retention] = [policy.applicationConsistentFrequencyInHours, policy.recoveryPointHistoryInHours];
    if (app > retention) {
      problems.push({
        path: ["hyperVPolicies", p, "applicationConsistentFrequencyInHours"],
        message: `${app} is longer than the retention of ${retention} hours; allowed: 0 (off) or no more than the retention`,
      });
    }
  });
  return problems;
}

function replicationProblems(estate: Estate): EstateProblem[] {
  const problems: EstateProblem[] = [
    ...repeated(estate.storageAccounts, ["storageAccounts"], "storage account"),
    ...repeated(estate.runAsAccounts, ["runAsAccounts"], "run-as account"),
    ...repeated([...estate.policies, ...estate.hyperVPolicies, ...estate.classicPolicies], ["policies"], "policy"),
    ...repeated(estate.recoveryPlans, ["recoveryPlans"], "recovery plan"),
    ...repeated(estate.replicatedItems.map(itemNamed), ["replicatedItems"], "replicated item"),
  ];
  estate.policies.forEach((policy, p) => {
    const retention = policy.recoveryPointHistoryInMinutes;
    const frequency = policy.appConsistentFrequencyInMinutes;
    if (frequency > 0 && frequency >= retention)
      problems.push({
        path: ["policies", p, "appConsistentFrequencyInMinutes"],
        message: `${frequency} is not shorter than the retention of ${retention} minutes; allowed: 0 (off) or less than the retention`,
      });
  });
  const enabled = new Map<string, string>();
  estate.replicatedItems.forEach((item, i) => {
    const path: Path = ["replicatedItems", i];
    problems.push(...unknown(item.machine, names(estate.machines), [...path, "machine"], "machines"));
    const kind = estate.machines.find((each) => same(each.name, item.machine))?.kind;
    const isHyperV = kind === "hyperv";
    const where = isHyperV ? "hyperVPolicies" : kind === "classic" ? "classicPolicies" : "policies";
    problems.push(...unknown(item.policy, names(estate[where]), [...path, "policy"], where));
    if (isHyperV && item.state === "reprotected") {
      const message =
        '"reprotected" does not exist for Hyper-V; allowed: initialReplication, protected, failedOver, committed, failedBack, failbackCommitted';
      problems.push({ path: [...path, "state"], message });
    }
    const key = item.machine.toLowerCase();
    const other = enabled.get(key);
    if (other !== undefined)
      problems.push({
        path: [...path, "machine"],
        message: `"${item.machine}" is replicated as "${other}" already`,
      });
    enabled.set(key, itemNamed(item).name);
    const sides = [
      ["targetNetwork", item.targetNetwork, "targetSubnet", item.targetSubnet, "targetIp", item.targetIp],
      ["testNetwork", item.testNetwork, "testSubnet", item.testSubnet, "testIp", item.testIp],
    ] as const;
    for (const [networkProperty, networkName, subnetProperty, subnetName, ipProperty, ip] of sides) {
      problems.push(...unknown(networkName, names(estate.networks), [...path, networkProperty], "networks"));
      const network = estate.networks.find(
        (candidate) => networkName !== undefined && same(candidate.name, networkName),
      );
      if (!network || subnetName === undefined) continue;
      problems.push(
        ...unknown(subnetName, names(network.subnets), [...path, subnetProperty], `subnets of "${network.name}"`),
      );
      const subnet = network.subnets.find((candidate) => same(candidate.name, subnetName));
      const range = subnet && parsePrefix(subnet.addressPrefix);
      const address = ip === undefined ? undefined : parseAddress(ip);
      if (range && address !== undefined && (!includesAddress(range, address) || isReserved(range, address)))
        problems.push({
          path: [...path, ipProperty],
          message: `"${ip}" cannot be given in ${subnet.addressPrefix}; allowed: an address of it but the first four and the last`,
        });
    }
  });
  const items = names(estate.replicatedItems.map(itemNamed));
  estate.recoveryPlans.forEach((plan, p) => {
    const members = new Set<string>();
    plan.groups.forEach((group, g) => {
      group.forEach((item, i) => {
        const path: Path = ["recoveryPlans", p, "groups", g, i];
        problems.push(...unknown(item, items, path, "replicatedItems"));
        if (members.has(item.toLowerCase())) problems.push({ path, message: `"${item}" is in this plan twice` });
        members.add(item.toLowerCase());
      });
    });
    if (members.size > 100)
      problems.push({
        path: ["recoveryPlans", p, "groups"],
        message: `has ${members.size} items; allowed: 100 at most`,
      });
  });
  return problems;
}

function itemNamed(item: { name?: string | undefined; machine: string }): { name: string } {
  return { name: item.name ?? item.machine };
}

function names(list: readonly { name: string }[]): string[] {
  return list.map((entry) => entry.name);
}

function repeated<T extends { name: string }>(list: readonly T[], path: Path, kind: string): EstateProblem[] {
  return list.flatMap((entry, index) =>
    list.slice(0, index).some((other) => same(other.name, entry.name))
      ? [{ path: [...path, index, "name"], message: `"${entry.name}" is the name of another ${kind} too` }]
      : [],
  );
}

function unknown(name: string | undefined, known: string[], path: Path, where: string): EstateProblem[] {
  if (name === undefined || known.some((candidate) => same(candidate, name))) return [];
  return [
    { path, message: `"${name}" is not one of ${where}; allowed: ${known.join(", ") || "none is declared"}` },
  ];
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
