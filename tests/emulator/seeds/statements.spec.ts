import { expect } from "chai";
import { Evidence } from "./evidence.js";
import { proofs } from "./proofs.js";
import type { Proof } from "./settingsProofs.js";
import { documents } from "./statements.js";

describe("what Microsoft's documents say", function () {
  this.timeout(240_000);
  let evidence: Evidence;

  before(async () => {
    evidence = await Evidence.start();
  });
  after(async () => evidence.stop());

  for (const { title, statements } of documents) {
    describe(title, () => {
      for (const [words, proof] of statements) {
        it(words, async () => {
          const prove: Proof = proofs[proof];
          await prove(evidence);
        });
      }
    });
  }

  it("has no proof that stands for no statement", () => {
    const used = new Set(documents.flatMap(({ statements }) => statements.map(([, proof]) => proof)));
    expect(Object.keys(proofs)).to.have.members([...used]);
  });
});
