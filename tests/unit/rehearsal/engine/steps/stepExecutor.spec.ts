import { expect } from "chai";
import { StepExecutor } from "../../../../../rehearsal/engine/steps/stepExecutor.js";

function gate(): { open: () => void; passed: Promise<void> } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

describe("StepExecutor", () => {
  it("holds a step back until there is a place for it", async () => {
    const executor = new StepExecutor(1);
    const first = gate();
    const log: string[] = [];
    await executor.start(async () => {
      await first.passed;
      log.push("first ended");
    });
    const second = executor.start(async () => {
      log.push("second ran");
    });
    first.open();
    expect(await second).to.equal(true);
    await executor.drain();
    expect(log).to.deep.equal(["first ended", "second ran"]);
  });

  it("starts nothing more once it stopped, and lets what runs end", async () => {
    const executor = new StepExecutor(1);
    const first = gate();
    let hasEnded = false;
    await executor.start(async () => {
      await first.passed;
      hasEnded = true;
    });
    const waiting = executor.start(() => Promise.reject(new Error("must not run")));
    executor.stop("canceled");
    executor.stop("failed");
    expect(await waiting).to.equal(false);
    expect(await executor.start(() => Promise.reject(new Error("must not run")))).to.equal(false);
    first.open();
    await executor.drain();
    expect([hasEnded, executor.stopped]).to.deep.equal([true, "canceled"]);
  });

  it("tells listeners that it stopped, late ones too", () => {
    const executor = new StepExecutor(1);
    const told: string[] = [];
    executor.onStop(() => told.push("early"));
    executor.stop("failed");
    executor.onStop(() => told.push("late"));
    expect(told).to.deep.equal(["early", "late"]);
  });
});
