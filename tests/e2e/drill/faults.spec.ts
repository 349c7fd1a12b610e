import { expect } from "chai";
import type { Ended } from "./engines.js";
import { drill, drillProgram, itemId, planId, protectedEstate } from "./estate.js";
import { describeProduct, type FaultToAdd, isFullRun, type Product } from "./product.js";

/** Three calls in ten; each fault draws from a series of its own, the same in every run. */
const probability = 0.3;

const storms: { title: string; fault: FaultToAdd; isRare?: boolean }[] = [
  { title: "429", fault: { kind: "throttle", retryAfterSeconds: 0, probability } },
  { title: "503", fault: { kind: "refuse", status: 503, code: "ServiceUnavailable", probability }, isRare: true },
  {
    title: "a connection dropped before Azure acted",
    fault: { kind: "drop", when: "before", probability },
    isRare: true,
  },
  { title: "a connection dropped after Azure acted", fault: { kind: "drop", when: "after", probability } },
];

describeProduct("a drill on bad days", (start) => {
  for (const { title, fault } of storms.filter(({ isRare }) => isFullRun || !isRare)) {
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

  it("fails with Azure's cause and advice where one machine of a plan fails, starts nothing more, and runs again for a new trigger", async () => {
    const product = await start({ estate: protectedEstate() });
    const program = (trigger: string) => ({ resources: [drill({ targetId: planId, triggers: [trigger] })] });
    product.program(program("first"));
    await product.addFaults([{ ...failedTask, targetName: "web01", times: 1 }]);
    expectCauses(await product.fail("up"));
    expect(product.outputs("drill").status).to.equal("failed");
    expect(await product.virtualMachines()).to.deep.equal(["db01-test"]);

    const from = product.requests;
    expectCauses(await product.fail("up"));
    expect(product.writes(from)).to.deep.equal([]);

    product.program(program("second"));
    await product.succeed("up");
    expect(product.writes(from)).to.deep.equal([
      "POST /shop/testFailoverCleanup 202",
      "POST /shop/testFailover 202",
    ]);
    expect(product.outputs("drill").status).to.equal("waitingForCleanup");
    expect(await product.virtualMachines()).to.deep.equal(["db01-test", "web01-test"]);
    await product.succeed("destroy");
    expect(await product.virtualMachines()).to.deep.equal([]);
  });

  it("fails with Azure's cause and advice where the machine of a drill fails at its start, and the next up runs it", async () => {
    const product = await start({ estate: protectedEstate() });
    product.program({ resources: [drill({ targetId: itemId("db01") })] });
    await product.addFaults([{ ...failedTask, taskName: "VmTfoPrerequisitesCheck", times: 1 }]);
    expectCauses(await product.fail("up"));
    expect(await product.virtualMachines()).to.deep.equal([]);

    await product.succeed("up");
    expect(product.accepted("testFailover")).to.equal(2);
    expect(product.outputs("drill").status).to.equal("waitingForCleanup");
    expect(await product.virtualMachines()).to.deep.equal(["db01-test"]);
  });
});

const failedTask = {
  kind: "failTask",
  taskName: "VmTfoPrepareTestVm",
  code: "SkuNotAvailable",
  message: "The requested size is not available in the location",
} as const;

function expectCauses({ output }: Ended): void {
  expect(output).to.contain("The requested size is not available in the location (SkuNotAvailable)");
  expect(output)
    .to.match(/Possible causes: \S/)
    .and.to.match(/Recommended: \S/);
}

function expectOneDrill(product: Product): void {
  expect(product.accepted("testFailover")).to.equal(1);
  expect(product.accepted("testFailoverCleanup")).to.equal(1);
}
