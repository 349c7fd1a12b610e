import { randomUUID } from "node:crypto";
import type { SiteRecoveryManagementClient } from "@azure/arm-recoveryservices-siterecovery";
import type { HttpClient, Pipeline, PipelinePolicy, PipelineRequest } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { NotFound, SiteRecoveryError } from "../errors.js";
import { type Delivery, DeliveryPolicy, type DeliverySettings } from "./delivery.js";
import { type Doing, isNotFound, isVaultMissing, toSiteRecoveryError } from "./failures.js";

/** What each call hands to the SDK's operation. */
export interface CallOptions {
  onResponse: (answer: { request: PipelineRequest }) => void;
  requestOptions: { customHeaders: Record<string, string> };
}

/** One request that starts a job, ready to be sent once. */
export type Send = (client: SiteRecoveryManagementClient, options: CallOptions) => Promise<unknown>;

/** What Azure said to a write. */
export interface Accepted {
  /** Absent where Azure did the work at once. */
  jobName?: string;
}

export type Outcome =
  | { kind: "accepted"; accepted: Accepted }
  /** `mayHaveArrived`: one of the tries may have reached Azure although this is the answer. */
  | { kind: "failed"; error: Error; mayHaveArrived: boolean };

export interface ArmClientSettings extends DeliverySettings {
  subscriptionId: string;
  vaultName: string;
  audience: string;
  /** Asked once, when the first token is needed; never for a loopback endpoint. */
  credential: () => Promise<TokenCredential>;
  userAgent?: string;
  /** Sends what the pipeline has made; default the SDK's own. */
  httpClient?: HttpClient;
}

/** A list that never ends (a next page that names itself) must not hold a deployment for ever. */
const MOST_PAGES = 5000;
/** The version of the REST contract that the SDK speaks. */
const SITE_RECOVERY_VERSION = "2023-06-01";

interface Page {
  value: readonly unknown[];
  /** The next page as a full address; undefined on the last one. */
  nextLink: string | undefined;
}

interface RequestParts {
  body?: unknown;
  ifMatch?: string | undefined;
  /** Whether the answer is what was asked for; left out = whatever it is. */
  isWhole?: (answer: Record<string, unknown> | undefined) => boolean;
}

/**
 * The official client, loaded when it first writes, with requests delivered our way and errors told in our classes. Reads
 * go through the pipeline below it alone, which loads in half the time: a refresh needs no more.
 */
export class ArmClient {
  readonly delivery: DeliveryPolicy;
  readonly #settings: ArmClientSettings;
  #client: SiteRecoveryManagementClient | undefined;
  #credential: Promise<TokenCredential> | undefined;
  #wire: { pipeline: Pipeline; httpClient: HttpClient } | undefined;

  constructor(settings: ArmClientSettings) {
    this.#settings = settings;
    this.delivery = new DeliveryPolicy(settings);
  }

  /**
   * One GET, as `read` takes its answer; undefined where it is not there.
   *
   * @throws NotFound where the vault itself is missing
   */
  async get<T>(doing: Doing, path: string, read: (answer: unknown) => T): Promise<T | undefined> {
    try {
      const { body } = await this.#request("GET", path, SITE_RECOVERY_VERSION, { isWhole: isObject });
      return read(body);
    } catch (error) {
      if (isNotFound(error) && !isVaultMissing(error, this.#settings.vaultName)) return undefined;
      throw this.#failure(error, doing);
    }
  }

  /**
   * All entries of a paged list, each as `read` takes it. Lists of a large vault are most of what a refresh costs, so the
   * next page is on its way while the one before is taken apart, and the SDK does not take it apart as well.
   *
   * @param path ARM path of the list, which is one of the vault's, with its query
   * @param tell is told the entries of each page as soon as it is there
   */
  async list<T>(
    doing: Doing,
    path: string,
    read: (entry: unknown) => T,
    tell: (page: readonly T[]) => void = () => undefined,
  ): Promise<T[]> {
    const entries: T[] = [];
    try {
      let next: Promise<Page> | undefined = this.#page(path);
      for (let pages = 1; next !== undefined; pages += 1) {
        if (pages > MOST_PAGES) throw endless(doing);
        const { value, nextLink }: Page = await next;
        next = nextLink === undefined ? undefined : this.#page(nextLink);
        // Its failure is seen where it is awaited, also if an entry of this page cannot be read.
        next?.catch(() => undefined);
        const page = value.map((entry) => read(entry));
        entries.push(...page);
        tell(page);
      }
    } catch (error) {
      throw this.#failure(error, doing);
    }
    return entries;
  }

  async #page(path: string): Promise<Page> {
    // Taken for an empty list, an answer without one would make a refresh forget every resource.
    const { body } = await this.#request("GET", path, SITE_RECOVERY_VERSION, { isWhole: isList });
    const { value, nextLink } = body ?? {};
    return {
      value: Array.isArray(value) ? value : [],
      nextLink: typeof nextLink === "string" && nextLink !== "" ? nextLink : undefined,
    };
  }

  /** One write, told without exceptions because the caller may have to look what became of it. */
  async send(doing: Doing, call: Send, mark: string): Promise<Outcome> {
    const { options, delivery } = this.#options(mark);
    try {
      await call(this.#load(), options);
      const jobName = delivery()?.jobName;
      return { kind: "accepted", accepted: jobName === undefined ? {} : { jobName } };
    } catch (error) {
      const known = this.#deliveryOf(error);
      return { kind: "failed", error: this.#failure(error, doing), mayHaveArrived: known?.isAmbiguous ?? false };
    }
  }

  /** Plain ARM: the answer's JSON, undefined where it is not there. `path` may be a full address of the same host. */
  async getJson(doing: Doing, path: string, apiVersion: string): Promise<Record<string, unknown> | undefined> {
    try {
      return (await this.#request("GET", path, apiVersion)).body;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw this.#failure(error, doing);
    }
  }

  /** A POST that only asks a question, and so may be repeated. */
  async ask(
    doing: Doing,
    path: string,
    apiVersion: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> | undefined; delivery: Delivery | undefined }> {
    try {
      return await this.#request("POST", path, apiVersion, { body });
    } catch (error) {
      throw this.#failure(error, doing);
    }
  }

  /**
   * A PUT or DELETE of one resource, which may be repeated.
   * @param ifMatch etag: the write is refused where somebody changed the resource since
   */
  async write(
    doing: Doing,
    method: "PUT" | "DELETE",
    path: string,
    apiVersion: string,
    body?: unknown,
    ifMatch?: string,
  ): Promise<{ status: number; body: Record<string, unknown> | undefined; delivery: Delivery | undefined }> {
    try {
      return await this.#request(method, path, apiVersion, { body, ifMatch });
    } catch (error) {
      throw this.#failure(error, doing);
    }
  }

  /** One look at a polling address: status and body as they are. */
  async poll(
    doing: Doing,
    address: string,
  ): Promise<{ status: number; body: Record<string, unknown> | undefined }> {
    try {
      return await this.#request("GET", address, "");
    } catch (error) {
      throw this.#failure(error, doing);
    }
  }

  async #request(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    apiVersion: string,
    { body, ifMatch, isWhole }: RequestParts = {},
  ): Promise<{ status: number; body: Record<string, unknown> | undefined; delivery: Delivery | undefined }> {
    const { pipeline, httpClient } = this.#open();
    const { createPipelineRequest, createHttpHeaders, RestError } = loadPipeline();
    const url = new URL(path, this.#settings.endpoint.origin);
    if (apiVersion !== "" && !url.searchParams.has("api-version")) url.searchParams.set("api-version", apiVersion);
    const headers = createHttpHeaders({ accept: "application/json", "x-ms-client-request-id": randomUUID() });
    if (body !== undefined) headers.set("content-type", "application/json; charset=utf-8");
    if (ifMatch !== undefined) headers.set("if-match", ifMatch);
    const request = createPipelineRequest({
      url: url.href,
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      allowInsecureConnection: this.#settings.endpoint.isInsecure,
    });
    this.delivery.repeatable.add(request);
    const answer = await pipeline.sendRequest(httpClient, request);
    const refuse = (why: string): never => {
      throw new RestError(why, { statusCode: answer.status, request, response: answer });
    };
    // No redirect is followed, so that one is no answer either.
    if (answer.status >= 300) refuse(`status ${answer.status}`);
    const found = jsonObject(answer.bodyAsText, () => refuse("no JSON"));
    if (isWhole && !isWhole(found)) refuse("not what was asked for");
    return { status: answer.status, body: found, delivery: this.delivery.deliveries.get(request) };
  }

  #options(mark: string): { options: CallOptions; delivery: () => Delivery | undefined } {
    let delivery: Delivery | undefined;
    return {
      options: {
        onResponse: ({ request }) => {
          delivery ??= this.delivery.deliveries.get(request);
        },
        requestOptions: { customHeaders: { "x-ms-client-request-id": mark } },
      },
      delivery: () => delivery,
    };
  }

  #failure(error: unknown, doing: Doing): Error {
    if (isVaultMissing(error, this.#settings.vaultName)) {
      const known = toSiteRecoveryError(error, doing);
      const code = known instanceof SiteRecoveryError ? known.code : undefined;
      return new NotFound(
        `${doing.operation} ${doing.kind} "${doing.name}": the vault "${this.#settings.vaultName}" is not there (404, ${code ?? "no code"}). Check subscription, resource group and vault name.`,
        { code, statusCode: 404, resourceId: doing.id, operation: doing.operation },
      );
    }
    return toSiteRecoveryError(error, doing, () => this.#deliveryOf(error));
  }

  #deliveryOf(error: unknown): Delivery | undefined {
    const request = (error as { request?: PipelineRequest } | undefined)?.request;
    return request === undefined ? undefined : this.delivery.deliveries.get(request);
  }

  /** The pipeline of plain requests: the SDK's own, without what would repeat or redirect a request by itself. */
  #open(): { pipeline: Pipeline; httpClient: HttpClient } {
    if (this.#wire !== undefined) return this.#wire;
    const { endpoint, audience, userAgent, httpClient } = this.#settings;
    const { bearerTokenAuthenticationPolicy, createDefaultHttpClient, createPipelineFromOptions } = loadPipeline();
    const pipeline = createPipelineFromOptions(
      userAgent === undefined ? {} : { userAgentOptions: { userAgentPrefix: userAgent } },
    );
    const credential = this.#lazyCredential();
    this.#deliverOurWay(
      pipeline,
      endpoint.isLoopback ? [] : [bearerTokenAuthenticationPolicy({ credential, scopes: `${audience}/.default` })],
    );
    this.#wire = { pipeline, httpClient: httpClient ?? createDefaultHttpClient() };
    return this.#wire;
  }

  #load(): SiteRecoveryManagementClient {
    if (this.#client !== undefined) return this.#client;
    const { endpoint, subscriptionId, audience, userAgent } = this.#settings;
    const { SiteRecoveryManagementClient } = loadSdk();
    const client = new SiteRecoveryManagementClient(this.#lazyCredential(), subscriptionId, {
      endpoint: endpoint.origin,
      credentialScopes: `${audience}/.default`,
      allowInsecureConnection: endpoint.isInsecure,
      // Its connections are the ones that stand already.
      httpClient: this.#open().httpClient,
      ...(userAgent === undefined ? {} : { userAgentOptions: { userAgentPrefix: userAgent } }),
    });
    const { pipeline } = client;
    const bearer = pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });
    this.#deliverOurWay(pipeline, endpoint.isLoopback ? [] : bearer);
    this.#client = client;
    return client;
  }

  #deliverOurWay(pipeline: Pipeline, signing: readonly PipelinePolicy[]): void {
    pipeline.removePolicy({ name: "defaultRetryPolicy" });
    // It would repeat a POST, and carry the token, to wherever a 307 points.
    pipeline.removePolicy({ name: "redirectPolicy" });
    // HTTPS_PROXY must not take rehearsals off this machine.
    if (this.#settings.endpoint.isLoopback) pipeline.removePolicy({ name: "proxyPolicy" });
    // Inside the delivery policy, so that a token that ran out during a long wait is renewed for the next try.
    for (const policy of signing) pipeline.addPolicy(policy, { phase: "Sign" });
    pipeline.addPolicy(this.delivery, { phase: "Retry" });
  }

  #lazyCredential(): TokenCredential {
    const { endpoint, credential } = this.#settings;
    return {
      getToken: async (scopes, options) => {
        if (endpoint.isLoopback) throw new Error("no token is ever asked for on behalf of a loopback endpoint");
        this.#credential ??= credential().catch((error: unknown) => {
          this.#credential = undefined;
          throw error;
        });
        return (await this.#credential).getToken(scopes, options);
      },
    };
  }
}

// require, not import(): import() would load an ESM copy of the pipeline beside the one that the SDK requires. Both take
// a quarter of a second to load, which a program that never calls Azure should not pay.
let sdk: typeof import("@azure/arm-recoveryservices-siterecovery") | undefined;
function loadSdk() {
  sdk ??= require("@azure/arm-recoveryservices-siterecovery") as NonNullable<typeof sdk>;
  return sdk;
}

let pipeline: typeof import("@azure/core-rest-pipeline") | undefined;
/** Asked for at every request: a look-up by name each time costs more than the rest of making one. */
function loadPipeline() {
  pipeline ??= require("@azure/core-rest-pipeline") as NonNullable<typeof pipeline>;
  return pipeline;
}

function endless(doing: Doing): SiteRecoveryError {
  return new SiteRecoveryError(
    `${doing.operation} ${doing.kind}: the list has not ended after ${MOST_PAGES} pages.`,
  );
}

function isObject(answer: Record<string, unknown> | undefined): boolean {
  return answer !== undefined;
}

function isList(answer: Record<string, unknown> | undefined): boolean {
  return Array.isArray(answer?.value);
}

function jsonObject(text: string | null | undefined, refuse: () => never): Record<string, unknown> | undefined {
  if (typeof text !== "string" || text.trim() === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse();
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
