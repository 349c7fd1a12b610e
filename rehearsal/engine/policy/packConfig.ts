import { readFileSync } from "node:fs";
import { z } from "zod";
import { EngineError, joinProblems } from "../errors.js";
import { type EnforcementLevel, enforcementLevels } from "./types.js";

/** How one rule is to run. */
export interface PolicyConfig {
  enforcementLevel: EnforcementLevel;
  properties: Record<string, unknown>;
}

/** What is given for a rule: a part of its configuration. */
export type GivenConfig = ReadonlyMap<string, Partial<PolicyConfig>>;

/** What a pack says of one of its rules. */
export interface PolicyInfo {
  name: string;
  enforcementLevel: EnforcementLevel;
  severity: string;
  /** JSON schemas of its settings, by name; undefined where it has none. */
  properties: Record<string, Record<string, unknown>> | undefined;
  required: readonly string[];
}

/** Stands for every rule of a pack in its configuration; takes a level only. */
const everyRule = "all";

function isLevel(value: unknown): value is EnforcementLevel {
  return (enforcementLevels as readonly unknown[]).includes(value);
}

/**
 * Reads a pack's configuration file, in the form of the Pulumi CLI's `--policy-pack-config`.
 * @throws {EngineError} all that is wrong with it, at once.
 */
export function readPackConfig(path: string): GivenConfig {
  let content: unknown;
  try {
    const text = readFileSync(path, "utf8");
    content = text.trim() === "" ? {} : JSON.parse(text);
  } catch (error) {
    throw new EngineError(`policy pack configuration ${path}: ${(error as Error).message}`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new EngineError(`policy pack configuration ${path} does not hold a map of rules to levels or settings`);
  }
  const problems: string[] = [];
  const levels = enforcementLevels.join(", ");
  const given = new Map<string, Partial<PolicyConfig>>();
  for (const [rule, value] of Object.entries(content)) {
    if (typeof value === "string") {
      if (isLevel(value)) given.set(rule, { enforcementLevel: value });
      else problems.push(`${rule} is ${JSON.stringify(value)}, expected one of ${levels}, or a map of settings`);
      continue;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      problems.push(`${rule} is ${JSON.stringify(value)}, expected one of ${levels}, or a map of settings`);
      continue;
    }
    const { enforcementLevel, ...properties } = value as Record<string, unknown>;
    if (enforcementLevel !== undefined && !isLevel(enforcementLevel)) {
      problems.push(`${rule}.enforcementLevel is ${JSON.stringify(enforcementLevel)}, expected one of ${levels}`);
      continue;
    }
    given.set(rule, {
      ...(enforcementLevel === undefined ? {} : { enforcementLevel }),
      ...(Object.keys(properties).length > 0 ? { properties } : {}),
    });
  }
  if (problems.length > 0) {
    throw new EngineError(joinProblems(`policy pack configuration ${path}`, problems));
  }
  return given;
}

/**
 * The configuration that every rule of a pack runs with: its own defaults, over them what the pack's author set, over
 * that what the user gives.
 *
 * @throws {EngineError} every setting that the rules' schemas do not allow, and every rule that the pack does not have.
 */
export function reconcileConfig(
  pack: { name: string; version: string },
  policies: readonly PolicyInfo[],
  layers: readonly GivenConfig[],
): Map<string, PolicyConfig> {
  const config = new Map<string, PolicyConfig>(
    policies.map(({ name, enforcementLevel, properties }) => [
      name,
      {
        enforcementLevel,
        properties: Object.fromEntries(
          Object.entries(properties ?? {}).flatMap(([key, schema]) =>
            "default" in schema ? [[key, schema.default]] : [],
          ),
        ),
      },
    ]),
  );
  const problems: string[] = [];
  for (const layer of layers) {
    const all = layer.get(everyRule)?.enforcementLevel;
    for (const known of config.values()) {
      known.enforcementLevel = all ?? known.enforcementLevel;
    }
    for (const [rule, { enforcementLevel, properties }] of layer) {
      const known = config.get(rule);
      if (known === undefined) {
        if (rule !== everyRule) {
          problems.push(`${rule}: the pack has no such rule; it has ${[...config.keys()].sort().join(", ")}`);
        }
        continue;
      }
      known.enforcementLevel = enforcementLevel ?? known.enforcementLevel;
      Object.assign(known.properties, properties);
    }
  }
  for (const policy of policies) {
    problems.push(...settingProblems(policy, config.get(policy.name)?.properties ?? {}));
  }
  if (problems.length > 0) {
    throw new EngineError(
      joinProblems(`the configuration of policy pack ${pack.name} ${pack.version} cannot be used`, problems),
    );
  }
  return config;
}

function settingProblems(policy: PolicyInfo, given: Record<string, unknown>): string[] {
  if (policy.properties === undefined) {
    return [];
  }
  const schema = z.fromJSONSchema({
    type: "object",
    properties: policy.properties,
    ...(policy.required.length > 0 ? { required: [...policy.required] } : {}),
  } as Parameters<typeof z.fromJSONSchema>[0]);
  const verdict = schema.safeParse(given);
  return verdict.success
    ? []
    : verdict.error.issues.map(({ path, message }) => `${[policy.name, ...path].join(".")}: ${message}`);
}
