import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { type AdminParts, adminHandler } from "./admin.js";
import type { RoleDefinition } from "./authorization/builtInRoles.js";
import { parseRoles, Roles } from "./authorization/roles.js";
import { type Certificate, makeCertificate } from "./certificate.js";
import { Dispatcher } from "./dispatch.js";
import { emptyEstate } from "./estate/defaults.js";
import type { Estate, EstateInput } from "./estate/schema.js";
import { seedResources } from "./estate/seed.js";
import { replay } from "./journal.js";
import { type LogEntry, RequestLog } from "./requestLog.js";
import { resourceManagerOperations } from "./resources/index.js";
import { createEmulatorServer } from "./server.js";
import {
  emptySiteRecoveryState,
  seedSiteRecovery,
  siteRecoveryOperations,
  siteRecoveryTimeline,
} from "./siterecovery/index.js";
import { StateFile, StateFileError } from "./stateFile.js";
import { EmulatorWorld, type SavedState } from "./world.js";

export type { RoleDefinition } from "./authorization/builtInRoles.js";
export { readRoles } from "./authorization/roles.js";
export type { Fault } from "./core.js";
export { EstateError } from "./estate/errors.js";
export type { Estate, EstateInput } from "./estate/schema.js";
export type { LogEntry } from "./requestLog.js";
export { StateFileError } from "./stateFile.js";
export type { EmulatorWorld, SavedState } from "./world.js";

export interface EmulatorOptions {
  /** 0-65535; default 0 = a free one. */
  port?: number;
  /** Default `127.0.0.1`; only loopback names are accepted. */
  host?: string;
  /** Path of an estate file, or an estate as an object; default: an empty subscription with one vault. */
  estate?: string | EstateInput;
  /** Where the state is kept; default: in memory only. A file that exists goes on where it was, whatever the estate says. */
  stateFile?: string;
  /** Simulated seconds for each real one, above 0 and at most 1,000,000; default 1, or as the state file says. */
  speed?: number;
  /** The clock stands until it is advanced or unfrozen; default false, or as the state file says. */
  frozen?: boolean;
  /** Start of the simulated clock, ISO 8601; default: the estate's, else now. Ignored where a state file goes on. */
  startTime?: string;
  /**
   * Names of Azure's built-in roles, or role definitions: what callers may do, the rest is 403 AuthorizationFailed.
   * Default: everything. The admin API changes it.
   */
  roles?: (string | RoleDefinition)[];
  /** Serves https with a self-made certificate; default false. */
  tls?: boolean;
  /** Prints each request to standard error; default false. */
  verbose?: boolean;
  /** Told of each ARM request when it is answered. */
  requestLog?: (entry: LogEntry) => void;
  /** Told what the emulator itself got wrong; default: printed to standard error. */
  onError?: (error: unknown, request: string) => void;
}

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:4710`. */
  origin: string;
  port: number;
  /** Only with `tls`: the PEM file that a client has to trust. */
  certificatePath?: string;
  world: EmulatorWorld;
  /** The last ARM requests, oldest first. */
  log(): readonly LogEntry[];
  /** Answers what is under way, closes all connections, writes the state file. Twice is once. */
  stop(): Promise<void>;
}

/**
 * Starts an emulator of Azure Resource Manager with Site Recovery on a loopback address. No credentials are checked:
 * any Authorization header, or none, is accepted, and every caller has the same roles.
 *
 * ```ts
 * const emulator = await startEmulator({ estate: "estate.yaml", speed: 60 });
 * // ... a client with endpoint emulator.origin ...
 * await emulator.stop();
 * ```
 * @throws Error listing every option that is not allowed; EstateError; StateFileError; an error of the port in use
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  checkOptions(options);
  const started = performance.now();
  const estate = await readEstate(options.estate);
  const startTime = Date.parse(options.startTime ?? estate.clock.start ?? new Date().toISOString());
  const world = seededWorld(estate, startTime, options);

  const file =
    options.stateFile === undefined ? undefined : StateFile.open(options.stateFile, () => world.snapshot());
  let certificate: Certificate | undefined;
  try {
    const saved = file?.read();
    const dispatcher = new Dispatcher(world, [
      ...resourceManagerOperations(() => world.arm),
      ...siteRecoveryOperations,
    ]);
    if (saved) {
      world.restore(saved.state);
      replayed(options.stateFile ?? "", () => replay(world, dispatcher, saved.entries));
      world.clock.change({
        ...(options.speed !== undefined && { speed: options.speed }),
        ...(options.frozen !== undefined && { frozen: options.frozen }),
      });
    }
    await file?.save();
    certificate = options.tls ? await makeCertificate() : undefined;
    const initialState = () => seededWorld(estate, startTime, options).snapshot();
    return await listen(options, world, dispatcher, initialState, file, certificate, started);
  } catch (error) {
    certificate?.remove();
    await file?.close();
    throw error;
  }
}

/** @throws StateFileError where the journal does not fit to this emulator */
function replayed(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StateFileError(
      `opening state file "${file}": its journal was written by another version of the emulator (${why}). Open it with that version and end it there, or move it away to start anew.`,
    );
  }
}

/** A world as the estate describes it, at the clock's start. */
function seededWorld(estate: Estate, startTime: number, { speed, frozen }: EmulatorOptions): EmulatorWorld {
  const world = new EmulatorWorld({
    siteRecovery: emptySiteRecoveryState(),
    seed: estate.seed,
    timeline: siteRecoveryTimeline,
    startTime,
    ...(speed !== undefined && { speed }),
    // Seeding happens at one instant.
    frozen: true,
  });
  world.clock.pin(startTime, () => {
    seedResources(world, estate);
    seedSiteRecovery(world, estate);
  });
  world.clock.change({ frozen: frozen ?? false });
  return world;
}

async function listen(
  options: EmulatorOptions,
  world: EmulatorWorld,
  dispatcher: Dispatcher,
  initialState: () => SavedState,
  file: StateFile | undefined,
  certificate: Certificate | undefined,
  started: number,
): Promise<Emulator> {
  const log = new RequestLog(undefined, (entry) => {
    if (options.verbose) console.error(describeEntry(entry));
    options.requestLog?.(entry);
  });
  const roles = new Roles(options.roles === undefined ? undefined : parseRoles(options.roles, "roles"));
  const parts: AdminParts = {
    world,
    log,
    roles,
    initialState,
    uptime: () => performance.now() - started,
  };
  const server = createEmulatorServer({
    world,
    dispatcher,
    admin: adminHandler(parts),
    log,
    roles,
    persist: async (change) => (change === "whole" ? file?.save() : file?.append(change)),
    onError: options.onError ?? ((error, request) => console.error(`siterecovery-emulator: ${request}:`, error)),
    ...(certificate && { tls: { key: certificate.key, cert: certificate.cert } }),
  });
  const sockets = new Set<Socket>();
  server.on(certificate ? "secureConnection" : "connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const host = options.host ?? "127.0.0.1";
  server.listen({ port: options.port ?? 0, host });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const shownHost = host.includes(":") ? `[${host}]` : host;

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const closed = once(server, "close");
    server.close();
    server.closeIdleConnections();
    // A client that holds a request open must not keep the emulator alive.
    const impatience = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, 2_000);
    await closed;
    clearTimeout(impatience);
    // The clock goes on from here, not from the last change.
    await file?.save();
    await file?.close();
    certificate?.remove();
  };
  return {
    origin: `${certificate ? "https" : "http"}://${shownHost}:${port}`,
    port,
    ...(certificate && { certificatePath: certificate.file }),
    world,
    log: () => log.entries,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Estates are read by a schema and a YAML parser, which are loaded only where there is one to read. */
async function readEstate(estate: string | EstateInput | undefined): Promise<Estate> {
  if (estate === undefined) return emptyEstate();
  const { checkEstate, loadEstate } = await import("./estate/load.js");
  return typeof estate === "string" ? loadEstate(estate) : checkEstate(estate);
}

function checkOptions(options: EmulatorOptions): void {
  const problems: string[] = [];
  const { port, host, speed, startTime } = options;
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65_535))
    problems.push(`port ${port} is not allowed; allowed: 0 (a free one) to 65535`);
  if (host !== undefined && !/^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(host))
    problems.push(`host "${host}" is not allowed; allowed: loopback only (127.0.0.1, ::1, localhost)`);
  if (speed !== undefined && !(speed > 0 && speed <= 1_000_000))
    problems.push(`speed ${speed} is not allowed; allowed: above 0, at most 1000000`);
  if (startTime !== undefined && Number.isNaN(Date.parse(startTime)))
    problems.push(`startTime "${startTime}" is not allowed; allowed: ISO 8601 such as 2026-01-31T08:00:00Z`);
  if (problems.length > 0) throw new Error(`starting the emulator: ${problems.join("; ")}`);
}

function describeEntry(entry: LogEntry): string {
  const fault = entry.fault === undefined ? "" : ` (${entry.fault})`;
  return `${entry.time} ${entry.method} ${entry.path}${entry.query === "" ? "" : `?${entry.query}`} -> ${entry.status}${fault}`;
}
