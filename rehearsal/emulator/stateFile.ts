import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import path from "node:path";
import { type Entry, entriesOf, lineOf } from "./journal.js";
import { lock, reason, StateFileError, unlock } from "./stateLock.js";
import type { SavedState } from "./world.js";

export { StateFileError } from "./stateLock.js";

/** A state as it is written: `journal` is the number of the journal that goes on from it. */
type WrittenState = SavedState & { journal?: number };

/** After so many entries, or bytes, the state is written whole again, and the journal begins anew. */
const mostEntries = 1_000;
const mostBytes = 4 * 2 ** 20;

interface Journal {
  number: number;
  handle: FileHandle;
}

interface Line {
  text: string;
  to: Journal[];
}

/**
 * Where an emulator keeps its state between runs: the state of one instant, written whole to a temporary file, flushed,
 * and renamed over the old one; and beside it a journal of what was changed since. A process killed at any instant
 * leaves a state and the journal that belongs to it. One emulator at a time has the file.
 */
export class StateFile {
  #writing: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;
  #number = 0;
  /** Where lines go: while a new state is being written, to the old state's journal and to the new one's. */
  #journals: Journal[] = [];
  #lines: Line[] = [];
  #flushing: Promise<void> | undefined;
  #entries = 0;
  #bytes = 0;
  #failure: unknown;

  private constructor(
    readonly file: string,
    private readonly snapshot: () => SavedState,
  ) {}

  /**
   * Takes the file for this emulator.
   * @param snapshot gives the state to write
   * @throws StateFileError where another emulator has it
   */
  static open(file: string, snapshot: () => SavedState): StateFile {
    const full = path.resolve(file);
    lock(full);
    return new StateFile(full, snapshot);
  }

  /**
   * What the file holds, and what happened since; undefined where it does not exist yet. Until the next `save` nothing
   * may be appended. @throws StateFileError where it is no such state
   */
  read(): { state: SavedState; entries: Entry[] } | undefined {
    if (!existsSync(this.file)) return undefined;
    const text = readFileSync(this.file, "utf8");
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw this.unusable(`it is no JSON (${reason(error)})`);
    }
    const problems = stateProblems(value);
    if (problems.length > 0) throw this.unusable(problems.join("; "));
    const { journal, ...state } = value as WrittenState;
    this.#number = journal ?? 0;
    return { state, entries: this.readJournal() };
  }

  private readJournal(): Entry[] {
    const file = this.journalOf(this.#number);
    if (!existsSync(file)) return [];
    try {
      return entriesOf(readFileSync(file, "utf8"));
    } catch (error) {
      throw this.unusable(`its journal "${file}" cannot be read (${reason(error)})`);
    }
  }

  private unusable(why: string): StateFileError {
    return new StateFileError(`opening state file "${this.file}": ${why}. Move it away to start anew.`);
  }

  private journalOf(number: number): string {
    return `${this.file}.journal-${number}`;
  }

  /**
   * Resolves when a state at least as new as the present one is on the disk, whole. Callers that come while a write runs
   * share the next one.
   */
  async save(): Promise<void> {
    if (this.#writing === undefined) {
      this.#writing = this.write().finally(() => {
        this.#writing = undefined;
      });
      return this.#writing;
    }
    const running = this.#writing;
    this.#waiting ??= running
      .catch(() => undefined)
      .then(() => {
        this.#waiting = undefined;
        return this.save();
      });
    return this.#waiting;
  }

  /** Resolves when the entry is on the disk. Entries keep the order in which they are given. */
  async append(entry: Entry): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#journals.length === 0) return this.save();
    const text = lineOf(entry);
    this.#lines.push({ text, to: this.#journals });
    this.#entries += 1;
    this.#bytes += text.length;
    if ((this.#entries >= mostEntries || this.#bytes >= mostBytes) && this.#writing === undefined) {
      this.save().catch((error: unknown) => {
        this.#failure = error;
      });
    }
    await this.flush();
  }

  private async flush(): Promise<void> {
    // Lines that came after a running write began are written by the next.
    while (this.#lines.length > 0) {
      this.#flushing ??= this.writeLines().finally(() => {
        this.#flushing = undefined;
      });
      await this.#flushing;
    }
    await this.#flushing;
  }

  private async writeLines(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    const texts = new Map<Journal, string>();
    for (const { text, to } of lines) for (const each of to) texts.set(each, (texts.get(each) ?? "") + text);
    for (const [journal, text] of texts) {
      await journal.handle.appendFile(text);
      await journal.handle.datasync();
    }
  }

  /** Gives the file free for another emulator, after the last write. */
  async close(): Promise<void> {
    await this.#waiting?.catch(() => undefined);
    await this.#writing?.catch(() => undefined);
    await this.#flushing?.catch(() => undefined);
    for (const { handle } of this.#journals.splice(0)) await handle.close();
    // An empty journal says nothing that the state itself does not.
    if (this.#entries === 0) rmSync(this.journalOf(this.#number), { force: true });
    unlock(this.file);
  }

  private async write(): Promise<void> {
    const number = this.#number + 1;
    const next: Journal = { number, handle: await open(this.journalOf(number), "w", 0o600) };
    const before = this.#journals;
    // The text is made before anything else may happen: it is the state of one instant, and what comes is behind it.
    const text = JSON.stringify({ ...this.snapshot(), journal: number });
    this.#journals = [...before, next];
    const temporary = `${this.file}.${process.pid}.tmp`;
    try {
      const handle = await open(temporary, "w", 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, this.file);
    } catch (error) {
      this.#journals = before;
      await next.handle.close();
      throw error;
    }
    this.#number = number;
    this.#journals = [next];
    [this.#entries, this.#bytes] = [0, 0];
    await this.flush();
    for (const { handle } of before) await handle.close();
    this.removeOthers(number);
  }

  private removeOthers(number: number): void {
    const folder = path.dirname(this.file);
    const own = path.basename(this.journalOf(number));
    for (const name of readdirSync(folder)) {
      if (name.startsWith(`${path.basename(this.file)}.journal-`) && name !== own)
        rmSync(path.join(folder, name), { force: true });
    }
  }
}

/** What is wrong with a value that should be a saved state; empty where it is one. */
export function stateProblems(value: unknown): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return ["the state must be an object"];
  const state: Record<string, unknown> = { ...value };
  if (state.version !== 1) return [`version is ${JSON.stringify(state.version)}, allowed: 1`];
  const problems: string[] = [];
  const isObject = (part: unknown) => typeof part === "object" && part !== null && !Array.isArray(part);
  for (const name of ["arm", "counters", "siteRecovery", "clock", "results"])
    if (!isObject(state[name]))
      problems.push(`${name} must be an object, is ${JSON.stringify(state[name])?.slice(0, 40)}`);
  for (const name of ["timeline", "faults"])
    if (!Array.isArray(state[name]))
      problems.push(`${name} must be a list, is ${JSON.stringify(state[name])?.slice(0, 40)}`);
  if (typeof state.seed !== "number") problems.push(`seed must be a number, is ${JSON.stringify(state.seed)}`);
  if (isObject(state.clock)) {
    const clock: Record<string, unknown> = { ...(state.clock as object) };
    if (typeof clock.time !== "number") problems.push("clock.time must be a number of milliseconds");
    if (typeof clock.speed !== "number" || clock.speed <= 0) problems.push("clock.speed must be a number above 0");
    if (typeof clock.frozen !== "boolean") problems.push("clock.frozen must be true or false");
  }
  return problems;
}
