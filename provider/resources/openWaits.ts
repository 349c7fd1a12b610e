/** The jobs on a target that only a person ends, as a preview reads them. */

import type { Job } from "../siterecovery/siteRecovery.js";
import { describeTarget, type LoadedTarget } from "./target.js";
import { isWaiting, type WaitingFor, waitingForOf } from "./waiting.js";

/** How many machines are asked one by one, where no plan's job tells for all of them. */
const mostWaits = 20;

/** The jobs that wait for a person, and for what; machines that no job holds are not asked. */
export async function openWaits(loaded: LoadedTarget): Promise<{ job: Job; waiting: WaitingFor }[]> {
  const open = await openJobs(loaded);
  return open.flatMap(({ job, on }) => (isWaiting(job) ? [{ job, waiting: waitingForOf(job, on) }] : []));
}

/** A plan's own job, else those of its machines: after its own run a plan still names the job that ended. */
async function openJobs(loaded: LoadedTarget): Promise<{ job: Job; on: string }[]> {
  const { siteRecovery, target, items } = loaded;
  const ofPlan =
    target.kind === "recoveryPlan" && target.plan.currentScenario
      ? await siteRecovery.findOpenJob(target)
      : undefined;
  if (ofPlan) return [{ job: ofPlan, on: describeTarget(loaded) }];
  const busy = items.filter((item) => item.currentScenario !== undefined).slice(0, mostWaits);
  const found = await Promise.all(
    busy.map(async (item) => ({
      job: await siteRecovery.findOpenJob({ kind: "replicatedItem", item }),
      on: `replicated item ${JSON.stringify(item.friendlyName)}`,
    })),
  );
  return found.flatMap(({ job, on }) => (job ? [{ job, on }] : []));
}
