/** Replication protected items: reading, listing, enabling, changing and disabling. */

import { z } from "zod";
import type { Operation } from "../../core.js";
import type { Json } from "../../json.js";
import { invalidInput, notAllowed } from "../errors.js";
import { filterOf } from "../filter.js";
import { isOpen, openJob } from "../jobs/start.js";
import { kindOf, namedKind } from "../kinds/index.js";
import { accepted } from "../longRunning.js";
import { containerPath, itemId, itemPath, keyOf, lastSegment, policyId, sameName, vaultPath } from "../names.js";
import { type Call, containerOf, itemOf, operation, param, propertiesOf } from "../operation.js";
import { page } from "../paging.js";
import type { ItemState, PolicyState, VaultState } from "../state.js";
import { journeyOf } from "./journeys.js";
import { renderItem } from "./render.js";
import { neverFailedOver } from "./replication.js";
import { refuseIfBusy, startItemJob } from "./start.js";
import { disableTasks, updateTasks } from "./tasks.js";

const enableSchema = z.object({
  policyId: z.string(),
  protectableItemId: z.string().nullish(),
  providerSpecificDetails: z.looseObject({ instanceType: z.string() }),
});

const removeSchema = z.object({
  disableProtectionReason: z.enum(["NotSpecified", "MigrationComplete"]).nullish(),
  replicationProviderInput: z.looseObject({ instanceType: z.string() }).nullish(),
});

function list(call: Call, items: ItemState[]) {
  const filter = filterOf(call.request, ["RecoveryPlanName"]);
  const planName = filter.recoveryplanname;
  const wanted = planName === undefined ? items : items.filter((item) => isInPlan(call.vault, item, planName));
  return page(call.request, wanted, (item) => renderItem(call, item));
}

function isInPlan(vault: VaultState, item: ItemState, planName: string): boolean {
  const plan = vault.plans[keyOf(planName)];
  const id = itemId(vault, item);
  return plan?.groups.some((group) => group.items.some((each) => sameName(each.id, id))) ?? false;
}

/** The policy of an id, if the container is mapped to it. */
function mappedPolicy(vault: VaultState, id: string, fabricName: string, containerName: string): PolicyState {
  const policy = vault.policies[keyOf(lastSegment(id))];
  if (policy === undefined || !sameName(id, policyId(vault, policy.name))) {
    const allowed = Object.values(vault.policies).map((each) => policyId(vault, each.name));
    const message = `"${id}" is not a policy of this vault; allowed: ${allowed.join(", ") || "none exists"}`;
    throw invalidInput([{ path: "properties.policyId", message }]);
  }
  const isMapped = Object.values(vault.mappings).some(
    (mapping) =>
      sameName(mapping.policyName, policy.name) &&
      sameName(mapping.fabricName, fabricName) &&
      sameName(mapping.containerName, containerName),
  );
  if (isMapped) return policy;
  throw notAllowed(
    "ProtectionContainerNotPairedWithPolicy",
    `The protection container '${containerName}' is not mapped to the policy '${policy.name}'.`,
    "Create a protection container mapping with this policy first.",
  );
}

function enable(call: Call) {
  const { fabric, container } = containerOf(call);
  const { vault, world, request } = call;
  const name = param(request, "itemName");
  const body = propertiesOf(request, enableSchema);
  const kind = namedKind(body.providerSpecificDetails, "properties.providerSpecificDetails");
  const key = keyOf(fabric.name, container.name, name);
  const existing = vault.items[key];
  if (existing !== undefined) {
    throw notAllowed(
      "ProtectedItemAlreadyExists",
      `The replication protected item '${existing.name}' already exists in protection state ${existing.protectionState}.`,
      "Update the item, or disable its replication before enabling it again.",
      409,
    );
  }
  if (kind.enable === undefined) {
    throw notAllowed(
      "EnablingNotSupported",
      `Replication of kind ${kind.instanceType} cannot be enabled: such items come about by reprotection, or existed before.`,
      "Enable replication with a kind that begins at the source, such as InMageRcm or HyperVReplicaAzure.",
    );
  }
  const policy = mappedPolicy(vault, body.policyId, fabric.name, container.name);
  if (policy.details.instanceType !== kind.instanceType) {
    const message = `the policy '${policy.name}' is of kind ${policy.details.instanceType}; allowed: one of kind ${kind.instanceType}`;
    throw invalidInput([{ path: "properties.policyId", message }]);
  }
  const { details, friendlyName, internalIdentifier } = kind.enable(call, fabric);
  const twin = Object.values(vault.items).find((each) => sameName(each.details.machine, details.machine));
  if (twin !== undefined) {
    throw notAllowed(
      "MachineAlreadyProtected",
      `The machine '${friendlyName}' is already protected by the item '${twin.name}'.`,
      "Use the existing item, or disable its replication first.",
      409,
    );
  }
  const item: ItemState = {
    name,
    fabricName: fabric.name,
    containerName: container.name,
    friendlyName,
    internalIdentifier,
    eventCorrelationId: world.newGuid(),
    policyName: policy.name,
    protectionState: "UnprotectedStatesBegin",
    enabledAt: world.clock.now(),
    replicationStartedAt: null,
    initialCopyDoneAt: null,
    protectedAt: null,
    requestedPoints: [],
    ...neverFailedOver,
    details,
  };
  vault.items[key] = item;
  const job = startItemJob(call, item, {
    scenario: "EnableDr",
    friendlyName: "Enable replication",
    isRestartable: true,
    tasks: journeyOf(item).enable?.(item) ?? [],
  });
  return accepted(call, job);
}

function updateItem(call: Call) {
  const item = itemOf(call);
  refuseIfBusy(call.vault, item, item.friendlyName, "replication protected item");
  const kind = kindOf(item);
  const isAtHome = item.activeLocation === "Primary" && item.testFailoverState !== "WaitingForCompletion";
  if (kind.update === undefined || !isAtHome) {
    throw notAllowed(
      "OperationNotAllowedOnProtectedItem",
      `The properties of '${item.friendlyName}' cannot be changed in protection state ${item.protectionState}, test failover state ${item.testFailoverState}.`,
      "Clean up the test failover, or finish the failover, first.",
    );
  }
  const details = kind.update(call, item);
  const job = startItemJob(call, item, {
    scenario: "UpdateVmProperties",
    friendlyName: "Update the virtual machine",
    tasks: updateTasks().map((task) => ({ ...task, item: keyOf(item.fabricName, item.containerName, item.name) })),
    input: { details: details as unknown as Json },
  });
  return accepted(call, job);
}

/** Disabling gives the machine up; what a failover made stays. An enabling that still runs is stopped by it. */
function disable(call: Call, scenario: "DisableDr" | "PurgeVm") {
  const item = itemOf(call);
  const { vault } = call;
  if (scenario === "DisableDr") {
    const { replicationProviderInput } = propertiesOf(call.request, removeSchema);
    const given = replicationProviderInput?.instanceType;
    if (
      given !== undefined &&
      given !== item.details.instanceType &&
      given !== "DisableProtectionProviderSpecificInput"
    ) {
      const message = `"${given}" is not the item's provider; allowed: ${item.details.instanceType}`;
      throw invalidInput([{ path: "properties.replicationProviderInput.instanceType", message }]);
    }
  }
  const open = openJob(vault, item);
  // A failback that waits for a person can be given up, as recorded; so can an enabling that still runs.
  const isStoppable = open?.scenario === "EnableDr" || open?.state === "Suspended";
  if (open !== undefined && !isStoppable) {
    refuseIfBusy(vault, item, item.friendlyName, "replication protected item");
  }
  if (scenario === "DisableDr" && item.testFailoverState === "WaitingForCompletion") {
    throw notAllowed(
      "OperationNotAllowedOnProtectedItem",
      `DisableProtection is not allowed for '${item.friendlyName}' while a test failover waits for its cleanup; allowed: TestFailoverCleanup.`,
      "Clean up the test failover first.",
    );
  }
  refuseInPlan(vault, item);
  if (open !== undefined && isOpen(open))
    Object.assign(open, { state: "Cancelled", endedAt: call.world.clock.now() });
  const job = startItemJob(call, item, {
    scenario,
    friendlyName: scenario === "DisableDr" ? "Disable replication" : "Purge the virtual machine",
    isRestartable: true,
    removesResource: true,
    // Recorded: it has its name at once.
    startDelaySeconds: 0,
    tasks: disableTasks(item),
  });
  return accepted(call, job);
}

function refuseInPlan(vault: VaultState, item: ItemState): void {
  const plans = Object.values(vault.plans).filter((plan) => isInPlan(vault, item, plan.name));
  if (plans.length === 0) return;
  const names = plans.map((plan) => `'${plan.name}'`).join(", ");
  throw notAllowed(
    "ProtectedItemInRecoveryPlan",
    `The replication protected item '${item.name}' belongs to the recovery plans ${names}.`,
    "Take the item out of these recovery plans first.",
  );
}

/** The item; while it is unknown, the answer is that of the service for a missing resource. */
export function getItem(call: Call) {
  return { status: 200, body: renderItem(call, itemOf(call)) };
}

export const itemOperations: Operation[] = [
  operation("ReplicationProtectedItems_List", "GET", `${vaultPath}/replicationProtectedItems`, (call) =>
    list(call, Object.values(call.vault.items)),
  ),
  operation(
    "ReplicationProtectedItems_ListByReplicationProtectionContainers",
    "GET",
    `${containerPath}/replicationProtectedItems`,
    (call) => {
      const { fabric, container } = containerOf(call);
      const prefix = `${keyOf(fabric.name, container.name)}/`;
      return list(
        call,
        Object.entries(call.vault.items).flatMap(([key, item]) => (key.startsWith(prefix) ? [item] : [])),
      );
    },
  ),
  operation("ReplicationProtectedItems_Get", "GET", itemPath, getItem),
  operation("ReplicationProtectedItems_Create", "PUT", itemPath, enable),
  operation("ReplicationProtectedItems_Update", "PATCH", itemPath, updateItem),
  operation("ReplicationProtectedItems_Purge", "DELETE", itemPath, (call) => disable(call, "PurgeVm")),
  operation("ReplicationProtectedItems_Delete", "POST", `${itemPath}/remove`, (call) =>
    disable(call, "DisableDr"),
  ),
];
