/** Histories of random commands, and habits of people among them, so that they get somewhere. */

import fc from "fast-check";
import type { Command } from "./history.js";

export const edit = (further: number): Command => ({ kind: "edit", further, through: false });
export const up: Extract<Command, { kind: "up" }> = { kind: "up", options: {} };
export const byHand = (steps: number, item = 0) =>
  Array.from({ length: steps }, (): Command => ({ kind: "portal", does: "next", item }));

const { constant, constantFrom, boolean, integer } = fc;
const just = <T extends Command>(command: T) => constant<Command>(command);
const of = <T extends Command["kind"]>(kind: T) => constant(kind);

const kill = fc.record({ call: integer({ min: 1, max: 25 }), isAfter: boolean() });
const options = fc.oneof(
  { weight: 8, arbitrary: constant({}) },
  { weight: 2, arbitrary: constant({ refresh: true }) },
  { weight: 1, arbitrary: constantFrom({ replace: ["shop"] }, { replace: ["store"] }, { replace: ["drill"] }) },
  { weight: 1, arbitrary: constantFrom({ targets: ["shop"] }, { targets: ["drill"] }) },
);

/** One thing that happens, and how often against the others. */
const events: [number, fc.Arbitrary<Command>][] = [
  [6, fc.record({ kind: of("up"), options })],
  [4, fc.record({ kind: of("up"), options, kill })],
  [3, fc.record({ kind: of("edit"), further: integer({ min: 1, max: 5 }), through: boolean() })],
  [
    3,
    fc.record({
      kind: of("editPoint"),
      point: constantFrom("latest" as const, "latestProcessed" as const, "latestApplicationConsistent" as const),
    }),
  ],
  [
    1,
    fc.record({
      kind: of("editOther"),
      shutdownSource: boolean(),
      timeoutMinutes: integer({ min: 200, max: 300 }),
      isPlanned: boolean(),
    }),
  ],
  [2, just({ kind: "editPerItem" })],
  [1, just({ kind: "retarget" })],
  [3, fc.record({ kind: of("revert"), back: integer({ min: 0, max: 4 }) })],
  [2, fc.record({ kind: of("rename"), hasAlias: boolean() })],
  [2, fc.record({ kind: of("startFrom"), isRight: boolean() })],
  [1, just({ kind: "complete" })],
  [
    1,
    fc.record({
      kind: of("drill"),
      is: constantFrom("declared" as const, "changed" as const, "removed" as const),
    }),
  ],
  [1, just({ kind: "removeFailover" })],
  [1, just({ kind: "preview" })],
  [1, just({ kind: "refresh" })],
  [1, just({ kind: "loseState" })],
  [1, just({ kind: "saveState" })],
  [2, just({ kind: "restoreState" })],
  [
    4,
    fc.record({
      kind: of("portal"),
      does: fc.oneof(
        { weight: 6, arbitrary: constant("next" as const) },
        { weight: 5, arbitrary: constantFrom("back", "point", "drill", "members") },
      ),
      item: fc.nat(1),
    }),
  ],
];
const event = fc.oneof(...events.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** What people mostly do, one thing after another. */
const habit = fc.oneof(
  { weight: 6, arbitrary: constant<Command[]>([edit(1), up]) },
  { weight: 2, arbitrary: kill.map((when): Command[] => [edit(1), { ...up, kill: when }, up]) },
  { weight: 1, arbitrary: constant<Command[]>([edit(1), { ...up, failsTask: true }, up]) },
  { weight: 2, arbitrary: constant<Command[]>([{ kind: "complete" }, up]) },
  { weight: 3, arbitrary: constant<Command[]>([{ kind: "accept" }, up]) },
  {
    weight: 1,
    arbitrary: constant<Command[]>([{ kind: "loseState" }, edit(1), { kind: "startFrom", isRight: true }, up]),
  },
  {
    weight: 1,
    arbitrary: constant<Command[]>([{ kind: "drill", is: "declared" }, up, { kind: "drill", is: "removed" }, up]),
  },
  // An old export comes back after people have been once round by hand.
  {
    weight: 1,
    arbitrary: integer({ min: 3, max: 5 }).map((steps): Command[] => [
      { kind: "saveState" },
      edit(1),
      up,
      ...byHand(steps),
      { kind: "restoreState" },
      up,
    ]),
  },
  // An `up` fails or dies on the way, and people bring the machine on by hand.
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.oneof(
          constant({ failsTask: true }),
          kill.map((when) => ({ kill: when })),
        ),
        integer({ min: 1, max: 6 }),
      )
      .map(([ends, steps]): Command[] => [edit(1), { ...up, ...ends }, ...byHand(steps), up]),
  },
  { weight: 9, arbitrary: event.map((each) => [each]) },
);

/** @param most Habits in a history; each is one command or a few. */
export function histories(most: number): fc.Arbitrary<Command[]> {
  return fc.array(habit, { minLength: 12, maxLength: most, size: "max" }).map((all) => all.flat());
}
