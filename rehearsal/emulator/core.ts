/**
 * The shapes that every part of the emulator shares. State is plain JSON and changes in two ways only: a request's
 * operation changes it, or simulated time reaches an event of the timeline. Nothing runs on real timers, so a frozen
 * clock stops the world, an advanced one catches up in order, and a state file opened again goes on where it was.
 */

import type { Json } from "./json.js";
import type { SiteRecoveryState } from "./siterecovery/state.js";

/** A request as an operation sees it: already routed, parsed and checked for ARM's manners. */
export interface ArmRequest {
  method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE" | "HEAD";
  /** Path as sent, without the query. */
  path: string;
  query: URLSearchParams;
  /** Path parameters by their name in the operation's template, decoded, in the sender's spelling. */
  params: Record<string, string>;
  /** Parsed JSON body; undefined where none was sent. */
  body: unknown;
  headers: Record<string, string | undefined>;
  /** `http://127.0.0.1:4711`, from the Host header: polling addresses and nextLink are built on it. */
  origin: string;
  apiVersion: string;
  /** `x-ms-client-request-id` as sent, else a fresh GUID: a job's activityId begins with it. */
  clientRequestId: string;
}

export interface ArmResponse {
  status: number;
  headers?: Record<string, string>;
  /** Left out = an empty body, as Azure answers a 202. */
  body?: unknown;
}

/** One ARM operation; `path` is a template such as `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}`. */
export interface Operation {
  /** The operationId of the published contract, e.g. `ReplicationPolicies_Create`. */
  id: string;
  method: ArmRequest["method"];
  path: string;
  /** Whether a request without a JSON body is refused (400); default: PUT and PATCH require one, the others may have one. */
  body?: "required" | "optional";
  /** May throw an `ArmError` (errors.ts) before it changes anything: the server answers it in ARM's shape. */
  handle(request: ArmRequest, world: World): ArmResponse;
}

/** An ARM resource of the generic store, exactly as GET answers it. */
export interface ArmResource {
  id: string;
  name: string;
  type: string;
  location?: string;
  etag?: string;
  tags?: Record<string, string>;
  properties: Record<string, unknown>;
  [key: string]: unknown;
}

/** Something that happens when the clock reaches `at` (milliseconds since 1970, simulated). */
export interface TimelineEvent {
  at: number;
  /** Keeps events of one instant in the order they were scheduled. */
  sequence: number;
  kind: string;
  data: { [key: string]: Json };
}

export type TimelineHandler = (data: { [key: string]: Json }, world: World) => void;

export interface Clock {
  /** Simulated milliseconds since 1970. */
  now(): number;
  /** Simulated seconds for each real one; 0 while frozen. */
  readonly speed: number;
}

/**
 * The generic ARM store; ids are compared without case and echoed as created. A subnet, a security rule, a route and a
 * peering live inside their parent and are found, put and deleted by their own id too. Whoever changes a resource that
 * `get` gave puts it back: the store keeps an index of who refers to whom.
 */
export interface ArmStore {
  get(id: string): ArmResource | undefined;
  put(resource: ArmResource): ArmResource;
  delete(id: string): boolean;
  /** Resources of a type (`Microsoft.Network/virtualNetworks`), below a scope such as a resource group's id. */
  list(type: string, scope?: string): ArmResource[];
  /** The resources that refer to this id in their properties (`{ id }`): the network cards in a subnet, for instance. */
  referrers(id: string): ArmResource[];
}

/** What operations and timeline handlers get to see and change. */
export interface World {
  readonly clock: Clock;
  readonly state: State;
  readonly arm: ArmStore;
  /** Puts an event on the timeline; `at` in the past means at once, after the current change. */
  schedule(at: number, kind: string, data: { [key: string]: Json }): void;
  /** A GUID; a run repeated from the same seed gives the same ones. */
  newGuid(): string;
  /** `30/N` seconds rounded down at speed N (0 is legal), 30 at speed 1 or slower. */
  retryAfterSeconds(): number;
}

/** Everything the emulator knows; JSON only, written to the state file as it is. */
export interface State {
  version: 1;
  /** By lower-case id. */
  arm: Record<string, ArmResource>;
  timeline: TimelineEvent[];
  faults: Fault[];
  counters: Record<string, number>;
  /** Answers that wait to be fetched by their operation's id (Network Watcher's); the oldest go first. */
  results?: Record<string, { [key: string]: Json }>;
  /** Owned by `siterecovery/`. */
  siteRecovery: SiteRecoveryState;
}

/** A fault asked for by `/_emulator/faults`; `times` counts down, absent = for ever, `probability` 0-1, default 1. */
export type Fault = { id: string; times?: number; probability?: number } & (
  | { kind: "refuse"; status: number; code?: string; message?: string; method?: string; path?: string }
  | { kind: "throttle"; retryAfterSeconds: number; method?: string; path?: string }
  | { kind: "drop"; when: "before" | "after"; method?: string; path?: string }
  | { kind: "delay"; milliseconds: number; method?: string; path?: string }
  | {
      kind: "failTask";
      taskName: string;
      scenarioName?: string;
      targetName?: string;
      code?: string;
      message?: string;
    }
  | { kind: "sourceUnreachable"; fabricName?: string; machineName?: string }
  | { kind: "regionDown"; location: string }
);
