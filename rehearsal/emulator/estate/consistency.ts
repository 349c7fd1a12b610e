import { hyperVProblems } from "./consistency/hyperV.js";
import { machineProblems } from "./consistency/machines.js";
import { networkProblems } from "./consistency/networks.js";
import { replicationProblems } from "./consistency/replication.js";
import type { EstateProblem } from "./errors.js";
import type { Estate } from "./schema.js";

/** What a schema cannot see: names that must exist or be unique, ranges that must fit into each other. */
export function consistencyProblems(estate: Estate): EstateProblem[] {
  return [
    ...networkProblems(estate),
    ...machineProblems(estate),
    ...hyperVProblems(estate),
    ...replicationProblems(estate),
  ];
}
