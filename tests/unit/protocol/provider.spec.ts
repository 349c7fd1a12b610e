import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import enginePb from "@pulumi/pulumi/proto/engine_pb.js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { expect } from "chai";
import { log, logSeverities } from "../../../protocol/engine.js";
import { readProperties, writeProperties } from "../../../protocol/properties.js";
import { diffChanges, propertyDiffKinds, providerCalls } from "../../../protocol/provider.js";
import type { Call } from "../../../protocol/service.js";

/** What Pulumi's own SDK generates for one message. */
interface Generated {
  toObject(): object;
}

interface Definition {
  path: string;
  requestSerialize(message: Generated): Buffer;
  requestDeserialize(bytes: Buffer): Generated;
  responseSerialize(message: Generated): Buffer;
  responseDeserialize(bytes: Buffer): Generated;
}

const definitions = ResourceProviderService as unknown as Record<string, Definition>;
const properties = (name: string) => writeProperties({ name });

/** Every field that either side knows, with a value of its own. */
const requests: {
  [C in keyof typeof providerCalls]: Parameters<(typeof providerCalls)[C]["requestSerialize"]>[0];
} = {
  getPluginInfo: {},
  getSchema: { version: 1 },
  checkConfig: { urn: "u", olds: properties("olds"), news: properties("news"), name: "n", type: "t" },
  diffConfig: {
    id: "i",
    urn: "u",
    olds: properties("olds"),
    news: properties("news"),
    ignoreChanges: ["a", "b"],
    oldInputs: properties("oldInputs"),
    name: "n",
    type: "t",
  },
  configure: {
    variables: { "siterecovery:config:a": "1", "siterecovery:config:b": "" },
    args: properties("args"),
    acceptSecrets: true,
    acceptResources: true,
    sendsOldInputs: true,
    sendsOldInputsToDelete: true,
  },
  check: { urn: "u", olds: properties("olds"), news: properties("news"), name: "n", type: "t" },
  diff: {
    id: "i",
    urn: "u",
    olds: properties("olds"),
    news: properties("news"),
    oldInputs: properties("oldInputs"),
  },
  create: { urn: "u", properties: properties("p"), timeout: 90.5, preview: true, name: "n", type: "t" },
  update: {
    id: "i",
    urn: "u",
    olds: properties("olds"),
    news: properties("news"),
    timeout: 1,
    ignoreChanges: ["a"],
    preview: true,
    oldInputs: properties("oldInputs"),
    name: "n",
    type: "t",
  },
  read: { id: "i", urn: "u", properties: properties("p"), inputs: properties("inputs"), name: "n", type: "t" },
  delete: {
    id: "i",
    urn: "u",
    properties: properties("p"),
    timeout: 2,
    oldInputs: properties("oldInputs"),
    name: "n",
    type: "t",
  },
  invoke: { token: "t", args: properties("args") },
  cancel: {},
};

const answers: {
  [C in keyof typeof providerCalls]: Parameters<(typeof providerCalls)[C]["responseSerialize"]>[0];
} = {
  getPluginInfo: { version: "1.2.3" },
  getSchema: { schema: "{}" },
  checkConfig: { inputs: properties("inputs"), failures: [{ property: "p", reason: "r" }] },
  diffConfig: { changes: diffChanges.none },
  configure: { acceptSecrets: true, supportsPreview: true, acceptResources: true, acceptOutputs: true },
  check: {
    inputs: properties("inputs"),
    failures: [
      { property: "p", reason: "r" },
      { property: "", reason: "s" },
    ],
  },
  diff: {
    replaces: ["a", "b"],
    deleteBeforeReplace: true,
    changes: diffChanges.some,
    diffs: ["a"],
    detailedDiff: {
      "a.b": { kind: propertyDiffKinds.add, isInputDiff: false },
      "c[0]": { kind: propertyDiffKinds.updateReplace, isInputDiff: true },
    },
    hasDetailedDiff: true,
  },
  create: { id: "i", properties: properties("p") },
  update: { properties: properties("p") },
  read: { id: "i", properties: properties("p"), inputs: properties("inputs") },
  delete: {},
  invoke: { result: properties("result"), failures: [{ property: "p", reason: "r" }] },
  cancel: {},
};

/** What a field that is not there is read as. */
const isEmpty = (value: unknown) =>
  value === undefined ||
  value === null ||
  value === "" ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === "object" && Object.keys(value).length === 0);
/** What a message holds, at any depth, without the fields that are not there. */
const given = (values: unknown): unknown => {
  if (Buffer.isBuffer(values) || typeof values !== "object" || values === null) return values;
  if (Array.isArray(values)) return values.map(given);
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      const inner = given(value);
      return isEmpty(inner) ? [] : [[key, inner]];
    }),
  );
};

describe("the calls of a provider", () => {
  for (const name of Object.keys(providerCalls) as (keyof typeof providerCalls)[]) {
    it(`carry ${name} as Pulumi's own classes do, there and back`, () => {
      const ours = providerCalls[name] as unknown as Call<object, object>;
      const theirs = definitions[name];
      if (theirs === undefined) throw new Error(`Pulumi has no call ${name}`);
      expect(ours.path).to.equal(theirs.path);
      // Through their class and back: a field of another number or kind would be lost or read as another.
      const request = theirs.requestDeserialize(ours.requestSerialize(requests[name]));
      expect(given(ours.requestDeserialize(theirs.requestSerialize(request)))).to.deep.equal(
        given(requests[name]),
      );
      expect(countOf(request.toObject())).to.equal(Object.keys(requests[name]).length);
      const answer = theirs.responseDeserialize(ours.responseSerialize(answers[name]));
      expect(given(ours.responseDeserialize(theirs.responseSerialize(answer)))).to.deep.equal(
        given(answers[name]),
      );
      expect(countOf(answer.toObject())).to.equal(Object.keys(answers[name]).length);
    });
  }

  it("carry the properties of a resource where Pulumi looks for them", () => {
    const { diff, read } = providerCalls;
    const asked = provider.DiffRequest.deserializeBinary(diff.requestSerialize(requests.diff));
    expect(asked.getOlds()?.toJavaScript()).to.deep.equal({ name: "olds" });
    expect(asked.getOldInputs()?.toJavaScript()).to.deep.equal({ name: "oldInputs" });
    expect(asked.getNews()?.toJavaScript()).to.deep.equal({ name: "news" });
    const found = provider.ReadResponse.deserializeBinary(read.responseSerialize(answers.read));
    expect(found.getProperties()?.toJavaScript()).to.deep.equal({ name: "p" });
    expect(found.getInputs()?.toJavaScript()).to.deep.equal({ name: "inputs" });
  });

  it("tell properties that are empty from properties that are not there", () => {
    const { check } = providerCalls;
    const asked = new provider.CheckRequest();
    expect(check.requestDeserialize(Buffer.from(asked.serializeBinary())).olds).to.equal(null);
    const sent = provider.CheckRequest.deserializeBinary(check.requestSerialize({ olds: writeProperties({}) }));
    expect(sent.hasOlds()).to.equal(true);
    expect(sent.hasNews()).to.equal(false);
    expect(
      readProperties(check.requestDeserialize(Buffer.from(sent.serializeBinary())).olds ?? Buffer.of(9)),
    ).to.deep.equal({});
  });

  it("pass over what they do not know", () => {
    const asked = new provider.CheckRequest();
    asked.setUrn("u");
    asked.setRandomseed(Buffer.from("seed"));
    asked.setAutonaming(new provider.CheckRequest.AutonamingOptions().setProposedName("x"));
    asked.setType("t");
    expect(given(providerCalls.check.requestDeserialize(Buffer.from(asked.serializeBinary())))).to.deep.equal({
      urn: "u",
      type: "t",
    });
  });

  it("have Pulumi's numbers for the words of a difference", () => {
    const { DIFF_UNKNOWN, DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
    expect(diffChanges).to.deep.equal({ unknown: DIFF_UNKNOWN, none: DIFF_NONE, some: DIFF_SOME });
    const { Kind } = provider.PropertyDiff;
    expect(propertyDiffKinds).to.deep.equal({
      add: Kind.ADD,
      addReplace: Kind.ADD_REPLACE,
      delete: Kind.DELETE,
      deleteReplace: Kind.DELETE_REPLACE,
      update: Kind.UPDATE,
      updateReplace: Kind.UPDATE_REPLACE,
    });
  });
});

describe("a line for the engine", () => {
  it("arrives as Pulumi's own classes read it", () => {
    const { DEBUG, INFO, WARNING, ERROR } = enginePb.LogSeverity;
    expect(logSeverities).to.deep.equal({ debug: DEBUG, info: INFO, warning: WARNING, error: ERROR });
    expect(log.path).to.equal((EngineService as unknown as Record<string, Definition>).log?.path);
    const line = { urn: "u", severity: logSeverities.warning, message: "m", ephemeral: true };
    expect(enginePb.LogRequest.deserializeBinary(log.requestSerialize(line)).toObject()).to.deep.equal({
      ...line,
      streamid: 0,
    });
  });
});

/** How many fields of a generated message are there. */
function countOf(message: object): number {
  return Object.values(message).filter((value) => !isEmpty(value)).length;
}
