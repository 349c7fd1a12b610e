/**
 * Collects what a run proved. Durations come from the times in Azure's jobs; reachability from Azure's IP flow verify
 * and effective routes on the adapters that the run made, never from the plan.
 */

import { createHash } from "node:crypto";
import type { ConnectivityPlan } from "../connectivity/types.js";
import { bootGroupsOf, isPromised, isPromiseKept } from "../evidence/bootGroups.js";
import { secondsBetween } from "../evidence/duration.js";
import { machineFindings, sortFindings, taskFindings } from "../evidence/findings.js";
import { jobEvidence, protectedItemOf, runningSince, tasksOf } from "../evidence/times.js";
import {
  type AccessEvidence,
  type EvidenceHashes,
  evidenceVersion,
  type MachineEvidence,
  type RunEvidence,
} from "../evidence/types.js";
import type { Job, ReplicatedItem } from "../siterecovery/siteRecovery.js";
import { findMachine, verifyAccessTo } from "./accessCheck.js";
import { defined, sorted } from "./compare.js";
import type { Context } from "./handler.js";
import { nameOf } from "./ids.js";
import { runReadiness } from "./machineFacts.js";
import type { LoadedTarget } from "./target.js";

/** A run as its shell-independent part knows it. */
export interface Run {
  kind: RunEvidence["kind"];
  loaded: LoadedTarget;
  /** With their tasks, in order; the machines that each one moved. */
  jobs: readonly { job: Job; items: readonly ReplicatedItem[] }[];
  plan: ConnectivityPlan | undefined;
  /** Name of the machine that the run makes for an item; undefined where it makes none in Azure. */
  machineName(item: ReplicatedItem): string | undefined;
  /** What Azure answered already, where it was asked in this run. */
  verified?(item: ReplicatedItem): AccessEvidence[] | undefined;
  /** True where something had to be opened for a machine once it ran. */
  wasOpened(item: ReplicatedItem): boolean;
  /** What the program asked for and where it led. */
  asked: Pick<RunEvidence, "recoveryPoint" | "networkId" | "fromStage" | "toStage">;
}

/** Everything but the goals, which are an argument and may change without a run. */
export async function collectEvidence(context: Context, run: Run): Promise<RunEvidence> {
  const { loaded, jobs } = run;
  const startTime = jobs.flatMap(({ job }) => job.startTime ?? []).sort(byTime)[0];
  const endTime = jobs
    .flatMap(({ job }) => job.endTime ?? [])
    .sort(byTime)
    .at(-1);
  const machines = await Promise.all(loaded.items.map((item) => machineEvidence(run, item, startTime, endTime)));
  const tasks = jobs.flatMap(({ job, items: [only, ...others] }) =>
    tasksOf(job, others.length === 0 ? only?.friendlyName : undefined),
  );
  const isInAzure = loaded.items.some((item) => run.machineName(item) !== undefined);
  const unwell = jobs.find(({ job }) => job.state !== "Succeeded") ?? jobs[0];
  return defined({
    schemaVersion: evidenceVersion,
    kind: run.kind,
    targetKind: loaded.kind,
    targetName: loaded.name,
    targetId: loaded.id,
    vaultName: loaded.vault.vaultName,
    ...run.asked,
    jobName: jobs[0]?.job.name ?? "",
    state: unwell?.job.state ?? "unknown",
    startTime,
    endTime,
    seconds: secondsBetween(startTime, endTime),
    jobs: jobs.map(({ job }) => jobEvidence(job)),
    machines,
    bootGroups: bootGroupsOf(machines),
    tasks,
    goals: [],
    findings: sortFindings([
      ...machineFindings(machines, run.plan, isInAzure),
      ...taskFindings(tasks),
      ...runReadiness(loaded.items),
    ]),
    versions: (await context.evidence?.versions()) ?? { package: "unknown" },
    hashes: await hashesOf(loaded, run.plan),
  });
}

async function machineEvidence(
  run: Run,
  item: ReplicatedItem,
  startTime: string | undefined,
  endTime: string | undefined,
): Promise<MachineEvidence> {
  const { siteRecovery } = run.loaded;
  const job = run.jobs.find(({ items }) => items.some(({ id }) => id === item.id))?.job;
  const point = job && protectedItemOf(job, item);
  const name = run.machineName(item);
  const found = name === undefined ? undefined : await findMachine(siteRecovery, item, name);
  const access = found
    ? (run.verified?.(item) ?? (await verifyAccessTo(siteRecovery, found, run.plan, item)))
    : [];
  const recoveryTimeSeconds = job && secondsBetween(startTime, runningSince(job, item));
  const isReached = isPromised({ access }) && isPromiseKept({ access }) && recoveryTimeSeconds !== undefined;
  const recoveryPointId = point?.recoveryPointId ?? item.failoverRecoveryPointId;
  return defined({
    name: item.friendlyName,
    replicatedItemId: item.id,
    bootGroup: run.loaded.bootGroup(item),
    virtualMachineId: found?.id,
    privateIp: found?.privateIp,
    recoveryTimeSeconds,
    reachableTimeSeconds: !isReached
      ? undefined
      : run.wasOpened(item)
        ? Math.max(recoveryTimeSeconds, secondsBetween(startTime, endTime) ?? 0)
        : recoveryTimeSeconds,
    recoveryPointId: recoveryPointId ? nameOf(recoveryPointId) : undefined,
    recoveryPointTime: point?.recoveryPointTime,
    // A planned failover sends the last changes of a source that was shut down: nothing is lost.
    recoveryPointAgeSeconds:
      job?.scenarioName === "PlannedFailover" && run.asked.recoveryPoint !== undefined
        ? 0
        : ageAtStart(point?.recoveryPointTime, startTime),
    access,
  });
}

/** A point that the run itself made ("latest") has age 0 when it starts. */
function ageAtStart(pointTime: string | undefined, startTime: string | undefined): number | undefined {
  const age = secondsBetween(pointTime, startTime);
  return age === undefined ? undefined : Math.max(0, age);
}

async function hashesOf(loaded: LoadedTarget, plan: ConnectivityPlan | undefined): Promise<EvidenceHashes> {
  const { target, siteRecovery } = loaded;
  const ids = [...new Set(loaded.items.flatMap(({ policyId }) => policyId?.toLowerCase() ?? []))].sort();
  const policies = await Promise.all(ids.map(async (id) => (await siteRecovery.findPolicy(id))?.settings ?? id));
  return defined({
    recoveryPlan: target.kind === "recoveryPlan" ? hashOf(withoutCase(target.plan.groups)) : undefined,
    replicationPolicies: ids.length > 0 ? hashOf(policies) : undefined,
    connectivityPlan: plan === undefined ? undefined : hashOf(plan),
  });
}

/** Azure changes the spelling of ids from answer to answer. */
function withoutCase(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === "string" && inner.startsWith("/") ? inner.toLowerCase() : inner,
  ) as unknown;
}

function hashOf(value: unknown): string {
  return `sha256:${createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex")}`;
}

function byTime(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b);
}
