/** What a schema cannot see of replication: policies, items and plans that must fit together. */

import { includesAddress, isReserved, parseAddress, parsePrefix } from "../../network/addresses.js";
import { ByName, byName } from "../byName.js";
import type { EstateProblem } from "../errors.js";
import type { Estate, EstateReplicatedItem } from "../schema.js";
import { type Path, repeated, unknown } from "./checks.js";

export function replicationProblems(estate: Estate): EstateProblem[] {
  const problems: EstateProblem[] = [
    ...repeated(estate.storageAccounts, ["storageAccounts"], "storage account"),
    ...repeated(estate.runAsAccounts, ["runAsAccounts"], "run-as account"),
    ...repeated(allPolicies(estate), ["policies"], "policy"),
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
    problems.push(...unknown(item.machine, byName(estate.machines), [...path, "machine"], "machines"));
    problems.push(...kindProblems(estate, item, path));
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
      problems.push(...unknown(networkName, byName(estate.networks), [...path, networkProperty], "networks"));
      const network = byName(estate.networks).get(networkName);
      if (!network || subnetName === undefined) continue;
      problems.push(
        ...unknown(subnetName, byName(network.subnets), [...path, subnetProperty], `subnets of "${network.name}"`),
      );
      const subnet = byName(network.subnets).get(subnetName);
      const range = subnet && parsePrefix(subnet.addressPrefix);
      const address = ip === undefined ? undefined : parseAddress(ip);
      if (range && address !== undefined && (!includesAddress(range, address) || isReserved(range, address)))
        problems.push({
          path: [...path, ipProperty],
          message: `"${ip}" cannot be given in ${subnet.addressPrefix}; allowed: an address of it but the first four and the last`,
        });
    }
  });
  const items = new ByName(estate.replicatedItems.map(itemNamed));
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

function allPolicies(estate: Estate): { name: string }[] {
  return [...estate.policies, ...estate.hyperVPolicies, ...estate.vmmPolicies, ...estate.classicPolicies];
}

/** What depends on the machine's kind: whose policy it can have, and whether it goes to Azure. */
function kindProblems(estate: Estate, item: EstateReplicatedItem, path: Path): EstateProblem[] {
  const kind = byName(estate.machines).get(item.machine)?.kind;
  if (kind === "hyperv" && byName(estate.vmmPolicies).get(item.policy) !== undefined) {
    return vmmToVmmProblems(estate, item, path);
  }
  const where = kind === "hyperv" ? "hyperVPolicies" : kind === "classic" ? "classicPolicies" : "policies";
  const problems = unknown(item.policy, byName<{ name: string }>(estate[where]), [...path, "policy"], where);
  for (const property of ["targetNetwork", "targetSubnet"] as const) {
    if (item[property] !== undefined) continue;
    problems.push({ path: [...path, property], message: "is missing; required for a machine that goes to Azure" });
  }
  if (kind === "hyperv" && item.state === "reprotected") {
    const message =
      '"reprotected" does not exist for Hyper-V; allowed: initialReplication, protected, failedOver, committed, failedBack, failbackCommitted';
    problems.push({ path: [...path, "state"], message });
  }
  return problems;
}

const onlyInAzure = [
  "targetNetwork",
  "targetSubnet",
  "targetIp",
  "testNetwork",
  "testSubnet",
  "testIp",
  "targetVmSize",
  "resourceGroup",
  "storageAccount",
] as const;

/** Between two clouds nothing of Azure is concerned, and the machine's cloud must replicate by the policy. */
function vmmToVmmProblems(estate: Estate, item: EstateReplicatedItem, path: Path): EstateProblem[] {
  const problems = onlyInAzure
    .filter((property) => item[property] !== undefined)
    .map((property) => ({
      path: [...path, property],
      message: `is given; allowed: not with policy "${item.policy}", which replicates to another cloud`,
    }));
  const place = byName(estate.machines).get(item.machine)?.hyperV;
  const own = `${place?.vmmServer ?? ""}/${place?.cloud ?? ""}`.toLowerCase();
  const froms =
    byName(estate.vmmPolicies)
      .get(item.policy)
      ?.mappings.map(({ from }) => from) ?? [];
  if (!froms.some((from) => from.toLowerCase() === own)) {
    const message = `"${item.policy}" does not replicate the cloud "${place?.vmmServer}/${place?.cloud}" of "${item.machine}"; its mappings begin at: ${froms.join(", ")}`;
    return [...problems, { path: [...path, "policy"], message }];
  }
  return problems;
}

function itemNamed(item: { name?: string | undefined; machine: string }): { name: string } {
  return { name: item.name ?? item.machine };
}
