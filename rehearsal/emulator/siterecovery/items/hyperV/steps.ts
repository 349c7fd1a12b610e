/** What takes effect on the way of a machine on Hyper-V to Azure and back. */

import { isRegionDown, isSourceUnreachable } from "../../../faults.js";
import type { Reason } from "../../errors.js";
import { onItem, type Run, type Step } from "../../jobs/scenario.js";
import { startJob } from "../../jobs/start.js";
import { itemId } from "../../names.js";
import type { ItemState, SourceMachine, VaultState } from "../../state.js";
import { affectedObjects } from "../affected.js";
import type { ItemEnd } from "../journey.js";
import { isRunningInAzure, removeMachine, setAzurePower, setSourcePower } from "../machines.js";
import { commitToAzure } from "../toVMware/steps.js";
import { completionTasks } from "./tasks.js";

function more(run: Run, name: string): string {
  const input = run.job.input.more;
  const value = input !== null && typeof input === "object" && !Array.isArray(input) ? input[name] : undefined;
  return typeof value === "string" ? value : "";
}

function machineOf(vault: VaultState, item: ItemState): SourceMachine | undefined {
  return vault.machines[item.details.machine];
}

function unreachable(run: Run, item: ItemState, what: string): Reason | undefined {
  if (!isSourceUnreachable(run.world, { fabricName: item.fabricName, machineName: item.friendlyName }))
    return undefined;
  return {
    code: "HostNotReachable",
    message: `${what} '${item.friendlyName}' is not possible: its Hyper-V host or VMM server does not answer.`,
    possibleCauses: "The host, the VMM server or the provider on it is down, or has lost its connection.",
    recommendedAction: "Bring it back, or start an unplanned failover.",
  };
}

function notRunning(item: ItemState): Reason {
  return {
    code: "AzureVirtualMachineNotRunning",
    message: `The virtual machine of '${item.friendlyName}' in Azure does not exist.`,
    possibleCauses: "The machine was deleted or moved after the failover.",
    recommendedAction: "A machine that is gone cannot be failed back.",
  };
}

export const hyperVSteps: Record<string, Step> = {
  /** Best effort: an unplanned failover goes on without, from the newest point that exists. */
  "hyperV.tryShutdown": onItem((run, item) => {
    const reason = unreachable(run, item, "Shutting down");
    item.replicationStoppedAt ??= run.now;
    if (reason === undefined) {
      setSourcePower(run.world, run.vault, item, false);
      return "done";
    }
    run.job.input[`latest:${item.internalIdentifier}`] = "LatestProcessed";
    return {
      warning: { ...reason, code: "SourceShutdownFailed", message: `${reason.message} The failover goes on.` },
      task: "leftOut",
    };
  }),
  /** No data may be lost, so both ends have to be there. */
  "hyperV.checkPlanned": onItem((run, item) => {
    if (isRegionDown(run.world, run.vault.location)) {
      return {
        failure: {
          code: "RegionUnavailable",
          message: `The last changes of '${item.friendlyName}' cannot be synchronised, because the region '${run.vault.location}' is not available.`,
          possibleCauses: "A planned failover needs both sites.",
          recommendedAction:
            "Wait for the region, or start an unplanned failover from a point that was already processed.",
        },
      };
    }
    const reason = unreachable(run, item, "A planned failover of");
    return reason === undefined ? "done" : { failure: reason };
  }),
  "hyperV.shutdown": onItem((run, item) => {
    const reason = unreachable(run, item, "Shutting down");
    if (reason !== undefined) return { failure: reason };
    setSourcePower(run.world, run.vault, item, false);
    item.replicationStoppedAt ??= run.now;
    return "done";
  }),
  "hyperV.checkFailback": onItem((run, item) => {
    const reason = unreachable(run, item, "Failing back");
    if (reason !== undefined) return { failure: reason };
    if (!isRunningInAzure(run.world, item.failover?.virtualMachineId ?? "")) return { failure: notRunning(item) };
    if (
      machineOf(run.vault, item)?.hyperV?.exists !== false ||
      more(run, "recoveryVmCreationOption") === "CreateVmIfNotFound"
    ) {
      return "done";
    }
    return {
      failure: {
        code: "OnPremisesVirtualMachineNotFound",
        message: `The machine '${item.friendlyName}' does not exist on-premises any more.`,
        possibleCauses: "It was deleted on its Hyper-V host after the failover.",
        recommendedAction: "Start the failback with recoveryVmCreationOption CreateVmIfNotFound.",
      },
    };
  }),
  // The data is there; when the machine may go down is for a person to say.
  "hyperV.wait": onItem(() => "suspended"),
  "hyperV.stopAzure": onItem((run, item) =>
    setAzurePower(run.world, item.failover?.virtualMachineId ?? "", false)
      ? "done"
      : { failure: notRunning(item) },
  ),
  "hyperV.start": onItem((run, item) => {
    const reason = unreachable(run, item, "Starting");
    if (reason !== undefined) return { failure: reason };
    const place = machineOf(run.vault, item)?.hyperV;
    if (place !== undefined) {
      place.exists = true;
      const other = more(run, "providerId").split("/").at(-1);
      if (other !== undefined && other !== "") place.hostId = other;
    }
    setSourcePower(run.world, run.vault, item, true);
    return "done";
  }),
  "hyperV.commitFailback": onItem((run, item) => {
    if (item.failover !== null) removeMachine(run.world, item.failover.virtualMachineId);
    item.failover = null;
    commitToAzure(item, "PlannedFailoverStatesBegin");
    return "done";
  }),
  "hyperV.checkReverse": onItem((run, item) => {
    const reason = unreachable(run, item, "Reverse replication of");
    return reason === undefined ? "done" : { failure: reason };
  }),
};

/** A planned failover to Azure that failed has cost nothing: the machine replicates on. That state is chosen. */
export function plannedFailoverEnds(failedOver: ItemEnd): ItemEnd {
  return (run, item, succeeded) => {
    if (item.activeLocation === "Recovery") return failedBack(run, item, succeeded);
    if (succeeded) return failedOver(run, item, succeeded);
    if (item.failover !== null) removeMachine(run.world, item.failover.virtualMachineId);
    item.failover = null;
    item.failoverRecoveryPoint = null;
    item.replicationStoppedAt = null;
    item.protectionState = "Protected";
  };
}

const failedBack: ItemEnd = (run, item, succeeded) => {
  if (succeeded) {
    item.protectionState = "PlannedFailoverCommitRequired";
    item.activeLocation = "Primary";
    item.lastFailoverAt = run.job.startedAt;
    return;
  }
  // The machine in Azure goes on, so that the failback can be started again.
  if (item.failover !== null) setAzurePower(run.world, item.failover.virtualMachineId, true);
};

/** Only the changes since the machine in Azure was shut down are sent: protected at once, with points from now on. */
export const reversed: ItemEnd = (run, item, succeeded) => {
  if (!succeeded) return;
  item.protectionState = "Protected";
  item.activeLocation = "Primary";
  item.testFailoverState = "None";
  item.failoverRecoveryPoint = null;
  item.replicationStartedAt = run.now;
  item.protectedAt = run.now;
  item.replicationStoppedAt = null;
  item.requestedPoints = [];
  item.pointsGone = false;
};

/** The job that completes the protection after the first copy. */
export function startCompletion(run: Pick<Run, "world" | "vault">, item: ItemState): void {
  startJob(run.world, run.vault, {
    scenario: "IrCompletion",
    friendlyName: "Finalize protection on the virtual machine",
    clientRequestId: run.world.newGuid(),
    resourceId: itemId(run.vault, item),
    targetObjectId: item.internalIdentifier,
    targetObjectName: item.friendlyName,
    targetInstanceType: "ProtectionEntity",
    startDelaySeconds: 0,
    items: [item],
    tasks: completionTasks(item),
    affectedObjects: affectedObjects(run.vault, item),
  });
}
