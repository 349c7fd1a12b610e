/**
 * The plugin shell: Pulumi's provider protocol round the handlers. It translates, and holds no rule of Site Recovery.
 *
 * Pulumi's own server for Node providers passes on no preview flag, configuration, detailed diff or timeouts; this one
 * speaks the protocol itself.
 */

import {
  type handleUnaryCall,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { checkClaiming, diffClaiming } from "../resources/claiming.js";
import type { CheckFailure, Context, Handler, Properties } from "../resources/handler.js";
import { importers } from "../resources/importing.js";
import { handlers } from "../resources/index.js";
import { configurationError, type GivenConfig, readSettings } from "./config.js";
import { contextOf } from "./context.js";
import { directoryOfStack } from "./evidenceKeeper.js";
import { detailedDiff, diffResponse } from "./pluginDiff.js";
import { type CallError, callError, partialError } from "./pluginFailures.js";
import { showDrift, showPreview } from "./pluginLines.js";
import type { EngineLog } from "./pluginLog.js";
import { foresee } from "./pluginPreview.js";
import {
  declared,
  isShownByProgram,
  isState,
  lineOf,
  own,
  withLine,
  withOwnTimeout,
  withTimeout,
} from "./pluginProperties.js";
import { type Opened, open, seal } from "./pluginValues.js";
import { withoutSecretProperty } from "./secretInputs.js";
import { below, SecretTexts } from "./secretTexts.js";

export interface PluginServerOptions {
  version: string;
  /** The text of schema.json. */
  readSchema: () => Promise<string>;
  /** Makes the log; secrets are taken out of a line by `redact`. */
  log: (redact: (text: string) => string) => EngineLog;
  env: NodeJS.ProcessEnv;
  /** Awaited before every request that changes something; throws to stop. */
  beforeWrite: () => Promise<void>;
  /** `host:port` of the engine. */
  engineAddress?: string | undefined;
}

const tokenPrefix = "siterecovery:index:";

/** A resource as a request names it. */
interface Named {
  getUrn(): string;
  getType(): string;
}

/** The calls of Pulumi's provider protocol; what is missing here answers UNIMPLEMENTED. */
export function pluginService(options: PluginServerOptions): UntypedServiceImplementation {
  const server = new PluginServer(options);
  const answering =
    <Q, A>(answer: (request: Q) => Promise<A>): handleUnaryCall<Q, A> =>
    (call: ServerUnaryCall<Q, A>, callback: sendUnaryData<A>) => {
      answer(call.request).then(
        (result) => callback(null, result),
        (error: unknown) => callback(server.failure(error)),
      );
    };
  return {
    getPluginInfo: answering(async () => {
      const info = new plugin.PluginInfo();
      info.setVersion(options.version);
      return info;
    }),
    getSchema: answering(async () => {
      const response = new provider.GetSchemaResponse();
      response.setSchema(await options.readSchema());
      return response;
    }),
    checkConfig: answering((request: provider.CheckRequest) => server.checkConfig(request)),
    diffConfig: answering((request: provider.DiffRequest) => server.diffConfig(request)),
    configure: answering((request: provider.ConfigureRequest) => server.configure(request)),
    check: answering((request: provider.CheckRequest) => server.check(request)),
    diff: answering((request: provider.DiffRequest) => server.diff(request)),
    create: answering((request: provider.CreateRequest) => server.create(request)),
    update: answering((request: provider.UpdateRequest) => server.update(request)),
    read: answering((request: provider.ReadRequest) => server.read(request)),
    delete: answering((request: provider.DeleteRequest) => server.delete(request)),
    invoke: answering((request: provider.InvokeRequest) => server.invoke(request)),
    cancel: answering(async () => {
      server.cancel();
      return new empty.Empty();
    }),
  };
}

class PluginServer {
  readonly #texts = new SecretTexts();
  readonly #log: EngineLog;
  readonly #cancelled = new AbortController();
  #context: Context | undefined;

  constructor(private readonly options: PluginServerOptions) {
    this.#log = options.log((text) => this.#texts.redact(text));
  }

  async checkConfig(request: provider.CheckRequest): Promise<provider.CheckResponse> {
    const { values, mask } = open(request.getNews(), this.#texts);
    const { failures } = readSettings(values, this.options.env);
    return this.#checked(values, failures, mask);
  }

  /** A changed configuration never replaces: Pulumi also asks this about a resource that comes from another provider. */
  async diffConfig(request: provider.DiffRequest): Promise<provider.DiffResponse> {
    const olds = open(request.getOldInputs() ?? request.getOlds(), this.#texts).values;
    const news = open(request.getNews(), this.#texts).values;
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => key !== "__internal");
    const changes = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    return diffResponse({ changes, replaces: [], deleteBeforeReplace: false, hasChanges: changes.length > 0 });
  }

  async configure(request: provider.ConfigureRequest): Promise<provider.ConfigureResponse> {
    const { settings, failures } = readSettings(this.#given(request), this.options.env);
    if (failures.length > 0) throw configurationError(failures);
    const { signal } = this.#cancelled;
    this.#context = contextOf(settings, {
      secrets: this.#texts,
      log: () => undefined,
      signal,
      engineAddress: this.options.engineAddress,
      beforeWrite: async () => {
        if (signal.aborted) throw new Error("cancelled: nothing more is started. Run `pulumi up` again to go on");
        await this.options.beforeWrite();
      },
    });
    const response = new provider.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setAcceptresources(false);
    response.setAcceptoutputs(false);
    response.setSupportspreview(true);
    return response;
  }

  async check(request: provider.CheckRequest): Promise<provider.CheckResponse> {
    const handler = handlerOf(request.getType());
    const olds = open(request.getOlds(), this.#texts);
    const news = open(request.getNews(), this.#texts);
    return this.#telling(request, async (context) => {
      const { inputs, failures } = await checkClaiming(handler, context, own(olds.values), declared(news.values));
      // What `check` computes may be unknown where an argument is missing, and Pulumi takes no unknowns in an `up`.
      return this.#checked(failures.length > 0 ? news.values : withLine(inputs, news.values), failures, news.mask);
    });
  }

  async diff(request: provider.DiffRequest): Promise<provider.DiffResponse> {
    const handler = handlerOf(request.getType());
    const olds = own(open(request.getOlds(), this.#texts).values);
    const given = open(request.getNews(), this.#texts).values;
    const news = own(given);
    return this.#telling(request, async (context) => {
      const diff = diffClaiming(handler, context, request.getId(), olds, news);
      if (!isShownByProgram(given)) showDrift(context, news);
      if (!diff.hasChanges) return diffResponse(diff);
      const oldInputs = own(open(request.getOldInputs(), this.#texts).values);
      return diffResponse(diff, detailedDiff(diff, oldInputs, olds, news));
    });
  }

  async create(request: provider.CreateRequest): Promise<provider.CreateResponse> {
    const handler = handlerOf(request.getType());
    const given = open(request.getProperties(), this.#texts);
    const news = own(given.values);
    const response = new provider.CreateResponse();
    return this.#telling(request, async (context) => {
      if (request.getPreview()) {
        if (!isShownByProgram(given.values)) showPreview(context, news);
        response.setProperties(this.#seal(await foresee(handler, news, undefined, this.options), given));
        return response;
      }
      const { id, outputs } = await this.#partially(given, () =>
        handler.reconcile(context, withTimeout(news, request.getTimeout()), undefined),
      );
      response.setId(id);
      response.setProperties(this.#seal(withOwnTimeout(outputs, news), given));
      return response;
    });
  }

  async update(request: provider.UpdateRequest): Promise<provider.UpdateResponse> {
    const handler = handlerOf(request.getType());
    const given = open(request.getNews(), this.#texts);
    const olds = open(request.getOlds(), this.#texts);
    const news = own(given.values);
    const prior = { id: request.getId(), outputs: own(olds.values) };
    const response = new provider.UpdateResponse();
    return this.#telling(request, async (context) => {
      if (request.getPreview()) {
        if (!isShownByProgram(given.values)) showPreview(context, news);
        response.setProperties(this.#seal(await foresee(handler, news, prior, this.options), given, olds));
        return response;
      }
      const { outputs } = await this.#partially(given, () =>
        handler.reconcile(context, withTimeout(news, request.getTimeout()), prior),
      );
      response.setProperties(this.#seal(withOwnTimeout(outputs, news), given, olds));
      return response;
    });
  }

  async read(request: provider.ReadRequest): Promise<provider.ReadResponse> {
    const handler = handlerOf(request.getType());
    const outputs = open(request.getProperties(), this.#texts);
    const inputs = open(request.getInputs(), this.#texts);
    const id = request.getId();
    const response = new provider.ReadResponse();
    return this.#telling(request, async (context) => {
      const isImport = !isState(handler, outputs.values);
      const found = isImport
        ? await importerOf(handler)(context, id)
        : await handler.read(context, id, own(outputs.values));
      // An empty answer means that it is not there any more.
      if (!found) return response;
      const line = isImport ? lineOf(handler) : outputs.values;
      response.setId(id);
      response.setProperties(this.#seal(withLine(found.outputs, line), outputs, inputs));
      response.setInputs(
        found.inputs ? this.#seal(withLine(found.inputs, inputs.values), outputs, inputs) : request.getInputs(),
      );
      return response;
    });
  }

  async delete(request: provider.DeleteRequest): Promise<empty.Empty> {
    const handler = handlerOf(request.getType());
    const outputs = own(open(request.getProperties(), this.#texts).values);
    return this.#telling(request, async (context) => {
      await handler.delete(context, request.getId(), withTimeout(outputs, request.getTimeout()));
      return new empty.Empty();
    });
  }

  async invoke(request: provider.InvokeRequest): Promise<provider.InvokeResponse> {
    const token = request.getTok();
    const { functions } = await import("../functions/index.js");
    const called = functions.get(token.replace(tokenPrefix, ""));
    if (!called || !token.startsWith(tokenPrefix))
      throw callError(
        `"${token}" is no function of siterecovery. Allowed: ${[...functions.keys()].map((name) => tokenPrefix + name).join(", ")}`,
        status.NOT_FOUND,
      );
    const given = open(request.getArgs(), this.#texts);
    const response = new provider.InvokeResponse();
    const { result, failures } = await called.call(this.#configured(), given.values);
    response.setFailuresList(failures.map((failure) => this.#failed(failure, given.mask)));
    if (failures.length === 0) response.setReturn(this.#seal(result ?? {}, given));
    return response;
  }

  /** Stops every wait; jobs in Azure go on. Pulumi also calls it at the normal end of a command. */
  cancel(): void {
    this.#cancelled.abort();
  }

  /** Any error as an answer, without secrets. */
  failure(error: unknown): CallError {
    if (isCallError(error)) return error;
    return callError(this.#texts.redact(error instanceof Error ? error.message : String(error)));
  }

  /** Runs a call with a context whose lines appear on the resource, and ends when they have arrived. */
  async #telling<T>(request: Named, act: (context: Context) => Promise<T>): Promise<T> {
    const urn = request.getUrn();
    const context = this.#configured();
    const { evidence } = context;
    const stack = urn.split(":")[2];
    const directory = evidence?.defaultDirectory ?? (stack ? directoryOfStack(stack) : undefined);
    try {
      return await act({
        ...context,
        ...(evidence ? { evidence: { ...evidence, defaultDirectory: directory } } : {}),
        log: (severity, message) => this.#log.line(urn, severity, message),
      });
    } finally {
      await this.#log.flush(urn);
    }
  }

  async #partially<T>(given: Opened, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!isPartial(error)) throw error;
      const properties = withOwnTimeout(error.properties, given.values);
      throw partialError(
        error.id,
        this.#seal(withLine(properties, given.values), given),
        error.reasons.map((reason) => this.#texts.redact(reason)),
      );
    }
  }

  #seal(values: Properties, ...opened: Opened[]) {
    const [first] = opened;
    return seal(first ? withLine(values, first.values) : values, this.#texts, ...opened.map((each) => each.mask));
  }

  #checked(inputs: Properties, failures: readonly CheckFailure[], mask: Opened["mask"]): provider.CheckResponse {
    const response = new provider.CheckResponse();
    response.setInputs(seal(inputs, this.#texts, mask));
    response.setFailuresList(failures.map((failure) => this.#failed(failure, mask)));
    return response;
  }

  #failed(failure: CheckFailure, mask: Opened["mask"]): provider.CheckFailure {
    const isSecret = (key: string) => below(mask, key) !== undefined;
    const { property, reason } = withoutSecretProperty(failure, isSecret, this.#texts);
    const answer = new provider.CheckFailure();
    answer.setProperty(property);
    answer.setReason(reason);
    return answer;
  }

  #configured(): Context {
    if (!this.#context) throw callError("the provider was called before it was configured");
    return this.#context;
  }

  /** Configuration comes as text (`variables`) and as values (`args`); the values win where both are there. */
  #given(request: provider.ConfigureRequest): GivenConfig {
    const given: GivenConfig = {};
    const prefix = "siterecovery:config:";
    for (const [key, value] of request.getVariablesMap().toArray()) {
      if (key.startsWith(prefix)) given[key.slice(prefix.length)] = value;
    }
    return { ...given, ...open(request.getArgs(), this.#texts).values };
  }
}

function handlerOf(type: string): Handler {
  const handler = type.startsWith(tokenPrefix) ? handlers.get(type.slice(tokenPrefix.length)) : undefined;
  if (handler) return handler;
  throw callError(
    `"${type}" is no resource of siterecovery. Allowed: ${[...handlers.keys()].map((token) => tokenPrefix + token).join(", ")}`,
    status.NOT_FOUND,
  );
}

function importerOf(handler: Handler) {
  const importer = importers.get(handler.token);
  if (importer) return importer;
  throw callError(
    `${handler.token} cannot be imported: a drill is what one run made. Declare it in the program; it takes over its own drill if that still waits.`,
  );
}

function isCallError(error: unknown): error is CallError {
  return (
    typeof error === "object" && error !== null && "code" in error && "metadata" in error && "details" in error
  );
}

function isPartial(error: unknown): error is { id: string; properties: Properties; reasons: string[] } {
  return error instanceof Error && "id" in error && "properties" in error && "reasons" in error;
}
