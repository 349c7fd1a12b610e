import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { checkCases } from "../../../../provider/connectivity/cases.js";

const ask = (file: string) => checkCases(JSON.parse(readFileSync(join(__dirname, file), "utf8")));
const results = ask("workedExamples.json");

describe("worked examples from Microsoft's documents", () => {
  it("covers E1 to E12", () => {
    const numbers = new Set(results.map(({ id }) => id.replace(/-.*/, "")));
    expect([...numbers]).to.include.members(Array.from({ length: 12 }, (_, i) => `E${i + 1}`));
  });

  for (const { id, title, differences } of results) {
    it(`${id}: ${title}`, () => {
      expect(differences).to.deep.equal([]);
    });
  }
});

describe("odd but allowed questions, answered by hand from Microsoft's documents", () => {
  for (const { id, title, differences } of ask("oddCases.json")) {
    it(`${id}: ${title}`, () => {
      expect(differences).to.deep.equal([]);
    });
  }
});

describe("what planner and emulator once answered differently", () => {
  for (const { id, title, differences } of ask("disagreements.json")) {
    it(`${id}: ${title}`, () => {
      expect(differences).to.deep.equal([]);
    });
  }
});
