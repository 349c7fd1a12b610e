import { expect } from "chai";
import { drillProgram, failoverProgram, planId, protectedEstate } from "../drill/estate.js";
import { describeProduct } from "../drill/product.js";

describeProduct("a lost state", (start) => {
  it("adopts everything that the same program made, its drill too, and starts and writes nothing", async () => {
    const product = await start();
    product.program(drillProgram());
    await product.succeed("up");
    product.engine.forgetState();

    const from = product.requests;
    await product.succeed("up");
    expect(product.writes(from)).to.deep.equal([]);
    expect(product.outputs("drill").status).to.equal("waitingForCleanup");
    expect(product.outputs("drill").machines).to.have.length(2);
    await product.succeed("destroy");
    expect(product.accepted("testFailover")).to.equal(1);
    expect(product.accepted("testFailoverCleanup")).to.equal(1);
    expect(await product.virtualMachines()).to.deep.equal([]);
  });

  it("refuses a drill that somebody else runs, and starts nothing", async () => {
    const product = await start();
    product.program(drillProgram());
    await product.succeed("up");
    product.engine.forgetState();

    product.program(drillProgram({ triggers: ["another drill"] }));
    const from = product.requests;
    const { output } = await product.fail("up");
    expect(output).to.contain("another test failover waits for its clean-up on db01, web01");
    expect(product.writes(from)).to.deep.equal([]);
    expect(await product.virtualMachines()).to.deep.equal(["db01-test", "web01-test"]);
  });

  it("takes a failover over at the stage where it is, and refuses another one with the line that would allow it once", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program(failoverProgram("failedOver"));
    const refused = await product.fail("up");
    expect(refused.output).to.contain('add startFrom: "protected@never"');
    expect(product.writes()).to.deep.equal([]);

    product.program(failoverProgram("failedOver", { startFrom: "protected@never" }));
    await product.succeed("up");
    expect(product.accepted("unplannedFailover")).to.equal(1);

    product.engine.forgetState();
    const from = product.requests;
    await product.succeed("up");
    expect(product.outputs("site")).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
    expect(product.writes(from)).to.deep.equal([]);

    product.engine.forgetState();
    product.program(failoverProgram("committed", { startFrom: "protected@never" }));
    const again = await product.fail("up");
    expect(again.output).to.contain('"protected@never" does not name the present stage and the last failover');
    const line = /add startFrom: "(failedOver@[^"]+)"/.exec(again.output.replace(/\s*\n\s*/g, " "))?.[1];
    expect(line, again.output).to.be.a("string");
    expect(product.writes(from)).to.deep.equal([]);

    product.program(failoverProgram("committed", { startFrom: line }));
    await product.succeed("up");
    expect(product.writes(from)).to.deep.equal([
      `POST /${planId.slice(planId.lastIndexOf("/") + 1)}/failoverCommit 202`,
    ]);
  });
});
