import type { PropertyMap } from "../propertyValues.js";

/** What a provider process is told about the run that it serves. */
export interface ProviderContext {
  /** The directory of the main program, which is the process's working directory. */
  programDirectory: string;
  project: string;
  /** `host:port` of the engine's own server. It refuses connections as soon as the engine is gone. */
  engineAddress: string;
  environment: NodeJS.ProcessEnv;
  /** Takes a line that the process printed. */
  onOutput(line: string, stream: "stdout" | "stderr"): void;
}

/** Identifies a resource in a call. */
export interface ResourceIdentity {
  urn: string;
  type: string;
  name: string;
}

/** One problem that a provider found in a resource's inputs. */
export interface CheckFailure {
  /** The property, or "" for the resource as a whole. */
  property: string;
  reason: string;
}

/** What a provider says about the difference between a resource and what is wanted of it. */
export interface ProviderDiff {
  /** "unknown" lets the engine compare the inputs by itself. */
  changes: "none" | "some" | "unknown";
  /** The properties that make a replacement necessary. */
  replaces: string[];
  deleteBeforeReplace: boolean;
  /** The top-level properties that changed, where the provider names them. */
  changedKeys?: string[];
}

/** What a provider read. An empty id means that the resource is gone. */
export interface ReadResult {
  id: string;
  outputs: PropertyMap;
  /** Absent if the provider does not answer inputs. */
  inputs?: PropertyMap;
}

/**
 * A running provider. All properties it is given may hold secrets and resource references; an implementation hands
 * them on in the form its process accepts, and marks secret in its answers what was secret in the question.
 *
 * `create` and `update` throw {@link InitializationFailed} for a resource that exists but is not as wanted.
 */
export interface ResourceProvider {
  /** True if `create` and `update` may be called in a preview. */
  readonly supportsPreview: boolean;
  configure(inputs: PropertyMap): Promise<void>;
  check(
    resource: ResourceIdentity,
    olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }>;
  /** Compares the outputs of before with the inputs that are wanted. */
  diff(
    resource: ResourceIdentity,
    id: string,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    ignoreChanges: string[],
  ): Promise<ProviderDiff>;
  create(
    resource: ResourceIdentity,
    inputs: PropertyMap,
    isPreview: boolean,
  ): Promise<{ id: string; outputs: PropertyMap }>;
  update(
    resource: ResourceIdentity,
    id: string,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    isPreview: boolean,
  ): Promise<{ outputs: PropertyMap }>;
  read(resource: ResourceIdentity, id: string, inputs: PropertyMap, outputs: PropertyMap): Promise<ReadResult>;
  delete(resource: ResourceIdentity, id: string, inputs: PropertyMap, outputs: PropertyMap): Promise<void>;
  /**
   * Calls a function of the package; absent where it has none.
   * @throws {EngineError} with all that is wrong with the arguments.
   */
  invoke?(token: string, args: PropertyMap): Promise<PropertyMap>;
  /** Asks the provider to end what it is doing; also called at the normal end. */
  cancel(): Promise<void>;
  /** Ends the process. */
  close(): Promise<void>;
}

/**
 * Serves one package's resource types. The engine knows its providers only through this: a package that is not in
 * its table of hosts is refused by name.
 */
export interface ResourceProviderHost {
  /** The package, the part of a type before the first colon. */
  readonly packageName: string;
  /** What the default provider gets of the stack's configuration; default all of it. */
  defaultInputs?(config: PropertyMap): PropertyMap;
  /** Starts the provider's process. */
  start(context: ProviderContext): Promise<ResourceProvider>;
}
