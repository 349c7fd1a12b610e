import type { Actions } from "../siteRecovery.js";
import { prepareAction } from "./actions.js";
import type { Send } from "./armClient.js";
import { doing } from "./failures.js";
import { vaultId } from "./ids.js";
import type { JobSearch } from "./jobSearch.js";
import type { JobWatch } from "./jobWatch.js";
import { isSuspended } from "./readJob.js";
import type { VaultParts } from "./vaultParts.js";

/** Starts actions of items and plans, and tells what runs on them. */
export function vaultActions(
  { vault, at, reads, snapshot, writes }: VaultParts,
  search: JobSearch,
  jobs: JobWatch,
): Actions {
  return {
    async startAction(target, action, mark) {
      const { id } = target.kind === "replicatedItem" ? target.item : target.plan;
      const kind = target.kind === "replicatedItem" ? "replicated item" : "recovery plan";
      const send = await prepareAction(target, action, {
        vault,
        getRecoveryPoints: (itemId) => reads.getRecoveryPoints(itemId),
      });
      const job = await writes.start(doing(`starting ${action.kind} of`, kind, id), send, mark);
      if (target.kind === "recoveryPlan") snapshot.items.forget();
      return job;
    },

    findOpenJob(target) {
      const { id } = target.kind === "replicatedItem" ? target.item : target.plan;
      return search.findOpen(target, (jobName) => {
        const other = writes.started.get(jobName);
        return other !== undefined && other.toLowerCase() !== id.toLowerCase();
      });
    },

    listJobs: (target, scenarioName) => search.listOf(target, scenarioName),
    getJob: (name) => reads.getJob(name),

    async resumeJob(name, comments) {
      const what = doing("resuming", "job", `${vaultId(vault)}/replicationJobs/${name}`);
      const isWaiting = async (): Promise<boolean> => {
        const job = await reads.getJob(name);
        return job !== undefined && isSuspended(job);
      };
      const send: Send = ({ replicationJobs }, call) =>
        replicationJobs.beginResumeAndWait(...at, name, { properties: { comments } }, call);
      await writes.resume(what, send, isWaiting);
    },

    waitForJob: (name, options) => jobs.wait(name, options, writes.started.has(name)),
  };
}
