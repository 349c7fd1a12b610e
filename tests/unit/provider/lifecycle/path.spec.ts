import { expect } from "chai";
import fc from "fast-check";
import {
  asPlanned,
  legalStages,
  nextStep,
  path,
  stageIndex,
  stretch,
} from "../../../../provider/lifecycle/path.js";
import { type Scenario, type Stage, stages } from "../../../../provider/lifecycle/stages.js";

const scenarios: Scenario[] = ["vmware", "vmwareClassic", "hyperV", "vmmToVmm"];
const question = fc.record({
  scenario: fc.constantFrom(...scenarios),
  from: fc.constantFrom(...stages),
  to: fc.constantFrom(...stages),
  through: fc.boolean(),
});

describe("path", () => {
  it("needs no step to stay", () => {
    for (const scenario of scenarios)
      for (const stage of stages)
        expect(path(scenario, stage, stage, false)).to.deep.equal({ isLegal: true, steps: [] });
  });

  it("goes from protected to failedOver by an unplanned failover, and says what that costs", () => {
    const way = path("vmware", "protected", "failedOver", false);
    expect(way.isLegal && way.steps.map((step) => step.action)).to.deep.equal(["unplannedFailover"]);
    expect(way.isLegal && way.steps[0]?.loss).to.contain("cannot be cancelled");
  });

  it("refuses two steps without through: true, naming the steps on the way and that argument", () => {
    const way = path("vmware", "protected", "committed", false);
    expect(way.isLegal).to.equal(false);
    expect(!way.isLegal && way.reason)
      .to.contain("failedOver, then committed")
      .and.to.contain("through: true");
    expect(!way.isLegal && way.legalStages).to.deep.equal(["protected", "failedOver"]);
  });

  it("goes both steps with through: true, in the order of the ring", () => {
    const way = path("vmware", "protected", "committed", true);
    expect(way.isLegal && way.steps.map((step) => step.action)).to.deep.equal([
      "unplannedFailover",
      "failoverCommit",
    ]);
  });

  it("goes round no further than protected, and never back but by cancelling a failback", () => {
    const backwards: [Stage, Stage][] = [
      ["committed", "failedOver"],
      ["reprotected", "committed"],
      ["reprotected", "failedOver"],
      ["failedBack", "committed"],
      ["failbackCommitted", "failedBack"],
      ["failbackCommitted", "failedOver"],
      ["failbackCommitted", "reprotected"],
    ];
    for (const scenario of scenarios)
      for (const [from, to] of backwards)
        for (const through of [true, false])
          expect(path(scenario, from, to, through).isLegal, `${scenario} ${from} ${to}`).to.equal(false);
  });

  it("cancels a failback of modernised machines alone", () => {
    const way = path("vmware", "failedBack", "reprotected", false);
    expect(way.isLegal && way.steps.map((step) => step.action)).to.deep.equal(["failoverCancel"]);
    for (const scenario of ["vmwareClassic", "hyperV", "vmmToVmm"] as const)
      expect(path(scenario, "failedBack", "reprotected", true).isLegal, scenario).to.equal(false);
  });

  it("walks the whole turn of each ring with through: true", () => {
    const actions = (scenario: Scenario, from: Stage, to: Stage) => {
      const way = path(scenario, from, to, true);
      return way.isLegal ? way.steps.map((step) => step.action) : way.reason;
    };
    const back = ["reprotect", "failback", "failbackCommit", "reverseReplicate"];
    expect(actions("vmware", "committed", "protected")).to.deep.equal(back);
    expect(actions("vmware", "failedOver", "protected")).to.deep.equal(back);
    expect(actions("hyperV", "committed", "protected")).to.deep.equal(back.slice(1));
    expect(actions("hyperV", "failedOver", "protected")).to.deep.equal(["failoverCommit", ...back.slice(1)]);
    expect(actions("vmmToVmm", "committed", "protected")).to.deep.equal([
      "reprotect",
      "failback",
      "reverseReplicate",
    ]);
  });

  it("says of the straight way from failedOver to reprotected that it commits on the way", () => {
    const way = path("vmware", "failedOver", "reprotected", false);
    expect(way.isLegal && way.steps[0]?.loss)
      .to.contain("committed on the way")
      .and.to.contain("all recovery points are deleted");
  });

  it("refuses reprotected for Hyper-V and names the stages that are legal instead", () => {
    const way = path("hyperV", "committed", "reprotected", true);
    expect(way.isLegal).to.equal(false);
    expect(!way.isLegal && way.legalStages).to.not.include("reprotected");
    expect(!way.isLegal && way.legalStages[0]).to.equal("committed");
  });

  it("makes a chain of steps that begins at from, ends at to, visits no stage twice and never passes protected", () => {
    fc.assert(
      fc.property(question, ({ scenario, from, to, through }) => {
        const way = path(scenario, from, to, through);
        if (!way.isLegal) return;
        const visited = [from, ...way.steps.map((step) => step.to)];
        expect(visited.at(-1)).to.equal(to);
        way.steps.forEach((step, index) => {
          expect(step.from).to.equal(visited[index]);
        });
        expect(new Set(visited).size, visited.join(" -> ")).to.equal(visited.length);
        expect(visited.slice(1, -1)).to.not.include("protected");
        if (!through) expect(way.steps.length).to.be.at.most(1);
      }),
    );
  });

  it("is never longer than needed: no legal way to a stage has fewer steps", () => {
    fc.assert(
      fc.property(question, ({ scenario, from, to }) => {
        const way = path(scenario, from, to, true);
        if (!way.isLegal) return;
        const distance = new Map<Stage, number>([[from, 0]]);
        const queue: Stage[] = [from];
        for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
          for (const next of stages) {
            const edge = path(scenario, at, next, false);
            if (!edge.isLegal || distance.has(next)) continue;
            distance.set(next, (distance.get(at) ?? 0) + 1);
            queue.push(next);
          }
        }
        expect(way.steps.length).to.equal(distance.get(to));
      }),
    );
  });

  it("names in every refusal the present stage first, and only stages that are legal indeed", () => {
    fc.assert(
      fc.property(question, ({ scenario, from, to, through }) => {
        const way = path(scenario, from, to, through);
        if (way.isLegal) return;
        expect(way.legalStages[0]).to.equal(from);
        expect(way.legalStages).to.not.include(to);
        expect(way.reason).to.contain(to);
        for (const stage of way.legalStages)
          expect(path(scenario, from, stage, through).isLegal, `${from} to ${stage}`).to.equal(true);
      }),
    );
  });

  it("marks every irreversible step with the loss in words", () => {
    for (const scenario of scenarios) {
      const way = path(scenario, "protected", "committed", true);
      if (!way.isLegal) throw new Error("protected to committed must be legal with through");
      for (const step of way.steps) {
        expect(step.isReversible).to.equal(false);
        expect(step.loss.length).to.be.greaterThan(10);
        expect(step.scenarioNames.length).to.be.greaterThan(0);
      }
    }
  });
});

describe("legalStages", () => {
  it("holds exactly the stages that path allows", () => {
    fc.assert(
      fc.property(question, ({ scenario, from, to, through }) => {
        expect(legalStages(scenario, from, through).includes(to)).to.equal(
          path(scenario, from, to, through).isLegal,
        );
      }),
    );
  });
});

describe("stretch", () => {
  it("holds both ends and what lies between, whether or not one walk may go that far", () => {
    expect(stretch("vmware", "protected", "committed")).to.deep.equal(["protected", "failedOver", "committed"]);
    expect(stretch("vmware", "failedOver", "failedOver")).to.deep.equal(["failedOver"]);
    expect(stretch("vmware", "failedOver", "reprotected")).to.deep.equal([
      "failedOver",
      "committed",
      "reprotected",
    ]);
    expect(stretch("vmware", "failedBack", "reprotected")).to.deep.equal(["failedBack", "reprotected"]);
    expect(stretch("hyperV", "committed", "protected")).to.deep.equal([
      "committed",
      "failedBack",
      "failbackCommitted",
      "protected",
    ]);
  });

  it("is empty where there is no way", () => {
    expect(stretch("vmware", "committed", "failedOver")).to.deep.equal([]);
    expect(stretch("hyperV", "protected", "reprotected")).to.deep.equal([]);
  });
});

describe("stageIndex", () => {
  it("orders the stages as the ring does", () => {
    expect(stages.map(stageIndex)).to.deep.equal([0, 1, 2, 3, 4, 5]);
  });
});

describe("nextStep", () => {
  it("takes the way whose first step Azure offers, the shorter one where it offers both", () => {
    const action = (...offered: string[]) => nextStep("vmware", "failedOver", "reprotected", offered)?.action;
    expect(action("Commit", "SwitchProtection")).to.equal("reprotect");
    expect(action("Commit")).to.equal("failoverCommit");
    expect(action()).to.equal("reprotect");
    expect(nextStep("vmware", "committed", "failedOver", ["Commit"])).to.equal(undefined);
  });
});

describe("asPlanned", () => {
  it("turns the failover alone into a planned one, which loses nothing", () => {
    const way = path("hyperV", "protected", "committed", true);
    if (!way.isLegal) throw new Error("protected to committed must be legal with through");
    const [failover, commit] = way.steps.map(asPlanned);
    expect(failover).to.include({ action: "plannedFailover", to: "failedOver" });
    expect(failover?.operations).to.deep.equal(["PlannedFailover"]);
    expect(failover?.loss).to.contain("nothing is lost");
    expect(commit?.action).to.equal("failoverCommit");
  });
});
