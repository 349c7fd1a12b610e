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
import type * as protocol from "../../protocol/provider.js";
import { checkClaiming, diffClaiming } from "../resources/claiming.js";
import type { CheckFailure, Context, Handler, Properties } from "../resources/handler.js";
import { loadHandler, tokens } from "../resources/load.js";
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

/** What is left out of an answer is not there. */
type Answer<A> = Partial<A>;

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
    getPluginInfo: answering(async () => ({ version: options.version })),
    getSchema: answering(async () => ({ schema: await options.readSchema() })),
    checkConfig: answering((request: protocol.CheckRequest) => server.checkConfig(request)),
    diffConfig: answering((request: protocol.DiffRequest) => server.diffConfig(request)),
    configure: answering((request: protocol.ConfigureRequest) => server.configure(request)),
    check: answering((request: protocol.CheckRequest) => server.check(request)),
    diff: answering((request: protocol.DiffRequest) => server.diff(request)),
    create: answering((request: protocol.CreateRequest) => server.create(request)),
    update: answering((request: protocol.UpdateRequest) => server.update(request)),
    read: answering((request: protocol.ReadRequest) => server.read(request)),
    delete: answering((request: protocol.DeleteRequest) => server.delete(request)),
    invoke: answering((request: protocol.InvokeRequest) => server.invoke(request)),
    cancel: answering(async () => server.cancel()),
  } satisfies Record<keyof typeof protocol.providerCalls, unknown>;
}

class PluginServer {
  readonly #texts = new SecretTexts();
  readonly #log: EngineLog;
  readonly #cancelled = new AbortController();
  #context: Context | undefined;

  constructor(private readonly options: PluginServerOptions) {
    this.#log = options.log((text) => this.#texts.redact(text));
  }

  async checkConfig(request: protocol.CheckRequest): Promise<Answer<protocol.CheckResponse>> {
    const { values, mask } = open(request.news, this.#texts);
    const { failures } = readSettings(values, this.options.env);
    return this.#checked(values, failures, mask);
  }

  /** A changed configuration never replaces: Pulumi also asks this about a resource that comes from another provider. */
  async diffConfig(request: protocol.DiffRequest): Promise<Answer<protocol.DiffResponse>> {
    const olds = open(request.oldInputs ?? request.olds, this.#texts).values;
    const news = open(request.news, this.#texts).values;
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((key) => key !== "__internal");
    const changes = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    return diffResponse({ changes, replaces: [], deleteBeforeReplace: false, hasChanges: changes.length > 0 });
  }

  async configure(request: protocol.ConfigureRequest): Promise<Answer<protocol.ConfigureResponse>> {
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
    return { acceptSecrets: true, acceptResources: false, acceptOutputs: false, supportsPreview: true };
  }

  async check(request: protocol.CheckRequest): Promise<Answer<protocol.CheckResponse>> {
    const handler = handlerOf(request.type);
    const olds = open(request.olds, this.#texts);
    const news = open(request.news, this.#texts);
    return this.#telling(request, async (context) => {
      const { inputs, failures } = await checkClaiming(handler, context, own(olds.values), declared(news.values));
      // What `check` computes may be unknown where an argument is missing, and Pulumi takes no unknowns in an `up`.
      return this.#checked(failures.length > 0 ? news.values : withLine(inputs, news.values), failures, news.mask);
    });
  }

  async diff(request: protocol.DiffRequest): Promise<Answer<protocol.DiffResponse>> {
    const handler = handlerOf(request.type);
    const olds = own(open(request.olds, this.#texts).values);
    const given = open(request.news, this.#texts).values;
    const news = own(given);
    return this.#telling(request, async (context) => {
      const diff = diffClaiming(handler, context, request.id, olds, news);
      if (!isShownByProgram(given)) showDrift(context, news);
      if (!diff.hasChanges) return diffResponse(diff);
      const oldInputs = own(open(request.oldInputs, this.#texts).values);
      return diffResponse(diff, detailedDiff(diff, oldInputs, olds, news));
    });
  }

  async create(request: protocol.CreateRequest): Promise<Answer<protocol.CreateResponse>> {
    const handler = handlerOf(request.type);
    const given = open(request.properties, this.#texts);
    const news = own(given.values);
    return this.#telling(request, async (context) => {
      if (request.preview) {
        if (!isShownByProgram(given.values)) showPreview(context, news);
        return { properties: this.#seal(await foresee(handler, news, undefined, this.options), given) };
      }
      const { id, outputs } = await this.#partially(given, () =>
        handler.reconcile(context, withTimeout(news, request.timeout), undefined),
      );
      return { id, properties: this.#seal(withOwnTimeout(outputs, news), given) };
    });
  }

  async update(request: protocol.UpdateRequest): Promise<Answer<protocol.UpdateResponse>> {
    const handler = handlerOf(request.type);
    const given = open(request.news, this.#texts);
    const olds = open(request.olds, this.#texts);
    const news = own(given.values);
    const prior = { id: request.id, outputs: own(olds.values) };
    return this.#telling(request, async (context) => {
      if (request.preview) {
        if (!isShownByProgram(given.values)) showPreview(context, news);
        return { properties: this.#seal(await foresee(handler, news, prior, this.options), given, olds) };
      }
      const { outputs } = await this.#partially(given, () =>
        handler.reconcile(context, withTimeout(news, request.timeout), prior),
      );
      return { properties: this.#seal(withOwnTimeout(outputs, news), given, olds) };
    });
  }

  async read(request: protocol.ReadRequest): Promise<Answer<protocol.ReadResponse>> {
    const handler = handlerOf(request.type);
    const { id } = request;
    const outputs = open(request.properties, this.#texts);
    const inputs = open(request.inputs, this.#texts);
    return this.#telling(request, async (context) => {
      const isImport = !isState(handler, outputs.values);
      const found = isImport
        ? await (await importerOf(handler))(context, id)
        : await handler.read(context, id, own(outputs.values));
      // An empty answer means that it is not there any more.
      if (!found) return {};
      const line = isImport ? lineOf(handler) : outputs.values;
      return {
        id,
        properties: this.#seal(withLine(found.outputs, line), outputs, inputs),
        inputs: found.inputs ? this.#seal(withLine(found.inputs, inputs.values), outputs, inputs) : request.inputs,
      };
    });
  }

  async delete(request: protocol.DeleteRequest): Promise<object> {
    const handler = handlerOf(request.type);
    const outputs = own(open(request.properties, this.#texts).values);
    return this.#telling(request, async (context) => {
      await handler.delete(context, request.id, withTimeout(outputs, request.timeout));
      return {};
    });
  }

  async invoke(request: protocol.InvokeRequest): Promise<Answer<protocol.InvokeResponse>> {
    const { token } = request;
    const { functions } = await import("../functions/index.js");
    const called = functions.get(token.replace(tokenPrefix, ""));
    if (!called || !token.startsWith(tokenPrefix))
      throw callError(
        `"${token}" is no function of siterecovery. Allowed: ${[...functions.keys()].map((name) => tokenPrefix + name).join(", ")}`,
        status.NOT_FOUND,
      );
    const given = open(request.args, this.#texts);
    const { result, failures } = await called.call(this.#configured(), given.values);
    if (failures.length > 0) return { failures: failures.map((failure) => this.#failed(failure, given.mask)) };
    return { result: this.#seal(result ?? {}, given) };
  }

  /** Stops every wait; jobs in Azure go on. Pulumi also calls it at the normal end of a command. */
  cancel(): object {
    this.#cancelled.abort();
    return {};
  }

  /** Any error as an answer, without secrets. */
  failure(error: unknown): CallError {
    if (isCallError(error)) return error;
    return callError(this.#texts.redact(error instanceof Error ? error.message : String(error)));
  }

  /** Runs a call with a context whose lines appear on the resource, and ends when they have arrived. */
  async #telling<T>({ urn }: { urn: string }, act: (context: Context) => Promise<T>): Promise<T> {
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

  #checked(
    inputs: Properties,
    failures: readonly CheckFailure[],
    mask: Opened["mask"],
  ): Answer<protocol.CheckResponse> {
    return {
      inputs: seal(inputs, this.#texts, mask),
      failures: failures.map((failure) => this.#failed(failure, mask)),
    };
  }

  #failed(failure: CheckFailure, mask: Opened["mask"]): CheckFailure {
    return withoutSecretProperty(failure, (key) => below(mask, key) !== undefined, this.#texts);
  }

  #configured(): Context {
    if (!this.#context) throw callError("the provider was called before it was configured");
    return this.#context;
  }

  /** Configuration comes as text (`variables`) and as values (`args`); the values win where both are there. */
  #given(request: protocol.ConfigureRequest): GivenConfig {
    const given: GivenConfig = {};
    const prefix = "siterecovery:config:";
    for (const [key, value] of Object.entries(request.variables)) {
      if (key.startsWith(prefix)) given[key.slice(prefix.length)] = value;
    }
    return { ...given, ...open(request.args, this.#texts).values };
  }
}

function handlerOf(type: string): Handler {
  const handler = type.startsWith(tokenPrefix) ? loadHandler(type.slice(tokenPrefix.length)) : undefined;
  if (handler) return handler;
  throw callError(
    `"${type}" is no resource of siterecovery. Allowed: ${tokens.map((token) => tokenPrefix + token).join(", ")}`,
    status.NOT_FOUND,
  );
}

async function importerOf(handler: Handler) {
  const { importers } = await import("../resources/importing.js");
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
