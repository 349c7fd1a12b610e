import { expect } from "chai";
import { drillProgram } from "./estate.js";
import { describeProduct, type FaultToAdd, type Product } from "./product.js";

/** Three calls in ten; each fault draws from a series of its own, the same in every run. */
const probability = 0.3;

const storms: { title: string; fault: FaultToAdd }[] = [
  { title: "429", fault: { kind: "throttle", retryAfterSeconds: 0, probability } },
  { title: "503", fault: { kind: "refuse", status: 503, code: "ServiceUnavailable", probability } },
  { title: "a connection dropped before Azure acted", fault: { kind: "drop", when: "before", probability } },
  { title: "a connection dropped after Azure acted", fault: { kind: "drop", when: "after", probability } },
];

describeProduct("a drill on bad days", (start) => {
  for (const { title, fault } of storms) {
    it(`ends well with one start and one clean-up where three calls in ten get ${title}`, async () => {
      const product = await start();
      product.program(drillProgram());
      await product.addFaults([fault]);
      await product.succeed("up");
      expect(product.outputs("drill").status).to.equal("waitingForCleanup");
      expect(product.emulator.log().filter((entry) => entry.fault !== undefined)).to.have.length.above(10);
      await product.succeed("destroy");
      expectOneDrill(product);
      await product.clearFaults();
      expect(await product.virtualMachines()).to.deep.equal([]);
      expect(await product.items()).to.deep.equal([]);
    });
  }

  it("names Azure's cause where a task fails, keeps what was made, and the next up repairs it", async () => {
    const product = await start();
    product.program(drillProgram());
    await product.addFaults([
      {
        kind: "failTask",
        taskName: "VmTfoPrepareTestVm",
        targetName: "web01",
        code: "SkuNotAvailable",
        message: "The requested size is not available in the location",
        times: 1,
      },
    ]);
    const { output } = await product.fail("up");
    expect(output)
      .to.contain("SkuNotAvailable")
      .and.to.contain("The requested size is not available in the location");
    expect(output).to.match(/Possible causes/i);
    expect(output).to.match(/Recommended/i);
    expect(product.accepted("testFailover")).to.equal(1);

    const again = await product.succeed("up");
    expect(product.outputs("drill").status, again.output).to.equal("waitingForCleanup");
    await product.succeed("destroy");
    expect(await product.virtualMachines()).to.deep.equal([]);
  });
});

function expectOneDrill(product: Product): void {
  expect(product.accepted("testFailover")).to.equal(1);
  expect(product.accepted("testFailoverCleanup")).to.equal(1);
}
