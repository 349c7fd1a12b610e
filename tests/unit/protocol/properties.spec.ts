import { expect } from "chai";
import fc from "fast-check";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { readProperties, writeProperties } from "../../../protocol/properties.js";

type Json = Parameters<typeof struct.Struct.fromJavaScript>[0];
const theirs = (json: Json) => Buffer.from(struct.Struct.fromJavaScript(json).serializeBinary());
const theirReading = (bytes: Buffer) => struct.Struct.deserializeBinary(bytes).toJavaScript();

/** JSON as Google's library takes it: no key that it would take for a prototype, no number that has two zeros. */
const properties = fc
  .dictionary(
    fc.string({ unit: "binary" }).filter((key) => key !== "__proto__"),
    fc.jsonValue({ maxDepth: 4 }),
  )
  .map((json) => JSON.parse(JSON.stringify(json).replaceAll('"__proto__"', '"proto"')) as Json);

describe("properties in bytes", () => {
  it("are read as Google's own library wrote them, and it reads what is written here", () => {
    fc.assert(
      fc.property(properties, (json) => {
        expect(readProperties(theirs(json))).to.deep.equal(json);
        expect(theirReading(writeProperties(json))).to.deep.equal(json);
      }),
      { numRuns: 60 },
    );
  });

  it("hold texts of any length and script, and more than the writer's first place", () => {
    const json = {
      short: "ä€😀",
      long: "ä€😀x".repeat(40_000),
      list: Array.from({ length: 1000 }, (_, i) => i / 3),
    };
    expect(readProperties(theirs(json))).to.deep.equal(json);
    expect(theirReading(writeProperties(json))).to.deep.equal(json);
    expect(readProperties(writeProperties({}))).to.deep.equal({});
  });

  it("keep a property that is called as a prototype is", () => {
    const json = JSON.parse('{"__proto__": {"a": 1}, "b": 2}') as object;
    const read = readProperties(writeProperties(json));
    expect(Object.keys(read)).to.deep.equal(["__proto__", "b"]);
    expect(Object.getPrototypeOf(read)).to.equal(Object.prototype);
  });

  it("hold what JSON holds of a value, and nothing else", () => {
    const values = {
      gone: undefined,
      run: () => 1,
      list: [undefined, Number.NaN, () => 1],
      at: new Date(0),
      no: null,
    };
    expect(theirReading(writeProperties(values))).to.deep.equal(JSON.parse(JSON.stringify(values)));
  });

  it("are the same bytes in whatever order they are given", () => {
    const bytes = writeProperties({ a: { c: 1, d: 2 }, b: [] });
    expect(writeProperties({ b: [], a: { d: 2, c: 1 } })).to.deep.equal(bytes);
    expect(Object.keys(readProperties(bytes))).to.deep.equal(["a", "b"]);
  });

  it("are written again after a value that could not be", () => {
    const bad = {
      toJSON: () => {
        throw new Error("not now");
      },
    };
    expect(() => writeProperties({ a: 1, bad })).to.throw("not now");
    expect(theirReading(writeProperties({ a: 1 }))).to.deep.equal({ a: 1 });
  });
});
