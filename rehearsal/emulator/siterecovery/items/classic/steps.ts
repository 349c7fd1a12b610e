/** What takes effect on the way of a classic machine from Azure back to VMware, and out again. */

import { isSourceUnreachable } from "../../../faults.js";
import type { Reason } from "../../errors.js";
import { detailsOf } from "../../itemDetails.js";
import { onItem, type Run, type Step } from "../../jobs/scenario.js";
import type { ItemState } from "../../state.js";
import type { ItemEnd } from "../journey.js";
import { isRunningInAzure, removeMachine, setAzurePower, setSourcePower } from "../machines.js";
import { choosePoint } from "../points.js";
import { beginAnew, commitToAzure, more } from "../toVMware/steps.js";

function unreachable(run: Run, item: ItemState): Reason | undefined {
  if (!isSourceUnreachable(run.world, { fabricName: item.fabricName, machineName: item.friendlyName })) {
    return undefined;
  }
  return {
    code: "ConfigurationServerNotReachable",
    message: `The site of '${item.friendlyName}' cannot be reached: its configuration server sends no heartbeat.`,
    possibleCauses: "The configuration server, the master target or the vCenter behind them is not available.",
    recommendedAction: "Bring them back, and start the operation again.",
  };
}

export const classicSteps: Record<string, Step> = {
  "classic.check": onItem((run, item) => {
    const reason = unreachable(run, item);
    if (reason !== undefined) return { failure: reason };
    if (!isRunningInAzure(run.world, item.failover?.virtualMachineId ?? "")) {
      return {
        failure: {
          code: "AzureVirtualMachineNotRunning",
          message: `The virtual machine of '${item.friendlyName}' in Azure does not exist or is not running.`,
          possibleCauses: "The machine was stopped, deleted or moved after the failover.",
          recommendedAction: "Start the virtual machine in Azure; one that is gone cannot be failed back.",
        },
      };
    }
    const type = run.job.input.recoveryPointType;
    const point = choosePoint(run.world, run.vault, item, typeof type === "string" ? type : "Latest");
    return "failure" in point ? point : "done";
  }),
  // The machine in Azure goes down before the one on-premises starts.
  "classic.stopAzure": onItem((run, item) => {
    setAzurePower(run.world, item.failover?.virtualMachineId ?? "", false);
    item.replicationStoppedAt ??= run.now;
    return "done";
  }),
  "classic.start": onItem((run, item) => {
    const reason = unreachable(run, item);
    if (reason !== undefined) return { failure: reason };
    setSourcePower(run.world, run.vault, item, true);
    return "done";
  }),
  "classic.commitFailback": onItem((run, item) => {
    if (item.failover !== null) removeMachine(run.world, item.failover.virtualMachineId);
    item.failover = null;
    commitToAzure(item, "UnplannedFailoverStatesBegin");
    return "done";
  }),
};

/** The same item, now from Azure to VMware. The machine on-premises has to be off. */
const toVMware: ItemEnd = (run, item, succeeded) => {
  if (!succeeded) return;
  const forward = detailsOf(item, "InMageAzureV2");
  setSourcePower(run.world, run.vault, item, false);
  item.details = {
    instanceType: "InMage",
    machine: forward.machine,
    multiVmGroupName: forward.multiVmGroupName,
    forward,
    forwardPolicyName: item.policyName,
    processServerId: more(run, "processServerId"),
    masterTargetId: more(run, "masterTargetId"),
    retentionDrive: more(run, "retentionDrive"),
    datastoreName: more(run, "datastoreName"),
  };
  beginAnew(run, item, more(run, "policyName"));
};

const toAzure: ItemEnd = (run, item, succeeded) => {
  if (!succeeded) return;
  const { forward } = detailsOf(item, "InMage");
  const disks = forward.disks.map((disk) => ({ ...disk, targetManagedDiskId: null }));
  item.details = { ...forward, disks, processServerId: more(run, "processServerId") || forward.processServerId };
  beginAnew(run, item, more(run, "policyName"));
};

/** Classic failback has no cancel; one that failed is started again. */
const failedBack: ItemEnd = (run, item, succeeded) => {
  if (succeeded) {
    item.protectionState = "UnplannedFailoverCommitPendingStatesBegin";
    item.activeLocation = "Recovery";
    item.lastFailoverAt = run.job.startedAt;
    return;
  }
  if (item.replicationStoppedAt === null) return;
  item.replicationStoppedAt = null;
  item.protectionState = "UnplannedFailoverFailed";
  setAzurePower(run.world, item.failover?.virtualMachineId ?? "", true);
};

export const classicEnds = { toVMware, toAzure, failedBack };
