/** The jobs on a target that only a person ends, as a preview reads them. */

import type { Job } from "../siterecovery/siteRecovery.js";
import { describeTarget, type LoadedTarget } from "./target.js";
import { isWaiting, type WaitingFor, waitingForOf } from "./waiting.js";

/** How many machines are asked one by one, where no plan's job tells for all of them. */
const mostWaits = 20;

/** The jobs that wait for a person, and for what; machines that no job holds are not asked. */
export async function openWaits(loaded: LoadedTarget): Promise<{ job: Job; waiting: WaitingFor }[]> {
  const { siteRecovery, target } = loaded;
  const targets =
    target.kind === "recoveryPlan" && target.plan.currentScenario
      ? [target]
      : loaded.items
          .filter((item) => item.currentScenario !== undefined)
          .slice(0, mostWaits)
          .map((item) => ({ kind: "replicatedItem" as const, item }));
  const jobs = await Promise.all(targets.map((each) => siteRecovery.findOpenJob(each)));
  return jobs.flatMap((job) =>
    job && isWaiting(job) ? [{ job, waiting: waitingForOf(job, describeTarget(loaded)) }] : [],
  );
}
