import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Failover, TestFailover } from "../../../sdk/index.js";
import { programError } from "../../../sdk/programError.js";
import { itemIdOf, networkIdOf } from "../provider/resources/fakeEstate.js";

/** What the engine answers for a resource of a name: its whole state where nothing changes, its inputs alone where it is new. */
const states: Record<string, Record<string, unknown>> = {
  unchanged: { observedStages: [{ name: "app01", stage: "protected" }], status: "waitingForCleanup" },
  waiting: { observedStages: [], status: "running", waitingFor: { name: "call", instructions: "Ring." } },
  new: {},
};

interface Told {
  isKnown: Promise<boolean>;
  promise(): Promise<unknown>;
}

/** Whether an output is known, and its value. */
async function told(output: pulumi.Output<unknown>): Promise<[boolean, unknown]> {
  const { isKnown, promise } = output as unknown as Told;
  return [await isKnown, await promise.call(output)];
}

describe("a resource's outputs that are not always there", () => {
  const mocks = (isPreview: boolean) =>
    pulumi.runtime.setMocks(
      {
        newResource: ({ name, inputs }) => ({ id: name, state: { ...inputs, ...states[name] } }),
        call: ({ inputs }) => inputs,
      },
      "shop",
      "dev",
      isPreview,
    );
  const made = (name: string) => [
    new Failover(name, { targetId: itemIdOf("app01"), stage: "protected", evidenceDirectory: "none" }),
    new TestFailover(name, {
      targetId: itemIdOf("app01"),
      testNetworkId: networkIdOf("test"),
      evidenceDirectory: "none",
    }),
  ];

  after(() => mocks(false));

  it("are known to be missing in a preview that changes nothing, and unknown while it is not known what will be", async () => {
    await mocks(true);
    for (const resource of made("unchanged"))
      expect(await told(resource.waitingFor)).to.deep.equal([true, undefined]);
    for (const resource of made("new")) expect((await told(resource.waitingFor))[0]).to.equal(false);
  });

  it("are what the engine says wherever it says it", async () => {
    for (const isPreview of [true, false]) {
      await mocks(isPreview);
      for (const resource of made("waiting"))
        expect(await told(resource.waitingFor)).to.deep.equal([true, states.waiting?.waitingFor]);
    }
    for (const resource of made("unchanged"))
      expect(await told(resource.waitingFor)).to.deep.equal([true, undefined]);
  });
});

describe("resource options on the dynamic shell", () => {
  it("refuses an import, which Pulumi cannot do there, and says what to do instead", () => {
    const args = { targetId: itemIdOf("app01"), stage: "protected" } as const;
    expect(() => new Failover("taken", args, { import: itemIdOf("app01") })).to.throw(
      pulumi.RunError,
      'siterecovery.Failover "taken": the option import needs the plugin. Set siterecovery:shell to plugin; or leave',
    );
  });

  it("ends a program without a stack, whose colours may cost Node a minute", () => {
    const { message, stack } = programError("not so");
    expect({ message, stack }).to.deep.equal({ message: "not so", stack: "" });
    expect(pulumi.RunError.isInstance(programError("not so"))).to.equal(true);
  });
});
