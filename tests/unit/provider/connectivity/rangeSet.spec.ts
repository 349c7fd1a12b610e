import { expect } from "chai";
import fc from "fast-check";
import {
  contains,
  covers,
  firstOf,
  intersect,
  intersects,
  type RangeSet,
  sizeOf,
  subtract,
  unionOf,
} from "../../../../provider/connectivity/rangeSet.js";

const limit = 40;

const setArb: fc.Arbitrary<RangeSet> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: limit }), fc.integer({ min: 0, max: 6 })), { maxLength: 6 })
  .map((ranges) =>
    unionOf(...ranges.map(([first, length]): RangeSet => [first, Math.min(first + length, limit)])),
  );

function members(set: RangeSet): number[] {
  return Array.from({ length: limit + 1 }, (_, value) => value).filter((value) => contains(set, value));
}

describe("range sets", () => {
  it("agree with plain sets of numbers", () => {
    fc.assert(
      fc.property(setArb, setArb, (a, b) => {
        const inA = new Set(members(a));
        const inB = new Set(members(b));
        const both = [...inA].filter((value) => inB.has(value));
        const left = [...inA].filter((value) => !inB.has(value));
        expect(members(intersect(a, b))).to.deep.equal(both);
        expect(members(subtract(a, b))).to.deep.equal(left);
        expect(members(unionOf(a, b))).to.deep.equal([...new Set([...inA, ...inB])].sort((x, y) => x - y));
        expect(intersects(a, b)).to.equal(both.length > 0);
        expect(covers(a, b)).to.equal(both.length === inB.size);
        expect(sizeOf(a)).to.equal(inA.size);
        expect(firstOf(a)).to.equal([...inA][0]);
      }),
    );
  });

  it("stay sorted, disjoint and merged", () => {
    fc.assert(
      fc.property(setArb, setArb, (a, b) => {
        for (const set of [a, unionOf(a, b), intersect(a, b), subtract(a, b)]) {
          expect(set.length % 2).to.equal(0);
          for (let i = 1; i < set.length; i++) {
            const gap = (set[i] ?? 0) - (set[i - 1] ?? 0);
            expect(gap).to.be.at.least(i % 2 === 0 ? 1 : 0);
          }
        }
        const union = unionOf(a, b);
        for (let i = 2; i < union.length; i += 2)
          expect((union[i] ?? 0) - (union[i - 1] ?? 0)).to.be.greaterThan(1);
      }),
    );
  });
});
