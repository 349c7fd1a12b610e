/** What a schema cannot see of machines: where they stand, and addresses that two would have. */

import { includesAddress, parseAddress, parsePrefix } from "../../network/addresses.js";
import { byName } from "../byName.js";
import type { EstateProblem } from "../errors.js";
import type { Estate } from "../schema.js";
import { type Path, repeated, unknown } from "./checks.js";

export function machineProblems(estate: Estate): EstateProblem[] {
  const problems = [...repeated(estate.machines, ["machines"], "machine"), ...placeProblems(estate)];
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
        problems.push(...unknown(nic.network, byName(networks), [...path, "network"], "onPremises.networks"));
      const network = byName(networks).get(nic.network);
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

/** Machines on Hyper-V stand in one place that exists; classic ones belong to a configuration server. */
function placeProblems(estate: Estate): EstateProblem[] {
  const problems: EstateProblem[] = [];
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
    const [site, server] = [
      byName(estate.hyperVSites).get(place.site),
      byName(estate.vmmServers).get(place.vmmServer),
    ];
    const hosts = byName((site ?? server)?.hosts ?? []);
    problems.push(
      ...unknown(place.site, byName(estate.hyperVSites), [...path, "site"], "hyperVSites"),
      ...unknown(place.vmmServer, byName(estate.vmmServers), [...path, "vmmServer"], "vmmServers"),
      ...unknown(place.host, hosts, [...path, "host"], "hosts"),
    );
    if (server === undefined) return;
    const clouds = `clouds of "${server.name}"`;
    problems.push(...unknown(place.cloud ?? "", byName(server.clouds), [...path, "cloud"], clouds));
  });
  return problems;
}
