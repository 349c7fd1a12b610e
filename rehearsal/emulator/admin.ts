import { z } from "zod";
import { parseRoles, type Roles } from "./authorization/roles.js";
import type { ArmResponse } from "./core.js";
import type { RequestLog } from "./requestLog.js";
import { stateProblems } from "./stateFile.js";
import type { EmulatorWorld, SavedState } from "./world.js";

/** Paths of the emulator's own API; everything else is ARM's. */
export const adminPrefix = "/_emulator/";

export interface AdminRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  text: string;
}

export interface AdminResponse extends ArmResponse {
  /** Whether the world was changed and is to be saved. */
  changed?: boolean;
  /** Sent as it is, in place of `body`. */
  text?: string;
  contentType?: string;
}

export type AdminHandler = (request: AdminRequest) => AdminResponse;

const status = z.int().min(400).max(599);
const pattern = z.string().refine(isPattern, { error: "must be a regular expression" });
const matched = { method: pattern.optional(), path: pattern.optional() };
const counted = { times: z.int().min(1).optional(), probability: z.number().gt(0).max(1).optional() };

const faultSchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("refuse"),
      ...counted,
      ...matched,
      status,
      code: z.string().optional(),
      message: z.string().optional(),
    }),
    z.strictObject({
      kind: z.literal("throttle"),
      ...counted,
      ...matched,
      retryAfterSeconds: z.int().min(0).max(86_400),
    }),
    z.strictObject({ kind: z.literal("drop"), ...counted, ...matched, when: z.enum(["before", "after"]) }),
    z.strictObject({
      kind: z.literal("delay"),
      ...counted,
      ...matched,
      milliseconds: z.int().min(0).max(600_000),
    }),
    z.strictObject({
      kind: z.literal("failTask"),
      ...counted,
      taskName: z.string().min(1),
      scenarioName: z.string().min(1).optional(),
      targetName: z.string().min(1).optional(),
      code: z.string().optional(),
      message: z.string().optional(),
    }),
    z.strictObject({
      kind: z.literal("sourceUnreachable"),
      ...counted,
      fabricName: z.string().optional(),
      machineName: z.string().optional(),
    }),
    z.strictObject({ kind: z.literal("regionDown"), ...counted, location: z.string().min(1) }),
  ],
  { error: "allowed: refuse, throttle, drop, delay, failTask, sourceUnreachable, regionDown" },
);

const clockSchema = z.strictObject({
  freeze: z.boolean().optional(),
  speed: z.number().gt(0).max(1_000_000).optional(),
  advanceSeconds: z
    .number()
    .min(0)
    .max(10 * 365 * 86_400)
    .optional(),
  set: z.iso.datetime({ offset: true }).optional(),
});

/** What the admin API says of a body that it does not take: every problem at once. */
class BadRequest extends Error {
  constructor(readonly problems: { property: string; message: string }[]) {
    super(problems.map((problem) => `${problem.property}: ${problem.message}`).join("; "));
  }
}

export interface AdminParts {
  world: EmulatorWorld;
  log: RequestLog;
  roles: Roles;
  /** The state that `POST reset` goes back to. */
  initialState: () => SavedState;
  /** Milliseconds since the emulator started, real. */
  uptime: () => number;
}

/**
 * The API under `/_emulator/`:
 *
 * | call | does |
 * |---|---|
 * | `GET health` | 200 `{ status: "ok", version, uptimeSeconds }` |
 * | `POST reset` | back to the estate: state, clock, faults; the log stays |
 * | `GET state`, `PUT state` | the whole state, as the state file holds it |
 * | `GET clock`, `POST clock` | `{ now, speed, frozen, pendingEvents, nextEvent }`; `{ freeze?, speed?, advanceSeconds?, set? }` |
 * | `GET faults`, `POST faults`, `DELETE faults[/id]` | core.ts `Fault`; one or a list of them |
 * | `GET roles`, `PUT roles`, `DELETE roles` | `{ value: [names or role definitions] }`: what callers may do; none = everything |
 * | `GET log`, `DELETE log` | every ARM request since start, as JSON lines |
 */
export function adminHandler(parts: AdminParts): AdminHandler {
  const { world, log } = parts;
  const routes: Record<string, Methods> = {
    health: {
      GET: () => ({
        status: 200,
        body: { status: "ok", version: 1, uptimeSeconds: Math.round(parts.uptime() / 100) / 10 },
      }),
    },
    reset: {
      POST: () => {
        world.restore(parts.initialState());
        return { status: 204, changed: true };
      },
    },
    state: stateMethods(world),
    clock: clockMethods(world),
    faults: faultMethods(world),
    roles: roleMethods(parts.roles),
    log: {
      GET: () => ({ status: 200, text: log.toText(), contentType: "application/x-ndjson; charset=utf-8" }),
      DELETE: () => {
        log.clear();
        return { status: 204 };
      },
    },
  };
  return (request) => {
    try {
      return handle(routes, request);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      const details = error.problems.map((problem) => ({
        code: "InvalidInput",
        target: problem.property,
        message: problem.message,
      }));
      return { status: 400, body: { error: { code: "InvalidInput", message: error.message, details } } };
    }
  };
}

/** What a resource of the API does at each method; `id` is what stands behind its name in the path, "" where nothing does. */
type Methods = Record<string, (request: AdminRequest, id: string) => AdminResponse>;

function handle(routes: Record<string, Methods>, request: AdminRequest): AdminResponse {
  const [name = "", id = "", ...rest] = request.path.slice(adminPrefix.length).split("/");
  const methods = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (!methods || rest.length > 0 || (id !== "" && name !== "faults")) {
    const known = Object.keys(routes).map((route) => adminPrefix + route);
    return failure(404, "NotFound", `There is no ${request.path}; there are: ${known.join(", ")}.`);
  }
  const method = methods[request.method];
  if (!method || (id !== "" && request.method !== "DELETE"))
    return failure(
      405,
      "MethodNotAllowed",
      `${request.method} is not allowed for ${request.path}; allowed: ${Object.keys(methods).join(", ")}.`,
    );
  return method(request, id);
}

function stateMethods(world: EmulatorWorld): Methods {
  return {
    GET: () => ({ status: 200, body: world.snapshot() }),
    PUT: (request) => {
      const value = parseJson(request.text);
      const problems = stateProblems(value);
      if (problems.length > 0) throw new BadRequest(problems.map((message) => ({ property: "state", message })));
      world.restore(value as SavedState);
      return { status: 204, changed: true };
    },
  };
}

function clockMethods(world: EmulatorWorld): Methods {
  return {
    GET: () => ({ status: 200, body: describeClock(world) }),
    POST: (request) => {
      const change = parse(clockSchema, parseJson(request.text));
      const now = world.clock.now();
      const target = change.set === undefined ? now : Date.parse(change.set);
      if (target < now) {
        const message = `${change.set} lies before now; allowed: ${new Date(now).toISOString()} or later`;
        throw new BadRequest([{ property: "set", message }]);
      }
      world.clock.change({
        time: target + (change.advanceSeconds ?? 0) * 1000,
        ...(change.freeze !== undefined && { frozen: change.freeze }),
        ...(change.speed !== undefined && { speed: change.speed }),
      });
      world.settle();
      return { status: 200, body: describeClock(world), changed: true };
    },
  };
}

function faultMethods(world: EmulatorWorld): Methods {
  return {
    GET: () => ({ status: 200, body: { value: world.state.faults } }),
    POST: (request) => {
      const value = parseJson(request.text);
      const isList = Array.isArray(value);
      const list = isList ? parse(z.array(faultSchema), value) : [parse(faultSchema, value)];
      const added = list.map((fault) => ({ id: world.newGuid().slice(0, 8), ...fault }));
      world.state.faults.push(...added);
      return { status: 201, body: isList ? { value: added } : added[0], changed: true };
    },
    DELETE: (_request, id) => {
      const { faults } = world.state;
      const kept = id === "" ? [] : faults.filter((fault) => fault.id !== id);
      if (id !== "" && kept.length === faults.length) {
        const known = faults.map((fault) => fault.id).join(", ") || "none";
        return failure(404, "NotFound", `There is no fault "${id}"; there are: ${known}.`);
      }
      world.state.faults = kept;
      return { status: 204, changed: true };
    },
  };
}

function roleMethods(roles: Roles): Methods {
  return {
    GET: () => ({ status: 200, body: { value: roles.definitions ?? null } }),
    PUT: (request) => {
      const { value } = parse(rolesSchema, parseJson(request.text));
      try {
        roles.set(parseRoles(value, "value"));
      } catch (error) {
        throw new BadRequest([{ property: "value", message: messageOf(error) }]);
      }
      return { status: 200, body: { value: roles.definitions } };
    },
    DELETE: () => {
      roles.set(undefined);
      return { status: 204 };
    },
  };
}

const rolesSchema = z.strictObject({ value: z.array(z.unknown()) });

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeClock(world: EmulatorWorld) {
  const next = world.state.timeline[0];
  return {
    now: new Date(world.clock.now()).toISOString(),
    speed: world.clock.configuredSpeed,
    frozen: world.clock.frozen,
    pendingEvents: world.state.timeline.length,
    nextEvent: next ? new Date(next.at).toISOString() : null,
  };
}

function parseJson(text: string): unknown {
  if (text.trim() === "")
    throw new BadRequest([{ property: "body", message: "is missing, a JSON body is required" }]);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest([{ property: "body", message: `is no JSON: ${messageOf(error)}` }]);
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new BadRequest(
    result.error.issues.flatMap((issue) => {
      const property = issue.path.join(".");
      if (issue.code === "unrecognized_keys")
        return issue.keys.map((key) => ({
          property: property === "" ? key : `${property}.${key}`,
          message: "is not a property here",
        }));
      const isShown = issue.input !== undefined && typeof issue.input !== "object";
      const message = isShown ? `${issue.message}, given ${JSON.stringify(issue.input)}` : issue.message;
      return [{ property: property === "" ? "body" : property, message }];
    }),
  );
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function failure(status: number, code: string, message: string): AdminResponse {
  return { status, body: { error: { code, message } } };
}
