/** Runs cases on the Pulumi CLI and keeps what it did: all, or those whose names are given. */
import { readCases, writeRecorded } from "./cases.js";
import { absenceOfPulumi, runOnPulumi } from "./onPulumi.js";

const absence = absenceOfPulumi();
if (absence !== undefined) {
  throw new Error(absence);
}
const names = process.argv.slice(2);
const cases = readCases();
const unknown = names.filter((name) => !cases.some((of) => of.name === name));
if (unknown.length > 0) {
  throw new Error(`no such case: ${unknown.join(", ")}. There are ${cases.map(({ name }) => name).join(", ")}`);
}
for (const of of cases.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const observations = runOnPulumi(of);
  writeRecorded(of, observations);
  console.log(`${of.name}: ${observations.map(({ result }, i) => `${of.steps[i]?.do} ${result}`).join(", ")}`);
}
