import { expect } from "chai";
import fc from "fast-check";
import {
  isRecoveryPointId,
  type PointInTime,
  pickPoint,
  recoveryPointNames,
  refusalOfChoice,
} from "../../../../provider/lifecycle/recoveryPoints.js";

const item =
  "/Subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/app01";

function point(name: string, time: string, changes: Partial<PointInTime> = {}): PointInTime {
  return {
    id: `${item}/recoveryPoints/${name}`,
    time,
    type: "CrashConsistent",
    isMultiVmSyncPoint: false,
    ...changes,
  };
}

const points = [
  point("p2", "2024-05-01T10:10:00Z"),
  point("p1", "2024-05-01T10:00:00Z", { type: "ApplicationConsistent" }),
  point("p3", "2024-05-01T10:20:00Z", { isMultiVmSyncPoint: true }),
  point("p0", "2024-05-01T09:50:00Z", { type: "ApplicationConsistent", isMultiVmSyncPoint: true }),
];

function picked(choice: string, among: readonly PointInTime[] = points): string | undefined {
  const answer = pickPoint(choice, among);
  return answer.kind === "point" ? answer.point.id.split("/").at(-1) : answer.kind;
}

describe("pickPoint", () => {
  it("leaves latest to Azure, which makes a new point", () => {
    expect(pickPoint("latest", [])).to.deep.equal({ kind: "latest" });
  });

  it("takes the newest processed point of any kind, whatever the order of the list", () => {
    expect(picked("latestProcessed")).to.equal("p3");
    expect(picked("latestProcessed", [...points].reverse())).to.equal("p3");
  });

  it("takes the newest application-consistent point, whatever the case of its type", () => {
    expect(picked("latestApplicationConsistent")).to.equal("p1");
    const spelled = points.map((entry) => ({ ...entry, type: entry.type.toUpperCase() }));
    expect(picked("latestApplicationConsistent", spelled)).to.equal("p1");
  });

  it("takes multi-VM points only where a multi-VM choice asks for them", () => {
    expect(picked("latestMultiVmProcessed")).to.equal("p3");
    expect(picked("latestMultiVmApplicationConsistent")).to.equal("p0");
  });

  it("finds a point by its id although Azure spells the container of the id otherwise", () => {
    const elsewhere = `${item.replace("/c/", "/cloud_1234/")}/recoveryPoints/P2`;
    expect(picked(elsewhere)).to.equal("p2");
  });

  it("refuses a point that aged out and says how many are left, from when to when, and the newest of each kind", () => {
    const answer = pickPoint(`${item}/recoveryPoints/gone`, points);
    expect(answer.kind).to.equal("none");
    const reason = answer.kind === "none" ? answer.reason : "";
    expect(reason).to.contain("4 points are left");
    expect(reason).to.contain("from 2024-05-01T09:50:00Z to 2024-05-01T10:20:00Z");
    expect(reason).to.contain("/recoveryPoints/p3").and.to.contain("/recoveryPoints/p1");
  });

  it("says that none is left where none is", () => {
    const answer = pickPoint("latestProcessed", []);
    expect(answer).to.deep.equal({
      kind: "none",
      reason: "the machine has no such point; no recovery point is left",
    });
  });

  it("refuses an application-consistent choice where only crash-consistent points are left", () => {
    const answer = pickPoint("latestApplicationConsistent", [point("p2", "2024-05-01T10:10:00Z")]);
    expect(answer.kind === "none" && answer.reason).to.contain("1 points are left");
  });

  it("picks the same point however the list is ordered, also among points of one time", () => {
    const arbitrary = fc.uniqueArray(
      fc.record({
        name: fc.integer({ min: 0, max: 99 }),
        minute: fc.integer({ min: 0, max: 5 }),
        app: fc.boolean(),
      }),
      { selector: (entry) => entry.name, minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(arbitrary, fc.constantFrom(...recoveryPointNames), fc.nat(), (entries, choice, seed) => {
        const made = entries.map((entry) =>
          point(`p${entry.name}`, `2024-05-01T10:0${entry.minute}:00Z`, {
            type: entry.app ? "ApplicationConsistent" : "CrashConsistent",
          }),
        );
        const turned = [...made.slice(seed % made.length), ...made.slice(0, seed % made.length)];
        expect(pickPoint(choice, turned)).to.deep.equal(pickPoint(choice, made));
        const answer = pickPoint(choice, made);
        if (answer.kind !== "point") return;
        const rivals = choice.includes("Application")
          ? made.filter((entry) => entry.type.startsWith("App"))
          : made;
        for (const rival of rivals) expect(Date.parse(rival.time)).to.be.at.most(Date.parse(answer.point.time));
      }),
    );
  });
});

describe("refusalOfChoice", () => {
  const id = `${item}/recoveryPoints/p1`;

  it("refuses a custom point on a recovery plan and names what a plan takes", () => {
    expect(refusalOfChoice(id, "recoveryPlan")).to.contain("latestProcessed").and.to.contain("recovery plan");
    expect(refusalOfChoice(id, "replicatedItem")).to.equal(undefined);
  });

  it("refuses multi-VM choices on a single machine", () => {
    for (const choice of ["latestMultiVmProcessed", "latestMultiVmApplicationConsistent"]) {
      expect(refusalOfChoice(choice, "replicatedItem")).to.contain("latestProcessed");
      expect(refusalOfChoice(choice, "recoveryPlan")).to.equal(undefined);
    }
  });

  it("refuses anything that is neither a name nor a recovery point's id, naming every allowed name", () => {
    for (const wrong of ["", "Latest", "newest", item, `${id}/more`, "constructor"]) {
      for (const target of ["recoveryPlan", "replicatedItem"] as const) {
        const refusal = refusalOfChoice(wrong, target);
        for (const name of recoveryPointNames) expect(refusal, wrong).to.contain(name);
      }
    }
  });

  it("allows latest, latestProcessed and latestApplicationConsistent for both targets", () => {
    for (const choice of ["latest", "latestProcessed", "latestApplicationConsistent"])
      for (const target of ["recoveryPlan", "replicatedItem"] as const)
        expect(refusalOfChoice(choice, target)).to.equal(undefined);
  });
});

describe("isRecoveryPointId", () => {
  it("compares the path without case", () => {
    expect(isRecoveryPointId(`${item}/recoveryPoints/p1`.toUpperCase())).to.equal(true);
    expect(isRecoveryPointId(item)).to.equal(false);
  });
});
