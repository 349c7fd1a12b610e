import type { PipelineRequest, PipelineResponse } from "@azure/core-rest-pipeline";
import {
  Conflict,
  InvalidInput,
  JobFailed,
  NotAllowedInState,
  NotFound,
  SiteRecoveryError,
  type SiteRecoveryErrorDetails,
  Timeout,
  Unauthorized,
  Unclear,
} from "../errors.js";
import type { Job } from "../siteRecovery.js";
import { ConnectionFailure, type Delivery, isOutage, isTlsFailure } from "./delivery.js";
import { roleFor } from "./rights.js";

/** What is being done to what: the first half of every message. */
export interface Doing {
  /** `creating`, `starting testFailover of`, ... */
  operation: string;
  /** `replication policy`, `replicated item`, ... */
  kind: string;
  name: string;
  id?: string;
}

/** The words for something with an ARM id. */
export function doing(operation: string, kind: string, id: string): Doing {
  return { operation, kind, name: id.split("/").at(-1) ?? id, id };
}

/** A job that ended other than well, with Azure's reasons: all of them in the message, the first one's fields in the error. */
export function jobFailure(job: Job, what: Doing): JobFailed {
  const [first] = job.errors;
  const reasons = job.errors.map(({ message, code }) => `${trimEnd(message)}${code === "" ? "" : ` (${code})`}`);
  const inner = { possibleCauses: first?.possibleCauses, recommendedAction: first?.recommendedAction };
  return new JobFailed(
    message(
      what,
      reasons.join("; ") || `the job ended ${job.state}`,
      undefined,
      `Look at job ${job.name} in the vault`,
      inner,
    ),
    { ...details(what, { ...inner, code: first?.code ?? job.state }), jobName: job.name },
  );
}

/** The parts of Azure's error answer; the inner entry tells more than the outer, which repeats the HTTP status. */
interface AzureError {
  code?: string;
  message?: string;
  possibleCauses?: string;
  recommendedAction?: string;
}

/** Site Recovery's and ARM's inner codes for "not in this state"; an open list, so by pattern. */
const STATE_CODE =
  /NotAllowed|InvalidState|InvalidFailoverDirection|NotInExpectedState|NotSupportedInState|InvalidOperation/i;
const VAULT_MISSING_CODE = /^(ResourceGroupNotFound|SubscriptionNotFound|InvalidSubscriptionId)$/i;

/**
 * One of the classes of `errors.ts` for whatever a call threw. Classes of ours pass through unchanged. The original is
 * not kept as it is, because it holds the request with its headers; a copy with code and text is.
 */
export function toSiteRecoveryError(
  error: unknown,
  doing: Doing,
  deliveryOf?: (request: PipelineRequest) => Delivery | undefined,
): Error {
  if (error instanceof SiteRecoveryError) return error;
  if (error instanceof ConnectionFailure) return connectionError(error, doing, deliveryOf?.(error.request));
  if (isHttpFailure(error)) return answerError(error, doing);
  if (error instanceof Error && /Credential|AuthenticationError|AuthenticationRequired/.test(error.name)) {
    return new Unauthorized(
      message(
        doing,
        `no token: ${redact(whyNot(error))}`,
        undefined,
        "Check the ARM_* variables, or run az login.",
      ),
      details(doing, { code: error.name, cause: plain(error) }),
    );
  }
  return error instanceof Error
    ? error
    : new SiteRecoveryError(message(doing, redact(String(error))), details(doing, {}));
}

/** Of a chain of ways to sign in what each of them lacks, without its advice; of a single one the whole message. */
function whyNot(error: Error): string {
  const { errors } = error as { errors?: unknown };
  if (!Array.isArray(errors) || errors.length === 0) return error.message;
  const reasons = errors.map((each) => (each instanceof Error ? each.message : String(each)));
  return reasons.map((reason) => reason.split(/\.(?:\s|$)|\n/)[0] ?? reason).join("; ");
}

/** True where a 404 says that the vault, its group or the subscription is missing, and not the thing asked for. */
export function isVaultMissing(error: unknown, vaultName: string): boolean {
  if (!isHttpFailure(error) || error.statusCode !== 404) return false;
  const outer = outerError(error.response);
  if (VAULT_MISSING_CODE.test(outer.code ?? "")) return true;
  return new RegExp(`Microsoft\\.RecoveryServices/vaults/${escapeRegExp(vaultName)}'`, "i").test(
    outer.message ?? "",
  );
}

export function isNotFound(error: unknown): boolean {
  return error instanceof NotFound || (isHttpFailure(error) && error.statusCode === 404);
}

function connectionError(error: ConnectionFailure, doing: Doing, delivery: Delivery | undefined): Error {
  const host = originOf(error.request.url);
  const extra = details(doing, { code: error.code, cause: plain(error) });
  if (error.code === "ForeignAddress") return new SiteRecoveryError(message(doing, error.message), extra);
  if (isWrite(error.request) && (error.mayHaveArrived || delivery?.isAmbiguous === true)) {
    return new Unclear(
      message(
        doing,
        `${host} ${error.message}, so nobody knows whether Azure took it`,
        error.code,
        "Look at the target before it is sent again.",
      ),
      extra,
    );
  }
  if (isTlsFailure(error)) {
    const advice =
      "Check the certificate of the endpoint; one that this machine does not know is named in NODE_EXTRA_CA_CERTS.";
    return new SiteRecoveryError(message(doing, `no trusted connection to ${host}`, error.code, advice), extra);
  }
  if (error.code === "ECONNREFUSED") {
    return new SiteRecoveryError(
      message(
        doing,
        `nothing listens at ${host}`,
        error.code,
        "Is it a rehearsal? Then start the emulator there: npm run emulator (in a clone), or siterecovery-emulator --port <port>. Else correct siterecovery:endpoint or SITERECOVERY_ENDPOINT.",
      ),
      extra,
    );
  }
  return new SiteRecoveryError(
    message(doing, `${host} ${error.message}`, error.code, "Check the network and run again."),
    extra,
  );
}

function answerError(error: HttpFailure, doing: Doing): Error {
  const status = error.statusCode ?? error.response?.status ?? 0;
  const inner = innerError(error);
  const outerCode = outerError(error.response).code;
  const requestId =
    error.response?.headers.get("x-ms-correlation-request-id") ??
    error.response?.headers.get("x-ms-request-id") ??
    undefined;
  const extra = details(doing, {
    code: inner.code ?? outerCode ?? String(status),
    requestId,
    possibleCauses: inner.possibleCauses,
    recommendedAction: inner.recommendedAction,
    statusCode: status,
    cause: plain(error),
  });
  const words = inner.message ?? unreadable(error);
  const text = (what: string, advice?: string): string =>
    message(
      doing,
      what,
      `${status}, ${extra.code ?? "no code"}${requestId === undefined ? "" : `, request ${requestId}`}`,
      advice,
      inner,
    );

  if (status === 429) {
    return new Timeout(
      text("Azure throttles, and the bound for waiting is reached or the run was cancelled; nothing was started"),
      extra,
    );
  }
  if (isOutage(status) || (status >= 200 && status < 300)) {
    if (error.request !== undefined && isWrite(error.request)) {
      return new Unclear(
        text(`${words}; nobody knows whether Azure took it`, "Look at the target before it is sent again."),
        extra,
      );
    }
    return new SiteRecoveryError(text(words, "Run again later."), extra);
  }
  if (status === 401 || status === 403 || inner.code === "AuthorizationFailed") {
    return new Unauthorized(text(forbidden(words), adviceFor(words)), extra);
  }
  if (status === 404) return new NotFound(text(words), extra);
  if (STATE_CODE.test(inner.code ?? "") && (status === 400 || status === 409 || status === 412)) {
    return new NotAllowedInState(text(words), extra);
  }
  if (status === 409 || status === 412) return new Conflict(text(words), extra);
  if (status === 501)
    return new SiteRecoveryError(text(words, "This endpoint does not have the operation."), extra);
  if (status >= 400 && status < 500) return new InvalidInput(text(words), extra);
  return new SiteRecoveryError(text(words), extra);
}

/** The least role that holds what was refused; of an action that the message does not name, where to look. */
function adviceFor(words: string): string {
  const [, action = ""] = refusedAction.exec(words) ?? [];
  const role = roleFor(action);
  return role
    ? `Give it the role ${role} there, or one that holds this action`
    : "Give the identity a role that holds this action: docs/roles.md lists them by command";
}

const refusedAction = /perform action '([^']+)'(?: over scope '([^']+)')?/i;

/** Names action and scope, which ARM buries in a sentence. */
function forbidden(words: string): string {
  const match = refusedAction.exec(words);
  if (match === null) return words;
  return `the identity may not perform ${match[1]}${match[2] === undefined ? "" : ` over ${match[2]}`}`;
}

function message(doing: Doing, what: string, code?: string, advice?: string, inner: AzureError = {}): string {
  const parts = [
    `${doing.operation} ${doing.kind} "${doing.name}": ${trimEnd(what)}${code === undefined ? "" : ` (${code})`}.`,
  ];
  if (inner.possibleCauses !== undefined) parts.push(`Possible causes: ${trimEnd(inner.possibleCauses)}.`);
  const advised = inner.recommendedAction ?? advice;
  if (advised !== undefined) parts.push(`${trimEnd(advised)}.`);
  return parts.join(" ");
}

function details(doing: Doing, extra: SiteRecoveryErrorDetails): SiteRecoveryErrorDetails {
  return { resourceId: doing.id, operation: doing.operation, ...extra };
}

/** A copy without request and response, whose headers hold the token. */
function plain(error: Error): Error {
  const copy = new Error(redact(error.message));
  copy.name = error.name;
  return copy;
}

interface HttpFailure extends Error {
  statusCode?: number;
  response?: PipelineResponse;
  request?: PipelineRequest;
}

function isHttpFailure(error: unknown): error is HttpFailure {
  return error instanceof Error && error.name === "RestError";
}

function isWrite(request: PipelineRequest): boolean {
  return request.method !== "GET" && request.method !== "HEAD";
}

function outerError(response: PipelineResponse | undefined): AzureError {
  const body = parsed(response);
  return pick(field(body, "error") ?? body);
}

function innerError(error: HttpFailure): AzureError {
  const body = parsed(error.response);
  const outer = field(body, "error") ?? body;
  const list = field(outer, "details");
  const all = Array.isArray(list) ? list.map(pick) : [];
  const own = pick(outer);
  const inner = all[0] ?? {};
  // Azure names every problem of a body in an entry of its own.
  const reasons = all.flatMap((each) => (each.message === undefined ? [] : [trimEnd(each.message)]));
  return {
    code: inner.code ?? own.code,
    message: reasons.length > 0 ? reasons.join("; ") : own.message,
    possibleCauses: inner.possibleCauses ?? own.possibleCauses,
    recommendedAction: inner.recommendedAction ?? own.recommendedAction,
  };
}

function parsed(response: PipelineResponse | undefined): unknown {
  const text = response?.bodyAsText;
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(error: HttpFailure): string {
  const text = error.response?.bodyAsText?.trim() ?? "";
  if (text === "") return "Azure answered without a text";
  const excerpt = redact(
    text
      .replace(/<[^>]*>/g, " ")
      .replace(/\s+/g, " ")
      .trim(),
  ).slice(0, 200);
  return `the answer is not Azure's: "${excerpt}"`;
}

function pick(value: unknown): AzureError {
  const text = (name: string): string | undefined => {
    const found = field(value, name);
    return typeof found === "string" && found.trim() !== "" ? redact(found.trim()) : undefined;
  };
  return {
    code: text("code"),
    message: text("message"),
    possibleCauses: text("possibleCauses"),
    recommendedAction: text("recommendedAction"),
  };
}

/** A field by its name in any case: Site Recovery and ARM differ. */
function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const key = Object.keys(value).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : (value as Record<string, unknown>)[key];
}

/** Takes out what looks like a token or a signature: error texts sometimes quote the request. */
export function redact(text: string): string {
  return text
    .replace(/\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/g, "<token>")
    .replace(/\b(Bearer|SharedAccessSignature)\s+[^\s"',]+/gi, "$1 <token>")
    .replace(/([?&](?:sig|code|client_secret|access_token)=)[^&\s"']+/gi, "$1<secret>")
    .replace(/("?(?:client_secret|client_assertion|password)"?\s*[:=]\s*"?)[^\s"',&}]+/gi, "$1<secret>");
}

function originOf(address: string): string {
  return URL.canParse(address) ? new URL(address).origin : address;
}

function trimEnd(text: string): string {
  return text.trim().replace(/[.\s]+$/, "");
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
