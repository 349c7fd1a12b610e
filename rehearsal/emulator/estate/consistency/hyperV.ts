/** What a schema cannot see of Hyper-V: VM networks and clouds that lead somewhere, policies that fit. */

import { ByName, byName } from "../byName.js";
import type { EstateProblem } from "../errors.js";
import type { Estate } from "../schema.js";
import { type Path, repeated, unknown } from "./checks.js";

export function hyperVProblems(estate: Estate): EstateProblem[] {
  return [
    ...repeated(estate.hyperVSites, ["hyperVSites"], "Hyper-V site"),
    ...repeated(estate.vmmServers, ["vmmServers"], "VMM server"),
    ...networkMappingProblems(estate),
    ...policyProblems(estate),
    ...vmmPolicyProblems(estate),
  ];
}

/** `server/cloud` of every cloud. */
function cloudsOf(estate: Estate): { name: string }[] {
  return estate.vmmServers.flatMap((server) =>
    server.clouds.map((cloud) => ({ name: `${server.name}/${cloud.name}` })),
  );
}

function networkMappingProblems(estate: Estate): EstateProblem[] {
  const servers = byName(estate.vmmServers);
  return estate.networkMappings.flatMap((mapping, n) => {
    const path: Path = ["networkMappings", n];
    const problems = [
      ...unknown(mapping.vmmServer, servers, [...path, "vmmServer"], "vmmServers"),
      ...unknown(mapping.targetVmmServer, servers, [...path, "targetVmmServer"], "vmmServers"),
    ];
    const [from, to] = [servers.get(mapping.vmmServer), servers.get(mapping.targetVmmServer)];
    if (from !== undefined) {
      const where = `networks of "${from.name}"`;
      problems.push(...unknown(mapping.network, byName(from.networks), [...path, "network"], where));
    }
    const at = [...path, "targetNetwork"];
    if (mapping.targetVmmServer === undefined) {
      problems.push(...unknown(mapping.targetNetwork, byName(estate.networks), at, "networks"));
    } else if (to !== undefined) {
      problems.push(...unknown(mapping.targetNetwork, byName(to.networks), at, `networks of "${to.name}"`));
    }
    return problems;
  });
}

function policyProblems(estate: Estate): EstateProblem[] {
  const places = new ByName([...estate.hyperVSites, ...cloudsOf(estate)]);
  return estate.hyperVPolicies.flatMap((policy, p) => {
    const path: Path = ["hyperVPolicies", p];
    const problems = policy.mappedTo.flatMap((place, i) =>
      unknown(place, places, [...path, "mappedTo", i], "the sites and clouds"),
    );
    problems.push(
      ...unknown(
        policy.storageAccount,
        byName(estate.storageAccounts),
        [...path, "storageAccount"],
        "storageAccounts",
      ),
    );
    const [app, retention] = [policy.applicationConsistentFrequencyInHours, policy.recoveryPointHistoryInHours];
    if (app > retention) {
      problems.push({
        path: [...path, "applicationConsistentFrequencyInHours"],
        message: `${app} is longer than the retention of ${retention} hours; allowed: 0 (off) or no more than the retention`,
      });
    }
    return problems;
  });
}

/** A cloud replicates to one other cloud, and by one policy. */
function vmmPolicyProblems(estate: Estate): EstateProblem[] {
  const clouds = new ByName(cloudsOf(estate));
  const paired = new Map<string, string>();
  return estate.vmmPolicies.flatMap((policy, p) =>
    policy.mappings.flatMap(({ from, to }, m) => {
      const path: Path = ["vmmPolicies", p, "mappings", m];
      const problems = [
        ...unknown(from, clouds, [...path, "from"], "the clouds"),
        ...unknown(to, clouds, [...path, "to"], "the clouds"),
      ];
      if (from.toLowerCase() === to.toLowerCase()) {
        problems.push({ path: [...path, "to"], message: `"${to}" is the cloud that it replicates from` });
      }
      const other = paired.get(from.toLowerCase());
      if (other !== undefined) {
        problems.push({ path: [...path, "from"], message: `"${from}" replicates by policy "${other}" already` });
      }
      paired.set(from.toLowerCase(), policy.name);
      return problems;
    }),
  );
}
