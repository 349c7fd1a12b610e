import { expect } from "chai";
import { failover } from "../../../provider/resources/failover.js";
import type { Handler, Properties } from "../../../provider/resources/handler.js";
import { testFailover } from "../../../provider/resources/testFailover.js";
import type { SavedState } from "../../../rehearsal/emulator/index.js";
import { type Resource, up } from "../../unit/provider/resources/fakeEstate.js";
import { startProcess } from "./process.js";
import { type QuickEmulator, startQuickEmulator } from "./quickEmulator.js";
import { estateOfAllKinds, type Rings, ringsOf, testNetworkId, vaultId } from "./rings.js";

/** Two people, or a person and a pipeline, run `up` of the same program at the same time, each with a process of its own. */
describe("two runs at once", function () {
  this.timeout(240_000);
  let quick: QuickEmulator;
  let rings: Rings;
  let fresh: SavedState;

  before(async () => {
    quick = await startQuickEmulator(estateOfAllKinds());
    rings = await ringsOf(quick.emulator);
    fresh = quick.emulator.world.save();
  });
  beforeEach(() => {
    quick.emulator.world.restore(structuredClone(fresh));
    quick.onRequest = () => {};
  });
  after(async () => quick.stop());

  const run = (handler: Handler, program: Properties, prior?: Resource) =>
    up(handler, startProcess(quick.emulator.origin).context, program, prior);

  const starts = (from: number) =>
    quick.emulator
      .log()
      .slice(from)
      .filter(({ method, status, path }) => method === "POST" && status === 202 && path.startsWith(vaultId))
      .map(({ path }) => path.split("/").slice(-2).reverse().join(" "));

  /** Runs both; what the one that did not end well said. */
  async function both(first: () => Promise<Resource>, second: () => Promise<Resource>) {
    const from = quick.emulator.log().length;
    const ends = await Promise.allSettled([first(), second()]);
    const well = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    const said = ends.flatMap((end) => (end.status === "rejected" ? [String((end.reason as Error).message)] : []));
    return { starts: starts(from), well, said };
  }

  /**
   * The second begins at the moment when Azure takes the first one's start: it sees what runs, and tries nothing that Azure
   * would have to refuse.
   */
  async function oneAfter(action: string, first: () => Promise<Resource>, second: () => Promise<Resource>) {
    const from = quick.emulator.log().length;
    const taken = new Promise<void>((resolve) => {
      quick.onRequest = ({ method, path, status }) => {
        if (method === "POST" && status === 202 && path.endsWith(`/${action}`)) resolve();
      };
    });
    const result = await both(first, () => taken.then(second));
    const refused = quick.emulator
      .log()
      .slice(from)
      .filter(({ method, status }) => method !== "GET" && status >= 400);
    expect(refused.map(({ path, status }) => `${status} ${path}`)).to.deep.equal([]);
    return result;
  }

  // Azure itself may be the one that refuses, where the first has ended between the second's look and its start.
  const why =
    /job .* is (running on it|InProgress)|another test failover waits|Azure does not offer it now|is not allowed for|must be protected/;

  for (const name of ["vmware", "vmwarePlan", "hyperV", "hyperVPlan"] as const) {
    for (const moment of ["at the same instant", "once the first has started"] as const) {
      const together = moment === "at the same instant" ? both : undefined;

      it(`start one failover of ${name}, ${moment}: the second attaches to it or says why not`, async () => {
        const { targetId, way } = rings[name];
        const made = await run(failover, { targetId, stage: "protected", ...way });
        const over = () => run(failover, { targetId, stage: "failedOver", ...way }, structuredClone(made));
        const {
          starts: taken,
          well,
          said,
        } = await (together?.(over, over) ?? oneAfter("unplannedFailover", over, over));
        expect(taken).to.deep.equal([`unplannedFailover ${targetId.split("/").at(-1)}`]);
        expect(well.length, said.join()).to.be.greaterThan(0);
        for (const { outputs } of well) expect(outputs).to.include({ observedStage: "failedOver" });
        for (const text of said) expect(text, text).to.match(why);
      });

      it(`run one drill of ${name}, ${moment}: the second attaches to it or says why not`, async () => {
        const { targetId } = rings[name];
        const drill = () => run(testFailover, { targetId, testNetworkId, triggers: ["spring"] });
        const {
          starts: taken,
          well,
          said,
        } = await (together?.(drill, drill) ?? oneAfter("testFailover", drill, drill));
        expect(taken).to.deep.equal([`testFailover ${targetId.split("/").at(-1)}`]);
        expect(well.length, said.join()).to.be.greaterThan(0);
        for (const { outputs } of well) expect(outputs).to.include({ status: "waitingForCleanup" });
        for (const text of said) expect(text, text).to.match(why);
      });
    }

    it(`refuse the second where a drill of ${name} runs and the first wants a failover, or the other way round`, async () => {
      const { targetId, way } = rings[name];
      const made = await run(failover, { targetId, stage: "protected", ...way });
      const over = () => run(failover, { targetId, stage: "failedOver", ...way }, structuredClone(made));
      const drill = () => run(testFailover, { targetId, testNetworkId });
      const first = await oneAfter("testFailover", drill, over);
      expect(first.starts).to.have.length(1);
      expect(first.said.join(), first.said.join()).to.match(/TestFailover|test failover|does not offer it now/);

      quick.emulator.world.restore(structuredClone(fresh));
      const second = await oneAfter("unplannedFailover", over, drill);
      expect(second.starts).to.have.length(1);
      expect(second.said.join(), second.said.join()).to.match(
        /UnplannedFailover|failedOver|must be protected|Azure does not offer it now/,
      );
    });
  }
});
