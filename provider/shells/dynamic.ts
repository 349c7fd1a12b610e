/**
 * The dynamic shell: Pulumi's stock server for dynamic providers, round the handlers.
 *
 * A resource's `__provider` is one line that requires this module. So nothing is serialised into the state, a new
 * version of the package needs no change of state, and all resources of a process share their connections.
 */

import * as pulumi from "@pulumi/pulumi";
import { checkClaiming, diffClaiming } from "../resources/claiming.js";
import { type Context, type Handler, PartialFailure, type Properties } from "../resources/handler.js";
import { loadHandler, tokens } from "../resources/load.js";
import { InvalidInput } from "../siterecovery/errors.js";
import { configKeys, type GivenConfig, ownConfig } from "./config.js";
import { createContext, requireEngine } from "./context.js";
import { learnSecretInputs, secretInputsKey, secretKeys, withoutSecretProperty } from "./secretInputs.js";
import { SecretTexts, wrap } from "./secretTexts.js";

const providerKey = "__provider";

let shared: Context | Error | undefined;
/** Whether somebody was told already what is wrong with the configuration. */
let isToldWhole = false;
/** Of every resource of this process. */
const texts = new SecretTexts();

/** The provider of one resource type, as Pulumi's server calls it. */
export function dynamicProvider(token: string): pulumi.dynamic.ResourceProvider {
  const handler = loadHandler(token);
  if (!handler) throw new Error(`"${token}" is no resource of siterecovery. Allowed: ${tokens.join(", ")}`);
  return new DynamicProvider(handler);
}

class DynamicProvider implements pulumi.dynamic.ResourceProvider {
  constructor(private readonly handler: Handler) {}

  /**
   * Called once per process and type; every type sees the same configuration, so that the first one decides. What is
   * wrong with it is told by what needs it: Pulumi prints an error of this call several times, with its stack.
   */
  async configure(request: pulumi.dynamic.ConfigureRequest): Promise<void> {
    shared ??= configured(givenTo(request));
  }

  async check(olds: Properties, news: Properties) {
    return quietly(async () => {
      if (shared instanceof Error)
        return { inputs: news, failures: [{ property: "", reason: unconfigured(shared).message }] };
      const { inputs, failures } = await checkClaiming(this.handler, context(), own(olds), own(news));
      const secrets = secretKeys(news);
      return {
        // What `check` computes may be unknown where an argument is missing, and Pulumi takes no unknowns in an `up`.
        inputs: failures.length > 0 ? news : answer(inputs, news),
        failures: failures.map((failure) => withoutSecretProperty(failure, (key) => secrets.has(key), texts)),
      };
    });
  }

  async diff(id: string, olds: Properties, news: Properties): Promise<pulumi.dynamic.DiffResult> {
    return quietly(async () => {
      const { hasChanges, replaces, deleteBeforeReplace } = diffClaiming(
        this.handler,
        context(),
        id,
        own(olds),
        own(news),
      );
      return { changes: hasChanges, replaces, deleteBeforeReplace };
    });
  }

  async create(news: Properties): Promise<pulumi.dynamic.CreateResult> {
    return partially(news, async () => {
      const { id, outputs } = await this.handler.reconcile(context(), own(news), undefined);
      return { id, outs: answer(outputs, news) };
    });
  }

  async update(id: string, olds: Properties, news: Properties): Promise<pulumi.dynamic.UpdateResult> {
    return partially(news, async () => {
      const { outputs } = await this.handler.reconcile(context(), own(news), { id, outputs: own(olds) });
      return { outs: answer(outputs, news) };
    });
  }

  async read(id: string, props: Properties): Promise<pulumi.dynamic.ReadResult> {
    return quietly(async () => {
      const found = await this.handler.read(context(), id, own(props));
      if (!found) return { id: "", props: {} };
      return {
        id,
        props: answer(found.outputs, props),
        ...(found.inputs ? { inputs: answer(found.inputs, props) } : {}),
      };
    });
  }

  async delete(id: string, props: Properties): Promise<void> {
    return quietly(() => this.handler.delete(context(), id, own(props)));
  }
}

/** The server hands a configuration by its keys, and holds the whole of it: only that shows a misspelt key. */
function givenTo({ config }: pulumi.dynamic.ConfigureRequest): GivenConfig {
  const { rawConfig } = config as { rawConfig?: unknown };
  if (typeof rawConfig === "object" && rawConfig !== null) return ownConfig({ ...rawConfig });
  return Object.fromEntries(configKeys.map((key) => [key, config.get(`siterecovery:${key}`)]));
}

function configured(given: GivenConfig): Context | Error {
  try {
    return createContext(given, process.env, {
      secrets: texts,
      log: (severity, message) => {
        const line = texts.redact(message);
        const sent = severity === "warning" ? pulumi.log.warn(line) : pulumi.log.info(line);
        // A line that cannot be shown must not fail the work that it tells of.
        sent.catch(() => undefined);
      },
      beforeWrite: () => requireEngine(process.argv[2]),
      engineAddress: process.argv[2],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function context(): Context {
  if (!shared) throw new Error("the provider was called before it was configured");
  if (shared instanceof Error) throw unconfigured(shared);
  return shared;
}

/** The reason whole for whoever asks first: a refresh asks for every resource at once. */
function unconfigured(reason: Error): Error {
  if (isToldWhole)
    return new InvalidInput("siterecovery is not configured: what is wrong is told once, at another resource");
  isToldWhole = true;
  return reason;
}

/** A resource's properties without the shells' own keys; the secrets among them are remembered. */
function own(properties: Properties): Properties {
  learnSecretInputs(properties, texts);
  const { [providerKey]: _line, [secretInputsKey]: _secrets, ...rest } = properties;
  return rest;
}

/**
 * JSON and nothing else: one `undefined` in a result makes a create that succeeded fail (measured). Secrets go out
 * wrapped, which Pulumi takes although it hands them in plain.
 */
function answer(properties: Properties, given: Properties): Properties {
  const plain = JSON.parse(JSON.stringify(properties)) as Properties;
  const secrets = given[secretInputsKey];
  if (secrets !== undefined) plain[secretInputsKey] = secrets;
  return wrap(plain, undefined, texts) as Properties;
}

/** What an error calls itself where the server prints it beside answering it. */
const answered = "siterecovery: answered";

/**
 * The server also prints errors of check, diff, read and delete, name and stack, on the stack resource; there they would
 * only say a second time what the resource says.
 */
const print = console.error;
console.error = (...given: unknown[]) => {
  if (given[0] !== `${answered}: `) print(...given);
};

async function quietly<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw Object.assign(withoutStack(error), { toString: () => answered });
  }
}

/** The server adds its own key to results, but not to the state of a partial failure: without it, refresh and destroy fail. */
async function partially<T>(news: Properties, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof PartialFailure) {
      Object.assign(error, {
        properties: { ...answer(error.properties, news), [providerKey]: news[providerKey] },
        reasons: error.reasons.map((reason) => texts.redact(reason)),
      });
    }
    throw withoutStack(error);
  }
}

function withoutStack(error: unknown): Error {
  const cleaned = error instanceof Error ? error : new Error(String(error));
  cleaned.message = texts.redact(cleaned.message);
  cleaned.stack = "";
  return cleaned;
}
