import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";

/** A state file that cannot be used: the message names the file, what is wrong and what to do. */
export class StateFileError extends Error {
  override readonly name = "StateFileError";
}

/** Files that this process has open, because its own number in a lock proves nothing. */
const openHere = new Set<string>();

/** Takes the file for this process: a lock beside it names the process, and that of one that is gone is taken over. */
export function lock(file: string): void {
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

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Gives the file free. */
export function unlock(file: string): void {
  rmSync(`${file}.lock`, { force: true });
  openHere.delete(file);
}
