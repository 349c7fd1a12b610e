/**
 * What Azure requires of a machine that fails over: its prerequisites check stops a failover that misses one.
 *
 * @see https://learn.microsoft.com/azure/site-recovery/vmware-physical-azure-support-matrix
 */

import { check, type MachineFacts, type ReadinessCheck } from "./readinessCheck.js";
import type { Scenario } from "./stages.js";

const gibibyte = 2 ** 30;

interface Limits {
  osDiskGiB: number;
  dataDiskGiB: number;
  dataDisks: number;
}

const limits: Record<Scenario, Limits> = {
  vmware: { osDiskGiB: 2048, dataDiskGiB: 8192, dataDisks: 64 },
  vmwareClassic: { osDiskGiB: 2048, dataDiskGiB: 8192, dataDisks: 64 },
  hyperV: { osDiskGiB: 2048, dataDiskGiB: 4095, dataDisks: 16 },
  vmmToVmm: { osDiskGiB: Number.POSITIVE_INFINITY, dataDiskGiB: Number.POSITIVE_INFINITY, dataDisks: 64 },
};

/** Every requirement that a machine misses, and what of it cannot come back or cannot be reached. */
export function requirementChecks(machine: MachineFacts): ReadinessCheck[] {
  return [
    ...nameChecks(machine),
    ...diskChecks(machine),
    ...wayBackChecks(machine),
    ...networkChecks(machine),
    ...hyperVChecks(machine),
  ];
}

function nameChecks(machine: MachineFacts): ReadinessCheck[] {
  const { name } = machine;
  const found: ReadinessCheck[] = [];
  const target = machine.targetVmName ?? name;
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(target) && machine.scenario !== "vmmToVmm") {
    found.push(
      check(
        "targetVmName",
        "error",
        name,
        `Azure cannot make a machine named "${target}"`,
        "set targetVmName: 1-63 letters, digits and '-', beginning and ending with a letter or digit",
      ),
    );
  } else if (target.length > 58) {
    found.push(
      check(
        "testVmName",
        "warning",
        name,
        `a drill names its machine "${target}-test", which is longer than 63 characters`,
        "leave room for 5 characters: a targetVmName of at most 58",
      ),
    );
  }
  return found;
}

function diskChecks(machine: MachineFacts): ReadinessCheck[] {
  const { name } = machine;
  const found: ReadinessCheck[] = [];
  const limit = limits[machine.scenario];
  const osDisks = machine.disks.filter((disk) => disk.isOsDisk);
  if (machine.disks.length > 0 && osDisks.length !== 1) {
    found.push(
      check(
        "osDisk",
        "error",
        name,
        `it replicates ${osDisks.length} operating system disks`,
        "replicate exactly one disk with the operating system",
      ),
    );
  }
  const tooLarge = machine.disks.filter(
    (disk) => (disk.capacityInBytes ?? 0) > (disk.isOsDisk ? limit.osDiskGiB : limit.dataDiskGiB) * gibibyte,
  );
  for (const disk of tooLarge) {
    const most = disk.isOsDisk ? limit.osDiskGiB : limit.dataDiskGiB;
    found.push(
      check(
        disk.isOsDisk ? "osDiskSize" : "dataDiskSize",
        "error",
        name,
        `disk ${disk.diskId} has ${Math.ceil((disk.capacityInBytes ?? 0) / gibibyte)} GiB; Azure takes at most ${most} GiB`,
        "make the disk smaller, or leave it out",
      ),
    );
  }
  const dataDisks = machine.disks.length - osDisks.length;
  if (dataDisks > limit.dataDisks) {
    found.push(
      check(
        "dataDiskCount",
        "error",
        name,
        `it replicates ${dataDisks} data disks; Azure takes at most ${limit.dataDisks}`,
        "leave disks out, or split the machine",
      ),
    );
  }
  return found;
}

function wayBackChecks(machine: MachineFacts): ReadinessCheck[] {
  const { name } = machine;
  const found: ReadinessCheck[] = [];
  if (machine.scenario === "hyperV" && machine.usesManagedDisks === true) {
    found.push(
      check(
        "managedDisks",
        "warning",
        name,
        "it replicates to managed disks, which cannot fail back to Hyper-V",
        "replicate to a storage account to be able to fail back",
      ),
    );
  }
  if (machine.scenario === "vmwareClassic") {
    found.push(
      check(
        "classicDeprecated",
        "warning",
        name,
        "it is a classic machine (InMageAzureV2), which Azure no longer supports since March 2026",
        "move it to the modernised appliance while it is at protected",
      ),
    );
  }
  return found;
}

function networkChecks(machine: MachineFacts): ReadinessCheck[] {
  const { name } = machine;
  const found: ReadinessCheck[] = [];
  if (
    machine.targetNetworkId !== undefined &&
    machine.testNetworkId?.toLowerCase() === machine.targetNetworkId.toLowerCase()
  ) {
    found.push(
      check(
        "productionNetworkAsTestNetwork",
        "warning",
        name,
        "its test network is its failover network: a drill would put a second machine of its identity beside production",
        "set testNetworkId to an isolated network",
      ),
    );
  }
  if (machine.targetNetworkId === undefined && machine.scenario !== "vmmToVmm") {
    found.push(
      check(
        "noTargetNetwork",
        "warning",
        name,
        "it has no failover network: nobody could connect",
        "set targetNetworkId, or map its network",
      ),
    );
  }
  return found;
}

/** Of the second generation Azure takes smaller disks for the operating system, and no Linux. */
const generation2OsDiskGiB = 300;

function hyperVChecks({ name, hyperV, disks, osType }: MachineFacts): ReadinessCheck[] {
  if (hyperV === undefined) return [];
  const found = hyperV.unsupportedDisks.map((what) =>
    check(
      "unsupportedDisk",
      "error",
      name,
      `it has ${what}, which Azure does not take`,
      "remove it, or leave it out",
    ),
  );
  if (!hyperV.isGeneration2) return found;
  const tooLarge = disks.filter(
    (disk) => disk.isOsDisk && (disk.capacityInBytes ?? 0) > generation2OsDiskGiB * gibibyte,
  );
  for (const disk of tooLarge) {
    found.push(
      check(
        "generation2OsDiskSize",
        "error",
        name,
        `it is of generation 2, and disk ${disk.diskId} with its operating system has ${Math.ceil((disk.capacityInBytes ?? 0) / gibibyte)} GiB; Azure takes at most ${generation2OsDiskGiB} GiB`,
        "make the disk smaller",
      ),
    );
  }
  if (osType === "Linux") {
    found.push(
      check(
        "generation2Linux",
        "warning",
        name,
        "it runs Linux and is of generation 2, which Azure did not support for long",
        "run a TestFailover to see whether it starts",
      ),
    );
  }
  return found;
}
