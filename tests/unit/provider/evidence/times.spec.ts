import { expect } from "chai";
import { runningSince, tasksOf } from "../../../../provider/evidence/times.js";
import type { Job, JobTask } from "../../../../provider/siterecovery/siteRecovery.js";
import { makeItem } from "../resources/fakeEstate.js";

const at = (minute: number) => `2026-05-01T10:${String(minute).padStart(2, "0")}:00Z`;

function task(name: string, from: number, to: number, facts: Partial<JobTask> = {}): JobTask {
  return {
    name,
    friendlyName: name,
    state: "Succeeded",
    startTime: at(from),
    endTime: at(to),
    errors: [],
    children: [],
    ...facts,
  };
}

function job(tasks: JobTask[]): Job {
  return {
    id: "/jobs/1",
    name: "1",
    scenarioName: "TestFailover",
    state: "Succeeded",
    startTime: at(0),
    endTime: at(30),
    allowedActions: [],
    tasks,
    errors: [],
    protectedItems: [],
  };
}

const app01 = makeItem("app01");

describe("runningSince", () => {
  it("is the end of the last good step that names the machine, in a plan's nested steps", () => {
    const plan = job([
      task("group", 0, 20, {
        children: [
          task("create", 0, 12, { machineName: "APP01" }),
          task("create", 0, 20, { machineName: "db01" }),
        ],
      }),
      task("script", 20, 30),
    ]);
    expect(runningSince(plan, app01)).to.equal(at(12));
  });

  it("is the end of a machine's own job's last good step where none names a machine", () => {
    expect(runningSince(job([task("check", 0, 1), task("start", 1, 9)]), app01)).to.equal(at(9));
  });

  it("is not told for a machine that a plan's steps never name, or whose step failed", () => {
    expect(runningSince(job([task("create", 0, 12, { machineName: "db01" })]), app01)).to.equal(undefined);
    const failed = [
      task("check", 0, 1, { machineName: "app01" }),
      task("create", 1, 9, { machineName: "app01", state: "Failed" }),
    ];
    expect(runningSince(job(failed), app01)).to.equal(undefined);
  });

  it("runs all the same where only the shutdown of its source failed", () => {
    const steps = [
      task("ShutdownSource", 0, 1, { machineName: "app01", state: "Failed" }),
      task("create", 1, 9, { machineName: "app01" }),
    ];
    expect(runningSince(job(steps), app01)).to.equal(at(9));
  });
});

describe("tasksOf", () => {
  it("flattens groups, names the machine of a machine's own job, and keeps Azure's times", () => {
    const [group, child] = tasksOf(
      job([task("group", 0, 20, { children: [task("create", 0, 12, { machineName: "app01" })] })]),
      undefined,
    );
    expect(group).to.deep.equal({
      name: "group",
      state: "Succeeded",
      startTime: at(0),
      endTime: at(20),
      seconds: 1200,
    });
    expect(child).to.include({ machine: "app01", seconds: 720 });
    expect(tasksOf(job([task("check", 0, 1)]), "app01")[0]).to.include({ machine: "app01" });
  });
});
