import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { answerCase, casesFile, comparable } from "./cases.js";

const { cases } = casesFile.parse(JSON.parse(readFileSync(join(__dirname, "workedExamples.json"), "utf8")));

describe("worked examples from Microsoft's documents", () => {
  it("covers E1 to E12", () => {
    const numbers = new Set(cases.map(({ id }) => id.replace(/-.*/, "")));
    expect([...numbers]).to.deep.equal(Array.from({ length: 12 }, (_, i) => `E${i + 1}`));
  });

  for (const given of cases) {
    it(`${given.id}: ${given.title}`, () => {
      const answer = answerCase(given);
      expect(comparable(answer, given.expected)).to.deep.equal(comparable(given.expected, given.expected));
    });
  }
});
