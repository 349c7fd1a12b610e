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

/** How one property differs. */
export interface PropertyDiff {
  kind: "add" | "delete" | "update";
  /** True if the resource must be replaced for it. */
  isReplacing: boolean;
  /** True if the inputs of before and now differ, false if what the resource has and is wanted to have. */
  inputDiff: boolean;
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
  /** Every property that differs by its path, such as `nics[0].ip`, where the provider says so. */
  detailed?: Record<string, PropertyDiff>;
  /** True where the option `replacementTrigger` asks for a replacement that no property is to blame for. */
  isTriggered?: boolean;
}

/** True if the resource must be replaced. */
export function isReplacing(diff: ProviderDiff): boolean {
  return (
    diff.isTriggered === true ||
    diff.replaces.length > 0 ||
    Object.values(diff.detailed ?? {}).some((property) => property.isReplacing)
  );
}

/** What a provider read. An empty id means that the resource is gone, absent outputs that there is none to import. */
export interface ReadResult {
  id: string;
  outputs?: PropertyMap;
  /** Absent if the provider does not answer inputs. */
  inputs?: PropertyMap;
  /** Why the resource is not as it should be, though it could be read. */
  reasons?: string[];
}

/** What a function answered: what it found, or what is wrong with the arguments. */
export interface InvokeResult {
  value: PropertyMap;
  failures: CheckFailure[];
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
  /**
   * Checks the configuration of a provider instance; absent where any will do.
   * @param instance the provider resource that stands for the instance.
   */
  checkConfig?(
    instance: ResourceIdentity,
    olds: PropertyMap,
    news: PropertyMap,
  ): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }>;
  /** Compares configurations of an instance; absent where a change is never more than an update. */
  diffConfig?(
    instance: ResourceIdentity,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    ignoreChanges: string[],
  ): Promise<ProviderDiff>;
  /** @param instance as in `checkConfig`, with its id: the unknown marker while it is not created yet. */
  configure(inputs: PropertyMap, instance: ResourceIdentity & { id: string }): Promise<void>;
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
    timeoutSeconds?: number,
  ): Promise<{ id: string; outputs: PropertyMap }>;
  update(
    resource: ResourceIdentity,
    id: string,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    isPreview: boolean,
    ignoreChanges?: string[],
    timeoutSeconds?: number,
  ): Promise<{ outputs: PropertyMap }>;
  /** Reads a resource; one that is to be imported has no inputs and no outputs yet. */
  read(
    resource: ResourceIdentity,
    id: string,
    inputs: PropertyMap | undefined,
    outputs: PropertyMap | undefined,
    timeoutSeconds?: number,
  ): Promise<ReadResult>;
  delete(
    resource: ResourceIdentity,
    id: string,
    inputs: PropertyMap,
    outputs: PropertyMap,
    timeoutSeconds?: number,
  ): Promise<void>;
  /**
   * Calls a function of the package; absent where it has none.
   */
  invoke?(token: string, args: PropertyMap, isPreview: boolean): Promise<InvokeResult>;
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
