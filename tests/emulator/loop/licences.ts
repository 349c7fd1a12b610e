/**
 * The promise that histories are held to, told from the program, from what Azure showed, and from Azure's log, never from
 * a stack's state or the provider's code: Azure takes no start that no changed word, and no matching `startFrom`, has asked
 * for, none twice, and none of a machine that was not there when the word changed.
 */

import { expect } from "chai";
import type { Properties } from "../../../provider/resources/handler.js";
import type { LogEntry } from "../../../rehearsal/emulator/index.js";
import { vmwareStages } from "./rings.js";
import {
  type AzureShown,
  actionOf,
  isPlan,
  isStart,
  isWrong,
  lastOf,
  type Machine,
  targetOf,
  words,
} from "./shown.js";

/** What one `up` was given. */
export interface Declared {
  failover: Properties | undefined;
  drill: Properties | undefined;
  /** Whether the failover is new to the stack, is replaced, or is left out by `--target`. */
  failoverIs: "new" | "known" | "left out";
  isDrillForced: boolean;
  isDrillNew: boolean;
}

/** What was last carried out of the words: a start needs others. */
interface Settled {
  targetId: string;
  stage: string;
  point: string;
  /** Machines that the words hold for. */
  items: string[];
  /** Their last failover then, in milliseconds; 0 = never. */
  failedOver: number;
}

/** Why something may start, and how far it may go. */
interface Licence {
  why: string;
  /** The `startFrom` that names the present turn, where one is given. */
  line?: string;
  from: string;
  to: string;
  items: string[];
}

/** By which actions a machine comes to a stage. */
const actionsTo: Record<string, readonly string[]> = {
  failedOver: ["unplannedFailover", "plannedFailover"],
  committed: ["failoverCommit"],
  reprotected: ["reProtect"],
  failedBack: ["unplannedFailover", "plannedFailover"],
  failbackCommitted: ["failoverCommit"],
  protected: ["reProtect"],
};

/** The stages from one to another, both included, never past `protected`; a cancelled failback is a way by itself. */
function wayBetween(from: string, to: string): string[] {
  const ring: readonly string[] = vmwareStages;
  const start = ring.indexOf(from);
  const end = ring.indexOf(to, start + 1);
  if (end > 0) return ring.slice(start, end + 1);
  return from === "failedBack" && to === "reprotected" ? [from, to] : [from];
}

/** How often a way takes an action of one machine. */
function timesOnWay({ from, to }: Licence, action: string): number {
  if (action === "failoverCancel") return from === "failedBack" && to === "reprotected" ? 1 : 0;
  if (from === "failedBack" && to === "reprotected") return 0;
  return wayBetween(from, to)
    .slice(1)
    .filter((stage) => actionsTo[stage]?.includes(action)).length;
}

export class Licences {
  private settled: Settled | undefined;
  /** The same as the stack's state would tell it; older than `settled` once an old state has come back. */
  private stored: Settled | undefined;
  private saved: Settled | undefined;
  /** What a line let start; until an `up` ends well. */
  private used: Licence | undefined;
  /** Lines by which something started once. */
  private readonly spent = new Set<string>();
  /** By machine: the latest failover that Azure has ever shown of it. */
  private readonly failovers = new Map<string, number>();
  /** Starts that ended well since words were last carried out: action and machine. */
  private done: string[] = [];
  /** Whose test machines wait for their clean-up. */
  private drillOf: "program" | "portal" | undefined;
  private settledDrill: string | undefined;
  private before: Machine[] = [];
  private isBusy = false;
  private licence: Licence | undefined;
  private isOtherPoint = false;

  constructor(private readonly azure: AzureShown) {}

  /** Remembers what Azure shows, after anything that may have changed it. */
  remember(machines: readonly Machine[]): void {
    for (const { id, failedOver } of machines) {
      const time = failedOver === undefined ? 0 : Date.parse(failedOver);
      this.failovers.set(id.toLowerCase(), Math.max(time, this.failoverOf(id)));
    }
  }

  /** Somebody did something by hand: a word that is not carried out yet may go the same way again. */
  byHand(action: string): void {
    this.done = [];
    if (action === "testFailover") this.drillOf = "portal";
    if (action === "testFailoverCleanup") this.drillOf = undefined;
  }

  /** The stack's state is exported. */
  saveState(): void {
    this.saved = this.stored;
  }

  /** The exported state comes back: by itself it lets nothing start. */
  restoreState(): void {
    this.stored = this.saved;
  }

  /** The line that lets a create start now. */
  line(machines: readonly Machine[]): string {
    const [first] = machines;
    if (!first || machines.some(({ stage }) => stage !== first.stage)) return "none";
    const last = this.lastFailover(machines.map(({ id }) => id));
    return `${first.stage}@${last === 0 ? "never" : new Date(last).toISOString()}`;
  }

  /** Before an `up`: what it may start. */
  async begin(declared: Declared): Promise<void> {
    const args = declared.failover;
    this.licence = undefined;
    this.isOtherPoint = false;
    if (!args || declared.failoverIs === "left out") return;
    this.before = await this.azure.machines(String(args.targetId));
    this.isBusy = this.before.some(({ isBusy }) => isBusy);
    this.remember(this.before);
    this.licence = this.byStartFrom(args, declared) ?? this.byWord(args, declared);
    this.isOtherPoint =
      declared.failoverIs === "known" &&
      this.settled?.targetId === args.targetId &&
      this.settled?.point !== pointOf(args);
  }

  private byStartFrom(args: Properties, { failoverIs }: Declared): Licence | undefined {
    const line = args.startFrom as string | undefined;
    if (line === undefined) return undefined;
    if (this.used?.line === line && this.used.to === args.stage) return this.used;
    if (failoverIs !== "new" || !this.isGood(line)) return undefined;
    const from = line.split("@")[0] ?? "";
    const items = this.before.map(({ id }) => id);
    this.used = { why: `startFrom ${line}`, line, from, to: String(args.stage), items };
    return this.used;
  }

  /** It names the present turn, and nothing has started by it: the same line never allows a second start. */
  private isGood(line: unknown): line is string {
    return typeof line === "string" && !this.spent.has(line) && isSameLine(line, this.line(this.before));
  }

  private byWord(args: Properties, { failoverIs }: Declared): Licence | undefined {
    // Whoever adds the line of the present turn knows that the state is an old one, and wants to go on from it.
    const hasLine = this.isGood(args.startFrom);
    const settled = hasLine ? this.stored : this.settled;
    if (failoverIs !== "known" || settled?.targetId !== args.targetId || settled?.stage === args.stage)
      return undefined;
    const from = settled?.stage ?? "";
    const here = this.before.map(({ id }) => id);
    const items = from === "protected" ? here : here.filter((id) => settled?.items.includes(id));
    const licence = { why: `stage ${from} -> ${String(args.stage)}`, from, to: String(args.stage), items };
    // A word that was changed after people had gone round needs the line besides.
    if (!hasLine) return licence;
    this.used = { ...licence, line: String(args.startFrom) };
    return this.used;
  }

  /** After an `up`: fails where it did anything that it was not asked for. */
  async expectLicensed(log: readonly LogEntry[], declared: Declared): Promise<void> {
    expect(log.filter(isWrong).map(words), "calls that Azure refused, or that end a job").to.deep.equal([]);
    const others = log.filter(
      ({ method, status }) => ["PUT", "PATCH", "DELETE"].includes(method) && status !== 404,
    );
    expect(others.map(words), "a Failover and a drill write nothing else").to.deep.equal([]);
    const starts = log.filter(isStart);
    for (const entry of starts) await this.expectAsked(entry, declared);
    const once = starts.map(words);
    if (!declared.failover?.through) expect(once, "each start once in one up").to.deep.equal([...new Set(once)]);
    const hasActed = starts.some((entry) => !actionOf(entry).startsWith("testFailover"));
    if (this.licence?.line !== undefined && hasActed) this.spent.add(this.licence.line);
  }

  private async expectAsked(entry: LogEntry, declared: Declared): Promise<void> {
    const action = actionOf(entry);
    const told = `${words(entry)} was started`;
    switch (action) {
      case "testFailover":
        expect(this.mayDrill(declared), `${told}, and no drill was asked for`).to.equal(true);
        this.drillOf = "program";
        return;
      case "testFailoverCleanup":
        expect(this.mayCleanUp(declared), `${told}, and nothing ended the drill`).to.equal(true);
        expect(this.drillOf, `${told}: it was somebody else's`).to.not.equal("portal");
        this.drillOf = undefined;
        return;
      case "applyRecoveryPoint":
        expect(this.isOtherPoint || this.licence !== undefined, `${told}, and the point is the same`).to.equal(
          true,
        );
        expect(isPlan(entry.path), `${told}: the point changes machine by machine`).to.equal(false);
        return;
      case "resume":
        expect(declared.failover?.completed, `${told}, and nobody said that it is done`).to.be.an("array").that.is
          .not.empty;
        return;
      default:
        return this.expectOnWay(entry, action, told);
    }
  }

  private async expectOnWay(entry: LogEntry, action: string, told: string): Promise<void> {
    const { licence } = this;
    if (!licence) return expect.fail(`${told}, and nothing asked for it`);
    const times = timesOnWay(licence, action);
    expect(times, `${told}, which is not on the way of ${licence.why}`).to.be.greaterThan(0);
    const target = targetOf(entry);
    const moved = isPlan(target) ? await this.azure.members(target) : [target];
    const isEnded = this.azure.endOf(entry) === "Succeeded";
    for (const id of moved) {
      const name = lastOf(id);
      expect(
        licence.items.map((each) => each.toLowerCase()),
        `${told}: ${name} was not there when ${licence.why}`,
      ).to.include(id.toLowerCase());
      const same = `${action} ${name}`;
      expect(
        this.done.filter((each) => each === same).length,
        `${told}, and had ended well before`,
      ).to.be.lessThan(times);
      if (isEnded) this.done.push(same);
    }
    if (this.isBusy) return;
    const way = wayBetween(licence.from, licence.to);
    for (const { id, name, stage } of this.before) {
      if (!licence.items.includes(id)) continue;
      expect(way, `${told}, while ${name} was at ${stage}, off the way of ${licence.why}`).to.include(stage);
      const isRound = stage === licence.from && this.failoverOf(id) > (this.settled?.failedOver ?? 0);
      if (stage === "protected" && isRound && licence.line === undefined)
        expect.fail(`${told}, and ${name} went once round since words were last carried out`);
    }
  }

  private mayDrill({ drill, isDrillForced, isDrillNew }: Declared): boolean {
    return drill !== undefined && (JSON.stringify(drill) !== this.settledDrill || isDrillForced || isDrillNew);
  }

  private mayCleanUp({ drill, isDrillForced }: Declared): boolean {
    return drill === undefined || JSON.stringify(drill) !== this.settledDrill || isDrillForced;
  }

  /** An `up` ended: its words are carried out where its step ended well and nothing waits for a person. */
  async end(
    declared: Declared,
    ended: { isFailoverWell: boolean; isDrillWell: boolean; isAllWell: boolean },
  ): Promise<void> {
    const { failover: args, drill } = declared;
    if (ended.isDrillWell) this.settledDrill = JSON.stringify(drill);
    if (!drill && ended.isAllWell) this.settledDrill = undefined;
    if (!args) return;
    const targetId = String(args.targetId);
    const now = await this.azure.machines(targetId);
    this.remember(now);
    if (!ended.isFailoverWell || declared.failoverIs === "left out") return;
    const here = now.map(({ id }) => id);
    if (this.azure.isWaiting(here)) return;
    const { settled } = this;
    const isKept = declared.failoverIs === "known" && settled?.targetId === targetId;
    this.settled = {
      targetId,
      stage: String(args.stage),
      point: pointOf(args),
      items: this.licence?.items ?? (isKept && settled.stage !== "protected" ? settled.items : here),
      failedOver: this.lastFailover(here),
    };
    this.stored = this.settled;
    this.used = undefined;
    this.done = [];
  }

  private failoverOf(id: string): number {
    return this.failovers.get(id.toLowerCase()) ?? 0;
  }

  private lastFailover(ids: readonly string[]): number {
    return Math.max(0, ...ids.map((id) => this.failoverOf(id)));
  }
}

function pointOf(args: Properties): string {
  return String(args.recoveryPoint ?? "latest");
}

function isSameLine(a: string, b: string): boolean {
  const [stageA, ...restA] = a.split("@");
  const [stageB, ...restB] = b.split("@");
  const time = (rest: string[]) => (rest.join("@") === "never" ? 0 : Date.parse(rest.join("@")));
  return stageA === stageB && time(restA) === time(restB);
}
