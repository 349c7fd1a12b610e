import { expect } from "chai";
import { failoverProgram, protectedEstate } from "../drill/estate.js";
import { describeProduct, isFullRun } from "../drill/product.js";

const victims = ["killEngine", "killProvider"] as const;

describeProduct("a failover by stage", (start) => {
  it("walks one stage at a time, changes the point while it can, and refuses the way back that is none", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program(failoverProgram("protected"));
    await product.succeed("up");
    expect(product.writes()).to.deep.equal([]);

    product.program(failoverProgram("failedOver"));
    let from = product.requests;
    const preview = await product.succeed("preview");
    expect(preview.output).to.contain("protected -> failedOver (unplannedFailover)");
    expect(preview.output).to.contain("Cannot be undone");
    expect(product.writes(from)).to.deep.equal([]);
    await product.succeed("up");
    expect(product.writes(from)).to.deep.equal(["POST /shop/unplannedFailover 202"]);
    expect(product.outputs("site")).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
    expect(
      (await product.items()).map(({ allowedOperations }) => allowedOperations.includes("Commit")),
    ).to.deep.equal([true, true]);

    product.program(failoverProgram("failedOver", { recoveryPoint: "latestProcessed" }));
    from = product.requests;
    expect((await product.succeed("preview")).output).to.contain("changed to latestProcessed");
    await product.succeed("up");
    expect(product.writes(from).every((write) => write.includes("/applyRecoveryPoint "))).to.equal(true);
    expect(product.accepted("unplannedFailover")).to.equal(1);
    from = product.requests;
    expect((await product.succeed("up")).changes).to.deep.equal({});
    expect(product.writes(from)).to.deep.equal([]);

    product.program(failoverProgram("committed", { recoveryPoint: "latestProcessed" }));
    await product.succeed("up");
    expect(product.writes(from)).to.deep.equal(["POST /shop/failoverCommit 202"]);
    expect(product.outputs("site")).to.include({ observedStage: "committed", lastAppliedStage: "committed" });

    // A reverted line in git.
    product.program(failoverProgram("protected"));
    from = product.requests;
    const refused = await product.fail("up");
    expect(refused.output).to.contain("stage cannot change from committed to protected");
    expect(product.writes(from)).to.deep.equal([]);
  });

  it("walks two stages where through allows it, each once", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program(failoverProgram("protected"));
    await product.succeed("up");
    product.program(failoverProgram("committed"));
    const refused = await product.fail("up");
    expect(refused.output).to.contain("through");
    expect(product.writes()).to.deep.equal([]);

    product.program(failoverProgram("committed", { through: true }));
    const preview = await product.succeed("preview");
    expect(preview.output)
      .to.contain("protected -> failedOver (unplannedFailover)")
      .and.to.contain("failedOver -> committed (failoverCommit)");
    await product.succeed("up");
    expect(product.writes()).to.deep.equal(["POST /shop/unplannedFailover 202", "POST /shop/failoverCommit 202"]);

    const from = product.requests;
    const destroy = await product.succeed("destroy");
    expect(destroy.output).to.contain("nothing was changed in Azure");
    expect(product.writes(from)).to.deep.equal([]);
    expect(await product.virtualMachines()).to.have.length(2);
  });

  it("comes to the same end with one start where engine or provider is killed while the failover runs", async () => {
    for (const victim of isFullRun ? victims : victims.slice(0, 1)) {
      const product = await start({ estate: protectedEstate() });
      product.program(failoverProgram("protected"));
      await product.succeed("up");
      product.program(failoverProgram("committed", { through: true }));
      const posted = product.nextRequest(
        ({ method, path }) => method === "POST" && path.endsWith("/unplannedFailover"),
        () => product.freeze(),
      );
      const running = product.start("up");
      await posted;
      await product.nextRequest(
        ({ path }) => path.includes("/replicationJobs"),
        () => running[victim](),
      );
      expect((await running.ended).status).to.not.equal(0);
      product.unfreeze();
      product.engine.recover();
      await product.succeed("up");
      expect(product.accepted("unplannedFailover"), victim).to.equal(1);
      expect(product.accepted("failoverCommit"), victim).to.equal(1);
      expect(product.outputs("site")).to.include({ observedStage: "committed", lastAppliedStage: "committed" });
      await product.stop();
    }
  });
});
