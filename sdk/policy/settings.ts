/** The settings of rules: JSON schemas, as Pulumi's `--policy-pack-config` is checked against, and their values. */

export interface IntegerSetting {
  type: "integer";
  description: string;
  minimum: number;
  maximum: number;
  default: number;
}

export interface TextSetting {
  type: "string";
  description: string;
  pattern?: string;
  /** Left out = the setting may be left out. */
  default?: string;
}

export interface TextListSetting {
  type: "array";
  items: { type: "string" };
  description: string;
  default: string[];
}

export type Setting = IntegerSetting | TextSetting | TextListSetting;
export type Settings = Readonly<Record<string, Setting>>;

type ValueOf<S extends Setting> = S extends IntegerSetting
  ? number
  : S extends TextListSetting
    ? string[]
    : string | undefined;

export type ValuesOf<S extends Settings> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** A whole number with a range and a default. */
export function wholeNumber(
  fallback: number,
  minimum: number,
  maximum: number,
  description: string,
): IntegerSetting {
  return { type: "integer", minimum, maximum, default: fallback, description };
}

/** A list of names, empty by default. */
export function names(description: string): TextListSetting {
  return { type: "array", items: { type: "string" }, default: [], description };
}

/** The time that ages are counted to. */
export const asOf: TextSetting = {
  type: "string",
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?Z$",
  description:
    "The time that ages are counted to, ISO 8601 in UTC. Default: now. For a rehearsal, whose clock is not the wall's.",
};

/** What is wrong with given settings, one line for each, naming value and what is allowed; empty where all is well. */
export function settingProblems(settings: Settings, given: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(given).flatMap(([key, value]) => {
    const setting = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting === undefined)
      return [`${key} is no setting of it; allowed: ${Object.keys(settings).join(", ") || "none"}`];
    return fits(setting, value) ? [] : [`${key} is ${JSON.stringify(value)}; allowed: ${allowed(setting)}`];
  });
}

/**
 * The values that a rule runs with: those given, else the defaults.
 *
 * @throws Error naming every setting that is not as its schema says
 */
export function valuesOf<S extends Settings>(settings: S, given: Readonly<Record<string, unknown>>): ValuesOf<S> {
  const problems = settingProblems(settings, given);
  if (problems.length > 0) throw new Error(problems.join("; "));
  return Object.fromEntries(
    Object.entries(settings).map(([key, setting]) => [key, given[key] ?? setting.default]),
  ) as ValuesOf<S>;
}

/** What a setting takes, in words. */
export function allowed(setting: Setting): string {
  switch (setting.type) {
    case "integer":
      return `a whole number, ${setting.minimum}-${setting.maximum}`;
    case "array":
      return "a list of texts";
    case "string":
      return setting.pattern === undefined ? "a text" : "a time such as 2026-05-01T00:00:00Z";
  }
}

function fits(setting: Setting, value: unknown): boolean {
  switch (setting.type) {
    case "integer":
      return (
        typeof value === "number" &&
        Number.isInteger(value) &&
        value >= setting.minimum &&
        value <= setting.maximum
      );
    case "array":
      return Array.isArray(value) && value.every((entry) => typeof entry === "string");
    case "string":
      return (
        typeof value === "string" &&
        (setting.pattern === undefined ||
          (new RegExp(setting.pattern).test(value) && !Number.isNaN(Date.parse(value))))
      );
  }
}
