import { expect } from "chai";
import { drillProgram } from "./estate.js";
import { describeProduct } from "./product.js";

describeProduct("a drill", (start) => {
  it("previews with the connectivity plan and writes nothing, runs, is then up to date, runs again for a new trigger and cleans up", async () => {
    const product = await start();
    product.program(drillProgram());

    const preview = await product.succeed("preview");
    expect(product.writes()).to.deep.equal([]);
    expect(preview.changes).to.deep.equal({ create: 7 });
    expect(preview.output).to.contain("Test failover of recovery plan");
    expect(preview.output).to.contain("db01").and.to.contain("192.168.10.10").and.to.contain("deny-rdp");

    const up = await product.succeed("up");
    expect(up.changes).to.deep.equal({ create: 7 });
    expect(product.accepted("testFailover")).to.equal(1);
    expect(
      (await product.items()).map(({ name, allowedOperations }) => ({ name, allowedOperations })),
    ).to.deep.equal([
      { name: "db01", allowedOperations: ["TestFailoverCleanup"] },
      { name: "web01", allowedOperations: ["TestFailoverCleanup"] },
    ]);
    expect(await product.virtualMachines()).to.deep.equal(["db01-test", "web01-test"]);
    expect(product.outputs("drill")).to.include({ status: "waitingForCleanup" });

    let from = product.requests;
    const again = await product.succeed("up");
    expect(again.changes).to.deep.equal({});
    expect(product.writes(from)).to.deep.equal([]);

    from = product.requests;
    const refresh = await product.succeed("refresh");
    expect(refresh.changes).to.deep.equal({});
    expect(product.writes(from)).to.deep.equal([]);
    const reads = product.emulator.log().slice(from);
    expect(reads.filter(({ path }) => /replicationProtectedItems\/[^/]+$/.test(path))).to.deep.equal([]);

    product.program(drillProgram({ triggers: ["second"] }));
    from = product.requests;
    const rerun = await product.succeed("up");
    expect(rerun.changes).to.deep.equal({ replace: 1 });
    expect(product.writes(from)).to.deep.equal([
      "POST /shop/testFailoverCleanup 202",
      "POST /shop/testFailover 202",
    ]);
    expect(await product.virtualMachines()).to.deep.equal(["db01-test", "web01-test"]);

    const destroy = await product.succeed("destroy");
    expect(destroy.changes).to.deep.equal({ delete: 7 });
    expect(product.accepted("testFailoverCleanup")).to.equal(2);
    expect(await product.virtualMachines()).to.deep.equal([]);
    expect(await product.items()).to.deep.equal([]);
    expect(await product.inVault("replicationRecoveryPlans")).to.deep.equal([]);
    expect(await product.inVault("replicationPolicies")).to.not.include("daily");
  });
});
