/**
 * What every resource is made of. Handlers are written once against the adapter's interface; a shell only translates
 * between them and Pulumi's protocol.
 */

import type { z } from "zod";
import type { EvidenceVersions, RunEvidence } from "../evidence/types.js";
import type { SiteRecovery, VaultCoordinates } from "../siterecovery/siteRecovery.js";
import { Claims } from "./claims.js";

/** Inputs or outputs as they travel: JSON, with UNKNOWN in the place of unknown values. */
export type Properties = Record<string, unknown>;

export interface CheckFailure {
  /** Path such as `bootGroups[0].replicatedItemIds[1]`. */
  property: string;
  /** The value, what is wrong with it, what is allowed. */
  reason: string;
}

export interface CheckResult {
  inputs: Properties;
  failures: CheckFailure[];
}

export interface DiffResult {
  hasChanges: boolean;
  /** Top-level input properties that differ. */
  changes: string[];
  /** Those of them that need a replacement. */
  replaces: string[];
  /** True exactly when the replacement has the same ARM id. */
  deleteBeforeReplace: boolean;
}

/** What `read` found; undefined = it is not there any more. */
export interface ReadResult {
  outputs: Properties;
  /** Exactly the input keys, where drift should show as a difference of inputs. */
  inputs?: Properties;
}

/**
 * A key that an imported resource holds in its inputs until a program declares it. An import must start nothing: a
 * program that declares another stage than the imported one is treated as one that creates.
 */
export const importedMarker = "__imported";

/** How a line is shown: `status` = progress that the next line may overwrite, where the shell can do that. */
export type Severity = "info" | "warning" | "status";

/** What a shell keeps of runs, and knows of them that Azure does not. */
export interface EvidenceKeeper {
  /** What runs this: asked for when a run has ended. */
  versions(): Promise<EvidenceVersions>;
  /**
   * Adds a run to the history in a directory (relative to the Pulumi project's), unless it stands there already: runs
   * are told apart by target and job.
   *
   * @throws Error where it cannot be written
   */
  append(directory: string, evidence: RunEvidence): Promise<void>;
  /** Where a program that names no directory keeps its history; undefined where the shell knows no stack. */
  defaultDirectory: string | undefined;
}

/** What a provider process remembers from one call of a run to the next. */
export interface RunMemory {
  /**
   * Checked inputs of items and plans by their ARM id in lower case: what a drill's preview plans with while they are
   * not in Azure yet.
   */
  declared: Map<string, Properties>;
  /**
   * ARM ids, in lower case, of machines that a `Failover` of this run brings to where they can be drilled: a drill that
   * depends on it is not refused for where they are now.
   */
  drillable: Set<string>;
  /** ARM ids that this run created or adopted, in lower case: never deleted later in the same run. */
  kept: Set<string>;
  /** ARM ids that resources of the program declare: never deleted in the same run under another name. */
  claims: Claims;
}

/** The memory of a run that begins; each context has one of its own. */
export function newRunMemory(): RunMemory {
  return { declared: new Map(), drillable: new Set(), kept: new Set(), claims: new Claims() };
}

/** What a handler works with; made by a shell, shared by all resources of a process. */
export interface Context extends RunMemory {
  /** The vault's one connection in this process. */
  connect(vault: VaultCoordinates): SiteRecovery;
  /** From provider configuration; what a resource leaves out. */
  defaults: Partial<VaultCoordinates>;
  log(severity: Severity, message: string): void;
  /** Where evidence goes; absent = it stays in the outputs alone. */
  evidence?: EvidenceKeeper;
}

/** A resource's lifecycle; `Outputs` always hold every given input under its own key. */
export interface Handler {
  /** The type's name, used by shells, SDK and tests. */
  readonly token: string;
  /** Shape of the inputs: the one source of types, defaults and failures. */
  readonly schema: z.ZodObject;
  /** Validates, fills defaults, computes what a preview shows. All failures at once; never writes. */
  check(context: Context, olds: Properties, news: Properties): Promise<CheckResult>;
  /** Pure. Values that are unknown count as changed, never as a replacement. */
  diff(id: string, olds: Properties, news: Properties): DiffResult;
  /** Create and update in one: observes what Azure has and brings it to what is wanted. */
  reconcile(
    context: Context,
    news: Properties,
    prior: { id: string; outputs: Properties } | undefined,
  ): Promise<{ id: string; outputs: Properties }>;
  read(context: Context, id: string, outputs: Properties): Promise<ReadResult | undefined>;
  delete(context: Context, id: string, outputs: Properties): Promise<void>;
}

/**
 * Azure made or began something that did not reach what was wanted: id and state are kept, the reasons are all that
 * the user sees, and the next `up` goes on from there.
 */
export class PartialFailure extends Error {
  readonly id: string;
  readonly properties: Properties;
  readonly reasons: string[];

  constructor(id: string, outputs: Properties, reasons: string[]) {
    super(reasons.join("\n"));
    this.name = "PartialFailure";
    this.id = id;
    this.properties = outputs;
    // Without a reason Pulumi would neither show nor ever repair the resource.
    this.reasons = reasons.length > 0 ? reasons : ["the resource did not reach the wanted state"];
  }
}

/** A context's `kept`, by id. */
export function keep(context: Context, id: string): void {
  context.kept.add(id.toLowerCase());
}

/**
 * True where the program declares the same ARM id under another name, or this run created or adopted it: the delete then
 * only forgets, or a rename would switch protection off.
 */
export function isKept(context: Context, id: string, what: string): boolean {
  if (!context.kept.has(id.toLowerCase()) && !context.claims.has(id)) return false;
  context.log(
    "info",
    `${what}: another resource of this program manages it now; it was only forgotten here, Azure was not touched.`,
  );
  return true;
}
