/** Rules as policies of Pulumi: for the pack that is shipped, and for packs of users. */

import type {
  EnforcementLevel,
  PolicyConfigSchema,
  ReportViolation,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { asObject, type PlainObject } from "./plain.js";
import { type Rule, type RuleResource, ruleResource, type Verdict } from "./rule.js";
import { rules } from "./rules/index.js";
import { settingProblems } from "./settings.js";

/** A policy that can look at resources, at the stack, or at both. */
export type DisasterRecoveryPolicy = ResourceValidationPolicy &
  Partial<Pick<StackValidationPolicy, "validateStack">>;

/** A level, or settings of a rule with or without a level. */
export type RuleConfig = EnforcementLevel | ({ enforcementLevel?: EnforcementLevel } & Record<string, unknown>);

/** By the rule's id, and `all` for the level of every rule that has none of its own here. */
export type DisasterRecoveryConfig = Readonly<Record<string, RuleConfig>>;

const levels: readonly unknown[] = ["advisory", "mandatory", "remediate", "disabled"];
/** The engine's name for every rule. */
const everyRule = "all";

/**
 * The rules as policies, for a pack of your own. What is given becomes the default that `--policy-pack-config` goes
 * over.
 *
 * @param config by rule: `"disabled"`, or settings such as `{ "recovery-plan-drilled": { maxAgeDays: 30, enforcementLevel: "mandatory" } }`
 * @throws Error naming every rule, level and setting that there is not, all at once
 *
 * @example
 * new PolicyPack("ours", { policies: [...disasterRecoveryPolicies({ "boot-diagnostics": "mandatory" }), ...own] });
 */
export function disasterRecoveryPolicies(config: DisasterRecoveryConfig = {}): DisasterRecoveryPolicy[] {
  const problems = Object.entries(config).flatMap(([id, given]) => configProblems(id, given));
  if (problems.length > 0) throw new Error(`disasterRecoveryPolicies: ${problems.join("; ")}`);
  return policiesOf(rules, config);
}

/** Policies of some of the rules: they share what they learn of the resources of a run. */
export function policiesOf(
  chosen: readonly Rule[],
  config: DisasterRecoveryConfig = {},
): DisasterRecoveryPolicy[] {
  const checkedInputs = new Map<string, PlainObject>();
  return chosen.map((rule) => policyOf(rule, config[rule.id], levelOf(config[everyRule]), checkedInputs));
}

function configProblems(id: string, given: RuleConfig): string[] {
  const level = typeof given === "string" ? given : given?.enforcementLevel;
  const found: string[] = [];
  if (level !== undefined && !levels.includes(level))
    found.push(`${id}: level ${JSON.stringify(level)} is not allowed; allowed: ${levels.join(", ")}`);
  if (id === everyRule) {
    const others = Object.keys(asObject(given) ?? {}).filter((key) => key !== "enforcementLevel");
    return others.length > 0 ? [...found, `${everyRule} takes a level only, and has ${others.join(", ")}`] : found;
  }
  const rule = rules.find((known) => known.id === id);
  if (rule === undefined)
    return [
      ...found,
      `there is no rule ${JSON.stringify(id)}; allowed: ${rules.map((known) => known.id).join(", ")}`,
    ];
  if (typeof given !== "string" && asObject(given) === undefined)
    return [...found, `${id} is ${JSON.stringify(given)}; allowed: a level or a map of settings`];
  return [...found, ...settingProblems(rule.settings, settingsIn(given)).map((problem) => `${id}: ${problem}`)];
}

function policyOf(
  rule: Rule,
  config: RuleConfig | undefined,
  levelOfAll: EnforcementLevel | undefined,
  checkedInputs: Map<string, PlainObject>,
): DisasterRecoveryPolicy {
  const named = new Set<string>();
  const surroundings = { isFirst: (key: string) => !named.has(key) && named.add(key) !== undefined };
  return {
    name: rule.id,
    description: rule.description,
    severity: rule.severity,
    enforcementLevel: levelOf(config) ?? levelOfAll ?? rule.enforcementLevel,
    remediationSteps: rule.remedy,
    tags: ["disaster-recovery"],
    configSchema: configSchema(rule, settingsIn(config)),
    // Also for rules about the stack: an unchanged resource shows them its old outputs, and its inputs are of today.
    validateResource: (args, report) => {
      const inputs = plain(args.props);
      checkedInputs.set(args.urn, inputs);
      if (!rule.judgesResources) return;
      const resource = ruleResource(args.type, args.urn, args.name, inputs);
      const verdicts = rule.judge(resource, args.getConfig<Record<string, unknown>>(), surroundings);
      tell(rule, verdicts, report, (path) => touch(args.props, path));
    },
    ...(rule.judgesStack
      ? {
          validateStack: (args, report) => {
            const props = new Map(args.resources.map((resource) => [resource.urn, resource.props]));
            const resources = args.resources.map(({ type, urn, name, props: proxied }): RuleResource => {
              const outputs = plain(proxied);
              return ruleResource(type, urn, name, checkedInputs.get(urn) ?? outputs, outputs);
            });
            const verdicts = rule.judgeStack(resources, args.getConfig<Record<string, unknown>>(), surroundings);
            tell(rule, verdicts, report, (path, urn) => touch(props.get(urn), path));
          },
        }
      : {}),
  };
}

/** Reports what is broken, and then lets the SDK say of what is undecided that it cannot be told in a preview. */
function tell(
  rule: Rule,
  verdicts: readonly Verdict[],
  report: ReportViolation,
  touchUnknown: (path: readonly string[], urn: string) => void,
): void {
  for (const verdict of verdicts)
    if (verdict.kind === "violation")
      report(
        `${sentence(verdict.text)}\nfix: ${sentence(uncapitalised(verdict.remedy ?? rule.remedy))}`,
        verdict.urn,
      );
  for (const verdict of verdicts) if (verdict.kind === "undecided") touchUnknown(verdict.path, verdict.urn);
}

/** Reads an unknown value where the SDK notices: it ends the rule with a note that it runs in the update. */
function touch(props: unknown, path: readonly string[]): void {
  let value = props;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return;
    value = (value as Record<string, unknown>)[key];
  }
}

/**
 * A resource's properties without the guard that the SDK puts round them: a rule looks at unknown values itself, and
 * says of known ones what it can.
 */
function plain(props: unknown): PlainObject {
  const guarded = asObject(props);
  const isGuarded = guarded?.__isSpecialProxy === true;
  return asObject(isGuarded ? guarded.__getSpecialProxyTarget : props) ?? {};
}

function configSchema(rule: Rule, given: PlainObject): PolicyConfigSchema {
  return {
    properties: Object.fromEntries(
      Object.entries(rule.settings).map(([key, setting]) => [
        key,
        { ...setting, ...(given[key] === undefined ? {} : { default: given[key] as string | number | string[] }) },
      ]),
    ),
  };
}

function levelOf(config: RuleConfig | undefined): EnforcementLevel | undefined {
  return typeof config === "string" ? config : config?.enforcementLevel;
}

function settingsIn(config: RuleConfig | undefined): PlainObject {
  const { enforcementLevel: _, ...settings } = asObject(config) ?? {};
  return settings;
}

/** A remedy stands after "fix:"; a name such as RDP stays as it is. */
function uncapitalised(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text;
}

/** With a full stop; not capitalised, because most begin with a name. */
function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
