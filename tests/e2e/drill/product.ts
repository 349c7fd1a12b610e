/** The product as a user has it: a project, an engine, and an emulated Azure that can be asked what happened. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Emulator,
  type EstateInput,
  type Fault,
  type LogEntry,
  startEmulator,
} from "../../../rehearsal/emulator/index.js";
import { PassphraseCrypter } from "../../../rehearsal/engine/state/secrets.js";
import {
  type Command,
  createEngine,
  type Ended,
  type Engine,
  type EngineKind,
  engineKinds,
  type Running,
  type StartOptions,
  unavailable,
} from "./engines.js";
import { bareEstate, containerId, groupId, type Program, vaultConfig, vaultId } from "./estate.js";

// Below node_modules, so that programs find the packages, and git and the linter do not find them.
const workspace = resolve(__dirname, "../../../node_modules/.cache/product-tests");

const apiVersion = "api-version=2023-06-01";

export interface ProductOptions {
  estate?: EstateInput;
  /** Simulated seconds for each real one; default 6000. */
  speed?: number;
  /** Secret configuration, key to value. */
  secrets?: Record<string, string>;
}

/** A machine as the emulator shows it. */
export interface ItemShown {
  name: string;
  protectionState: string;
  allowedOperations: string[];
  testFailoverState: string;
  activeLocation: string;
}

export class Product {
  private listeners: ((entry: LogEntry) => void)[] = [];
  private readonly started: Running[] = [];

  private constructor(
    readonly kind: EngineKind,
    readonly directory: string,
    readonly engine: Engine,
    readonly emulator: Emulator,
    told: { entry: (entry: LogEntry) => void },
  ) {
    told.entry = (entry) => {
      for (const listener of this.listeners) listener(entry);
    };
  }

  static async start(kind: EngineKind, options: ProductOptions = {}): Promise<Product> {
    const told = { entry: (_: LogEntry) => {} };
    const emulator = await startEmulator({
      estate: options.estate ?? bareEstate(),
      speed: options.speed ?? 6000,
      requestLog: (entry) => told.entry(entry),
    });
    mkdirSync(workspace, { recursive: true });
    const directory = mkdtempSync(join(workspace, "product-"));
    cpSync(join(__dirname, "program"), directory, { recursive: true });
    const write = (file: string, text: string) => writeFileSync(join(directory, file), text);
    write("Pulumi.yaml", "name: shop\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n");
    write("package.json", '{"name": "shop", "main": "index.js"}\n');
    write("Pulumi.dev.yaml", JSON.stringify(await stackSettings(options.secrets ?? {})));
    const engine = createEngine(kind, {
      directory,
      environment: { ...withoutCredentials(process.env), SITERECOVERY_ENDPOINT: emulator.origin, ...passphrase },
    });
    return new Product(kind, directory, engine, emulator, told);
  }

  program(program: Program): void {
    writeFileSync(join(this.directory, "program.json"), JSON.stringify(program));
  }

  /** Starts a command as a process of its own, which can be killed. */
  start(command: Command, options?: StartOptions): Running {
    const running = this.engine.start(command, options);
    this.started.push(running);
    return running;
  }

  /** Runs a command to its end, however it ends. */
  async run(command: Command, options?: StartOptions): Promise<Ended> {
    return await this.engine.run(command, options);
  }

  /** Runs a command that has to end well. */
  async succeed(command: Command, options?: StartOptions): Promise<Ended> {
    const ended = await this.run(command, options);
    if (ended.status !== 0) throw new Error(`${command} ended with ${ended.status}:\n${ended.output}`);
    return ended;
  }

  /** Runs a command that has to end badly, by itself. */
  async fail(command: Command, options?: StartOptions): Promise<Ended> {
    const ended = await this.run(command, options);
    if (ended.status === 0 || ended.status === undefined)
      throw new Error(`${command} ended with ${ended.status}:\n${ended.output}`);
    return ended;
  }

  /** Resolves with the first request from now on that fits, at the moment when it is answered. */
  nextRequest(fits: (entry: LogEntry) => boolean, then?: (entry: LogEntry) => void): Promise<LogEntry> {
    return new Promise((resolveEntry) => {
      const listener = (entry: LogEntry) => {
        if (!fits(entry)) return;
        this.listeners = this.listeners.filter((other) => other !== listener);
        then?.(entry);
        resolveEntry(entry);
      };
      this.listeners.push(listener);
    });
  }

  /** Requests that may change something in Azure, from this many log entries on, with how they were answered. */
  writes(from = 0): string[] {
    return this.emulator
      .log()
      .slice(from)
      .filter((entry) => isWrite(entry))
      .map(
        ({ method, path, status }) =>
          `${method} ${path.slice(path.lastIndexOf("/", path.lastIndexOf("/") - 1))} ${status}`,
      );
  }

  /** How many requests for this action Azure accepted. */
  accepted(action: string): number {
    return this.emulator
      .log()
      .filter(({ method, path, status }) => method === "POST" && path.endsWith(`/${action}`) && status === 202)
      .length;
  }

  get requests(): number {
    return this.emulator.log().length;
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.emulator.origin}${path}?${apiVersion}`);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Somebody acts without us: in the portal, say. Resolves when the job has ended. */
  async portal(path: string, properties: Record<string, unknown>): Promise<void> {
    const response = await fetch(`${this.emulator.origin}${path}?${apiVersion}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ properties }),
    });
    if (response.status !== 202) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    // An hour holds any of the jobs.
    this.advance(3600);
  }

  advance(seconds: number): void {
    const { world } = this.emulator;
    world.clock.change({ time: world.clock.now() + seconds * 1000 });
    world.settle();
  }

  freeze(): void {
    this.emulator.world.clock.change({ frozen: true });
  }

  unfreeze(): void {
    this.emulator.world.clock.change({ frozen: false });
  }

  async addFaults(faults: readonly FaultToAdd[]): Promise<void> {
    const response = await fetch(`${this.emulator.origin}/_emulator/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(faults),
    });
    if (!response.ok) throw new Error(`adding faults: ${response.status} ${await response.text()}`);
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.emulator.origin}/_emulator/faults`, { method: "DELETE" });
  }

  /** The vault's replicated items, by name. */
  async items(): Promise<ItemShown[]> {
    const { value } = await this.get<{ value: { name: string; properties: Omit<ItemShown, "name"> }[] }>(
      `${containerId}/replicationProtectedItems`,
    );
    return value
      .map(({ name, properties }) => ({
        name,
        protectionState: properties.protectionState,
        allowedOperations: properties.allowedOperations,
        testFailoverState: properties.testFailoverState,
        activeLocation: properties.activeLocation,
      }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Names of the virtual machines in Azure. */
  async virtualMachines(): Promise<string[]> {
    const { value } = await this.get<{ value: { name: string }[] }>(
      `${groupId}/providers/Microsoft.Compute/virtualMachines`,
    );
    return value.map(({ name }) => name).sort();
  }

  /** Names of what the vault holds of a kind, such as `replicationPolicies`. */
  async inVault(kind: string): Promise<string[]> {
    const { value } = await this.get<{ value: { name: string }[] }>(`${vaultId}/${kind}`);
    return value.map(({ name }) => name).sort();
  }

  /** Outputs of a resource in the state, by its name. */
  outputs(name: string): Record<string, unknown> {
    const found = this.engine.state().resources.find(({ urn }) => urn.endsWith(`::${name}`));
    if (!found) throw new Error(`${name} is not in the state`);
    return found.outputs ?? {};
  }

  async stop(): Promise<void> {
    for (const running of this.started) running.sweep();
    await this.emulator.stop();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** A fault without the id that the emulator gives it. */
export type FaultToAdd = Fault extends infer F ? (F extends Fault ? Omit<F, "id"> : never) : never;

function isWrite({ method, path }: LogEntry): boolean {
  // These two ask a question by POST.
  return !["GET", "HEAD"].includes(method) && !/\/(ipFlowVerify|effectiveRouteTable|nextHop)$/i.test(path);
}

/** A stack's file; both engines take a salt that is there. */
async function stackSettings(secrets: Record<string, string>): Promise<Record<string, unknown>> {
  if (Object.keys(secrets).length === 0) return { config: vaultConfig };
  const crypter = await PassphraseCrypter.create(passphrase.PULUMI_CONFIG_PASSPHRASE);
  const encrypted = Object.entries(secrets).map(([key, text]) => [key, { secure: crypter.encrypt(text) }]);
  return { encryptionsalt: crypter.salt, config: { ...vaultConfig, ...Object.fromEntries(encrypted) } };
}

const passphrase = { PULUMI_CONFIG_PASSPHRASE: "correct horse" };

function withoutCredentials(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(ARM_|AZURE_|PULUMI_|SITERECOVERY_|npm_)/.test(name)),
  );
}

/** Defines tests for each engine; those of an engine that is not here are skipped with the reason. */
export function describeProduct(
  title: string,
  define: (start: (options?: ProductOptions) => Promise<Product>, kind: EngineKind) => void,
  kinds: readonly EngineKind[] = engineKinds,
): void {
  for (const kind of kinds) {
    describe(`${title}, on the ${kind === "pulumi" ? "real pulumi" : "embedded engine"}`, function () {
      this.timeout(400_000);
      let product: Product | undefined;
      before(function () {
        const reason = unavailable(kind);
        if (reason === undefined) return;
        console.log(`    skipped: ${reason}`);
        this.skip();
      });
      afterEach(async function () {
        if (this.currentTest?.state === "failed" && product)
          console.log(`    writes: ${product.writes().join(", ")}`);
        await product?.stop();
        product = undefined;
      });
      define(async (options) => {
        product = await Product.start(kind, options);
        return product;
      }, kind);
    });
  }
}

/** Whether the long runs were asked for. */
export const isFullRun = process.env.SITERECOVERY_FULL_TESTS === "1";
