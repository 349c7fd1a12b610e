import { ProgressDisplay } from "./display/progressDisplay.js";
import type { DisplayKind } from "./display/words.js";
import type { EngineEvent, OperationResult } from "./events.js";
import type { OperationSummary } from "./options.js";
import { containsUnknowns, isSecret, type PropertyMap, unwrapSecrets } from "./propertyValues.js";
import type { Operation } from "./steps/operation.js";
import { stackUrn } from "./urn.js";

/** How an operation that is over has ended. */
export function resultOf(operation: Operation): OperationResult {
  const { stopped } = operation.executor;
  if (stopped === "canceled" && !operation.hasErrors) {
    return "canceled";
  }
  return stopped !== undefined || operation.hasErrors || operation.isPolicyBroken ? "failed" : "succeeded";
}

/** What an operation that is over did, and what the Pulumi CLI would have printed of it. */
export function summarize(
  operation: Operation,
  result: OperationResult,
  events: EngineEvent[],
  display: { stack: string; project: string; kind: DisplayKind; isPreview: boolean },
): OperationSummary {
  const outputs = stackOutputs(operation, events);
  return {
    result,
    steps: operation.steps,
    changes: operation.changes,
    diagnostics: operation.diagnostics,
    violations: operation.violations,
    outputs: Object.fromEntries(
      Object.entries(outputs)
        .filter(([, value]) => !containsUnknowns(value))
        .map(([key, value]) => [key, unwrapSecrets(value)]),
    ),
    secretOutputs: Object.keys(outputs).filter((key) => isSecret(outputs[key])),
    events,
    text: renderText(events, display),
  };
}

function renderText(
  events: readonly EngineEvent[],
  { stack, project, kind, isPreview }: Parameters<typeof summarize>[3],
): string {
  const pieces: string[] = [];
  const display = new ProgressDisplay(stack, project, kind, isPreview, (text) => pieces.push(text));
  for (const event of events) {
    display.handle(event);
  }
  return pieces.join("");
}

function stackOutputs(operation: Operation, events: readonly EngineEvent[]): PropertyMap {
  const urn = stackUrn(operation.stack, operation.project);
  for (const event of events.toReversed()) {
    if (event.kind === "stepEnded" && event.step.urn === urn && event.step.op !== "refresh") {
      return event.step.new?.outputs ?? {};
    }
  }
  return operation.store.current().find((state) => state.urn === urn)?.outputs ?? {};
}
