import { InvalidInput, NotFound, Timeout, Unauthorized } from "../errors.js";
import type { ItemWaitOptions, ReplicatedItem } from "../siteRecovery.js";
import { boundWait, type Pacing, pauseMs, Rounds } from "./pacing.js";

export interface ItemSource {
  relist(): Promise<ReplicatedItem[]>;
  get(id: string): Promise<ReplicatedItem | undefined>;
}

interface Waiter {
  id: string;
  since: number;
  last?: ReplicatedItem;
  missingSince?: number;
  isReached: (item: ReplicatedItem) => boolean;
  onProgress?: (item: ReplicatedItem) => void;
  resolve: (item: ReplicatedItem) => void;
  reject: (error: Error) => void;
}

/** Up to here a GET for each is less than the pages of a vault. */
const MOST_SINGLE_READS = 2;
/** An item appears a moment after its job began. */
const MISSING_BOUND_MS = 60_000;

/** Waits for states of items: however many are waited for, one paged list for each interval tells of all. */
export class ItemWatch {
  readonly #waiters = new Set<Waiter>();
  readonly #rounds: Rounds;
  readonly #source: ItemSource;
  readonly #pacing: Pacing;
  readonly #log: (message: string) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(
    source: ItemSource,
    pacing: Pacing,
    hooks: { log: (message: string) => void; signal?: AbortSignal },
  ) {
    this.#source = source;
    this.#pacing = pacing;
    this.#log = hooks.log;
    this.#signal = hooks.signal;
    this.#rounds = new Rounds(
      () => this.#nextPauseMs(),
      () => this.#look(),
    );
  }

  /** @throws Timeout, NotFound where the item was there and is gone, or does not appear for a minute */
  async wait(
    id: string,
    isReached: (item: ReplicatedItem) => boolean,
    options: ItemWaitOptions,
  ): Promise<ReplicatedItem> {
    return new Promise<ReplicatedItem>((resolve, reject) => {
      const name = id.split("/").at(-1) ?? id;
      const state = (): string =>
        waiter.last === undefined ? "it is not there yet" : `it is ${waiter.last.protectionStateDescription}`;
      const leave = (error: Error): void => {
        this.#end(waiter);
        unbind();
        reject(error);
      };
      const unbind = boundWait(
        options.timeoutMs,
        this.#signal,
        () =>
          leave(
            new Timeout(
              `waiting for replicated item "${name}": ${state()} after ${Math.round(options.timeoutMs / 1000)} s, the bound for waiting (timeoutMinutes or customTimeouts). Azure goes on; run again to go on waiting.`,
              { resourceId: id, code: "WaitTimeout" },
            ),
          ),
        () =>
          leave(
            new Timeout(
              `waiting for replicated item "${name}": stopped waiting while ${state()}. Azure goes on.`,
              {
                resourceId: id,
                code: "WaitStopped",
              },
            ),
          ),
      );
      const waiter: Waiter = {
        id,
        since: Date.now(),
        isReached,
        onProgress: options.onProgress,
        resolve: (item) => {
          unbind();
          resolve(item);
        },
        reject: leave,
      };
      this.#waiters.add(waiter);
      this.#rounds.changed();
    });
  }

  #nextPauseMs(): number | undefined {
    const now = Date.now();
    let least: number | undefined;
    for (const { since } of this.#waiters) {
      const pause = pauseMs(this.#pacing, now - since);
      if (least === undefined || pause < least) least = pause;
    }
    return least;
  }

  async #look(): Promise<void> {
    const waiters = [...this.#waiters];
    const ids = new Map(waiters.map(({ id }) => [id.toLowerCase(), id]));
    try {
      const found =
        ids.size <= MOST_SINGLE_READS
          ? await Promise.all([...ids.values()].map((id) => this.#source.get(id)))
          : await this.#source.relist();
      const items = new Map<string, ReplicatedItem>();
      for (const item of found) if (item !== undefined) items.set(item.id.toLowerCase(), item);
      for (const waiter of waiters) this.#report(waiter, items.get(waiter.id.toLowerCase()));
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      const isFinal =
        reason instanceof Unauthorized || reason instanceof InvalidInput || reason instanceof NotFound;
      if (isFinal) for (const waiter of waiters) waiter.reject(reason);
      else this.#log(`looking at replicated items failed, looking again: ${reason.message}`);
    }
  }

  #report(waiter: Waiter, item: ReplicatedItem | undefined): void {
    if (!this.#waiters.has(waiter)) return;
    try {
      if (item === undefined) {
        waiter.missingSince ??= Date.now();
        const wasThere = waiter.last !== undefined;
        if (!wasThere && Date.now() - waiter.missingSince < MISSING_BOUND_MS) return;
        waiter.reject(
          new NotFound(
            `waiting for replicated item "${waiter.id.split("/").at(-1)}": it ${wasThere ? "is gone" : `has not appeared for ${MISSING_BOUND_MS / 1000} s`}. Look for its job in the vault.`,
            { resourceId: waiter.id, code: "ItemNotFound" },
          ),
        );
        return;
      }
      waiter.last = item;
      waiter.missingSince = undefined;
      if (waiter.isReached(item)) {
        this.#end(waiter);
        waiter.resolve(item);
      } else waiter.onProgress?.(item);
    } catch (error) {
      // The caller's own functions may throw, and that must not end the waits of others.
      waiter.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #end(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    this.#rounds.changed();
  }
}
