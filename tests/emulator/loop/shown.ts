/** What Azure shows of machines, plans and jobs, read without any code of the provider. */

import type { Emulator, LogEntry } from "../../../rehearsal/emulator/index.js";
import { vaultId } from "./rings.js";

export interface Machine {
  id: string;
  name: string;
  stage: string;
  /** ISO 8601; undefined = Azure names no failover, which a reprotect of VMware machines makes it forget. */
  failedOver: string | undefined;
  /** Azure offers nothing: something runs on it. */
  isBusy: boolean;
}

interface Shown {
  friendlyName: string;
  activeLocation: string;
  allowedOperations: string[];
  lastSuccessfulFailoverTime?: string;
  providerSpecificDetails: { instanceType: string };
}

interface PlanShown {
  groups: { groupType: string; replicationProtectedItems: { id: string; virtualMachineId: string }[] }[];
}

export class AzureShown {
  constructor(private readonly emulator: Emulator) {}

  /** The machines of a target, in boot order. */
  async machines(targetId: string): Promise<Machine[]> {
    return Promise.all((await this.members(targetId)).map((id) => this.machine(id)));
  }

  async machine(id: string): Promise<Machine> {
    const shown = await this.get<Shown>(id);
    return {
      id,
      name: shown.friendlyName,
      stage: stageShown(shown),
      failedOver: shown.lastSuccessfulFailoverTime,
      isBusy: shown.allowedOperations.length === 0,
    };
  }

  async members(targetId: string): Promise<string[]> {
    if (!isPlan(targetId)) return [targetId];
    const { groups } = await this.get<PlanShown>(targetId);
    return groups.flatMap((group) =>
      group.replicationProtectedItems.map(({ id }) => id.replace(/^\/Subscriptions\//, "/subscriptions/")),
    );
  }

  /** Takes the last machine of the last group out of a plan, or puts it there again; false where Azure refuses. */
  async toggleLastMember(planId: string, all: readonly string[]): Promise<boolean> {
    const { groups } = await this.get<PlanShown>(planId);
    const last = all.at(-1) ?? "";
    const isIn = groups.some((group) => group.replicationProtectedItems.some(({ id }) => sameId(id, last)));
    const lastGroup = groups.at(-1);
    if (!lastGroup) return false;
    lastGroup.replicationProtectedItems = isIn
      ? lastGroup.replicationProtectedItems.filter(({ id }) => !sameId(id, last))
      : [...lastGroup.replicationProtectedItems, { id: last, virtualMachineId: "" }];
    const response = await fetch(this.url(planId), {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ properties: { groups } }),
    });
    return response.ok;
  }

  /** True while a job that works on one of these machines waits for a person. */
  isWaiting(machines: readonly string[]): boolean {
    const names = machines.map((id) => lastOf(id).toLowerCase());
    return this.jobs().some(
      (job) => job.state === "Suspended" && job.items.some((key) => names.includes(lastOf(key).toLowerCase())),
    );
  }

  /** How the job ended that a request started; undefined while it runs. */
  endOf({ clientRequestId }: LogEntry): string | undefined {
    if (clientRequestId === undefined) return undefined;
    const wanted = clientRequestId.toLowerCase();
    return this.jobs().find((job) => job.endedAt !== null && job.activityId.toLowerCase().startsWith(wanted))
      ?.state;
  }

  private jobs() {
    return Object.values(this.emulator.world.state.siteRecovery.vaults).flatMap(({ jobs }) => Object.values(jobs));
  }

  private url(id: string): string {
    return `${this.emulator.origin}${id}?api-version=2023-06-01`;
  }

  private async get<T>(id: string): Promise<T> {
    const response = await fetch(this.url(id));
    if (!response.ok) throw new Error(`GET ${id}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { properties: T }).properties;
  }
}

/** The stage by a table of its own: the test does not trust the reading that it tests. */
function stageShown({
  activeLocation,
  allowedOperations,
  providerSpecificDetails: { instanceType },
}: Shown): string {
  const has = (operation: string) => allowedOperations.includes(operation);
  const isInAzure = activeLocation === "Recovery";
  if (instanceType === "InMageRcmFailback" || instanceType === "InMage") {
    if (has("Commit")) return "failedBack";
    return isInAzure ? "failbackCommitted" : "reprotected";
  }
  if (instanceType === "HyperVReplicaAzure") {
    if (has("Commit")) return isInAzure ? "failedOver" : "failedBack";
    if (has("ReverseReplicate")) return "failbackCommitted";
    return isInAzure ? "committed" : "protected";
  }
  if (instanceType === "HyperVReplica2012R2") {
    if (has("Commit")) return isInAzure ? "failedOver" : "failedBack";
    if (has("ReverseReplicate")) return isInAzure ? "committed" : "failbackCommitted";
    return isInAzure ? "reprotected" : "protected";
  }
  if (has("Commit")) return "failedOver";
  return isInAzure ? "committed" : "protected";
}

/** A start that Azure took. */
export function isStart({ method, status, path }: LogEntry): boolean {
  return method === "POST" && status === 202 && path.startsWith(vaultId);
}

/** A write that Azure refused, a cancelled job, a machine taken out of replication. */
export function isWrong({ method, status, path }: LogEntry): boolean {
  if (!path.startsWith(vaultId) || method === "GET") return false;
  return status >= 400 || /\/(cancel|remove|purge)$/i.test(path);
}

export function actionOf({ path }: Pick<LogEntry, "path">): string {
  return lastOf(path);
}

/** The item or plan that a start is for. */
export function targetOf({ path }: Pick<LogEntry, "path">): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** A request, as a failing test names it. */
export function words({ method, status, path }: LogEntry): string {
  const [action, target, kind] = path.split("/").reverse();
  return `${method} ${kind === "replicationJobs" ? "job" : target}/${action} ${status}`;
}

export function isPlan(targetId: string): boolean {
  return targetId.includes("/replicationRecoveryPlans/");
}

function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function lastOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
