import { expect } from "chai";
import { failoverProgram, itemId, planId, protectedEstate } from "../drill/estate.js";
import { describeProduct } from "../drill/product.js";

const unplanned = { failoverDirection: "PrimaryToRecovery", sourceSiteOperations: "NotRequired" };
const rcm = { instanceType: "InMageRcm", performShutdown: "false" };

describeProduct("a failover that somebody started in the portal", (start) => {
  it("is named as drift by preview and up, starts nothing, and is accepted by the line that they give", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program(failoverProgram("protected"));
    await product.succeed("up");
    await product.portal(`${planId}/unplannedFailover`, {
      ...unplanned,
      providerSpecificDetails: [
        { instanceType: "InMageRcm", recoveryPointType: "Latest", useMultiVmSyncPoint: "Disable" },
      ],
    });
    expect((await product.items()).map(({ activeLocation }) => activeLocation)).to.deep.equal([
      "Recovery",
      "Recovery",
    ]);

    const from = product.requests;
    await product.succeed("refresh");
    for (const command of ["preview", "up"] as const) {
      const { output } = await product.succeed(command);
      expect(output, command).to.contain("db01, web01 are observed at failedOver");
      expect(output, command).to.contain('To accept it, declare stage: "failedOver".');
    }
    expect(product.writes(from)).to.deep.equal([]);
    expect(product.outputs("site")).to.include({ observedStage: "failedOver", lastAppliedStage: "protected" });

    product.program(failoverProgram("failedOver"));
    await product.succeed("up");
    expect(product.writes(from)).to.deep.equal([]);
    expect(product.outputs("site")).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
    expect((await product.succeed("preview")).changes).to.deep.equal({});
  });

  it("is drift also where it is one machine of a plan, in a nightly up with refresh", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program(failoverProgram("protected"));
    await product.succeed("up");
    await product.portal(`${itemId("web01")}/unplannedFailover`, { ...unplanned, providerSpecificDetails: rcm });

    const from = product.requests;
    const { output } = await product.succeed("up", { words: ["--refresh"] });
    expect(output).to.contain("web01 is observed at failedOver").and.not.to.contain("db01 is observed");
    expect(product.writes(from)).to.deep.equal([]);
    expect(product.outputs("site").observedStage).to.equal("mixed");
  });

  it("is left alone while its job still runs", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program(failoverProgram("protected"));
    await product.succeed("up");
    product.freeze();
    const post = await fetch(
      `${product.emulator.origin}${itemId("db01")}/unplannedFailover?api-version=2023-06-01`,
      {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ properties: { ...unplanned, providerSpecificDetails: rcm } }),
      },
    );
    expect(post.status).to.equal(202);
    const from = product.requests;
    product.program(failoverProgram("failedOver", { through: true }));
    await product.run("preview");
    expect(product.writes(from)).to.deep.equal([]);
  });
});
