/** What takes effect on the way from Azure back to VMware, and on the way out again. */

import { isSourceUnreachable } from "../../../faults.js";
import type { Reason } from "../../errors.js";
import { detailsOf, type InMageRcmFailbackItem } from "../../itemDetails.js";
import { onItem, type Run, type Step } from "../../jobs/scenario.js";
import { startJob } from "../../jobs/start.js";
import { itemId } from "../../names.js";
import type { ItemState } from "../../state.js";
import { affectedObjects } from "../affected.js";
import type { ItemEnd } from "../journey.js";
import { isRunningInAzure, removeMachine, setAzurePower, setSourcePower } from "../machines.js";
import { choosePoint } from "../points.js";
import { startInitialReplication } from "../replication.js";
import { cancelTasks } from "./tasks.js";

export function more(run: Run, name: string): string {
  const input = run.job.input.more;
  const value = input !== null && typeof input === "object" && !Array.isArray(input) ? input[name] : undefined;
  return typeof value === "string" ? value : "";
}

function unreachable(run: Run, item: ItemState): Reason | undefined {
  if (!isSourceUnreachable(run.world, { fabricName: item.fabricName, machineName: item.friendlyName }))
    return undefined;
  return {
    code: "ApplianceNotReachable",
    message: `The site of '${item.friendlyName}' cannot be reached: its appliance sends no heartbeat.`,
    possibleCauses: "The replication appliance or the vCenter behind it is not available.",
    recommendedAction: "Bring the appliance back, and start the operation again.",
  };
}

function notRunning(item: ItemState): Reason {
  return {
    code: "AzureVirtualMachineNotRunning",
    message: `The virtual machine of '${item.friendlyName}' in Azure does not exist or is not running.`,
    possibleCauses: "The machine was stopped, deleted or moved after the failover.",
    recommendedAction: "Start the virtual machine in Azure; one that is gone cannot be failed back.",
  };
}

/** The appliance must answer and the machine in Azure must run, for its agent sends the data. */
function checkReprotect(run: Run, item: ItemState) {
  const reason = unreachable(run, item);
  if (reason !== undefined) return { failure: reason };
  if (!isRunningInAzure(run.world, item.failover?.virtualMachineId ?? "")) return { failure: notRunning(item) };
  return "done" as const;
}

/** Commit of a failover to Azure: all of its points are gone. */
export function commitToAzure(item: ItemState, committedState: string): void {
  item.pointsGone = true;
  item.requestedPoints = [];
  item.protectionState = committedState;
}

/** Commit of a failback: the machine in Azure is gone for good. */
function commitFailback(run: Run, item: ItemState): void {
  if (item.failover !== null) removeMachine(run.world, item.failover.virtualMachineId);
  item.failover = null;
  commitToAzure(item, "PlannedFailoverStatesBegin");
}

export const toVMwareSteps: Record<string, Step> = {
  "toVMware.checkReprotect": onItem(checkReprotect),
  "toVMware.check": onItem((run, item) => {
    const checked = checkReprotect(run, item);
    if (checked !== "done") return checked;
    const wanted =
      run.job.input.recoveryPointType === "ApplicationConsistent" ? "LatestApplicationConsistent" : "Latest";
    const point = choosePoint(run.world, run.vault, item, wanted);
    return "failure" in point ? point : "done";
  }),
  "toVMware.synchronise": onItem(() => "done"),
  "toVMware.stopAzure": onItem((run, item) => {
    if (!setAzurePower(run.world, item.failover?.virtualMachineId ?? "", false))
      return { failure: notRunning(item) };
    item.replicationStoppedAt ??= run.now;
    return "done";
  }),
  "toVMware.start": onItem((run, item) => {
    const reason = unreachable(run, item);
    if (reason !== undefined) return { failure: reason };
    setSourcePower(run.world, run.vault, item, true);
    return "done";
  }),
  "toVMware.revert": onItem((run, item) => {
    const reason = unreachable(run, item);
    if (reason !== undefined) return { failure: reason };
    setSourcePower(run.world, run.vault, item, false);
    return "done";
  }),
  "toVMware.startAzure": onItem((run, item) =>
    setAzurePower(run.world, item.failover?.virtualMachineId ?? "", true) ? "done" : { failure: notRunning(item) },
  ),
  "toVMware.commit": onItem((run, item) => {
    commitFailback(run, item);
    return "done";
  }),
  // The prerequisites of replicating to Azure again: the machine on-premises runs, and its appliance answers.
  "toVMware.checkForward": onItem((run, item) => {
    const reason = unreachable(run, item);
    return reason === undefined ? "done" : { failure: reason };
  }),
};

/** The item replicates from scratch, in the direction of its new details. */
export function beginAnew(run: Run, item: ItemState, policyName: string): void {
  item.policyName = policyName;
  item.activeLocation = "Primary";
  item.testFailoverState = "None";
  item.failoverRecoveryPoint = null;
  // As recorded: the other direction begins without a failover.
  item.lastFailoverAt = null;
  item.protectedAt = null;
  item.initialCopyDoneAt = null;
  item.replicationStoppedAt = null;
  item.requestedPoints = [];
  item.pointsGone = false;
  startInitialReplication(run.world, run.vault, item);
}

/** The same item, now from Azure to VMware: Primary is the side that sends. The machine on-premises has to be off. */
const switchToVMware: ItemEnd = (run, item, succeeded) => {
  if (!succeeded) return;
  const forward = detailsOf(item, "InMageRcm");
  setSourcePower(run.world, run.vault, item, false);
  const details: InMageRcmFailbackItem = {
    instanceType: "InMageRcmFailback",
    machine: forward.machine,
    multiVmGroupName: forward.multiVmGroupName,
    forward,
    forwardPolicyName: item.policyName,
    azureVirtualMachineId: item.failover?.virtualMachineId ?? "",
    reprotectAgentId: more(run, "reprotectAgentId"),
    datastoreName: more(run, "datastoreName"),
    logStorageAccountId: more(run, "logStorageAccountId"),
    lastPlannedFailover: null,
  };
  item.details = details;
  beginAnew(run, item, more(run, "policyName"));
};

/** To Azure again, with the settings of the last turn. */
const switchToAzure: ItemEnd = (run, item, succeeded) => {
  if (!succeeded) return;
  const { forward } = detailsOf(item, "InMageRcmFailback");
  item.details = {
    ...forward,
    processServerId: more(run, "processServerId") || forward.processServerId,
    runAsAccountId: more(run, "runAsAccountId") || forward.runAsAccountId,
    disks: forward.disks.map((disk) => ({ ...disk, targetManagedDiskId: null })),
  };
  item.isAgentRegisteredAfterFailover = null;
  beginAnew(run, item, more(run, "policyName"));
};

const failedBack: ItemEnd = (run, item, succeeded) => {
  const details = detailsOf(item, "InMageRcmFailback");
  const startedAt = run.job.startedAt ?? run.now;
  if (succeeded) {
    details.lastPlannedFailover = { startedAt, status: "Succeeded" };
    item.protectionState = "CommitPendingStatesBegin";
    item.activeLocation = "Recovery";
    item.lastFailoverAt = startedAt;
    return;
  }
  details.lastPlannedFailover = { startedAt, status: run.job.state === "Cancelled" ? "Cancelled" : "Failed" };
  if (item.replicationStoppedAt === null) return;
  // The service starts the cancel by itself; only if that fails, somebody has to.
  item.protectionState = "PlannedFailoverFailed";
  startJob(run.world, run.vault, {
    scenario: "CancelFailover",
    friendlyName: cancelWords,
    clientRequestId: run.job.activityId.split(" ")[0] ?? "",
    resourceId: itemId(run.vault, item),
    targetObjectId: item.internalIdentifier,
    targetObjectName: item.friendlyName,
    targetInstanceType: "ProtectionEntity",
    startDelaySeconds: 0.8,
    items: [item],
    tasks: cancelTasks(item),
    affectedObjects: affectedObjects(run.vault, item),
  });
};

export const cancelWords = "Cancel failover and resume replication";

/** Replication from Azure goes on where it was; its points are those that were there. */
const cancelled: ItemEnd = (run, item, succeeded) => {
  if (!succeeded) return;
  const details = detailsOf(item, "InMageRcmFailback");
  if (details.lastPlannedFailover !== null) details.lastPlannedFailover.status = "Cancelled";
  item.protectionState = "Protected";
  item.activeLocation = "Primary";
  item.protectedAt = item.replicationStoppedAt === null ? item.protectedAt : run.now;
  item.replicationStoppedAt = null;
  item.requestedPoints = [];
};

export const toVMwareEnds = { switchToVMware, switchToAzure, failedBack, cancelled };
