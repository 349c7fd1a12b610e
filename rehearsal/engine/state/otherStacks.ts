import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { EngineError } from "../errors.js";
import { readYaml } from "../project/project.js";
import {
  containsSecrets,
  isObject,
  isSecret,
  makeSecret,
  type PropertyMap,
  type PropertyValue,
} from "../propertyValues.js";
import { isStack } from "../urn.js";
import { type DeploymentFile, StateCodec } from "./deploymentFile.js";
import type { ResourceState } from "./resourceState.js";
import { findPassphrase, PassphraseCrypter } from "./secrets.js";
import { readStoredState } from "./storedState.js";

/** The stack that refers to others, and where it looks for them. */
export interface Surroundings {
  /** The name of the project. */
  project: string;
  projectDirectory: string;
  stack: string;
  /** Path of the stack's own state file; those of the project's other stacks lie beside it. */
  statePath: string;
  /** Names passphrases, and with PULUMI_BACKEND_URL a backend of files. */
  environment: NodeJS.ProcessEnv;
}

/** What a stack put out. */
export interface StackOutputs {
  outputs: PropertyMap;
  /** True if secrets could not be decrypted: they are left empty. */
  hasHiddenSecrets: boolean;
}

/**
 * Reads what another stack put out, by its name: `stack`, `organization/stack` or `organization/project/stack`. A
 * rehearsal has no organizations, so any will do. It is looked for among the rehearsed stacks of its project, which is
 * this one or lies in a directory beside it, then in the backend of files that PULUMI_BACKEND_URL names, if it does.
 *
 * @throws {EngineError} if there is no such stack, with the places where it would be.
 */
export async function readStackOutputs(name: string, from: Surroundings): Promise<StackOutputs> {
  const { project, stack } = parseStackName(name, from.project);
  const places: string[] = [];
  for (const directory of stateDirectories(project, from)) {
    const isOwn = project === from.project && stack === from.stack;
    const path = isOwn ? from.statePath : join(directory, `${stack}.json`);
    places.push(path);
    if (existsSync(path)) {
      const { resources, salt } = readStoredState(path, stack);
      return await outputsOf(resources, salt, path, () =>
        findPassphrase(from.environment, join(dirname(path), `${stack}.passphrase`)),
      );
    }
  }
  for (const path of checkpointPaths(project, stack, from)) {
    places.push(path);
    if (existsSync(path)) {
      const { resources = [], secrets_providers: secrets } = readCheckpoint(path);
      return await outputsOf(resources, secrets?.state?.salt, path, () => findPassphrase(from.environment, ""));
    }
  }
  throw new EngineError(
    `unknown stack "${name}"\nThere is none of ${places.map((path) => `"${path}"`).join(", ")}`,
  );
}

function parseStackName(name: string, ownProject: string): { project: string; stack: string } {
  const parts = name.split("/");
  const stack = parts.at(-1) ?? "";
  const project = parts.length === 3 ? (parts[1] ?? "") : ownProject;
  if (parts.length > 3 || [project, stack].some((part) => !/^(?!\.+$)[a-zA-Z0-9-_.]{1,100}$/.test(part))) {
    throw new EngineError(
      `stack reference "${name}" is not the name of a stack, expected stack, organization/stack or organization/project/stack`,
    );
  }
  return { project, stack };
}

function stateDirectories(project: string, from: Surroundings): string[] {
  if (project === from.project) {
    return [dirname(from.statePath)];
  }
  const around = dirname(from.projectDirectory);
  return readdirSync(around, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && projectNameIn(join(around, entry.name)) === project)
    .map((entry) => join(around, entry.name, ".rehearsal"));
}

function projectNameIn(directory: string): unknown {
  const path = ["Pulumi.yaml", "Pulumi.yml"].map((file) => join(directory, file)).find(existsSync);
  return path === undefined ? undefined : readYaml(path).name;
}

/** @see https://www.pulumi.com/docs/iac/concepts/state-and-backends/#local-file-system */
function checkpointPaths(project: string, stack: string, from: Surroundings): string[] {
  const { PULUMI_BACKEND_URL: url = "" } = from.environment;
  if (!url.startsWith("file://")) {
    return [];
  }
  const directory = resolve(
    from.projectDirectory,
    url.slice("file://".length).replace(/^~(?=$|[\\/])/, homedir()),
  );
  const path = join(directory, ".pulumi", "stacks", project, `${stack}.json`);
  return [path, `${path}.gz`];
}

function readCheckpoint(path: string): Partial<DeploymentFile["deployment"]> {
  try {
    const bytes = readFileSync(path);
    const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    const { checkpoint } = JSON.parse(text) as { checkpoint?: { latest?: Partial<DeploymentFile["deployment"]> } };
    return checkpoint?.latest ?? {};
  } catch (error) {
    throw new EngineError(`${path} is not a stack of the Pulumi CLI: ${(error as Error).message}`);
  }
}

async function outputsOf(
  resources: readonly ResourceState[],
  salt: string | undefined,
  path: string,
  passphrase: () => string | undefined,
): Promise<StackOutputs> {
  const outputs = resources.find(({ urn }) => isStack(urn))?.outputs ?? {};
  if (!containsSecrets(outputs)) {
    return { outputs, hasHiddenSecrets: false };
  }
  try {
    const codec = new StateCodec(await PassphraseCrypter.open(passphrase() ?? "", salt ?? "", path));
    return { outputs: codec.decodeProperties(outputs), hasHiddenSecrets: false };
  } catch (error) {
    if (error instanceof EngineError) {
      return { outputs: withEmptySecrets(outputs) as PropertyMap, hasHiddenSecrets: true };
    }
    throw error;
  }
}

function withEmptySecrets(value: PropertyValue): PropertyValue {
  if (isSecret(value)) {
    return makeSecret({});
  }
  if (Array.isArray(value)) {
    return value.map(withEmptySecrets);
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withEmptySecrets(child)]))
    : value;
}
