import { expect } from "chai";
import fc from "fast-check";
import { UrnSelection } from "../../../../../rehearsal/engine/steps/urnSelection.js";

const urn = "urn:pulumi:dev::shop::site:index:Group$site:index:Item::web (1)";

describe("UrnSelection", () => {
  it("names URNs in full, character by character", () => {
    const selection = new UrnSelection([urn]);
    expect(selection.has(urn)).to.equal(true);
    expect(selection.has(urn.replace("$", "x"))).to.equal(false);
    expect(selection.has(`${urn}2`)).to.equal(false);
    expect(selection.literals).to.deep.equal([urn]);
  });

  it("lets * stand for anything but a colon, and ** for anything", () => {
    for (const [pattern, isNamed] of [
      ["**::web (1)", true],
      ["**::web*", true],
      ["urn:pulumi:dev::*::**::web (1)", true],
      ["urn:pulumi:dev::shop::*::web (1)", false],
      ["**$site:index:*::*", true],
      ["*::web (1)", false],
      ["**::eb (1)", false],
      ["**", true],
    ] as const) {
      expect(new UrnSelection([pattern]).has(urn), pattern).to.equal(isNamed);
      expect(new UrnSelection([pattern]).literals).to.deep.equal([]);
    }
  });

  it("takes every other character of a pattern for itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (before, after) => {
        fc.pre(!`${before}${after}`.includes("*"));
        const selection = new UrnSelection([`${before}**${after}`]);
        expect(selection.has(`${before}x:y${after}`)).to.equal(true);
        expect(selection.has(`-${before}${after}`)).to.equal(before === "" || `-${before}`.startsWith(before));
      }),
      { numRuns: 50 },
    );
  });

  it("restricts nothing where it names nothing", () => {
    expect(new UrnSelection([]).isRestricted).to.equal(false);
    expect(new UrnSelection([]).has(urn)).to.equal(false);
    expect(new UrnSelection(["**"]).isRestricted).to.equal(true);
  });

  it("grows in a copy and stays as it was", () => {
    const selection = new UrnSelection(["a"]);
    const copy = selection.copy();
    copy.add("b");
    expect([copy.has("a"), copy.has("b"), selection.has("b")]).to.deep.equal([true, true, false]);
  });
});
