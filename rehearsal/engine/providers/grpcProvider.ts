import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { credentials, type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { EngineError, InitializationFailed } from "../errors.js";
import { channelOptions } from "../grpc.js";
import {
  annotateSecrets,
  flattenReferences,
  type PropertyMap,
  unwrapSecretProperties,
} from "../propertyValues.js";
import { fromStruct, toStruct } from "../protobufStruct.js";
import type {
  ProviderContext,
  ProviderDiff,
  ReadResult,
  ResourceIdentity,
  ResourceProvider,
} from "./resourceProviderHost.js";

/** How to start a provider's process. */
export interface ProviderCommand {
  file: string;
  args: string[];
  /** What the provider is called in messages. */
  label: string;
}

/**
 * Starts a provider process as the Pulumi engine does (the engine's address as last argument, a process group of
 * its own, the port as first line of its output) and connects to it.
 *
 * @throws {EngineError} if the process ends before it says its port.
 */
export async function startGrpcProvider(
  command: ProviderCommand,
  context: ProviderContext,
): Promise<ResourceProvider> {
  const child = spawn(command.file, [...command.args, context.engineAddress], {
    cwd: context.programDirectory,
    env: { ...context.environment, PULUMI_NODEJS_PROJECT: context.project, PULUMI_CONFIG: "{}" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  const port = await new Promise<number>((resolve, reject) => {
    let announced = false;
    const errorLines: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (announced) {
        context.onOutput(line, "stdout");
      } else if (/^\d+$/.test(line)) {
        announced = true;
        resolve(Number(line));
      } else {
        context.onOutput(line, "stdout");
      }
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      if (!announced) {
        errorLines.push(line);
      }
      context.onOutput(line, "stderr");
    });
    child.once("error", (error) =>
      reject(new EngineError(`${command.label} could not be started: ${error.message}`)),
    );
    child.once("exit", (code, signal) => {
      reject(
        new EngineError(
          `${command.label} ended before it was ready (${signal ?? `exit status ${code}`})\n${errorLines.join("\n")}`,
        ),
      );
    });
  });
  return new GrpcProvider(
    child,
    new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), channelOptions),
  );
}

class GrpcProvider implements ResourceProvider {
  supportsPreview = false;
  private acceptsSecrets = false;

  constructor(
    private readonly child: ChildProcess,
    private readonly client: ResourceProviderClient,
  ) {}

  async configure(inputs: PropertyMap): Promise<void> {
    const request = new provider.ConfigureRequest();
    request.setArgs(toStruct(inputs));
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setSendsOldInputs(true);
    const response = await call<provider.ConfigureResponse>((done) => this.client.configure(request, done));
    if (response.getAcceptresources()) {
      throw new EngineError("the provider accepts resource references, which this host does not send");
    }
    this.acceptsSecrets = response.getAcceptsecrets();
    this.supportsPreview = response.getSupportspreview();
  }

  async check(
    resource: ResourceIdentity,
    olds: PropertyMap,
    news: PropertyMap,
  ): ReturnType<ResourceProvider["check"]> {
    const request = identify(new provider.CheckRequest(), resource);
    request.setOlds(this.struct(olds));
    request.setNews(this.struct(news));
    const response = await call<provider.CheckResponse>((done) => this.client.check(request, done));
    return {
      inputs: this.annotated(fromStruct(response.getInputs()), news),
      failures: response
        .getFailuresList()
        .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() })),
    };
  }

  async diff(
    resource: ResourceIdentity,
    id: string,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    ignoreChanges: string[],
  ): Promise<ProviderDiff> {
    const request = identify(new provider.DiffRequest(), resource);
    request.setId(id);
    request.setOlds(this.struct(oldOutputs));
    request.setOldInputs(this.struct(oldInputs));
    request.setNews(this.struct(news));
    request.setIgnorechangesList(ignoreChanges);
    const response = await call<provider.DiffResponse>((done) => this.client.diff(request, done));
    const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
    const changes = response.getChanges();
    const changedKeys = response.getDiffsList();
    return {
      changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
      ...(changedKeys.length > 0 ? { changedKeys } : {}),
    };
  }

  async create(
    resource: ResourceIdentity,
    inputs: PropertyMap,
    isPreview: boolean,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    const request = identify(new provider.CreateRequest(), resource);
    request.setProperties(this.struct(inputs));
    request.setPreview(isPreview);
    const response = await call<provider.CreateResponse>((done) => this.client.create(request, done), inputs);
    return { id: response.getId(), outputs: this.annotated(fromStruct(response.getProperties()), inputs) };
  }

  async update(
    resource: ResourceIdentity,
    id: string,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    isPreview: boolean,
  ): Promise<{ outputs: PropertyMap }> {
    const request = identify(new provider.UpdateRequest(), resource);
    request.setId(id);
    request.setOlds(this.struct(oldOutputs));
    request.setOldInputs(this.struct(oldInputs));
    request.setNews(this.struct(news));
    request.setPreview(isPreview);
    const response = await call<provider.UpdateResponse>((done) => this.client.update(request, done), news);
    return { outputs: this.annotated(fromStruct(response.getProperties()), news) };
  }

  async read(
    resource: ResourceIdentity,
    id: string,
    inputs: PropertyMap,
    outputs: PropertyMap,
  ): Promise<ReadResult> {
    const request = identify(new provider.ReadRequest(), resource);
    request.setId(id);
    request.setProperties(this.struct(outputs));
    request.setInputs(this.struct(inputs));
    const response = await call<provider.ReadResponse>((done) => this.client.read(request, done), inputs);
    const readInputs = response.getInputs();
    return {
      id: response.getId(),
      outputs: this.annotated(fromStruct(response.getProperties()), outputs),
      ...(readInputs === undefined ? {} : { inputs: this.annotated(fromStruct(readInputs), inputs) }),
    };
  }

  async delete(resource: ResourceIdentity, id: string, inputs: PropertyMap, outputs: PropertyMap): Promise<void> {
    const request = identify(new provider.DeleteRequest(), resource);
    request.setId(id);
    request.setProperties(this.struct(outputs));
    request.setOldInputs(this.struct(inputs));
    await call<empty.Empty>((done) => this.client.delete(request, done));
  }

  async invoke(token: string, args: PropertyMap): Promise<PropertyMap> {
    const request = new provider.InvokeRequest();
    request.setTok(token);
    request.setArgs(this.struct(args));
    const response = await call<provider.InvokeResponse>((done) => this.client.invoke(request, done));
    const failures = response.getFailuresList();
    if (failures.length > 0) {
      throw new EngineError(
        failures.map((failure) => `${token}: ${failure.getProperty()} ${failure.getReason()}`).join("\n"),
      );
    }
    return fromStruct(response.getReturn());
  }

  async cancel(): Promise<void> {
    await call<empty.Empty>((done) => this.client.cancel(new empty.Empty(), done));
  }

  /** Properties in the form that the provider accepts: never with references, with secrets where it says so. */
  private struct(properties: PropertyMap): ReturnType<typeof toStruct> {
    const given = this.acceptsSecrets ? properties : unwrapSecretProperties(properties);
    return toStruct(flattenReferences(given) as PropertyMap);
  }

  /** A provider that takes secrets marks its own; of one that does not, values under a secret's key stay secret. */
  private annotated(answer: PropertyMap, given: PropertyMap): PropertyMap {
    return this.acceptsSecrets ? answer : annotateSecrets(answer, given);
  }

  async close(): Promise<void> {
    this.client.close();
    const ended = new Promise<void>((resolve) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        resolve();
      } else {
        this.child.once("exit", () => resolve());
      }
    });
    killGroup(this.child);
    await ended;
  }
}

/** Ends a process and all that it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  try {
    if (process.platform === "win32") {
      child.kill("SIGKILL");
    } else {
      process.kill(-child.pid, "SIGKILL");
    }
  } catch {
    // It ended by itself in between.
  }
}

interface IdentifiedRequest {
  setUrn(urn: string): unknown;
  setName(name: string): unknown;
  setType(type: string): unknown;
}

function identify<T extends IdentifiedRequest>(request: T, resource: ResourceIdentity): T {
  request.setUrn(resource.urn);
  request.setName(resource.name);
  request.setType(resource.type);
  return request;
}

function call<T>(
  start: (done: (error: ServiceError | null, response: T) => void) => unknown,
  inputs: PropertyMap = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error === null) {
        resolve(response);
      } else {
        reject(toEngineError(error, inputs));
      }
    });
  });
}

function toEngineError(error: ServiceError, inputs: PropertyMap): Error {
  const failure = initializationFailure(error.metadata, inputs);
  if (failure !== undefined) {
    return failure;
  }
  if (error.code === status.UNAVAILABLE) {
    return new EngineError(`the provider's process ended during the call: ${error.details}`);
  }
  return new EngineError(error.details);
}

/** Finds the details that say "made, but not as wanted" in a failed call's metadata. */
function initializationFailure(
  metadata: Metadata | undefined,
  inputs: PropertyMap,
): InitializationFailed | undefined {
  for (const packed of metadata?.get("grpc-status-details-bin") ?? []) {
    const details = statusMessages.Status.deserializeBinary(Buffer.from(packed)).getDetailsList();
    for (const detail of details) {
      const failed = detail.unpack(
        provider.ErrorResourceInitFailed.deserializeBinary,
        "pulumirpc.ErrorResourceInitFailed",
      );
      if (failed !== null) {
        const properties = annotateSecrets(fromStruct(failed.getProperties()), inputs);
        return new InitializationFailed(failed.getId(), properties, failed.getReasonsList());
      }
    }
  }
  return undefined;
}
