import type { Clock } from "./core.js";

/** A clock as the state file holds it: where it stood when it was written, and how it runs. */
export interface ClockState {
  /** Simulated milliseconds since 1970. */
  time: number;
  /** Simulated seconds for each real one while not frozen, above 0. */
  speed: number;
  frozen: boolean;
}

/**
 * Simulated time: real time multiplied by a speed, from a moment on that `set` and `advance` can move forwards. Time
 * never goes back: a job that ended stays ended.
 */
export class SimulatedClock implements Clock {
  #state: ClockState;
  /** Real milliseconds at which `#state.time` was true. */
  #anchor: number;
  #pinned: number | undefined;

  /** @param realNow a monotonic source of real milliseconds. */
  constructor(
    state: ClockState,
    private readonly realNow: () => number,
  ) {
    this.#state = { ...state };
    this.#anchor = realNow();
  }

  now(): number {
    return this.#pinned ?? this.running();
  }

  get speed(): number {
    return this.#state.frozen ? 0 : this.#state.speed;
  }

  /** The speed asked for, also while frozen. */
  get configuredSpeed(): number {
    return this.#state.speed;
  }

  get frozen(): boolean {
    return this.#state.frozen;
  }

  /** Everything that `work` does sees this one time: what happens within a request or an event is simultaneous. */
  pin<T>(time: number, work: () => T): T {
    const outer = this.#pinned;
    this.#pinned = time;
    try {
      return work();
    } finally {
      this.#pinned = outer;
    }
  }

  /** Changes how the clock runs; `time` must not lie before now. */
  change(change: { frozen?: boolean; speed?: number; time?: number }): void {
    const now = this.running();
    this.#state = {
      time: Math.max(now, change.time ?? now),
      speed: change.speed ?? this.#state.speed,
      frozen: change.frozen ?? this.#state.frozen,
    };
    this.#anchor = this.realNow();
  }

  /** The clock goes on from a saved state; the real time that has passed since does not count. */
  restore(state: ClockState): void {
    this.#state = { ...state };
    this.#anchor = this.realNow();
  }

  toState(): ClockState {
    return { ...this.#state, time: this.running() };
  }

  private running(): number {
    if (this.#state.frozen) return this.#state.time;
    return Math.floor(this.#state.time + (this.realNow() - this.#anchor) * this.#state.speed);
  }
}
