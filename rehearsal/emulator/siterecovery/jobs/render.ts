/** Jobs and tasks as the service answers them. */

import { jobId, neverForTask, ticks, wholeSeconds } from "../names.js";
import type { JobErrorState, JobState, TaskState, VaultState, WorkState } from "../state.js";

/** What may be done to the job itself now. */
export function allowedActions(job: JobState): string[] {
  switch (job.state) {
    case "InProgress":
      return ["Cancel"];
    case "Suspended":
      return ["Cancel", "Resume"];
    case "Failed":
      return job.isRestartable ? ["Restart"] : [];
    default:
      return [];
  }
}

/** The state repeated, but for two words that the service says differently. */
function description(state: JobState["state"]): string {
  if (state === "Succeeded") return "Completed";
  return state === "Suspended" ? "WaitingForUserInput" : state;
}

/** One job, without a `type`, as recorded; tasks and customDetails are answered by GET of one job only, never by a list. */
export function renderJob(vault: VaultState, job: JobState, isList: boolean): unknown {
  // For a moment after its start a job has no name and no tasks.
  const isNamed = job.startedAt !== null;
  const errors = isList ? [] : job.errors.map(renderError);
  const rendered = {
    id: jobId(vault, job.name),
    name: job.name,
    properties: {
      activityId: job.activityId,
      scenarioName: isNamed ? job.scenario : null,
      friendlyName: isNamed ? job.friendlyName : null,
      state: job.state,
      stateDescription: description(job.state),
      tasks: isList || !isNamed ? [] : job.tasks.map((task) => renderTask(vault, job, task, false)),
      errors,
      ...(job.startedAt === null ? {} : { startTime: ticks(job.startedAt) }),
      ...(job.endedAt === null ? {} : { endTime: wholeSeconds(job.endedAt) }),
      allowedActions: allowedActions(job),
      targetObjectId: isNamed ? job.targetObjectId : null,
      targetObjectName: isNamed ? job.targetObjectName : null,
      targetInstanceType: job.targetInstanceType,
      customDetails: isList ? null : customDetails(job, isNamed),
    },
  };
  return rendered;
}

function customDetails(job: JobState, isNamed: boolean): unknown {
  if (!isNamed) return { instanceType: "AsrJobDetails", affectedObjectDetails: {} };
  const affectedObjectDetails = job.affectedObjects;
  if (job.detailsType === "FailoverJobDetails") {
    return {
      instanceType: job.detailsType,
      protectedItemDetails: job.protectedItemDetails,
      affectedObjectDetails,
    };
  }
  if (job.detailsType === "SwitchProtectionJobDetails") {
    return { newReplicationProtectedItemId: null, instanceType: job.detailsType, affectedObjectDetails };
  }
  if (job.detailsType === "AsrJobDetails") return { instanceType: job.detailsType, affectedObjectDetails };
  const network = job.input.networkName ?? null;
  return {
    instanceType: job.detailsType,
    testFailoverStatus: job.scenario === "TestFailover" ? (job.input.testFailoverStatus ?? "Active") : null,
    comments: job.input.comments ?? null,
    networkName: network,
    networkFriendlyName: network,
    networkType: job.input.networkType ?? null,
    protectedItemDetails: job.protectedItemDetails,
    affectedObjectDetails,
  };
}

/** `isChild`: a task of a plan's group, which names its machine. */
function renderTask(vault: VaultState, job: JobState, task: TaskState, isChild: boolean): unknown {
  return {
    taskId: task.taskId,
    name: task.name,
    startTime: task.startedAt === null ? neverForTask : ticks(task.startedAt),
    endTime: task.endedAt === null ? neverForTask : ticks(task.endedAt),
    allowedActions: [],
    friendlyName: task.friendlyName,
    state: task.state,
    stateDescription: taskDescription(task.state),
    taskType: task.children === undefined ? "TaskDetails" : "GroupTaskDetails",
    customDetails: isChild ? machineDetails(vault, job, task) : taskDetails(task),
    groupTaskCustomDetails: groupDetails(vault, job, task),
    errors: task.errors.map(renderError),
  };
}

function taskDescription(state: WorkState): string {
  if (state === "Other") return "Skipped";
  return state === "Suspended" ? "WaitingForUserInput" : description(state);
}

function machineDetails(vault: VaultState, job: JobState, task: TaskState): unknown {
  const item = task.item === undefined ? undefined : vault.items[task.item];
  return {
    instanceType: "VirtualMachineTaskDetails",
    skippedReason: task.state === "Other" ? "NotNeeded" : null,
    skippedReasonString: null,
    jobTask: {
      jobId: jobId(vault, job.name),
      jobFriendlyName: job.friendlyName,
      targetObjectId: item?.internalIdentifier ?? null,
      targetObjectName: item?.friendlyName ?? null,
      targetInstanceType: "ProtectionEntity",
      jobScenarioName: job.scenario,
    },
  };
}

function taskDetails(task: TaskState): unknown {
  const details = task.action?.customDetails;
  switch (details?.instanceType) {
    case "ManualActionDetails":
      return {
        instanceType: "ManualActionTaskDetails",
        name: task.friendlyName,
        instructions: details.description ?? "",
        observation: "",
      };
    case "ScriptActionDetails":
      return {
        instanceType: "ScriptActionTaskDetails",
        name: task.friendlyName,
        path: details.path ?? "",
        output: "",
        isPrimarySideScript: details.fabricLocation === "Primary",
      };
    case "AutomationRunbookActionDetails":
      return {
        instanceType: "AutomationRunbookTaskDetails",
        name: task.friendlyName,
        runbookId: details.runbookId ?? "",
        jobOutput: "",
        isPrimarySideScript: details.fabricLocation === "Primary",
      };
    default:
      return { instanceType: "TaskDetails" };
  }
}

function groupDetails(vault: VaultState, job: JobState, task: TaskState): unknown {
  if (task.children === undefined) return null;
  const childTasks = task.children.map((child) => renderTask(vault, job, child, true));
  if (task.group === undefined) return { instanceType: "InlineWorkflowTaskDetails", workflowIds: [], childTasks };
  const instanceType =
    task.group.groupType === "Shutdown" ? "RecoveryPlanShutdownGroupTaskDetails" : "RecoveryPlanGroupTaskDetails";
  return {
    instanceType,
    name: task.group.name,
    groupId: task.taskId,
    rpGroupType: task.group.groupType,
    childTasks,
  };
}

function renderError(error: JobErrorState): unknown {
  return {
    serviceErrorDetails: {
      code: error.code,
      message: error.message,
      possibleCauses: error.possibleCauses,
      recommendedAction: error.recommendedAction,
      activityId: null,
    },
    providerErrorDetails: null,
    errorLevel: error.level,
    creationTime: ticks(error.at),
    taskId: error.taskId,
  };
}
