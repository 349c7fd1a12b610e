/** How often to look at something that takes from a second to hours. */
export interface Pacing {
  /** The shortest pause, in milliseconds. */
  floorMs: number;
  /** The longest pause that we choose by ourselves, in milliseconds. */
  ceilingMs: number;
  /** What Azure asked for last (Retry-After), in milliseconds; never undercut. */
  retryAfterMs?: () => number | undefined;
}

/** The part of its age that passes at most before the end of a job is seen. */
const SHARE_OF_AGE = 0.05;

/** The pause before the next look at something that has run for `ageMs`. */
export function pauseMs(pacing: Pacing, ageMs: number): number {
  const chosen = Math.min(pacing.ceilingMs, Math.max(pacing.floorMs, ageMs * SHARE_OF_AGE));
  return Math.max(chosen, pacing.retryAfterMs?.() ?? 0);
}

/**
 * A loop that looks at a changing set of things, one look for all of them, with the pause that the youngest needs. It
 * runs while there is something to look at, and holds the process open only then.
 */
export class Rounds {
  #isRunning = false;
  #wake: (() => void) | undefined;
  readonly #nextPauseMs: () => number | undefined;
  readonly #look: () => Promise<void>;

  /** `nextPauseMs` is undefined when there is nothing left; `look` does not throw. */
  constructor(nextPauseMs: () => number | undefined, look: () => Promise<void>) {
    this.#nextPauseMs = nextPauseMs;
    this.#look = look;
  }

  /** To be called when something was added or removed. */
  changed(): void {
    this.#wake?.();
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      let lookedAt = Date.now();
      for (;;) {
        const pause = this.#nextPauseMs();
        if (pause === undefined) return;
        const remainingMs = lookedAt + pause - Date.now();
        if (remainingMs > 0) {
          await this.#sleep(remainingMs);
          continue;
        }
        await this.#look();
        lookedAt = Date.now();
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Ends early when something changed, since the newcomer may need a shorter pause. */
  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.ceil(ms));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

/** The longest that a timer of Node takes; beyond it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Ends a wait by time or by a signal; the returned function takes both away again. */
export function boundWait(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  onTimeout: () => void,
  onAbort: () => void,
): () => void {
  const timer = setTimeout(onTimeout, Math.max(0, Math.min(LONGEST_TIMER_MS, timeoutMs)));
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) queueMicrotask(onAbort);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
}
