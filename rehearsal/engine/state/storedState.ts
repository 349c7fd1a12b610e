import { existsSync, readFileSync } from "node:fs";
import { inDependencyOrder } from "./dependencyOrder.js";
import { contentHash, type DeploymentFile, parseDeploymentFile } from "./deploymentFile.js";
import { type JournalEntry, readJournal } from "./journal.js";
import { type PendingOperation, type ResourceState, renameReferences } from "./resourceState.js";

/** A stack's state as it lies on the disk, secrets encrypted. */
export interface StoredState {
  resources: ResourceState[];
  pending: PendingOperation[];
  /** The salt of its secrets; absent for a state that does not exist yet. */
  salt: string | undefined;
  /** Identifies the deployment file. */
  hash: string;
  /** True where an operation left changes beside the file, because it runs still or its process died. */
  hasJournal: boolean;
}

/** Where the changes of an operation lie until they are in the deployment file. */
export function journalPath(path: string): string {
  return `${path}.journal`;
}

/**
 * Reads a stack's state with what an operation has changed since it was written. One that does not exist is empty.
 * @throws {EngineError} if the file is not usable.
 */
export function readStoredState(path: string, stack: string): StoredState {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const file = text === "" ? undefined : parseDeploymentFile(text, path, stack);
  const hash = contentHash(text);
  const journal = readJournal(journalPath(path), hash);
  return {
    ...replay(file, journal?.entries ?? []),
    salt: file?.deployment.secrets_providers?.state?.salt ?? journal?.salt,
    hash,
    hasJournal: (journal?.entries ?? []).length > 0,
  };
}

/** Applies a journal to a snapshot, both encoded. */
function replay(
  file: DeploymentFile | undefined,
  entries: JournalEntry[],
): { resources: ResourceState[]; pending: PendingOperation[] } {
  const base = file?.deployment.resources ?? [];
  const pending = new Map<number, PendingOperation>();
  const added: ResourceState[] = [];
  const done = new Set<number>();
  const marked = new Map<number, ResourceState>();
  const renamed = new Map<string, string>();
  for (const entry of entries) {
    switch (entry.kind) {
      case "begin":
        pending.set(entry.operation, entry.pending);
        break;
      case "end":
        pending.delete(entry.operation);
        break;
      case "add": {
        added.push(entry.resource);
        const old = entry.old === undefined ? undefined : base[entry.old];
        if (entry.old !== undefined && old !== undefined) {
          done.add(entry.old);
          if (old.urn !== entry.resource.urn) {
            renamed.set(old.urn, entry.resource.urn);
          }
        }
        break;
      }
      case "keep": {
        const old = base[entry.old];
        if (old !== undefined) {
          added.push(old);
          done.add(entry.old);
        }
        break;
      }
      case "remove":
        done.add(entry.old);
        break;
      case "mark":
        marked.set(entry.old, entry.resource);
        break;
      case "set":
        added[entry.index] = entry.resource;
        break;
      case "base":
        break;
    }
  }
  const left = base
    .map((state, i) => (done.has(i) ? undefined : (marked.get(i) ?? state)))
    .filter((s) => s !== undefined);
  return {
    resources: inDependencyOrder([...added, ...left].map((state) => renameReferences(state, renamed))),
    pending: [...(file?.deployment.pending_operations ?? []), ...pending.values()],
  };
}
