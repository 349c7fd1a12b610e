import { Conflict } from "../errors.js";
import { type Job, sameId, type Target } from "../siteRecovery.js";
import { isVmmToVmm } from "./actionInputs.js";
import { type Pacing, pauseFor, requireNotCancelled } from "./pacing.js";
import { isEnded, isUnnamed, type WireJob } from "./readJob.js";

export interface JobLists {
  /** Jobs of one state, or of all; always asked for after the call. */
  list(state?: "NotStarted" | "InProgress"): Promise<WireJob[]>;
  get(name: string): Promise<WireJob | undefined>;
}

/** How long a job may stay unnamed, or hidden, before we stop looking. */
const UNNAMED_BOUND_MS = 60_000;
/** How often we look for the job of a request whose answer was lost. */
const LOOKS_FOR_OWN = 3;

/** Shares one run of a read among all who ask while it has not begun; an answer never begins before its question. */
export class Batched<T> {
  #running: Promise<unknown> | undefined;
  #next: Promise<T> | undefined;
  readonly #read: () => Promise<T>;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  ask(): Promise<T> {
    if (this.#next !== undefined) return this.#next;
    const before = this.#running ?? Promise.resolve();
    const next = before
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        const run = this.#read();
        this.#running = run;
        return run;
      });
    this.#next = next;
    return next;
  }
}

/** Finds jobs by what they work on, or by the request that started them. */
export class JobSearch {
  readonly #lists: JobLists;
  /** Whether the second id is that of the copy of the first: asked once. */
  readonly #copies = new Map<string, boolean>();
  readonly #pacing: Pacing;

  constructor(lists: JobLists, pacing: Pacing) {
    this.#lists = lists;
    this.#pacing = pacing;
  }

  /**
   * The open job on a target as it was just read. A job that is not yet named may be on any target, so it is waited for
   * until Azure says what it is.
   *
   * @param isElsewhere true for jobs that are known to work on another target
   * @throws Conflict where something runs and Azure does not say what within a minute
   */
  async findOpen(target: Target, isElsewhere: (jobName: string) => boolean): Promise<Job | undefined> {
    const scenario = target.kind === "replicatedItem" ? target.item.currentScenario : target.plan.currentScenario;
    if (scenario !== undefined) {
      const job = await this.#untilVisible(scenario.jobName);
      if (job === undefined) throw busyWithUnknown(target, scenario.jobName);
      if (!isEnded(job)) return this.#untilNamed(target, job);
      // A target still names its last job for a moment after that has ended.
    }
    const open = await this.listOpen();
    const copies = await this.#copiesOf(target, open);
    for (const job of open) {
      if (isOn(job, target, copies)) return this.#untilNamed(target, job);
      if (!isUnnamed(job) || job.targetObjectId !== undefined || isElsewhere(job.name)) continue;
      const named = await this.#untilNamed(target, job);
      if (named !== undefined && isOn(named, target, copies)) return named;
    }
    return undefined;
  }

  /** Jobs not yet ended, in one look: NotStarted first, so that one that starts between the two lists is in the second. */
  async listOpen(): Promise<WireJob[]> {
    const waiting = await this.#lists.list("NotStarted");
    const running = await this.#lists.list("InProgress");
    const byName = new Map([...waiting, ...running].map((job) => [job.name, job]));
    return [...byName.values()].filter((job) => !isEnded(job));
  }

  /** Jobs of a target, newest first. */
  async listOf(target: Target, scenarioName?: string): Promise<Job[]> {
    const jobs = await this.#lists.list();
    const copies = await this.#copiesOf(target, jobs);
    return jobs
      .filter(
        (job) => isOn(job, target, copies) && (scenarioName === undefined || job.scenarioName === scenarioName),
      )
      .sort((a, b) => (b.startTime ?? "").localeCompare(a.startTime ?? ""));
  }

  /** The job that a request of ours started although its answer was lost, by the client request id. */
  async findOwn(mark: string, alsoEnded: boolean): Promise<Job | undefined> {
    const startedAt = Date.now();
    for (let look = 0; look < LOOKS_FOR_OWN; look++) {
      if (look > 0) await pauseFor(this.#pacing, Date.now() - startedAt);
      const jobs = alsoEnded ? await this.#lists.list() : await this.listOpen();
      const own = jobs.find(
        ({ activityId }) => activityId === mark || activityId?.startsWith(`${mark} `) === true,
      );
      if (own !== undefined) return own;
    }
    return undefined;
  }

  /**
   * The ids that jobs call a machine's copy by. Between two VMM sites a job names the machine of the side that sends
   * (recorded): once it replicates back, that is the copy, of which the item does not tell the id and the list of jobs no
   * more than the name. One job of each other id is asked for both.
   */
  async #copiesOf(target: Target, jobs: readonly WireJob[]): Promise<readonly string[]> {
    if (target.kind !== "replicatedItem" || !isVmmToVmm(target.item.instanceType)) return [];
    const { friendlyName, internalId } = target.item;
    const candidates = new Map(
      jobs
        .filter((job) => sameId(job.targetObjectName, friendlyName) && !isOn(job, target, []))
        .map((job) => [job.targetObjectId?.toLowerCase() ?? "", job.name]),
    );
    const found: string[] = [];
    for (const [id, name] of candidates) {
      const key = `${internalId?.toLowerCase()} ${id}`;
      const isCopy = this.#copies.get(key) ?? (await this.#isCopy(internalId, name));
      this.#copies.set(key, isCopy);
      if (isCopy) found.push(id);
    }
    return found;
  }

  async #isCopy(internalId: string | undefined, jobName: string): Promise<boolean> {
    const job = await this.#lists.get(jobName);
    return job?.machineIds?.some((id) => sameId(id, internalId)) ?? false;
  }

  async #untilVisible(name: string): Promise<WireJob | undefined> {
    const startedAt = Date.now();
    for (;;) {
      const job = await this.#lists.get(name);
      if (job !== undefined || Date.now() - startedAt > UNNAMED_BOUND_MS) return job;
      requireNotCancelled(this.#pacing, `waiting for job "${name}" to be seen`, {});
      await pauseFor(this.#pacing, Date.now() - startedAt);
    }
  }

  /** The job once Azure says what it is; undefined where it ended meanwhile. */
  async #untilNamed(target: Target, job: WireJob): Promise<WireJob | undefined> {
    const startedAt = Date.now();
    let seen: WireJob | undefined = job;
    while (seen !== undefined && isUnnamed(seen) && !isEnded(seen)) {
      if (Date.now() - startedAt > UNNAMED_BOUND_MS) throw busyWithUnknown(target, job.name);
      requireNotCancelled(this.#pacing, `waiting for the name of job "${job.name}"`, {});
      await pauseFor(this.#pacing, Date.now() - startedAt);
      seen = await this.#lists.get(job.name);
    }
    return seen === undefined || isEnded(seen) ? undefined : seen;
  }
}

/** A job names an item by its internal id, or by that of its copy, a plan by id or name. */
function isOn(job: WireJob, target: Target, copies: readonly string[]): boolean {
  const { targetObjectId, targetObjectName, targetInstanceType } = job;
  if (target.kind === "replicatedItem") {
    const { id, name, internalId } = target.item;
    if (targetInstanceType === "RecoveryPlan") return false;
    return [internalId, id, name, ...copies].some((each) => sameId(targetObjectId, each));
  }
  const { id, name } = target.plan;
  if (targetInstanceType !== undefined && targetInstanceType !== "RecoveryPlan") return false;
  return sameId(targetObjectId, id) || sameId(targetObjectId, name) || sameId(targetObjectName, name);
}

function busyWithUnknown(target: Target, jobName: string): Conflict {
  const { name, id } = target.kind === "replicatedItem" ? target.item : target.plan;
  const kind = target.kind === "replicatedItem" ? "replicated item" : "recovery plan";
  return new Conflict(
    `looking for the open job of ${kind} "${name}": job "${jobName}" runs in the vault, and Azure does not say what it is. Look at it in the portal, and run again when it has ended.`,
    { resourceId: id, code: "JobUnnamed" },
  );
}
