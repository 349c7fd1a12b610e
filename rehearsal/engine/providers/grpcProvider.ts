import { credentials, type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import statusMessages from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { DiffUnavailable, EngineError, InitializationFailed } from "../errors.js";
import { providerChannelOptions } from "../grpc.js";
import {
  annotateSecrets,
  containsSecrets,
  containsUnknowns,
  flattenReferences,
  isSecret,
  makeSecret,
  type PropertyMap,
  unwrapSecretProperties,
} from "../propertyValues.js";
import { fromStruct, toStruct } from "../protobufStruct.js";
import { packageOf } from "../urn.js";
import type {
  CheckFailure,
  InvokeResult,
  PropertyDiff,
  ProviderDiff,
  ReadResult,
  ResourceIdentity,
  ResourceProvider,
} from "./resourceProviderHost.js";

/**
 * Connects to a provider that listens already.
 * @param end ends it.
 */
export async function connectGrpcProvider(address: string, end: () => Promise<void>): Promise<ResourceProvider> {
  return new GrpcProvider(
    end,
    new ResourceProviderClient(address, credentials.createInsecure(), providerChannelOptions),
  );
}

const unknownConfiguration =
  "The provider for this resource has inputs that are not known during preview.\n" +
  "This preview may not correctly represent the changes that will be applied during an update.";

class GrpcProvider implements ResourceProvider {
  supportsPreview = false;
  private acceptsSecrets = false;
  private acceptsResources = false;
  /** False while the provider's own configuration has unknown values: then it was not configured. */
  private isConfigured = true;
  /** The configuration runs beside what the engine does meanwhile; what is wrong with it, the first use says. */
  private ready: Promise<void> = Promise.resolve();

  constructor(
    private readonly end: () => Promise<void>,
    private readonly client: ResourceProviderClient,
  ) {}

  async checkConfig(
    instance: ResourceIdentity,
    olds: PropertyMap,
    news: PropertyMap,
  ): ReturnType<ResourceProvider["check"]> {
    const request = identify(new provider.CheckRequest(), instance);
    request.setOlds(toStruct(unwrapSecretProperties(olds)));
    request.setNews(toStruct(unwrapSecretProperties(news)));
    const response = await unlessUnimplemented(
      call<provider.CheckResponse>((done) => this.client.checkConfig(request, done)),
    );
    if (response === undefined) {
      return { inputs: news, failures: [] };
    }
    const inputs = response.getInputs();
    return {
      inputs: inputs === undefined ? news : annotateSecrets(fromStruct(inputs), news),
      failures: parseFailures(response.getFailuresList()),
    };
  }

  async diffConfig(
    instance: ResourceIdentity,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    ignoreChanges: string[],
  ): Promise<ProviderDiff> {
    const request = identify(new provider.DiffRequest(), instance);
    request.setOldInputs(toStruct(unwrapSecretProperties(oldInputs)));
    request.setOlds(toStruct(unwrapSecretProperties(oldOutputs)));
    request.setNews(toStruct(unwrapSecretProperties(news)));
    request.setIgnorechangesList(ignoreChanges);
    const response = await unlessUnimplemented(
      call<provider.DiffResponse>((done) => this.client.diffConfig(request, done)),
    );
    return response === undefined
      ? { changes: "unknown", replaces: [], deleteBeforeReplace: false }
      : parseDiff(response);
  }

  async configure(inputs: PropertyMap, { id, urn, name, type }: ResourceIdentity & { id: string }): Promise<void> {
    this.isConfigured = !containsUnknowns(inputs);
    if (!this.isConfigured) {
      this.supportsPreview = true;
      return;
    }
    const request = new provider.ConfigureRequest() as provider.ConfigureRequest & Partial<InstanceFields>;
    request.setArgs(toStruct(inputs));
    for (const [key, value] of Object.entries(unwrapSecretProperties(inputs))) {
      if (key !== "version") {
        const text = typeof value === "string" ? value : JSON.stringify(value);
        request.getVariablesMap().set(`${packageOf(type)}:config:${key}`, text);
      }
    }
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setSendsOldInputs(true);
    request.setSendsOldInputsToDelete(true);
    request.setId?.(id);
    request.setUrn?.(urn);
    request.setName?.(name);
    request.setType?.(type);
    this.ready = call<provider.ConfigureResponse>((done) => this.client.configure(request, done)).then(
      (response) => {
        this.acceptsResources = response.getAcceptresources();
        this.acceptsSecrets = response.getAcceptsecrets();
        this.supportsPreview = response.getSupportspreview();
      },
    );
    this.ready.catch(() => undefined);
  }

  async check(
    resource: ResourceIdentity,
    olds: PropertyMap,
    news: PropertyMap,
  ): ReturnType<ResourceProvider["check"]> {
    if (!this.isConfigured) {
      return { inputs: news, failures: [] };
    }
    await this.ready;
    const request = identify(new provider.CheckRequest(), resource);
    request.setOlds(this.struct(olds));
    request.setNews(this.struct(news));
    const response = await call<provider.CheckResponse>((done) => this.client.check(request, done));
    return {
      inputs: this.annotated(fromStruct(response.getInputs()), news),
      failures: parseFailures(response.getFailuresList()),
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
    if (!this.isConfigured) {
      throw new DiffUnavailable(unknownConfiguration);
    }
    await this.ready;
    const request = identify(new provider.DiffRequest(), resource);
    request.setId(id);
    request.setOlds(this.struct(oldOutputs));
    request.setOldInputs(this.struct(oldInputs));
    request.setNews(this.struct(news));
    request.setIgnorechangesList(ignoreChanges);
    const response = await call<provider.DiffResponse>((done) => this.client.diff(request, done));
    return parseDiff(response);
  }

  async create(
    resource: ResourceIdentity,
    inputs: PropertyMap,
    isPreview: boolean,
    timeoutSeconds = 0,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    if (!this.isConfigured) {
      return { id: "", outputs: {} };
    }
    await this.ready;
    const request = identify(new provider.CreateRequest(), resource);
    request.setTimeout(timeoutSeconds);
    request.setProperties(this.struct(inputs));
    request.setPreview(isPreview);
    const response = await call<provider.CreateResponse>((done) => this.client.create(request, done));
    return { id: response.getId(), outputs: this.annotated(fromStruct(response.getProperties()), inputs) };
  }

  async update(
    resource: ResourceIdentity,
    id: string,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    isPreview: boolean,
    ignoreChanges: string[] = [],
    timeoutSeconds = 0,
  ): Promise<{ outputs: PropertyMap }> {
    if (!this.isConfigured) {
      return { outputs: {} };
    }
    await this.ready;
    const request = identify(new provider.UpdateRequest(), resource);
    request.setTimeout(timeoutSeconds);
    request.setIgnorechangesList(ignoreChanges);
    request.setId(id);
    request.setOlds(this.struct(oldOutputs));
    request.setOldInputs(this.struct(oldInputs));
    request.setNews(this.struct(news));
    request.setPreview(isPreview);
    const response = await call<provider.UpdateResponse>((done) => this.client.update(request, done));
    return { outputs: this.annotated(fromStruct(response.getProperties()), news) };
  }

  async read(
    resource: ResourceIdentity,
    id: string,
    inputs: PropertyMap | undefined,
    outputs: PropertyMap | undefined,
    timeoutSeconds = 0,
  ): Promise<ReadResult> {
    if (!this.isConfigured) {
      return { id: "", outputs: {}, inputs: {} };
    }
    await this.ready;
    const request = identify(new provider.ReadRequest(), resource) as provider.ReadRequest & Partial<TimeoutField>;
    request.setId(id);
    request.setTimeout?.(timeoutSeconds);
    request.setProperties(this.struct(outputs ?? {}));
    if (inputs !== undefined) {
      request.setInputs(this.struct(inputs));
    }
    const found = await call<provider.ReadResponse>((done) => this.client.read(request, done)).then(
      (response) => {
        const [readOutputs, readInputs] = [response.getProperties(), response.getInputs()];
        return {
          id: response.getId(),
          ...(readOutputs === undefined ? {} : { outputs: fromStruct(readOutputs) }),
          ...(readInputs === undefined ? {} : { inputs: fromStruct(readInputs) }),
        };
      },
      (error: unknown): ReadResult => {
        if (error instanceof InitializationFailed) {
          const { id: readId, properties, inputs: readInputs, reasons } = error;
          return {
            id: readId,
            outputs: properties,
            ...(readInputs === undefined ? {} : { inputs: readInputs }),
            reasons,
          };
        }
        throw error;
      },
    );
    return {
      ...found,
      ...(found.outputs === undefined ? {} : { outputs: this.annotated(found.outputs, outputs ?? {}) }),
      ...(found.inputs === undefined ? {} : { inputs: this.annotated(found.inputs, inputs ?? {}) }),
    };
  }

  async delete(
    resource: ResourceIdentity,
    id: string,
    inputs: PropertyMap,
    outputs: PropertyMap,
    timeoutSeconds = 0,
  ): Promise<void> {
    await this.ready;
    const request = identify(new provider.DeleteRequest(), resource);
    request.setId(id);
    request.setTimeout(timeoutSeconds);
    request.setProperties(this.struct(outputs));
    request.setOldInputs(this.struct(inputs));
    await call<empty.Empty>((done) => this.client.delete(request, done));
  }

  async invoke(token: string, args: PropertyMap, isPreview: boolean): Promise<InvokeResult> {
    if (!this.isConfigured) {
      return { value: {}, failures: [] };
    }
    await this.ready;
    const request = new provider.InvokeRequest() as provider.InvokeRequest & Partial<PreviewField>;
    request.setTok(token);
    request.setArgs(this.struct(args));
    request.setPreview?.(isPreview);
    const response = await call<provider.InvokeResponse>((done) => this.client.invoke(request, done));
    const value = fromStruct(response.getReturn());
    const hidesAll = !this.acceptsSecrets && containsSecrets(args);
    return {
      value: hidesAll
        ? Object.fromEntries(
            Object.entries(value).map(([key, child]) => [key, isSecret(child) ? child : makeSecret(child)]),
          )
        : value,
      failures: parseFailures(response.getFailuresList()),
    };
  }

  async cancel(): Promise<void> {
    await call<empty.Empty>((done) => this.client.cancel(new empty.Empty(), done));
  }

  /** Properties in the form that the provider accepts: secrets and references only where it says so. */
  private struct(properties: PropertyMap): ReturnType<typeof toStruct> {
    const given = this.acceptsSecrets ? properties : unwrapSecretProperties(properties);
    return toStruct(this.acceptsResources ? given : (flattenReferences(given) as PropertyMap));
  }

  /** Answers of a provider that knows no secrets, secret where the question was. */
  private annotated(answer: PropertyMap, question: PropertyMap): PropertyMap {
    return this.acceptsSecrets ? answer : annotateSecrets(answer, question);
  }

  async close(): Promise<void> {
    this.client.close();
    await this.end();
  }
}

/** Fields that not every release of the SDK has. */
interface InstanceFields {
  setId(id: string): unknown;
  setUrn(urn: string): unknown;
  setName(name: string): unknown;
  setType(type: string): unknown;
}

interface TimeoutField {
  setTimeout(seconds: number): unknown;
}

interface PreviewField {
  setPreview(isPreview: boolean): unknown;
}

function parseFailures(failures: provider.CheckFailure[]): CheckFailure[] {
  return failures.map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
}

const diffKinds = ["add", "delete", "update"] as const;

function parseDiff(response: provider.DiffResponse): ProviderDiff {
  const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
  const changes = response.getChanges();
  const changedKeys = response.getDiffsList();
  const detailed: Record<string, PropertyDiff> = {};
  for (const [path, property] of response.getDetaileddiffMap().entries()) {
    // The kinds come in pairs: without and with a replacement.
    const kind = property.getKind();
    detailed[path] = {
      kind: diffKinds[Math.floor(kind / 2)] ?? "update",
      isReplacing: kind % 2 === 1,
      inputDiff: property.getInputdiff(),
    };
  }
  return {
    changes: changes === DIFF_NONE ? "none" : changes === DIFF_SOME ? "some" : "unknown",
    replaces: response.getReplacesList(),
    deleteBeforeReplace: response.getDeletebeforereplace(),
    ...(changedKeys.length > 0 ? { changedKeys } : {}),
    ...(response.getHasdetaileddiff() ? { detailed } : {}),
  };
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

function call<T>(start: (done: (error: ServiceError | null, response: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error === null) {
        resolve(response);
      } else {
        reject(toEngineError(error));
      }
    });
  });
}

/** A call that the provider does not know. */
class Unimplemented extends EngineError {}

async function unlessUnimplemented<T>(answer: Promise<T>): Promise<T | undefined> {
  return await answer.catch((error: unknown) => {
    if (error instanceof Unimplemented) {
      return undefined;
    }
    throw error;
  });
}

function toEngineError(error: ServiceError): Error {
  const failure = initializationFailure(error.metadata);
  if (failure !== undefined) {
    return failure;
  }
  if (error.code === status.UNIMPLEMENTED) {
    return new Unimplemented(error.details);
  }
  if (error.code === status.UNAVAILABLE) {
    return new EngineError(
      `the provider's process ended during the call, or failed with more than 64 kB to keep: ${error.details}`,
    );
  }
  return new EngineError(error.details);
}

/** Finds the details that say "made, but not as wanted" in a failed call's metadata. */
function initializationFailure(metadata: Metadata | undefined): InitializationFailed | undefined {
  for (const packed of metadata?.get("grpc-status-details-bin") ?? []) {
    const details = statusMessages.Status.deserializeBinary(Buffer.from(packed)).getDetailsList();
    for (const detail of details) {
      const failed = detail.unpack(
        provider.ErrorResourceInitFailed.deserializeBinary,
        "pulumirpc.ErrorResourceInitFailed",
      );
      if (failed !== null) {
        const inputs = failed.getInputs();
        return new InitializationFailed(
          failed.getId(),
          fromStruct(failed.getProperties()),
          inputs === undefined ? undefined : fromStruct(inputs),
          failed.getReasonsList(),
        );
      }
    }
  }
  return undefined;
}
