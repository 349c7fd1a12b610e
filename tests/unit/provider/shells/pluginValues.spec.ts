import { expect } from "chai";
import fc from "fast-check";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { open, seal } from "../../../../provider/shells/pluginValues.js";
import { SecretTexts, secretSignature, signatureKey } from "../../../../provider/shells/secretTexts.js";

const secret = (value: unknown) => ({ [signatureKey]: secretSignature, value });
const sent = (value: object) =>
  Buffer.from(
    struct.Struct.fromJavaScript(value as Parameters<typeof struct.Struct.fromJavaScript>[0]).serializeBinary(),
  );
/** What another reader of the protocol takes an answer for. */
const received = (answer: Buffer) => struct.Struct.deserializeBinary(answer).toJavaScript();

describe("properties on the wire", () => {
  it("arrive as the plain JSON that was sent, whatever its shape", () => {
    const json = fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      fc.jsonValue({ maxDepth: 4 }),
    );
    fc.assert(
      fc.property(json, (values) => {
        const plain = JSON.parse(JSON.stringify(values).replaceAll('"__proto__"', '"proto"')) as typeof values;
        const arrived = open(seal(plain, new SecretTexts()), new SecretTexts());
        expect(arrived.values).to.deep.equal(plain);
        expect(arrived.mask).to.equal(undefined);
      }),
      { numRuns: 50 },
    );
  });

  it("are unwrapped where they are secret, at any depth, and wrapped there again", () => {
    const texts = new SecretTexts();
    const wire = {
      plain: "x",
      list: ["a", secret("canary-1")],
      deep: { inner: secret({ key: secret("canary-2") }) },
    };
    const { values, mask } = open(sent(wire), texts);
    expect(values).to.deep.equal({ plain: "x", list: ["a", "canary-1"], deep: { inner: { key: "canary-2" } } });
    expect(mask).to.deep.equal({ list: { 1: true }, deep: { inner: true } });
    expect(texts.redact("canary-1 and canary-2")).to.equal("[secret] and [secret]");
    expect(received(seal(values, texts, mask))).to.deep.equal({
      plain: "x",
      list: ["a", secret("canary-1")],
      deep: { inner: secret({ key: "canary-2" }) },
    });
  });

  it("go out wrapped wherever a secret text turns up in another value", () => {
    const texts = new SecretTexts();
    texts.learn("canary");
    expect(received(seal({ a: { b: ["see CANARY here", 1] }, c: true }, texts))).to.deep.equal({
      a: { b: [secret("see CANARY here"), 1] },
      c: true,
    });
  });

  it("hold nothing that JSON does not know", () => {
    const values = { gone: undefined, list: [undefined, Number.NaN], at: new Date(0), run: () => 1, none: null };
    expect(received(seal(values, new SecretTexts()))).to.deep.equal({
      list: [null, null],
      at: "1970-01-01T00:00:00.000Z",
      none: null,
    });
  });
});
