/**
 * An embedded deployment engine: runs a Pulumi project on one machine without the Pulumi CLI, against loopback
 * endpoints only.
 */
export { Deployment } from "./deployment.js";
export { EngineError, InitializationFailed } from "./errors.js";
export type { Diagnostic, EngineEvent, OperationResult, Severity, Step, StepOp } from "./events.js";
export type { DeploymentOptions, OperationOptions, OperationSummary } from "./options.js";
export type { PropertyMap, PropertyValue } from "./propertyValues.js";
export type {
  CheckFailure,
  ProviderContext,
  ProviderDiff,
  ReadResult,
  ResourceIdentity,
  ResourceProvider,
  ResourceProviderHost,
} from "./providers/resourceProviderHost.js";
export type { PendingOperation, ResourceState } from "./state/resourceState.js";
