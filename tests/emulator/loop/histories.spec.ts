import { expect } from "chai";
import fc from "fast-check";
import type { SavedState } from "../../../rehearsal/emulator/index.js";
import { byHand, edit, histories, up } from "./commands.js";
import { History } from "./history.js";
import { type QuickEmulator, startQuickEmulator } from "./quickEmulator.js";
import { estateOfAllKinds, type RingName, type Rings, ringNames, ringsOf } from "./rings.js";

const isFullRun = process.env.SITERECOVERY_FULL_TESTS === "1";

/** How many histories of each ring; about fifty commands each in a full run, thirty otherwise. */
const runs: Record<RingName, { short: number; full: number }> = {
  vmware: { short: 3, full: 60 },
  vmwarePlan: { short: 3, full: 60 },
  hyperV: { short: 3, full: 60 },
  hyperVPlan: { short: 3, full: 60 },
  vmm: { short: 2, full: 40 },
  vmmPlan: { short: 2, full: 40 },
  classic: { short: 2, full: 40 },
  classicPlan: { short: 2, full: 40 },
  vmmToVmm: { short: 2, full: 40 },
  vmmToVmmPlan: { short: 2, full: 40 },
};

describe("Failover in random histories of a stack, over HTTP", function () {
  this.timeout(isFullRun ? 3_600_000 : 600_000);
  let quick: QuickEmulator;
  let rings: Rings;
  let fresh: SavedState;

  before(async () => {
    quick = await startQuickEmulator(estateOfAllKinds());
    rings = await ringsOf(quick.emulator);
    fresh = quick.emulator.world.save();
  });
  after(async () => quick.stop());

  for (const name of ["vmware", "hyperV", "vmm", "classic", "vmmToVmm"] as const) {
    // As many steps by hand as bring a machine that failed over back to protected.
    const stepsHome = () => rings[name].stages.length - 2;

    it(`starts nothing for an old state that comes back after people went once round by hand (${name})`, async () => {
      const history = new History(quick, rings[name], fresh);
      const all = [
        up,
        { kind: "saveState" },
        edit(1),
        up,
        ...byHand(stepsHome()),
        { kind: "restoreState" },
        up,
      ] as const;
      for (const each of all) await history.run(each);
      expect(history.starts, history.story.join("\n")).to.have.length(1);
    });

    it(`starts nothing by a startFrom that has acted, after a turn by hand and a lost state (${name})`, async () => {
      const history = new History(quick, rings[name], fresh);
      const all = [
        edit(1),
        { kind: "startFrom", isRight: true },
        up,
        ...byHand(stepsHome()),
        { kind: "loseState" },
        up,
      ] as const;
      for (const each of all) await history.run(each);
      expect(history.starts, history.story.join("\n")).to.have.length(1);
    });

    it(`does not go on with a walk that failed, after people went once round by hand (${name})`, async () => {
      const history = new History(quick, rings[name], fresh);
      const all = [up, edit(1), { ...up, failsTask: true }, ...byHand(stepsHome() + 1), up] as const;
      for (const each of all) await history.run(each);
      expect(history.starts, history.story.join("\n")).to.have.length(1);
    });

    it(`changes no recovery point again for an old state that comes back (${name})`, async () => {
      const history = new History(quick, rings[name], fresh);
      const other = { kind: "editPoint", point: "latestApplicationConsistent" } as const;
      const all = [up, edit(1), up, { kind: "saveState" }, other, up, { kind: "restoreState" }, up] as const;
      for (const each of all) await history.run(each);
      // Between two sites no point can be chosen at all.
      const changes = name === "vmmToVmm" ? 0 : 1;
      expect(history.starts, history.story.join("\n")).to.have.length(1 + changes);
    });

    it(`fails over again after a turn by hand where the line that the refusal prints is added (${name})`, async () => {
      const history = new History(quick, rings[name], fresh);
      const again = [edit(1), up, { kind: "startFrom", isRight: true }, up] as const;
      for (const each of [up, ...byHand(stepsHome() + 1), ...again]) await history.run(each);
      expect(history.starts, history.story.join("\n")).to.have.length(1);
    });
  }

  for (const name of ringNames.filter((each) => each.endsWith("Plan"))) {
    it(`does not go on with a failed walk of a plan whose machines went once round by hand since (${name})`, async () => {
      const history = new History(quick, rings[name], fresh);
      const round = rings[name].stages.length - 1;
      const home = [0, 1].flatMap((item) => byHand(round, item));
      for (const each of [up, edit(1), { ...up, failsTask: true }, ...home, up]) await history.run(each);
      expect(history.starts, history.story.join("\n")).to.have.length(1);
    });
  }

  for (const name of ringNames) {
    it(`starts nothing in Azure that no changed word and no startFrom has asked for (${name})`, async () => {
      const reached = new Set<string>();
      let commands = 0;
      let ups = 0;
      let starts = 0;
      // The short run takes the same histories every time; the long one takes new ones, and a failure names its seed and path.
      const seed = process.env.SITERECOVERY_SEED ?? (isFullRun ? undefined : "7");
      const path = process.env.SITERECOVERY_SEED_PATH;
      const numRuns = isFullRun ? runs[name].full : runs[name].short;
      await fc.assert(
        fc.asyncProperty(histories(isFullRun ? 50 : 30), async (all) => {
          const history = new History(quick, rings[name], fresh);
          for (const each of all) await history.run(each);
          commands += all.length;
          ups += history.ups;
          starts += history.starts.length;
          for (const stage of history.reached) reached.add(stage);
        }),
        {
          numRuns,
          ...(seed === undefined ? {} : { seed: Number(seed) }),
          // A full run tells its failure at once, with the seed and path that have it shrunk.
          ...(path === undefined ? { endOnFailure: isFullRun } : { path }),
        },
      );
      console.log(`      ${commands} commands, ${ups} ups, ${starts} starts in Azure`);
      expect([...reached]).to.have.members([...new Set(rings[name].stages)]);
      expect(starts).to.be.greaterThan(numRuns);
    });
  }
});
