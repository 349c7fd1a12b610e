import { expect } from "chai";
import {
  annotateSecrets,
  containsSecrets,
  containsUnknowns,
  deepEqual,
  flattenReferences,
  fromProgram,
  makeSecret,
  type PropertyValue,
  signatureKey,
  type UnsupportedValue,
  unknownValue,
  unwrapSecrets,
} from "../../../../rehearsal/engine/propertyValues.js";

const reference = (fields: Record<string, PropertyValue>) => ({
  [signatureKey]: "5cf8f73096256a8f31e491e813e4eb8e",
  ...fields,
});
const output = (fields: Record<string, PropertyValue>) => ({
  [signatureKey]: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
  ...fields,
});

describe("property values", () => {
  it("finds secrets and unknown values at any depth", () => {
    expect(containsSecrets({ a: [{ b: makeSecret("x") }] })).to.equal(true);
    expect(containsSecrets({ a: [{ b: "x" }] })).to.equal(false);
    expect(containsUnknowns({ a: [makeSecret(unknownValue)] })).to.equal(true);
    expect(containsUnknowns({ a: ["x", null, 1] })).to.equal(false);
  });

  it("takes secrets out, and shares what holds none", () => {
    const plain = { x: [1] };
    const unwrapped = unwrapSecrets({ plain, hidden: makeSecret({ deep: makeSecret("s") }) }) as Record<
      string,
      unknown
    >;
    expect(unwrapped).to.deep.equal({ plain: { x: [1] }, hidden: { deep: "s" } });
    expect(unwrapped.plain).to.equal(plain);
  });

  it("marks outputs secret where an input of the same path is, whole arrays included", () => {
    const inputs = {
      a: makeSecret("1"),
      deep: { b: makeSecret("2"), c: "3" },
      list: ["x", makeSecret("y")],
      gone: makeSecret("4"),
    };
    const outputs = { a: "1", deep: { b: "2", c: "3" }, list: ["x", "y"], computed: "1" };
    expect(annotateSecrets(outputs, inputs)).to.deep.equal({
      a: makeSecret("1"),
      deep: { b: makeSecret("2"), c: "3" },
      list: makeSecret(["x", "y"]),
      computed: "1",
    });
    expect(outputs.a).to.equal("1");
  });

  it("compares deeply, and secrets by their content", () => {
    expect(deepEqual({ a: [1, { b: null }] }, { a: [1, { b: null }] })).to.equal(true);
    expect(deepEqual({ a: 1 }, { a: 1, b: 2 })).to.equal(false);
    expect(deepEqual([1, 2], { 0: 1, 1: 2 })).to.equal(false);
    expect(deepEqual(makeSecret("x"), makeSecret("x"))).to.equal(true);
    expect(deepEqual(makeSecret("x"), "x")).to.equal(false);
  });

  it("passes a resource as its id, unknown while it has none, and a component as its URN", () => {
    expect(flattenReferences({ a: reference({ urn: "u", id: "i" }) })).to.deep.equal({ a: "i" });
    expect(flattenReferences([reference({ urn: "u", id: "" })])).to.deep.equal([unknownValue]);
    expect(flattenReferences(reference({ urn: "u" }))).to.equal("u");
  });

  it("reads output values, and names what it cannot carry by its path", () => {
    const unsupported: UnsupportedValue[] = [];
    const value = fromProgram(
      {
        known: output({ value: "v" }),
        unknown: output({}),
        hidden: output({ value: "s", secret: true }),
        files: [{ inner: { [signatureKey]: "c44067f5952c0a294b673a41bacd8c17", text: "t" } }],
      },
      "",
      unsupported,
    );
    expect(value).to.deep.include({ known: "v", unknown: unknownValue, hidden: makeSecret("s") });
    expect(unsupported).to.deep.equal([{ path: "files[0].inner", what: "an asset" }]);
  });
});
