/**
 * What happened since the state was last written whole, one line each. The emulator does the same on the same state, so
 * a change is a call and its time, and a large state need not be written for it.
 */

import type { Call, Dispatcher } from "./dispatch.js";
import { withoutSecrets } from "./requestLog.js";
import type { EmulatorWorld } from "./world.js";

/** `counters` are those before anything happened at this time: refused calls may have moved them. */
export type Entry = { counters: Record<string, number> } & (
  | /** Somebody has seen the state of this time, in simulated milliseconds since 1970. */
  { kind: "seen"; at: number } /** A call that was accepted. */
  | { kind: "call"; call: Call; status: number }
);

/** Stands for a secret: well-formed where base64 is asked for, and absent where the secret is. */
const redacted = Buffer.from("redacted").toString("base64");
const redact = (secret: unknown) => (secret === null || secret === "" ? secret : redacted);

/** The line of an entry, with no secret in it. */
export function lineOf(entry: Entry): string {
  if (entry.kind === "seen") return `${JSON.stringify(entry)}\n`;
  const { authorization: _a, cookie: _c, ...headers } = entry.call.headers;
  const call = { ...entry.call, headers, text: safeText(entry.call.text) };
  return `${JSON.stringify({ ...entry, call })}\n`;
}

function safeText(text: string): string {
  if (text.trim() === "") return text;
  return JSON.stringify(withoutSecrets(JSON.parse(text), redact));
}

/** The entries of a journal; a last line that was cut off by the end of a process belongs to no answered call. */
export function entriesOf(text: string): Entry[] {
  const lines = text.split("\n");
  lines.pop();
  return lines.map((line) => JSON.parse(line) as Entry);
}

/** Brings a world that was restored from the state before them to where the entries end. @throws Error where one ends otherwise */
export function replay(world: EmulatorWorld, dispatcher: Dispatcher, entries: readonly Entry[]): void {
  for (const [index, entry] of entries.entries()) {
    const at = entry.kind === "seen" ? entry.at : entry.call.at;
    world.state.counters = { ...entry.counters };
    world.clock.pin(at, () => world.settle(at));
    if (entry.kind === "call") {
      const { status } = dispatcher.perform(entry.call).answer;
      if (status !== entry.status) {
        const what = `${entry.call.method} ${entry.call.path}`;
        throw new Error(`entry ${index + 1}, ${what}, was answered ${entry.status} and is now answered ${status}`);
      }
    }
    world.clock.change({ time: at });
  }
}
