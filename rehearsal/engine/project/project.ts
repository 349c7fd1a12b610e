import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { EngineError, joinProblems } from "../errors.js";

/** A Pulumi project as its Pulumi.yaml describes it. */
export interface Project {
  name: string;
  /** Where Pulumi.yaml is. */
  directory: string;
  /** Where the program is, the working directory of its process. */
  programDirectory: string;
  /** The program's file in that directory, or "." to let package.json say. */
  entryPoint: string;
  /** True (the default) to let the runner compile TypeScript. */
  typescript: boolean;
  /** Extra arguments for Node. */
  nodeArguments: string[];
  /** The `config` section as it is. */
  config: Record<string, unknown>;
  /** Where the stacks' settings files are. */
  stackConfigDirectory: string;
}

const fileNames = ["Pulumi.yaml", "Pulumi.yml"];

/**
 * Reads the project in a directory or the nearest one above it.
 * @throws {EngineError} if there is none, or what is wrong with it, all problems at once.
 */
export function readProject(directory: string): Project {
  const path = findProjectFile(resolve(directory));
  const content = readYaml(path);
  const problems: string[] = [];
  const name = content.name;
  if (typeof name !== "string" || !/^[a-zA-Z0-9-_.]{1,100}$/.test(name)) {
    problems.push(`name is ${JSON.stringify(name)}, expected 1 to 100 letters, digits, "-", "_" or "."`);
  }
  const { runtimeName, options } = readRuntime(content.runtime);
  if (runtimeName !== "nodejs") {
    problems.push(`runtime is ${JSON.stringify(runtimeName)}, only "nodejs" can run without the Pulumi CLI`);
  }
  const typescript = options.typescript ?? true;
  if (typeof typescript !== "boolean") {
    problems.push(`runtime.options.typescript is ${JSON.stringify(typescript)}, expected true or false`);
  }
  const nodeArguments = options.nodeargs ?? "";
  if (typeof nodeArguments !== "string") {
    problems.push(`runtime.options.nodeargs is ${JSON.stringify(nodeArguments)}, expected a text`);
  }
  const main = content.main ?? "";
  if (typeof main !== "string") {
    problems.push(`main is ${JSON.stringify(main)}, expected a path`);
  }
  const config = content.config ?? {};
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    problems.push("config is not a map of keys to values");
  }
  const projectDirectory = dirname(path);
  const program = typeof main === "string" ? locateProgram(projectDirectory, main, problems) : undefined;
  if (problems.length > 0 || program === undefined) {
    throw new EngineError(joinProblems(path, problems));
  }
  const stackConfigDirectory = content.stackConfigDir;
  return {
    name: name as string,
    directory: projectDirectory,
    ...program,
    typescript: typescript as boolean,
    nodeArguments: (nodeArguments as string).split(/\s+/).filter((word) => word !== ""),
    config: config as Record<string, unknown>,
    stackConfigDirectory:
      typeof stackConfigDirectory === "string" ? join(projectDirectory, stackConfigDirectory) : projectDirectory,
  };
}

function findProjectFile(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    for (const fileName of fileNames) {
      const path = join(directory, fileName);
      if (existsSync(path)) {
        return path;
      }
    }
    if (dirname(directory) === directory) {
      throw new EngineError(`no Pulumi.yaml project file found in ${start} or above it`);
    }
  }
}

/** Reads a YAML file that holds a map. */
export function readYaml(path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new EngineError(`${path}: ${(error as Error).message}`);
  }
  if (content === null || content === undefined) {
    return {};
  }
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new EngineError(`${path} does not hold a map of keys to values`);
  }
  return content as Record<string, unknown>;
}

function readRuntime(runtime: unknown): { runtimeName: unknown; options: Record<string, unknown> } {
  if (typeof runtime !== "object" || runtime === null) {
    return { runtimeName: runtime, options: {} };
  }
  const { name, options } = runtime as { name?: unknown; options?: unknown };
  return {
    runtimeName: name,
    options: (typeof options === "object" && options !== null ? options : {}) as Record<string, unknown>,
  };
}

function locateProgram(
  projectDirectory: string,
  main: string,
  problems: string[],
): { programDirectory: string; entryPoint: string } | undefined {
  if (main === "") {
    return { programDirectory: projectDirectory, entryPoint: "." };
  }
  const path = resolve(projectDirectory, main);
  const fromProject = relative(projectDirectory, path);
  if (fromProject.startsWith("..") || isAbsolute(fromProject)) {
    problems.push(`main is "${main}", which is outside of the project's directory`);
    return undefined;
  }
  if (!existsSync(path)) {
    problems.push(`main is "${main}", which does not exist`);
    return undefined;
  }
  return statSync(path).isDirectory()
    ? { programDirectory: path, entryPoint: "." }
    : { programDirectory: dirname(path), entryPoint: basename(path) };
}
