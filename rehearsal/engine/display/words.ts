import type { Step, StepOp } from "../events.js";

/** Which operation is shown. */
export type DisplayKind = "preview" | "update" | "refresh" | "destroy";

const headings: Record<DisplayKind, [preview: string, doing: string]> = {
  preview: ["Previewing update", "Updating"],
  update: ["Previewing update", "Updating"],
  refresh: ["Previewing refresh", "Refreshing"],
  destroy: ["Previewing destroy", "Destroying"],
};

/** The line above everything else. */
export function heading(kind: DisplayKind, isPreview: boolean, stack: string): string {
  const [preview, doing] = headings[kind];
  return `${isPreview ? preview : doing} (${stack}):`;
}

/** What is done with a resource, in a preview that has not come to its end with it. */
export const previewWords: Partial<Record<StepOp, string>> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "create replacement",
  "delete-replaced": "delete original",
  read: "read",
  "read-replacement": "read for replacement",
  discard: "discard",
  "discard-replaced": "discard original",
  import: "import",
  "import-replacement": "import replacement",
  refresh: "refreshing",
};

/** What would be done. */
export const previewDoneWords: Partial<Record<StepOp, string>> = {
  ...previewWords,
  "create-replacement": "replace",
  "delete-replaced": "replace",
  "read-replacement": "replace",
  "discard-replaced": "replace",
  "import-replacement": "replace",
  refresh: "refresh",
};

/** What is being done. */
export const doingWords: Partial<Record<StepOp, string>> = {
  create: "creating",
  update: "updating",
  delete: "deleting",
  replace: "replacing",
  "create-replacement": "creating replacement",
  "delete-replaced": "deleting original",
  read: "reading",
  "read-replacement": "reading for replacement",
  discard: "discarding",
  "discard-replaced": "discarding original",
  import: "importing",
  "import-replacement": "importing replacement",
  refresh: "refreshing",
};

/** What was done. */
export const doneWords: Partial<Record<StepOp, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "created replacement",
  "delete-replaced": "deleted original",
  read: "read",
  "read-replacement": "read for replacement",
  discard: "discarded",
  "discard-replaced": "discarded original",
  import: "imported",
  "import-replacement": "imported replacement",
  refresh: "refresh",
};

/** Steps that get no line: what a stack reads is not its own. */
export const unshownOps: ReadonlySet<StepOp> = new Set([
  "read",
  "read-replacement",
  "discard",
  "remove-pending-replace",
]);

/** What failed. */
export const failedWords: Partial<Record<StepOp, string>> = {
  same: "failed",
  create: "creating failed",
  update: "updating failed",
  delete: "deleting failed",
  replace: "replacing failed",
  "create-replacement": "creating failed",
  "delete-replaced": "deleting failed",
  read: "reading failed",
  "read-replacement": "reading failed",
  discard: "discarding failed",
  "discard-replaced": "discarding failed",
  import: "importing failed",
  "import-replacement": "importing replacement failed",
  refresh: "refreshing failed",
};

/** Marks a step that lets go of a resource without deleting it. */
export function retainNote({ old, op }: Step): string {
  const letsGo = op === "delete" || op === "replace" || op === "create-replacement" || op === "delete-replaced";
  return old?.retainOnDelete === true && letsGo ? "[retain]" : "";
}
