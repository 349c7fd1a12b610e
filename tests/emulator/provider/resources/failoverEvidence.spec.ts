import { expect } from "chai";
import type { RunEvidence } from "../../../../provider/evidence/types.js";
import { stages } from "../../../../provider/lifecycle/stages.js";
import { failover } from "../../../../provider/resources/failover.js";
import { type EvidenceKeeper, PartialFailure } from "../../../../provider/resources/handler.js";
import type { SiteRecovery } from "../../../../provider/siterecovery/siteRecovery.js";
import { makeContext, type Resource, type TestContext, up } from "../../../unit/provider/resources/fakeEstate.js";
import { connectTo, itemId, withEmulator } from "../siterecovery/emulatedVault.js";
import { planIdOf, wayBack } from "./ringOverHttp.js";

const planId = planIdOf("shop");

/** A history in memory. */
function keeper(): EvidenceKeeper & { lines: RunEvidence[] } {
  const lines: RunEvidence[] = [];
  return {
    lines,
    defaultDirectory: "drills/dev",
    versions: async () => ({ package: "1.2.3" }),
    append: async (_directory, evidence) => {
      if (!lines.some(({ jobName }) => jobName === evidence.jobName)) lines.push(evidence);
    },
  };
}

const contextOf = (siteRecovery: SiteRecovery, evidence: EvidenceKeeper): TestContext => ({
  ...makeContext(siteRecovery),
  evidence,
});
const evidenceIn = ({ outputs }: Pick<Resource, "outputs">) => (outputs.evidence ?? []) as RunEvidence[];

describe("Failover's evidence, over HTTP", function () {
  this.timeout(240_000);

  it("measures a plan's failover and failback, and nothing of commits and reprotects", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const siteRecovery = connectTo(emulator, { pollIntervalSeconds: 1 });
      const history = keeper();
      const inputs = { targetId: planId, ...(await wayBack(siteRecovery)), recoveryTimeGoal: "PT4H" };
      let at: Resource | undefined;
      const seen: Record<string, number> = {};
      for (const stage of stages) {
        at = await up(failover, contextOf(siteRecovery, history), { ...inputs, stage }, at);
        seen[stage] = history.lines.length;
      }
      expect(seen).to.deep.equal({
        protected: 0,
        failedOver: 1,
        committed: 1,
        reprotected: 1,
        failedBack: 2,
        failbackCommitted: 2,
      });
      const [there, back] = evidenceIn(at as Resource);
      expect(there).to.include({
        kind: "failover",
        fromStage: "protected",
        toStage: "failedOver",
        state: "Succeeded",
      });
      expect(back).to.include({ kind: "failover", fromStage: "reprotected", toStage: "failedBack" });
      for (const machine of there?.machines ?? []) {
        expect(machine.recoveryTimeSeconds, machine.name).to.be.greaterThan(0);
        expect(machine.recoveryPointAgeSeconds, machine.name).to.be.at.least(0);
        expect(machine.virtualMachineId, machine.name).to.be.a("string");
        expect(machine.access.length, machine.name).to.be.greaterThan(0);
      }
      expect(there?.goals.map(({ isMet }) => isMet)).to.deep.equal([true, true]);
      expect(back?.goals).to.deep.equal([]);
      expect(back?.machines.every(({ recoveryTimeSeconds }) => recoveryTimeSeconds !== undefined)).to.equal(true);
      expect(back?.findings.filter(({ id }) => id === "machineNotFound")).to.deep.equal([]);
      expect(evidenceIn(at as Resource)).to.deep.equal(history.lines);
      // A refresh and an unchanged `up` leave it as it is.
      const read = await failover.read(contextOf(siteRecovery, history), planId, (at as Resource).outputs);
      expect(read?.outputs.evidence).to.deep.equal((at as Resource).outputs.evidence);
    });
  });

  it("takes both legs of a walk through the whole way apart", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const siteRecovery = connectTo(emulator, { pollIntervalSeconds: 1 });
      const history = keeper();
      const inputs = { targetId: itemId("web01"), through: true, ...(await wayBack(siteRecovery)) };
      let at = await up(failover, contextOf(siteRecovery, history), { ...inputs, stage: "protected" });
      at = await up(failover, contextOf(siteRecovery, history), { ...inputs, stage: "failedBack" }, at);
      expect(
        evidenceIn(at).map(({ fromStage, toStage, jobs }) => [fromStage, toStage, jobs[0]?.scenarioName]),
      ).to.deep.equal([
        ["protected", "failedOver", "UnplannedFailover"],
        ["committed", "failedBack", "PlannedFailover"],
      ]);
    });
  });

  it("loses nothing to a kill after the walk, and adds it to the history once", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const siteRecovery = connectTo(emulator, { pollIntervalSeconds: 1 });
      const history = keeper();
      const inputs = { targetId: planId };
      const before = await up(failover, contextOf(siteRecovery, history), { ...inputs, stage: "protected" });
      const done = await up(
        failover,
        contextOf(siteRecovery, history),
        { ...inputs, stage: "failedOver" },
        before,
      );
      // The state of that `up` was never written.
      const again = await up(
        failover,
        contextOf(siteRecovery, history),
        { ...inputs, stage: "failedOver" },
        before,
      );
      expect(evidenceIn(again).map(({ jobName }) => jobName)).to.deep.equal(
        evidenceIn(done).map(({ jobName }) => jobName),
      );
      expect(history.lines).to.have.length(1);
      const posts = emulator
        .log()
        .filter(({ method, path }) => method === "POST" && path.includes("unplannedFailover"));
      expect(posts).to.have.length(1);
    });
  });

  it("fails the up on a missed goal at the stage that was reached, starts nothing again, and lets the next word go", async () => {
    await withEmulator({ speed: 20_000 }, async (emulator) => {
      const siteRecovery = connectTo(emulator, { pollIntervalSeconds: 1 });
      const history = keeper();
      const inputs = { targetId: itemId("web01"), recoveryTimeGoal: "PT1S", failOnMissedGoal: true };
      const at = await up(failover, contextOf(siteRecovery, history), { ...inputs, stage: "protected" });
      const miss = async (prior: Resource) => {
        const context = contextOf(siteRecovery, history);
        const { inputs: checked } = await failover.check(context, prior.inputs, {
          ...inputs,
          stage: "failedOver",
        });
        const error = await failover.reconcile(context, checked, prior).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (!(error instanceof PartialFailure)) throw new Error(`no partial failure: ${String(error)}`);
        expect(error.reasons.join("\n"))
          .to.contain("goal of 1 s missed")
          .and.to.contain("Nothing is started again");
        return { id: error.id, inputs: checked, outputs: error.properties };
      };
      const missed = await miss(at);
      expect(missed.outputs).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
      expect(failover.diff(missed.id, missed.outputs, missed.inputs).hasChanges).to.equal(true);
      const twice = await miss(missed);
      expect(
        emulator.log().filter(({ method, path }) => method === "POST" && path.includes("unplannedFailover")),
      ).to.have.length(1);
      const next = await up(failover, contextOf(siteRecovery, history), { ...inputs, stage: "committed" }, twice);
      expect(next.outputs).to.include({ observedStage: "committed" });
      expect(evidenceIn(next)).to.have.length(1);
    });
  });
});
