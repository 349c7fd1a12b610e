import { expect } from "chai";
import { failover } from "../../../../provider/resources/failover.js";
import type { Properties } from "../../../../provider/resources/handler.js";
import { recoveryPlan } from "../../../../provider/resources/recoveryPlan.js";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import { failoverMark } from "../../../../provider/resources/walk.js";
import type { EstateInput } from "../../../../rehearsal/emulator/index.js";
import { makeContext, type Resource, up } from "../../../unit/provider/resources/fakeEstate.js";
import { groupId, testNetworkId, vault } from "../siterecovery/emulatedVault.js";
import { planIdOf, type Ring, vmmCloud, withRing } from "./ringOverHttp.js";

const runbookId = `${groupId}/providers/Microsoft.Automation/automationAccounts/shop/runbooks/attach-public-ip`;

/** Two machines in a VMM cloud, where scripts and runbooks run, and one script that fails. */
const cloudWithScripts: EstateInput = {
  ...vmmCloud(["db01", "web01"], { name: "hourly" }),
  scripts: [
    { name: "\\\\vmm\\scripts\\stop.ps1", fails: true },
    { name: "\\\\vmm\\scripts\\slow.ps1", seconds: 900 },
  ],
};

interface ActionInput {
  name: string;
  types?: string[];
  directions?: string[];
  details?: object;
}

function action({ name, types, directions, details }: ActionInput): Properties {
  return {
    name,
    failoverTypes: types ?? ["UnplannedFailover", "PlannedFailover"],
    failoverDirections: directions ?? ["PrimaryToRecovery"],
    details: details ?? { kind: "manual", description: `Do ${name}` },
  };
}

const script = (path: string, more: object = {}) => ({
  kind: "script",
  path: `\\\\vmm\\scripts\\${path}`,
  fabricLocation: "Primary",
  ...more,
});

/** An `up` that was killed as soon as Azure had taken its start: its job ends before another one looks. */
async function failOverAndBeKilled(ring: Ring, program: { targetId: string; stage: string }): Promise<void> {
  const plan = await ring.siteRecovery.getPlan(program.targetId);
  if (!plan) throw new Error(`no plan ${program.targetId}`);
  const job = await ring.siteRecovery.startAction(
    { kind: "recoveryPlan", plan },
    { kind: "unplannedFailover", shutdownSource: true, recoveryPoint: { kind: "latest" } },
    failoverMark(program.targetId, program).clientRequestId,
  );
  const ended = await ring.siteRecovery.waitForJob(job.name, { timeoutMs: 300_000 });
  expect(ended.state).to.equal("PartiallySucceeded");
}

/** Makes the plan as a program does. */
async function declarePlan(ring: Ring, more: Properties): Promise<string> {
  const [db, web] = [await ring.item("db01"), await ring.item("web01")];
  const fabricName = (await ring.siteRecovery.listItems())[0]?.fabricName ?? "";
  const { first = {}, second = {}, ...groups } = more as Record<string, Properties>;
  await up(recoveryPlan, makeContext(ring.siteRecovery), {
    ...vault,
    name: "shop",
    fabricName,
    ...groups,
    bootGroups: [
      { replicatedItemIds: [db], ...first },
      { replicatedItemIds: [web], ...second },
    ],
  });
  return planIdOf("shop");
}

const waiting = (at: Resource) =>
  at.outputs.waitingFor as { kind: string; name: string; instructions: string } | undefined;

describe("Failover over HTTP, plans with actions", function () {
  this.timeout(240_000);

  it("stops at each manual action of its kind and direction, before and after groups, and walks on by its name", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {
        shutdownGroup: { startGroupActions: [action({ name: "tell the shops" })] },
        first: { endGroupActions: [action({ name: "check the last booking" })] },
        second: {
          startGroupActions: [action({ name: "only in drills", types: ["TestFailover"] })],
          endGroupActions: [
            action({ name: "move DNS", types: ["UnplannedFailover"] }),
            action({ name: "move DNS back", types: ["PlannedFailover"], directions: ["RecoveryToPrimary"] }),
          ],
        },
      });
      const program = { targetId, through: true, failback: { dataSyncOption: "ForDownTime" } };
      let at = await ring.go({ ...program, stage: "protected" });
      const over = { ...program, stage: "committed" };
      const told = (await ring.preview(over, at)).lines;
      expect(told).to.contain(
        'Plan actions of protected -> failedOver: before the shutdown of all "tell the shops" (the run waits for a person), after boot group 1 "check the last booking" (the run waits for a person), after boot group 2 "move DNS" (the run waits for a person).',
      );
      expect(told).to.not.contain("only in drills").and.to.not.contain("move DNS back");
      const completed: string[] = [];
      const met: string[] = [];
      const context = makeContext(ring.siteRecovery);
      at = await ring.go(over, at, context);
      for (let wait = waiting(at); wait !== undefined; wait = waiting(at)) {
        expect(wait.kind).to.equal("manualAction");
        expect(wait.instructions).to.contain(`Do ${wait.name}`).and.to.contain("add");
        expect(at.outputs.walk).to.include({ from: "protected", to: "committed" });
        met.push(wait.name);
        completed.push(wait.name);
        at = await ring.go({ ...over, completed: [...completed] }, at, context);
      }
      expect(met).to.deep.equal(["tell the shops", "check the last booking", "move DNS"]);
      expect(at.outputs).to.include({ observedStage: "committed", lastAppliedStage: "committed" });
      expect(
        context.logged.filter(
          (line) => line.startsWith("warning") && line.includes("waits for a person, on recovery plan"),
        ),
      ).to.have.length(3);
      at = await ring.go({ ...program, stage: "failedBack", completed }, at);
      expect(waiting(at)?.name).to.equal("move DNS back");
      at = await ring.go({ ...program, stage: "failedBack", completed: [...completed, "move DNS back"] }, at);
      expect(at.outputs).to.include({ observedStage: "failedBack" });
      expect(ring.starts()).to.deep.equal([
        "unplannedFailover shop",
        "failoverCommit shop",
        "plannedFailover shop",
      ]);
    });
  });

  it("says in the preview of the next up what waits, and what its word sets going", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, { first: { endGroupActions: [action({ name: "check" })] } });
      const program = { targetId, stage: "failedOver" };
      let at = await ring.go({ ...program, stage: "protected" });
      at = await ring.go(program, at);
      const idle = await ring.preview(program, at);
      expect(idle.failures).to.equal("");
      expect(idle.lines).to.contain("waits for a person: check").and.to.contain("Do check");
      const done = await ring.preview({ ...program, completed: ["check"] }, at);
      expect(done.lines).to.contain('"check" is done').and.to.contain("goes on to failedOver");
      const mistyped = await ring.preview({ ...program, completed: ["chekc"] }, at);
      expect(mistyped.lines)
        .to.contain("waits for a person: check")
        .and.to.contain('Nothing waits for "chekc", which completed names.');
      expect(ring.starts()).to.deep.equal(["unplannedFailover shop"]);
    });
  });

  it("says what was reached, not what was announced or waited for, once somebody completed the action in the portal", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, { first: { endGroupActions: [action({ name: "check" })] } });
      const program = { targetId, stage: "failedOver" };
      const context = makeContext(ring.siteRecovery);
      const announced = await ring.go(program, await ring.go({ ...program, stage: "protected" }));
      const waited = await ring.go(program, announced);
      const plan = await ring.siteRecovery.getPlan(targetId);
      if (!plan) throw new Error("no plan");
      const job = await ring.siteRecovery.findOpenJob({ kind: "recoveryPlan", plan });
      if (!job) throw new Error("no job");
      await ring.siteRecovery.resumeJob(job.name, "done in the portal");
      await ring.siteRecovery.waitForJob(job.name, { timeoutMs: 300_000 });
      const reached =
        'Recovery plan "shop" is at failedOver, as declared: runs in Azure, commit pending, the recovery point can still be changed.\n' +
        "From failedOver the next word is committed (runs in Azure, recovery points gone).";
      for (const at of [announced, waited]) {
        expect((await ring.preview(program, at)).lines).to.equal(reached);
        const over = await ring.go(program, at);
        expect(over.outputs).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
        const { inputs } = await failover.check(context, over.inputs, program);
        expect(failover.diff(over.id, over.outputs, inputs).hasChanges).to.equal(false);
      }
      expect(ring.starts()).to.deep.equal(["unplannedFailover shop"]);
    });
  });

  it("does not complete an action whose name stood in completed before the run reached it", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, { first: { endGroupActions: [action({ name: "check" })] } });
      const program = { targetId, completed: ["check"], stage: "failedOver" };
      let at = await ring.go({ ...program, stage: "protected" });
      at = await ring.go(program, at);
      expect(waiting(at)?.instructions).to.contain("stands in completed since before this run");
      at = await ring.go(program, at);
      expect(waiting(at)?.name).to.equal("check");
      at = await ring.go({ ...program, completed: [] }, at);
      at = await ring.go(program, at);
      expect(at.outputs).to.include({ observedStage: "failedOver" });
    });
  });

  it("ends a drill well at a manual action of drills, and brings the evidence once it is done", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {
        shutdownGroup: { startGroupActions: [action({ name: "in no drill", types: ["TestFailover"] })] },
        first: { endGroupActions: [action({ name: "look at the books", types: ["TestFailover"] })] },
        second: { endGroupActions: [action({ name: "only for real" })] },
      });
      const inputs = { targetId, testNetworkId, triggers: ["1"] };
      const context = makeContext(ring.siteRecovery);
      const { lines } = (await testFailover.check(context, {}, inputs)).inputs.preview as { lines: string[] };
      expect(lines.filter((line) => line.startsWith("Plan actions"))).to.deep.equal([
        'Plan actions of the drill: after boot group 1 "look at the books" (the run waits for a person).',
      ]);
      let drill = await up(testFailover, context, inputs);
      expect(waiting(drill)).to.include({ kind: "manualAction", name: "look at the books" });
      drill = await up(testFailover, context, { ...inputs, completed: ["look at the books"] }, drill);
      expect(drill.outputs).to.include({ status: "waitingForCleanup" });
      expect(drill.outputs.machines).to.have.length(2);
      await testFailover.delete(context, drill.id, drill.outputs);
    });
  });

  it("adopts a plan at protected while a drill of it runs, also one that waits, and starts nothing beside it", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {
        first: { endGroupActions: [action({ name: "ask the tills", types: ["TestFailover"] })] },
      });
      const drill = { targetId, testNetworkId, timeoutMinutes: 5 };
      const failover = { targetId, stage: "protected", failback: { dataSyncOption: "ForDownTime" } };
      const [ran, at] = await Promise.all([
        up(testFailover, makeContext(ring.siteRecovery), drill),
        ring.go(failover),
      ]);
      expect(waiting(ran)).to.include({ name: "ask the tills" });
      const again = await ring.go(failover);
      for (const adopted of [at, again, await ring.go(failover, again)])
        expect(adopted.outputs).to.include({ observedStage: "protected", lastAppliedStage: "protected" });
      const single = await ring.go({ ...failover, targetId: await ring.item("db01") });
      expect(single.outputs).to.include({ observedStage: "protected", lastAppliedStage: "protected" });
      const refused = await ring.go({ ...failover, stage: "failedOver" }, again).then(
        () => "walked",
        (error: unknown) => String(error),
      );
      expect(refused).to.contain("job TestFailover (").and.to.contain("Nothing was started");
      const created = await ring.go({ ...failover, stage: "failedOver", startFrom: "protected@never" }).then(
        () => "walked",
        (error: unknown) => String(error),
      );
      expect(created).to.contain("job TestFailover (");
      expect(ring.starts()).to.deep.equal(["testFailover shop"]);
    });
  });

  it("stops a planned run at a script that fails, names the script, and lets the next up go on unplanned", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {
        shutdownGroup: { startGroupActions: [action({ name: "stop the queue", details: script("stop.ps1") })] },
      });
      const at = await ring.go({ targetId, kind: "planned", stage: "protected" });
      const { reasons, stored } = await ring.fail({ targetId, kind: "planned", stage: "failedOver" }, at);
      expect(reasons).to.contain("stop the queue").and.to.contain("ScriptFailed");
      expect(reasons).to.match(
        /ended Failed.*Task .*Possible causes: The script.*Recommended: Correct the script/s,
      );
      expect(reasons).to.contain("db01 protected").and.to.contain("web01 protected");
      const preview = await ring.preview({ targetId, stage: "failedOver" }, stored);
      expect(preview.lines).to.contain("protected -> failedOver (unplannedFailover)");
    });
  });

  it("names no plan actions in the preview of an up whose machines move one by one after a script stopped the run", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {
        first: { endGroupActions: [action({ name: "warm the cache", details: script("stop.ps1") })] },
      });
      const program = { targetId, kind: "planned", stage: "failedOver" };
      const at = await ring.go({ ...program, stage: "protected" });
      expect((await ring.preview(program, at)).lines).to.contain('after boot group 1 "warm the cache" (script)');
      const { reasons, stored } = await ring.fail(program, at);
      expect(reasons).to.contain("db01 failedOver; web01 protected");
      const { lines } = await ring.preview(program, stored);
      expect(lines).to.contain("plan actions do not run").and.to.not.contain("warm the cache");
    });
  });

  it("goes on unplanned past a script that fails or takes too long, moves every machine, and reports the scripts", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {
        shutdownGroup: { startGroupActions: [action({ name: "stop the queue", details: script("stop.ps1") })] },
        first: { endGroupActions: [action({ name: "warm the cache", details: script("slow.ps1") })] },
        second: {
          endGroupActions: [
            action({
              name: "attach address",
              details: { kind: "runbook", runbookId, fabricLocation: "Recovery" },
            }),
          ],
        },
      });
      const at = await ring.go({ targetId, stage: "protected" });
      const context = makeContext(ring.siteRecovery);
      const over = await ring.go({ targetId, stage: "failedOver" }, at, context);
      expect(over.outputs).to.include({ observedStage: "failedOver", lastAppliedStage: "failedOver" });
      const told = context.logged.join("\n");
      expect(told)
        .to.contain("'stop the queue'")
        .and.to.contain("ScriptFailed")
        .and.to.contain("'warm the cache'")
        .and.to.contain("600 seconds");
      const findings = (over.outputs.findings as string[]).join("\n");
      expect(findings).to.contain("'stop the queue'").and.to.not.contain("attach address");
      const again = await ring.go({ targetId, stage: "failedOver" }, over);
      expect(again.outputs.findings, "what went wrong stays until the next walk").to.deep.equal(
        over.outputs.findings,
      );
      const committed = await ring.go({ targetId, stage: "committed" }, over);
      expect(committed.outputs).to.include({ observedStage: "committed" });
      expect(committed.outputs.findings).to.deep.equal([]);
    });
  });

  it("tells of a script that failed while no up was looking, once, and commits nothing on top of it", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {
        shutdownGroup: { startGroupActions: [action({ name: "stop the queue", details: script("stop.ps1") })] },
      });
      const at = await ring.go({ targetId, stage: "protected" });
      const program = { targetId, stage: "committed", through: true };
      await failOverAndBeKilled(ring, program);
      const { reasons, stored } = await ring.fail(program, at);
      expect(reasons).to.contain("'stop the queue'").and.to.contain("was not started on top of that");
      const end = await ring.go(program, stored);
      expect(end.outputs).to.include({ observedStage: "committed", lastAppliedStage: "committed" });
      expect(ring.starts()).to.deep.equal(["unplannedFailover shop", "failoverCommit shop"]);
    });
  });

  it("keeps in its findings what failed while no up was looking, where nothing was left to do", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {
        shutdownGroup: { startGroupActions: [action({ name: "stop the queue", details: script("stop.ps1") })] },
      });
      const at = await ring.go({ targetId, stage: "protected" });
      const program = { targetId, stage: "failedOver" };
      await failOverAndBeKilled(ring, program);
      const context = makeContext(ring.siteRecovery);
      const over = await ring.go(program, at, context);
      expect((over.outputs.findings as string[]).join()).to.contain("'stop the queue'");
      expect(context.logged.join()).to.contain("Every machine arrived all the same");
      expect(ring.starts()).to.deep.equal(["unplannedFailover shop"]);
    });
  });

  it("commits nothing on top of a script that failed, also after a manual action, until the next up", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {
        shutdownGroup: { startGroupActions: [action({ name: "stop the queue", details: script("stop.ps1") })] },
        first: { endGroupActions: [action({ name: "check" })] },
      });
      const program = { targetId, through: true };
      let at = await ring.go({ ...program, stage: "protected" });
      at = await ring.go({ ...program, stage: "committed" }, at);
      expect(waiting(at)?.name).to.equal("check");
      const { reasons, stored } = await ring.fail({ ...program, stage: "committed", completed: ["check"] }, at);
      expect(reasons).to.contain("'stop the queue'").and.to.contain("was not started on top of that");
      expect(stored.outputs).to.include({ observedStage: "failedOver" });
      expect(ring.starts()).to.deep.equal(["unplannedFailover shop"]);
      at = await ring.go({ ...program, stage: "committed", completed: ["check"] }, stored);
      expect(at.outputs).to.include({ observedStage: "committed", lastAppliedStage: "committed" });
      expect(ring.starts()).to.deep.equal(["unplannedFailover shop", "failoverCommit shop"]);
    });
  });

  it("runs on past a machine that fails, says which got where, and takes the rest along with the next up", async () => {
    await withRing(cloudWithScripts, async (ring) => {
      const targetId = await declarePlan(ring, {});
      const at = await ring.go({ targetId, stage: "protected" });
      await ring.fault({ kind: "failTask", taskName: "VmFailover", targetName: "web01", times: 1 });
      const { reasons, stored } = await ring.fail({ targetId, stage: "committed", through: true }, at);
      expect(reasons).to.contain("PartiallySucceeded").and.to.contain("db01 failedOver");
      expect(reasons).to.match(/web01 protected/);
      expect(stored.outputs.observedStages).to.deep.equal([
        { name: "db01", stage: "failedOver" },
        { name: "web01", stage: "protected" },
      ]);
      const preview = await ring.preview({ targetId, stage: "committed", through: true }, stored);
      expect(preview.failures).to.equal("");
      expect(preview.lines).to.contain("one by one");
      const end = await ring.go({ targetId, stage: "committed", through: true }, stored);
      expect(end.outputs).to.include({ observedStage: "committed", lastAppliedStage: "committed" });
      expect(ring.starts()).to.deep.equal([
        "unplannedFailover shop",
        "unplannedFailover web01",
        "failoverCommit shop",
      ]);
    });
  });
});
