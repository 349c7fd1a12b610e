import { randomUUID } from "node:crypto";
import { Conflict, NotFound, SiteRecoveryError, Unclear } from "../errors.js";
import type { Job, WaitOptions } from "../siteRecovery.js";
import type { Accepted, ArmClient, Send } from "./armClient.js";
import { type Doing, jobFailure } from "./failures.js";
import type { JobSearch } from "./jobSearch.js";
import type { JobWatch } from "./jobWatch.js";
import { type Pacing, pauseFor } from "./pacing.js";
import { isSuccess, startedJob } from "./readJob.js";

export interface WriteSettings {
  vaultId: string;
  /** For what shows in a moment. */
  shortPacing: Pacing;
  /** How long a removal whose answer was lost is looked after and sent again. */
  maxOutageMs: number;
  log: (message: string) => void;
  /** Told of every id that a write changes, before it is sent and when it was taken. */
  touch: (id: string) => void;
}

/** How often a resource whose job succeeded is looked for before that counts as an error. */
const LOOKS_AFTER_SUCCESS = 10;

/** Sends writes and finds their jobs, also where an answer was lost. */
export class VaultWrites {
  /** Jobs that this process started, and the id that each works on. */
  readonly started = new Map<string, string>();
  readonly #arm: ArmClient;
  readonly #jobs: JobWatch;
  readonly #search: JobSearch;
  readonly #settings: WriteSettings;

  constructor(arm: ArmClient, jobs: JobWatch, search: JobSearch, settings: WriteSettings) {
    this.#arm = arm;
    this.#jobs = jobs;
    this.#search = search;
    this.#settings = settings;
  }

  /** Sends a write that may be repeated, and waits for the end of its job. @throws JobFailed, Timeout */
  async write(what: Doing, options: WaitOptions, send: Send): Promise<void> {
    await this.#finish(what, options, await this.#accept(what, send, randomUUID(), true));
  }

  /** The same for a removal: already gone is success. */
  async remove(what: Doing, options: WaitOptions, send: Send): Promise<void> {
    let accepted: Accepted;
    try {
      accepted = await this.#accept(what, send, randomUUID(), true);
    } catch (error) {
      if (error instanceof NotFound) return;
      throw error;
    }
    await this.#finish(what, options, accepted);
  }

  /**
   * A removal that Azure takes as a POST, which is not repeated on the way. Removing twice does no harm, so a lost
   * answer is looked after here: its job, else what became of the thing, else it is sent once more.
   *
   * @param look what became of it: the job that removes it, "gone", or undefined where it is as it was
   * @returns undefined where it is gone
   */
  async startRemoval(
    what: Doing,
    send: Send,
    look: () => Promise<Job | "gone" | undefined>,
  ): Promise<Job | undefined> {
    const startedAt = Date.now();
    for (;;) {
      try {
        const { jobName } = await this.#accept(what, send, randomUUID(), true);
        return jobName === undefined ? undefined : startedJob(jobName, this.#settings.vaultId);
      } catch (error) {
        if (error instanceof NotFound) return undefined;
        if (!(error instanceof Unclear) || Date.now() - startedAt > this.#settings.maxOutageMs) throw error;
        const found = await look();
        if (found !== undefined) return found === "gone" ? undefined : found;
        await pauseFor(this.#settings.shortPacing, Date.now() - startedAt);
      }
    }
  }

  /**
   * Lets a job go on that waits for a person. Where the answer was lost, the job itself tells whether it was heard.
   *
   * @param isWaiting whether the job still waits
   */
  async resume(what: Doing, send: Send, isWaiting: () => Promise<boolean>): Promise<void> {
    const startedAt = Date.now();
    for (;;) {
      const outcome = await this.#arm.send(what, send, randomUUID());
      if (outcome.kind === "accepted" || !(await isWaiting())) return;
      const { error } = outcome;
      if (!(error instanceof Unclear) || Date.now() - startedAt > this.#settings.maxOutageMs) throw error;
      await pauseFor(this.#settings.shortPacing, Date.now() - startedAt);
    }
  }

  async #finish(what: Doing, options: WaitOptions, { jobName }: Accepted): Promise<void> {
    if (jobName === undefined) return;
    const job = await this.#jobs.wait(jobName, options, true);
    if (!isSuccess(job)) throw jobFailure(job, what);
  }

  /** The end of a removal. @throws JobFailed, Timeout */
  async finishRemoval(what: Doing, options: WaitOptions, job: Job | undefined): Promise<void> {
    await this.#finish(what, options, job === undefined ? {} : { jobName: job.name });
  }

  /**
   * Sends a request that starts a job.
   *
   * @param isOfThisCall whether the mark is of this call alone: then a job that has ended already is its own too
   * @throws Unclear where nobody knows whether it did
   */
  async start(what: Doing, send: Send, mark: string, isOfThisCall = false): Promise<Job> {
    const { jobName } = await this.#accept(what, send, mark, isOfThisCall);
    if (jobName !== undefined) return startedJob(jobName, this.#settings.vaultId);
    throw new Unclear(
      `${what.operation} ${what.kind} "${what.name}": Azure took the request and named no job. Look at the target before it is sent again.`,
      { resourceId: what.id, operation: what.operation, code: "NoJob" },
    );
  }

  /** What a write made. Azure answers reads of it a moment after its job has ended. */
  async written<T>(what: Doing, read: () => Promise<T | undefined>): Promise<T> {
    const startedAt = Date.now();
    for (let look = 0; look < LOOKS_AFTER_SUCCESS; look++) {
      if (look > 0) await pauseFor(this.#settings.shortPacing, Date.now() - startedAt);
      const found = await read();
      if (found !== undefined) return found;
    }
    throw new NotFound(
      `${what.operation} ${what.kind} "${what.name}": Azure says that it is done, and it is not there. Run again in a moment.`,
      { resourceId: what.id, operation: what.operation, code: "NotVisible" },
    );
  }

  /**
   * Where an answer was lost, or a repetition was refused because the first try had arrived, the job that the request
   * started is looked for by its client request id.
   *
   * @param isMarkOurs a mark that the caller chose may be that of an earlier run whose job has ended: that one is not ours
   */
  async #accept(what: Doing, send: Send, mark: string, isMarkOurs: boolean): Promise<Accepted> {
    const { touch, log } = this.#settings;
    if (what.id !== undefined) touch(what.id);
    const outcome = await this.#arm.send(what, send, mark);
    let accepted: Accepted;
    if (outcome.kind === "accepted") accepted = outcome.accepted;
    else {
      const { error, mayHaveArrived } = outcome;
      const isLost = error instanceof Unclear || (mayHaveArrived && error instanceof SiteRecoveryError);
      const own = isLost ? await this.#findOwn(mark, isMarkOurs) : undefined;
      if (own === undefined) throw mayHaveArrived && error instanceof Conflict ? asUnclear(what, error) : error;
      log(`${what.operation} ${what.kind} "${what.name}": the answer was lost, job ${own.name} found`);
      accepted = { jobName: own.name };
    }
    if (what.id !== undefined) {
      touch(what.id);
      if (accepted.jobName !== undefined) this.started.set(accepted.jobName, what.id);
    }
    return accepted;
  }

  /** A look that fails must not hide that the request itself is unclear. */
  async #findOwn(mark: string, alsoEnded: boolean): Promise<Job | undefined> {
    try {
      return await this.#search.findOwn(mark, alsoEnded);
    } catch (error) {
      this.#settings.log(`looking for the job of a lost answer failed: ${String(error)}`);
      return undefined;
    }
  }
}

function asUnclear(what: Doing, error: Conflict): Unclear {
  return new Unclear(`${error.message} An earlier try of the same request may have arrived: look at the target.`, {
    code: error.code,
    resourceId: what.id,
    operation: what.operation,
    requestId: error.requestId,
    cause: error,
  });
}
