/** What may happen round a `Failover` in the life of a stack, played against the emulator over real HTTP. */

import { expect } from "chai";
import type { Stage } from "../../../provider/lifecycle/stages.js";
import type { Properties } from "../../../provider/resources/handler.js";
import type { SavedState } from "../../../rehearsal/emulator/index.js";
import { type Hand, pressed } from "./byHand.js";
import { type Declared as Asked, Licences } from "./licences.js";
import { type Kill, startProcess } from "./process.js";
import { type Declared, Killed, PulumiStack, type StackState, type UpOptions } from "./pulumiStack.js";
import type { QuickEmulator } from "./quickEmulator.js";
import type { Ring } from "./rings.js";
import { AzureShown, isPlan, isStart, type Machine, words } from "./shown.js";

type Point = "latest" | "latestProcessed" | "latestApplicationConsistent";

export type Command =
  /** Declares the stage that is so many further on in the ring than the one declared. */
  | { kind: "edit"; further: number; through: boolean }
  /** Declares what Azure shows, as the message about a drift advises. */
  | { kind: "accept" }
  | { kind: "editPoint"; point: Point }
  /** Arguments that start nothing by themselves. */
  | { kind: "editOther"; shutdownSource: boolean; timeoutMinutes: number; isPlanned: boolean }
  /** Settings of one machine's own for the way back, or the same for all again. */
  | { kind: "editPerItem" }
  /** The plan instead of its machine, or the machine instead of its plan: a replacement. */
  | { kind: "retarget" }
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
  /** Somebody goes on round the ring by hand, takes another point, begins or ends a drill, or changes the plan's members. */
  | { kind: "portal"; does: Hand | "members"; item: number };

interface Program {
  failover?: { name: string; alias?: string; args: Properties };
  drill?: Properties;
}

/** The words of an `up` that refuses before it starts anything. */
const refusal = /nothing was started|is no legal change/i;

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
  private readonly azure: AzureShown;
  private readonly licences: Licences;
  private isDead = () => false;
  private program: Program;
  private readonly versions: Program[] = [];
  private saved: StackState | undefined;
  /** The line that the last refusal printed. */
  private printed: string | undefined;

  constructor(
    private readonly quick: QuickEmulator,
    private readonly ring: Ring,
    fresh: SavedState,
  ) {
    quick.emulator.world.restore(structuredClone(fresh));
    this.azure = new AzureShown(quick.emulator);
    this.licences = new Licences(this.azure);
    this.stack = new PulumiStack(() => this.isDead());
    this.program = {
      failover: { name: "shop", args: { targetId: ring.targetId, stage: "protected", ...ring.way } },
    };
  }

  async run(command: Command): Promise<void> {
    this.story.push(JSON.stringify(command));
    try {
      await this.act(command);
      const machines = await this.machines();
      this.licences.remember(machines);
      for (const { stage } of machines) this.reached.add(stage);
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
        return this.licences.saveState();
      case "restoreState":
        if (!this.saved) return;
        this.stack.import(this.saved);
        return this.licences.restoreState();
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
      case "editOther": {
        const { shutdownSource, timeoutMinutes } = command;
        const kind = command.isPlanned && ring.hasPlannedFailover ? "planned" : undefined;
        return change({ shutdownSource: kind ? true : shutdownSource, timeoutMinutes, kind });
      }
      case "editPerItem": {
        const isOwn = JSON.stringify(args).includes("perItem");
        return change({
          reprotect: undefined,
          failback: undefined,
          reverse: undefined,
          ...(isOwn ? ring.way : ring.wayPerItem),
        });
      }
      case "retarget":
        return change({ targetId: args.targetId === ring.targetId ? ring.otherTargetId : ring.targetId });
      case "revert":
        this.program = structuredClone(this.versions.at(-1 - command.back) ?? this.program);
        return;
      case "rename": {
        const { name } = failover;
        const next = name === "shop" ? "store" : "shop";
        this.program.failover = { name: next, args, ...(command.hasAlias ? { alias: name } : {}) };
        return;
      }
      case "startFrom": {
        const line = this.printed ?? this.licences.line(await this.azure.machines(String(args.targetId)));
        return change({ startFrom: command.isRight ? line : "protected@2020-01-01T00:00:00Z" });
      }
      case "complete": {
        const { waitingFor, alsoWaitingFor = [] } = (this.stack.find(failover.name)?.outputs ?? {}) as Waits;
        return change({
          completed: [...(waitingFor ? [waitingFor] : []), ...alsoWaitingFor].map(({ name }) => name),
        });
      }
      case "drill":
        if (command.is === "removed") delete this.program.drill;
        else {
          const triggers = command.is === "changed" ? [`run ${this.versions.length}`] : ["first"];
          this.program.drill = { targetId: ring.targetId, testNetworkId: ring.testNetworkId, triggers };
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
    const { reprotect: _r, reverse: _v, failback: _f, targetId, ...args } = failover?.args ?? {};
    const other = targetId === this.ring.otherTargetId ? { targetId } : {};
    return {
      ...(failover ? { [failover.name]: { ...other, ...args }, alias: failover.alias } : {}),
      drill: drill?.triggers,
    };
  }

  /** What this `up` is given, as far as it decides what may start. */
  private asked(options: UpOptions): Asked {
    const { failover, drill } = this.program;
    const isTargeted = (name: string) => options.targets?.includes(name) ?? true;
    const stored =
      this.stack.find(failover?.name ?? "") ?? (failover?.alias ? this.stack.find(failover.alias) : undefined);
    const isNew =
      stored?.inputs.targetId !== failover?.args.targetId ||
      (options.replace ?? []).includes(failover?.name ?? "");
    return {
      failover: failover?.args,
      drill,
      failoverIs: isTargeted(failover?.name ?? "") ? (isNew ? "new" : "known") : "left out",
      isDrillForced: options.replace?.includes("drill") ?? false,
      isDrillNew: !this.stack.find("drill"),
    };
  }

  private async up({ options, kill, failsTask }: Extract<Command, { kind: "up" }>): Promise<void> {
    this.ups += 1;
    const { emulator } = this.quick;
    const asked = this.asked(options);
    await this.licences.begin(asked);
    const isPlain = kill === undefined && !failsTask && Object.keys(options).length === 0;
    const foretold = isPlain ? await this.foretell() : undefined;
    const seen = this.quick.watch();
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
    const log = seen();
    const starts = log.filter(isStart).map(words);
    this.note(`${told}${starts.map((start) => `; Azure took ${start}`).join("")}`);
    this.starts.push(...starts);
    expect(told, "what the user reads").to.not.match(
      /is not a function|Cannot (read|write|set)|undefined|\[object/,
    );
    // Whose drill it is that waits, only its job tells: the preview says that it may be refused.
    const isOthersDrill = told.includes("another test failover waits for its clean-up");
    if (foretold?.length === 0 && starts.length === 0 && !isOthersDrill)
      expect(told, "a preview that ended well announces nothing that `up` then refuses").to.not.match(refusal);
    await this.licences.expectLicensed(log, asked);
    await this.licences.end(asked, {
      isFailoverWell: settled.includes(this.program.failover?.name ?? ""),
      isDrillWell: settled.includes("drill"),
      isAllWell: told === "well",
    });
  }

  /** A command that must not write. */
  private async quietly(
    act: (context: ReturnType<typeof startProcess>["context"]) => Promise<void>,
  ): Promise<void> {
    const seen = this.quick.watch();
    const process = startProcess(this.quick.emulator.origin);
    await act(process.context);
    const writes = seen().filter(({ method }) => method !== "GET");
    expect(writes.map(words), "a preview and a refresh write nothing").to.deep.equal([]);
  }

  private async portal({ does, item: index }: Extract<Command, { kind: "portal" }>): Promise<void> {
    const { ring, quick } = this;
    if (does === "members") {
      const [plan] = [ring.targetId, ring.otherTargetId].filter(isPlan);
      const isTaken = await this.azure.toggleLastMember(plan ?? "", ring.planItemIds);
      quick.advance(3600);
      this.note(isTaken ? "somebody changed the plan's machines" : "Azure refused it");
      return;
    }
    const id = ring.itemIds[index % ring.itemIds.length] ?? "";
    const action = await pressed(startProcess(quick.emulator.origin).siteRecovery, id, does, ring);
    if (!action) return;
    quick.advance(6 * 3600);
    this.licences.byHand(action);
    this.note(`somebody did ${action} of ${id.slice(id.lastIndexOf("/") + 1)}`);
  }

  private failNextTask(): void {
    const { faults } = this.quick.emulator.world.state;
    for (const taskName of tasksThatFail)
      faults.push({ id: taskName, kind: "failTask", taskName, times: 1, code: "1", message: "it failed" });
  }

  /** What a preview refuses; undefined where a job runs, whose end no preview can know. */
  private async foretell(): Promise<string[] | undefined> {
    let errors: string[] = [];
    await this.quietly(async (context) => {
      ({ errors } = await this.stack.preview(context, this.declared()));
    });
    return (await this.machines()).some(({ isBusy }) => isBusy) ? undefined : errors;
  }

  private machines(): Promise<Machine[]> {
    return Promise.all(this.ring.itemIds.map((id) => this.azure.machine(id)));
  }

  private note(text: string): void {
    this.story[this.story.length - 1] += ` -> ${text}`;
  }
}

interface Waits {
  waitingFor?: { name: string };
  alsoWaitingFor?: { name: string }[];
}
