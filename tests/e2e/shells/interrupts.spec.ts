import { expect } from "chai";
import { planId, protectedEstate } from "../drill/estate.js";
import { describeProduct, type Product } from "../drill/product.js";
import { chooseShell, declare, prepare, type Shell } from "./fixture.js";

const testNetworkId = `${planId.slice(0, planId.indexOf("/providers/"))}/providers/Microsoft.Network/virtualNetworks/shop-drill`;

describeProduct("Ctrl-C while a drill runs", (start) => {
  /** A drill whose job takes as long as the test wants: simulated time stands still. */
  async function drillOn(shell: Shell): Promise<Product> {
    const product = await start({ estate: protectedEstate() });
    prepare(product);
    chooseShell(product, shell);
    declare(product, {
      resources: [{ kind: "TestFailover", name: "drill", args: { targetId: planId, testNetworkId } }],
    });
    return product;
  }

  /** Starts an `up` and resolves once the job is being watched, which then does not go on. */
  async function upUntilWatched(product: Product) {
    const accepted = product.nextRequest(
      ({ path, status }) => path.endsWith("/testFailover") && status === 202,
      () => product.freeze(),
    );
    const running = product.start("up");
    await accepted;
    await product.nextRequest(({ path }) => path.includes("/replicationJobs"));
    return running;
  }

  /** The next `up` takes the same job to its end, and another one finds nothing to do. */
  async function expectTakenToItsEnd(product: Product): Promise<void> {
    product.unfreeze();
    await product.succeed("up");
    expect(product.outputs("drill")).to.include({ status: "waitingForCleanup" });
    expect(product.writes()).to.deep.equal(["POST /shop/testFailover 202"]);
    expect((await product.succeed("preview")).changes).to.deep.equal({});
  }

  it("stops waiting on the plugin, leaves the job alone, and lets the next up go on with it", async () => {
    const product = await drillOn("plugin");
    const running = await upUntilWatched(product);
    running.interrupt();
    const { status, output } = await running.ended;
    expect(status, output).to.equal(1);
    expect(product.outputs("drill")).to.include({ status: "running" });
    await expectTakenToItsEnd(product);
  });

  it("waits for the job's end where resources are dynamic, keeps what came of it, and starts nothing more", async () => {
    const product = await drillOn("dynamic");
    const running = await upUntilWatched(product);
    running.interrupt();
    // Still watched after the interrupt: nothing told the provider to stop.
    await product.nextRequest(({ path }) => path.includes("/replicationJobs"));
    product.unfreeze();
    const { status, output } = await running.ended;
    expect(status, output).to.equal(1);
    expect(output).to.contain("update canceled");
    expect(product.outputs("drill")).to.include({ status: "waitingForCleanup" });
    await expectTakenToItsEnd(product);
  });

  it("ends at once at the second Ctrl-C where resources are dynamic, and lets the next up find the job", async () => {
    const product = await drillOn("dynamic");
    const running = await upUntilWatched(product);
    running.interrupt();
    // Two signals of one kind that nobody has looked at yet are one.
    while (!running.output().includes("cancelling")) await product.nextRequest(() => true);
    running.interrupt();
    const { status, output } = await running.ended;
    expect(status, output).to.equal(8);
    product.engine.recover();
    await expectTakenToItsEnd(product);
  });
});
