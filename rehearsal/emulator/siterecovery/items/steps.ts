/** What takes effect at the end of an item's tasks, in jobs of items and of plans alike. */

import { isRegionDown, isSourceUnreachable } from "../../faults.js";
import type { Reason } from "../errors.js";
import { onItem, type Run, type Step, type StepOutcome } from "../jobs/scenario.js";
import { kindOf } from "../kinds/index.js";
import { itemKey, lastSegment, minutes, ticks, vaultKey } from "../names.js";
import type { RecoveryPoint } from "../recoveryPoints.js";
import type { ItemState } from "../state.js";
import type { ItemEnd } from "./journey.js";
import { removeMachine, setSourcePower } from "./machines.js";
import { choosePoint, pointById } from "./points.js";
import { commitToAzure } from "./toVMware/steps.js";
import {
  changedNameWarning,
  failureOf,
  makeVirtualMachine,
  placementOf,
  placementProblems,
  subnetNameOf,
  takenNameWarning,
} from "./virtualMachines.js";

function textInput(run: Run, name: string): string | null {
  const value = run.job.input[name];
  return typeof value === "string" && value !== "" ? value : null;
}

/** The id asked for, else a type; `Latest` where neither is given. */
function wantedPoint(run: Run, item: ItemState): RecoveryPoint | { failure: Reason } {
  const id = textInput(run, "recoveryPointId");
  if (id !== null) return pointById(run.world, run.vault, item, id);
  // A machine that could not be shut down sends nothing more.
  const type = textInput(run, `latest:${item.internalIdentifier}`) ?? textInput(run, "recoveryPointType");
  return choosePoint(run.world, run.vault, item, type ?? "Latest");
}

/** With the region down, logs that arrived cannot be processed into a new point: an existing one must be named. */
function regionProblem(run: Run): Reason | undefined {
  const type = textInput(run, "recoveryPointType") ?? "Latest";
  if (textInput(run, "recoveryPointId") !== null || type !== "Latest") return undefined;
  if (!isRegionDown(run.world, run.vault.location)) return undefined;
  return {
    code: "RegionUnavailable",
    message: `The latest recovery point cannot be made, because the region '${run.vault.location}' is not available.`,
    possibleCauses: "Logs that reached the region cannot be processed while it is down.",
    recommendedAction: "Choose a recovery point that was already processed.",
  };
}

function check(run: Run, item: ItemState, testNetworkId: string | null): StepOutcome {
  const id = textInput(run, "recoveryPointId");
  const point = id === null ? undefined : pointById(run.world, run.vault, item, id);
  if (point !== undefined && "failure" in point) return point;
  const region = regionProblem(run);
  if (region !== undefined) return { failure: region };
  const problem = placementProblems(
    run.world,
    run.vault,
    item,
    placementOf(run.world, run.vault, item, testNetworkId),
  )[0];
  return problem === undefined ? "done" : { failure: problem };
}

function testNetworkOf(run: Run): string {
  return textInput(run, "networkId") ?? "";
}

/** Keeps the chosen point with the job until the machine is made from it. */
function choose(run: Run, item: ItemState): StepOutcome {
  const point = wantedPoint(run, item);
  if ("failure" in point) return point;
  run.job.input[`point:${itemKey(item)}`] = { name: point.name, at: point.at };
  return "done";
}

function chosen(run: Run, item: ItemState): { name: string; at: number } {
  const point = run.job.input[`point:${itemKey(item)}`];
  if (point === null || typeof point !== "object" || Array.isArray(point))
    throw new Error("no recovery point was chosen");
  return { name: String(point.name), at: Number(point.at) };
}

function makeTestMachine(run: Run, item: ItemState): StepOutcome {
  const placement = placementOf(run.world, run.vault, item, testNetworkOf(run));
  const point = chosen(run, item);
  try {
    const made = makeVirtualMachine(run.world, run.vault, item, placement);
    item.testFailover = {
      virtualMachineId: made.id,
      networkId: placement.networkId,
      subnetName: subnetNameOf(made),
    };
    item.testFailoverState = "WaitingForCompletion";
    describeMachine(run, item, point, placement.name, placement.networkId, subnetNameOf(made));
    return doneWith(changedNameWarning(placement));
  } catch (error) {
    return { failure: failureOf(item, error) };
  }
}

function doneWith(warning: Reason | undefined): StepOutcome {
  return warning === undefined ? "done" : { warning, task: "done" };
}

function describeMachine(
  run: Run,
  item: ItemState,
  point: { name: string; at: number },
  vmName: string,
  networkId: string,
  subnet: string,
): void {
  // Recorded: a classic machine's failover tells nothing of it.
  if (item.details.instanceType === "InMageAzureV2" && run.job.scenario !== "TestFailover") return;
  run.job.protectedItemDetails.push({
    name: item.name,
    friendlyName: item.friendlyName,
    testVmName: vmName,
    testVmFriendlyName: vmName,
    networkConnectionStatus: "Connected",
    networkFriendlyName: lastSegment(networkId),
    subnet,
    recoveryPointId: point.name,
    recoveryPointTime: ticks(point.at),
  });
}

/** Shuts the source down if it can be reached; a failover goes on in any case. */
function shutDown(run: Run, item: ItemState): StepOutcome {
  const source = { fabricName: item.fabricName, machineName: item.friendlyName };
  if (isSourceUnreachable(run.world, source)) return { warning: unreachable(item), task: "leftOut" };
  setSourcePower(run.world, run.vault, item, false);
  return "done";
}

function unreachable(item: ItemState): Reason {
  return {
    code: "SourceShutdownFailed",
    message: `The machine '${item.friendlyName}' could not be shut down, because its site cannot be reached. The failover goes on.`,
    possibleCauses: "The appliance or the host of the machine is not available.",
    recommendedAction: "Make sure that the machine on-premises does not run beside the one in Azure.",
  };
}

function makeFailedOverMachine(run: Run, item: ItemState): StepOutcome {
  const placement = placementOf(run.world, run.vault, item, null);
  const point = chosen(run, item);
  try {
    const made = makeVirtualMachine(run.world, run.vault, item, placement);
    item.failover = { virtualMachineId: made.id };
    keepDiskIds(
      item,
      made.disks.map((disk) => disk.id),
    );
    item.failoverRecoveryPoint = point;
    describeMachine(run, item, point, placement.name, placement.networkId, subnetNameOf(made));
    return doneWith(changedNameWarning(placement));
  } catch (error) {
    return { failure: failureOf(item, error) };
  }
}

/** The operating system's disk is made first. */
function keepDiskIds(item: ItemState, ids: string[]): void {
  if (!("disks" in item.details)) return;
  const ordered = [...item.details.disks].sort((a, b) => Number(b.isOsDisk) - Number(a.isOsDisk));
  for (const [index, disk] of ordered.entries()) disk.targetManagedDiskId = ids[index] ?? null;
}

/** From here on the source sends nothing more: points stay as they are. */
function stopReplication(run: Run, item: ItemState): void {
  item.replicationStoppedAt ??= run.now;
}

/** Builds the machine again from another point; whatever was written in Azure since the failover is lost. */
function changePoint(run: Run, item: ItemState): StepOutcome {
  const outcome = choose(run, item);
  if (outcome !== "done") return outcome;
  if (item.failover !== null) removeMachine(run.world, item.failover.virtualMachineId);
  item.failover = null;
  return makeFailedOverMachine(run, item);
}

export const itemSteps: Record<string, Step> = {
  "enable.name": onItem((run, item) => doneWith(takenNameWarning(run.world, run.vault, item))),
  "item.update": onItem((run, item) => {
    const after = run.job.input.details;
    item.details = after as unknown as ItemState["details"];
    return "done";
  }),
  "testFailover.check": onItem((run, item) => {
    const checked = check(run, item, testNetworkOf(run));
    return checked === "done" ? choose(run, item) : checked;
  }),
  "testFailover.make": onItem(makeTestMachine),
  "testFailover.delete": onItem((run, item) => {
    if (item.testFailover !== null) removeMachine(run.world, item.testFailover.virtualMachineId);
    item.testFailover = null;
    item.testFailoverState = "MarkedForDeletion";
    return "done";
  }),
  "unplannedFailover.check": onItem((run, item) => {
    const checked = check(run, item, null);
    if (checked === "done" && run.job.input.performShutdown !== true) stopReplication(run, item);
    return checked;
  }),
  "unplannedFailover.shutdown": onItem((run, item) => {
    const outcome = shutDown(run, item);
    stopReplication(run, item);
    return outcome;
  }),
  "unplannedFailover.point": onItem((run, item) =>
    run.job.input[`point:${itemKey(item)}`] === undefined ? choose(run, item) : "done",
  ),
  "unplannedFailover.make": onItem(makeFailedOverMachine),
  commit: onItem((_run, item) => {
    commitToAzure(item, kindOf(item).committedState(item));
    return "done";
  }),
  "changePoint.check": onItem((run, item) => {
    const point = wantedPoint(run, item);
    return "failure" in point ? point : "done";
  }),
  changePoint: onItem(changePoint),
};

/** The end of a failover to Azure that leaves the item in this state. */
export function failedOver(protectionState: string): ItemEnd {
  return (run, item, succeeded) => {
    if (succeeded) {
      item.protectionState = protectionState;
      item.activeLocation = "Recovery";
      item.lastFailoverAt = run.job.startedAt;
      item.isAgentRegisteredAfterFailover = false;
      // The agent in the new machine needs up to a quarter of an hour to register.
      const data = { vault: vaultKey(run.vault), item: itemKey(item), failoverAt: run.job.startedAt };
      run.world.schedule(run.now + 15 * minutes, "siterecovery.item.agent", data);
    } else if (item.replicationStoppedAt !== null) {
      // A failed failover has stopped replication, and may be started again.
      if (item.failover !== null) removeMachine(run.world, item.failover.virtualMachineId);
      item.failover = null;
      item.failoverRecoveryPoint = null;
      // A cancelled one has stopped it for good: that no recording shows, the words are those of a failed one.
      item.protectionState =
        run.job.state === "Cancelled" ? "UnplannedFailoverCompletionFailed" : "UnplannedFailoverFailed";
    }
  };
}
