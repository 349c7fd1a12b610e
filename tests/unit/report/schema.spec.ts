import { readFileSync } from "node:fs";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import { makeRun } from "./runs.js";

const file = path.resolve(__dirname, "../../../docs/evidence.schema.json");

describe("docs/evidence.schema.json", () => {
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(file, "utf8")));
  // As it is read: a line of JSON knows no undefined.
  const line = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

  it("accepts runs as they are written", () => {
    const run = makeRun({ machines: 12, recoveryTimeGoalSeconds: 900 });
    expect(validate(line(run)), JSON.stringify(validate.errors)).to.equal(true);
    const unasked = {
      ...run,
      machines: run.machines.map((machine) => ({
        ...machine,
        access: machine.access.map((access) => ({ ...access, reachable: null })),
      })),
    };
    expect(validate(line(unasked)), JSON.stringify(validate.errors)).to.equal(true);
  });

  it("refuses what is none: another version, a missing answer, a time that is a text", () => {
    const run = makeRun({ machines: 1 });
    for (const wrong of [
      { ...run, schemaVersion: 2 },
      { ...run, machines: undefined },
      { ...run, seconds: "12" },
      {
        ...run,
        machines: run.machines.map((machine) => ({
          ...machine,
          access: [{ ...machine.access[0], reachable: undefined }],
        })),
      },
    ])
      expect(validate(line(wrong))).to.equal(false);
  });
});
