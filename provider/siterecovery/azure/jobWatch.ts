import { InvalidInput, NotFound, Timeout, Unauthorized } from "../errors.js";
import type { Job, JobTask, WaitOptions } from "../siteRecovery.js";
import { boundWait, type Pacing, pauseMs, Rounds } from "./pacing.js";
import { isEnded, isSuspended, type WireJob } from "./readJob.js";

export interface JobSource {
  /** The jobs of the vault that run, by pages, without tasks. */
  listRunning(): Promise<WireJob[]>;
  /** The same for jobs that have not begun. */
  listWaiting(): Promise<WireJob[]>;
  get(name: string): Promise<WireJob | undefined>;
}

interface Waiter {
  onProgress?: (job: Job) => void;
  resolve: (job: Job) => void;
  reject: (error: Error) => void;
}

interface Watched {
  name: string;
  since: number;
  waiters: Set<Waiter>;
  last?: WireJob;
  /** What `onProgress` was last told of. */
  told: string;
  detailedAt: number;
  missingSince?: number;
  isBeingRead: boolean;
}

/** A job that was just started may not be listed or readable yet. */
const MISSING_BOUND_MS = 120_000;
/** Task details cost one GET for each job, so they are asked for in every third round only. */
const DETAIL_ROUNDS = 3;
const READS_AT_ONCE = 8;
/** Above this many jobs that do not run, a list of those not yet begun is less than a GET for each. */
const MOST_SINGLE_READS = 3;

/**
 * The vault's one poller: however many jobs are waited for, one list for each interval tells which still run, and a job
 * that runs no more is read once, by itself. It looks at jobs, never at the operation's status, which says
 * "Succeeded" for jobs that did half of their work.
 */
export class JobWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #rounds: Rounds;
  readonly #source: JobSource;
  readonly #pacing: Pacing;
  readonly #log: (message: string) => void;
  readonly #onEnd: (job: Job) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(
    source: JobSource,
    pacing: Pacing,
    hooks: { log: (message: string) => void; onEnd: (job: Job) => void; signal?: AbortSignal },
  ) {
    this.#source = source;
    this.#pacing = pacing;
    this.#log = hooks.log;
    this.#onEnd = hooks.onEnd;
    this.#signal = hooks.signal;
    this.#rounds = new Rounds(
      () => this.#nextPauseMs(),
      () => this.#look(),
    );
  }

  /**
   * Waits until a job has ended, well or badly, or waits for a person (`Suspended`).
   *
   * @param isFresh false for a job of an earlier run: it may have ended long ago, so it is read at once.
   * @throws Timeout at the bound or when the signal is aborted: the job goes on.
   * @throws NotFound where the job is not to be seen for two minutes.
   */
  wait(name: string, options: WaitOptions, isFresh: boolean): Promise<Job> {
    const key = name.toLowerCase();
    let watched = this.#watched.get(key);
    if (watched === undefined) {
      const now = Date.now();
      watched = { name, since: now, waiters: new Set(), told: "", detailedAt: now, isBeingRead: false };
      this.#watched.set(key, watched);
    }
    const entry = watched;
    const ended = new Promise<Job>((resolve, reject) => {
      const leave = (error: Timeout): void => {
        unbind();
        this.#leave(entry, waiter);
        reject(error);
      };
      const state = (): string => `job ${name} is ${entry.last?.state ?? "not yet seen"}`;
      const unbind = boundWait(
        options.timeoutMs,
        this.#signal,
        () =>
          leave(
            new Timeout(
              `waiting for job "${name}": ${state()} after ${Math.round(options.timeoutMs / 1000)} s, the bound for waiting (timeoutMinutes or customTimeouts). Azure goes on with it; run again to go on waiting.`,
              { jobName: name, code: "WaitTimeout" },
            ),
          ),
        () =>
          leave(
            new Timeout(`waiting for job "${name}": stopped waiting while ${state()}. Azure goes on with it.`, {
              jobName: name,
              code: "WaitStopped",
            }),
          ),
      );
      const waiter: Waiter = {
        onProgress: options.onProgress,
        resolve: (job) => {
          unbind();
          resolve(job);
        },
        reject: (error) => {
          unbind();
          reject(error);
        },
      };
      entry.waiters.add(waiter);
    });
    if (!isFresh && watched.last === undefined) void this.#read(watched);
    this.#rounds.changed();
    return ended;
  }

  #nextPauseMs(): number | undefined {
    const now = Date.now();
    let least: number | undefined;
    for (const { since } of this.#watched.values()) {
      const pause = pauseMs(this.#pacing, now - since);
      if (least === undefined || pause < least) least = pause;
    }
    return least;
  }

  async #look(): Promise<void> {
    let listed: Map<string, WireJob>;
    try {
      listed = new Map((await this.#source.listRunning()).map((job) => [job.name.toLowerCase(), job]));
      const absent = [...this.#watched.keys()].filter((key) => !listed.has(key)).length;
      if (absent > MOST_SINGLE_READS) {
        for (const job of await this.#source.listWaiting()) listed.set(job.name.toLowerCase(), job);
      }
    } catch (error) {
      this.#failedLook(error, [...this.#watched.values()]);
      return;
    }
    const toRead: Watched[] = [];
    for (const [key, watched] of this.#watched) {
      const job = listed.get(key);
      const isListening = [...watched.waiters].some(({ onProgress }) => onProgress !== undefined);
      if (job === undefined || isEnded(job) || isSuspended(job)) toRead.push(watched);
      else {
        watched.missingSince = undefined;
        watched.last = { ...job, tasks: watched.last?.tasks ?? [] };
        if (isListening && this.#isDetailDue(watched)) toRead.push(watched);
      }
    }
    const queue = toRead.filter(({ isBeingRead }) => !isBeingRead);
    await Promise.all(
      Array.from({ length: Math.min(READS_AT_ONCE, queue.length) }, async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) await this.#read(next);
      }),
    );
  }

  #isDetailDue(watched: Watched): boolean {
    const now = Date.now();
    return now - watched.detailedAt >= (DETAIL_ROUNDS - 1) * pauseMs(this.#pacing, now - watched.since);
  }

  async #read(watched: Watched): Promise<void> {
    watched.isBeingRead = true;
    try {
      const job = await this.#source.get(watched.name);
      watched.detailedAt = Date.now();
      if (job === undefined) this.#missing(watched);
      else this.#seen(watched, job);
    } catch (error) {
      this.#failedLook(error, [watched]);
    } finally {
      watched.isBeingRead = false;
    }
  }

  #seen(watched: Watched, job: WireJob): void {
    watched.last = job;
    watched.missingSince = undefined;
    const told = signature(job.tasks);
    if (told !== watched.told) {
      watched.told = told;
      for (const { onProgress } of watched.waiters) this.#tell(onProgress, job);
    }
    if (!isEnded(job) && !isSuspended(job)) return;
    this.#watched.delete(watched.name.toLowerCase());
    this.#onEnd(job);
    for (const { resolve } of watched.waiters) resolve(job);
    this.#rounds.changed();
  }

  #missing(watched: Watched): void {
    watched.missingSince ??= Date.now();
    if (Date.now() - watched.missingSince < MISSING_BOUND_MS) return;
    this.#fail(
      watched,
      new NotFound(
        `waiting for job "${watched.name}": Azure took the request, and the job is not to be seen for ${MISSING_BOUND_MS / 1000} s. Look at the target before it is started again.`,
        { code: "JobNotFound" },
      ),
    );
  }

  /** A look that failed for want of rights ends the waits; one that failed on the way is tried again. */
  #failedLook(error: unknown, concerned: Watched[]): void {
    const reason = error instanceof Error ? error : new Error(String(error));
    const isFinal = reason instanceof Unauthorized || reason instanceof InvalidInput || reason instanceof NotFound;
    if (!isFinal) {
      this.#log(`looking at jobs failed, looking again: ${reason.message}`);
      return;
    }
    for (const watched of concerned) this.#fail(watched, reason);
  }

  #fail(watched: Watched, error: Error): void {
    this.#watched.delete(watched.name.toLowerCase());
    for (const { reject } of watched.waiters) reject(error);
    this.#rounds.changed();
  }

  #leave(watched: Watched, waiter: Waiter): void {
    watched.waiters.delete(waiter);
    if (watched.waiters.size > 0 || this.#watched.get(watched.name.toLowerCase()) !== watched) return;
    this.#watched.delete(watched.name.toLowerCase());
    this.#rounds.changed();
  }

  #tell(onProgress: Waiter["onProgress"], job: Job): void {
    try {
      onProgress?.(job);
    } catch (error) {
      this.#log(`a listener of job ${job.name} failed: ${String(error)}`);
    }
  }
}

function signature(tasks: JobTask[]): string {
  return tasks.map((task) => `${task.name}=${task.state}(${signature(task.children)})`).join(",");
}
