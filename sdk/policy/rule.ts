/** What a rule is: data for people and engines, and a judgement of plain data. */

import type { EnforcementLevel, Severity } from "@pulumi/policy";
import { type Kind, kindOf } from "./kinds.js";
import { asTime, type PlainObject } from "./plain.js";
import { type Settings, type ValuesOf, valuesOf } from "./settings.js";

/** A resource as rules read it. */
export interface RuleResource {
  kind: Kind | undefined;
  urn: string;
  /** Its name in the program. */
  name: string;
  /** The checked inputs, among them those that the provider computed. */
  inputs: PlainObject;
  /** What it is now; in a preview as far as that is known. Only in rules about the stack. */
  outputs: PlainObject;
}

/** A broken rule. */
export interface Violation {
  kind: "violation";
  /** What is so, in words that name the machine, the rule or the network. */
  text: string;
  /** What to do about it; default the rule's own remedy. */
  remedy?: string;
  /** The resource that it is about; default the one that was judged, or the stack. */
  urn?: string;
}

/** Something that decides and is not known before the update. */
export interface Undecided {
  kind: "undecided";
  urn: string;
  /** Where the unknown value is, such as `["securityRules", "0", "access"]`. */
  path: readonly string[];
}

export type Verdict = Violation | Undecided;

/** What a judgement needs besides resource and settings. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  now: number;
  /** True the first time that a rule asks for a key: a machine is in a plan, a drill and a failover, and is named once. */
  isFirst(key: string): boolean;
}

/** A rule as it is written. */
export interface RuleDefinition<S extends Settings> {
  /** kebab-case; stable: configuration and reports name it. */
  id: string;
  /** One sentence that says what has to be so. It is printed above every violation. */
  description: string;
  severity: Severity;
  enforcementLevel: EnforcementLevel;
  /** What to do about a violation. */
  remedy: string;
  /** Why the rule is there, and what it does not see; for the documentation. */
  details: string;
  /** Ids of the readiness checks and connectivity findings that it reports. */
  checks: readonly string[];
  settings: S;
  /** Judges one resource by its inputs, before anything is done to it. */
  judge?(resource: RuleResource, settings: ValuesOf<S>, surroundings: Surroundings): Verdict[];
  /** Judges all resources together, once everything else went well. */
  judgeStack?(resources: readonly RuleResource[], settings: ValuesOf<S>, surroundings: Surroundings): Verdict[];
}

/** A rule of disaster recovery. */
export interface Rule extends Omit<RuleDefinition<Settings>, "judge" | "judgeStack"> {
  /** True where it looks at resources one by one. */
  readonly judgesResources: boolean;
  /** True where it looks at the stack as a whole. */
  readonly judgesStack: boolean;
  /** @param given settings that differ from the defaults */
  judge(resource: RuleResource, given?: PlainObject, surroundings?: Partial<Surroundings>): Verdict[];
  judgeStack(
    resources: readonly RuleResource[],
    given?: PlainObject,
    surroundings?: Partial<Surroundings>,
  ): Verdict[];
}

/** Makes a rule of its definition: fills in settings and the time. */
export function defineRule<const S extends Settings>(definition: RuleDefinition<S>): Rule {
  const { judge, judgeStack, ...data } = definition;
  const prepared = (given: PlainObject, surroundings: Partial<Surroundings>) => {
    const settings = valuesOf(definition.settings, given);
    const seen = new Set<string>();
    return {
      settings,
      surroundings: {
        now: asTime(given.asOf) ?? surroundings.now ?? Date.now(),
        isFirst: surroundings.isFirst ?? ((key: string) => !seen.has(key) && seen.add(key) !== undefined),
      },
    };
  };
  return {
    ...data,
    judgesResources: judge !== undefined,
    judgesStack: judgeStack !== undefined,
    judge(resource, given = {}, around = {}) {
      const { settings, surroundings } = prepared(given, around);
      return judge?.(resource, settings, surroundings) ?? [];
    },
    judgeStack(resources, given = {}, around = {}) {
      const { settings, surroundings } = prepared(given, around);
      return judgeStack?.(resources, settings, surroundings) ?? [];
    },
  };
}

/** A resource for a rule. */
export function ruleResource(
  type: string,
  urn: string,
  name: string,
  inputs: PlainObject,
  outputs: PlainObject = {},
): RuleResource {
  return { kind: kindOf(type), urn, name, inputs, outputs };
}

export function violation(text: string, more: Omit<Violation, "kind" | "text"> = {}): Verdict {
  return { kind: "violation", text, ...more };
}

export function undecided(resource: RuleResource, path: readonly string[]): Verdict {
  return { kind: "undecided", urn: resource.urn, path };
}
