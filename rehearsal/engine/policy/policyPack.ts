import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb.js";
import analyzer from "@pulumi/pulumi/proto/analyzer_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { EngineError, joinProblems } from "../errors.js";
import { channelOptions } from "../grpc.js";
import { readYaml } from "../project/project.js";
import type { StackConfig } from "../project/stackConfig.js";
import { flattenReferences, type PropertyMap } from "../propertyValues.js";
import { fromStruct, toStruct } from "../protobufStruct.js";
import { killGroup } from "../providers/providerProcess.js";
import { nameOf } from "../urn.js";
import { type PolicyConfig, type PolicyInfo, readPackConfig, reconcileConfig } from "./packConfig.js";
import type {
  AnalyzedResource,
  EnforcementLevel,
  PolicyPackIdentity,
  PolicyPackOptions,
  PolicySeverity,
} from "./types.js";

const projectFile = "PulumiPolicy.yaml";

const levelNumbers = { advisory: 0, mandatory: 1, disabled: 2, remediate: 3 } as const;
/** In the order of the protocol's numbers. */
const levelNames: readonly EnforcementLevel[] = ["advisory", "mandatory", "disabled", "remediate"];
const severityNames: readonly PolicySeverity[] = ["", "low", "medium", "high", "critical"];

/** What a pack's process needs to know of the run. */
export interface PackSurroundings {
  engineAddress: string;
  stack: string;
  project: string;
  isPreview: boolean;
  config: StackConfig;
  environment: NodeJS.ProcessEnv;
  onOutput(line: string, stream: "stdout" | "stderr"): void;
}

/** What a rule says of a resource, as the pack sent it. */
export interface PackDiagnostic {
  policy: string;
  version: string;
  message: string;
  enforcementLevel: EnforcementLevel;
  severity: PolicySeverity;
  /** "" where the rule names no resource. */
  urn: string;
}

/** What a rule made of a resource's inputs, or why it could not. */
export interface PackRemediation {
  policy: string;
  version: string;
  properties: PropertyMap | undefined;
  diagnostic: string;
}

/**
 * A policy pack that runs in the SDK's own runner for packs, found from the pack's directory, and answers over the
 * protocol of policy packs.
 *
 * @see https://github.com/pulumi/pulumi/blob/master/proto/pulumi/analyzer.proto
 */
export class PolicyPackProcess {
  private constructor(
    readonly identity: PolicyPackIdentity,
    private readonly child: ChildProcess,
    private readonly client: AnalyzerClient,
    private readonly severities: ReadonlyMap<string, PolicySeverity>,
    /** The version of PulumiPolicy.yaml, which goes before that of package.json. */
    private readonly ownVersion: string,
  ) {}

  /**
   * Starts a pack and configures it.
   *
   * @throws {EngineError} if there is none, if it does not start, or if its configuration cannot be used.
   */
  static async start(options: PolicyPackOptions, surroundings: PackSurroundings): Promise<PolicyPackProcess> {
    const given = options.configPath === undefined ? new Map() : readPackConfig(options.configPath);
    const directory = resolve(options.directory);
    const { version: ownVersion } = readPackProject(options.directory, directory);
    const runner = resolveRunner(directory);
    const child = spawn(process.execPath, [runner, surroundings.engineAddress, directory], {
      cwd: directory,
      env: packEnvironment(surroundings),
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
    });
    const client = new AnalyzerClient(
      `127.0.0.1:${await portOf(child, options.directory, surroundings)}`,
      credentials.createInsecure(),
      channelOptions,
    );
    try {
      const request = new analyzer.AnalyzerStackConfigureRequest();
      request.setStack(surroundings.stack);
      request.setProject(surroundings.project);
      request.setOrganization("organization");
      request.setDryRun(surroundings.isPreview);
      await call<analyzer.AnalyzerStackConfigureResponse>((done) => client.configureStack(request, done));
      const info = await call<analyzer.AnalyzerInfo>((done) => client.getAnalyzerInfo(new empty.Empty(), done));
      const identity = {
        name: info.getName(),
        version: ownVersion === "" ? info.getVersion() : ownVersion,
        directory: options.directory,
      };
      const policies = info.getPoliciesList().map(policyInfo);
      if (info.getSupportsconfig()) {
        const config = reconcileConfig(identity, policies, [initialConfig(info), given]);
        await configure(client, config);
      } else if (given.size > 0) {
        throw new EngineError(`policy pack ${identity.name} at ${options.directory} takes no configuration`);
      }
      const severities = new Map(policies.map(({ name, severity }) => [name, severity as PolicySeverity]));
      return new PolicyPackProcess(identity, child, client, severities, ownVersion);
    } catch (error) {
      client.close();
      killGroup(child);
      throw error;
    }
  }

  /** Lets the rules look at one resource, before anything is done to it. */
  async analyze(resource: AnalyzedResource): Promise<PackDiagnostic[]> {
    const request = this.request(resource, withoutInternalKeys(resource.properties));
    const response = await call<analyzer.AnalyzeResponse>((done) => this.client.analyze(request, done));
    return response.getDiagnosticsList().map((diagnostic) => this.diagnostic(diagnostic));
  }

  /** Lets the rules that mend change one resource's inputs. */
  async remediate(resource: AnalyzedResource): Promise<PackRemediation[]> {
    const request = this.request(resource, resource.properties);
    const response = await call<analyzer.RemediateResponse>((done) => this.client.remediate(request, done));
    return response.getRemediationsList().map((remediation) => ({
      policy: remediation.getPolicyname(),
      version: this.versionOf(remediation.getPolicypackversion()),
      properties: remediation.getDiagnostic() === "" ? fromStruct(remediation.getProperties()) : undefined,
      diagnostic: remediation.getDiagnostic(),
    }));
  }

  /** Lets the rules look at the whole stack. */
  async analyzeStack(resources: readonly AnalyzedResource[]): Promise<PackDiagnostic[]> {
    const request = new analyzer.AnalyzeStackRequest();
    request.setResourcesList(resources.map(stackResource));
    const response = await call<analyzer.AnalyzeResponse>((done) => this.client.analyzeStack(request, done));
    return response.getDiagnosticsList().map((diagnostic) => this.diagnostic(diagnostic));
  }

  close(): void {
    this.client.close();
    killGroup(this.child);
  }

  private request(resource: AnalyzedResource, properties: PropertyMap): analyzer.AnalyzeRequest {
    const { state, provider } = resource;
    const request = new analyzer.AnalyzeRequest();
    request.setUrn(state.urn);
    request.setType(state.type);
    request.setName(nameOf(state.urn));
    request.setProperties(toStruct(flattenReferences(properties) as PropertyMap));
    request.setOptions(resourceOptions(resource));
    if (provider !== undefined) {
      request.setProvider(providerResource(provider));
    }
    return request;
  }

  private diagnostic(diagnostic: analyzer.AnalyzeDiagnostic): PackDiagnostic {
    const policy = diagnostic.getPolicyname();
    return {
      policy,
      version: this.versionOf(diagnostic.getPolicypackversion()),
      message: diagnostic.getMessage(),
      enforcementLevel: levelNames[diagnostic.getEnforcementlevel()] ?? "mandatory",
      severity: (severityNames[diagnostic.getSeverity()] || this.severities.get(policy)) ?? "",
      urn: diagnostic.getUrn(),
    };
  }

  private versionOf(sent: string): string {
    return this.ownVersion === "" ? sent : this.ownVersion;
  }
}

function readPackProject(given: string, directory: string): { version: string } {
  const path = join(directory, projectFile);
  if (!existsSync(path)) {
    throw new EngineError(`policy pack ${given}: there is no ${projectFile} in ${directory}`);
  }
  const { runtime, version } = readYaml(path);
  const runtimeName =
    typeof runtime === "object" && runtime !== null ? (runtime as { name?: unknown }).name : runtime;
  const problems: string[] = [];
  if (runtimeName !== "nodejs") {
    problems.push(`runtime is ${JSON.stringify(runtimeName)}, only "nodejs" can run without the Pulumi CLI`);
  }
  if (version !== undefined && typeof version !== "string") {
    problems.push(`version is ${JSON.stringify(version)}, expected a text`);
  }
  if (problems.length > 0) {
    throw new EngineError(joinProblems(path, problems));
  }
  return { version: typeof version === "string" ? version : "" };
}

function resolveRunner(directory: string): string {
  try {
    return createRequire(join(directory, "index.js")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  } catch {
    throw new EngineError(
      `it looks like the policy pack's dependencies are not installed: run "npm install" in ${directory} (it looks for @pulumi/pulumi there and above)`,
    );
  }
}

/** As the Pulumi CLI has it for packs, which is not quite as for programs. */
function packEnvironment(surroundings: PackSurroundings): NodeJS.ProcessEnv {
  const { environment, project, stack, isPreview, config } = surroundings;
  return {
    ...environment,
    PULUMI_NODEJS_ORGANIZATION: "organization",
    PULUMI_NODEJS_PROJECT: project,
    PULUMI_NODEJS_STACK: stack,
    PULUMI_NODEJS_DRY_RUN: String(isPreview),
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries([...config].map(([key, { value }]) => [key, value]))),
  };
}

/** The port is the first line of digits that a pack prints. */
function portOf(child: ChildProcess, given: string, surroundings: PackSurroundings): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const { stdout, stderr } = child;
    const errors: string[] = [];
    if (stdout === null || stderr === null) {
      reject(new EngineError(`policy pack ${given} has no output to read its port from`));
      return;
    }
    let isAnnounced = false;
    createInterface({ input: stdout }).on("line", (line) => {
      if (!isAnnounced && /^\d+$/.test(line)) {
        isAnnounced = true;
        resolvePort(Number(line));
      } else {
        surroundings.onOutput(line, "stdout");
      }
    });
    createInterface({ input: stderr }).on("line", (line) => {
      if (isAnnounced) surroundings.onOutput(line, "stderr");
      else errors.push(line);
    });
    child.once("error", (error) =>
      reject(new EngineError(`policy pack ${given} could not be started: ${error.message}`)),
    );
    child.once("close", (code, signal) =>
      reject(
        new EngineError(
          [`policy pack ${given} ended before it was ready (${signal ?? `exit status ${code}`})`, ...errors].join(
            "\n",
          ),
        ),
      ),
    );
  });
}

function policyInfo(policy: analyzer.PolicyInfo): PolicyInfo {
  const schema = policy.getConfigschema();
  return {
    name: policy.getName(),
    enforcementLevel: levelNames[policy.getEnforcementlevel()] ?? "advisory",
    severity: severityNames[policy.getSeverity()] ?? "",
    properties:
      schema === undefined
        ? undefined
        : (fromStruct(schema.getProperties()) as Record<string, Record<string, unknown>>),
    required: schema?.getRequiredList() ?? [],
  };
}

function initialConfig(info: analyzer.AnalyzerInfo): Map<string, Partial<PolicyConfig>> {
  const config = new Map<string, Partial<PolicyConfig>>();
  info.getInitialconfigMap().forEach((given, rule) => {
    const enforcementLevel = levelNames[given.getEnforcementlevel()];
    config.set(rule, {
      ...(enforcementLevel === undefined ? {} : { enforcementLevel }),
      properties: fromStruct(given.getProperties()),
    });
  });
  return config;
}

async function configure(client: AnalyzerClient, config: ReadonlyMap<string, PolicyConfig>): Promise<void> {
  const request = new analyzer.ConfigureAnalyzerRequest();
  for (const [rule, { enforcementLevel, properties }] of config) {
    const message = new analyzer.PolicyConfig();
    message.setEnforcementlevel(levelNumbers[enforcementLevel]);
    message.setProperties(toStruct(properties as PropertyMap));
    request.getPolicyconfigMap().set(rule, message);
  }
  await call<empty.Empty>((done) => client.configure(request, done));
}

function resourceOptions(resource: AnalyzedResource): analyzer.AnalyzerResourceOptions {
  const { state } = resource;
  const options = new analyzer.AnalyzerResourceOptions();
  options.setProtect(state.protect === true);
  options.setIgnorechangesList([...(state.ignoreChanges ?? [])]);
  options.setDeletebeforereplace(resource.deleteBeforeReplace === true);
  options.setDeletebeforereplacedefined(resource.deleteBeforeReplace !== undefined);
  options.setAdditionalsecretoutputsList([...(state.additionalSecretOutputs ?? [])]);
  options.setAliasesList([...resource.aliases]);
  const timeouts = new analyzer.AnalyzerResourceOptions.CustomTimeouts();
  timeouts.setCreate(state.customTimeouts?.create ?? 0);
  timeouts.setUpdate(state.customTimeouts?.update ?? 0);
  timeouts.setDelete(state.customTimeouts?.delete ?? 0);
  options.setCustomtimeouts(timeouts);
  options.setParent(state.parent ?? "");
  return options;
}

function providerResource(provider: NonNullable<AnalyzedResource["provider"]>): analyzer.AnalyzerProviderResource {
  const message = new analyzer.AnalyzerProviderResource();
  message.setUrn(provider.urn);
  message.setType(provider.type);
  message.setName(nameOf(provider.urn));
  message.setProperties(toStruct(flattenReferences(withoutInternalKeys(provider.inputs ?? {})) as PropertyMap));
  return message;
}

function stackResource(resource: AnalyzedResource): analyzer.AnalyzerResource {
  const { state, provider } = resource;
  const message = new analyzer.AnalyzerResource();
  message.setUrn(state.urn);
  message.setType(state.type);
  message.setName(nameOf(state.urn));
  message.setProperties(toStruct(flattenReferences(withoutInternalKeys(resource.properties)) as PropertyMap));
  message.setOptions(resourceOptions(resource));
  if (provider !== undefined) {
    message.setProvider(providerResource(provider));
  }
  message.setParent(state.parent ?? "");
  message.setDependenciesList([...(state.dependencies ?? [])]);
  for (const [key, urns] of Object.entries(state.propertyDependencies ?? {})) {
    if (urns.length > 0) {
      const dependencies = new analyzer.AnalyzerPropertyDependencies();
      dependencies.setUrnsList([...urns]);
      message.getPropertydependenciesMap().set(key, dependencies);
    }
  }
  return message;
}

/** Pulumi keeps keys that begin with two underscores, at the top alone, from rules that only look. */
function withoutInternalKeys(properties: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !key.startsWith("__")));
}

function call<T>(start: (done: (error: ServiceError | null, response: T) => void) => unknown): Promise<T> {
  return new Promise((resolveCall, reject) => {
    start((error, response) => {
      if (error === null) resolveCall(response);
      else reject(new EngineError(`failed to run policy: ${error.details || error.message}`));
    });
  });
}
