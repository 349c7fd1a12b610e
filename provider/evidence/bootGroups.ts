/** Machines by boot group: a group is there when the last of its machines is. */

import type { BootGroupEvidence, MachineEvidence } from "./types.js";

export function bootGroupsOf(machines: readonly MachineEvidence[]): BootGroupEvidence[] {
  const numbers = [...new Set(machines.map((machine) => machine.bootGroup))].sort((a, b) => a - b);
  return numbers.map((number) => {
    const members = machines.filter((machine) => machine.bootGroup === number);
    const promised = members.filter(isPromised);
    const last = (values: (number | undefined)[]) => {
      const known = values.filter((value) => value !== undefined);
      return known.length === values.length && known.length > 0 ? Math.max(...known) : undefined;
    };
    const recovery = last(members.map((machine) => machine.recoveryTimeSeconds));
    const reachable = last(promised.map((machine) => machine.reachableTimeSeconds));
    const age = last(members.map((machine) => machine.recoveryPointAgeSeconds));
    return {
      number,
      machines: members.map((machine) => machine.name),
      ...(recovery === undefined ? {} : { recoveryTimeSeconds: recovery }),
      ...(reachable === undefined ? {} : { reachableTimeSeconds: reachable }),
      ...(age === undefined ? {} : { recoveryPointAgeSeconds: age }),
    };
  });
}

/** True where the connectivity plan promised that somebody can connect to the machine. */
export function isPromised(machine: Pick<MachineEvidence, "access">): boolean {
  return machine.access.some((access) => access.planned === true);
}

/** True where Azure says that every such promise is kept. */
export function isPromiseKept(machine: Pick<MachineEvidence, "access">): boolean {
  return machine.access.every((access) => access.planned !== true || access.reachable === true);
}
