import { expect } from "chai";
import {
  failedTask,
  isRegionDown,
  isSourceUnreachable,
  takeRequestFault,
} from "../../../../rehearsal/emulator/faults.js";
import { EmulatorWorld, type WorldOptions } from "../../../../rehearsal/emulator/world.js";

const start = Date.parse("2026-01-31T08:00:00Z");

/** A world whose real time the test moves by hand. */
function world(options: Partial<WorldOptions> = {}) {
  const real = { now: 0 };
  const made = new EmulatorWorld({
    siteRecovery: { vaults: {} },
    startTime: start,
    realNow: () => real.now,
    ...options,
  });
  return { world: made, real };
}

describe("the simulated clock", () => {
  it("runs at its speed from its start", () => {
    const { world: made, real } = world({ speed: 60 });
    real.now += 1000;
    expect(made.clock.now()).to.equal(start + 60_000);
    expect(made.clock.speed).to.equal(60);
  });

  it("stands while frozen, moves when advanced, and goes on at its old speed", () => {
    const { world: made, real } = world({ speed: 10, frozen: true });
    real.now += 5000;
    expect(made.clock.now()).to.equal(start);
    expect(made.clock.speed).to.equal(0);
    made.clock.change({ time: start + 90_000 });
    made.clock.change({ frozen: false });
    real.now += 100;
    expect(made.clock.now()).to.equal(start + 91_000);
  });

  it("never goes back, whatever it is set to", () => {
    const { world: made } = world();
    made.clock.change({ time: start - 1 });
    expect(made.clock.now()).to.equal(start);
  });

  it("keeps the time that has passed when its speed changes", () => {
    const { world: made, real } = world({ speed: 100 });
    real.now += 1000;
    made.clock.change({ speed: 1 });
    real.now += 1000;
    expect(made.clock.now()).to.equal(start + 101_000);
  });

  it("asks clients to wait 30 seconds at speed 1 or slower, and 30/N rounded down above", () => {
    const seconds = (speed: number) => world({ speed, frozen: speed === 7 }).world.retryAfterSeconds();
    expect([0.5, 1, 2, 7, 16, 31].map(seconds)).to.deep.equal([30, 30, 15, 4, 1, 0]);
  });
});

describe("the timeline", () => {
  it("runs what is due in order of time, then of scheduling, with the clock at each event's own time", () => {
    const seen: string[] = [];
    const { world: made } = world({
      frozen: true,
      timeline: {
        note: (data, seenWorld) => void seen.push(`${data.text}@${(seenWorld.clock.now() - start) / 1000}`),
      },
    });
    made.schedule(start + 20_000, "note", { text: "c" });
    made.schedule(start + 10_000, "note", { text: "a" });
    made.schedule(start + 10_000, "note", { text: "b" });
    made.schedule(start + 99_000, "note", { text: "later" });
    made.clock.change({ time: start + 50_000 });
    expect(made.settle()).to.equal(3);
    expect(seen).to.deep.equal(["a@10", "b@10", "c@20"]);
    expect(made.state.timeline).to.have.length(1);
  });

  it("runs what an event schedules within the time that is already due, in its place among the others", () => {
    const seen: string[] = [];
    const { world: made } = world({
      frozen: true,
      timeline: {
        first(_data, seenWorld) {
          seen.push("first");
          seenWorld.schedule(seenWorld.clock.now() + 5_000, "note", { text: "second" });
        },
        note: (data) => void seen.push(String(data.text)),
      },
    });
    made.schedule(start + 10_000, "first", {});
    made.schedule(start + 18_000, "note", { text: "third" });
    made.clock.change({ time: start + 60_000 });
    made.settle();
    expect(seen).to.deep.equal(["first", "second", "third"]);
  });

  it("treats an event in the past as one of now", () => {
    const at: number[] = [];
    const { world: made } = world({
      frozen: true,
      timeline: { note: (_data, seen) => void at.push(seen.clock.now()) },
    });
    made.schedule(start - 5_000, "note", {});
    made.settle();
    expect(at).to.deep.equal([start]);
  });

  it("refuses an event of a kind that nobody handles, and goes on behind it", () => {
    const { world: made } = world({ timeline: { note: () => undefined } });
    made.schedule(start, "unheard", {});
    made.schedule(start, "note", {});
    expect(() => made.settle()).to.throw("unknown kind unheard");
    expect(made.settle()).to.equal(1);
  });

  it("goes on from a saved state as if nothing had happened", () => {
    const run = (interrupted: boolean) => {
      const seen: string[] = [];
      const timeline = {
        note: (_data: unknown, seenWorld: { newGuid(): string }) => void seen.push(seenWorld.newGuid()),
      };
      let { world: made } = world({ frozen: true, seed: 7, timeline });
      for (const seconds of [1, 2, 3]) made.schedule(start + seconds * 1000, "note", {});
      made.clock.change({ time: start + 1500 });
      made.settle();
      if (interrupted) {
        const saved = JSON.parse(JSON.stringify(made.save()));
        made = world({ timeline }).world;
        made.restore(saved);
      }
      made.clock.change({ time: start + 10_000 });
      made.settle();
      return seen;
    };
    expect(run(true)).to.deep.equal(run(false)).and.to.have.length(3);
  });
});

describe("newGuid", () => {
  it("gives version 4 GUIDs, all different, the same for the same seed and others for another", () => {
    const guids = (seed: number) => {
      const { world: made } = world({ seed });
      return Array.from({ length: 200 }, () => made.newGuid());
    };
    expect(guids(1)).to.deep.equal(guids(1));
    expect(new Set([...guids(1), ...guids(2)]).size).to.equal(400);
    for (const guid of guids(3))
      expect(guid).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe("faults", () => {
  it("match a request by method and path, as often as they say", () => {
    const { world: made } = world();
    made.state.faults = [
      { id: "a", kind: "refuse", status: 503, method: "POST", path: "/testFailover$", times: 2 },
    ];
    expect(takeRequestFault(made, "GET", "/items/x/testFailover")).to.equal(undefined);
    expect(takeRequestFault(made, "POST", "/items/x/testFailoverCleanup")).to.equal(undefined);
    const hits = [1, 2, 3].map(() => takeRequestFault(made, "POST", "/items/x/TESTFAILOVER")?.id);
    expect(hits).to.deep.equal(["a", "a", undefined]);
  });

  it("happen about as often as their probability says, and at the same calls in every run", () => {
    const draws = () => {
      const { world: made } = world();
      made.state.faults = [{ id: "p", kind: "throttle", retryAfterSeconds: 0, probability: 0.3 }];
      return Array.from({ length: 1000 }, () => takeRequestFault(made, "GET", "/x") !== undefined);
    };
    const first = draws();
    expect(first).to.deep.equal(draws());
    expect(first.filter(Boolean).length).to.be.within(240, 360);
  });

  it("try the next one where the first does not happen", () => {
    const { world: made } = world();
    made.state.faults = [
      { id: "used", kind: "drop", when: "before", times: 0 },
      { id: "next", kind: "delay", milliseconds: 1 },
    ];
    expect(takeRequestFault(made, "GET", "/x")?.id).to.equal("next");
  });

  it("tell Site Recovery which task fails, which source is away and which region is down", () => {
    const { world: made } = world();
    made.state.faults = [
      { id: "t", kind: "failTask", taskName: "Boot", scenarioName: "TestFailover", targetName: "db01", times: 1 },
      { id: "s", kind: "sourceUnreachable", machineName: "web01" },
      { id: "r", kind: "regionDown", location: "westeurope" },
    ];
    const task = { taskName: "boot", scenarioName: "testfailover", targetName: "DB01" };
    expect(failedTask(made, { ...task, targetName: "db02" })).to.equal(undefined);
    expect(failedTask(made, task)?.id).to.equal("t");
    expect(failedTask(made, task)).to.equal(undefined);
    expect(isSourceUnreachable(made, { machineName: "Web01" })).to.equal(true);
    expect(isSourceUnreachable(made, { machineName: "web02" })).to.equal(false);
    expect(isRegionDown(made, "WestEurope")).to.equal(true);
    expect(isRegionDown(made, "eastus")).to.equal(false);
  });
});
