import { expect } from "chai";
import fc from "fast-check";
import { declarableStages, legalStages, path, stageIndex, stretch } from "../../../../provider/lifecycle/path.js";
import { type Scenario, type Stage, stages } from "../../../../provider/lifecycle/stages.js";

const scenarios: Scenario[] = ["vmware", "hyperV"];
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

  it("knows no way backwards", () => {
    const backwards: [Stage, Stage][] = [
      ["failedOver", "protected"],
      ["committed", "failedOver"],
      ["committed", "protected"],
    ];
    for (const [from, to] of backwards)
      for (const through of [true, false]) expect(path("vmware", from, to, through).isLegal).to.equal(false);
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
  });

  it("is empty where there is no way", () => {
    expect(stretch("vmware", "committed", "protected")).to.deep.equal([]);
    expect(stretch("hyperV", "protected", "reprotected")).to.deep.equal([]);
  });
});

describe("stageIndex", () => {
  it("orders the stages as the ring does", () => {
    expect(stages.map(stageIndex)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(declarableStages.map(stageIndex)).to.deep.equal([0, 1, 2]);
  });
});
