/** The journeys of the provider kinds. */

import type { ItemState } from "../state.js";
import { classicEnds } from "./classic/steps.js";
import { commitTasks as classicCommitTasks, classicFailoverTasks as classicTasks } from "./classic/tasks.js";
import { plannedFailoverEnds, reversed } from "./hyperV/steps.js";
import {
  commitTasks as hyperVCommitTasks,
  enableTasks as hyperVEnableTasks,
  failbackTasks as hyperVFailbackTasks,
  plannedToAzureTasks as hyperVPlannedTasks,
  toAzureTasks as hyperVUnplannedTasks,
  reverseTasks,
} from "./hyperV/tasks.js";
import type { Journey } from "./journey.js";
import { failedOver } from "./steps.js";
import { azureDrillTasks, changePointTasks, commitTasks, enableTasks, unplannedFailoverTasks } from "./tasks.js";
import { cancelWords, toVMwareEnds } from "./toVMware/steps.js";
import { cancelTasks, failbackTasks, reprotectTasks } from "./toVMware/tasks.js";
import { failedOver as vmmFailedOver, reversed as vmmReversed } from "./vmmToVmm/steps.js";
import {
  commitTasks as vmmCommitTasks,
  drillTasks as vmmDrillTasks,
  plannedToOtherCloudTasks as vmmPlannedTasks,
  reverseTasks as vmmReverseTasks,
  toOtherCloudTasks as vmmUnplannedTasks,
} from "./vmmToVmm/tasks.js";

const reprotection = {
  scenario: "SwitchReplicationGroupProtection",
  friendlyName: "Reprotect",
  detailsType: "SwitchProtectionJobDetails",
  isRestartable: true,
  // Recorded: it has its name at once.
  startDelaySeconds: 0,
} as const;

/** Recorded: the job of a reverse replication has its name at once. */
const reverse = {
  scenario: "ReprotectReplicationGroup",
  friendlyName: "Reverse replication",
  isRestartable: true,
  startDelaySeconds: 0,
} as const;

const classicToAzure = {
  check: "unplannedFailover.check",
  shutdown: "unplannedFailover.shutdown",
  point: "unplannedFailover.point",
  make: "unplannedFailover.make",
};
const classicBack = {
  check: "classic.check",
  shutdown: "classic.stopAzure",
  point: "classic.stopAzure",
  make: "classic.start",
};

/** What all items have that go to Azure. */
const towardsAzure = {
  drill: azureDrillTasks,
  changePoint: (item) => changePointTasks(item, { check: "changePoint.check", change: "changePoint" }),
} satisfies Partial<Journey>;

const betweenClouds: Journey = {
  // Recorded: at once.
  startDelaySeconds: 0,
  commitDelaySeconds: 0,
  failover: (_vault, item, scenario, input) =>
    scenario === "UnplannedFailover" ? vmmUnplannedTasks(item, input) : vmmPlannedTasks(item),
  commit: vmmCommitTasks,
  reprotect: (item) => ({ ...reverse, scenario: "ReverseReplication", tasks: vmmReverseTasks(item) }),
  drill: (_vault, item) => vmmDrillTasks(item),
  changePoint: (item) => changePointTasks(item, { change: "vmm.changePoint" }),
  ends: {
    UnplannedFailover: vmmFailedOver("UnplannedFailoverCommitPendingStatesBegin"),
    PlannedFailover: vmmFailedOver("PlannedFailoverCommitRequired"),
    ReverseReplication: vmmReversed,
  },
};

const journeys: Record<string, Journey> = {
  HyperVReplica2012: betweenClouds,
  HyperVReplica2012R2: betweenClouds,
  InMageAzureV2: {
    ...towardsAzure,
    startDelaySeconds: 0,
    commitDelaySeconds: 1.2,
    failover: (vault, item, _scenario, input) => classicTasks(vault, item, input, classicToAzure),
    commit: (item) => classicCommitTasks(item, "commit"),
    reprotect: (item) => ({
      ...reprotection,
      tasks: reprotectTasks(item, { check: "toVMware.checkReprotect", commit: "commit" }),
    }),
    ends: {
      UnplannedFailover: failedOver("UnplannedFailoverCommitPendingStatesBegin"),
      SwitchReplicationGroupProtection: classicEnds.toVMware,
    },
  },
  InMage: {
    startDelaySeconds: 0,
    commitDelaySeconds: 1.2,
    failover: (vault, item, _scenario, input) => classicTasks(vault, item, input, classicBack),
    commit: (item) => classicCommitTasks(item, "classic.commitFailback"),
    reprotect: (item) => ({
      ...reprotection,
      tasks: reprotectTasks(item, { check: "toVMware.checkForward", commit: "classic.commitFailback" }),
    }),
    ends: {
      UnplannedFailover: classicEnds.failedBack,
      SwitchReplicationGroupProtection: classicEnds.toAzure,
    },
  },
  InMageRcm: {
    ...towardsAzure,
    enable: enableTasks,
    failover: (vault, item, _scenario, input) => unplannedFailoverTasks(vault, item, input),
    commit: (item) => commitTasks(item, "commit"),
    reprotect: (item) => ({
      ...reprotection,
      tasks: reprotectTasks(item, { check: "toVMware.checkReprotect", commit: "commit" }),
    }),
    ends: {
      UnplannedFailover: failedOver("UnplannedFailoverCommitPendingStatesBegin"),
      SwitchReplicationGroupProtection: toVMwareEnds.switchToVMware,
    },
  },
  HyperVReplicaAzure: {
    ...towardsAzure,
    // Recorded: at once.
    startDelaySeconds: 0,
    enable: hyperVEnableTasks,
    failover: (_vault, item, scenario, input) => {
      if (scenario === "UnplannedFailover") return hyperVUnplannedTasks(item, input);
      return item.activeLocation === "Recovery" ? hyperVFailbackTasks(item, input) : hyperVPlannedTasks(item);
    },
    commit: (item) =>
      hyperVCommitTasks(item, item.activeLocation === "Recovery" ? "commit" : "hyperV.commitFailback"),
    reprotect: (item) => ({ ...reverse, tasks: reverseTasks(item) }),
    ends: {
      UnplannedFailover: failedOver("UnplannedFailoverCommitPendingStatesBegin"),
      PlannedFailover: plannedFailoverEnds(failedOver("PlannedFailoverCommitRequired")),
      ReprotectReplicationGroup: reversed,
    },
  },
  InMageRcmFailback: {
    failover: (_vault, item) => failbackTasks(item),
    commit: (item) => commitTasks(item, "toVMware.commit"),
    reprotect: (item) => ({
      ...reprotection,
      tasks: reprotectTasks(item, { check: "toVMware.checkForward", commit: "toVMware.commit" }),
    }),
    cancel: (item) => ({ scenario: "CancelFailover", friendlyName: cancelWords, tasks: cancelTasks(item) }),
    ends: {
      PlannedFailover: toVMwareEnds.failedBack,
      CancelFailover: toVMwareEnds.cancelled,
      SwitchReplicationGroupProtection: toVMwareEnds.switchToAzure,
    },
  },
};

export function journeyOf(item: ItemState): Journey {
  const journey = journeys[item.details.instanceType];
  if (journey === undefined) throw new Error(`no journey for items of kind ${item.details.instanceType}`);
  return journey;
}
