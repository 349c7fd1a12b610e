/** Reading jobs, and cancelling, restarting and resuming them. */

import { z } from "zod";
import type { Operation } from "../../core.js";
import { notAllowed, notFound } from "../errors.js";
import { filterOf, timeOf } from "../filter.js";
import { accepted } from "../longRunning.js";
import { jobId, sameName, vaultPath } from "../names.js";
import { type Call, operation, param, propertiesOf } from "../operation.js";
import { page } from "../paging.js";
import type { JobState } from "../state.js";
import { cancelJob, restartJob, resumeJob } from "./engine.js";
import { allowedActions, renderJob } from "./render.js";
import type { JobTables } from "./scenario.js";
import { startJob } from "./start.js";

const path = `${vaultPath}/replicationJobs`;
const filterNames = ["JobStatus", "JobName", "AffectedObjectTypes", "FabricId", "StartTime", "EndTime"];

function jobOf({ request, vault }: Call): JobState {
  const name = param(request, "jobName");
  const job = vault.jobs[name.toLowerCase()];
  if (job === undefined) throw notFound("job", name);
  return job;
}

export function getJob(call: Call) {
  return { status: 200, body: renderJob(call.vault, jobOf(call), false) };
}

function matches(job: JobState, filter: Record<string, string>): boolean {
  const at = job.startedAt ?? job.createdAt;
  return Object.entries(filter).every(([name, value]) => {
    if (name === "jobstatus") return value.split(",").some((word) => sameName(word.trim(), job.state));
    if (name === "jobname") return sameName(job.scenario, value) || sameName(job.name, value);
    if (name === "affectedobjecttypes")
      return value.split(",").some((word) => sameName(word.trim(), job.targetInstanceType));
    if (name === "starttime") return at >= timeOf(name, value);
    if (name === "endtime") return at <= timeOf(name, value);
    return true;
  });
}

/** The job, if this action is offered now. */
function allowedJob(call: Call, action: "Cancel" | "Restart" | "Resume"): JobState {
  const job = jobOf(call);
  const allowed = allowedActions(job);
  if (allowed.includes(action)) return job;
  const offered = allowed.length === 0 ? "none" : allowed.join(", ");
  throw notAllowed(
    "JobActionNotAllowed",
    `${action} is not allowed for the job '${job.friendlyName}' (${job.name}) in state ${job.state}; allowed: ${offered}.`,
    "Read the job again and use one of its allowed actions.",
  );
}

export function jobOperations(tables: JobTables): Operation[] {
  return [
    operation("ReplicationJobs_List", "GET", path, ({ request, vault }) => {
      const filter = filterOf(request, filterNames);
      const jobs = Object.values(vault.jobs).reverse();
      return page(
        request,
        jobs.filter((job) => matches(job, filter)),
        (job) => renderJob(vault, job, true),
      );
    }),
    operation("ReplicationJobs_Get", "GET", `${path}/{jobName}`, getJob),
    operation("ReplicationJobs_Cancel", "POST", `${path}/{jobName}/cancel`, (call) => {
      const job = allowedJob(call, "Cancel");
      cancelJob(call.world, call.vault, job, tables);
      return control(call, job, "CancelJob", "Cancel job");
    }),
    operation("ReplicationJobs_Restart", "POST", `${path}/{jobName}/restart`, (call) => {
      const job = allowedJob(call, "Restart");
      restartJob(call.world, call.vault, job);
      return control(call, job, "RestartJob", "Restart job");
    }),
    operation("ReplicationJobs_Resume", "POST", `${path}/{jobName}/resume`, (call) => {
      const job = allowedJob(call, "Resume");
      propertiesOf(call.request, z.object({ comments: z.string().nullish() }));
      resumeJob(call.world, call.vault, job, tables);
      return control(call, job, "ResumeJob", "Resume job");
    }),
  ];
}

/** The call is an operation of its own, whose result is the job: the job it was about goes on, or has been stopped. */
function control(call: Call, job: JobState, scenario: string, friendlyName: string) {
  const own = startJob(call.world, call.vault, {
    scenario,
    friendlyName,
    clientRequestId: call.request.clientRequestId,
    resourceId: jobId(call.vault, job.name),
    targetObjectId: job.targetObjectId,
    targetObjectName: job.targetObjectName,
    targetInstanceType: job.targetInstanceType,
    startDelaySeconds: 0,
    tasks: [],
  });
  return accepted(call, own);
}
