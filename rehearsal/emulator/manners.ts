import type { ArmRequest, Operation, World } from "./core.js";
import { ArmError, resourceNotFound } from "./errors.js";

/** What ARM itself checks before a resource provider sees a request, in ARM's order and words. */

/** @throws ArmError `MissingApiVersionParameter`, `InvalidApiVersionParameter`; any well-formed version is accepted */
export function checkApiVersion(query: URLSearchParams): string {
  const name = [...query.keys()].find((key) => key.toLowerCase() === "api-version");
  const version = name === undefined ? undefined : query.get(name);
  if (!version)
    throw new ArmError(
      400,
      "MissingApiVersionParameter",
      "The api-version query parameter (?api-version=) is required for all requests.",
    );
  const date = /^(\d{4}-\d{2}-\d{2})(?:-[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*)?$/i.exec(version)?.[1];
  if (date === undefined || !isDate(date))
    throw new ArmError(
      400,
      "InvalidApiVersionParameter",
      `The api-version '${version}' is invalid. The supported versions are dates such as '2023-06-01', with '-preview' behind them or without.`,
    );
  return version;
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The subscription, the resource group and, for what lies below a vault, the vault must exist.
 * @throws ArmError `InvalidSubscriptionId`, `SubscriptionNotFound`, `ResourceGroupNotFound`, `ResourceNotFound`
 */
export function checkScope(operation: Operation, path: string, world: World): void {
  const segments = path
    .split("/")
    .filter((segment) => segment !== "")
    .map(decodeURIComponent);
  if (segments[0]?.toLowerCase() !== "subscriptions" || segments[1] === undefined) return;
  const subscription = segments[1];
  if (!guid.test(subscription))
    throw new ArmError(
      400,
      "InvalidSubscriptionId",
      `The provided subscription identifier '${subscription}' is malformed or invalid.`,
    );
  if (!world.arm.get(`/subscriptions/${subscription}`))
    throw new ArmError(404, "SubscriptionNotFound", `The subscription '${subscription}' could not be found.`);
  const group = segments[3];
  if (segments[2]?.toLowerCase() !== "resourcegroups" || group === undefined) return;
  // The group's own operations answer for a group that is not there, and PUT makes it.
  if (segments.length === 4) return;
  if (!world.arm.get(`/subscriptions/${subscription}/resourceGroups/${group}`))
    throw new ArmError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
  const below = /\/providers\/Microsoft\.RecoveryServices\/vaults\/\{[^}]+\}\/./i.test(operation.path);
  const vault = segments[7];
  if (below && vault !== undefined && !world.arm.get(`/${segments.slice(0, 8).join("/")}`))
    throw resourceNotFound("Microsoft.RecoveryServices/vaults", vault, group);
}

/** @throws ArmError `UnsupportedMediaType`, `InvalidRequestContent` for what is no JSON or is missing */
export function parseBody(operation: Operation, text: string, contentType: string | undefined): unknown {
  const required =
    operation.body === "required" || (operation.body === undefined && ["PUT", "PATCH"].includes(operation.method));
  if (text.trim() === "") {
    if (!required) return undefined;
    throw new ArmError(
      400,
      "InvalidRequestContent",
      `The request content was invalid and could not be deserialized: ${operation.id} requires a JSON body.`,
    );
  }
  if (contentType !== undefined && !/^[^;]*\bjson\b/i.test(contentType))
    throw new ArmError(
      415,
      "UnsupportedMediaType",
      `The content media type '${contentType.split(";")[0]}' is not supported. Only 'application/json' is supported.`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ArmError(
      400,
      "InvalidRequestContent",
      `The request content was invalid and could not be deserialized: '${why}'.`,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ArmError(
      400,
      "InvalidRequestContent",
      `The request content was invalid and could not be deserialized: a JSON object is required, given ${text.trim().slice(0, 40)}.`,
    );
  return value;
}

/** Remaining calls of an hour, as ARM counts them down; nothing is refused when they reach 0 (a fault does that). */
export class RateLimits {
  static readonly limits = { reads: 12_000, writes: 1_200, deletes: 15_000 };
  #hour = Number.NaN;
  #used = { reads: 0, writes: 0, deletes: 0 };

  /** The header that a request of this method gets at this simulated time. */
  header(method: ArmRequest["method"], now: number): Record<string, string> {
    const hour = Math.floor(now / 3_600_000);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#used = { reads: 0, writes: 0, deletes: 0 };
    }
    const kind = method === "GET" || method === "HEAD" ? "reads" : method === "DELETE" ? "deletes" : "writes";
    this.#used[kind] += 1;
    const remaining = Math.max(0, RateLimits.limits[kind] - this.#used[kind]);
    return { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(remaining) };
  }
}
