import { expect } from "chai";
import type { ProtectableMachine } from "../../../../provider/functions/getProtectableMachines.js";
import { functions } from "../../../../provider/functions/index.js";
import { failover } from "../../../../provider/resources/failover.js";
import { testFailover } from "../../../../provider/resources/testFailover.js";
import { failoverMark } from "../../../../provider/resources/walk.js";
import type { EstateInput } from "../../../../rehearsal/emulator/index.js";
import { makeContext, type Resource, up } from "../../../unit/provider/resources/fakeEstate.js";
import { testNetworkId, vault } from "../siterecovery/emulatedVault.js";
import {
  azureSide,
  type EstateMachine,
  machine,
  planIdOf,
  type Ring,
  replicated,
  withRing,
} from "./ringOverHttp.js";

const secondHost = "0f0f0f0f-1111-4222-8333-444444444444";

/** Three machines on a Hyper-V site with two hosts, one of them with managed disks in Azure. */
function hyperVSite(): EstateInput {
  const place: Partial<EstateMachine> = {
    kind: "hyperv",
    hyperV: { site: "branch" },
    disks: [{ sizeGB: 40 }, { sizeGB: 10 }],
  };
  return {
    ...azureSide(),
    machines: [
      machine("hv01", "192.168.1.21", place),
      machine("hv02", "192.168.1.22", place),
      machine("managed01", "192.168.1.23", place),
    ],
    hyperVSites: [{ name: "branch", hosts: [{ name: "host1" }, { name: "host2", id: secondHost }] }],
    hyperVPolicies: [{ name: "hourly" }],
    replicatedItems: [
      replicated("hv01", "hourly", { targetIp: "10.20.1.21" }),
      replicated("hv02", "hourly"),
      replicated("managed01", "hourly", { managedDisks: true }),
    ],
    recoveryPlans: [{ name: "branch", groups: [["hv01"], ["hv02"]] }],
  };
}

interface Waiting {
  kind: string;
  name: string;
  instructions: string;
}

const waitingOf = (at: Resource) => at.outputs.waitingFor as Waiting | undefined;

/** Brings a machine to a stage with one `up` for each word. */
async function walkTo(ring: Ring, targetId: string, stages: string[], more: object = {}): Promise<Resource> {
  let at = await ring.go({ targetId, stage: "protected", ...more });
  for (const stage of stages) at = await ring.go({ targetId, stage, ...more }, at);
  return at;
}

describe("Failover over HTTP, machines on a Hyper-V site", function () {
  this.timeout(240_000);

  it("walks planned round the ring twice, and waits at each failback for a person who completes it", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const program = { targetId: await ring.item("hv01"), kind: "planned" };
      let at = await ring.go({ ...program, stage: "protected" });
      const turn = ["plannedFailover hv01", "failoverCommit hv01", "plannedFailover hv01", "failoverCommit hv01"];
      for (const round of [1, 2]) {
        for (const stage of ["failedOver", "committed"]) {
          at = await ring.go({ ...program, stage }, at);
          expect(at.outputs).to.include({ observedStage: stage, lastAppliedStage: stage });
        }
        at = await ring.go({ ...program, stage: "failedBack" }, at);
        const waiting = waitingOf(at);
        expect(waiting).to.include({ kind: "completeFailover", name: "complete failover of hv01" });
        expect(at.outputs.lastAppliedStage).to.equal("committed");
        expect(await ring.azureMachine("hv01")).to.equal("PowerState/running");
        const idle = await ring.go({ ...program, stage: "failedBack" }, at);
        expect(waitingOf(idle)?.name, "an `up` without the word leaves it waiting").to.equal(waiting?.name);
        expect(await ring.azureMachine("hv01")).to.equal("PowerState/running");
        const completed = [waiting?.name];
        at = await ring.go({ ...program, stage: "failedBack", completed }, idle);
        expect(waitingOf(at)).to.equal(undefined);
        expect(at.outputs).to.include({ observedStage: "failedBack", lastAppliedStage: "failedBack" });
        expect(await ring.azureMachine("hv01")).to.equal("PowerState/deallocated");
        for (const stage of ["failbackCommitted", "protected"]) {
          at = await ring.go({ ...program, stage }, at);
          expect(at.outputs, `turn ${round}`).to.include({ observedStage: stage, lastAppliedStage: stage });
        }
        expect(await ring.azureMachine("hv01")).to.equal("gone");
      }
      expect(ring.starts()).to.deep.equal([...turn, "reProtect hv01", ...turn, "reProtect hv01"]);
    });
  });

  it("fails over unplanned, changes the point before the commit, and comes back in one go during downtime", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = await ring.item("hv01");
      const program = { targetId, failback: { dataSyncOption: "ForDownTime" } };
      let at = await walkTo(ring, targetId, ["failedOver"], { failback: program.failback });
      const points = await ring.siteRecovery.getRecoveryPoints(targetId);
      const [older] = points.sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
      const preview = await ring.preview({ ...program, stage: "failedOver", recoveryPoint: older?.id }, at);
      expect(preview.lines).to.contain("Recovery point").and.to.contain("is lost");
      at = await ring.go({ ...program, stage: "failedOver", recoveryPoint: older?.id }, at);
      expect((await ring.siteRecovery.getItem(targetId))?.failoverRecoveryPointId?.toLowerCase()).to.contain(
        older?.name.toLowerCase(),
      );
      const again = await ring.preview({ ...program, stage: "failedOver", recoveryPoint: "latest" }, at);
      expect(again.failures).to.contain("is no legal change");
      at = await ring.go({ ...program, stage: "failedOver", recoveryPoint: "latestProcessed" }, at);
      at = await ring.go({ ...program, stage: "committed", recoveryPoint: "latestProcessed" }, at);
      for (const stage of ["failedBack", "failbackCommitted", "protected"]) {
        at = await ring.go({ ...program, stage, recoveryPoint: "latestProcessed" }, at);
        expect(at.outputs).to.include({ observedStage: stage });
        expect(waitingOf(at)).to.equal(undefined);
      }
      expect(ring.starts()).to.deep.equal([
        "unplannedFailover hv01",
        "applyRecoveryPoint hv01",
        "applyRecoveryPoint hv01",
        "failoverCommit hv01",
        "plannedFailover hv01",
        "failoverCommit hv01",
        "reProtect hv01",
      ]);
    });
  });

  it("changes the point after a planned failover too, which itself takes none but the latest", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const program = { targetId: planIdOf("branch"), kind: "planned" };
      let at = await ring.go({ ...program, stage: "protected" });
      const early = await ring.preview({ ...program, stage: "failedOver", recoveryPoint: "latestProcessed" }, at);
      expect(early.failures).to.contain("is not for a planned failover");
      at = await ring.go({ ...program, stage: "failedOver" }, at);
      const changed = { ...program, stage: "failedOver", recoveryPoint: "latestApplicationConsistent" };
      at = await ring.go(changed, at);
      expect(ring.starts()).to.deep.equal([
        "plannedFailover branch",
        "applyRecoveryPoint hv01",
        "applyRecoveryPoint hv02",
      ]);
      const again = await ring.go(changed, at);
      expect(again.outputs.appliedRecoveryPoint).to.equal("latestApplicationConsistent");
      expect(ring.starts()).to.have.length(3);
    });
  });

  it("walks from committed to protected in one declaration with through: true, over the person's word", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = await ring.item("hv02");
      let at = await walkTo(ring, targetId, ["failedOver", "committed"], { through: true });
      const home = { targetId, through: true, stage: "protected" };
      const preview = await ring.preview(home, at);
      expect(preview.lines)
        .to.contain("committed -> failedBack (failback)")
        .and.to.contain("failbackCommitted -> protected (reverseReplicate)")
        .and.to.contain("a person completes the failover");
      at = await ring.go(home, at);
      const name = waitingOf(at)?.name ?? "";
      expect(name).to.equal("complete failover of hv02");
      at = await ring.go({ ...home, completed: [name] }, at);
      expect(at.outputs).to.include({ observedStage: "protected", lastAppliedStage: "protected" });
      expect(ring.starts().slice(2)).to.deep.equal([
        "plannedFailover hv02",
        "failoverCommit hv02",
        "reProtect hv02",
      ]);
    });
  });

  it("makes a machine that is gone, on the other host, where the way back says so, and refuses it where not", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = await ring.item("hv01");
      let at = await walkTo(ring, targetId, ["failedOver", "committed"]);
      const vault = Object.values(ring.emulator.world.state.siteRecovery.vaults)[0];
      const source = Object.values(vault?.machines ?? {}).find(({ name }) => name === "hv01");
      if (!source?.hyperV) throw new Error("no machine hv01 on Hyper-V");
      source.hyperV.exists = false;
      const { reasons, stored } = await ring.fail({ targetId, stage: "failedBack" }, at);
      expect(reasons).to.contain("OnPremisesVirtualMachineNotFound").and.to.contain("CreateVmIfNotFound");
      const failback = {
        dataSyncOption: "ForDownTime",
        recoveryVmCreationOption: "CreateVmIfNotFound",
        providerIdForAlternateRecovery: secondHost,
      };
      expect((await ring.preview({ targetId, stage: "failedBack", failback }, stored)).lines).to.contain(
        "a machine that is gone is made",
      );
      at = await ring.go({ targetId, stage: "failedBack", failback }, stored);
      expect(at.outputs).to.include({ observedStage: "failedBack", lastAppliedStage: "failedBack" });
      expect(source.hyperV).to.include({ exists: true, hostId: secondHost });
    });
  });

  it("tells of managed disks in the preview of failedOver, and refuses failedBack before anything starts", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = await ring.item("managed01");
      let at = await ring.go({ targetId, stage: "protected" });
      const forward = await ring.preview({ targetId, stage: "failedOver" }, at);
      expect(forward.failures).to.equal("");
      expect(forward.lines)
        .to.contain("Finding: managed01 replicates to managed disks")
        .and.to.contain("there is no way back for it");
      at = await ring.go({ targetId, stage: "failedOver" }, at);
      at = await ring.go({ targetId, stage: "committed" }, at);
      const before = ring.starts();
      const back = await ring.preview({ targetId, stage: "failedBack" }, at);
      expect(back.failures).to.contain('stage value "failedBack" is not possible').and.to.contain("managed disks");
      expect(ring.starts()).to.deep.equal(before);
    });
  });

  it("refuses a planned failover whose source cannot be reached, with Azure's reason, and loses nothing", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = await ring.item("hv01");
      const at = await ring.go({ targetId, stage: "protected", kind: "planned" });
      await ring.fault({ kind: "sourceUnreachable", machineName: "hv01" });
      const { reasons, stored } = await ring.fail({ targetId, stage: "failedOver", kind: "planned" }, at);
      expect(reasons)
        .to.contain("HostNotReachable")
        .and.to.contain("start an unplanned failover")
        .and.to.contain("Stages now: hv01 protected")
        .and.to.contain('or declare stage: "protected" to stay there');
      const over = await ring.go({ targetId, stage: "failedOver", kind: "unplanned" }, stored);
      expect(over.outputs).to.include({ observedStage: "failedOver" });
      expect(ring.starts()).to.deep.equal(["plannedFailover hv01", "unplannedFailover hv01"]);
    });
  });

  it("goes on unplanned where the source cannot be shut down, and says so", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = await ring.item("hv01");
      const at = await ring.go({ targetId, stage: "protected" });
      await ring.fault({ kind: "sourceUnreachable", machineName: "hv01" });
      const context = makeContext(ring.siteRecovery);
      const over = await ring.go({ targetId, stage: "failedOver" }, at, context);
      expect(over.outputs).to.include({ observedStage: "failedOver" });
      expect(context.logged.join("\n"))
        .to.contain("hv01 could not be shut down, and the failover went on")
        .and.to.contain("may still run on-premises");
    });
  });

  it("goes on after an interrupted up whose failover could not shut the source down, and says so once", async () => {
    for (const isEnded of [true, false])
      await withRing(hyperVSite(), async (ring) => {
        const targetId = await ring.item("hv01");
        const at = await ring.go({ targetId, stage: "protected" });
        await ring.fault({ kind: "sourceUnreachable", machineName: "hv01" });
        const program = { targetId, stage: "committed", through: true };
        const item = await ring.siteRecovery.getItem(targetId);
        if (!item) throw new Error(`no item ${targetId}`);
        const job = await ring.siteRecovery.startAction(
          { kind: "replicatedItem", item },
          { kind: "unplannedFailover", shutdownSource: true, recoveryPoint: { kind: "latest" } },
          failoverMark(targetId, program).clientRequestId,
        );
        if (isEnded) await ring.siteRecovery.waitForJob(job.name, { timeoutMs: 300_000 });
        const context = makeContext(ring.siteRecovery);
        const end = await ring.go(program, at, context);
        expect(end.outputs).to.include({ observedStage: "committed", lastAppliedStage: "committed" });
        const isOfIt = (line: string) => line.includes("hv01 could not be shut down");
        expect((end.outputs.findings as string[]).map(isOfIt), `ended: ${isEnded}`).to.deep.equal([true]);
        expect(context.logged.filter(isOfIt)).to.have.length(1);
        expect(ring.starts()).to.deep.equal(["unplannedFailover hv01", "failoverCommit hv01"]);
      });
  });

  it("moves a plan by its own calls, waits once for all of its machines, and reverses them one by one", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = planIdOf("branch");
      let at = await walkTo(ring, targetId, ["failedOver", "committed"], { kind: "planned" });
      at = await ring.go({ targetId, kind: "planned", stage: "failedBack" }, at);
      const name = waitingOf(at)?.name ?? "";
      expect(waitingOf(at)).to.include({ kind: "completeFailover", name: "complete failover of branch" });
      at = await ring.go({ targetId, kind: "planned", stage: "failedBack", completed: [name] }, at);
      for (const stage of ["failbackCommitted", "protected"])
        at = await ring.go({ targetId, kind: "planned", stage, completed: [name] }, at);
      expect(at.outputs).to.include({ observedStage: "protected", lastAppliedStage: "protected" });
      expect(ring.starts()).to.deep.equal([
        "plannedFailover branch",
        "failoverCommit branch",
        "plannedFailover branch",
        "failoverCommit branch",
        "reProtect hv01",
        "reProtect hv02",
      ]);
    });
  });

  it("refuses in the preview a drill of machines whose failback waits for a person, until a Failover of the run takes it on", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = await ring.item("hv01");
      const home = { targetId, through: true, stage: "protected" };
      let at = await walkTo(ring, targetId, ["failedOver", "committed"], { through: true });
      at = await ring.go(home, at);
      const name = waitingOf(at)?.name ?? "";
      const context = makeContext(ring.siteRecovery);
      for (const id of [targetId, planIdOf("branch")]) {
        const drill = { targetId: id, testNetworkId };
        const { failures } = await testFailover.check(context, {}, drill);
        expect(failures.map(({ property }) => property)).to.deep.equal(["targetId"]);
        expect(failures[0]?.reason)
          .to.contain("job PlannedFailover (")
          .and.to.contain(`waits for a person: ${name}`)
          .and.to.contain("dependsOn");
      }
      const still = await failover.check(context, at.inputs, { ...home, completed: [] });
      expect(still.failures).to.deep.equal([]);
      expect((await testFailover.check(context, {}, { targetId, testNetworkId })).failures).to.have.length(1);
      await failover.check(context, at.inputs, { ...home, completed: [name] });
      expect((await testFailover.check(context, {}, { targetId, testNetworkId })).failures).to.deep.equal([]);
      at = await ring.go({ ...home, completed: [name] }, at);
      const drilled = await up(testFailover, makeContext(ring.siteRecovery), { targetId, testNetworkId });
      expect(drilled.outputs).to.include({ status: "waitingForCleanup" });
    });
  });

  it("names every machine that waits where a plan's machines go back with settings of their own, and completes them together", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = planIdOf("branch");
      const failback = { perItem: { hv02: { recoveryVmCreationOption: "CreateVmIfNotFound" } } };
      let at = await walkTo(ring, targetId, ["failedOver", "committed"], { failback });
      at = await ring.go({ targetId, failback, stage: "failedBack" }, at);
      const names = ["complete failover of hv01", "complete failover of hv02"];
      expect(waitingOf(at)).to.include({ kind: "completeFailover", name: names[0] });
      expect(at.outputs.alsoWaitingFor).to.have.length(1);
      expect((at.outputs.alsoWaitingFor as Waiting[])[0]).to.include({ kind: "completeFailover", name: names[1] });
      const { lines } = await ring.preview({ targetId, failback, stage: "failedBack", completed: [names[0]] }, at);
      expect(lines)
        .to.contain('"complete failover of hv01" is done')
        .and.to.contain('waits for a person: complete failover of hv02. The data of replicated item "hv02" is');
      at = await ring.go({ targetId, failback, stage: "failedBack", completed: names }, at);
      expect(at.outputs).to.include({ observedStage: "failedBack", lastAppliedStage: "failedBack" });
      expect(waitingOf(at)).to.equal(undefined);
      expect(ring.starts().slice(2)).to.deep.equal(["plannedFailover hv01", "plannedFailover hv02"]);
    });
  });

  it("sends a plan's machines back one by one where another host takes them", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const targetId = planIdOf("branch");
      const failback = { dataSyncOption: "ForDownTime", providerIdForAlternateRecovery: secondHost };
      const at = await walkTo(ring, targetId, ["failedOver", "committed"], { failback });
      const preview = await ring.preview({ targetId, failback, stage: "failedBack" }, at);
      expect(preview.lines).to.contain("one by one in boot order");
      await ring.go({ targetId, failback, stage: "failedBack" }, at);
      expect(ring.starts().slice(2)).to.deep.equal(["plannedFailover hv01", "plannedFailover hv02"]);
    });
  });

  it("lists the machines on the hosts with what enabling their replication takes, whether they replicate or not", async () => {
    await withRing(hyperVSite(), async (ring) => {
      const fabricName = (await ring.siteRecovery.listItems())[0]?.fabricName ?? "";
      const called = await functions
        .get("getProtectableMachines")
        ?.call(makeContext(ring.siteRecovery), { ...vault, fabricName });
      const machines = called?.result?.machines as ProtectableMachine[];
      expect(machines.map(({ name, kind }) => `${name} ${kind}`)).to.deep.equal([
        "hv01 hyperv",
        "hv02 hyperv",
        "managed01 hyperv",
      ]);
      const [first] = machines;
      const item = (await ring.siteRecovery.listItems()).find(({ name }) => name === "hv01");
      expect(first?.protectionContainerName?.toLowerCase()).to.equal(item?.protectionContainerName.toLowerCase());
      expect(first?.disks.map(({ name, sizeInBytes }) => [name, sizeInBytes])).to.deep.equal([
        ["hv01_disk_1", 40 * 2 ** 30],
        ["hv01_disk_2", 10 * 2 ** 30],
      ]);
      expect(first?.id).to.contain("/replicationProtectableItems/");
    });
  });

  it("says in readiness what only the host knows: a system disk too large for its generation, Linux of generation 2", async () => {
    const estate = hyperVSite();
    const [first, second] = estate.machines ?? [];
    if (!first?.hyperV || !second?.hyperV) throw new Error("the estate has no two machines on Hyper-V");
    first.hyperV.generation = 2;
    first.disks = [{ sizeGB: 400 }];
    second.hyperV.generation = 2;
    second.os = { type: "Linux", name: "Ubuntu 22.04" };
    await withRing(estate, async (ring) => {
      const called = await functions
        .get("getReadiness")
        ?.call(makeContext(ring.siteRecovery), { ...vault, targetId: planIdOf("branch") });
      const checks = (called?.result?.checks ?? []) as { id: string; machine?: string; severity: string }[];
      const told = checks.map(({ id, machine, severity }) => `${machine}: ${id} ${severity}`);
      expect(told).to.include("hv01: generation2OsDiskSize error");
      expect(told).to.include("hv02: generation2Linux warning");
      expect(told.filter((line) => line.includes("generation2"))).to.have.length(2);
      expect(called?.result?.isReady).to.equal(false);
    });
  });
});
