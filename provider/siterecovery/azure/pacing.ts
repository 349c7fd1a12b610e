import { setTimeout as delay } from "node:timers/promises";
import { type SiteRecoveryErrorDetails, Timeout } from "../errors.js";

/** How often to look at something that takes from a second to hours. */
export interface Pacing {
  /** The shortest pause, in milliseconds. */
  floorMs: number;
  /** The longest pause that we choose by ourselves, in milliseconds. */
  ceilingMs: number;
  /** What Azure asked for last (Retry-After), in milliseconds; never undercut. */
  retryAfterMs?: () => number | undefined;
  /** Ends a `pause`: the run is cancelled. */
  signal?: AbortSignal | undefined;
}

/** The part of its age that passes at most before the end of a job is seen. */
const SHARE_OF_AGE = 0.05;

/** The pause before the next look at something that has run for `ageMs`. */
export function pauseMs(pacing: Pacing, ageMs: number): number {
  const chosen = Math.min(pacing.ceilingMs, Math.max(pacing.floorMs, ageMs * SHARE_OF_AGE));
  return Math.max(chosen, pacing.retryAfterMs?.() ?? 0);
}

/** Waits before the next look; ends at once where the run is, or gets, cancelled. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** The same before the next look at something that has run for `ageMs`. */
export function pauseFor(pacing: Pacing, ageMs: number): Promise<void> {
  return pause(pauseMs(pacing, ageMs), pacing.signal);
}

/**
 * Ends a loop that waits for an answer of Azure.
 *
 * @throws Timeout where the run is cancelled
 */
export function requireNotCancelled({ signal }: Pacing, waiting: string, details: SiteRecoveryErrorDetails): void {
  if (signal?.aborted !== true) return;
  throw new Timeout(`${waiting}: stopped waiting, the run is cancelled. Azure goes on.`, {
    ...details,
    code: "WaitStopped",
  });
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
