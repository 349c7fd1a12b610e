/** The bodies of the actions on an InMageRcm item. */

import { z } from "zod";
import { notAllowed } from "../../errors.js";
import { type Call, propertiesOf } from "../../operation.js";
import type { ItemState } from "../../state.js";
import type { ActionInput, ItemAction } from "../kind.js";
import { readReprotect } from "./reprotect.js";

const text = z.string().nullish();
const direction = z.string().nullish();
const boolean = z.string().regex(/^(true|false)$/i, { error: 'is required; allowed: "true", "false"' });

const testFailover = z.object({
  failoverDirection: direction,
  networkType: text,
  networkId: text,
  providerSpecificDetails: z.object({
    instanceType: z.literal("InMageRcm"),
    networkId: text,
    recoveryPointId: text,
  }),
});
const unplannedFailover = z.object({
  failoverDirection: direction,
  sourceSiteOperations: z.enum(["Required", "NotRequired"]).nullish(),
  providerSpecificDetails: z.object({
    instanceType: z.literal("InMageRcm"),
    performShutdown: boolean,
    recoveryPointId: text,
  }),
});
const applyRecoveryPoint = z.object({
  recoveryPointId: text,
  providerSpecificDetails: z.object({ instanceType: z.literal("InMageRcm"), recoveryPointId: z.string() }),
});

const given = (value: string | null | undefined) => (value == null || value === "" ? undefined : value);

export function readAction(call: Call, item: ItemState, action: ItemAction): ActionInput {
  const { request } = call;
  switch (action) {
    case "testFailover": {
      const body = propertiesOf(request, testFailover);
      return {
        failoverDirection: given(body.failoverDirection),
        networkType: given(body.networkType),
        networkId: given(body.providerSpecificDetails.networkId) ?? given(body.networkId),
        recoveryPointId: given(body.providerSpecificDetails.recoveryPointId),
      };
    }
    case "unplannedFailover": {
      const body = propertiesOf(request, unplannedFailover);
      return {
        failoverDirection: given(body.failoverDirection),
        recoveryPointId: given(body.providerSpecificDetails.recoveryPointId),
        performShutdown: body.providerSpecificDetails.performShutdown.toLowerCase() === "true",
      };
    }
    case "applyRecoveryPoint": {
      const body = propertiesOf(request, applyRecoveryPoint);
      return {
        failoverDirection: undefined,
        recoveryPointId: given(body.providerSpecificDetails.recoveryPointId),
      };
    }
    case "reProtect":
      return readReprotect(call, item);
    case "plannedFailover":
      throw notAllowed(
        "OperationNotAllowedOnProtectedItem",
        `A planned failover to Azure does not exist for '${item.friendlyName}', which is of kind InMageRcm.`,
        "Start an unplanned failover; it can shut the machine down first.",
      );
  }
}
