import type { PropertyMap } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";

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
  protect: boolean;
  /** Undefined leaves it to the provider. */
  deleteBeforeReplace: boolean | undefined;
  ignoreChanges: string[];
  additionalSecretOutputs: string[];
  aliases: Alias[];
  /** Seconds. */
  customTimeouts: NonNullable<ResourceState["customTimeouts"]>;
}

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
    ...(goal.protect ? { protect: true } : {}),
    ...(goal.dependencies.length > 0 ? { dependencies: goal.dependencies } : {}),
    ...(providerReference === undefined ? {} : { provider: providerReference }),
    ...(Object.keys(goal.propertyDependencies).length > 0
      ? { propertyDependencies: goal.propertyDependencies }
      : {}),
    ...(goal.additionalSecretOutputs.length > 0 ? { additionalSecretOutputs: goal.additionalSecretOutputs } : {}),
    ...(Object.keys(goal.customTimeouts).length > 0 ? { customTimeouts: goal.customTimeouts } : {}),
    ...(goal.ignoreChanges.length > 0 ? { ignoreChanges: goal.ignoreChanges } : {}),
  };
}
