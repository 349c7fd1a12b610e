/** Every function by its name; a further function is a further line. */

import type { FunctionHandler } from "./function.js";
import { getAppliances } from "./getAppliances.js";
import { getProtectableMachines } from "./getProtectableMachines.js";
import { getReadiness } from "./getReadiness.js";
import { getRecoveryPoints } from "./getRecoveryPoints.js";
import { getReplicatedItems } from "./getReplicatedItems.js";
import { planConnectivity } from "./planConnectivity.js";

const all = [
  getProtectableMachines,
  getReplicatedItems,
  getRecoveryPoints,
  getAppliances,
  getReadiness,
  planConnectivity,
];

export const functions: ReadonlyMap<string, FunctionHandler> = new Map(
  all.map((called) => [called.token, called]),
);
