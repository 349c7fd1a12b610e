import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { checkCases } from "../../../../provider/connectivity/cases.js";

const results = checkCases(JSON.parse(readFileSync(join(__dirname, "workedExamples.json"), "utf8")));

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
