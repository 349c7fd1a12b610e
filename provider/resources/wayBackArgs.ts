/** The arguments that bring a workload back: their schemas, and what each provider kind needs or refuses of them. */

import { z } from "zod";
import type { Scenario } from "../lifecycle/stages.js";
import { armId } from "./schema.js";

const text = z.string({ error: "allowed: a text that is not empty" }).min(1, "allowed: a text that is not empty");
const policyId = armId("Microsoft.RecoveryServices/vaults/replicationPolicies");
const storageAccountId = armId("Microsoft.Storage/storageAccounts");

const reprotectFields = {
  /** Id of the appliance's reprotect agent, as `getAppliances` lists it. Modernised VMware and physical machines. */
  reprotectAgentId: text.optional(),
  /** Name of the datastore that takes the machine; one that the reprotect agent, or the master target, reaches. */
  datastoreName: text.optional(),
  /** ARM id of the storage account for replication logs. Modernised VMware and physical machines. */
  logStorageAccountId: storageAccountId.optional(),
  /** ARM id of the failback policy. Left out, Azure takes its own for modernised machines; classic ones need it. */
  policyId: policyId.optional(),
  /** Id of the master target. Classic VMware and physical machines, as the three below. */
  masterTargetId: text.optional(),
  processServerId: text.optional(),
  /** Drive or mount point of the master target's retention volume, such as `R` or `/mnt/retention`. */
  retentionDrive: text.optional(),
  runAsAccountId: text.optional(),
};

const failbackFields = {
  /** VMware and physical machines: `CrashConsistent` (Azure's advice, default) or `ApplicationConsistent`, which may be older. */
  recoveryPointType: z.enum(["CrashConsistent", "ApplicationConsistent"]).optional(),
  /**
   * Hyper-V: `ForSynchronization` (default) copies before the machine in Azure is shut down and then waits for a person;
   * `ForDownTime` copies while it is down.
   */
  dataSyncOption: z.enum(["ForSynchronization", "ForDownTime"]).optional(),
  /** Hyper-V: `CreateVmIfNotFound` makes a machine that is gone on-premises. Default `NoAction`. */
  recoveryVmCreationOption: z.enum(["CreateVmIfNotFound", "NoAction"]).optional(),
  /** Hyper-V: another host that takes the machine, by its id as `getAppliances` lists it, or its provider's ARM id. */
  providerIdForAlternateRecovery: text.optional(),
  /** Between VMM sites: planned (default: the second site is shut down and synchronised first) or unplanned. */
  kind: z.enum(["planned", "unplanned"]).optional(),
};

const reverseFields = {
  /** Id of the appliance's process server. VMware and physical machines. */
  processServerId: text.optional(),
  /** ARM id of the replication policy to Azure. VMware and physical machines. */
  policyId: policyId.optional(),
  /** Account that installs the mobility agent. VMware and physical machines. */
  runAsAccountId: text.optional(),
  /** Classic VMware and physical machines. */
  masterTargetId: text.optional(),
  /** ARM id of the storage account. Classic VMware and Hyper-V machines. */
  storageAccountId: storageAccountId.optional(),
  logStorageAccountId: storageAccountId.optional(),
};

/** Settings for all machines, and other ones by a machine's name where they differ. */
function withPerItem<T extends z.ZodRawShape>(fields: T) {
  return z
    .strictObject({ ...fields, perItem: z.record(z.string(), z.strictObject(fields)).optional() })
    .optional();
}

export const wayBackArgs = {
  /** How machines in Azure come to replicate back. Checked while the workload is still at `protected`. */
  reprotect: withPerItem(reprotectFields),
  /** How machines go back. Checked while the workload is still at `protected`. */
  failback: withPerItem(failbackFields),
  /** How machines that are back come to replicate to Azure again. Checked while the workload is still at `protected`. */
  reverse: withPerItem(reverseFields),
};

export type WayBackArgument = keyof typeof wayBackArgs;
export const wayBackArguments: readonly WayBackArgument[] = ["reprotect", "failback", "reverse"];

interface Rule {
  required: readonly string[];
  allowed: readonly string[];
}

const none: Rule = { required: [], allowed: [] };

/** What each ring needs and takes; an argument that is not among `allowed` is refused. */
export const rules: Record<Scenario, Record<WayBackArgument, Rule>> = {
  vmware: {
    reprotect: {
      required: ["reprotectAgentId", "datastoreName", "logStorageAccountId"],
      allowed: ["reprotectAgentId", "datastoreName", "logStorageAccountId", "policyId"],
    },
    failback: { required: [], allowed: ["recoveryPointType"] },
    reverse: {
      required: ["processServerId", "policyId"],
      allowed: ["processServerId", "policyId", "runAsAccountId"],
    },
  },
  vmwareClassic: {
    reprotect: {
      required: ["masterTargetId", "processServerId", "retentionDrive", "policyId"],
      allowed: [
        "masterTargetId",
        "processServerId",
        "retentionDrive",
        "policyId",
        "runAsAccountId",
        "datastoreName",
      ],
    },
    failback: { required: [], allowed: ["recoveryPointType"] },
    reverse: {
      required: ["processServerId", "policyId"],
      allowed: [
        "processServerId",
        "policyId",
        "runAsAccountId",
        "masterTargetId",
        "storageAccountId",
        "logStorageAccountId",
      ],
    },
  },
  hyperV: {
    reprotect: none,
    failback: {
      required: [],
      allowed: ["dataSyncOption", "recoveryVmCreationOption", "providerIdForAlternateRecovery"],
    },
    reverse: { required: [], allowed: ["storageAccountId", "logStorageAccountId"] },
  },
  vmmToVmm: { reprotect: none, failback: { required: [], allowed: ["kind"] }, reverse: none },
};

/** What a ring is called in messages. */
export const scenarioName: Record<Scenario, string> = {
  vmware: "modernised VMware and physical machines (InMageRcm)",
  vmwareClassic: "classic VMware and physical machines (InMageAzureV2)",
  hyperV: "Hyper-V machines that replicate to Azure (HyperVReplicaAzure)",
  vmmToVmm: "Hyper-V machines that replicate between VMM sites (HyperVReplica2012R2)",
};
