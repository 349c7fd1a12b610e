import { expect } from "chai";
import type { Properties } from "../../../../provider/resources/handler.js";
import { PartialFailure } from "../../../../provider/resources/handler.js";
import { handlers } from "../../../../provider/resources/index.js";
import { dynamicProvider } from "../../../../provider/shells/dynamic.js";
import { dynamicType, providerLine } from "../../../../provider/shells/dynamicType.js";

/** The shell as a process that has not been configured yet has it. */
function inNewProcess(): typeof dynamicProvider {
  const loaded = Object.keys(require.cache).filter((file) => /provider[\\/]shells[\\/]dynamic\.[jt]s$/.test(file));
  for (const file of loaded) delete require.cache[file];
  return (require("../../../../provider/shells/dynamic.js") as { dynamicProvider: typeof dynamicProvider })
    .dynamicProvider;
}

describe("dynamicProvider", () => {
  const handler = handlers.get("RecoveryPlan");
  const original = handler?.reconcile;

  afterEach(() => {
    if (handler && original) Object.assign(handler, { reconcile: original });
  });

  it("keeps the provider's own line in the state of a partial failure, or refresh and destroy could not find it", async () => {
    if (!handler) throw new Error("there is no handler of RecoveryPlan");
    const provider = dynamicProvider("RecoveryPlan");
    await provider.configure?.({ config: { get: () => undefined, require: () => "" } } as never);
    Object.assign(handler, {
      reconcile: (_context: unknown, news: Properties) => {
        throw new PartialFailure("/plan", { ...news, nothing: undefined }, ["it did not reach its end"]);
      },
    });
    const news = { name: "web", __provider: providerLine("RecoveryPlan") };
    for (const act of [() => provider.create(news), () => provider.update?.("/plan", news, news)]) {
      const error = await Promise.resolve()
        .then(act)
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      expect(error).to.be.instanceOf(PartialFailure);
      const { properties, reasons } = error as PartialFailure;
      expect(properties).to.deep.equal(news);
      expect(properties).to.not.have.property("nothing");
      expect(reasons).to.deep.equal(["it did not reach its end"]);
    }
  });

  it("answers what is derived of a secret argument as a secret too, and says it in no message", async () => {
    if (!handler) throw new Error("there is no handler of RecoveryPlan");
    const provider = dynamicProvider("RecoveryPlan");
    await provider.configure?.({ config: { get: () => undefined, require: () => "" } } as never);
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const news = {
      name: "web",
      shutdownGroup: { startGroupActions: [{ details: { description: "hidden word" } }] },
      __provider: providerLine("RecoveryPlan"),
      __secretInputs: [["shutdownGroup", "startGroupActions", 0, "details", "description"]],
    };
    Object.assign(handler, {
      reconcile: async (_context: unknown, given: Properties) => {
        expect(given).to.have.all.keys("name", "shutdownGroup");
        return { id: "/plan", outputs: { ...given, lines: ["1. a Hidden Word is said", "2. nothing"] } };
      },
    });
    const { outs } = await provider.create(news);
    expect(outs?.lines).to.deep.equal([{ ...secret, value: "1. a Hidden Word is said" }, "2. nothing"]);
    expect(outs?.__secretInputs).to.deep.equal(news.__secretInputs);
    Object.assign(handler, {
      reconcile: () => {
        throw new PartialFailure("/plan", { name: "web", note: "hidden word" }, ["no hidden word is allowed"]);
      },
    });
    const error: unknown = await provider.create(news).catch((thrown: unknown) => thrown);
    expect((error as PartialFailure).reasons).to.deep.equal(["no [secret] is allowed"]);
    expect((error as PartialFailure).properties.note).to.deep.equal({ ...secret, value: "hidden word" });
  });

  it("tells a wrong configuration whole, in the check of the first resource and in whatever else is asked, without a stack", async () => {
    const fresh = inNewProcess();
    const wrong: Record<string, string> = {
      "siterecovery:cloud": "moon",
      "siterecovery:pollIntervalSeconds": "soon",
    };
    const provider = fresh("RecoveryPlan");
    await provider.configure?.({ config: { get: (key: string) => wrong[key], require: () => "" } } as never);
    const news = { name: "web" };
    const checked = await provider.check?.({}, news);
    expect(checked?.inputs).to.deep.equal(news);
    expect(checked?.failures).to.have.length(1);
    const [failure] = checked?.failures ?? [];
    expect(failure?.reason)
      .to.contain('siterecovery:cloud value "moon"')
      .and.to.contain('pollIntervalSeconds value "soon"');
    const reading = inNewProcess()("RecoveryPlan");
    await reading.configure?.({ config: { get: (key: string) => wrong[key], require: () => "" } } as never);
    const thrown: unknown = await reading.read?.("/plan", news).catch((error: unknown) => error);
    expect(thrown).to.include({ message: failure?.reason, stack: "" });
  });

  it("tells it once of all that is asked at the same time, and a misspelt key with the one that was meant", async () => {
    const fresh = inNewProcess();
    const rawConfig = { "siterecovery:vautName": "v", "shop:vautName": "w" };
    const config = {
      rawConfig,
      get: (key: string) => Object.entries(rawConfig).find(([name]) => name === key)?.[1],
    };
    const messages: string[] = [];
    for (const token of ["RecoveryPlan", "ReplicatedItem", "Failover"]) {
      const provider = fresh(token);
      await provider.configure?.({ config } as never);
      await provider.read?.("/id", {}).catch((error: Error) => messages.push(error.message));
    }
    const [whole, ...others] = messages;
    expect(whole).to.contain("siterecovery:vautName is not a setting of siterecovery (did you mean vaultName?);");
    expect(others).to.have.length(2);
    for (const other of others) expect(other).to.match(/^siterecovery is not configured: .* told once/);
  });

  it("lets Pulumi's server print nothing beside the answer, where it prints errors a second time", async () => {
    const provider = inNewProcess()("RecoveryPlan");
    await provider.configure?.({ config: { rawConfig: { "siterecovery:cloud": "moon" } } } as never);
    const error: unknown = await provider.read?.("/id", {}).catch((thrown: unknown) => thrown);
    const written: string[] = [];
    const { write } = process.stderr;
    process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    try {
      console.error(`${error}: ${(error as Error).stack}`);
      console.error("of the program's own");
    } finally {
      process.stderr.write = write;
    }
    expect(written.join("")).to.equal("of the program's own\n");
  });

  it("names the resources that exist when it is asked for another one", () => {
    expect(() => dynamicProvider("Nothing")).to.throw(
      '"Nothing" is no resource of siterecovery. Allowed: ReplicationPolicy',
    );
  });

  it("is found by the package's name in one line, under a type of Pulumi's dynamic provider", () => {
    expect(providerLine("Failover")).to.contain('require("pulumi-siterecovery/dynamic")').and.not.contain("\n");
    expect(dynamicType("Failover")).to.equal("pulumi-nodejs:dynamic/siterecovery:Failover");
  });
});
