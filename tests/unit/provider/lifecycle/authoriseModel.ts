/**
 * A model of what can happen round a `Failover`: edits of the program, ups that end well, fail or are killed, a portal
 * that moves machines by hand, lost state. It plays the part of the handler and of Azure, asks `authorise` at every `up`, and
 * holds its answer to the promise that only a changed word starts anything.
 */

import { expect } from "chai";
import fc from "fast-check";
import { authorise, type Decision, type OpenWalk } from "../../../../provider/lifecycle/authorise.js";
import { type Stage, stages } from "../../../../provider/lifecycle/stages.js";

export type Command =
  | { kind: "declare"; stage: Stage; through: boolean }
  /** Writes the `startFrom` line that is right at this moment into the program. */
  | { kind: "allowStart" }
  | { kind: "portal"; item: number }
  /** All machines go on to their next `protected`. */
  | { kind: "portalFinishesTurn" }
  | { kind: "up"; end: "well" | "fails" | "killed"; steps: number }
  | { kind: "addItem" }
  | { kind: "loseState" };

interface ModelItem {
  id: string;
  name: string;
  stage: Stage;
  lastFailoverTime: string | undefined;
  /** How often it came back to `protected`. */
  turn: number;
}

interface State {
  lastAppliedStage: Stage;
  walk: OpenWalk | undefined;
  items: string[];
}

export interface ModelOptions {
  /** Whether the portal may bring a machine back to `protected`, and so into its next turn. */
  mayPortalFinishTurn: boolean;
}

class Model {
  readonly items: ModelItem[] = [newItem(0), newItem(1)];
  declared: { stage: Stage; through: boolean; startFrom: string | undefined } = {
    stage: "protected",
    through: false,
    startFrom: undefined,
  };
  state: State | undefined;
  /** Turns of the items when the open walk, or the walk of a killed create, began. */
  turnsAtStart = new Map<string, number>();
  /** A create that was killed: its mark on the job tells the next create. */
  ownMark: { startFrom: string | undefined; stage: Stage; from: Stage } | undefined;
  usedStartFrom = new Set<string>();
  clock = Date.parse("2024-05-01T00:00:00Z");

  constructor(private readonly options: ModelOptions) {}

  run(command: Command): void {
    if (command.kind === "declare")
      this.declared = { ...this.declared, stage: command.stage, through: command.through };
    else if (command.kind === "allowStart") this.declared = { ...this.declared, startFrom: this.line() };
    else if (command.kind === "portal") this.portal(command.item);
    else if (command.kind === "portalFinishesTurn") this.finishTurn();
    else if (command.kind === "addItem") this.items.push(newItem(this.items.length));
    else if (command.kind === "loseState") this.state = undefined;
    else this.up(command.end, command.steps);
  }

  private line(): string | undefined {
    const [first] = this.items;
    if (!first || this.items.some((item) => item.stage !== first.stage)) return undefined;
    const times = this.items.flatMap((item) => item.lastFailoverTime ?? []).sort();
    return `${first.stage}@${times.at(-1) ?? "never"}`;
  }

  private portal(index: number): void {
    const item = this.items[index % this.items.length];
    if (!item) return;
    if (item.stage === "failbackCommitted" && !this.options.mayPortalFinishTurn) return;
    this.advance(item);
  }

  private finishTurn(): void {
    if (!this.options.mayPortalFinishTurn) return;
    for (const item of this.items) {
      do this.advance(item);
      while (item.stage !== "protected");
    }
  }

  /** One edge along Azure's ring, as a person in the portal or a step of ours takes it. */
  private advance(item: ModelItem): void {
    item.stage = stages[(stages.indexOf(item.stage) + 1) % stages.length] ?? "protected";
    this.clock += 60_000;
    if (item.stage === "failedOver" || item.stage === "failedBack")
      item.lastFailoverTime = new Date(this.clock).toISOString();
    if (item.stage === "protected") item.turn += 1;
  }

  private decide(): Decision {
    const declaration = {
      scenario: "vmware" as const,
      stage: this.declared.stage,
      through: this.declared.through,
      startFrom: this.declared.startFrom,
      lastAppliedStage: this.state?.lastAppliedStage,
      walk: this.state?.walk,
      managedItems: this.state?.items,
      items: this.items.map(({ id, name, stage, lastFailoverTime }) => ({ id, name, stage, lastFailoverTime })),
    };
    const decision = authorise(declaration);
    const isOwn =
      this.state === undefined &&
      this.ownMark !== undefined &&
      this.ownMark.stage === this.declared.stage &&
      this.ownMark.startFrom === this.declared.startFrom;
    if (decision.kind !== "refused" || !isOwn || !this.ownMark) return decision;
    return authorise({
      ...declaration,
      ownUnfinishedWalk: {
        from: this.ownMark.from,
        since: String(this.ownMark.startFrom).split("@")[1] ?? "never",
      },
    });
  }

  private up(end: "well" | "fails" | "killed", steps: number): void {
    const decision = this.decide();
    this.checkDecision(decision);
    if (decision.kind === "refused") return;
    if (decision.kind === "walk") {
      this.walk(decision, end, steps);
      return;
    }
    if (end === "killed") return;
    if (decision.kind === "drift") {
      this.state = { lastAppliedStage: this.declared.stage, walk: undefined, items: decision.items };
      return;
    }
    this.state = { lastAppliedStage: this.declared.stage, walk: undefined, items: decision.items };
  }

  private walk(
    decision: Extract<Decision, { kind: "walk" }>,
    end: "well" | "fails" | "killed",
    steps: number,
  ): void {
    const movers = this.items.filter((item) => decision.walk.items.includes(item.id));
    const isResumed = this.state?.walk?.to === decision.walk.to;
    if (!isResumed) this.turnsAtStart = new Map(movers.map((item) => [item.id, item.turn]));
    if (this.state === undefined) {
      this.ownMark = { startFrom: this.declared.startFrom, stage: this.declared.stage, from: decision.walk.from };
    }
    const isCreate = this.state === undefined;
    const taken = end === "well" ? decision.steps : decision.steps.slice(0, steps % (decision.steps.length + 1));
    for (const step of taken)
      for (const item of movers.filter((mover) => mover.stage === step.from)) {
        this.advance(item);
        if (isCreate && this.declared.startFrom) this.usedStartFrom.add(this.declared.startFrom);
      }
    if (end === "killed") return;
    this.state =
      end === "well"
        ? { lastAppliedStage: decision.walk.to, walk: undefined, items: decision.walk.items }
        : {
            lastAppliedStage: this.state?.lastAppliedStage ?? decision.walk.from,
            walk: decision.walk,
            items: this.state?.items ?? decision.walk.items,
          };
  }

  private checkDecision(decision: Decision): void {
    const { stage, startFrom } = this.declared;
    if (decision.kind === "drift") {
      const elsewhere = this.items.filter((item) => decision.items.includes(item.id) && item.stage !== stage);
      expect(elsewhere.length).to.be.greaterThan(0);
      for (const item of elsewhere)
        expect(decision.lines.join("\n")).to.match(
          new RegExp(`\\b${item.name}(, \\w+)* (is|are) observed at ${item.stage}\\b`),
        );
      return;
    }
    if (decision.kind === "refused") {
      expect(decision.lines.join("\n").length).to.be.greaterThan(20);
      return;
    }
    if (decision.kind === "nothing") return;
    const moved = this.items.filter(
      (item) => decision.walk.items.includes(item.id) && decision.steps.some((step) => step.from === item.stage),
    );
    if (this.state !== undefined) {
      expect(this.state.lastAppliedStage, "a walk without a changed word").to.not.equal(stage);
    } else {
      const isOwn = this.ownMark?.startFrom === startFrom && this.ownMark?.stage === stage;
      if (!isOwn) {
        expect(startFrom, "a create that starts without the right startFrom").to.equal(this.line());
        expect(this.usedStartFrom.has(startFrom ?? ""), `${startFrom} acted twice`).to.equal(false);
      }
    }
    const walk = this.state?.walk;
    const isResumed = walk !== undefined && walk.to === stage;
    const isOwnCreate =
      this.state === undefined && this.ownMark?.startFrom === startFrom && this.ownMark?.stage === stage;
    if (isResumed) for (const item of moved) expect(walk.items, "only recorded items move").to.include(item.id);
    if (!isResumed && this.state && this.state.lastAppliedStage !== "protected")
      for (const item of moved) expect(this.state.items, "only managed items move").to.include(item.id);
    if (isResumed || isOwnCreate) {
      // A machine further on the way may have got there in a later turn, and no time in Azure's answer tells; one that is
      // back where the walk began must not begin it again.
      for (const item of moved.filter((mover) => mover.stage === decision.walk.from))
        expect(item.turn, `${item.name} begins an open walk again in a later turn`).to.equal(
          this.turnsAtStart.get(item.id) ?? item.turn,
        );
    }
    expect(
      decision.steps.slice(1).map((step) => step.from),
      "a walk past protected",
    ).to.not.include("protected");
  }
}

function newItem(index: number): ModelItem {
  return {
    id: `/items/app0${index}`,
    name: `app0${index}`,
    stage: "protected",
    lastFailoverTime: undefined,
    turn: 0,
  };
}

const up = fc.record({
  kind: fc.constant("up" as const),
  end: fc.constantFrom("well" as const, "fails" as const, "killed" as const),
  steps: fc.nat({ max: 2 }),
});

export const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: up },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("declare" as const),
        stage: fc.constantFrom<Stage>("protected", "failedOver", "committed"),
        through: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.constant<Command>({ kind: "allowStart" }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("portal" as const), item: fc.nat({ max: 2 }) }) },
    { weight: 1, arbitrary: fc.constant<Command>({ kind: "portalFinishesTurn" }) },
    { weight: 1, arbitrary: fc.constant<Command>({ kind: "addItem" }) },
    { weight: 1, arbitrary: fc.constant<Command>({ kind: "loseState" }) },
  ),
  { minLength: 3, maxLength: 25 },
);

/** Runs the commands against a new model; throws where an answer breaks a promise. */
export function play(all: readonly Command[], options: ModelOptions): Model {
  const model = new Model(options);
  for (const command of all) model.run(command);
  return model;
}
