/** The bodies of the actions on an item of classic VMware that replicates to Azure. */

import { z } from "zod";
import { invalidInput, notAllowed } from "../../errors.js";
import { fabricOf, vmwareFabric } from "../../fabricState.js";
import { keyOf, lastSegment, policyId, sameName } from "../../names.js";
import { type Call, propertiesOf } from "../../operation.js";
import type { ItemState } from "../../state.js";
import type { ActionInput, ItemAction, Problem } from "../kind.js";

const text = z.string().nullish();
const own = z.object({ instanceType: z.literal("InMageAzureV2"), recoveryPointId: text });
const failover = z.object({
  failoverDirection: text,
  networkType: text,
  networkId: text,
  sourceSiteOperations: z.enum(["Required", "NotRequired"]).nullish(),
  providerSpecificDetails: own,
});
const applyRecoveryPoint = z.object({ recoveryPointId: z.string(), providerSpecificDetails: own });
const required = (what: string) => z.string({ error: `is required; allowed: ${what}` }).min(1);
const reProtect = z.object({
  failoverDirection: text,
  providerSpecificDetails: z.object({
    instanceType: z.literal("InMage"),
    masterTargetId: required("the id of a master target of the fabric"),
    processServerId: required("the id of a process server of the fabric"),
    retentionDrive: required("a retention volume of the master target"),
    profileId: required("the id of a failback policy"),
    runAsAccountId: text,
    datastoreName: text,
  }),
});

const given = (value: string | null | undefined) => (value == null || value === "" ? undefined : value);

export function readAction(call: Call, item: ItemState, action: ItemAction): ActionInput {
  switch (action) {
    case "testFailover":
    case "unplannedFailover": {
      const body = propertiesOf(call.request, failover);
      return {
        failoverDirection: given(body.failoverDirection),
        networkType: given(body.networkType),
        networkId: given(body.networkId),
        recoveryPointId: given(body.providerSpecificDetails.recoveryPointId),
        performShutdown: body.sourceSiteOperations === "Required",
      };
    }
    case "applyRecoveryPoint": {
      const body = propertiesOf(call.request, applyRecoveryPoint);
      return { failoverDirection: undefined, recoveryPointId: body.recoveryPointId };
    }
    case "reProtect":
      return readReprotect(call, item);
    case "plannedFailover":
      throw notAllowed(
        "OperationNotAllowedOnProtectedItem",
        `A planned failover to Azure does not exist for '${item.friendlyName}', which is of kind InMageAzureV2.`,
        "Start an unplanned failover; it can shut the machine down first.",
      );
  }
}

/** `more`: `masterTargetId`, `processServerId`, `retentionDrive`, `datastoreName`, `policyName`. */
function readReprotect({ request, vault }: Call, item: ItemState): ActionInput {
  const body = propertiesOf(request, reProtect);
  const wanted = body.providerSpecificDetails;
  const path = "properties.providerSpecificDetails";
  const problems: Problem[] = [];
  const fabric = vmwareFabric(fabricOf(vault, item));
  const say = (name: string, message: string) => problems.push({ path: `${path}.${name}`, message });
  const names = (list: string[]) => list.join(", ") || "none";
  const target = fabric.masterTargets.find((each) => sameName(each.id, wanted.masterTargetId));
  if (target === undefined) {
    const allowed = names(fabric.masterTargets.map((each) => each.id));
    say("masterTargetId", `"${wanted.masterTargetId}" is not a master target of the fabric; allowed: ${allowed}`);
  }
  if (!fabric.processServers.some((each) => sameName(each.id, wanted.processServerId))) {
    const allowed = names(fabric.processServers.map((each) => each.id));
    say(
      "processServerId",
      `"${wanted.processServerId}" is not a process server of the fabric; allowed: ${allowed}`,
    );
  }
  if (target !== undefined && !target.retentionVolumes.includes(wanted.retentionDrive)) {
    const allowed = names(target.retentionVolumes);
    say(
      "retentionDrive",
      `"${wanted.retentionDrive}" is not a retention volume of ${target.name}; allowed: ${allowed}`,
    );
  }
  const datastore = given(wanted.datastoreName);
  if (target !== undefined && datastore !== undefined && !target.datastores.includes(datastore)) {
    const allowed = names(target.datastores);
    say("datastoreName", `"${datastore}" is not a datastore of ${target.name}; allowed: ${allowed}`);
  }
  const policy = vault.policies[keyOf(lastSegment(wanted.profileId))];
  if (policy?.details.instanceType !== "InMage" || !sameName(wanted.profileId, policyId(vault, policy.name))) {
    const all = Object.values(vault.policies).filter((each) => each.details.instanceType === "InMage");
    const allowed = names(all.map((each) => policyId(vault, each.name)));
    say("profileId", `"${wanted.profileId}" is not a failback policy of this vault; allowed: ${allowed}`);
  }
  if (policy === undefined || problems.length > 0) throw invalidInput(problems);
  refuseGroup(Object.values(vault.items), item);
  return {
    failoverDirection: given(body.failoverDirection),
    more: {
      masterTargetId: wanted.masterTargetId,
      processServerId: wanted.processServerId,
      retentionDrive: wanted.retentionDrive,
      datastoreName: datastore ?? "",
      policyName: policy.name,
    },
  };
}

/** The machines of a multi-VM group go back together, which only the portal's recovery plan could. */
function refuseGroup(items: ItemState[], item: ItemState): void {
  const group = item.details.multiVmGroupName;
  const others = items.filter(
    (each) => each !== item && group !== null && each.details.multiVmGroupName === group,
  );
  if (others.length === 0) return;
  throw notAllowed(
    "MultiVmGroupReprotectNotAllowed",
    `'${item.friendlyName}' is in the multi-VM group '${group}' with ${others.map((each) => `'${each.friendlyName}'`).join(", ")}: its machines cannot be reprotected one by one.`,
    "Reprotect the group as a whole, which this API does not offer.",
  );
}
