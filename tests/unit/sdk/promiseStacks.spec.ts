import { expect } from "chai";
import { leaveOutPromiseStacks } from "../../../sdk/promiseStacks.js";

function debuggablePromise(): string {
  return new Error("made").stack ?? "";
}

describe("leaveOutPromiseStacks", () => {
  const write = Error.prepareStackTrace;
  const debugged = process.env.PULUMI_DEBUG_PROMISE_LEAKS;

  beforeEach(() => {
    Error.prepareStackTrace = (error, frames) => `written: ${String(error)} ${frames[0]?.getFunctionName()}`;
    delete process.env.PULUMI_DEBUG_PROMISE_LEAKS;
  });

  afterEach(() => {
    Error.prepareStackTrace = write;
    if (debugged === undefined) delete process.env.PULUMI_DEBUG_PROMISE_LEAKS;
    else process.env.PULUMI_DEBUG_PROMISE_LEAKS = debugged;
  });

  it("leaves out the stacks of the SDK's promises until they are wanted again, and no other stack", () => {
    const anyOther = () => new Error("made").stack;
    const restore = leaveOutPromiseStacks();
    expect(debuggablePromise()).to.equal("Error: made");
    expect(anyOther()).to.equal("written: Error: made anyOther");
    restore();
    expect(debuggablePromise()).to.equal("written: Error: made debuggablePromise");
  });

  it("can be asked for again before it has ended, as where a transformation makes a resource", () => {
    const restoreOuter = leaveOutPromiseStacks();
    const restoreInner = leaveOutPromiseStacks();
    restoreInner();
    expect(debuggablePromise()).to.equal("Error: made");
    restoreOuter();
    expect(debuggablePromise()).to.equal("written: Error: made debuggablePromise");
  });

  it("leaves every stack where promises that leak are looked for", () => {
    process.env.PULUMI_DEBUG_PROMISE_LEAKS = "true";
    const restore = leaveOutPromiseStacks();
    expect(debuggablePromise()).to.equal("written: Error: made debuggablePromise");
    restore();
  });

  it("changes nothing where nothing translates stacks, as writing them is cheap then", () => {
    Reflect.deleteProperty(Error, "prepareStackTrace");
    const restore = leaveOutPromiseStacks();
    expect(Error.prepareStackTrace).to.equal(undefined);
    restore();
    expect(debuggablePromise()).to.contain("at debuggablePromise");
  });
});
