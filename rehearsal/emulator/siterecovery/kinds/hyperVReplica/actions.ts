/** The bodies of the actions on a machine between two clouds: they take the base types, under their own names. */

import { z } from "zod";
import { invalidInput } from "../../errors.js";
import { sameName } from "../../names.js";
import { type Call, propertiesOf } from "../../operation.js";
import type { ItemState } from "../../state.js";
import type { ActionInput, ItemAction } from "../kind.js";

const text = z.string().nullish();

/** The first of each is recorded, the second is what later versions of the contract call the same type. */
const baseTypes = {
  testFailover: ["ProviderSpecificFailoverInput", "TestFailoverProviderSpecificInput"],
  unplannedFailover: ["ProviderSpecificFailoverInput", "UnplannedFailoverProviderSpecificInput"],
  plannedFailover: ["ProviderSpecificFailoverInput", "PlannedFailoverProviderSpecificFailoverInput"],
  applyRecoveryPoint: ["ApplyRecoveryPointProviderSpecificInput"],
  reProtect: ["ReverseReplicationProviderSpecificInput"],
} satisfies Record<ItemAction, string[]>;

const bodySchema = z.object({
  failoverDirection: text,
  networkType: text,
  networkId: text,
  recoveryPointId: text,
  sourceSiteOperations: z.enum(["Required", "NotRequired"]).nullish(),
  providerSpecificDetails: z.object({ instanceType: z.string() }).nullish(),
});

const given = (value: string | null | undefined) => (value == null || value === "" ? undefined : value);

export function readAction({ request }: Call, item: ItemState, action: ItemAction): ActionInput {
  const body = propertiesOf(request, bodySchema);
  const type = body.providerSpecificDetails?.instanceType;
  const allowed = [...baseTypes[action], item.details.instanceType];
  if (type !== undefined && !allowed.some((each) => sameName(each, type))) {
    const path = "properties.providerSpecificDetails.instanceType";
    throw invalidInput([{ path, message: `"${type}" is not allowed; allowed: ${allowed.join(", ")}` }]);
  }
  const recoveryPointId = given(body.recoveryPointId);
  if (action === "applyRecoveryPoint" && recoveryPointId === undefined) {
    const message = "is missing; allowed: the id of a recovery point of the item";
    throw invalidInput([{ path: "properties.recoveryPointId", message }]);
  }
  const performShutdown = action === "plannedFailover" || body.sourceSiteOperations === "Required";
  return {
    failoverDirection: given(body.failoverDirection),
    networkType: given(body.networkType),
    networkId: given(body.networkId),
    recoveryPointId,
    // The replica's own latest state is there without the source, and newer with it.
    recoveryPointType: "Latest",
    performShutdown,
  };
}
