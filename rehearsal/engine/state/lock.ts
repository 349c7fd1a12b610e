import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { EngineError } from "../errors.js";

interface LockHolder {
  pid: number;
  /** When the process started, in the kernel's ticks since boot; absent where the system does not say. */
  startTicks?: string;
  command: string;
  since: string;
}

/** A lock on a state file, held until `release`. */
export interface StateLock {
  /** Said to the user if the lock of a dead process was taken over. */
  takenOver: string | undefined;
  release(): void;
}

/**
 * Takes the lock `path`, a file that names its holder. The lock of a process that no longer lives is taken over.
 *
 * @throws {EngineError} if a living process holds it.
 */
export function acquireLock(path: string, command: string): StateLock {
  mkdirSync(dirname(path), { recursive: true });
  const startTicks = processStartTicks(process.pid);
  const holder: LockHolder = {
    pid: process.pid,
    ...(startTicks === undefined ? {} : { startTicks }),
    command,
    since: new Date().toISOString(),
  };
  const text = `${JSON.stringify(holder)}\n`;
  let takenOver: string | undefined;
  for (;;) {
    try {
      writeFileSync(path, text, { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
        throw error;
      }
    }
    const other = readHolder(path);
    if (other === "gone") {
      continue;
    }
    if (other !== "unreadable" && isAlive(other)) {
      throw new EngineError(
        `the stack is currently locked: "${other.command}" (process ${other.pid}) has been working on it since ` +
          `${other.since}. Wait for it to end, or end it`,
      );
    }
    // Renaming first makes sure that only one of two processes that see the same dead lock removes it.
    const aside = `${path}.${process.pid}`;
    try {
      renameSync(path, aside);
      rmSync(aside);
    } catch {
      continue;
    }
    takenOver =
      other === "unreadable"
        ? "took over the stack's lock: its holder did not finish writing it"
        : `took over the stack's lock: "${other.command}" (process ${other.pid}) ended without releasing it`;
  }
  return { takenOver, release: () => rmSync(path, { force: true }) };
}

function readHolder(path: string): LockHolder | "gone" | "unreadable" {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return "gone";
  }
  try {
    const holder = JSON.parse(text) as LockHolder;
    return typeof holder.pid === "number" ? holder : "unreadable";
  } catch {
    return "unreadable";
  }
}

function isAlive(holder: LockHolder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") {
      return false;
    }
  }
  const startTicks = processStartTicks(holder.pid);
  // The number may belong to another process by now.
  return startTicks === undefined || holder.startTicks === undefined || startTicks === holder.startTicks;
}

function processStartTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
