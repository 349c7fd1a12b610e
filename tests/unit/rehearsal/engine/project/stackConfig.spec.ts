import { expect } from "chai";
import type { Project } from "../../../../../rehearsal/engine/project/project.js";
import {
  configAsInputs,
  resolveConfig,
  type StackSettings,
} from "../../../../../rehearsal/engine/project/stackConfig.js";
import { makeSecret } from "../../../../../rehearsal/engine/propertyValues.js";
import { PassphraseCrypter } from "../../../../../rehearsal/engine/state/secrets.js";

function project(config: Record<string, unknown>): Project {
  return {
    name: "p",
    directory: ".",
    programDirectory: ".",
    entryPoint: ".",
    typescript: false,
    nodeArguments: [],
    config,
    stackConfigDirectory: ".",
  };
}

function settings(config: Record<string, unknown>, encryptionSalt?: string): StackSettings {
  return { path: "Pulumi.dev.yaml", config, encryptionSalt };
}

describe("resolveConfig", () => {
  it("lays the stack's values over the project's defaults, and the command's over both", async () => {
    const config = await resolveConfig(
      project({ a: "1", b: { default: 2, type: "integer" }, "x:c": { value: true } }),
      settings({ "p:b": 3, "y:config:d": { e: [1] } }),
      ["a=4=5"],
      () => "",
    );
    expect(Object.fromEntries([...config].map(([key, { value }]) => [key, value]))).to.deep.equal({
      "p:a": "4=5",
      "p:b": "3",
      "x:c": "true",
      "y:d": '{"e":[1]}',
    });
  });

  it("opens encrypted values, also inside an object, and marks them", async () => {
    const crypter = await PassphraseCrypter.create("w");
    const config = await resolveConfig(
      project({}),
      settings(
        { "p:s": { secure: crypter.encrypt("plain") }, "p:o": { list: [{ secure: crypter.encrypt("in") }] } },
        crypter.salt,
      ),
      [],
      () => "w",
    );
    expect(configAsInputs(config)).to.deep.equal({
      "p:s": makeSecret("plain"),
      "p:o": makeSecret('{"list":["in"]}'),
    });
  });

  it("reports all that is wrong at once", async () => {
    const message = await resolveConfig(
      project({ needed: { type: "string" } }),
      settings({ "a:b:c:d": 1, "p:s": { secure: "v1:x" } }),
      ["novalue"],
      () => "",
    ).then(
      () => "",
      (error: Error) => error.message,
    );
    for (const part of [
      "configuration value 'p:needed'",
      'key "a:b:c:d"',
      "the file has no encryptionsalt",
      '--config is "novalue"',
    ]) {
      expect(message).to.contain(part);
    }
  });
});
