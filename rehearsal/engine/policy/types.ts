import type { PropertyMap } from "../propertyValues.js";
import type { ResourceState } from "../state/resourceState.js";

/** What happens where a rule is broken. */
export const enforcementLevels = ["advisory", "mandatory", "remediate", "disabled"] as const;
export type EnforcementLevel = (typeof enforcementLevels)[number];

/** How bad a violation is, in the words of policy packs; "" where the rule does not say. */
export type PolicySeverity = "" | "low" | "medium" | "high" | "critical";

/** A policy pack as it is named on the command line. */
export interface PolicyPackOptions {
  /** The directory with PulumiPolicy.yaml. */
  directory: string;
  /** Path of a JSON file: `{RULE: LEVEL}` or `{RULE: {enforcementLevel, SETTING: VALUE}}`. */
  configPath?: string;
}

/** A pack that runs, as summaries name it. */
export interface PolicyPackIdentity {
  name: string;
  version: string;
  /** As it was given. */
  directory: string;
}

/** A broken rule. */
export interface PolicyViolation {
  policy: string;
  pack: string;
  version: string;
  enforcementLevel: "advisory" | "mandatory";
  severity: PolicySeverity;
  /** May have several lines. */
  message: string;
  /** The resource; the stack's own where the rule names none. */
  urn: string;
}

/** A rule that changed a resource's inputs. */
export interface PolicyRemediation {
  policy: string;
  pack: string;
  version: string;
  urn: string;
  before: PropertyMap;
  after: PropertyMap;
}

/** What a rule is shown of a resource besides its state. */
export interface AnalyzedResource {
  state: ResourceState;
  /** Inputs for a rule about a resource, outputs for one about the stack. */
  properties: PropertyMap;
  /** The state of its provider; undefined for components. */
  provider: ResourceState | undefined;
  aliases: readonly string[];
  deleteBeforeReplace: boolean | undefined;
}
