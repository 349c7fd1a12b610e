/** The journeys of the provider kinds. */

import type { ItemState } from "../state.js";
import type { Journey } from "./journey.js";
import { failedOver } from "./steps.js";
import { commitTasks, unplannedFailoverTasks } from "./tasks.js";
import { cancelWords, toVMwareEnds } from "./toVMware/steps.js";
import { cancelTasks, failbackTasks, reprotectTasks } from "./toVMware/tasks.js";

const reprotection = {
  scenario: "SwitchReplicationGroupProtection",
  friendlyName: "Reprotect",
  detailsType: "SwitchProtectionJobDetails",
  isRestartable: true,
  // Recorded: it has its name at once.
  startDelaySeconds: 0,
} as const;

const journeys: Record<string, Journey> = {
  InMageRcm: {
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
