import { expect } from "chai";
import { readCases, readRecorded } from "./cases.js";
import { runOnEngine } from "./onEngine.js";
import { absenceOfPulumi, runOnPulumi } from "./onPulumi.js";

const isFull = process.env.SITERECOVERY_FULL_TESTS !== undefined;

describe("the embedded engine, held to recorded runs of the Pulumi CLI", function () {
  this.timeout(120_000);
  for (const of of readCases()) {
    it(`${of.what} (${of.name})`, async function () {
      if (of.isLong && !isFull) {
        console.log(`    skipped: ${of.name} takes long; npm run test:full runs it`);
        this.skip();
      }
      const recorded = readRecorded(of);
      const observed = await runOnEngine(of);
      of.steps.forEach((step, i) => {
        expect(observed[i], `step ${i + 1}, ${step.do}`).to.deep.equal(recorded[i]);
      });
    });
  }
});

describe("recorded runs of the Pulumi CLI, held to the one on the PATH", function () {
  this.timeout(300_000);
  for (const of of readCases()) {
    it(`still does what was recorded of ${of.name}`, function () {
      const absence = absenceOfPulumi();
      if (absence !== undefined) {
        console.log(`    skipped: ${absence}`);
        this.skip();
      }
      const recorded = readRecorded(of);
      const observed = runOnPulumi(of);
      of.steps.forEach((step, i) => {
        expect(observed[i], `step ${i + 1}, ${step.do}`).to.deep.equal(recorded[i]);
      });
    });
  }
});
