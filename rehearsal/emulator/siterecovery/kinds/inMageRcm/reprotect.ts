/** Reprotecting a machine that runs in Azure: what the request names must exist on-premises. */

import { z } from "zod";
import { invalidInput } from "../../errors.js";
import { fabricOf, inMageRcmFabric } from "../../fabricState.js";
import { requireParts } from "../../items/targetParts.js";
import { lastSegment, policyId, sameName } from "../../names.js";
import { type Call, propertiesOf } from "../../operation.js";
import type { ItemState, PolicyState, VaultState } from "../../state.js";
import type { ActionInput, Problem } from "../kind.js";

const required = (what: string) => z.string({ error: `is required; allowed: ${what}` }).min(1);

const schema = z.object({
  failoverDirection: z.string().nullish(),
  providerSpecificDetails: z.object({
    instanceType: z.literal("InMageRcm"),
    reprotectAgentId: required("the id of a reprotect agent of the fabric"),
    datastoreName: required("a datastore that the reprotect agent can reach"),
    logStorageAccountId: required("the id of a storage account"),
    policyId: z.string().nullish(),
  }),
});

/** `more`: `reprotectAgentId`, `datastoreName`, `logStorageAccountId`, `policyName`. */
export function readReprotect({ request, vault, world }: Call, item: ItemState): ActionInput {
  const body = propertiesOf(request, schema);
  const wanted = body.providerSpecificDetails;
  const path = "properties.providerSpecificDetails";
  const problems: Problem[] = [];
  const fabric = inMageRcmFabric(fabricOf(vault, item));
  if (!sameName(wanted.reprotectAgentId, fabric.appliance.id)) {
    const message = `"${wanted.reprotectAgentId}" is not a reprotect agent of the fabric; allowed: ${fabric.appliance.id}`;
    problems.push({ path: `${path}.reprotectAgentId`, message });
  }
  if (!fabric.datastores.includes(wanted.datastoreName)) {
    const message = `"${wanted.datastoreName}" is not a datastore that the reprotect agent can reach; allowed: ${fabric.datastores.join(", ") || "none"}`;
    problems.push({ path: `${path}.datastoreName`, message });
  }
  requireParts(
    world,
    [{ path: `${path}.logStorageAccountId`, id: wanted.logStorageAccountId, type: "storageAccount" }],
    problems,
  );
  const policy = failbackPolicy(vault, item, wanted.policyId ?? undefined);
  if (policy === undefined) {
    const allowed = failbackPolicies(vault).map((each) => policyId(vault, each.name));
    const message = `${wanted.policyId == null ? "is missing, and no failback policy exists" : `"${wanted.policyId}" is not a failback policy of this vault`}; allowed: ${allowed.join(", ") || "none exists"}`;
    problems.push({ path: `${path}.policyId`, message });
  }
  if (policy === undefined || problems.length > 0) throw invalidInput(problems);
  return {
    failoverDirection: body.failoverDirection ?? undefined,
    more: {
      reprotectAgentId: fabric.appliance.id,
      datastoreName: wanted.datastoreName,
      logStorageAccountId: wanted.logStorageAccountId,
      policyName: policy.name,
    },
  };
}

function failbackPolicies(vault: VaultState): PolicyState[] {
  return Object.values(vault.policies).filter((policy) => policy.details.instanceType === "InMageRcmFailback");
}

/** The policy of the id; without one, as recorded, one that is there: that of the forward policy, else the first. */
function failbackPolicy(vault: VaultState, item: ItemState, id: string | undefined): PolicyState | undefined {
  const all = failbackPolicies(vault);
  if (id === undefined || id === "") {
    return all.find((policy) => sameName(policy.name, failbackPolicyName(item.policyName))) ?? all[0];
  }
  return all.find(
    (policy) => sameName(policy.name, lastSegment(id)) && sameName(id, policyId(vault, policy.name)),
  );
}

/** The service makes one beside each forward policy. */
export function failbackPolicyName(forwardPolicyName: string): string {
  return `${forwardPolicyName}-failback`;
}
