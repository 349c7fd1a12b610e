import { expect } from "chai";
import type { Properties } from "../../../../provider/resources/handler.js";
import { PartialFailure } from "../../../../provider/resources/handler.js";
import { handlers } from "../../../../provider/resources/index.js";
import { dynamicProvider } from "../../../../provider/shells/dynamic.js";
import { dynamicType, providerLine } from "../../../../provider/shells/dynamicType.js";

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
