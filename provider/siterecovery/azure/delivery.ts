import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { PipelinePolicy, PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import { type Endpoint, mayFollow } from "./endpoint.js";
import type { Buckets } from "./rateLimit.js";

/** What is known about one request while and after it is sent. */
export interface Delivery {
  /** Sent with the request; Azure keeps it at the front of the job's activityId. */
  clientRequestId: string | undefined;
  /** An earlier try may have reached Azure: its outcome is unknown. */
  isAmbiguous: boolean;
  /** Last path segment of the polling address, which is the job's name. */
  jobName?: string;
  pollAddress?: string;
  resultAddress?: string;
  retryAfterMs?: number;
}

export interface DeliverySettings {
  endpoint: Endpoint;
  buckets: Buckets;
  beforeWrite: () => Promise<void>;
  /** Sum of the waits that one request spends on 429 answers. */
  maxThrottleWaitMs: number;
  /** How long a request that may be repeated goes on after lost connections and 5xx. */
  maxOutageMs: number;
  /** Bound for one try, connection to last byte. */
  tryTimeoutMs: number;
  log: (message: string) => void;
  /** Ends the pauses between tries: the last answer then counts. What is on its way is waited for. */
  signal?: AbortSignal | undefined;
}

/** No answer came: connection refused, lost, or too slow. */
export class ConnectionFailure extends Error {
  /** False where the request certainly never reached the other side. */
  readonly mayHaveArrived: boolean;
  readonly code: string;
  readonly request: PipelineRequest;

  constructor(message: string, details: { mayHaveArrived: boolean; code: string; request: PipelineRequest }) {
    super(message);
    this.name = "ConnectionFailure";
    this.mayHaveArrived = details.mayHaveArrived;
    this.code = details.code;
    this.request = details.request;
  }
}

/** These fail before the first byte is sent. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
/** A certificate that is not trusted, or no TLS at all on the other side: waiting does not heal it. */
const TLS_CODE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|^EPROTO$/;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** `Retry-After: 0` is legal; without a floor a full bucket would be asked in a busy loop. */
const SHORTEST_THROTTLE_PAUSE_MS = 20;
const LONGEST_THROTTLE_PAUSE_MS = 60_000;

/**
 * How requests go out, instead of the SDK's own retry policy, which repeats POSTs after lost connections and 503 and so
 * would start a failover four times. GET, PUT, PATCH and DELETE are repeated within bounds; a POST is sent again only
 * after 429 or where no connection was made. It also takes the polling addresses away from the SDK, whose poller
 * would ask once for each job, and keeps them in `deliveries`.
 */
export class DeliveryPolicy implements PipelinePolicy {
  readonly name = "siteRecoveryDelivery";
  readonly deliveries = new WeakMap<PipelineRequest, Delivery>();
  /** POSTs that only ask a question, and so may be repeated. */
  readonly repeatable = new WeakSet<PipelineRequest>();
  /** The Retry-After of the last request that started a job, in milliseconds. */
  lastRetryAfterMs: number | undefined;
  #hasConnected = false;
  // A POST on a kept-alive connection that the server just closed is lost without ever being read; it must not be
  // repeated, so it gets a connection of its own.
  readonly #freshConnections = new Agent({ keepAlive: false });
  readonly #settings: DeliverySettings;

  constructor(settings: DeliverySettings) {
    this.#settings = settings;
  }

  async sendRequest(
    request: PipelineRequest,
    next: (request: PipelineRequest) => Promise<PipelineResponse>,
  ): Promise<PipelineResponse> {
    const { endpoint, buckets, beforeWrite, maxThrottleWaitMs, maxOutageMs, log } = this.#settings;
    if (!mayFollow(endpoint, request.url)) {
      throw new ConnectionFailure(
        `${endpoint.origin} answered with an address elsewhere (${new URL(request.url).origin}), which is not followed`,
        { mayHaveArrived: false, code: "ForeignAddress", request },
      );
    }
    const isRead = request.method === "GET" || request.method === "HEAD";
    const isSentOnce = request.method === "POST" && !this.repeatable.has(request);
    const delivery: Delivery = {
      clientRequestId: request.headers.get("x-ms-client-request-id") ?? undefined,
      isAmbiguous: false,
    };
    this.deliveries.set(request, delivery);
    if (isSentOnce) this.#useFreshConnection(request);

    const signal = request.abortSignal as AbortSignal | undefined;
    const startedAt = Date.now();
    let throttledMs = 0;
    let throttledTries = 0;
    let failedTries = 0;
    for (;;) {
      if (!isRead) await beforeWrite();
      await (isRead ? buckets.reads : buckets.writes).take(signal);
      let trouble: string;
      let answer: PipelineResponse | undefined;
      let failure: ConnectionFailure | undefined;
      try {
        answer = await this.#tryOnce(request, next, signal);
      } catch (error) {
        if (!(error instanceof ConnectionFailure)) throw error;
        failure = error;
      }
      if (answer !== undefined) {
        this.#hasConnected = true;
        if (answer.status === 429) {
          const pauseMs = throttlePause(answer, throttledTries++);
          if (throttledMs + pauseMs > maxThrottleWaitMs) return answer;
          log(`${request.method} throttled (429), sent again in ${seconds(pauseMs)}`);
          throttledMs += pauseMs;
          if (!(await this.#pause(pauseMs, signal))) return answer;
          continue;
        }
        if (!isOutage(answer.status)) return this.#accept(request, answer, delivery, isRead);
        if (isSentOnce) return answer;
        delivery.isAmbiguous = true;
        trouble = `answered ${answer.status}`;
      } else if (failure !== undefined) {
        if (failure.mayHaveArrived) delivery.isAmbiguous = true;
        if (isSentOnce && failure.mayHaveArrived) throw failure;
        // Nothing listens: on a loopback address that has never answered, waiting only hides the wrong port.
        if (failure.code === "ECONNREFUSED" && endpoint.isLoopback && !this.#hasConnected) throw failure;
        if (isTlsFailure(failure)) throw failure;
        trouble = failure.message;
      } else {
        throw new Error("a try ended without an answer and without a failure");
      }
      const pauseMs =
        retryAfterMs(answer) ??
        Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failedTries) * (0.8 + 0.4 * Math.random());
      failedTries += 1;
      if (Date.now() - startedAt - throttledMs + pauseMs > maxOutageMs) {
        if (answer !== undefined) return answer;
        throw failure;
      }
      log(`${request.method} ${trouble}, sent again in ${seconds(pauseMs)}`);
      if (await this.#pause(pauseMs, signal)) continue;
      if (answer !== undefined) return answer;
      throw failure;
    }
  }

  /** False where all pauses were ended. */
  async #pause(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
    const stop = this.#settings.signal;
    try {
      await delay(ms, undefined, { signal: AbortSignal.any([signal, stop].flatMap((each) => each ?? [])) });
    } catch (error) {
      if (!stop?.aborted || signal?.aborted) throw error;
    }
    return !stop?.aborted;
  }

  async #tryOnce(
    request: PipelineRequest,
    next: (request: PipelineRequest) => Promise<PipelineResponse>,
    signal: AbortSignal | undefined,
  ): Promise<PipelineResponse> {
    signal?.throwIfAborted();
    const bound = AbortSignal.timeout(this.#settings.tryTimeoutMs);
    request.abortSignal = signal === undefined ? bound : AbortSignal.any([signal, bound]);
    try {
      return await next(request);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (bound.aborted) {
        throw new ConnectionFailure(`gave no answer within ${seconds(this.#settings.tryTimeoutMs)}`, {
          mayHaveArrived: true,
          code: "ETIMEDOUT",
          request,
        });
      }
      if (isAnswerless(error)) {
        const code = error.code ?? "REQUEST_SEND_ERROR";
        throw new ConnectionFailure(`lost the connection (${code})`, {
          mayHaveArrived: !NEVER_SENT.has(code) && !TLS_CODE.test(code),
          code,
          request,
        });
      }
      throw error;
    } finally {
      request.abortSignal = signal;
    }
  }

  #accept(
    request: PipelineRequest,
    answer: PipelineResponse,
    delivery: Delivery,
    isRead: boolean,
  ): PipelineResponse {
    if (isRead || answer.status >= 300) return answer;
    const poll = answer.headers.get("azure-asyncoperation");
    const result = answer.headers.get("location");
    const address = poll ?? result;
    if (address !== undefined) {
      const base = new URL(request.url);
      delivery.jobName = lastSegment(new URL(address, base).pathname);
      delivery.pollAddress = poll === undefined ? undefined : new URL(poll, base).href;
      delivery.resultAddress = result === undefined ? undefined : new URL(result, base).href;
    }
    delivery.retryAfterMs = retryAfterMs(answer);
    if (delivery.retryAfterMs !== undefined && !this.repeatable.has(request))
      this.lastRetryAfterMs = delivery.retryAfterMs;
    for (const header of ["azure-asyncoperation", "location", "operation-location"]) answer.headers.delete(header);
    // "Taken", whatever stands in the body: one that is no JSON must not turn it into a failure. The SDK would poll the
    // resource of a PUT that it sees answered 202, even without a polling address; 204 means done to it.
    if (answer.status === 202 && !this.repeatable.has(request)) {
      answer.status = 204;
      answer.bodyAsText = undefined;
    }
    return answer;
  }

  #useFreshConnection(request: PipelineRequest): void {
    if (this.#settings.endpoint.isInsecure) request.agent = this.#freshConnections;
    else {
      request.disableKeepAlive = true;
      request.tlsSettings ??= {};
    }
  }
}

/** Worth another try: 408 and 5xx, but not "not implemented" and "version not supported". */
export function isOutage(status: number): boolean {
  return status === 408 || (status >= 500 && status !== 501 && status !== 505);
}

/** `Retry-After` in milliseconds, given as seconds, as a date, or in Azure's own millisecond headers. */
export function retryAfterMs(answer: PipelineResponse | undefined): number | undefined {
  if (answer === undefined) return undefined;
  for (const header of ["retry-after-ms", "x-ms-retry-after-ms"]) {
    const value = Number.parseFloat(answer.headers.get(header) ?? "");
    if (Number.isFinite(value) && value >= 0) return value;
  }
  const text = answer.headers.get("retry-after")?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number.parseFloat(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

export function isTlsFailure(failure: ConnectionFailure): boolean {
  return TLS_CODE.test(failure.code);
}

function throttlePause(answer: PipelineResponse, tries: number): number {
  const asked = retryAfterMs(answer);
  const growing = SHORTEST_THROTTLE_PAUSE_MS * 2 ** Math.min(tries, 12);
  if (asked !== undefined) return Math.max(asked, Math.min(growing, 1000));
  return Math.min(LONGEST_THROTTLE_PAUSE_MS, Math.max(1000, growing));
}

function isAnswerless(error: unknown): error is Error & { code?: string } {
  return (
    error instanceof Error &&
    error.name === "RestError" &&
    (error as { statusCode?: number }).statusCode === undefined &&
    (error as { response?: unknown }).response === undefined
  );
}

function lastSegment(pathname: string): string | undefined {
  const segment = pathname.split("/").filter(Boolean).at(-1);
  return segment === undefined ? undefined : decodeURIComponent(segment);
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
