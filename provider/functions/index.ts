/** Every function by its name; a further function is a further line. */

import type { FunctionHandler } from "./function.js";
import { getProtectableMachines } from "./getProtectableMachines.js";
import { planConnectivity } from "./planConnectivity.js";

const all = [getProtectableMachines, planConnectivity];

export const functions: ReadonlyMap<string, FunctionHandler> = new Map(
  all.map((called) => [called.token, called]),
);
