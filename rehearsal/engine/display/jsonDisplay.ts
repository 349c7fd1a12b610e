import type { EngineEvent, Step } from "../events.js";
import type { PolicyPackIdentity } from "../policy/types.js";
import {
  isObject,
  isResourceReference,
  isSecret,
  makeCiphertext,
  type PropertyMap,
  type PropertyValue,
  unknownValue,
} from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";
import { packKey } from "./policies.js";

/** One event in the form of the Pulumi CLI's `--json`. */
export type JsonEvent = Record<string, unknown>;

/**
 * Turns events into those that `pulumi up --json` prints, one object for each line. Secrets are masked.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/events.go
 */
export class JsonEvents {
  private sequence = 0;

  convert(event: EngineEvent, isPreview: boolean): JsonEvent[] {
    switch (event.kind) {
      case "prelude":
        return [this.make(Date.now(), "preludeEvent", { config: event.config })];
      case "stepStarted":
        return [
          this.make(event.time, "resourcePreEvent", {
            metadata: stepMetadata(event.step),
            ...(isPreview ? { planning: true } : {}),
          }),
        ];
      case "stepEnded":
        return [
          this.make(event.time, "resOutputsEvent", {
            metadata: stepMetadata(event.step),
            ...(isPreview ? { planning: true } : {}),
          }),
        ];
      case "stepFailed":
        return [
          this.make(event.time, "resOpFailedEvent", { metadata: stepMetadata(event.step), status: 2, steps: 0 }),
        ];
      case "diagnostic": {
        const { severity, urn, message, isEphemeral, streamId } = event.diagnostic;
        const prefix = severity === "error" || severity === "warning" ? `${severity}: ` : "";
        return [
          this.make(event.time, "diagnosticEvent", {
            ...(urn === "" ? {} : { urn }),
            ...(prefix === "" ? {} : { prefix }),
            message: message.endsWith("\n") ? message : `${message}\n`,
            color: "never",
            severity,
            ...(streamId === 0 ? {} : { streamID: streamId }),
            ...(isEphemeral ? { ephemeral: true } : {}),
          }),
        ];
      }
      case "policyViolation": {
        const { policy, pack, version, message, severity, ...violation } = event.violation;
        return [
          this.make(event.time, "policyEvent", {
            resourceUrn: violation.urn,
            message: message.endsWith("\n") ? message : `${message}\n`,
            color: "never",
            policyName: policy,
            policyPackName: pack,
            policyPackVersion: version,
            policyPackVersionTag: version,
            enforcementLevel: violation.enforcementLevel,
            ...(severity === "" ? {} : { severity }),
          }),
        ];
      }
      case "policyRemediation": {
        const { policy, pack, version, urn, before, after } = event.remediation;
        return [
          this.make(event.time, "policyRemediationEvent", {
            resourceUrn: urn,
            color: "never",
            policyName: policy,
            policyPackName: pack,
            policyPackVersion: version,
            policyPackVersionTag: version,
            before: maskProperties(before),
            after: maskProperties(after),
          }),
        ];
      }
      case "summary":
        return [
          this.make(Date.now(), "summaryEvent", {
            maybeCorrupt: false,
            durationSeconds: Math.ceil(event.seconds),
            resourceChanges: event.changes,
            ...(event.policyPacks === undefined ? {} : { PolicyPacks: packVersions(event.policyPacks) }),
            result: event.result,
          }),
          this.make(Date.now(), "cancelEvent", {}),
        ];
    }
  }

  private make(milliseconds: number, name: string, payload: Record<string, unknown>): JsonEvent {
    return { sequence: this.sequence++, timestamp: Math.floor(milliseconds / 1000), [name]: payload };
  }
}

function packVersions(packs: readonly PolicyPackIdentity[]): Record<string, string> {
  return Object.fromEntries(packs.map(({ name, version, directory }) => [packKey(name, directory), version]));
}

/** A preview as one document, in the form of `pulumi preview --json`. */
export function previewDocument(events: readonly EngineEvent[]): Record<string, unknown> {
  const steps: unknown[] = [];
  const diagnostics: unknown[] = [];
  const document: Record<string, unknown> = {};
  for (const event of events) {
    if (event.kind === "prelude") {
      document.config = event.config;
    } else if (event.kind === "stepStarted") {
      steps.push(previewStep(event.step));
    } else if (event.kind === "diagnostic" && !event.diagnostic.isEphemeral) {
      const { urn, message, severity } = event.diagnostic;
      diagnostics.push({ ...(urn === "" ? {} : { urn }), message, severity });
    } else if (event.kind === "summary") {
      document.duration = Math.round(event.seconds * 1e9);
      document.changeSummary = event.changes;
    }
  }
  return { ...document, steps, ...(diagnostics.length > 0 ? { diagnostics } : {}) };
}

function previewStep(step: Step): Record<string, unknown> {
  const { old, new: current } = step;
  return {
    op: step.op,
    urn: step.urn,
    ...(current?.provider === undefined ? {} : { provider: current.provider }),
    ...(old === undefined ? {} : { oldState: masked(old) }),
    ...(current === undefined ? {} : { newState: masked(current) }),
    ...(step.diffKeys === undefined ? {} : { diffReasons: step.diffKeys }),
    ...((step.replaceKeys ?? []).length === 0 ? {} : { replaceReasons: step.replaceKeys }),
    detailedDiff: detailedDiff(step),
  };
}

function stepMetadata(step: Step): Record<string, unknown> {
  const { old, new: current } = step;
  return {
    op: step.resultOp ?? step.op,
    urn: step.urn,
    type: step.type,
    ...(old === undefined ? { old: null } : { old: stateMetadata(old) }),
    ...(current === undefined ? { new: null } : { new: stateMetadata(current) }),
    ...(step.replaceKeys === undefined ? {} : { keys: step.replaceKeys }),
    ...(step.diffKeys === undefined ? {} : { diffs: step.diffKeys }),
    detailedDiff: detailedDiff(step),
    ...(step.isLogical ? { logical: true } : {}),
    provider: (current ?? old)?.provider ?? "",
  };
}

function detailedDiff(step: Step): Record<string, unknown> | null {
  if (step.detailedDiff === undefined) {
    return null;
  }
  return Object.fromEntries(
    Object.entries(step.detailedDiff).map(([path, { kind, isReplacing, inputDiff }]) => [
      path,
      { diffKind: isReplacing ? `${kind}-replace` : kind, inputDiff },
    ]),
  );
}

function stateMetadata(state: ResourceState): Record<string, unknown> {
  return {
    type: state.type,
    urn: state.urn,
    ...(state.custom ? { custom: true } : {}),
    ...(state.delete === true ? { delete: true } : {}),
    id: state.id ?? "",
    parent: state.parent ?? "",
    ...(state.protect === true ? { protect: true } : {}),
    inputs: maskProperties(state.inputs),
    outputs: maskProperties(state.outputs),
    provider: state.provider ?? "",
    ...(state.hideDiff === undefined ? {} : { hideDiffs: state.hideDiff }),
    ...(state.initErrors === undefined ? {} : { initErrors: state.initErrors }),
  };
}

function masked(state: ResourceState): Record<string, unknown> {
  return {
    ...state,
    ...(state.inputs === undefined ? {} : { inputs: maskProperties(state.inputs) }),
    ...(state.outputs === undefined ? {} : { outputs: maskProperties(state.outputs) }),
  };
}

function maskProperties(properties: PropertyMap | undefined): PropertyMap {
  return Object.fromEntries(Object.entries(properties ?? {}).map(([key, value]) => [key, mask(value)]));
}

function mask(value: PropertyValue): PropertyValue {
  if (isSecret(value)) {
    return makeCiphertext("[secret]");
  }
  if (Array.isArray(value)) {
    return value.map(mask);
  }
  if (isResourceReference(value) && value.id === unknownValue) {
    return { ...value, id: "" };
  }
  return isObject(value) ? maskProperties(value) : value;
}
