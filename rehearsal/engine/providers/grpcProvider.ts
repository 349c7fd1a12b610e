import { Client, credentials, type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { detailsKey, readFailure } from "../../../protocol/failure.js";
import { readProperties, writeProperties } from "../../../protocol/properties.js";
import { type DiffResponse, diffChanges, providerCalls } from "../../../protocol/provider.js";
import type { Call } from "../../../protocol/service.js";
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
  signatureKey,
  unwrapSecretProperties,
} from "../propertyValues.js";
import { packageOf } from "../urn.js";
import type { LargeHeaders } from "./largeHeaders.js";
import type {
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
 * @param largeHeaders where it sends what is too large for a header; without, such a failure is lost.
 */
export async function connectGrpcProvider(
  address: string,
  end: () => Promise<void>,
  largeHeaders?: LargeHeaders,
): Promise<ResourceProvider> {
  const client = new Client(address, credentials.createInsecure(), providerChannelOptions);
  return new GrpcProvider(end, client, largeHeaders);
}

const unknownConfiguration =
  "The provider for this resource has inputs that are not known during preview.\n" +
  "This preview may not correctly represent the changes that will be applied during an update.";

const signature = Buffer.from(signatureKey);

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
    private readonly client: Client,
    private readonly largeHeaders: LargeHeaders | undefined,
  ) {}

  async checkConfig(
    { urn, name, type }: ResourceIdentity,
    olds: PropertyMap,
    news: PropertyMap,
  ): ReturnType<ResourceProvider["check"]> {
    const response = await unlessUnimplemented(
      this.call(providerCalls.checkConfig, {
        urn,
        name,
        type,
        olds: writeProperties(unwrapSecretProperties(olds)),
        news: writeProperties(unwrapSecretProperties(news)),
      }),
    );
    if (response === undefined) {
      return { inputs: news, failures: [] };
    }
    const { inputs, failures } = response;
    return { inputs: inputs === null ? news : annotateSecrets(fromBytes(inputs), news), failures: [...failures] };
  }

  async diffConfig(
    { urn, name, type }: ResourceIdentity,
    oldInputs: PropertyMap,
    oldOutputs: PropertyMap,
    news: PropertyMap,
    ignoreChanges: string[],
  ): Promise<ProviderDiff> {
    const response = await unlessUnimplemented(
      this.call(providerCalls.diffConfig, {
        urn,
        name,
        type,
        oldInputs: writeProperties(unwrapSecretProperties(oldInputs)),
        olds: writeProperties(unwrapSecretProperties(oldOutputs)),
        news: writeProperties(unwrapSecretProperties(news)),
        ignoreChanges,
      }),
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
    const variables: Record<string, string> = {};
    for (const [key, value] of Object.entries(unwrapSecretProperties(inputs))) {
      if (key !== "version") {
        const text = typeof value === "string" ? value : JSON.stringify(value);
        variables[`${packageOf(type)}:config:${key}`] = text;
      }
    }
    this.ready = this.call(providerCalls.configure, {
      variables,
      args: writeProperties(inputs),
      acceptSecrets: true,
      acceptResources: true,
      sendsOldInputs: true,
      sendsOldInputsToDelete: true,
      id,
      urn,
      name,
      type,
    }).then((response) => {
      this.acceptsResources = response.acceptResources;
      this.acceptsSecrets = response.acceptSecrets;
      this.supportsPreview = response.supportsPreview;
    });
    this.ready.catch(() => undefined);
  }

  async check(
    { urn, name, type }: ResourceIdentity,
    olds: PropertyMap,
    news: PropertyMap,
  ): ReturnType<ResourceProvider["check"]> {
    if (!this.isConfigured) {
      return { inputs: news, failures: [] };
    }
    await this.ready;
    const { inputs, failures } = await this.call(providerCalls.check, {
      urn,
      name,
      type,
      olds: this.toBytes(olds),
      news: this.toBytes(news),
    });
    return { inputs: this.annotated(inputs, news), failures: [...failures] };
  }

  async diff(
    { urn, name, type }: ResourceIdentity,
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
    const response = await this.call(providerCalls.diff, {
      id,
      urn,
      name,
      type,
      olds: this.toBytes(oldOutputs),
      oldInputs: this.toBytes(oldInputs),
      news: this.toBytes(news),
      ignoreChanges,
    });
    return parseDiff(response);
  }

  async create(
    { urn, name, type }: ResourceIdentity,
    inputs: PropertyMap,
    isPreview: boolean,
    timeoutSeconds = 0,
  ): Promise<{ id: string; outputs: PropertyMap }> {
    if (!this.isConfigured) {
      return { id: "", outputs: {} };
    }
    await this.ready;
    const { id, properties } = await this.call(providerCalls.create, {
      urn,
      name,
      type,
      properties: this.toBytes(inputs),
      timeout: timeoutSeconds,
      preview: isPreview,
    });
    return { id, outputs: this.annotated(properties, inputs) };
  }

  async update(
    { urn, name, type }: ResourceIdentity,
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
    const { properties } = await this.call(providerCalls.update, {
      id,
      urn,
      name,
      type,
      olds: this.toBytes(oldOutputs),
      oldInputs: this.toBytes(oldInputs),
      news: this.toBytes(news),
      timeout: timeoutSeconds,
      ignoreChanges,
      preview: isPreview,
    });
    return { outputs: this.annotated(properties, news) };
  }

  async read(
    { urn, name, type }: ResourceIdentity,
    id: string,
    inputs: PropertyMap | undefined,
    outputs: PropertyMap | undefined,
    timeoutSeconds = 0,
  ): Promise<ReadResult> {
    if (!this.isConfigured) {
      return { id: "", outputs: {}, inputs: {} };
    }
    await this.ready;
    const found = await this.call(providerCalls.read, {
      id,
      urn,
      name,
      type,
      properties: this.toBytes(outputs ?? {}),
      ...(inputs === undefined ? {} : { inputs: this.toBytes(inputs) }),
      timeout: timeoutSeconds,
    }).catch((error: unknown) => {
      if (error instanceof InitializationFailed) {
        return error;
      }
      throw error;
    });
    if (found instanceof InitializationFailed) {
      const { id: readId, properties, inputs: readInputs, reasons } = found;
      return {
        id: readId,
        outputs: this.marked(properties, outputs ?? {}),
        ...(readInputs === undefined ? {} : { inputs: this.marked(readInputs, inputs ?? {}) }),
        reasons,
      };
    }
    return {
      id: found.id,
      ...(found.properties === null ? {} : { outputs: this.annotated(found.properties, outputs ?? {}) }),
      ...(found.inputs === null ? {} : { inputs: this.annotated(found.inputs, inputs ?? {}) }),
    };
  }

  async delete(
    { urn, name, type }: ResourceIdentity,
    id: string,
    inputs: PropertyMap,
    outputs: PropertyMap,
    timeoutSeconds = 0,
  ): Promise<void> {
    await this.ready;
    await this.call(providerCalls.delete, {
      id,
      urn,
      name,
      type,
      properties: this.toBytes(outputs),
      oldInputs: this.toBytes(inputs),
      timeout: timeoutSeconds,
    });
  }

  async invoke(token: string, args: PropertyMap, isPreview: boolean): Promise<InvokeResult> {
    if (!this.isConfigured) {
      return { value: {}, failures: [] };
    }
    await this.ready;
    const { result, failures } = await this.call(providerCalls.invoke, {
      token,
      args: this.toBytes(args),
      preview: isPreview,
    });
    const value = fromBytes(result);
    const hidesAll = !this.acceptsSecrets && containsSecrets(args);
    return {
      value: hidesAll
        ? Object.fromEntries(
            Object.entries(value).map(([key, child]) => [key, isSecret(child) ? child : makeSecret(child)]),
          )
        : value,
      failures: [...failures],
    };
  }

  async cancel(): Promise<void> {
    await this.call(providerCalls.cancel, {});
  }

  /** Makes a call. @throws {EngineError} for one that failed, {InitializationFailed} for one that left something. */
  private call<Q, A>(call: Call<Q, A>, request: Partial<Q>): Promise<A> {
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, answer?: A): void => {
        if (error === null && answer !== undefined) {
          resolve(answer);
        } else {
          this.toFailure(call.path, error).then(reject, reject);
        }
      };
      this.client.makeUnaryRequest(call.path, call.requestSerialize, call.responseDeserialize, request, done);
    });
  }

  private async toFailure(path: string, error: ServiceError | null): Promise<Error> {
    return error === null
      ? new EngineError(`${path} was not answered`)
      : toEngineError((await this.largeHeaders?.complete(error)) ?? error);
  }

  /** Properties in the form that the provider accepts: secrets and references only where it says so. */
  private toBytes(properties: PropertyMap): Buffer {
    const bytes = writeProperties(properties);
    // What is neither secret nor a reference anywhere has one form for all.
    if ((this.acceptsSecrets && this.acceptsResources) || !bytes.includes(signature)) {
      return bytes;
    }
    const given = this.acceptsSecrets ? properties : unwrapSecretProperties(properties);
    return writeProperties(this.acceptsResources ? given : (flattenReferences(given) as PropertyMap));
  }

  /** An answer's properties, see `marked`. */
  private annotated(answer: Buffer | null, question: PropertyMap): PropertyMap {
    return this.marked(fromBytes(answer), question);
  }

  /** Answers of a provider that knows no secrets, secret where the question was. */
  private marked(answer: PropertyMap, question: PropertyMap): PropertyMap {
    return this.acceptsSecrets ? answer : annotateSecrets(answer, question);
  }

  async close(): Promise<void> {
    this.client.close();
    await this.end();
  }
}

/** Properties of an answer; absent ones are empty. */
function fromBytes(bytes: Buffer | null): PropertyMap {
  return bytes === null ? {} : (readProperties(bytes) as PropertyMap);
}

const diffKinds = ["add", "delete", "update"] as const;

function parseDiff(response: DiffResponse): ProviderDiff {
  const { changes, replaces, deleteBeforeReplace, diffs, hasDetailedDiff } = response;
  const detailed: Record<string, PropertyDiff> = {};
  for (const [path, property] of Object.entries(response.detailedDiff)) {
    // The kinds come in pairs: without and with a replacement.
    const { kind, isInputDiff } = property;
    detailed[path] = {
      kind: diffKinds[Math.floor(kind / 2)] ?? "update",
      isReplacing: kind % 2 === 1,
      inputDiff: isInputDiff,
    };
  }
  return {
    changes: changes === diffChanges.none ? "none" : changes === diffChanges.some ? "some" : "unknown",
    replaces: [...replaces],
    deleteBeforeReplace,
    ...(diffs.length > 0 ? { changedKeys: [...diffs] } : {}),
    ...(hasDetailedDiff ? { detailed } : {}),
  };
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
    return new EngineError(`the provider's process ended during the call: ${error.details}`);
  }
  return new EngineError(error.details);
}

/** Finds the details that say "made, but not as wanted" in a failed call's metadata. */
function initializationFailure(metadata: Metadata | undefined): InitializationFailed | undefined {
  for (const packed of metadata?.get(detailsKey) ?? []) {
    const failed = readFailure(Buffer.from(packed));
    if (failed !== undefined) {
      const { id, properties, inputs, reasons } = failed;
      return new InitializationFailed(id, fromBytes(properties), inputs === null ? undefined : fromBytes(inputs), [
        ...reasons,
      ]);
    }
  }
  return undefined;
}
