import { expect } from "chai";
import fc from "fast-check";
import { inDependencyOrder } from "../../../../../rehearsal/engine/state/dependencyOrder.js";
import { neededUrns, type ResourceState } from "../../../../../rehearsal/engine/state/resourceState.js";

function state(urn: string, dependencies: string[] = [], fields: Partial<ResourceState> = {}): ResourceState {
  return { urn, type: "t", custom: true, id: urn, dependencies, ...fields };
}

describe("inDependencyOrder", () => {
  it("puts everything after what it needs, whatever order it comes in, and loses and doubles nothing", () => {
    const graph = fc
      .array(fc.array(fc.nat({ max: 20 }), { maxLength: 3 }), { minLength: 1, maxLength: 20 })
      .map((needs) =>
        needs.map((indices, i) =>
          state(
            `r${i}`,
            [...new Set(indices.map((n) => n % (i + 1)).filter((n) => n < i))].map((n) => `r${n}`),
          ),
        ),
      );
    fc.assert(
      fc.property(
        graph.chain((states) => fc.shuffledSubarray(states, { minLength: states.length })),
        (states) => {
          const ordered = inDependencyOrder(states);
          expect([...ordered].sort()).to.have.members([...states]);
          const seen = new Set<string>();
          for (const each of ordered) {
            expect([...neededUrns(each)].every((urn) => seen.has(urn))).to.equal(true);
            seen.add(each.urn);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it("leaves alone what is in order", () => {
    const states = [state("b"), state("a", ["b"]), state("c"), state("d", ["a", "c"], { parent: "b" })];
    expect(inDependencyOrder(states)).to.deep.equal(states);
  });

  it("keeps both halves of a replacement where they are, and what refers to nothing", () => {
    const states = [state("a"), state("b", ["a"]), state("a", [], { delete: true }), state("c", ["gone"])];
    expect(inDependencyOrder(states)).to.deep.equal(states);
  });
});
