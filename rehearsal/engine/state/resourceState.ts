import type { PropertyMap, PropertyValue } from "../propertyValues.js";

/**
 * One resource as a deployment file holds it. Absent means false or empty. Secrets in `inputs` and `outputs` are in
 * the clear in memory and encrypted in files.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go (ResourceV3)
 */
export interface ResourceState {
  urn: string;
  /** True for resources that a provider manages, false for components and the stack. */
  custom: boolean;
  /** The old half of a replacement, waiting to be deleted. */
  delete?: boolean;
  id?: string;
  type: string;
  inputs?: PropertyMap;
  outputs?: PropertyMap;
  parent?: string;
  protect?: boolean;
  /** Read, not owned: never deleted. */
  external?: boolean;
  dependencies?: string[];
  /** Why the resource is not yet what was wanted; an update follows even if nothing else changes. */
  initErrors?: string[];
  /** Provider reference `URN::ID`. */
  provider?: string;
  propertyDependencies?: Record<string, string[]>;
  /** Deleted already, its replacement not yet created. */
  pendingReplacement?: boolean;
  additionalSecretOutputs?: string[];
  /** Seconds. */
  customTimeouts?: { create?: number; update?: number; delete?: number; read?: number };
  /** RFC 3339, UTC. */
  created?: string;
  /** RFC 3339, UTC. */
  modified?: string;
  ignoreChanges?: string[];
  /** Property paths whose differences are not shown. */
  hideDiff?: string[];
  retainOnDelete?: boolean;
  deletedWith?: string;
  replaceOnChanges?: string[];
  /** URNs of resources with which this one is replaced. */
  replaceWith?: string[];
  replacementTrigger?: PropertyValue;
  importID?: string;
  /** Names of the hooks that the program runs for the resource, by when: `BeforeCreate`, ... */
  resourceHooks?: Partial<Record<string, string[]>>;
  aliases?: string[];
}

/** What an operation in flight was doing to a resource. */
export type PendingOperationType = "creating" | "updating" | "deleting" | "reading";

/** An operation that began and whose end is not known: the process died in it. */
export interface PendingOperation {
  resource: ResourceState;
  type: PendingOperationType;
}

/** Everything that a resource's existence relies on, except its parent: dependencies and its provider. */
export function dependencyUrns(state: ResourceState): Set<string> {
  const urns = relatedUrns(state);
  if (state.provider !== undefined) {
    urns.add(state.provider.slice(0, state.provider.lastIndexOf("::")));
  }
  return urns;
}

/** Everything that a resource's existence relies on: its parent, dependencies and its provider. */
export function neededUrns(state: ResourceState): Set<string> {
  return new Set([...(state.parent === undefined ? [] : [state.parent]), ...dependencyUrns(state)]);
}

/** What a resource depends on, without its parent and its provider. */
export function relatedUrns(state: ResourceState): Set<string> {
  const urns = new Set(state.dependencies ?? []);
  for (const dependencies of Object.values(state.propertyDependencies ?? {})) {
    for (const urn of dependencies) {
      urns.add(urn);
    }
  }
  if (state.deletedWith !== undefined) {
    urns.add(state.deletedWith);
  }
  for (const urn of state.replaceWith ?? []) {
    urns.add(urn);
  }
  return urns;
}

/** The state with every URN that it refers to renamed as `names` says; itself if none is. */
export function renameReferences(state: ResourceState, names: ReadonlyMap<string, string>): ResourceState {
  if (names.size === 0) {
    return state;
  }
  const rename = (urn: string): string => names.get(urn) ?? urn;
  const renamed = { ...state };
  if (state.parent !== undefined) {
    renamed.parent = rename(state.parent);
  }
  if (state.dependencies !== undefined) {
    renamed.dependencies = state.dependencies.map(rename);
  }
  if (state.propertyDependencies !== undefined) {
    renamed.propertyDependencies = Object.fromEntries(
      Object.entries(state.propertyDependencies).map(([key, urns]) => [key, urns.map(rename)]),
    );
  }
  if (state.deletedWith !== undefined) {
    renamed.deletedWith = rename(state.deletedWith);
  }
  if (state.replaceWith !== undefined) {
    renamed.replaceWith = state.replaceWith.map(rename);
  }
  if (state.provider !== undefined) {
    const at = state.provider.lastIndexOf("::");
    renamed.provider = rename(state.provider.slice(0, at)) + state.provider.slice(at);
  }
  return renamed;
}

/** The state without what is empty: files leave it out. */
export function withoutEmpty(state: ResourceState): ResourceState {
  return Object.fromEntries(
    Object.entries(state).filter(
      ([, value]) => typeof value !== "object" || value === null || Object.keys(value).length > 0,
    ),
  ) as unknown as ResourceState;
}

/** What the user is told of operations that an earlier run began and did not end. */
export function interruptedWarning(interrupted: readonly PendingOperation[]): string {
  const list = interrupted
    .map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}`)
    .join("\n");
  return `Attempting to deploy or update resources with ${interrupted.length} pending operations from previous deployment.\n${list}\nThese resources are in an unknown state because the engine was interrupted while waiting for changes to these resources to complete. A refresh forgets interrupted updates and deletes, and with --clear-pending-creates creates too.`;
}
