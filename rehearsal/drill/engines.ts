/**
 * The two engines that can run a project: the Pulumi CLI where there is one, else the embedded engine. Both take the
 * same words and give the same deployment, so that the rehearsal does not care which one it is.
 */

import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

export interface RehearsalEngine {
  kind: "pulumi" | "embedded";
  version: string;
  preview(): Promise<number>;
  up(): Promise<number>;
  destroy(): Promise<number>;
  /** The stack's outputs as the state has them. */
  outputs(): Record<string, unknown>;
}

export interface EngineOptions {
  /** Directory of the Pulumi project. */
  project: string;
  stack: string;
  /** Configuration of the stack, `namespace:key` to value; none of it secret. */
  config: Record<string, string>;
  /** Where state, backend and configuration of this run lie; never the user's own. */
  scratch: string;
  environment: NodeJS.ProcessEnv;
  /** Absolute path of a policy pack whose rules look at previews and updates. */
  policyPack?: string;
  /** Path of the compiled `siterecovery-rehearse`. */
  rehearseCommand: string;
  embeddedVersion: string;
}

/** The version of the Pulumi CLI on the PATH; undefined where there is none. */
export function pulumiVersion(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const result = spawnSync("pulumi", ["version"], {
    encoding: "utf8",
    env: { ...environment, PULUMI_SKIP_UPDATE_CHECK: "true" },
    // On Windows the CLI may be a script that only a shell finds.
    shell: process.platform === "win32",
  });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function packWords({ policyPack }: EngineOptions): string[] {
  return policyPack === undefined ? [] : ["--policy-pack", policyPack];
}

export function embeddedEngine(options: EngineOptions): RehearsalEngine {
  const statePath = path.join(options.scratch, "state.json");
  const packs = packWords(options);
  const config = Object.entries(options.config).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
  const common = ["--cwd", options.project, "--stack", options.stack, "--state", statePath, ...config];
  const environment = { ...options.environment, PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex") };
  const command = (words: string[]) =>
    runToEnd(process.execPath, [options.rehearseCommand, ...words, ...common], environment);
  return {
    kind: "embedded",
    version: options.embeddedVersion,
    preview: () => command(["preview", ...packs]),
    up: () => command(["up", "--yes", "--skip-preview", ...packs]),
    destroy: () => command(["destroy", "--yes", "--skip-preview"]),
    outputs: () => stackOutputs(JSON.parse(readFileSync(statePath, "utf8"))),
  };
}

export function pulumiEngine(options: EngineOptions, version: string): RehearsalEngine {
  const packs = packWords(options);
  const backend = path.join(options.scratch, "backend");
  const home = path.join(options.scratch, "home");
  const configFile = path.join(options.scratch, `Pulumi.${options.stack}.yaml`);
  mkdirSync(backend, { recursive: true });
  mkdirSync(home, { recursive: true });
  // JSON is YAML: no writer is needed for a map of texts.
  writeFileSync(configFile, JSON.stringify({ config: options.config }));
  const environment = {
    ...options.environment,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${backend.split(path.sep).join("/")}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
  };
  const shell = process.platform === "win32";
  const common = ["--cwd", options.project, "--stack", options.stack, "--non-interactive"];
  const run = (words: string[]) =>
    runToEnd("pulumi", [...words, "--config-file", configFile, ...common], environment, shell);
  const quiet = (words: string[]) => {
    const result = spawnSync("pulumi", [...words, "--cwd", options.project], {
      encoding: "utf8",
      env: environment,
      shell,
      maxBuffer: 2 ** 30,
    });
    if (result.status !== 0)
      throw new Error(`pulumi ${words.join(" ")} ended with status ${result.status}: ${result.stderr.trim()}`);
    return result.stdout;
  };
  // `stack init` writes its salt into the project's own directory, whatever configuration the later commands take.
  const written = path.join(options.project, `Pulumi.${options.stack}.yaml`);
  const isOurs = !existsSync(written);
  quiet(["stack", "init", options.stack, "--no-select", "--non-interactive"]);
  if (isOurs) rmSync(written, { force: true });
  return {
    kind: "pulumi",
    version,
    preview: () => run(["preview", ...packs]),
    up: () => run(["up", "--yes", "--skip-preview", ...packs]),
    destroy: () => run(["destroy", "--yes", "--skip-preview"]),
    outputs: () => stackOutputs(JSON.parse(quiet(["stack", "export", "--stack", options.stack]))),
  };
}

/** The outputs of the stack in a deployment, as `pulumi stack export` gives it. */
function stackOutputs(deployment: unknown): Record<string, unknown> {
  const resources = (
    deployment as { deployment?: { resources?: { type: string; outputs?: Record<string, unknown> }[] } }
  ).deployment?.resources;
  return resources?.find((resource) => resource.type === "pulumi:pulumi:Stack")?.outputs ?? {};
}

function runToEnd(
  command: string,
  args: string[],
  environment: NodeJS.ProcessEnv,
  shell = false,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], env: environment, shell });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
