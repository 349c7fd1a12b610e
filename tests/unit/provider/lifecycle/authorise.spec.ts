import { expect } from "chai";
import {
  authorise,
  type Declaration,
  type ItemAtStage,
  lastFailover,
  startFromLine,
} from "../../../../provider/lifecycle/authorise.js";
import type { Stage } from "../../../../provider/lifecycle/stages.js";

const at = (name: string, stage: Stage, lastFailoverTime?: string): ItemAtStage => ({
  id: `/vault/items/${name}`,
  name,
  stage,
  lastFailoverTime,
});

function decide(changes: Partial<Declaration>) {
  return authorise({
    scenario: "vmware",
    stage: "protected",
    through: false,
    items: [at("app01", "protected")],
    ...changes,
  });
}

function lines(decision: ReturnType<typeof authorise>): string {
  return "lines" in decision ? decision.lines.join("\n") : "";
}

const t1 = "2024-05-01T10:00:00.1234567Z";
const t2 = "2024-05-01T11:00:00Z";

describe("authorise, on a create", () => {
  it("adopts machines that are at the declared stage, wherever that is", () => {
    for (const stage of ["protected", "failedOver", "committed", "reprotected"] as const)
      expect(decide({ stage, items: [at("app01", stage, t1)] })).to.deep.equal({
        kind: "nothing",
        items: ["/vault/items/app01"],
      });
  });

  it("refuses another stage than the observed one and prints the line that would allow it", () => {
    const decision = decide({ stage: "failedOver" });
    expect(decision.kind).to.equal("refused");
    expect(lines(decision)).to.contain('startFrom: "protected@never"').and.to.contain('stage: "protected"');
    expect(lines(decision)).to.contain("nothing was started");
  });

  it("walks where startFrom names the observed stage and the time of the last failover", () => {
    const decision = decide({
      stage: "failedOver",
      startFrom: `protected@${t1}`,
      items: [at("app01", "protected", t1)],
    });
    expect(decision).to.deep.include({
      kind: "walk",
      walk: { from: "protected", to: "failedOver", items: ["/vault/items/app01"], since: t1 },
    });
  });

  it("does not act on a startFrom a second time, because the time of the last failover differs then", () => {
    const decision = decide({
      stage: "failedOver",
      startFrom: "protected@never",
      items: [at("app01", "protected", t1)],
    });
    expect(decision.kind).to.equal("refused");
    expect(lines(decision)).to.contain("protected@never").and.to.contain(`startFrom: "protected@${t1}"`);
  });

  it("refuses machines at different stages, names each with its stage, and offers no startFrom", () => {
    const decision = decide({
      stage: "committed",
      items: [at("app01", "protected"), at("db01", "failedOver", t1)],
    });
    expect(decision.kind).to.equal("refused");
    expect(lines(decision)).to.contain("app01 at protected").and.to.contain("db01 at failedOver");
    expect(lines(decision)).to.not.contain("startFrom");
  });

  it("refuses a stage too far away even with startFrom, and names the legal ones", () => {
    const decision = decide({ stage: "committed", startFrom: "protected@never" });
    expect(decision.kind).to.equal("refused");
    expect(lines(decision)).to.contain("through: true").and.to.contain("protected, failedOver");
  });

  it("goes on with the walk of a killed create that its job's mark proves", () => {
    const decision = decide({
      stage: "committed",
      through: true,
      startFrom: "protected@never",
      ownUnfinishedWalk: { from: "protected", since: "never" },
      items: [at("app01", "failedOver", t1)],
    });
    expect(decision.kind === "walk" && decision.walk.from).to.equal("protected");
  });
});

describe("authorise, on an update", () => {
  it("starts nothing where stage is unchanged and everything is there", () => {
    expect(decide({ lastAppliedStage: "protected" }).kind).to.equal("nothing");
  });

  it("names a failover made in the portal as drift, with the one-line change that accepts it, and starts nothing", () => {
    const decision = decide({ lastAppliedStage: "protected", items: [at("app01", "failedOver", t1)] });
    expect(decision.kind).to.equal("drift");
    expect(lines(decision))
      .to.contain("app01 is observed at failedOver")
      .and.to.contain('declare stage: "failedOver"');
    expect(lines(decision)).to.contain("Nothing is started");
  });

  it("tells of machines that drifted once, and what the stage at which they are would do to the others", () => {
    const drift = (from: Stage, to: Stage, more: Partial<Declaration> = {}) =>
      decide({
        stage: from,
        lastAppliedStage: from,
        items: [at("app01", to, t1), at("app02", to, t1), at("db01", from), at("web01", from)],
        ...more,
      });
    const lineOf = (...args: Parameters<typeof drift>) =>
      lines(drift(...args))
        .split("\n")
        .slice(1)
        .join("\n");
    expect(lines(drift("protected", "failedOver"))).to.match(
      /^app01, app02 are observed at failedOver \(runs in Azure.*\), declared and last applied is protected\. Nothing is started\.\n/,
    );
    expect(lineOf("protected", "failedOver")).to.equal(
      "No stage accepts it alone: failedOver would take db01, web01 from protected there too. Bring them together, or declare a Failover for each machine.",
    );
    expect(lineOf("protected", "committed")).to.contain("committed would take db01, web01 from protected");
    expect(lineOf("committed", "failedOver")).to.contain("the machines are at different ones");
    const apart = [at("app01", "failedOver", t1), at("app02", "committed", t1), at("db01", "protected")];
    expect(lines(drift("protected", "failedOver", { items: apart }))).to.contain("app02 is observed at committed");
    expect(lineOf("protected", "failedOver", { items: apart })).to.contain("No one stage accepts it");
  });

  it("names no more than twenty of many machines that drifted", () => {
    const items = Array.from({ length: 100 }, (_, index) => at(`vm${index}`, "failedOver", t1));
    const told = lines(decide({ lastAppliedStage: "protected", items }));
    expect(told).to.contain("vm19 and 80 more are observed at failedOver").and.to.not.contain("vm20");
  });

  it("accepts drift without a start once the observed stage is declared", () => {
    const decision = decide({
      stage: "failedOver",
      lastAppliedStage: "protected",
      items: [at("app01", "failedOver", t1)],
    });
    expect(decision.kind).to.equal("nothing");
  });

  it("walks one step for a changed word, with the machines and the time recorded", () => {
    const decision = decide({ stage: "failedOver", lastAppliedStage: "protected" });
    expect(decision.kind === "walk" && decision.walk).to.deep.equal({
      from: "protected",
      to: "failedOver",
      items: ["/vault/items/app01"],
      since: "never",
    });
    expect(decision.kind === "walk" && decision.steps.map((step) => step.action)).to.deep.equal([
      "unplannedFailover",
    ]);
  });

  it("never takes a reverted word for a way back: failedOver to protected is refused, naming machine, stage and legal stages", () => {
    const decision = decide({
      stage: "protected",
      lastAppliedStage: "failedOver",
      items: [at("app01", "committed", t1)],
    });
    expect(decision.kind).to.equal("refused");
    expect(lines(decision)).to.contain("app01 is observed at committed").and.to.contain("failedOver, committed");
  });

  it("refuses where a machine is off the stretch between the last applied and the declared stage", () => {
    const decision = decide({
      stage: "failedOver",
      lastAppliedStage: "protected",
      items: [at("app01", "protected"), at("db01", "reprotected", t1)],
    });
    expect(decision.kind).to.equal("refused");
    expect(lines(decision)).to.contain("db01 is observed at reprotected");
  });

  it("moves only machines that the earlier walk moved: later members of a plan stay where they are", () => {
    const decision = decide({
      stage: "committed",
      lastAppliedStage: "failedOver",
      managedItems: ["/VAULT/items/app01"],
      items: [at("app01", "failedOver", t1), at("new01", "protected")],
    });
    expect(decision.kind === "walk" && decision.walk.items).to.deep.equal(["/vault/items/app01"]);
  });

  it("starts nothing because a plan got a further member", () => {
    const decision = decide({
      stage: "failedOver",
      lastAppliedStage: "failedOver",
      managedItems: ["/vault/items/app01"],
      items: [at("app01", "failedOver", t1), at("new01", "protected")],
    });
    expect(decision).to.deep.equal({ kind: "nothing", items: ["/vault/items/app01"] });
  });
});

describe("authorise, with a walk left open", () => {
  const walk = {
    from: "protected" as const,
    to: "failedOver" as const,
    items: ["/vault/items/app01"],
    since: "never",
  };

  it("goes on with it, with the recorded machines only", () => {
    const decision = decide({
      stage: "failedOver",
      lastAppliedStage: "protected",
      walk,
      items: [at("app01", "protected"), at("new01", "protected")],
    });
    expect(decision.kind === "walk" && decision.walk.items).to.deep.equal(["/vault/items/app01"]);
  });

  it("finds nothing to do where it was gone to its end meanwhile", () => {
    const decision = decide({
      stage: "failedOver",
      lastAppliedStage: "protected",
      walk,
      items: [at("app01", "failedOver", t1)],
    });
    expect(decision.kind).to.equal("nothing");
  });

  it("gives it up where its beginning is declared again, and moves nothing", () => {
    expect(decide({ stage: "protected", lastAppliedStage: "protected", walk }).kind).to.equal("nothing");
    const moved = decide({
      stage: "protected",
      lastAppliedStage: "protected",
      walk,
      items: [at("app01", "failedOver", t1)],
    });
    expect(moved.kind).to.equal("drift");
  });
});

describe("startFromLine", () => {
  it("names the common stage and the latest failover of any of the machines", () => {
    expect(startFromLine([at("a", "protected", t1), at("b", "protected", t2)])).to.equal(`protected@${t2}`);
    expect(startFromLine([at("a", "protected")])).to.equal("protected@never");
  });

  it("is undefined where machines are at different stages or there is none", () => {
    expect(startFromLine([at("a", "protected"), at("b", "failedOver")])).to.equal(undefined);
    expect(startFromLine([])).to.equal(undefined);
  });
});

describe("lastFailover", () => {
  it("compares times, not texts", () => {
    expect(
      lastFailover([
        at("a", "protected", "2024-05-01T09:00:00Z"),
        at("b", "protected", "2024-05-01T12:00:00+04:00"),
      ]),
    ).to.equal("2024-05-01T09:00:00Z");
  });
});
