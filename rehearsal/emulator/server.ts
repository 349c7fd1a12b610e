import { randomUUID } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AdminHandler, adminPrefix } from "./admin.js";
import type { Roles } from "./authorization/roles.js";
import type { ArmRequest, ArmResponse } from "./core.js";
import type { Call, Dispatcher, Witness } from "./dispatch.js";
import { ArmError } from "./errors.js";
import { type RequestFault, takeRequestFault } from "./faults.js";
import type { Entry } from "./journal.js";
import { RateLimits } from "./manners.js";
import { type LogEntry, type RequestLog, withoutSecrets } from "./requestLog.js";
import type { EmulatorWorld } from "./world.js";

/** ARM takes requests of up to 4 MB. */
const largestBody = 4 * 2 ** 20;
/** A whole state may be put by the admin API. */
const largestAdminBody = 512 * 2 ** 20;

export interface ServerParts {
  world: EmulatorWorld;
  dispatcher: Dispatcher;
  admin: AdminHandler;
  log: RequestLog;
  roles: Roles;
  /** Resolves when the present state is safe; called before a request that changed something is answered. */
  persist: (change: "whole" | Entry) => Promise<void>;
  /** Told what the emulator itself got wrong, with its stack. */
  onError: (error: unknown, request: string) => void;
  tls?: { key: string; cert: string };
}

/** The HTTP side of the emulator: reads requests, keeps ARM's manners, and answers. */
export function createEmulatorServer(parts: ServerParts): Server {
  const limits = new RateLimits();
  const listener: RequestListener = (request, response) => {
    void new Exchange(parts, parts.dispatcher, limits, request, response).run();
  };
  const server = parts.tls ? createTlsServer(parts.tls, listener) : createServer(listener);
  // Longer than the pools of the usual clients keep a socket: the side that reuses it never finds it closed.
  server.keepAliveTimeout = 75_000;
  server.headersTimeout = 80_000;
  return server;
}

/** One request and its answer. */
class Exchange {
  readonly #method: ArmRequest["method"];
  readonly #path: string;
  readonly #query: string;
  readonly #clientRequestId: string | undefined;

  constructor(
    private readonly parts: ServerParts,
    private readonly dispatcher: Dispatcher,
    private readonly limits: RateLimits,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.#method = (request.method ?? "GET").toUpperCase() as ArmRequest["method"];
    const url = request.url ?? "/";
    const mark = url.indexOf("?");
    this.#path = mark === -1 ? url : url.slice(0, mark);
    this.#query = mark === -1 ? "" : url.slice(mark + 1);
    const id = request.headers["x-ms-client-request-id"];
    this.#clientRequestId = typeof id === "string" ? id : undefined;
  }

  async run(): Promise<void> {
    try {
      const isAdmin = this.#path.startsWith(adminPrefix);
      const text = await readBody(this.request, isAdmin ? largestAdminBody : largestBody);
      if (isAdmin) await this.administer(text ?? "");
      else await this.answer(text);
    } catch (error) {
      // A client that went away is its own affair; anything else is a fault of ours.
      if (this.request.destroyed && !this.request.complete) return;
      this.parts.onError(error, `${this.#method} ${this.#path}`);
      this.send({ status: 500, body: { error: { code: "InternalServerError", message: messageOf(error) } } });
    }
  }

  private async administer(text: string): Promise<void> {
    const { world } = this.parts;
    const settled = world.settle();
    const answer = this.parts.admin({
      method: this.#method,
      path: this.#path,
      query: new URLSearchParams(this.#query),
      text,
    });
    if (answer.changed || settled > 0) await this.parts.persist("whole");
    this.send(answer);
  }

  private async answer(text: string | undefined): Promise<void> {
    const { world } = this.parts;
    const counters = { ...world.state.counters };
    let at = world.clock.now();
    let settled = world.settle(at);
    const entry = this.logEntry();
    const fault = takeRequestFault(world, this.#method, this.#path);
    if (fault) entry.fault = fault.kind === "drop" ? `drop ${fault.when}` : fault.kind;

    if (fault?.kind === "drop" && fault.when === "before") {
      await this.parts.persist("whole");
      this.parts.log.add(entry);
      this.response.socket?.destroy();
      return;
    }
    if (fault?.kind === "delay") {
      await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
      at = world.clock.now();
      settled += world.settle(at);
    }
    const call = this.call(at, text ?? "");
    const refused = refusal(fault) ?? tooLarge(text);
    let performed = { answer: refused ?? noAnswer, settled: 0 };
    try {
      if (refused === undefined) performed = this.dispatcher.perform(call, this.witness(entry));
    } catch (error) {
      // A fault of ours may have left a change half made, which no line of a journal repeats.
      await this.parts.persist("whole");
      throw error;
    }
    // Up to the journal's line nothing else may happen, so that its lines have the order of the changes.
    const { answer } = performed;
    entry.status = answer.status;
    settled += performed.settled;
    const isRead = ["GET", "HEAD"].includes(this.#method);
    if (fault !== undefined || answer.status >= 500) await this.parts.persist("whole");
    else if (!isRead && answer.status < 400)
      await this.parts.persist({ kind: "call", call, counters, status: answer.status });
    // What somebody has seen must still be so after a kill.
    else if (settled > 0) await this.parts.persist({ kind: "seen", at, counters });
    this.parts.log.add(entry);
    if (fault?.kind === "drop") this.response.socket?.destroy();
    else this.send(answer);
  }

  private call(at: number, text: string): Call {
    return {
      at,
      text,
      method: this.#method,
      path: this.#path,
      query: this.#query,
      headers: singleHeaders(this.request),
      origin: this.origin(),
      clientRequestId: this.#clientRequestId ?? randomUUID(),
    };
  }

  private witness(entry: LogEntry): Witness {
    return {
      routed: (operation) => {
        entry.operation = operation.id;
        this.parts.roles.check(this.#method, this.#path);
      },
      parsed: (body) => {
        entry.requestBody = withoutSecrets(body);
      },
    };
  }

  private origin(): string {
    const address = this.request.socket.localAddress ?? "127.0.0.1";
    const host = this.request.headers.host ?? `${address}:${this.request.socket.localPort}`;
    return `${this.parts.tls ? "https" : "http"}://${host}`;
  }

  private logEntry(): LogEntry {
    return {
      time: new Date(this.parts.world.clock.now()).toISOString(),
      method: this.#method,
      path: this.#path,
      query: this.#query,
      status: 0,
      ...(this.#clientRequestId !== undefined && { clientRequestId: this.#clientRequestId }),
    };
  }

  private send(answer: ArmResponse & { contentType?: string; text?: string }): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    const now = this.parts.world.clock.now();
    const requestId = randomUUID();
    const headers: Record<string, string> = {
      "cache-control": "no-cache",
      pragma: "no-cache",
      "x-ms-request-id": requestId,
      "x-ms-correlation-request-id": requestId,
      ...(!this.#path.startsWith(adminPrefix) && this.limits.header(this.#method, now)),
      date: new Date(now).toUTCString(),
    };
    if (this.#clientRequestId !== undefined && this.request.headers["x-ms-return-client-request-id"] === "true")
      headers["x-ms-client-request-id"] = this.#clientRequestId;
    for (const [name, value] of Object.entries(answer.headers ?? {})) headers[name.toLowerCase()] = value;
    const text = answer.text ?? (answer.body === undefined ? "" : JSON.stringify(answer.body));
    if (text !== "" || answer.contentType)
      headers["content-type"] = answer.contentType ?? "application/json; charset=utf-8";
    const isBodiless = answer.status === 204 || answer.status === 304;
    if (!isBodiless) headers["content-length"] = String(Buffer.byteLength(text));
    // A body of 413 or of an early refusal may still be under way: the connection is not for further use then.
    if (!this.request.complete) headers.connection = "close";
    response.writeHead(answer.status, headers);
    response.end(this.#method === "HEAD" || isBodiless ? undefined : text);
  }
}

/** Before there is one. */
const noAnswer: ArmResponse = { status: 500 };

function tooLarge(text: string | undefined): ArmResponse | undefined {
  if (text !== undefined) return undefined;
  const message = `The request content exceeds ${largestBody} bytes.`;
  return new ArmError(413, "RequestEntityTooLarge", message).toResponse();
}

/** The answer that a fault gives in the operation's place. */
function refusal(fault: RequestFault | undefined): ArmResponse | undefined {
  if (fault?.kind === "refuse") {
    const code =
      fault.code ??
      (fault.status === 503
        ? "ServiceUnavailable"
        : fault.status === 500
          ? "InternalServerError"
          : "FaultInjected");
    return new ArmError(
      fault.status,
      code,
      fault.message ?? `The request was refused by fault ${fault.id}.`,
    ).toResponse();
  }
  if (fault?.kind === "throttle")
    return new ArmError(429, "TooManyRequests", "The request is being throttled as the limit has been reached.", {
      headers: { "retry-after": String(fault.retryAfterSeconds) },
    }).toResponse();
  return undefined;
}

/** The whole body as text; undefined where it is larger than allowed. */
async function readBody(request: IncomingMessage, largest: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const part: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += part.length;
    // Read to its end all the same: an answer to a half-sent request is lost in most clients.
    if (length <= largest) chunks.push(part);
  }
  return length > largest ? undefined : Buffer.concat(chunks).toString("utf8");
}

function singleHeaders(request: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
