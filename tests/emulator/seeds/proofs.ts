/** What is true of the product, by subject: each a check that was made for statements of the documents. */

import { expect } from "chai";
import { guestChecklist } from "../../../provider/connectivity/checklist.js";
import type { AccessPath, OsType } from "../../../provider/connectivity/types.js";
import { functions } from "../../../provider/functions/index.js";
import { legalStages, path } from "../../../provider/lifecycle/path.js";
import {
  checkMachine,
  checkVault,
  extraTimeReasons,
  type MachineFacts,
} from "../../../provider/lifecycle/readiness.js";
import { refusalOfChoice } from "../../../provider/lifecycle/recoveryPoints.js";
import { stageMeaning } from "../../../provider/lifecycle/stages.js";
import { failoverSchema } from "../../../provider/resources/failoverSchema.js";
import type { Properties } from "../../../provider/resources/handler.js";
import { recoveryPlan } from "../../../provider/resources/recoveryPlan.js";
import { replicationPolicy } from "../../../provider/resources/replicationPolicy.js";
import { testFailoverSchema } from "../../../provider/resources/testFailover.js";
import { startProcess } from "../loop/process.js";
import { testNetworkId, vault, vaultId } from "../loop/rings.js";
import type { Evidence, Stop } from "./evidence.js";
import { type Proof, sent, settingsProofs, stop } from "./settingsProofs.js";

function machine(changes: Partial<MachineFacts> = {}): MachineFacts {
  return {
    name: "web01",
    scenario: "vmware",
    stage: "protected",
    isReady: true,
    isDrillPending: false,
    isPhysical: false,
    osType: "Windows",
    targetVmName: "web01",
    targetNetworkId: "/networks/prod",
    testNetworkId: "/networks/drill",
    agentVersion: "9.66.0.0",
    disks: [{ diskId: "os", isOsDisk: true, capacityInBytes: 2 ** 36 }],
    replicationHealth: "Normal",
    healthErrors: [],
    lastRecoveryPoint: "2026-03-02T08:00:00Z",
    lastTestFailover: "2026-03-01T08:00:00Z",
    missingBootDrivers: [],
    isDhcpDisabled: false,
    ...changes,
  };
}

const checkIds = (changes: Partial<MachineFacts>, drillNotBefore?: string) =>
  checkMachine(machine(changes), drillNotBefore).map(({ id }) => id);

const listed = (osType: OsType, paths: AccessPath[], id: string) =>
  guestChecklist(osType, paths).find((entry) => entry.id === id);

/** An entry of the guest's check-list: there at that time for these paths, and not for others. */
const onChecklist =
  (
    osType: OsType,
    id: string,
    when: string,
    text: RegExp,
    paths: AccessPath[] = ["vpn"],
    not?: AccessPath,
  ): Proof =>
  () => {
    const entry = listed(osType, paths, id);
    expect(entry).to.include({ when });
    expect(entry?.text).to.match(text);
    if (not) expect(listed(osType, [not], id)).to.equal(undefined);
  };

const slower =
  (changes: Partial<MachineFacts>, reason: RegExp): Proof =>
  () => {
    expect(extraTimeReasons(machine())).to.deep.equal([]);
    expect(extraTimeReasons(machine(changes)).join()).to.match(reason);
    const told = checkMachine(machine(changes)).find(({ id }) => id === "extraFailoverTime");
    expect(told?.text).to.match(/8 to 10 minutes/);
  };

const onPolicy = async (inputs: Properties, evidence: Evidence) => {
  const { context } = startProcess(evidence.untouched());
  const { inputs: checked, failures } = await replicationPolicy.check(
    context,
    {},
    { ...vault, name: "p", ...inputs },
  );
  return { checked, failures: failures.map(({ property, reason }) => `${property} ${reason}`).join("\n") };
};

/** The point that a failover took, whether it is the newest, and whether Azure made it or was told it by its id. */
async function pointOf(evidence: Evidence, recoveryPoint: string, more: Properties = {}) {
  const [at] = await evidence.steps("hyperV", [{ stage: "failedOver", recoveryPoint, ...more }]);
  if (!at) throw new Error("the failover has no stop");
  const name = String(at.item.failoverRecoveryPointId).split("/").at(-1);
  const index = at.points.findIndex((point) => point.name === name);
  const { recoveryPointId } = sent(at, "unplannedFailover").providerSpecificDetails as {
    recoveryPointId?: string;
  };
  return {
    index,
    type: at.points[index]?.type,
    isNamed: recoveryPointId?.endsWith(`/${name}`) ?? false,
    isMade: at.tasks.includes("Synchronizing the latest changes"),
  };
}

export const proofs = {
  planMovesTogether: async (e) => {
    const over = stop(await e.ring("vmwarePlan"), "failedOver");
    expect(over.starts.map(({ action }) => action)).to.deep.equal(["unplannedFailover"]);
    expect(over.preview).to.match(/boot group 1: db01\n.*boot group 2: web01/);
  },
  singleMachineMoves: async (e) => {
    const over = stop(await e.ring("vmware"), "failedOver");
    expect(over.starts.map(({ action }) => action)).to.deep.equal(["unplannedFailover"]);
  },
  drillComesFirst: () => {
    expect(checkIds({ lastTestFailover: undefined }, "2026-02-01T00:00:00Z")).to.include("neverTested");
    expect(checkIds({}, "2026-02-01T00:00:00Z")).to.not.include("neverTested");
    expect(checkIds({}, "2026-03-02T00:00:00Z")).to.include("testFailoverOld");
  },
  rdpEnabled: onChecklist("Windows", "rdpEnabled", "beforeFailover", /Remote Desktop is enabled/),
  firewallPublic: onChecklist(
    "Windows",
    "firewallPublic",
    "beforeFailover",
    /TCP and UDP.*Public.*all profiles/,
    ["internet"],
    "vpn",
  ),
  firewallPrivate: onChecklist(
    "Windows",
    "firewallDomainPrivate",
    "beforeFailover",
    /Domain and Private/,
    ["vpn"],
    "internet",
  ),
  noRoutesNoProxy: onChecklist(
    "Windows",
    "noPersistentRoutes",
    "beforeFailover",
    /persistent routes.*WinHTTP proxy/,
  ),
  sanPolicy: onChecklist("Windows", "sanPolicy", "beforeFailover", /OnlineAll/),
  noPendingUpdates: onChecklist("Windows", "noPendingUpdates", "beforeFailover", /updates are pending/),
  sshAtBoot: onChecklist("Linux", "sshAtBoot", "beforeFailover", /starts at system boot/),
  sshFirewall: onChecklist("Linux", "firewallSsh", "beforeFailover", /allows SSH/),
  publicIpWindows: onChecklist("Windows", "publicIp", "afterFailover", /public IP/, ["internet"], "vpn"),
  publicIpLinux: onChecklist("Linux", "publicIp", "afterFailover", /public IP/, ["internet"], "vpn"),
  nsgRdp: onChecklist("Windows", "nsgAllows", "afterFailover", /subnet and NIC.*3389/),
  nsgSsh: onChecklist("Linux", "nsgAllows", "afterFailover", /subnet and NIC.*22/),
  screenshotWindows: onChecklist("Windows", "bootDiagnostics", "afterFailover", /screenshot/),
  screenshotLinux: onChecklist("Linux", "bootDiagnostics", "afterFailover", /screenshot/),
  previewTellsWhoConnects: async (e) => {
    const { lines } = await e.preview("vmware", { stage: "failedOver" });
    expect(lines).to.match(/web01 {2}Windows .*RDP by private: ok/);
    expect(lines).to.match(/Inside each Windows machine, before the failover: RDP on/);
  },
  directionIsToAzure: async (e) => {
    expect(sent(stop(await e.ring("vmware"), "failedOver"), "unplannedFailover")).to.include({
      failoverDirection: "PrimaryToRecovery",
    });
  },
  latestMakesAPoint: async (e) => {
    expect(await pointOf(e, "latest")).to.include({ index: 0, isNamed: false, isMade: true });
    expect(failoverSchema.shape.recoveryPoint.parse(undefined)).to.equal("latest");
  },
  regionDown: async (e) => {
    const [at] = await e.steps("vmware", [{ stage: "failedOver" }], (state) => {
      state.faults.push({ id: "down", kind: "regionDown", location: "westeurope" });
    });
    expect(at?.lines.join("\n"))
      .to.match(/RegionUnavailable/)
      .and.to.match(/latestProcessed/);
    expect(at?.item.protectionState).to.not.match(/Begin/);
    const [processed] = await e.steps(
      "vmware",
      [{ stage: "failedOver", recoveryPoint: "latestProcessed" }],
      (state) => {
        state.faults.push({ id: "down", kind: "regionDown", location: "westeurope" });
      },
    );
    expect(processed?.outputs).to.include({ observedStage: "failedOver" });
  },
  latestProcessed: async (e) => {
    expect(await pointOf(e, "latestProcessed")).to.include({ isNamed: true, isMade: false });
  },
  latestAppConsistent: async (e) => {
    const taken = await pointOf(e, "latestApplicationConsistent");
    expect(taken).to.include({ isNamed: true, isMade: false, type: "ApplicationConsistent" });
  },
  pointsAreShown: async (e) => {
    const called = functions.get("getRecoveryPoints");
    const answer = await called?.call(startProcess(e.untouched()).context, {
      replicatedItemId: e.rings.vmware.targetId,
    });
    expect(answer?.result?.recoveryPoints).to.have.length.above(1);
    expect(answer?.result?.recoveryPoints).to.have.nested.property("[0].time");
  },
  multiVmProcessed: async (e) => {
    expect(refusalOfChoice("latestMultiVmProcessed", "replicatedItem")).to.match(/for recovery plans/);
    expect(refusalOfChoice("latestMultiVmProcessed", "recoveryPlan")).to.equal(undefined);
    const { failures } = await e.preview("hyperVPlan", {
      stage: "failedOver",
      recoveryPoint: "latestMultiVmProcessed",
    });
    expect(failures).to.match(/recoveryPoint: .*at least one machine with multi-VM consistency/);
  },
  multiVmAppConsistent: async (e) => {
    expect(refusalOfChoice("latestMultiVmApplicationConsistent", "replicatedItem")).to.match(/for recovery plans/);
    expect(refusalOfChoice("latestMultiVmApplicationConsistent", "recoveryPlan")).to.equal(undefined);
    const { failures } = await e.preview("hyperVPlan", {
      stage: "failedOver",
      recoveryPoint: "latestMultiVmApplicationConsistent",
    });
    expect(failures).to.match(/recoveryPoint: .*at least one machine with multi-VM consistency/);
  },
  customIsForOneMachine: async (e) => {
    const point = `${e.rings.vmware.targetId}/recoveryPoints/11111111-2222-4333-8444-555555555555`;
    expect(refusalOfChoice(point, "recoveryPlan")).to.match(/one machine/);
    expect(refusalOfChoice(point, "replicatedItem")).to.equal(undefined);
  },
  customIsTaken: async (e) => {
    const [over] = await e.steps("vmware", [
      ({ points }) => ({
        stage: "failedOver",
        recoveryPoint: `${e.rings.vmware.targetId}/recoveryPoints/${points[1]?.name}`,
      }),
    ]);
    const asked = over && (sent(over, "unplannedFailover").providerSpecificDetails as Properties);
    expect(String(over?.item.failoverRecoveryPointId).split("/").at(-1)).to.equal(
      String(asked?.recoveryPointId).split("/").at(-1),
    );
    expect(over?.points[0]?.name).to.not.equal(String(asked?.recoveryPointId).split("/").at(-1));
  },
  customForDrill: () => {
    const point = "/x/replicationProtectedItems/web01/recoveryPoints/one";
    expect(testFailoverSchema.shape.recoveryPoint.safeParse(point).success).to.equal(true);
    expect(refusalOfChoice(point, "replicatedItem")).to.equal(undefined);
  },
  pointOnlyToAzure: async (e) => {
    const back = stop(await e.ring("vmware"), "failedBack");
    expect(JSON.stringify(sent(back, "plannedFailover"))).to.not.match(/recoveryPointId/);
    const { failures } = await e.preview("vmmToVmm", { stage: "failedOver", recoveryPoint: "latestProcessed" });
    expect(failures).to.match(/recoveryPoint: .*towards Azure only/);
  },
  agedOutPointIsRefused: async (e) => {
    const recoveryPoint = `${e.rings.vmware.targetId}/recoveryPoints/99999999-2222-4333-8444-555555555555`;
    const { failures } = await e.preview("vmware", { stage: "failedOver", recoveryPoint });
    expect(failures).to.match(/recoveryPoint: .*not there any more; \d+ points are left/);
  },
  shutdownIsBestEffort: async (e) => {
    const [at] = await e.steps("vmware", [{ stage: "failedOver", shutdownSource: true }], (state) => {
      state.faults.push({ id: "away", kind: "sourceUnreachable" });
    });
    expect(at?.outputs).to.include({ observedStage: "failedOver" });
    expect(at?.isSourceOn).to.equal(true);
    expect(at?.lines.join("\n")).to.match(/could not be shut down, and the failover went on/);
  },
  shutdownIsAnOption: async (e) => {
    const over = stop(await e.ring("vmware"), "failedOver");
    expect(over.isSourceOn).to.equal(false);
    const [without] = await e.steps("vmware", [{ stage: "failedOver", shutdownSource: false }]);
    expect(without?.isSourceOn).to.equal(true);
    expect(without?.preview).to.match(/Source machines are not shut down/);
  },
  hyperVShutdownSynchronises: async (e) => {
    expect(stop(await e.ring("hyperV"), "failedOver").tasks).to.include.members([
      "Shut down the virtual machine",
      "Synchronizing the latest changes",
    ]);
    const without = await pointOf(e, "latest", { shutdownSource: false });
    expect(without, "the newest point that is there").to.include({ index: 0, isMade: false });
  },
  progressIsTold: async (e) => {
    const { lines } = stop(await e.ring("vmware"), "failedOver");
    expect(lines.join("\n")).to.match(/unplannedFailover of replicated item "web01": .*Start failover: Succeeded/);
  },
  planRunsOn: async (e) => {
    const [at] = await e.steps("hyperVPlan", [{ stage: "failedOver" }], (state) => {
      state.faults.push({ id: "one", kind: "failTask", taskName: "VmFailover", targetName: "hv02", times: 1 });
    });
    expect(at?.item.protectionState, "hv01, the first of the plan").to.match(/CommitPending/);
    expect(at?.lines.join("\n"))
      .to.match(/PartiallySucceeded/)
      .and.to.match(/hv02 protected/);
    expect(at?.outputs.observedStage).to.equal("mixed");
  },
  verifyInAzure: async (e) => {
    const over = stop(await e.ring("vmware"), "failedOver");
    expect(over.inAzure).to.equal("running");
    expect(over.outputs).to.include({ observedStage: "failedOver" });
  },
  pointMayChange: async (e) => {
    const other =
      (index: number) =>
      ({ points }: Stop): Properties => ({
        stage: "failedOver",
        recoveryPoint: `${e.rings.hyperV.targetId}/recoveryPoints/${points[index]?.name}`,
      });
    const stops = await e.steps("hyperV", [{ stage: "failedOver" }, other(2), other(5)]);
    expect(stops.map(({ starts }) => starts.map(({ action }) => action).join())).to.deep.equal([
      "unplannedFailover",
      "applyRecoveryPoint",
      "applyRecoveryPoint",
    ]);
    expect(new Set(stops.map(({ item }) => item.failoverRecoveryPointId)).size).to.equal(3);
  },
  commitEndsTheChoice: async (e) => {
    const ring = await e.ring("vmware");
    expect(stop(ring, "failedOver").points).to.have.length.above(0);
    expect(stop(ring, "failedOver").item.allowedOperations).to.include("ChangePit");
    expect(stop(ring, "committed").points).to.deep.equal([]);
    expect(stop(ring, "committed").item.allowedOperations).to.not.include("ChangePit");
    expect(stop(ring, "committed").preview).to.match(/Cannot be undone: all recovery points are deleted/);
  },
  plannedLosesNothing: async (e) => {
    const [at] = await e.steps("hyperV", [{ stage: "failedOver", kind: "planned" }]);
    expect(at?.starts.map(({ action }) => action)).to.deep.equal(["plannedFailover"]);
    const tasks = at?.tasks ?? [];
    // The point is made of what was sent after the shutdown.
    const order = ["Shut down the virtual machine", "Preparing for failover", "Start failover"];
    expect(String(at?.item.failoverRecoveryPointId)).to.match(new RegExp(`/${at?.points[0]?.name}$`));
    expect(order.map((task) => tasks.indexOf(task))).to.deep.equal(
      order.map((task) => tasks.indexOf(task)).sort((a, b) => a - b),
    );
    expect(tasks).to.include.members(order);
    expect(at?.isSourceOn).to.equal(false);
    expect(at?.outputs).to.include({ observedStage: "failedOver" });
  },
  plannedNeedsItsSource: async (e) => {
    const [at] = await e.steps("hyperV", [{ stage: "failedOver", kind: "planned" }], (state) => {
      state.faults.push({ id: "away", kind: "sourceUnreachable" });
    });
    expect(at?.item.activeLocation).to.equal("Primary");
    expect(at?.inAzure).to.equal("gone");
    expect(at?.lines.join("\n")).to.match(/plannedFailover of replicated item "hv01"/);
  },
  plannedTakesTheLatest: async (e) => {
    const { failures } = await e.preview("hyperV", {
      stage: "failedOver",
      kind: "planned",
      recoveryPoint: "latestProcessed",
    });
    expect(failures).to.match(/recoveryPoint: .*latest/);
  },
  plannedIsHyperVOnly: async (e) => {
    const { failures } = await e.preview("vmware", { stage: "failedOver", kind: "planned" });
    expect(failures).to.match(/kind: value "planned" is not for modernised VMware/);
  },
  jobChecksFirst: async (e) => {
    expect(stop(await e.ring("vmware"), "failedOver").tasks[0]).to.match(/^Prerequisites check/);
  },
  jobProcesses: async (e) => {
    expect(stop(await e.ring("vmware"), "failedOver").tasks).to.include("Start failover");
  },
  jobStartsTheMachine: async (e) => {
    const over = stop(await e.ring("vmware"), "failedOver");
    expect(over.tasks.at(-1)).to.equal("Start the replica virtual machine");
    expect(over.inAzure).to.equal("running");
  },
  neverCancels: async (e) => {
    const { preview } = stop(await e.ring("vmware"), "failedOver");
    expect(preview).to.match(/replication to Azure stops;.*cannot be cancelled or undone/);
    await e.ring("hyperV");
    expect(e.log.length).to.be.greaterThan(50);
    expect(e.log.filter(({ path: asked }) => /\/replicationJobs\/[^/]+\/cancel$/i.test(asked))).to.deep.equal([]);
  },
  slowOldAgent: slower({ agentVersion: "9.7.1.0" }, /9\.7\.1\.0, older than 9\.8/),
  slowPhysical: slower({ isPhysical: true }, /physical server/),
  slowLinux: slower({ osType: "Linux" }, /Linux/),
  slowDhcp: slower({ isDhcpDisabled: true }, /DHCP service is disabled/),
  slowDrivers: () => {
    for (const driver of ["storvsc", "vmbus", "storflt", "intelide", "atapi"])
      expect(extraTimeReasons(machine({ missingBootDrivers: [driver] })).join()).to.contain(driver);
    expect(checkIds({ missingBootDrivers: undefined })).to.include("guestNotVisible");
  },
  planActions: async (e) => {
    const automation = `/subscriptions/${vault.subscriptionId}/resourceGroups/a/providers/Microsoft.Automation`;
    const details = {
      kind: "runbook",
      runbookId: `${automation}/automationAccounts/a/runbooks/r`,
      fabricLocation: "Recovery",
    };
    const types = { failoverTypes: ["UnplannedFailover"], failoverDirections: ["PrimaryToRecovery"] };
    const script = { kind: "script", path: "\\\\library\\stop.ps1", fabricLocation: "Primary" };
    const plan = (actions: object[]) => ({
      ...vault,
      name: "automated",
      fabricName: "shop-fabric",
      bootGroups: [{ replicatedItemIds: e.rings.vmware.itemIds, endGroupActions: actions }],
    });
    const check = async (actions: object[]) =>
      (await recoveryPlan.check(startProcess(e.untouched()).context, {}, plan(actions))).failures;
    expect(
      await check([
        { name: "attach addresses", ...types, details },
        { name: "stop", ...types, details: script },
      ]),
    ).to.deep.equal([]);
    expect(await check([{ name: "x", ...types, details: { kind: "wish" } }])).to.have.length.above(0);
  },
  internalAddresses: async (e) => {
    const { inputs } = await e.preview("vmware", { stage: "failedOver" });
    expect(inputs.connectivityPlan).to.have.nested.property("machines[0].nics[0].address.kind", "dynamic");
    expect(inputs.connectivityPlan).to.have.nested.property("machines[0].nics[0].addressNow", "192.168.1.11");
  },
  externalAddresses: async (e) => {
    const connectivity = { access: [{ path: "internet", port: 3389, sources: ["203.0.113.0/24"] }] };
    const { inputs } = await e.preview("vmware", { stage: "failedOver", connectivity });
    const plan = inputs.connectivityPlan as { fix: { publicIps: unknown[] } };
    expect(plan.fix.publicIps).to.have.length(1);
    const [private_] = [
      (await e.preview("vmware", { stage: "failedOver" })).inputs.connectivityPlan as typeof plan,
    ];
    expect(private_?.fix.publicIps).to.deep.equal([]);
  },
  reprotectStartsTheWayBack: async (e) => {
    const ring = await e.ring("vmware");
    expect(stop(ring, "reprotected").starts.map(({ action }) => action)).to.deep.equal(["reProtect"]);
    expect(stop(ring, "reprotected").item).to.include({ protectionState: "Protected" });
    expect(stop(ring, "reprotected").inAzure).to.equal("running");
  },
  sourceIsOffInReprotect: async (e) => {
    const ring = await e.ring("vmware");
    expect(stop(ring, "reprotected").isSourceOn).to.equal(false);
    expect(stop(ring, "reprotected").preview).to.match(/on-premises machine is switched off/);
  },
  failbackBringsHome: async (e) => {
    const ring = await e.ring("vmware");
    expect(stop(ring, "failedBack").isSourceOn).to.equal(true);
    expect(stop(ring, "failedBack").outputs).to.include({ observedStage: "failedBack" });
  },
  cycleCloses: async (e) => {
    const ring = await e.ring("vmware");
    expect(stop(ring, "protected").starts.map(({ action }) => action)).to.deep.equal(["reProtect"]);
    expect(stop(ring, "protected").item.allowedOperations).to.include.members([
      "UnplannedFailover",
      "TestFailover",
    ]);
    expect(stop(ring, "protected").points).to.have.length.above(0);
  },
  failoverMakesTheMachine: async (e) => {
    const ring = await e.ring("vmware");
    expect(stop(ring, "protected").inAzure).to.equal("gone");
    expect(stop(ring, "failedOver").inAzure).to.equal("running");
  },
  fourStages: () => {
    const steps = path("vmware", "protected", "failbackCommitted", true);
    expect(steps.isLegal && steps.steps.map(({ action }) => action)).to.include.members([
      "unplannedFailover",
      "reprotect",
      "failback",
    ]);
    expect(legalStages("vmware", "failbackCommitted")).to.include("protected");
  },
  twoStagesOfHyperV: () => {
    expect(legalStages("hyperV", "committed")).to.deep.equal(["committed", "failedBack"]);
    expect(legalStages("hyperV", "failbackCommitted")).to.include("protected");
  },
  twoPhases: async (e) => {
    const ring = await e.ring("vmware");
    expect(stop(ring, "failedOver").item.allowedOperations).to.include.members(["Commit", "ChangePit"]);
    expect(stop(ring, "committed").starts.map(({ action }) => action)).to.deep.equal(["failoverCommit"]);
  },
  drillTouchesNothing: async (e) => {
    const { during, machines, left } = await e.drill("vmware");
    expect(machines).to.deep.equal(["web01-test"]);
    expect(during.isSourceOn).to.equal(true);
    expect(during.item).to.include({ protectionState: "Protected", activeLocation: "Primary" });
    expect(left).to.deep.equal([]);
  },
  drillNetwork: async (e) => {
    const { during } = await e.drill("vmware");
    expect(sent(during, "testFailover")).to.include({ networkId: testNetworkId });
  },
  drillCleansUp: async (e) => {
    const { after, left } = await e.drill("vmware");
    expect(left).to.deep.equal([]);
    expect(after.starts.map(({ action }) => action)).to.deep.equal(["testFailover", "testFailoverCleanup"]);
    expect(after.item.allowedOperations).to.include("TestFailover");
  },
  drillOfPlan: async (e) => {
    const { machines } = await e.drill("vmwarePlan");
    expect(machines).to.deep.equal(["db01-test", "web01-test"]);
  },
  retentionOfHyperV: async (e) => {
    const { checked } = await onPolicy({ instanceType: "HyperVReplicaAzure" }, e);
    expect(checked).to.include({ recoveryPointRetentionHours: 2 });
    const { failures } = await onPolicy(
      { instanceType: "HyperVReplicaAzure", recoveryPointRetentionHours: 25 },
      e,
    );
    expect(failures).to.match(/recoveryPointRetentionHours .*25.*0-24/);
  },
  retentionOfVMware: async (e) => {
    const days = 24 * 60;
    const of = (minutes: number) =>
      onPolicy({ instanceType: "InMageRcm", recoveryPointRetentionMinutes: minutes }, e);
    expect((await of(3 * days)).failures).to.equal("");
    expect((await of(16 * days)).failures).to.match(/recoveryPointRetentionMinutes .*0-21600/);
  },
  failbackPolicyIsReadOnly: async (e) => {
    e.untouched();
    const failback = (await e.shown(`${vaultId}/replicationPolicies/old-failback`)) as {
      properties: { providerSpecificDetails: Properties };
    };
    expect(failback.properties.providerSpecificDetails).to.include({
      instanceType: "InMage",
      recoveryPointThresholdInMinutes: 15,
      recoveryPointHistory: 1440,
      appConsistentFrequencyInMinutes: 60,
    });
    const { context } = startProcess(e.untouched());
    const program = { ...vault, name: "old-failback", instanceType: "InMage", recoveryPointRetentionMinutes: 60 };
    const { inputs } = await replicationPolicy.check(context, {}, program);
    const refused = await replicationPolicy.reconcile(context, inputs, undefined).then(
      () => "it was changed",
      (error: Error) => error.message,
    );
    expect(refused).to.match(/lets nobody change it/);
  },
  vaultStays: () => {
    const [told] = checkVault([machine()]);
    expect(told?.text).to.match(/cannot be moved/);
    expect(checkVault([])).to.deep.equal([]);
  },
  unprotectedInAzure: async (e) => {
    expect(stageMeaning.committed).to.match(/runs in Azure/);
    const { item } = stop(await e.ring("vmware"), "committed");
    expect(item.allowedOperations).to.not.include("UnplannedFailover");
    expect(item.protectionState).to.not.equal("Protected");
  },
  wayBackDependsOnKind: async (e) => {
    const missing = await e.preview("vmware", { stage: "protected", reprotect: undefined, reverse: undefined });
    expect(missing.lines).to.match(/reprotect/);
    const { lines, failures } = await e.preview("hyperV", { stage: "protected" });
    expect(failures).to.equal("");
    expect(lines).to.not.match(/reprotectAgentId/);
    expect(
      (await e.preview("hyperV", { stage: "failedOver", reprotect: { datastoreName: "x" } })).failures,
    ).to.match(/reprotect\.datastoreName: .*not for Hyper-V/);
  },
  failbackNeedsAPoint: async (e) => {
    const ring = await e.ring("vmware");
    expect(stop(ring, "reprotected").points).to.have.length.above(0);
    expect(stop(ring, "reprotected").item.allowedOperations).to.include("PlannedFailover");
    expect(checkIds({ lastRecoveryPoint: undefined })).to.include("noRecoveryPoint");
  },
  failbackLatest: async (e) => {
    const back = sent(stop(await e.ring("vmware"), "failedBack"), "plannedFailover");
    expect(back.providerSpecificDetails).to.include({ recoveryPointType: "CrashConsistent" });
  },
  failbackAppConsistent: async (e) => {
    const ring = await e.ring("vmware", { failback: { recoveryPointType: "ApplicationConsistent" } });
    const back = sent(stop(ring, "failedBack"), "plannedFailover");
    expect(back.providerSpecificDetails).to.include({ recoveryPointType: "ApplicationConsistent" });
  },
  failbackStopsAzure: async (e) => {
    const ring = await e.ring("vmware");
    expect(stop(ring, "failedBack").inAzure).to.equal("deallocated");
    expect(stop(ring, "failbackCommitted").inAzure).to.equal("gone");
    expect(stop(ring, "failbackCommitted").preview).to.match(/machines in Azure and their disks are deleted/);
  },
  classicNeedsServers: async (e) => {
    const { failures } = await e.preview("classic", {
      stage: "failedOver",
      reprotect: { datastoreName: "datastore1" },
    });
    const shown = failures || (await e.preview("classic", { stage: "protected", reprotect: undefined })).lines;
    expect(shown).to.match(/processServerId|masterTargetId/);
    const answer = await functions.get("getAppliances")?.call(startProcess(e.untouched()).context, { ...vault });
    expect(JSON.stringify(answer?.result))
      .to.match(/"PS-1"/)
      .and.to.match(/"MT-1"/);
  },
  gatewayIsLookedFor: async (e) => {
    const connectivity = { access: [{ path: "vpn", port: 3389 }] };
    const { lines } = await e.preview("vmware", { stage: "failedOver", connectivity });
    expect(lines).to.match(/gateway/);
  },
  originalLocation: async (e) => {
    const back = stop(await e.ring("vmware"), "reprotected");
    expect(back.preview).to.match(/By appliance [^,]+, to datastore datastore1/);
    expect(stop(await e.ring("vmware"), "failedBack").isSourceOn).to.equal(true);
  },
  managedDisksStay: () => {
    expect(checkIds({ scenario: "hyperV", usesManagedDisks: true })).to.include("managedDisks");
    expect(checkIds({ scenario: "hyperV", usesManagedDisks: false })).to.not.include("managedDisks");
  },
  hostMustAnswer: async (e) => {
    const stops = await e.steps(
      "hyperV",
      [
        { stage: "failedOver" },
        { stage: "committed" },
        { stage: "failedBack", failback: { dataSyncOption: "ForDownTime" } },
      ],
      (state) => {
        state.faults.push({ id: "away", kind: "sourceUnreachable" });
      },
    );
    expect(stops.at(-1)?.outputs.observedStage).to.equal("committed");
    expect(stops.at(-1)?.lines.join("\n")).to.match(/failback of replicated item "hv01"/);
  },
  hyperVGoesBackPlanned: async (e) => {
    const back = stop(await e.ring("hyperV"), "waiting");
    expect(sent(back, "plannedFailover")).to.include({ failoverDirection: "RecoveryToPrimary" });
  },
  hyperVNeedsNoServers: async (e) => {
    expect(e.rings.hyperV.way).to.deep.equal({});
    expect(stop(await e.ring("hyperV"), "protected").outputs).to.include({ observedStage: "protected" });
  },
  syncBefore: async (e) => {
    const ring = await e.ring("hyperV");
    expect(sent(stop(ring, "waiting"), "plannedFailover").providerSpecificDetails).to.include({
      dataSyncOption: "ForSynchronization",
    });
    expect(stop(ring, "waiting").inAzure, "phase 1").to.equal("running");
    expect(stop(ring, "waiting").outputs).to.have.nested.property("waitingFor.kind", "completeFailover");
    expect(stop(ring, "failedBack").inAzure, "phase 2").to.equal("deallocated");
    expect(stop(ring, "failedBack").isSourceOn).to.equal(true);
  },
  syncDuring: async (e) => {
    const ring = await e.ring("hyperV", { failback: { dataSyncOption: "ForDownTime" } });
    expect(ring.has("waiting")).to.equal(false);
    expect(stop(ring, "failedBack").preview).to.match(/copied while the machine is down/);
    expect(stop(ring, "failedBack").isSourceOn).to.equal(true);
  },
  personCompletes: async (e) => {
    const ring = await e.ring("hyperV");
    expect(stop(ring, "waiting").lines.join("\n")).to.match(/complete failover of hv01.*completed/);
    expect(stop(ring, "failedBack").starts.map(({ action }) => action)).to.deep.equal(["resume"]);
  },
  hyperVCommitPending: async (e) => {
    const ring = await e.ring("hyperV");
    expect(stop(ring, "failedBack").item.allowedOperations).to.include("Commit");
    expect(stop(ring, "failbackCommitted").inAzure).to.equal("gone");
    expect(stop(ring, "failbackCommitted").item.allowedOperations).to.include("ReverseReplicate");
  },
  reverseReplicate: async (e) => {
    const ring = await e.ring("hyperV");
    expect(stop(ring, "protected").starts.map(({ action }) => action)).to.deep.equal(["reProtect"]);
    expect(stop(ring, "protected").item).to.include({ protectionState: "Protected", activeLocation: "Primary" });
    expect(stop(ring, "protected").preview).to.match(/only the changes since/);
  },
  certificateByReference: () => {
    expect(failoverSchema.shape.encryption.safeParse({ kekCertificate: "-----BEGIN" }).success).to.equal(false);
    expect(testFailoverSchema.shape).to.have.property("encryption");
  },
  directionByState: async (e) => {
    const ring = await e.ring("vmmToVmm");
    expect(sent(stop(ring, "failedOver"), "unplannedFailover")).to.include({
      failoverDirection: "PrimaryToRecovery",
    });
    const back = stop(ring, "failedBack").starts[0]?.body;
    expect(back).to.include({ failoverDirection: "RecoveryToPrimary" });
  },
  secondSiteReverses: async (e) => {
    const ring = await e.ring("vmmToVmm");
    expect(stop(ring, "reprotected").starts.map(({ action }) => action)).to.deep.equal(["reProtect"]);
    expect(stop(ring, "reprotected").outputs).to.include({ observedStage: "reprotected" });
  },
  propertiesAreChecked: () => {
    expect(checkIds({ targetVmName: "-bad-" })).to.include("targetVmName");
    expect(checkIds({ disks: [{ diskId: "os", isOsDisk: true, capacityInBytes: 3 * 2 ** 41 }] })).to.include(
      "osDiskSize",
    );
    expect(checkIds({ disks: [{ diskId: "a", isOsDisk: false }] })).to.include("osDisk");
  },
  itemIsSummarised: async (e) => {
    const answer = await functions
      .get("getReplicatedItems")
      ?.call(startProcess(e.untouched()).context, { ...vault });
    const items = (answer?.result?.items ?? []) as Properties[];
    expect(items.find(({ name }) => name === "web01")).to.include({
      stage: "protected",
      replicationHealth: "Normal",
    });
  },
  regularFailover: async (e) => {
    const over = stop(await e.ring("hyperV"), "failedOver");
    expect(over.inAzure).to.equal("running");
    expect(over.preview).to.match(/data not yet sent to Azure is lost/);
  },
  ...settingsProofs,
} satisfies Record<string, Proof>;

export type ProofName = keyof typeof proofs;
