import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { preloadArguments } from "../../../../rehearsal/engine/project/preloads.js";

const script = `
const pulumi = require("@pulumi/pulumi");
const loaded = (name) => Object.keys(require.cache).some((path) => path.includes(name));
const seen = { before: [loaded("/typescript/lib/typescript.js"), loaded("/@npmcli/arborist/")] };
const captured = { answer: 42 };
pulumi.runtime.serializeFunction(() => captured.answer).then(({ text }) => {
  seen.after = loaded("/typescript/lib/typescript.js");
  seen.text = text;
  const names = Object.keys(require("@pulumi/pulumi/typescript-shim"));
  seen.same = names.length === Object.keys(require("typescript")).length && names.includes("createSourceFile");
  process.stdout.write(JSON.stringify(seen));
});`;

describe("lazySdkModules", () => {
  it("loads the compiler and npm's solver only for a program that serialises a function, which works as ever", () => {
    const args = [...preloadArguments("lazySdkModules"), "-e", script];
    const seen = JSON.parse(execFileSync(process.execPath, args, { cwd: __dirname, encoding: "utf8" })) as {
      before: boolean[];
      after: boolean;
      text: string;
      same: boolean;
    };
    expect(seen.before).to.deep.equal([false, false]);
    expect(seen.after).to.equal(true);
    expect(seen.text).to.contain("captured").and.to.contain("42");
    expect(seen.same).to.equal(true);
  });
});
