/** The bodies of the actions on an item that replicates back to VMware. */

import { z } from "zod";
import { invalidInput, notAllowed } from "../../errors.js";
import { fabricOf, inMageRcmFabric } from "../../fabricState.js";
import { keyOf, lastSegment, policyId, sameName } from "../../names.js";
import { type Call, propertiesOf } from "../../operation.js";
import type { ItemState } from "../../state.js";
import type { ActionInput, ItemAction, Problem } from "../kind.js";

const direction = z.string().nullish();

const plannedFailover = z.object({
  failoverDirection: direction,
  providerSpecificDetails: z.object({
    instanceType: z.literal("InMageRcmFailback"),
    recoveryPointType: z.enum(["ApplicationConsistent", "CrashConsistent"]),
  }),
});
const reProtect = z.object({
  failoverDirection: direction,
  providerSpecificDetails: z.object({
    instanceType: z.literal("InMageRcmFailback"),
    processServerId: z.string({ error: "is required; allowed: the id of a process server of the fabric" }),
    policyId: z.string({ error: "is required; allowed: the id of an InMageRcm policy" }),
    runAsAccountId: z.string().nullish(),
  }),
});

export function readAction(call: Call, item: ItemState, action: ItemAction): ActionInput {
  if (action === "plannedFailover") {
    const body = propertiesOf(call.request, plannedFailover);
    return {
      failoverDirection: body.failoverDirection ?? undefined,
      recoveryPointType: body.providerSpecificDetails.recoveryPointType,
    };
  }
  if (action === "reProtect") return readReprotect(call, item);
  throw notAllowed(
    "OperationNotAllowedOnProtectedItem",
    `'${item.friendlyName}' replicates from Azure to VMware (InMageRcmFailback), which has no ${action}.`,
    "Fail back with a planned failover.",
  );
}

/** `more`: `processServerId`, `runAsAccountId`, `policyName`. */
function readReprotect({ request, vault }: Call, item: ItemState): ActionInput {
  const body = propertiesOf(request, reProtect);
  const wanted = body.providerSpecificDetails;
  const path = "properties.providerSpecificDetails";
  const problems: Problem[] = [];
  const fabric = inMageRcmFabric(fabricOf(vault, item));
  if (!sameName(wanted.processServerId, fabric.appliance.id)) {
    const message = `"${wanted.processServerId}" is not a process server of the fabric; allowed: ${fabric.appliance.id}`;
    problems.push({ path: `${path}.processServerId`, message });
  }
  const account = wanted.runAsAccountId;
  if (account != null && !fabric.runAsAccounts.some((each) => sameName(each.id, account))) {
    const allowed = fabric.runAsAccounts.map((each) => each.id).join(", ") || "none is registered";
    const message = `"${account}" is not a run-as account of the fabric; allowed: ${allowed}`;
    problems.push({ path: `${path}.runAsAccountId`, message });
  }
  const policy = vault.policies[keyOf(lastSegment(wanted.policyId))];
  if (policy?.details.instanceType !== "InMageRcm" || !sameName(wanted.policyId, policyId(vault, policy.name))) {
    const allowed = Object.values(vault.policies)
      .filter((each) => each.details.instanceType === "InMageRcm")
      .map((each) => policyId(vault, each.name));
    const message = `"${wanted.policyId}" is not an InMageRcm policy of this vault; allowed: ${allowed.join(", ") || "none exists"}`;
    problems.push({ path: `${path}.policyId`, message });
  }
  if (policy === undefined || problems.length > 0) throw invalidInput(problems);
  return {
    failoverDirection: body.failoverDirection ?? undefined,
    more: { processServerId: fabric.appliance.id, runAsAccountId: account ?? null, policyName: policy.name },
  };
}
