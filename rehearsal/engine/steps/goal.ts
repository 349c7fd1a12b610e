import type { PropertyMap, PropertyValue } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";
import type { HookBindings } from "./hooks.js";

/** Another identity that a resource may have had. Absent fields are as the resource has them now. */
export type Alias =
  | { urn: string }
  | { name?: string; type?: string; parentUrn?: string; hasNoParent?: boolean; stack?: string; project?: string };

/** What a program wants a resource to be. */
export interface ResourceGoal {
  type: string;
  name: string;
  custom: boolean;
  inputs: PropertyMap;
  /** URN, "" for none. */
  parent: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  /** Undefined takes the parent's. */
  protect?: boolean;
  /** Undefined takes the parent's. */
  retainOnDelete?: boolean;
  /** URN, "" for none of its own: then the parent's counts. */
  deletedWith: string;
  replaceOnChanges: string[];
  /** URNs. */
  replaceWith: string[];
  /** A value whose change replaces the resource. */
  replacementTrigger?: PropertyValue;
  /** The id of what is to be taken over, "" for nothing. */
  importId: string;
  /** Provider reference `URN::ID`, "" for the one of the parent or the default one. */
  provider: string;
  /** Provider references for the children of a component, by package. */
  providers: Record<string, string>;
  /** Of the provider that the program was written for; "" for any. */
  version: string;
  /** Undefined leaves it to the provider. */
  deleteBeforeReplace: boolean | undefined;
  ignoreChanges: string[];
  /** Property paths, as Pulumi writes them, whose differences are not shown. */
  hideDiffs: string[];
  hooks: HookBindings;
  additionalSecretOutputs: string[];
  aliases: Alias[];
  /** Seconds. */
  customTimeouts: NonNullable<ResourceState["customTimeouts"]>;
}

/** A goal that asks for nothing but a provider instance. */
export const emptyGoal: Omit<ResourceGoal, "type" | "name" | "inputs"> = {
  custom: true,
  parent: "",
  dependencies: [],
  propertyDependencies: {},
  deletedWith: "",
  replaceOnChanges: [],
  replaceWith: [],
  importId: "",
  provider: "",
  providers: {},
  version: "",
  deleteBeforeReplace: undefined,
  ignoreChanges: [],
  hideDiffs: [],
  hooks: {},
  additionalSecretOutputs: [],
  aliases: [],
  customTimeouts: {},
};

/** The state that a goal asks for, as far as it is known before any step. */
export function wantedState(
  goal: ResourceGoal,
  urn: string,
  providerReference: string | undefined,
): ResourceState {
  return {
    urn,
    custom: goal.custom,
    type: goal.type,
    ...(Object.keys(goal.inputs).length > 0 || goal.custom ? { inputs: goal.inputs } : {}),
    ...(goal.parent === "" ? {} : { parent: goal.parent }),
    ...(goal.protect === true ? { protect: true } : {}),
    ...(goal.retainOnDelete === true ? { retainOnDelete: true } : {}),
    ...(goal.deletedWith === "" ? {} : { deletedWith: goal.deletedWith }),
    ...(goal.importId === "" ? {} : { importID: goal.importId }),
    ...(goal.dependencies.length > 0 ? { dependencies: goal.dependencies } : {}),
    ...(providerReference === undefined ? {} : { provider: providerReference }),
    ...(Object.keys(goal.propertyDependencies).length > 0
      ? { propertyDependencies: goal.propertyDependencies }
      : {}),
    ...(goal.additionalSecretOutputs.length > 0 ? { additionalSecretOutputs: goal.additionalSecretOutputs } : {}),
    ...(Object.keys(goal.customTimeouts).length > 0 ? { customTimeouts: goal.customTimeouts } : {}),
    ...(goal.ignoreChanges.length > 0 ? { ignoreChanges: goal.ignoreChanges } : {}),
    ...(Object.keys(goal.hooks).length > 0 ? { resourceHooks: goal.hooks } : {}),
    ...(goal.hideDiffs.length > 0 ? { hideDiff: goal.hideDiffs } : {}),
    ...(goal.replaceOnChanges.length > 0 ? { replaceOnChanges: goal.replaceOnChanges } : {}),
    ...(goal.replaceWith.length > 0 ? { replaceWith: goal.replaceWith } : {}),
    ...(goal.replacementTrigger === undefined ? {} : { replacementTrigger: goal.replacementTrigger }),
  };
}
