/** What takes effect on the way of a machine from one cloud to the other, and back. */

import { guidOf } from "../../../estate/names.js";
import { isSourceUnreachable } from "../../../faults.js";
import type { Reason } from "../../errors.js";
import { hyperVReplicaOf } from "../../itemDetails.js";
import { onItem, type Run, type Step, type StepOutcome } from "../../jobs/scenario.js";
import { startJob } from "../../jobs/start.js";
import { mappedNetwork } from "../../kinds/hyperVReplica/render.js";
import { otherSide, runningSide, type Side } from "../../kinds/hyperVReplica/sides.js";
import { itemId, lastSegment, ticks } from "../../names.js";
import type { ItemState } from "../../state.js";
import { affectedObjects } from "../affected.js";
import type { ItemEnd } from "../journey.js";
import { choosePoint, pointById } from "../points.js";
import { completionTasks } from "./tasks.js";

function text(run: Run, name: string): string | null {
  const value = run.job.input[name];
  return typeof value === "string" && value !== "" ? value : null;
}

function unreachable(run: Run, item: ItemState, side: Side, what: string): Reason | undefined {
  const source = { fabricName: side.fabric.name, machineName: item.friendlyName };
  if (!isSourceUnreachable(run.world, source)) return undefined;
  const server = side.fabric.friendlyName ?? side.fabric.name;
  return {
    code: "VmmServerNotReachable",
    message: `${what} '${item.friendlyName}' is not possible: the VMM server '${server}' does not answer.`,
    possibleCauses: "The VMM server, the provider on it or the Hyper-V host behind it is down or not connected.",
    recommendedAction: "Bring it back, and start the operation again.",
  };
}

/** The point that is asked for, kept with the job; the newest where none is. */
function choose(run: Run, item: ItemState): StepOutcome {
  const id = text(run, "recoveryPointId");
  const wanted = text(run, `latest:${item.internalIdentifier}`) ?? text(run, "recoveryPointType") ?? "Latest";
  const point =
    id === null ? choosePoint(run.world, run.vault, item, wanted) : pointById(run.world, run.vault, item, id);
  if (!("failure" in point)) {
    if (id !== null) item.failoverRecoveryPoint = { name: point.name, at: point.at };
    return "done";
  }
  // The replica has always its own latest state, whether or not the policy keeps points beside it.
  return id === null && wanted !== "LatestApplicationConsistent" ? "done" : point;
}

function stopReplication(run: Run, item: ItemState): void {
  item.replicationStoppedAt ??= run.now;
}

function checkTarget(run: Run, item: ItemState, what: string): StepOutcome {
  const reason = unreachable(run, item, otherSide(run.vault, item), what);
  return reason === undefined ? "done" : { failure: reason };
}

export const vmmToVmmSteps: Record<string, Step> = {
  "vmm.check": onItem((run, item) => checkTarget(run, item, "A failover of")),
  /** No data may be lost, so both ends have to be there. */
  "vmm.checkPlanned": onItem((run, item) => {
    const what = "A planned failover of";
    const reason = unreachable(run, item, runningSide(run.vault, item), what);
    return reason === undefined ? checkTarget(run, item, what) : { failure: reason };
  }),
  /** Best effort: an unplanned failover goes on without. */
  "vmm.tryShutdown": onItem((run, item) => {
    stopReplication(run, item);
    if (run.job.input.performShutdown !== true) return "done";
    const side = runningSide(run.vault, item);
    const reason = unreachable(run, item, side, "Shutting down");
    if (reason === undefined) {
      side.machine.isPoweredOn = false;
      return "done";
    }
    run.job.input[`latest:${item.internalIdentifier}`] = "LatestProcessed";
    const warning = {
      ...reason,
      code: "SourceShutdownFailed",
      message: `${reason.message} The failover goes on.`,
    };
    return { warning, task: "leftOut" };
  }),
  // Nothing more comes from a machine that was not shut down.
  "vmm.synchronise": onItem((run, item) =>
    runningSide(run.vault, item).machine.isPoweredOn ? "notNeeded" : choose(run, item),
  ),
  "vmm.shutdown": onItem((run, item) => {
    runningSide(run.vault, item).machine.isPoweredOn = false;
    stopReplication(run, item);
    return "done";
  }),
  "vmm.failover": onItem(choose),
  "vmm.start": onItem((run, item) => {
    const outcome = checkTarget(run, item, "Starting");
    if (outcome !== "done") return outcome;
    const { machine } = otherSide(run.vault, item);
    machine.isPoweredOn = true;
    if (machine.hyperV !== undefined) machine.hyperV.exists = true;
    return "done";
  }),
  "vmm.checkReverse": onItem((run, item) => checkTarget(run, item, "Reverse replication of")),
  "vmm.stopOld": onItem((run, item) => {
    const outcome = checkTarget(run, item, "Shutting down the former machine of");
    if (outcome === "done") otherSide(run.vault, item).machine.isPoweredOn = false;
    return outcome;
  }),
  /** The machine starts anew from another point; what was written since the failover is lost. */
  "vmm.changePoint": onItem(choose),
  "vmm.checkTest": onItem((run, item) => {
    const outcome = checkTarget(run, item, "A test failover of");
    return outcome === "done" ? choose(run, item) : outcome;
  }),
  "vmm.makeTest": onItem(makeTest),
  "vmm.deleteTest": onItem((run, item) => {
    if (item.testFailover !== null) delete run.vault.machines[item.testFailover.virtualMachineId];
    item.testFailover = null;
    item.testFailoverState = "MarkedForDeletion";
    return "done";
  }),
};

/** A machine beside the replica, which goes on receiving. */
function makeTest(run: Run, item: ItemState): StepOutcome {
  const { fabric, machine } = otherSide(run.vault, item);
  const networkId = text(run, "networkId") ?? "";
  const network = fabric.networks.find((each) => each.id === lastSegment(networkId));
  const vmId = guidOf("testMachine", item.internalIdentifier, run.now);
  const key = `hyperv/${vmId}`;
  const name = `${item.friendlyName}-test`;
  run.vault.machines[key] = {
    ...structuredClone(machine),
    name,
    isPoweredOn: true,
    nics: machine.nics.map((nic) => ({ ...nic, network: network?.friendlyName ?? "" })),
    ...(machine.hyperV === undefined ? {} : { hyperV: { ...machine.hyperV, vmId, exists: true, isCopy: true } }),
  };
  item.testFailover = { virtualMachineId: key, networkId, subnetName: "" };
  item.testFailoverState = "WaitingForCompletion";
  run.job.protectedItemDetails.push({
    name: item.name,
    friendlyName: item.friendlyName,
    testVmName: name,
    testVmFriendlyName: name,
    networkConnectionStatus: network === undefined ? "Disconnected" : "Connected",
    networkFriendlyName: network?.friendlyName ?? "",
    subnet: "",
    recoveryPointId: "",
    recoveryPointTime: ticks(run.now),
  });
  return "done";
}

/** The copy takes the network to which the running machine's leads. */
function connect(run: Run, item: ItemState): void {
  const { fabric, machine } = otherSide(run.vault, item);
  for (const [index, nic] of runningSide(run.vault, item).machine.nics.entries()) {
    const id = mappedNetwork(run.vault, item, nic.network);
    const own = machine.nics[index];
    if (own !== undefined) own.network = fabric.networks.find((each) => each.id === id)?.friendlyName ?? "";
  }
}

/** The end of a failover, one way or the other. */
export function failedOver(protectionState: string): ItemEnd {
  const isPlanned = protectionState.startsWith("Planned");
  return (run, item, succeeded) => {
    const details = hyperVReplicaOf(item);
    if (succeeded) {
      connect(run, item);
      item.protectionState = protectionState;
      item.activeLocation = item.activeLocation === "Primary" ? "Recovery" : "Primary";
      item.lastFailoverAt = run.job.startedAt;
      details.brokenAt = isPlanned ? null : run.job.startedAt;
      return;
    }
    if (item.replicationStoppedAt === null) return;
    item.failoverRecoveryPoint = null;
    if (!isPlanned) {
      item.protectionState =
        run.job.state === "Cancelled" ? "UnplannedFailoverCompletionFailed" : "UnplannedFailoverFailed";
      return;
    }
    // Chosen: a planned failover that failed has cost nothing, and the machine goes on where it was.
    item.replicationStoppedAt = null;
    otherSide(run.vault, item).machine.isPoweredOn = false;
    runningSide(run.vault, item).machine.isPoweredOn = true;
  };
}

/** Protected the other way: `activeLocation` stays, and so does the test failover's state (recorded). */
export const reversed: ItemEnd = (run, item, succeeded) => {
  if (!succeeded) return;
  protectAnew(item, run.now);
  complete(run, item);
};

/** Its points begin again. */
export function protectAnew(item: ItemState, at: number): void {
  item.protectionState = "Protected";
  item.failoverRecoveryPoint = null;
  item.replicationStartedAt = at;
  item.protectedAt = at;
  item.replicationStoppedAt = null;
  item.requestedPoints = [];
  item.pointsGone = false;
}

/** Recorded: a job on each side, of which the one on the receiving side lasts a minute longer and holds the item. */
function complete(run: Run, item: ItemState): void {
  for (const [side, words, items] of [
    ["Secondary", "recovery", [item]],
    ["Primary", "primary", []],
  ] as const) {
    const affected = affectedObjects(run.vault, item);
    startJob(run.world, run.vault, {
      scenario: `${side}IrCompletion`,
      friendlyName: `Finalize protection on the ${words} virtual machine`,
      clientRequestId: run.world.newGuid(),
      resourceId: itemId(run.vault, item),
      targetObjectId: affected.primaryVmId ?? item.internalIdentifier,
      targetObjectName: item.friendlyName,
      targetInstanceType: "ProtectionEntity",
      startDelaySeconds: 0,
      items: [...items],
      tasks: completionTasks(item, side === "Secondary"),
      affectedObjects: affected,
    });
  }
}
