import type { PolicyPackIdentity, PolicyRemediation, PolicyViolation } from "./policy/types.js";
import type { PropertyDiff } from "./providers/resourceProviderHost.js";
import type { ResourceState } from "./state/resourceState.js";

/** What a step does, in the words of Pulumi's own events. */
export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "read"
  | "read-replacement"
  | "discard"
  | "discard-replaced"
  | "import"
  | "import-replacement"
  | "refresh"
  | "remove-pending-replace";

/** One step of an operation. */
export interface Step {
  op: StepOp;
  urn: string;
  type: string;
  /** The state before; absent for a create and a read. */
  old?: ResourceState;
  /** The state after, as far as it is known; absent for a delete. */
  new?: ResourceState;
  /** The properties that make the replacement necessary. */
  replaceKeys?: string[];
  /** The top-level properties that changed, where the provider named them. */
  diffKeys?: string[];
  /** Each property that differs by its path, where the provider said so. */
  detailedDiff?: Record<string, PropertyDiff>;
  /** True for the step that stands for the whole: a replacement is counted once, as `replace`. */
  isLogical: boolean;
  /** For a refresh that ended: what it turned out to be. */
  resultOp?: StepOp;
}

export type Severity = "debug" | "info" | "warning" | "error";

/** A line for the user. */
export interface Diagnostic {
  severity: Severity;
  /** The resource that it is about; "" for the stack. */
  urn: string;
  /** May have several lines. */
  message: string;
  /** Only a progress line: not listed at the end. */
  isEphemeral: boolean;
  /** Messages with the same number, other than 0, belong together. */
  streamId: number;
}

/** What happened, in order. */
export type EngineEvent =
  | { kind: "prelude"; config: Record<string, string> }
  | { kind: "stepStarted"; step: Step; time: number }
  /** The step ended well, or a component or the stack registered its outputs. */
  | { kind: "stepEnded"; step: Step; time: number }
  | { kind: "stepFailed"; step: Step; time: number }
  | { kind: "diagnostic"; diagnostic: Diagnostic; time: number }
  | { kind: "policyViolation"; violation: PolicyViolation; time: number }
  | { kind: "policyRemediation"; remediation: PolicyRemediation; time: number }
  | {
      kind: "summary";
      changes: Partial<Record<StepOp, number>>;
      result: OperationResult;
      seconds: number;
      /** The packs whose rules looked at this operation. */
      policyPacks?: PolicyPackIdentity[];
    };

export type OperationResult = "succeeded" | "failed" | "canceled";
