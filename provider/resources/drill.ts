/** How a drill is told from other drills of the same machines. */

import type { Job } from "../siterecovery/siteRecovery.js";
import { machineNameOf } from "./connectivity.js";
import type { Properties } from "./handler.js";
import { listByScenario, type Mark, markOf } from "./start.js";
import type { LoadedTarget } from "./target.js";

export const startNames = ["TestFailover"];
export const cleanupNames = ["TestFailoverCleanup"];

/** The drill that waits for its clean-up now; undefined where the last thing that the jobs show is a clean-up. */
export async function waitingDrill(loaded: LoadedTarget): Promise<Job | undefined> {
  const [latest] = await listByScenario(loaded.siteRecovery, loaded.target, [...startNames, ...cleanupNames]);
  return latest && startNames.includes(latest.scenarioName) ? latest : undefined;
}

/** The mark of a declaration's drills. */
export function drillMark(inputs: Properties): Mark {
  return markOf(
    "TestFailover",
    String(inputs.targetId).toLowerCase(),
    String(inputs.testNetworkId).toLowerCase(),
    inputs.recoveryPoint,
    inputs.triggers ?? null,
  );
}

/** Azure names a test machine after the target machine (published sample: `<name>-test`). */
export function testVmName(item: { targetVmName?: string; friendlyName: string }): string {
  return machineNameOf(item, "testFailover");
}
