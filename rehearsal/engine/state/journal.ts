import { closeSync, existsSync, fdatasync, openSync, readFileSync, rmSync, write } from "node:fs";
import { promisify } from "node:util";
import type { PendingOperation, ResourceState } from "./resourceState.js";

const writeAsync = promisify(write);
const syncAsync = promisify(fdatasync);

/**
 * One change of a deployment since its snapshot file was written. Resources are encoded as in the file; `old` is an
 * index in the snapshot's resources, `index` one in the resources added since.
 */
export type JournalEntry =
  | { kind: "base"; hash: string; salt: string }
  | { kind: "begin"; operation: number; pending: PendingOperation }
  | { kind: "end"; operation: number }
  | { kind: "add"; resource: ResourceState; old?: number }
  | { kind: "keep"; old: number }
  | { kind: "remove"; old: number }
  | { kind: "mark"; old: number; resource: ResourceState }
  | { kind: "set"; index: number; resource: ResourceState };

/**
 * Appends changes to a file, durable before `append` resolves. Entries that arrive while the disk is busy are written
 * and synced together, so a thousand parallel steps do not cost a thousand syncs.
 */
export class JournalWriter {
  private descriptor: number | undefined;
  private pendingText = "";
  private waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  private isWriting = false;

  constructor(
    private readonly path: string,
    private readonly base: { hash: string; salt: string },
  ) {}

  /** Adds an entry that goes to disk with the next durable one. */
  buffer(entry: JournalEntry): void {
    this.pendingText += `${JSON.stringify(entry)}\n`;
  }

  /** Adds an entry and resolves once it, and all before it, are on the disk. */
  append(entry: JournalEntry): Promise<void> {
    this.buffer(entry);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (!this.isWriting) {
        this.isWriting = true;
        setImmediate(() => {
          this.drain().catch(() => undefined);
        });
      }
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        if (this.descriptor === undefined) {
          this.descriptor = openSync(this.path, "w", 0o600);
          this.pendingText = `${JSON.stringify({ kind: "base", ...this.base })}\n${this.pendingText}`;
        }
        let bytes = Buffer.from(this.pendingText, "utf8");
        this.pendingText = "";
        while (bytes.length > 0) {
          const { bytesWritten } = await writeAsync(this.descriptor, bytes);
          bytes = bytes.subarray(bytesWritten);
        }
        await syncAsync(this.descriptor);
        for (const waiter of batch) {
          waiter.resolve();
        }
      } catch (error) {
        for (const waiter of batch) {
          waiter.reject(error as Error);
        }
      }
    }
    this.isWriting = false;
  }

  /** Closes and removes the file: its content is in the snapshot by now. */
  discard(): void {
    this.close();
    rmSync(this.path, { force: true });
  }

  close(): void {
    if (this.descriptor !== undefined) {
      closeSync(this.descriptor);
      this.descriptor = undefined;
    }
  }
}

/**
 * Reads the journal that continues the snapshot with this hash. A journal of another snapshot is one whose content
 * was already merged, and is empty; so is everything after a line that a killed process left unfinished.
 */
export function readJournal(path: string, hash: string): { salt: string; entries: JournalEntry[] } | undefined {
  if (!existsSync(path)) {
    return undefined;
  }
  const entries: JournalEntry[] = [];
  for (const line of readFileSync(path, "utf8").split("\n")) {
    try {
      entries.push(JSON.parse(line) as JournalEntry);
    } catch {
      break;
    }
  }
  const [base, ...rest] = entries;
  return base?.kind === "base" && base.hash === hash ? { salt: base.salt, entries: rest } : undefined;
}
