/** How the jobs of a test failover and its cleanup look at each moment at which a real client looked at them. */

import { expect } from "chai";
import { startEmulator } from "../../../rehearsal/emulator/index.js";
import { drill, estate, siteRecoveryOf } from "../../emulator/siterecovery/describeSiteRecovery.js";
import { readReference, referenceData } from "../referenceData.js";
import { shapeDifferences } from "./shape.js";

interface RecordedJob {
  properties: { tasks: { [key: string]: unknown; taskId: string }[]; [key: string]: unknown };
}
interface Entry {
  method: string;
  path: string;
  date: string;
  requestBody: unknown;
  responseBody: RecordedJob;
}

/** Of 2017 and of Hyper-V: a status beside the properties, and other keys of the objects concerned. */
const ofItsTime =
  /^\$\.(status|error|startTime|endTime):|\.affectedObjectDetails|^\$\.properties\.startTime: answered/;

const taskFields = ["taskId", "name", "friendlyName", "state", "stateDescription", "taskType"];

describe("the jobs of a test failover", () => {
  it("have the recorded tasks in the recorded states, at each recorded moment from start to cleanup", async function () {
    const recorded = readReference(referenceData(this), "recordings", "hyperv-site-test-failover.json") as Entry[];
    const first = recorded.findIndex((entry) => entry.method === "POST");
    const emulator = await startEmulator({
      estate: estate(),
      frozen: true,
      startTime: new Date(recorded[first]?.date ?? "").toISOString(),
    });
    try {
      const site = siteRecoveryOf(emulator);
      const item = `${site.container}/replicationProtectedItems/web01`;
      const problems: string[] = [];
      let job = "";
      let looks = 0;
      for (const entry of recorded.slice(first)) {
        emulator.world.clock.change({ time: Date.parse(entry.date) });
        if (entry.method === "POST") {
          const isCleanup = entry.path.includes("testFailoverCleanup");
          const body = isCleanup ? entry.requestBody : drill(site.network("drill"));
          const started = await site.send(
            "POST",
            `${item}/${isCleanup ? "testFailoverCleanup" : "testFailover"}`,
            body,
          );
          expect(started.status, JSON.stringify(started.body)).to.equal(202);
          expect(started.headers.get("retry-after")).to.equal("30");
          job = started.headers.get("location")?.replace(/\?.*$/, "").split("/").at(-1) ?? "";
          continue;
        }
        const answered = (await site.send("GET", `/replicationJobs/${job}`)).body as unknown as RecordedJob;
        looks += 1;
        const differences = shapeDifferences(entry.responseBody, answered).filter((each) => !ofItsTime.test(each));
        problems.push(...differences.map((each) => `${entry.date}: ${each}`));
        const words = (each: RecordedJob) =>
          each.properties.tasks.map((task) => taskFields.map((field) => task[field]));
        expect(words(answered), entry.date).to.deep.equal(words(entry.responseBody));
        for (const field of [
          "scenarioName",
          "friendlyName",
          "state",
          "stateDescription",
          "allowedActions",
          "targetInstanceType",
        ]) {
          expect(answered.properties[field], `${entry.date} ${field}`).to.deep.equal(
            entry.responseBody.properties[field],
          );
        }
      }
      expect(problems, problems.join("\n")).to.deep.equal([]);
      expect(looks).to.be.greaterThan(7);
    } finally {
      await emulator.stop();
    }
  });
});
