import { expect } from "chai";
import { type Declared, drillProgram, failoverProgram, type Program, protectedEstate } from "../drill/estate.js";
import { describeProduct, type Product } from "../drill/product.js";

/** The program with one resource under another name, which no alias connects with the old one. */
function renamed(program: Program, name: string, change: Partial<Declared>): Program {
  return {
    ...program,
    resources: program.resources.map((resource) =>
      resource.name === name ? { ...resource, key: resource.key ?? name, ...change } : resource,
    ),
  };
}

async function expectNothingInAzure(product: Product, program: Program, what: string): Promise<void> {
  product.program(program);
  const from = product.requests;
  const up = await product.succeed("up");
  expect(product.writes(from), what).to.deep.equal([]);
  expect(up.changes, what).to.include({ create: 1, delete: 1 });
}

describeProduct("a resource under another name without an alias", (start) => {
  it("changes nothing in Azure, be it a policy, a mapping, an item, a plan or a drill, and is then up to date", async () => {
    const product = await start();
    let program = drillProgram();
    product.program(program);
    await product.succeed("up");
    for (const name of ["policy", "mapping", "db01", "plan", "drill"]) {
      program = renamed(program, name, { name: `${name}-again` });
      await expectNothingInAzure(product, program, `renaming ${name}`);
    }
    expect((await product.succeed("preview")).changes).to.deep.equal({});
    expect(await product.virtualMachines()).to.deep.equal(["db01-test", "web01-test"]);

    await product.succeed("destroy");
    expect(product.accepted("testFailoverCleanup")).to.equal(1);
    expect(await product.items()).to.deep.equal([]);
  });

  it("changes nothing in Azure where everything moves into a component", async () => {
    const product = await start();
    const program = drillProgram();
    product.program(program);
    await product.succeed("up");
    product.program({
      ...program,
      resources: [
        { kind: "Component", name: "site" },
        ...program.resources.map((resource) => ({ ...resource, parent: "site" })),
      ],
    });
    const from = product.requests;
    const up = await product.succeed("up");
    expect(product.writes(from)).to.deep.equal([]);
    expect(up.changes).to.deep.equal({ create: 7, delete: 6 });
    expect((await product.succeed("preview")).changes).to.deep.equal({});
    expect((await product.items()).map(({ name }) => name)).to.deep.equal(["db01", "web01"]);
    expect(await product.virtualMachines()).to.deep.equal(["db01-test", "web01-test"]);
  });

  it("changes nothing in Azure, be it a failover at protected or at failedOver", async () => {
    const product = await start({ estate: protectedEstate() });
    let program = failoverProgram("protected");
    product.program(program);
    await product.succeed("up");
    program = renamed(program, "site", { name: "site-again" });
    await expectNothingInAzure(product, program, "renaming a failover at protected");

    program = failoverProgram("failedOver");
    program = renamed(program, "site", { name: "site-again" });
    product.program(program);
    await product.succeed("up");
    expect(product.accepted("unplannedFailover")).to.equal(1);
    await expectNothingInAzure(product, failoverProgram("failedOver"), "renaming a failover at failedOver");
    expect((await product.succeed("preview")).changes).to.deep.equal({});
    expect(product.accepted("unplannedFailover")).to.equal(1);
  });
});
