import { existsSync } from "node:fs";
import { join } from "node:path";
import { EngineError, joinProblems } from "../errors.js";
import { makeSecret, type PropertyMap } from "../propertyValues.js";
import { PassphraseCrypter } from "../state/secrets.js";
import { type Project, readYaml } from "./project.js";

/** One configuration value as a program gets it: always text, JSON for objects. */
export interface ConfigValue {
  value: string;
  isSecret: boolean;
}

/** A stack's configuration, keys with namespace (`siterecovery:endpoint`), secrets in the clear. */
export type StackConfig = Map<string, ConfigValue>;

/** What a stack's settings file `Pulumi.<stack>.yaml` holds, still encrypted. */
export interface StackSettings {
  path: string;
  config: Record<string, unknown>;
  /** The salt text that its secrets were encrypted with. */
  encryptionSalt: string | undefined;
}

/**
 * Reads a stack's settings file; all empty where there is none.
 * @throws {EngineError} if it is not usable, all problems at once.
 */
export function readStackSettings(project: Project, stack: string): StackSettings {
  const path = join(project.stackConfigDirectory, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) {
    return { path, config: {}, encryptionSalt: undefined };
  }
  const content = readYaml(path);
  const problems: string[] = [];
  const config = content.config ?? {};
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    problems.push("config is not a map of keys to values");
  }
  const salt = content.encryptionsalt;
  if (salt !== undefined && typeof salt !== "string") {
    problems.push("encryptionsalt is not a text");
  }
  const secretsProvider = content.secretsprovider;
  if (secretsProvider !== undefined && secretsProvider !== "passphrase") {
    problems.push(`secretsprovider is ${JSON.stringify(secretsProvider)}, only "passphrase" can be opened here`);
  }
  if (content.environment !== undefined) {
    problems.push("environment (Pulumi ESC) is not implemented here");
  }
  if (problems.length > 0) {
    throw new EngineError(joinProblems(path, problems));
  }
  return { path, config: config as Record<string, unknown>, encryptionSalt: salt as string | undefined };
}

/**
 * Puts together a stack's configuration: defaults of the project, then the stack's settings, then `overrides`.
 *
 * @param overrides `key=value` as the command line gives them; a key without namespace is the project's.
 * @throws {EngineError} all problems at once: bad keys, values missing that the project declares without a default.
 */
export async function resolveConfig(
  project: Project,
  settings: StackSettings,
  overrides: readonly string[],
  passphrase: () => string,
): Promise<StackConfig> {
  const config: StackConfig = new Map();
  const problems: string[] = [];
  const required: string[] = [];
  for (const [key, declaration] of Object.entries(project.config)) {
    const fullKey = normalizeKey(key, project.name, problems);
    const declared = declaredValue(declaration);
    if (declared === undefined) {
      required.push(fullKey);
    } else {
      config.set(fullKey, { value: toText(declared), isSecret: isDeclaredSecret(declaration) });
    }
  }
  let crypter: PassphraseCrypter | undefined;
  for (const [key, value] of Object.entries(settings.config)) {
    const fullKey = normalizeKey(key, project.name, problems);
    if (!hasSecure(value)) {
      config.set(fullKey, { value: toText(value), isSecret: false });
      continue;
    }
    if (settings.encryptionSalt === undefined) {
      problems.push(`${settings.path}: ${key} is encrypted, but the file has no encryptionsalt`);
      continue;
    }
    crypter ??= await PassphraseCrypter.open(passphrase(), settings.encryptionSalt, settings.path);
    config.set(fullKey, { value: toText(decryptSecure(value, crypter)), isSecret: true });
  }
  for (const override of overrides) {
    const at = override.indexOf("=");
    if (at <= 0) {
      problems.push(`--config is "${override}", expected KEY=VALUE`);
    } else {
      const isSecret = config.get(normalizeKey(override.slice(0, at), project.name, []))?.isSecret ?? false;
      config.set(normalizeKey(override.slice(0, at), project.name, problems), {
        value: override.slice(at + 1),
        isSecret,
      });
    }
  }
  for (const key of required) {
    if (!config.has(key)) {
      problems.push(
        `Stack is missing configuration value '${key}': set it in ${settings.path} or with --config ${key}=VALUE`,
      );
    }
  }
  if (problems.length > 0) {
    throw new EngineError(joinProblems("the stack's configuration cannot be used", problems));
  }
  return config;
}

/** The configuration as inputs of a provider, secrets marked. */
export function configAsInputs(config: StackConfig): PropertyMap {
  return Object.fromEntries(
    [...config].map(([key, { value, isSecret }]) => [key, isSecret ? makeSecret(value) : value]),
  );
}

function normalizeKey(key: string, project: string, problems: string[]): string {
  const parts = key.split(":");
  if (parts.length === 1) {
    return `${project}:${key}`;
  }
  if (parts.length === 3 && parts[1] === "config") {
    return `${parts[0]}:${parts[2]}`;
  }
  if (parts.length !== 2 || parts[0] === "" || parts[1] === "") {
    problems.push(`configuration key "${key}" is not NAME or NAMESPACE:NAME`);
  }
  return key;
}

function declaredValue(declaration: unknown): unknown {
  if (typeof declaration !== "object" || declaration === null || Array.isArray(declaration)) {
    return declaration;
  }
  const {
    value,
    default: defaultValue,
    type,
  } = declaration as { value?: unknown; default?: unknown; type?: unknown };
  if (value !== undefined || defaultValue !== undefined) {
    return value ?? defaultValue;
  }
  return type === undefined && !("description" in declaration) && !("secret" in declaration)
    ? declaration
    : undefined;
}

function isDeclaredSecret(declaration: unknown): boolean {
  return (
    typeof declaration === "object" &&
    declaration !== null &&
    (declaration as { secret?: unknown }).secret === true
  );
}

function toText(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

function hasSecure(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.some(hasSecure);
  }
  if (typeof value !== "object" || value === null) {
    return false;
  }
  return isSecure(value) || Object.values(value).some(hasSecure);
}

function isSecure(value: object): value is { secure: string } {
  return Object.keys(value).length === 1 && typeof (value as { secure?: unknown }).secure === "string";
}

function decryptSecure(value: unknown, crypter: PassphraseCrypter): unknown {
  if (Array.isArray(value)) {
    return value.map((child) => decryptSecure(child, crypter));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (isSecure(value)) {
    return crypter.decrypt(value.secure);
  }
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, decryptSecure(child, crypter)]));
}
