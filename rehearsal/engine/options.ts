import type { Diagnostic, EngineEvent, OperationResult, Step, StepOp } from "./events.js";
import type { PolicyPackOptions, PolicyViolation } from "./policy/types.js";
import type { ResourceProviderHost } from "./providers/resourceProviderHost.js";
import type { SelectionOptions } from "./steps/operationSelection.js";

export type RunKind = "preview" | "update" | "refresh" | "destroy";

/** What a deployment works on and how. */
export interface DeploymentOptions {
  /** A directory in the project, the one with Pulumi.yaml or below it. Default: the current one. */
  directory?: string;
  /** Default `dev`. */
  stack?: string;
  /** Configuration for these operations only, `KEY=VALUE`, on top of Pulumi.<stack>.yaml. Never written there. */
  config?: readonly string[];
  /** How many steps may run at a time, 1 or more. Default 4 for each core. */
  parallel?: number;
  /** Path of the state file. Default `.rehearsal/<stack>.json` in the project. */
  statePath?: string;
  /** The environment that the program and the providers get, but for Azure credentials. Default `process.env`. */
  environment?: NodeJS.ProcessEnv;
  /** The providers beside the one for dynamic resources. */
  hosts?: readonly ResourceProviderHost[];
  /** Policy packs whose rules look at every resource in a preview and an update. */
  policyPacks?: readonly PolicyPackOptions[];
  /** Called for each event as it happens. */
  onEvent?: (event: EngineEvent) => void;
  /** Aborting it lets no new step start; those that run go on to their end. */
  signal?: AbortSignal;
}

/** Options of one operation. */
export interface OperationOptions extends SelectionOptions {
  /** Reads the resources that it works on anew first. */
  refresh?: boolean;
  /** Forgets creates that an earlier run began and did not end (refresh only). */
  clearPendingCreates?: boolean;
  /** Goes on with what does not depend on a failure. */
  continueOnError?: boolean;
  /** Deletes and replaces what is protected, too. */
  ignoreProtect?: boolean;
  /** Leaves alone what is protected, and what that depends on (destroy). */
  excludeProtected?: boolean;
}

/** What an operation did. */
export interface OperationSummary {
  result: OperationResult;
  /** The steps that ended well, in order, without those of default providers. */
  steps: Step[];
  /** How many of each kind, a replacement counted once. */
  changes: Partial<Record<StepOp, number>>;
  diagnostics: Diagnostic[];
  /** The rules of policy packs that are broken. */
  violations: PolicyViolation[];
  /** The stack's outputs, secrets in the clear. After a preview: those that it foresees, unknown ones left out. */
  outputs: Record<string, unknown>;
  /** The names of outputs that are secret. */
  secretOutputs: string[];
  events: EngineEvent[];
  /** What the Pulumi CLI would have printed. */
  text: string;
}
