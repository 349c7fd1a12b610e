import { expect } from "chai";
import { parsePropertyPath, resetIgnoredChanges } from "../../../../../rehearsal/engine/steps/propertyPath.js";

describe("parsePropertyPath", () => {
  it("reads names, quoted names, indexes and wildcards", () => {
    expect(parsePropertyPath("root")).to.deep.equal(["root"]);
    expect(parsePropertyPath('root.nested["with.dot"][0].x[*]')).to.deep.equal([
      "root",
      "nested",
      "with.dot",
      0,
      "x",
      "*",
    ]);
    expect(parsePropertyPath('["a\\"b"]')).to.deep.equal(['a"b']);
  });

  it("answers nothing for what is no path", () => {
    for (const text of ["", "a[", "a]b", "a[x]"]) {
      expect(parsePropertyPath(text), text).to.equal(undefined);
    }
  });
});

describe("resetIgnoredChanges", () => {
  const reset = (inputs: object, old: object, ...paths: string[]) =>
    resetIgnoredChanges(inputs as never, old as never, paths);

  it("puts values back to what they were, and takes out what was not there", () => {
    expect(reset({ a: 2, b: { c: 2, d: 2 } }, { a: 1, b: { c: 1, d: 1 } }, "a", "b.c").inputs).to.deep.equal({
      a: 1,
      b: { c: 1, d: 2 },
    });
    expect(reset({ a: 2 }, {}, "a").inputs).to.deep.equal({});
    expect(reset({}, { a: 1 }, "a").inputs).to.deep.equal({ a: 1 });
  });

  it("goes through arrays and wildcards", () => {
    expect(
      reset(
        {
          l: [
            { x: 2, y: 2 },
            { x: 2, y: 2 },
          ],
        },
        {
          l: [
            { x: 1, y: 1 },
            { x: 1, y: 1 },
          ],
        },
        "l[*].x",
      ).inputs,
    ).to.deep.equal({
      l: [
        { x: 1, y: 2 },
        { x: 1, y: 2 },
      ],
    });
    expect(reset({ l: ["b"] }, { l: ["a"] }, "l[0]").inputs).to.deep.equal({ l: ["a"] });
  });

  it("names paths that lead through something added or removed, and leaves the inputs as they are", () => {
    const inputs = { l: ["a", "b"] };
    const result = reset(inputs, { l: ["a"] }, "l[1]", "missing");
    expect(result).to.deep.equal({ inputs: { l: ["a", "b"] }, invalidPaths: ["l[1]"] });
    expect(inputs).to.deep.equal({ l: ["a", "b"] });
  });

  it("puts back as many items as there are under a wildcard, and names it where one side has more", () => {
    const result = reset({ l: ["x", "y", "z"] }, { l: ["a", "b"] }, "l[*]");
    expect(result).to.deep.equal({ inputs: { l: ["a", "b", "z"] }, invalidPaths: ["l[*]"] });
    expect(reset({ m: { a: 2, c: 2 } }, { m: { a: 1, b: 1 } }, "m.*")).to.deep.equal({
      inputs: { m: { a: 1, b: 1 } },
      invalidPaths: [],
    });
  });

  it("names a path that goes on below an item that neither has, and none that ends there", () => {
    expect(reset({ l: ["x"] }, { l: ["a"] }, "l[7].name", "l[7]").invalidPaths).to.deep.equal(["l[7].name"]);
  });

  it("goes through secrets, and keeps secret what was", () => {
    const secret = (value: unknown) => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value,
    });
    expect(reset({ a: { b: 2, c: 2 } }, { a: secret({ b: 1 }) }, "a.b").inputs).to.deep.equal({
      a: { b: secret(1), c: 2 },
    });
    expect(reset({ a: secret({ b: 2 }) }, { a: secret({ b: 1 }) }, "a.b").inputs).to.deep.equal({
      a: secret({ b: 1 }),
    });
  });
});
