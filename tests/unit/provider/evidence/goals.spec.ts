import { expect } from "chai";
import { bootGroupsOf } from "../../../../provider/evidence/bootGroups.js";
import { goalFindings, measureGoals } from "../../../../provider/evidence/goals.js";
import type { AccessEvidence, MachineEvidence } from "../../../../provider/evidence/types.js";

function access(planned: boolean | undefined, reachable: boolean | null): AccessEvidence {
  return {
    path: "vpn",
    protocol: "Tcp",
    port: 3389,
    source: "10.0.0.10",
    reachable,
    decidedBy: "some rule",
    ...(planned === undefined ? {} : { planned }),
    differsFromPlan: false,
  };
}

function machine(name: string, facts: Partial<MachineEvidence> = {}): MachineEvidence {
  return { name, replicatedItemId: `/items/${name}`, bootGroup: 1, access: [], ...facts };
}

const time = (each: MachineEvidence) => measureGoals([each], { recoveryTimeSeconds: 600 })[0];

describe("measureGoals", () => {
  it("measures each goal on each machine, and a time that equals the goal meets it", () => {
    const machines = [
      machine("a", { recoveryTimeSeconds: 600, recoveryPointAgeSeconds: 60 }),
      machine("b", { recoveryTimeSeconds: 601, recoveryPointAgeSeconds: 61 }),
    ];
    const goals = measureGoals(machines, { recoveryTimeSeconds: 600, recoveryPointSeconds: 60 });
    expect(goals.map(({ goal, machine: on, isMet }) => `${goal} ${on} ${isMet}`)).to.deep.equal([
      "recoveryTime a true",
      "recoveryTime b false",
      "recoveryPoint a true",
      "recoveryPoint b false",
    ]);
    expect(measureGoals(machines, {})).to.deep.equal([]);
  });

  it("ends the recovery time where the machine is reachable as promised", () => {
    const promised = { access: [access(true, true)], recoveryTimeSeconds: 500 };
    expect(time(machine("a", { ...promised, reachableTimeSeconds: 700 }))).to.include({
      measuredSeconds: 700,
      isMet: false,
    });
    expect(time(machine("a", { ...promised, reachableTimeSeconds: 500 }))).to.include({
      measuredSeconds: 500,
      isMet: true,
    });
  });

  it("counts a machine that cannot be reached as promised as not recovered, however fast it ran", () => {
    const measured = time(machine("a", { access: [access(true, false)], recoveryTimeSeconds: 5 }));
    expect(measured).to.include({ isMet: false });
    expect(measured).to.not.have.property("measuredSeconds");
  });

  it("takes the machine running where nothing was promised, and where Azure could not be asked", () => {
    expect(time(machine("a", { access: [access(false, false)], recoveryTimeSeconds: 5 }))).to.include({
      isMet: true,
    });
    expect(time(machine("a", { access: [access(true, null)], recoveryTimeSeconds: 5 }))).to.include({
      isMet: true,
    });
  });

  it("misses a goal that could not be measured, and says so with a remedy", () => {
    const goals = measureGoals([machine("a")], { recoveryTimeSeconds: 600, recoveryPointSeconds: 60 });
    expect(goals.every(({ isMet }) => !isMet)).to.equal(true);
    const findings = goalFindings(goals);
    expect(findings.map(({ id }) => id)).to.deep.equal(["missedRecoveryTimeGoal", "missedRecoveryPointGoal"]);
    for (const finding of findings) {
      expect(finding).to.include({ severity: "error", machine: "a" });
      expect(finding.remedy).to.not.equal("");
    }
  });
});

describe("bootGroupsOf", () => {
  it("takes the last machine of a group, and has no time where one of them has none", () => {
    const groups = bootGroupsOf([
      machine("b1", { bootGroup: 2, recoveryTimeSeconds: 30, recoveryPointAgeSeconds: 5 }),
      machine("a1", { recoveryTimeSeconds: 10, reachableTimeSeconds: 10, access: [access(true, true)] }),
      machine("a2", { recoveryTimeSeconds: 20, access: [access(false, false)] }),
      machine("b2", { bootGroup: 2 }),
    ]);
    expect(groups).to.deep.equal([
      { number: 1, machines: ["a1", "a2"], recoveryTimeSeconds: 20, reachableTimeSeconds: 10 },
      { number: 2, machines: ["b1", "b2"] },
    ]);
  });
});
