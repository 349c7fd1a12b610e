import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import path from "node:path";
import type { SavedState } from "./world.js";

/** A state file that cannot be used: the message names the file, what is wrong and what to do. */
export class StateFileError extends Error {
  override readonly name = "StateFileError";
}

/** Files that this process has open, because its own number in a lock proves nothing. */
const openHere = new Set<string>();

/**
 * Where an emulator keeps its state between runs. Written whole to a temporary file, flushed, and renamed over the old
 * one: a process killed at any instant leaves either the old state or the new one. One emulator at a time: a lock
 * file beside it names the process, and the lock of a process that is gone is taken over.
 */
export class StateFile {
  #writing: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;

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

  /** What the file holds; undefined where it does not exist yet. @throws StateFileError where it is no such state */
  read(): SavedState | undefined {
    if (!existsSync(this.file)) return undefined;
    const text = readFileSync(this.file, "utf8");
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new StateFileError(
        `opening state file "${this.file}": it is no JSON (${reason(error)}). Move it away to start anew.`,
      );
    }
    const problems = stateProblems(value);
    if (problems.length > 0)
      throw new StateFileError(
        `opening state file "${this.file}": ${problems.join("; ")}. Move it away to start anew.`,
      );
    return value as SavedState;
  }

  /**
   * Resolves when a state at least as new as the present one is on the disk. Callers that come while a write runs share
   * the next one.
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

  /** Gives the file free for another emulator, after the last write. */
  async close(): Promise<void> {
    await this.#waiting?.catch(() => undefined);
    await this.#writing?.catch(() => undefined);
    rmSync(`${this.file}.lock`, { force: true });
    openHere.delete(this.file);
  }

  private async write(): Promise<void> {
    // The text is made before anything else may happen: it is the state of one instant.
    const text = JSON.stringify(this.snapshot());
    const temporary = `${this.file}.${process.pid}.tmp`;
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, this.file);
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

function lock(file: string): void {
  const lockFile = `${file}.lock`;
  const busy = (who: string) =>
    new StateFileError(
      `opening state file "${file}": ${who} has it. Use another file, or stop that emulator (if it is gone, delete ${lockFile}).`,
    );
  if (openHere.has(file)) throw busy("another emulator of this process");
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = openSync(lockFile, "wx", 0o600);
      writeSync(handle, `${process.pid}\n`);
      fsyncSync(handle);
      closeSync(handle);
      openHere.add(file);
      return;
    } catch (error) {
      if (errorCode(error) !== "EEXIST")
        throw new StateFileError(`opening state file "${file}": ${reason(error)}`);
    }
    const owner = Number.parseInt(readIfThere(lockFile), 10);
    if (owner !== process.pid && isRunning(owner)) throw busy(`the emulator with process id ${owner}`);
    if (attempt > 0) throw busy("another emulator, started at the same moment,");
    // Renamed before it is removed: of two processes that find the same stale lock only one succeeds.
    const stale = `${lockFile}.${process.pid}.stale`;
    try {
      renameSync(lockFile, stale);
      rmSync(stale, { force: true });
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else may not be signalled, but it runs.
    return errorCode(error) === "EPERM";
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
