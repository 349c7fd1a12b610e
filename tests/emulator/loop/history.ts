/**
 * What may happen round a `Failover` in the life of a stack, played against the emulator over real HTTP, and the promise
 * that it is held to: Azure takes no start that no changed word, and no matching `startFrom`, has asked for.
 */

import { expect } from "chai";
import type { Stage } from "../../../provider/lifecycle/stages.js";
import type { Properties } from "../../../provider/resources/handler.js";
import type { Action, ReplicatedItem } from "../../../provider/siterecovery/siteRecovery.js";
import type { LogEntry, SavedState } from "../../../rehearsal/emulator/index.js";
import { type Kill, startProcess } from "./process.js";
import { type Declared, Killed, PulumiStack, type StackState, type UpOptions } from "./pulumiStack.js";
import type { QuickEmulator } from "./quickEmulator.js";
import { type Ring, testNetworkId, vaultId } from "./rings.js";

export type Command =
  /** Declares the stage that is so many further on in the ring than the one declared. */
  | { kind: "edit"; further: number; through: boolean }
  /** Declares what Azure shows, as the message about a drift advises. */
  | { kind: "accept" }
  | { kind: "editPoint"; point: "latest" | "latestProcessed" | "latestApplicationConsistent" }
  /** Arguments that decide nothing. */
  | { kind: "editOther"; shutdownSource: boolean; timeoutMinutes: number }
  /** The program as it was so many versions ago. */
  | { kind: "revert"; back: number }
  | { kind: "rename"; hasAlias: boolean }
  /** The line that the refusal of a create prints, or one of an hour that is gone. */
  | { kind: "startFrom"; isRight: boolean }
  | { kind: "complete" }
  | { kind: "drill"; is: "declared" | "changed" | "removed" }
  | { kind: "removeFailover" }
  | { kind: "preview" }
  | { kind: "up"; options: UpOptions; kill?: Kill; failsTask?: boolean }
  | { kind: "refresh" }
  | { kind: "loseState" }
  | { kind: "saveState" }
  | { kind: "restoreState" }
  /** Somebody goes on round the ring by hand, or begins or ends a drill. */
  | { kind: "portal"; does: "next" | "back" | "drill"; item: number };

interface Program {
  failover?: { name: string; alias?: string; args: Properties };
  drill?: Properties;
}

/** What was last carried out of a word: a start needs another one. */
interface Settled {
  stage?: string;
  point?: string;
}

const failoverActions = [
  "unplannedFailover",
  "plannedFailover",
  "failoverCommit",
  "failoverCancel",
  "reProtect",
  "applyRecoveryPoint",
  "resume",
];

/** Tasks of every kind of job, of which the first one that comes fails. */
const tasksThatFail = [
  "VmUfoPrerequisitesCheck",
  "VmCommitPrerequisitesCheck",
  "VmPfoPrerequisitesCheck",
  "VmTfoPrerequisitesCheck",
  "VmFailover",
];

export class History {
  readonly story: string[] = [];
  readonly reached = new Set<string>();
  readonly starts: string[] = [];
  ups = 0;
  private readonly stack: PulumiStack;
  private isDead = () => false;
  private program: Program;
  private readonly versions: Program[] = [];
  private saved: StackState | undefined;
  private settled: Settled = {};
  /** A create that was allowed to start, and has not ended well yet. */
  private usedStartFrom: string | undefined;
  /** Lines by which a start was allowed once. */
  private readonly spent = new Set<string>();
  /** The line that the last refusal printed. */
  private printed: string | undefined;
  /** Whose test machines wait for their clean-up. */
  private drillOf: "program" | "portal" | undefined;
  private settledDrill: string | undefined;

  constructor(
    private readonly quick: QuickEmulator,
    private readonly ring: Ring,
    fresh: SavedState,
  ) {
    quick.emulator.world.restore(structuredClone(fresh));
    this.stack = new PulumiStack(() => this.isDead());
    this.program = {
      failover: { name: "shop", args: { targetId: ring.targetId, stage: "protected", ...ring.way } },
    };
  }

  async run(command: Command): Promise<void> {
    this.story.push(JSON.stringify(command));
    try {
      await this.act(command);
      for (const { stage } of await this.machines()) this.reached.add(stage);
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : String(error)}\n  history of ${this.ring.title}:\n${this.story.map((line, index) => `  ${index + 1}. ${line}`).join("\n")}`,
      );
    }
  }

  private async act(command: Command): Promise<void> {
    switch (command.kind) {
      case "up":
        return this.up(command);
      case "preview":
        return this.quietly(async (context) => {
          await this.stack.preview(context, this.declared());
        });
      case "refresh":
        return this.quietly((context) => this.stack.refresh(context));
      case "loseState":
        this.stack.import([]);
        return;
      case "saveState":
        this.saved = this.stack.export();
        return;
      case "restoreState":
        if (this.saved) this.stack.import(this.saved);
        return;
      case "portal":
        return this.portal(command);
      default:
        this.versions.push(structuredClone(this.program));
        await this.edit(command);
        this.note(`program: ${JSON.stringify(this.words())}`);
    }
  }

  private async edit(command: Exclude<Command, { kind: "up" | "portal" }>): Promise<void> {
    const { ring } = this;
    const args = this.program.failover?.args ?? { targetId: ring.targetId, stage: "protected", ...ring.way };
    const failover = this.program.failover ?? { name: "shop", args };
    const change = (changes: Properties) => {
      this.program.failover = { ...failover, args: { ...args, ...changes } };
    };
    switch (command.kind) {
      case "edit": {
        const order = ring.stages.slice(0, -1);
        const at = order.indexOf(args.stage as Stage);
        return change({ stage: order[(at + command.further) % order.length], through: command.through });
      }
      case "accept": {
        const [machine] = await this.machines();
        return change({ stage: machine?.stage, startFrom: undefined });
      }
      case "editPoint":
        return change({ recoveryPoint: command.point });
      case "editOther":
        return change({ shutdownSource: command.shutdownSource, timeoutMinutes: command.timeoutMinutes });
      case "revert":
        this.program = structuredClone(this.versions.at(-1 - command.back) ?? this.program);
        return;
      case "rename": {
        const { name } = failover;
        const next = name === "shop" ? "store" : "shop";
        this.program.failover = { name: next, args, ...(command.hasAlias ? { alias: name } : {}) };
        return;
      }
      case "startFrom":
        return change({
          startFrom: command.isRight ? (this.printed ?? (await this.line())) : "protected@2020-01-01T00:00:00Z",
        });
      case "complete": {
        const waiting = this.stack.find(failover.name)?.outputs.waitingFor as { name: string } | undefined;
        return change({ completed: waiting ? [waiting.name] : [] });
      }
      case "drill":
        if (command.is === "removed") delete this.program.drill;
        else {
          const triggers = command.is === "changed" ? [`run ${this.versions.length}`] : ["first"];
          this.program.drill = { targetId: ring.targetId, testNetworkId, triggers };
        }
        return;
      case "removeFailover":
        delete this.program.failover;
        return;
    }
  }

  /** The program in Pulumi's order. */
  private declared(): Declared[] {
    const { failover, drill } = this.program;
    return [
      ...(drill ? [{ name: "drill", token: "TestFailover", args: drill }] : []),
      ...(failover ? [{ ...failover, token: "Failover" }] : []),
    ];
  }

  private words(): Properties {
    const { failover, drill } = this.program;
    const { reprotect: _r, reverse: _v, failback: _f, targetId: _t, ...args } = failover?.args ?? {};
    return { ...(failover ? { [failover.name]: args, alias: failover.alias } : {}), drill: drill?.triggers };
  }

  private async up({ options, kill, failsTask }: Extract<Command, { kind: "up" }>): Promise<void> {
    this.ups += 1;
    const { emulator } = this.quick;
    const name = this.program.failover?.name ?? "";
    const isNew = !this.stack.find(name) && !this.stack.find(this.program.failover?.alias ?? "");
    const asked = this.licences(isNew || (options.replace ?? []).includes(name), await this.line(), options, name);
    const from = emulator.log().length;
    if (failsTask) this.failNextTask();
    const process = startProcess(emulator.origin, kill);
    this.isDead = process.isDead;
    let told = "killed";
    let settled: string[] = [];
    try {
      const result = await this.stack.up(process.context, this.declared(), options);
      settled = result.settled;
      told = result.isWell ? "well" : `failed: ${result.errors.join(" ")}`;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    await process.ended();
    this.isDead = () => false;
    emulator.world.state.faults.length = 0;
    this.printed = /add startFrom: "([^"]+)"/.exec(told)?.[1];
    const log = emulator.log().slice(from);
    const starts = log.filter(isStart);
    this.note(`${told}${starts.map((entry) => `; Azure took ${words(entry)}`).join("")}`);
    this.starts.push(...starts.map(words));
    if (this.usedStartFrom !== undefined && starts.length > 0) this.spent.add(this.usedStartFrom);
    expect(told, "what the user reads").to.not.match(
      /is not a function|Cannot (read|write|set)|undefined|\[object/,
    );
    expect(log.filter(isWrong).map(words), "calls that Azure refused, or that end a job").to.deep.equal([]);
    this.expectLicensed(starts, asked, log);
    this.settle(settled, told);
  }

  /** What this `up` may start: told from the program and from what earlier ones carried out, never from the state. */
  private licences(isCreate: boolean, line: string, options: UpOptions, name: string): Licences {
    const args = this.program.failover?.args;
    if (!args || !(options.targets?.includes(name) ?? true))
      return { failover: "", point: "", drill: this.mayDrill(options) };
    const given = args.startFrom as string | undefined;
    // The same line never allows a second start.
    const isRight = given !== undefined && !this.spent.has(given) && (given === line || given === this.printed);
    if (isRight) this.usedStartFrom = given;
    const isWaiting = this.stack.find(name)?.outputs.waitingFor !== undefined;
    const isChanged = this.settled.stage !== undefined && this.settled.stage !== args.stage;
    const why = [
      ...(given !== undefined && given === this.usedStartFrom ? ["startFrom"] : []),
      ...(!isCreate && isChanged ? [`stage ${this.settled.stage} -> ${String(args.stage)}`] : []),
      ...(!isCreate && isWaiting ? ["a walk that waited for a person"] : []),
    ].join();
    const isOtherPoint =
      this.settled.point !== undefined && this.settled.point !== (args.recoveryPoint ?? "latest");
    return { failover: why, point: isOtherPoint ? "another point" : "", drill: this.mayDrill(options) };
  }

  private mayDrill(options: UpOptions): Licences["drill"] {
    const declared = this.program.drill && JSON.stringify(this.program.drill);
    const isForced = options.replace?.includes("drill") ?? false;
    return {
      mayStart:
        declared !== undefined && (declared !== this.settledDrill || isForced || !this.stack.find("drill")),
      mayClean: declared === undefined || declared !== this.settledDrill || isForced,
    };
  }

  private expectLicensed(starts: readonly LogEntry[], asked: Licences, log: readonly LogEntry[]): void {
    for (const entry of starts) {
      const action = actionOf(entry);
      const told = `${words(entry)} was started, and nothing asked for it`;
      if (action === "applyRecoveryPoint") expect(asked.point || asked.failover, told).to.not.equal("");
      else if (failoverActions.includes(action)) expect(asked.failover, told).to.not.equal("");
      else if (action === "testFailover") expect(asked.drill.mayStart, told).to.equal(true);
      else if (action === "testFailoverCleanup") {
        expect(asked.drill.mayClean, told).to.equal(true);
        expect(this.drillOf, `${told}: it was somebody else's`).to.not.equal("portal");
      } else expect.fail(`${told}: the program asks for no ${action}`);
      if (action === "testFailover") this.drillOf = "program";
      if (action === "testFailoverCleanup") this.drillOf = undefined;
    }
    const once = starts.map((entry) => words(entry));
    expect(once, "each start once in one up").to.deep.equal([...new Set(once)]);
    const others = log.filter(
      ({ method, status }) => ["PUT", "PATCH", "DELETE"].includes(method) && status !== 404,
    );
    expect(others.map(words), "a Failover and a drill write nothing else").to.deep.equal([]);
  }

  private settle(settled: readonly string[], told: string): void {
    const { failover, drill } = this.program;
    if (failover && settled.includes(failover.name)) {
      const outputs = this.stack.find(failover.name)?.outputs;
      if (outputs?.waitingFor === undefined) {
        this.settled = {
          stage: String(failover.args.stage),
          point: String(failover.args.recoveryPoint ?? "latest"),
        };
        this.usedStartFrom = undefined;
      }
    }
    if (settled.includes("drill")) this.settledDrill = JSON.stringify(drill);
    if (!drill && told === "well") this.settledDrill = undefined;
  }

  /** A command that must not write. */
  private async quietly(
    act: (context: ReturnType<typeof startProcess>["context"]) => Promise<void>,
  ): Promise<void> {
    const from = this.quick.emulator.log().length;
    const process = startProcess(this.quick.emulator.origin);
    await act(process.context);
    const writes = this.quick.emulator
      .log()
      .slice(from)
      .filter(({ method }) => method !== "GET");
    expect(writes.map(words), "a preview and a refresh write nothing").to.deep.equal([]);
  }

  private async portal({ does, item: index }: Extract<Command, { kind: "portal" }>): Promise<void> {
    const process = startProcess(this.quick.emulator.origin);
    const id = this.ring.itemIds[index % this.ring.itemIds.length] ?? "";
    const item = await process.siteRecovery.getItem(id);
    if (!item) throw new Error(`${id} is gone`);
    const open = await process.siteRecovery.findOpenJob({ kind: "replicatedItem", item });
    if (open?.state === "Suspended" && does === "next") {
      await process.siteRecovery.resumeJob(open.name, "completed by hand");
      this.quick.advance(6 * 3600);
      this.note(`somebody completed ${open.scenarioName} of ${item.friendlyName}`);
      return;
    }
    const action = byHand(item, does, this.ring.way);
    if (!action) return;
    const job = await process.siteRecovery
      .startAction({ kind: "replicatedItem", item }, action, "by-hand")
      .catch(() => undefined);
    if (!job) return;
    this.quick.advance(6 * 3600);
    if (action.kind === "testFailover") this.drillOf = "portal";
    if (action.kind === "testFailoverCleanup") this.drillOf = undefined;
    this.note(`somebody did ${action.kind} of ${item.friendlyName}`);
  }

  private failNextTask(): void {
    const { faults } = this.quick.emulator.world.state;
    for (const taskName of tasksThatFail)
      faults.push({ id: taskName, kind: "failTask", taskName, times: 1, code: "1", message: "it failed" });
  }

  /** What a refusal of a create prints at this moment, worked out from what Azure shows. */
  private async line(): Promise<string> {
    const machines = await this.machines();
    const [first] = machines;
    if (!first || machines.some(({ stage }) => stage !== first.stage)) return "none";
    const times = machines.flatMap(({ failedOver }) => failedOver ?? []).sort();
    return `${first.stage}@${times.at(-1) ?? "never"}`;
  }

  private async machines(): Promise<{ stage: string; failedOver?: string }[]> {
    return Promise.all(
      this.ring.itemIds.map(async (id) => {
        const response = await fetch(`${this.quick.emulator.origin}${id}?api-version=2023-06-01`);
        const { properties } = (await response.json()) as { properties: Shown };
        return {
          stage: stageShown(properties),
          ...(properties.lastSuccessfulFailoverTime ? { failedOver: properties.lastSuccessfulFailoverTime } : {}),
        };
      }),
    );
  }

  private note(text: string): void {
    this.story[this.story.length - 1] += ` -> ${text}`;
  }
}

interface Licences {
  /** Why a walk may start; empty = it may not. */
  failover: string;
  point: string;
  drill: { mayStart: boolean; mayClean: boolean };
}

interface Shown {
  activeLocation: string;
  allowedOperations: string[];
  lastSuccessfulFailoverTime?: string;
  providerSpecificDetails: { instanceType: string };
}

/** The stage by a table of its own: the test does not trust the reading that it tests. */
function stageShown({
  activeLocation,
  allowedOperations,
  providerSpecificDetails: { instanceType },
}: Shown): string {
  const has = (operation: string) => allowedOperations.includes(operation);
  const isInAzure = activeLocation === "Recovery";
  if (instanceType === "InMageRcmFailback" || instanceType === "InMage") {
    if (has("Commit")) return "failedBack";
    return isInAzure ? "failbackCommitted" : "reprotected";
  }
  if (instanceType === "HyperVReplicaAzure") {
    if (has("Commit")) return isInAzure ? "failedOver" : "failedBack";
    if (has("ReverseReplicate")) return "failbackCommitted";
    return isInAzure ? "committed" : "protected";
  }
  if (instanceType === "HyperVReplica2012R2") {
    if (has("Commit")) return isInAzure ? "failedOver" : "failedBack";
    if (has("ReverseReplicate")) return isInAzure ? "committed" : "failbackCommitted";
    return isInAzure ? "reprotected" : "protected";
  }
  if (has("Commit")) return "failedOver";
  return isInAzure ? "committed" : "protected";
}

/** What somebody in the portal would press. */
function byHand(item: ReplicatedItem, does: "next" | "back" | "drill", way: Properties): Action | undefined {
  const has = (operation: string) => item.allowedOperations.includes(operation);
  const isBetweenSites = item.instanceType === "HyperVReplica2012R2";
  const isBackward =
    item.instanceType === "InMageRcmFailback" ||
    item.instanceType === "InMage" ||
    (isBetweenSites && item.activeLocation === "Recovery");
  if (does === "drill") {
    if (has("TestFailover"))
      return { kind: "testFailover", networkId: testNetworkId, recoveryPoint: { kind: "latestProcessed" } };
    return has("TestFailoverCleanup") ? { kind: "testFailoverCleanup", comments: "by hand" } : undefined;
  }
  if (does === "back") return has("CancelFailover") ? { kind: "failoverCancel" } : undefined;
  const failback: Action = {
    kind: "failback",
    settings: {
      recoveryPointType: "CrashConsistent",
      dataSyncOption: "ForDownTime",
      recoveryVmCreationOption: "NoAction",
      isPlanned: item.instanceType !== "InMage",
    },
  };
  if (has("Commit")) return { kind: "failoverCommit" };
  if (has("Failback") || (isBackward && (has("PlannedFailover") || has("UnplannedFailover")))) return failback;
  if (has("ReverseReplicate"))
    return isBetweenSites && isBackward
      ? { kind: "reprotect", settings: {} }
      : { kind: "reverseReplicate", settings: {} };
  if (has("SwitchProtection"))
    return isBackward
      ? { kind: "reverseReplicate", settings: way.reverse as object }
      : { kind: "reprotect", settings: way.reprotect as object };
  if (has("UnplannedFailover"))
    return { kind: "unplannedFailover", shutdownSource: false, recoveryPoint: { kind: "latest" } };
  return undefined;
}

function isStart({ method, status, path }: LogEntry): boolean {
  return method === "POST" && status === 202 && path.startsWith(vaultId);
}

/** A write that Azure refused, a cancelled job, a machine taken out of replication. */
function isWrong({ method, status, path }: LogEntry): boolean {
  if (!path.startsWith(vaultId) || method === "GET") return false;
  return status >= 400 || /\/(cancel|remove|purge)$/i.test(path);
}

function actionOf({ path }: LogEntry): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function words({ method, status, path }: LogEntry): string {
  const [action, target, kind] = path.split("/").reverse();
  return `${method} ${kind === "replicationJobs" ? "job" : target}/${action} ${status}`;
}
