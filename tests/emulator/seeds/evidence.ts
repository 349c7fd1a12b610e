/** What happened in rings that were really gone, each once, for all statements that are about it. */

import type { ProtectableMachine } from "../../../provider/functions/getProtectableMachines.js";
import { functions } from "../../../provider/functions/index.js";
import type { Stage } from "../../../provider/lifecycle/stages.js";
import { failover } from "../../../provider/resources/failover.js";
import type { Properties } from "../../../provider/resources/handler.js";
import { replicatedItem } from "../../../provider/resources/replicatedItem.js";
import { testFailover } from "../../../provider/resources/testFailover.js";
import type { Emulator, LogEntry, SavedState } from "../../../rehearsal/emulator/index.js";
import { type Resource, up } from "../../unit/provider/resources/fakeEstate.js";
import { startProcess } from "../loop/process.js";
import { type QuickEmulator, startQuickEmulator } from "../loop/quickEmulator.js";
import { groupId, type Ring, type Rings, ringsOf, testNetworkId, vault, vaultId } from "../loop/rings.js";
import { estateOfDocuments } from "./estate.js";

/** A machine and its surroundings at one moment of a ring. */
export interface Stop {
  /** What the preview of the change of `stage` said. */
  preview: string;
  outputs: Properties;
  /** The item as Azure shows it. */
  item: Properties & { allowedOperations: string[]; protectionState: string };
  /** Power state of the machine in Azure; `gone` where there is none. */
  inAzure: string;
  isSourceOn: boolean;
  /** The item's recovery points, newest first. */
  points: { name: string; type: string }[];
  /** Requests that Azure took in this step. */
  starts: { action: string; body: Properties }[];
  /** Tasks that the step's last job took, in order. */
  tasks: string[];
  /** What the user was told. */
  lines: string[];
}

/** A machine as `getProtectableMachines` shows it. */
export type Discovered = Pick<ProtectableMachine, "id" | "name" | "protectionContainerName" | "nics" | "disks">;

/** A machine in Azure, as Microsoft.Compute shows it. */
export interface VirtualMachine {
  name: string;
  id: string;
  properties: Properties;
}

export interface Enabled {
  /** What was written to the replicated item, in order. */
  wrote: { method: string; body: Properties }[];
  over: Stop;
  /** IP configurations of the machines' adapters. */
  adapters: Properties[];
  /** All that stand in the target resource group after the failover. */
  machines: VirtualMachine[];
}

interface ShownPoint {
  name: string;
  properties: { recoveryPointType: string };
}

export class Evidence {
  readonly #memory = new Map<string, Promise<unknown>>();

  private constructor(
    private readonly quick: QuickEmulator,
    private readonly fresh: SavedState,
    readonly rings: Rings,
  ) {}

  static async start(): Promise<Evidence> {
    const quick = await startQuickEmulator(estateOfDocuments());
    return new Evidence(quick, quick.emulator.world.save(), await ringsOf(quick.emulator));
  }

  stop(): Promise<void> {
    return this.quick.stop();
  }

  /** Once round, with more arguments than the ring has; the stop of each stage, and that of a wait as `waiting`. */
  ring(name: keyof Rings, more: Properties = {}): Promise<Map<Stage | "waiting", Stop>> {
    return this.#once(`ring ${name} ${JSON.stringify(more)}`, async () => {
      const ring = this.rings[name];
      const stops = new Map<Stage | "waiting", Stop>();
      let at: Resource | undefined;
      for (const stage of ring.stages) {
        const completed = ring.waits[stage];
        const isWaiting = completed !== undefined && more.failback === undefined;
        const first = await this.#step(ring, { ...more, stage }, at);
        at = first.stored;
        stops.set(isWaiting ? "waiting" : stage, first.stop);
        if (!isWaiting) continue;
        const second = await this.#step(ring, { ...more, stage, completed }, at);
        at = second.stored;
        stops.set(stage, second.stop);
      }
      return stops;
    });
  }

  /** Goes through these arguments one after another, from `protected`. */
  steps(
    of: keyof Rings | Ring,
    changes: readonly (Properties | ((before: Stop) => Properties))[],
    before?: (state: Emulator["world"]["state"]) => void,
  ): Promise<Stop[]> {
    const ring = typeof of === "string" ? this.rings[of] : of;
    return this.#once(
      `steps ${ring.targetId} ${changes.map((change) => (typeof change === "function" ? change : JSON.stringify(change))).join()} ${before}`,
      async () => {
        const stops: Stop[] = [];
        let { stored, stop } = await this.#step(ring, { stage: "protected" });
        before?.(this.quick.emulator.world.state);
        for (const change of changes) {
          const made = typeof change === "function" ? change(stop) : change;
          ({ stored, stop } = await this.#step(ring, made, stored));
          stops.push(stop);
        }
        return stops;
      },
    );
  }

  /** What a preview says, or refuses, where the machines are at `protected`, or where they were brought. */
  preview(
    name: keyof Rings,
    change: Properties,
  ): Promise<{ lines: string; failures: string; inputs: Properties }> {
    return this.#once(`preview ${name} ${JSON.stringify(change)}`, async () => {
      const { stored } = await this.#step(this.rings[name], { stage: "protected" });
      return this.#preview(this.rings[name], change, stored);
    });
  }

  /** What the preview of a create refuses. */
  async refusal(ring: Ring, change: Properties): Promise<string> {
    this.untouched();
    return (await this.#preview(ring, change)).failures;
  }

  /**
   * Enables replication of a discovered machine, then changes the settings of the replicated item, then fails it over.
   *
   * @param settings of the item, from what was discovered of the machine
   */
  enable(
    name: string,
    fabricName: string,
    settings: (machine: Discovered) => { enabled: Properties; changed: Properties },
  ): Promise<Enabled> {
    return this.#once(`enable ${name} ${settings}`, async () => {
      const from = this.log.length;
      const { context } = startProcess(this.quick.emulator.origin);
      const called = functions.get("getProtectableMachines");
      const answer = await called?.call(context, { ...vault, fabricName });
      const machine = ((answer?.result?.machines ?? []) as Discovered[]).find((each) => each.name === name);
      if (!machine) throw new Error(`${fabricName} has no ${name}`);
      const { enabled, changed } = settings(machine);
      const program = { ...vault, name, fabricName, ...enabled };
      const made = await up(replicatedItem, context, program);
      // A new process: what a connection has read before is not asked for again.
      const next = startProcess(this.quick.emulator.origin);
      await up(replicatedItem, next.context, { ...program, ...changed }, made);
      const wrote = this.log
        .slice(from)
        .filter(({ method, path }) => (method === "PUT" || method === "PATCH") && path.endsWith(`/${name}`))
        .map(({ method, requestBody }) => ({ method, body: bodyOf(requestBody) }));
      const ring: Ring = { ...this.rings.vmware, targetId: made.id, itemIds: [made.id], way: {} };
      const way = enabled.instanceType === "HyperVReplicaAzure" ? {} : this.rings.vmware.way;
      const first = await this.#step(ring, { stage: "protected", ...way });
      const over = await this.#step(ring, { stage: "failedOver", ...way }, first.stored);
      const machines = await this.#virtualMachines();
      return { wrote, over: over.stop, machines, adapters: await this.#adapters(machines) };
    });
  }

  /** A drill and its clean-up. */
  drill(
    name: keyof Rings,
    more: Properties = {},
  ): Promise<{ during: Stop; after: Stop; machines: string[]; left: string[] }> {
    return this.#once(`drill ${name} ${JSON.stringify(more)}`, async () => {
      const ring = this.rings[name];
      const process = startProcess(this.quick.emulator.origin);
      const from = this.quick.emulator.log().length;
      const made = await up(testFailover, process.context, { targetId: ring.targetId, testNetworkId, ...more });
      const during = await this.#stop(ring, from, "", made.outputs, process.lines);
      const machines = await this.#machines();
      await testFailover.delete(startProcess(this.quick.emulator.origin).context, made.id, made.outputs);
      const after = await this.#stop(ring, from, "", made.outputs, process.lines);
      return { during, after, machines, left: await this.#machines() };
    });
  }

  /** A resource of the vault, as Azure shows it. */
  async shown(path: string): Promise<Properties> {
    const response = await fetch(`${this.quick.emulator.origin}${path}?api-version=2023-06-01`);
    return (await response.json()) as Properties;
  }

  /** Address of an Azure in which nothing has happened yet. */
  untouched(): string {
    this.quick.emulator.world.restore(structuredClone(this.fresh));
    return this.quick.emulator.origin;
  }

  /** Everything that was asked of Azure until now. */
  get log(): readonly LogEntry[] {
    return this.quick.emulator.log();
  }

  /** A fresh world, and only once for the same question. Worlds must not mix: one question after another. */
  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#memory.get(key) as Promise<T> | undefined;
    if (known) return known;
    this.quick.emulator.world.restore(structuredClone(this.fresh));
    const asked = ask();
    this.#memory.set(key, asked);
    return asked;
  }

  async #preview(ring: Ring, change: Properties, prior?: Resource) {
    const { context } = startProcess(this.quick.emulator.origin);
    const program = { targetId: ring.targetId, ...ring.way, ...change };
    const { inputs, failures } = await failover.check(context, prior?.inputs ?? {}, program);
    const { lines = [], drift = [] } = (inputs.preview ?? {}) as { lines?: string[]; drift?: string[] };
    return {
      inputs,
      lines: [...lines, ...drift].join("\n"),
      failures: failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"),
    };
  }

  /** One `up`; where it fails, what it said is told as its lines, and what it stored goes on. */
  async #step(ring: Ring, change: Properties, prior?: Resource): Promise<{ stored: Resource; stop: Stop }> {
    const from = this.quick.emulator.log().length;
    const { lines: preview } = await this.#preview(ring, change, prior);
    const process = startProcess(this.quick.emulator.origin);
    const program = { targetId: ring.targetId, ...ring.way, ...change };
    const { inputs, failures } = await failover.check(process.context, prior?.inputs ?? {}, program);
    if (failures.length > 0)
      throw new Error(failures.map(({ property, reason }) => `${property} ${reason}`).join("\n"));
    const told = process.lines;
    const stored = await failover.reconcile(process.context, inputs, prior).then(
      ({ id, outputs }) => ({ id, inputs, outputs }),
      (error: Error & { id?: string; properties?: Properties; reasons?: string[] }) => {
        if (!error.properties) throw error;
        told.push(...(error.reasons ?? []));
        return { id: error.id ?? "", inputs, outputs: error.properties };
      },
    );
    return { stored, stop: await this.#stop(ring, from, preview, stored.outputs, told) };
  }

  async #stop(ring: Ring, from: number, preview: string, outputs: Properties, lines: string[]): Promise<Stop> {
    const [itemId = ""] = ring.itemIds;
    const starts = this.log
      .slice(from)
      .filter(({ method, status, path }) => method === "POST" && status === 202 && path.startsWith(vaultId))
      .map(({ path, requestBody }) => ({
        action: path.split("/").at(-1) ?? "",
        body: bodyOf(requestBody),
      }));
    const { properties: item } = (await this.shown(itemId)) as { properties: Stop["item"] };
    const name = String(item.friendlyName);
    const { value } = (await this.shown(`${itemId}/recoveryPoints`)) as { value: ShownPoint[] };
    const { value: jobs } = (await this.shown(`${vaultId}/replicationJobs`)) as { value: { name: string }[] };
    const newest = jobs[0] ? await this.shown(`${vaultId}/replicationJobs/${jobs[0].name}`) : {};
    const { tasks = [] } = (newest.properties ?? {}) as { tasks?: { friendlyName: string; state: string }[] };
    return {
      preview,
      outputs,
      item,
      inAzure: await this.#power(name),
      isSourceOn: this.#source(name)?.isPoweredOn ?? false,
      points: value.map(({ name, properties }) => ({ name, type: properties.recoveryPointType })),
      starts,
      // A task that was not needed ends as Other (recorded).
      tasks: tasks.filter(({ state }) => state !== "Other").map(({ friendlyName }) => friendlyName),
      lines: [...lines],
    };
  }

  #source(name: string) {
    const [vault] = Object.values(this.quick.emulator.world.state.siteRecovery.vaults);
    return Object.values(vault?.machines ?? {}).find((machine) => machine.name === name);
  }

  async #power(name: string): Promise<string> {
    const view = await this.shown(`${groupId}/providers/Microsoft.Compute/virtualMachines/${name}/instanceView`);
    if (!Array.isArray(view.statuses)) return "gone";
    const codes = (view.statuses as { code: string }[]).map(({ code }) => code);
    return codes.find((code) => code.startsWith("PowerState/"))?.replace("PowerState/", "") ?? "unknown";
  }

  async #machines(): Promise<string[]> {
    return (await this.#virtualMachines()).map(({ name }) => name).sort();
  }

  async #adapters(machines: VirtualMachine[]): Promise<Properties[]> {
    const ids = machines.flatMap(({ properties }) => {
      const { networkInterfaces } = properties.networkProfile as { networkInterfaces: { id: string }[] };
      return networkInterfaces.map(({ id }) => id);
    });
    const shown = await Promise.all(ids.map((id) => this.shown(id)));
    return shown.flatMap(({ properties }) => {
      const { ipConfigurations } = properties as { ipConfigurations: { properties: Properties }[] };
      return ipConfigurations.map((each) => each.properties);
    });
  }

  async #virtualMachines(): Promise<VirtualMachine[]> {
    const { value } = await this.shown(`${groupId}/providers/Microsoft.Compute/virtualMachines`);
    return value as VirtualMachine[];
  }
}

function bodyOf(requestBody: unknown): Properties {
  return ((requestBody as Properties | undefined)?.properties ?? {}) as Properties;
}
