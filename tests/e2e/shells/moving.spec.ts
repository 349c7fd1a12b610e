import { expect } from "chai";
import { drillProgram, failoverProgram, itemId, protectedEstate } from "../drill/estate.js";
import { describeProduct, isFullRun } from "../drill/product.js";
import { chooseShell, declare, pluginEntry, prepare, type Shell } from "./fixture.js";

describeProduct("a stack that moves between the shells", (start, kind) => {
  for (const [from, to] of [
    ["dynamic", "plugin"],
    ["plugin", "dynamic"],
  ] as const satisfies [Shell, Shell][]) {
    it(`changes nothing from ${from} to ${to} and back, and refreshes, updates and is destroyed afterwards`, async function () {
      if (from === "plugin" && kind === "pulumi" && !isFullRun) {
        console.log("      skipped: a long run; SITERECOVERY_FULL_TESTS=1 runs it");
        this.skip();
      }
      const product = await start();
      prepare(product);
      declare(product, drillProgram());
      chooseShell(product, from);
      await product.succeed("up");
      const written = product.requests;
      for (const shell of [to, from]) {
        chooseShell(product, shell);
        for (const command of ["preview", "up", "refresh", "preview"] as const) {
          const { changes, output } = await product.succeed(command);
          expect(changes, `${command} on ${shell}: ${output}`).to.deep.equal({});
        }
        const types = product.engine.state().resources.map(({ type }) => type);
        expect(types.filter((type) => type.startsWith("siterecovery:index:")).length > 0).to.equal(
          shell === "plugin",
        );
        expect(types.filter((type) => type.startsWith("pulumi-nodejs:dynamic/")).length > 0).to.equal(
          shell === "dynamic",
        );
      }
      expect(product.writes(written)).to.deep.equal([]);
      declare(product, drillProgram({ comments: "Another note" }));
      expect((await product.succeed("up")).changes).to.deep.equal({ update: 1 });
      await product.succeed("destroy");
      expect(await product.virtualMachines()).to.deep.equal([]);
      expect(await product.inVault("replicationPolicies")).to.not.include("daily");
    });
  }

  it("chooses the plugin also by what the program imports", async () => {
    const product = await start({ estate: protectedEstate() });
    prepare(product);
    declare(product, { ...failoverProgram("protected"), package: pluginEntry });
    await product.succeed("up");
    const types = product.engine.state().resources.map(({ type }) => type);
    expect(types).to.include("siterecovery:index:Failover");
  });

  it("moves inside a component and to an explicit provider, and resumes nothing", async () => {
    const product = await start({ estate: protectedEstate() });
    prepare(product);
    const site = {
      kind: "Failover",
      name: "site",
      args: { targetId: itemId("db01"), stage: "protected" },
      options: { parent: { $resource: "group" } },
    };
    const group = { kind: "Component", name: "group" };
    declare(product, { resources: [group, site] });
    chooseShell(product, "dynamic");
    await product.succeed("up");
    const written = product.requests;
    chooseShell(product, "plugin");
    const own = { kind: "Provider", name: "own", args: { pollIntervalSeconds: 5 } };
    declare(product, {
      resources: [
        group,
        own,
        { ...site, options: { parent: { $resource: "group" }, provider: { $resource: "own" } } },
      ],
    });
    expect((await product.succeed("up")).changes).to.deep.equal({ create: 1 });
    for (const command of ["refresh", "preview"] as const)
      expect((await product.succeed(command)).changes).to.deep.equal({});
    expect(product.writes(written)).to.deep.equal([]);
    await product.succeed("destroy");
  });
});
