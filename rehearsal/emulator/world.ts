import { createHash } from "node:crypto";
import { type ClockState, SimulatedClock } from "./clock.js";
import type { State, TimelineEvent, TimelineHandler, World } from "./core.js";
import type { Json } from "./json.js";
import { ResourceStore } from "./store.js";

/** What the state file and `/_emulator/state` hold: everything, so that a run goes on from it alone. */
export interface SavedState extends State {
  clock: ClockState;
  /** Makes the GUIDs, together with `counters.guid`. */
  seed: number;
  results: Record<string, { [key: string]: Json }>;
}

export interface WorldOptions {
  /** What Site Recovery's side remembers at the start. */
  siteRecovery: State["siteRecovery"];
  /** Default 1. */
  seed?: number;
  /** Simulated milliseconds since 1970; default: the real time. */
  startTime?: number;
  /** Default 1. */
  speed?: number;
  /** Default false. */
  frozen?: boolean;
  timeline?: Record<string, TimelineHandler>;
  /** Real milliseconds, monotonic; for tests. */
  realNow?: () => number;
}

/** The world of one emulator: operations see it as `World`, the server and the admin API see all of it. */
export class EmulatorWorld implements World {
  readonly clock: SimulatedClock;
  #state: SavedState;
  #arm: ResourceStore;
  readonly #timeline: Record<string, TimelineHandler>;

  constructor(options: WorldOptions) {
    const clock: ClockState = {
      time: options.startTime ?? Date.now(),
      speed: options.speed ?? 1,
      frozen: options.frozen ?? false,
    };
    this.clock = new SimulatedClock(clock, options.realNow ?? (() => performance.now()));
    this.#timeline = options.timeline ?? {};
    this.#state = emptyState(clock, options.seed ?? 1, options.siteRecovery);
    this.#arm = new ResourceStore(this.#state.arm);
  }

  get state(): SavedState {
    return this.#state;
  }

  get arm(): ResourceStore {
    return this.#arm;
  }

  schedule(at: number, kind: string, data: { [key: string]: Json }): void {
    const event: TimelineEvent = {
      at: Math.max(at, this.clock.now()),
      sequence: this.count("sequence"),
      kind,
      data,
    };
    const timeline = this.#state.timeline;
    // Kept in order: the new event has the highest sequence, so it follows all that are due no later.
    let low = 0;
    let high = timeline.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((timeline[middle]?.at ?? 0) <= event.at) low = middle + 1;
      else high = middle;
    }
    timeline.splice(low, 0, event);
  }

  newGuid(): string {
    const hash = createHash("sha256")
      .update(`${this.#state.seed}:${this.count("guid")}`)
      .digest("hex");
    const variant = ((Number.parseInt(hash.slice(16, 17), 16) & 3) | 8).toString(16);
    return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  }

  retryAfterSeconds(): number {
    return Math.floor(30 / Math.max(1, this.clock.configuredSpeed));
  }

  /** The next number of a named series, from 1. */
  count(series: string): number {
    const next = (this.#state.counters[series] ?? 0) + 1;
    this.#state.counters[series] = next;
    return next;
  }

  /**
   * Runs what is due, in order of time and of scheduling; an event may schedule more. While an event runs, the clock
   * stands at the event's own time. Returns how many ran. An event that throws stays out of the timeline: the error
   * goes to the caller, and the next call goes on behind it.
   */
  settle(until = this.clock.now()): number {
    let ran = 0;
    for (;;) {
      const event = this.#state.timeline[0];
      if (!event || event.at > until) return ran;
      this.#state.timeline.shift();
      const handler = this.#timeline[event.kind];
      if (!handler) throw new Error(`the timeline has an event of the unknown kind ${event.kind}`);
      this.clock.pin(event.at, () => handler(event.data, this));
      ran += 1;
    }
  }

  /** A copy of the whole state, with the clock as it stands. */
  save(): SavedState {
    return structuredClone(this.snapshot());
  }

  /** The state itself with the clock as it stands: for writing it out at once. */
  snapshot(): SavedState {
    this.#state.clock = this.clock.toState();
    return this.#state;
  }

  /** Goes on from a saved state. */
  restore(saved: SavedState): void {
    this.#state = saved;
    this.#arm = new ResourceStore(saved.arm);
    this.clock.restore(saved.clock);
  }
}

/** A world in which nothing exists yet. */
function emptyState(clock: ClockState, seed: number, siteRecovery: State["siteRecovery"]): SavedState {
  return {
    version: 1,
    arm: {},
    timeline: [],
    faults: [],
    counters: {},
    siteRecovery,
    clock,
    seed,
    results: {},
  };
}
