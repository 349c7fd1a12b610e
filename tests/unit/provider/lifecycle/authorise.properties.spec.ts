import { expect } from "chai";
import fc from "fast-check";
import { authorise } from "../../../../provider/lifecycle/authorise.js";
import { stages } from "../../../../provider/lifecycle/stages.js";
import { commands, play } from "./authoriseModel.js";

describe("authorise, over random histories", () => {
  it("starts nothing but for a changed word or a right startFrom, moves only recorded items, and names all drift", () => {
    fc.assert(
      fc.property(commands, (all) => {
        play(all, { mayPortalFinishTurn: false });
      }),
      { numRuns: 3000 },
    );
  });

  it("starts nothing however often an unchanged program runs after an up that ended well", () => {
    fc.assert(
      fc.property(commands, fc.array(fc.nat({ max: 2 }), { maxLength: 12 }), (all, moves) => {
        const model = play(all, { mayPortalFinishTurn: false });
        if (model.state === undefined || model.state.walk || model.state.lastAppliedStage !== model.declared.stage)
          return;
        for (const item of moves) {
          model.run({ kind: "portal", item });
          const before = model.items.map((entry) => entry.stage);
          model.run({ kind: "up", end: "well", steps: 0 });
          expect(model.items.map((entry) => entry.stage)).to.deep.equal(before);
        }
      }),
      { numRuns: 1500 },
    );
  }).timeout(120_000);

  it("never starts on a create without startFrom, wherever the machines are", () => {
    const item = fc.record({
      stage: fc.constantFrom(...stages),
      lastFailoverTime: fc.option(fc.constant("2024-05-01T00:00:00Z"), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...stages),
        fc.boolean(),
        (found, stage, through) => {
          const items = found.map((entry, index) => ({ ...entry, id: `/items/${index}`, name: `app${index}` }));
          const decision = authorise({ scenario: "vmware", stage, through, items });
          expect(decision.kind).to.equal(found.every((entry) => entry.stage === stage) ? "nothing" : "refused");
        },
      ),
    );
  });
});
