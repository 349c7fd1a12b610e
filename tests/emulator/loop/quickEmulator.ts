/** An emulator whose clock moves by being asked: nothing waits, and what a test sees never depends on how fast it ran. */

import {
  type Emulator,
  type EstateInput,
  type LogEntry,
  startEmulator,
} from "../../../rehearsal/emulator/index.js";

const second = 1000;
/** A request takes this long on the simulated clock; a look at what may be waited for, an item or a job, more. */
const requestMs = 2 * second;
const itemMs = 240 * second;
const jobMs = 600 * second;

export interface QuickEmulator {
  emulator: Emulator;
  /** Told of every ARM request at the moment before it is answered. */
  onRequest: (entry: LogEntry) => void;
  advance(seconds: number): void;
  /** Takes down ARM's requests, however many: the emulator's own log is bounded. What it returns ends that and gives them. */
  watch(): () => LogEntry[];
  stop(): Promise<void>;
}

export async function startQuickEmulator(estate: EstateInput): Promise<QuickEmulator> {
  const quick: { emulator?: Emulator } = {};
  const advance = (ms: number) => {
    const world = quick.emulator?.world;
    if (!world) return;
    world.clock.change({ time: world.clock.now() + ms });
    world.settle();
  };
  const watches = new Set<LogEntry[]>();
  const emulator = await startEmulator({
    estate,
    frozen: true,
    // The polling addresses then ask for no pause.
    speed: 1_000_000,
    requestLog: (entry) => {
      for (const seen of watches) seen.push(entry);
      result.onRequest(entry);
      advance(takes(entry));
    },
  });
  quick.emulator = emulator;
  const result: QuickEmulator = {
    emulator,
    onRequest: () => {},
    advance: (seconds) => advance(seconds * second),
    watch() {
      const seen: LogEntry[] = [];
      watches.add(seen);
      return () => {
        watches.delete(seen);
        return seen;
      };
    },
    stop: () => emulator.stop(),
  };
  return result;
}

function takes({ method, path }: LogEntry): number {
  if (method !== "GET") return requestMs;
  if (path.includes("/replicationJobs")) return jobMs;
  return path.includes("/replicationProtectedItems") ? itemMs : requestMs;
}
