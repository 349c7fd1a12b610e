import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { inDependencyOrder } from "./dependencyOrder.js";
import { contentHash, type DeploymentFile, makeDeploymentFile, StateCodec } from "./deploymentFile.js";
import { type JournalEntry, JournalWriter } from "./journal.js";
import {
  type PendingOperation,
  type PendingOperationType,
  type ResourceState,
  renameReferences,
} from "./resourceState.js";
import { PassphraseCrypter } from "./secrets.js";
import { journalPath, readStoredState } from "./storedState.js";

/** Where a stack's state is and how it is opened. */
export interface StateStoreOptions {
  /** Path of the deployment file. The journal and the lock lie beside it. */
  path: string;
  stack: string;
  passphrase: string;
  /** The salt of the stack's settings file, used for a state that has none yet. */
  salt?: string;
}

/**
 * A stack's resources while an operation changes them: those added by this operation, in order of completion,
 * followed by those of before that it has not come to yet. That order keeps dependencies first, but where it works on
 * some resources only: what those depend on may be left for the end.
 *
 * Every change is in the journal, and on the disk, before the method that makes it resolves. `close` merges the
 * journal into the deployment file; if the process dies before, the next `open` does.
 */
export class StateStore {
  private readonly added: ResourceState[] = [];
  private readonly done = new Set<number>();
  private readonly marked = new Map<number, ResourceState>();
  private readonly indexOfOld = new Map<ResourceState, number>();
  private readonly indexOfAdded = new Map<ResourceState, number>();
  private readonly pending = new Map<number, PendingOperation>();
  private readonly renamed = new Map<string, string>();
  /** Absent for a preview, which writes nothing. */
  private readonly journal: JournalWriter | undefined;
  private nextOperation = 0;
  private isChanged = false;

  private constructor(
    /** Where the deployment file is. */
    readonly path: string,
    private readonly codec: StateCodec,
    /** The resources as they were when the store was opened, in file order. */
    readonly base: readonly ResourceState[],
    private leftPending: PendingOperation[],
    hash: string,
    private readonly mayWrite: boolean,
  ) {
    base.forEach((state, i) => {
      this.indexOfOld.set(state, i);
    });
    this.journal = mayWrite ? new JournalWriter(journalPath(path), { hash, salt: codec.salt }) : undefined;
  }

  /** True if there is a state at this path already. */
  static exists(path: string): boolean {
    return existsSync(path) || existsSync(journalPath(path));
  }

  /**
   * Opens a state, or starts an empty one where the file does not exist.
   *
   * @param mayWrite false for a preview: then a journal that a dead process left is read but not merged.
   * @throws {EngineError} if the file is not usable or the passphrase is wrong.
   */
  static async open(options: StateStoreOptions, mayWrite: boolean): Promise<StateStore> {
    const { path, stack, passphrase } = options;
    const stored = readStoredState(path, stack);
    const salt = stored.salt ?? options.salt;
    const crypter =
      salt === undefined
        ? await PassphraseCrypter.create(passphrase)
        : await PassphraseCrypter.open(passphrase, salt, `state file ${path}`);
    const codec = new StateCodec(crypter);
    let { hash } = stored;
    if (stored.hasJournal && mayWrite) {
      const merged = makeDeploymentFile(stored.resources, stored.pending, codec.salt, new Date());
      hash = contentHash(writeDeploymentFile(path, merged));
    }
    const resources = stored.resources.map((resource) => codec.decode(resource));
    return new StateStore(path, codec, resources, stored.pending, hash, mayWrite);
  }

  /**
   * Starts over with other resources, as a refresh found them: written at once if they differ from before.
   * This store must not be used any more.
   */
  rebase(resources: ResourceState[]): StateStore {
    const isChanged = this.isChanged || !isDeepStrictEqual(resources, this.base);
    if (!this.mayWrite) {
      return new StateStore(this.path, this.codec, resources, this.leftPending, "", false);
    }
    this.journal?.discard();
    const file = makeDeploymentFile(
      resources.map((state) => this.codec.encode(state)),
      this.leftPending,
      this.codec.salt,
      new Date(),
    );
    const text =
      isChanged || !existsSync(this.path) ? writeDeploymentFile(this.path, file) : readFileSync(this.path, "utf8");
    return new StateStore(this.path, this.codec, resources, this.leftPending, contentHash(text), true);
  }

  /** Operations that an earlier run began and never ended. */
  get interrupted(): readonly PendingOperation[] {
    return this.leftPending;
  }

  /** Forgets interrupted operations, all but those of the types named. */
  clearInterrupted(keep: (operation: PendingOperation) => boolean): void {
    const kept = this.leftPending.filter(keep);
    if (kept.length !== this.leftPending.length) {
      this.leftPending = kept;
      this.isChanged = true;
    }
  }

  /** Records, before it starts, that an operation on a resource is about to. Answers its number for `end`. */
  async begin(type: PendingOperationType, resource: ResourceState): Promise<number> {
    const operation = this.nextOperation++;
    const pending = { resource: this.codec.encode(resource), type };
    this.pending.set(operation, pending);
    this.isChanged = true;
    await this.journal?.append({ kind: "begin", operation, pending });
    return operation;
  }

  /** Records that an operation ended without a result to keep. */
  async abandon(operation: number): Promise<void> {
    this.pending.delete(operation);
    await this.journal?.append({ kind: "end", operation });
  }

  /** Adds a resource's new state; `old`, if given, is the state that it takes the place of. */
  async add(state: ResourceState, old?: ResourceState, operation?: number): Promise<void> {
    const addedIndex = old === undefined || this.indexOfOld.has(old) ? undefined : this.indexOfAdded.get(old);
    if (addedIndex !== undefined) {
      // What this very operation took over, and then changed.
      this.added[addedIndex] = state;
      this.indexOfAdded.set(state, addedIndex);
      await this.finish({ kind: "set", index: addedIndex, resource: this.codec.encode(state) }, operation);
      return;
    }
    this.indexOfAdded.set(state, this.added.length);
    this.added.push(state);
    const index = old === undefined ? undefined : this.indexOfOld.get(old);
    if (index !== undefined) {
      this.done.add(index);
      if (old !== undefined && old.urn !== state.urn) {
        this.renamed.set(old.urn, state.urn);
      }
    }
    this.isChanged = true;
    const entry: JournalEntry = {
      kind: "add",
      resource: this.codec.encode(state),
      ...(index === undefined ? {} : { old: index }),
    };
    await this.finish(entry, operation);
  }

  /** Adds a replacement and, in the same write, marks the state that it replaces as `marked`. */
  async addBeside(
    state: ResourceState,
    old: ResourceState,
    marked: ResourceState,
    operation?: number,
  ): Promise<void> {
    const index = this.requireOld(old);
    this.marked.set(index, marked);
    this.journal?.buffer({ kind: "mark", old: index, resource: this.codec.encode(marked) });
    await this.add(state, undefined, operation);
  }

  /** Keeps a state as it is, at its place among the states added: nothing to make durable. */
  keep(old: ResourceState): void {
    const index = this.requireOld(old);
    this.indexOfAdded.set(old, this.added.length);
    this.added.push(old);
    this.done.add(index);
    this.journal?.buffer({ kind: "keep", old: index });
  }

  /** Keeps a state that the operation does not work on: among the states added, unless it has been changed since. */
  leave(old: ResourceState): void {
    const index = this.indexOfOld.get(old);
    if (index !== undefined && !this.marked.has(index)) {
      this.keep(old);
    }
  }

  /** Removes a state of before. */
  async remove(old: ResourceState, operation?: number): Promise<void> {
    const index = this.requireOld(old);
    this.done.add(index);
    this.isChanged = true;
    await this.finish({ kind: "remove", old: index }, operation);
  }

  /** Changes a state of before in its place, to wait there for the rest of a replacement. */
  async mark(old: ResourceState, marked: ResourceState, operation?: number): Promise<void> {
    const index = this.requireOld(old);
    this.marked.set(index, marked);
    this.isChanged = true;
    await this.finish({ kind: "mark", old: index, resource: this.codec.encode(marked) }, operation);
  }

  /** Replaces a state added by this operation, when a component registers its outputs. */
  async set(state: ResourceState, replacement: ResourceState): Promise<void> {
    const index = this.indexOfAdded.get(state);
    if (index === undefined) {
      throw new Error(`${state.urn} was not added by this operation`);
    }
    this.added[index] = replacement;
    this.indexOfAdded.set(replacement, index);
    this.isChanged = true;
    await this.journal?.append({ kind: "set", index, resource: this.codec.encode(replacement) });
  }

  /** All resources as they are now, dependencies first. */
  current(): ResourceState[] {
    const left = this.base
      .map((state, i) => (this.done.has(i) ? undefined : (this.marked.get(i) ?? state)))
      .filter((state) => state !== undefined);
    return inDependencyOrder([...this.added, ...left].map((state) => renameReferences(state, this.renamed)));
  }

  /** The stack as a deployment file. */
  toFile(): DeploymentFile {
    const pending = [...this.leftPending, ...this.pending.values()];
    return makeDeploymentFile(
      this.current().map((state) => this.codec.encode(state)),
      pending,
      this.codec.salt,
      new Date(),
    );
  }

  /** Writes the deployment file if anything changed, and removes the journal. */
  close(): void {
    if (this.mayWrite && (this.isChanged || !existsSync(this.path))) {
      writeDeploymentFile(this.path, this.toFile());
    }
    this.journal?.discard();
  }

  private async finish(entry: JournalEntry, operation: number | undefined): Promise<void> {
    if (operation !== undefined) {
      this.pending.delete(operation);
      this.journal?.buffer(entry);
      await this.journal?.append({ kind: "end", operation });
      return;
    }
    await this.journal?.append(entry);
  }

  private requireOld(old: ResourceState): number {
    const index = this.indexOfOld.get(old);
    if (index === undefined) {
      throw new Error(`${old.urn} is not a state that the operation began with`);
    }
    return index;
  }
}

/** Writes a deployment file so that at any instant either the old or the new one is there, whole. */
function writeDeploymentFile(path: string, file: DeploymentFile): string {
  const text = `${JSON.stringify(file, undefined, 4)}\n`;
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const descriptor = openSync(temporary, "w", 0o600);
  try {
    const bytes = Buffer.from(text, "utf8");
    for (let written = 0; written < bytes.length; ) {
      written += writeSync(descriptor, bytes, written);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, path);
  syncDirectory(directory);
  return text;
}

function syncDirectory(directory: string): void {
  // Windows cannot open a directory; there the rename alone has to do.
  if (process.platform === "win32") {
    return;
  }
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
