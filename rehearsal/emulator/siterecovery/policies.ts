/** Replication policies. */

import { z } from "zod";
import type { Operation } from "../core.js";
import { guidOf } from "../estate/names.js";
import { invalidInput, notAllowed, notFound } from "./errors.js";
import type { Step } from "./jobs/scenario.js";
import { startJob, type TaskSpec } from "./jobs/start.js";
import { namedKind } from "./kinds/index.js";
import { failbackPolicyName } from "./kinds/inMageRcm/reprotect.js";
import { automaticDetails } from "./kinds/inMageRcmFailback/policy.js";
import type { Problem } from "./kinds/kind.js";
import { accepted } from "./longRunning.js";
import { keyOf, policyId, sameName, vaultId, vaultPath, vaultType } from "./names.js";
import { type Call, operation, param, propertiesOf } from "./operation.js";
import { page } from "./paging.js";
import type { PolicyState, VaultState } from "./state.js";

const path = `${vaultPath}/replicationPolicies`;
export const policyPath = `${path}/{policyName}`;

const createSchema = z.object({ providerSpecificInput: z.looseObject({ instanceType: z.string() }) });
const updateSchema = z.object({ replicationProviderSettings: z.looseObject({ instanceType: z.string() }) });

function policyOf({ request, vault }: Call): PolicyState {
  const name = param(request, "policyName");
  const policy = vault.policies[keyOf(name)];
  if (policy === undefined) throw notFound("replication policy", name);
  return policy;
}

function render(vault: VaultState, policy: PolicyState): unknown {
  const users = Object.values(vault.items).filter((item) => sameName(item.policyName, policy.name)).length;
  return {
    id: policyId(vault, policy.name),
    name: policy.name,
    type: `${vaultType}/replicationPolicies`,
    properties: {
      friendlyName: policy.name,
      providerSpecificDetails: {
        ...policy.details,
        // Recorded of modernised VMware, and not of Hyper-V.
        ...(policy.details.instanceType.startsWith("HyperVReplica")
          ? {}
          : { status: false, associatedItemsCount: users, dataSourceType: "VM" }),
      },
    },
  };
}

export function getPolicy(call: Call) {
  return { status: 200, body: render(call.vault, policyOf(call)) };
}

function tasks(verb: "Add" | "Modify" | "Remove", friendly: string): TaskSpec[] {
  const prefix = `${verb}ProtectionProfile`;
  return [
    {
      taskId: `${prefix}PreflightsCheckTask`,
      name: `${prefix}PreflightsCheckTask`,
      friendlyName: "Prerequisites check",
      seconds: 0.3,
    },
    {
      taskId: `${prefix}Task`,
      name: `${prefix}Task`,
      friendlyName: friendly,
      // Recorded: removing takes a little longer than a second.
      seconds: verb === "Remove" ? 1 : 0.7,
      step: `policy.${verb}`,
    },
  ];
}

/** The recorded job of a policy takes a second, and is named at once. */
function startPolicyJob(call: Call, verb: "Add" | "Modify" | "Remove", policy: PolicyState) {
  const words = {
    Add: "Create replication policy",
    Modify: "Update replication policy",
    Remove: "Delete replication policy",
  };
  const job = startJob(call.world, call.vault, {
    scenario: `${verb}ProtectionProfile`,
    friendlyName: words[verb],
    clientRequestId: call.request.clientRequestId,
    resourceId: policyId(call.vault, policy.name),
    removesResource: verb === "Remove",
    targetObjectId: policy.internalIdentifier,
    targetObjectName: policy.name,
    targetInstanceType: "ProtectionProfile",
    startDelaySeconds: 0,
    isRestartable: true,
    tasks: tasks(verb, words[verb]),
    affectedObjects: { protectionProfileId: policy.internalIdentifier },
    input: {
      policy: { name: policy.name, internalIdentifier: policy.internalIdentifier, details: policy.details },
    },
  });
  return accepted(call, job);
}

/** What uses the policy, by name: Azure does not delete or loosen a policy under its users. */
function users(vault: VaultState, policy: PolicyState): string[] {
  const names = [policy.name];
  const failback = vault.policies[keyOf(failbackPolicyName(policy.name))];
  if (failback?.isAutomatic === true) names.push(failback.name);
  const isUsing = (each: { policyName: string }) => names.some((name) => sameName(each.policyName, name));
  const mappings = Object.values(vault.mappings).filter(isUsing);
  const items = Object.values(vault.items).filter(isUsing);
  return [
    ...mappings.map((mapping) => `protection container mapping '${mapping.name}'`),
    ...items.slice(0, 10).map((item) => `replication protected item '${item.name}'`),
    ...(items.length > 10 ? [`${items.length - 10} more items`] : []),
  ];
}

export const policyOperations: Operation[] = [
  operation("ReplicationPolicies_List", "GET", path, ({ request, vault }) =>
    page(request, Object.values(vault.policies), (policy) => render(vault, policy)),
  ),
  operation("ReplicationPolicies_Get", "GET", policyPath, getPolicy),
  operation("ReplicationPolicies_Create", "PUT", policyPath, (call) => {
    const name = param(call.request, "policyName");
    const { providerSpecificInput } = propertiesOf(call.request, createSchema);
    const kind = namedKind(providerSpecificInput, "properties.providerSpecificInput");
    const problems: Problem[] = [];
    const details = kind.policyDetails(providerSpecificInput, undefined, problems);
    if (problems.length > 0) throw invalidInput(problems);
    const before = call.vault.policies[keyOf(name)];
    refuseAutomatic(before);
    const internalIdentifier =
      before?.internalIdentifier ?? guidOf("policy", vaultId(call.vault), name.toLowerCase());
    const policy = { name: before?.name ?? name, internalIdentifier, details };
    return startPolicyJob(call, before === undefined ? "Add" : "Modify", policy);
  }),
  operation("ReplicationPolicies_Update", "PATCH", policyPath, (call) => {
    const before = policyOf(call);
    refuseAutomatic(before);
    const { replicationProviderSettings } = propertiesOf(call.request, updateSchema);
    const kind = namedKind(replicationProviderSettings, "properties.replicationProviderSettings");
    const problems: Problem[] = [];
    const details = kind.policyDetails(replicationProviderSettings, before, problems);
    if (problems.length > 0) throw invalidInput(problems);
    return startPolicyJob(call, "Modify", { ...before, details });
  }),
  operation("ReplicationPolicies_Delete", "DELETE", policyPath, (call) => {
    const policy = policyOf(call);
    refuseAutomatic(policy);
    const used = users(call.vault, policy);
    if (used.length > 0) {
      throw notAllowed(
        "ProtectionProfileInUse",
        `The replication policy '${policy.name}' is in use by ${used.join(", ")}.`,
        "Remove these before you delete the policy.",
        409,
      );
    }
    return startPolicyJob(call, "Remove", policy);
  }),
];

const save: Step = ({ vault, job }) => {
  const policy = job.input.policy as unknown as PolicyState;
  vault.policies[keyOf(policy.name)] = policy;
  addFailbackPolicy(vault, policy);
  return "done";
};

/** Beside each forward policy of modernised VMware the service makes the one that leads back, for reading only. */
export function addFailbackPolicy(vault: VaultState, forward: PolicyState): void {
  const name = failbackPolicyName(forward.name);
  if (forward.details.instanceType !== "InMageRcm" || vault.policies[keyOf(name)] !== undefined) return;
  vault.policies[keyOf(name)] = {
    name,
    internalIdentifier: guidOf("policy", vaultId(vault), name.toLowerCase()),
    details: { ...automaticDetails },
    isAutomatic: true,
  };
}

function refuseAutomatic(policy: PolicyState | undefined): void {
  if (policy?.isAutomatic !== true) return;
  throw notAllowed(
    "ProtectionProfileReadOnly",
    `The failback policy '${policy.name}' was made by the service and cannot be changed or deleted.`,
    "Create a policy of your own, or delete the forward policy: its failback policy goes with it.",
  );
}

export const policySteps: Record<string, Step> = {
  "policy.Add": save,
  "policy.Modify": save,
  "policy.Remove": ({ vault, job }) => {
    delete vault.policies[keyOf(job.targetObjectName)];
    const failback = failbackPolicyName(job.targetObjectName);
    if (vault.policies[keyOf(failback)]?.isAutomatic === true) delete vault.policies[keyOf(failback)];
    return "done";
  },
};
