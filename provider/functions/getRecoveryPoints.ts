/** `getRecoveryPoints`: the points that a machine can fail over to. */

import { z } from "zod";
import type { CheckFailure } from "../resources/handler.js";
import { parseTarget } from "../resources/ids.js";
import { validate } from "../resources/validate.js";
import { NotFound } from "../siterecovery/errors.js";
import type { FunctionHandler } from "./function.js";

const allowed = "allowed: the ARM id of a replicated item; a recovery plan has no points of its own";

export const getRecoveryPointsSchema = z.strictObject({
  /** ARM id of a replicated item. */
  replicatedItemId: z
    .string({ error: allowed })
    .refine((id) => parseTarget(id)?.kind === "replicatedItem", allowed),
});

/** A recovery point of a machine. */
export interface MachineRecoveryPoint {
  /** ARM id: what `recoveryPoint` of a Failover of this machine takes. */
  id: string;
  /** Azure's name of the point: a GUID. */
  name: string;
  /** ISO 8601, UTC. */
  time: string;
  /** ApplicationConsistent or CrashConsistent. */
  type: string;
  /** Whether the machines of its multi-VM group have a point of the same instant. */
  isMultiVmSyncPoint: boolean;
}

/** The answer of `getRecoveryPoints`. */
export interface GetRecoveryPointsResult {
  /** Newest first; empty after a commit. */
  recoveryPoints: MachineRecoveryPoint[];
}

/** Lists a machine's recovery points; changes nothing. */
export const getRecoveryPoints: FunctionHandler = {
  token: "getRecoveryPoints",
  schema: getRecoveryPointsSchema,

  async call(context, args) {
    const { inputs, failures } = validate(getRecoveryPointsSchema, args) as {
      inputs: { replicatedItemId: string };
      failures: CheckFailure[];
    };
    if (failures.length > 0) return { failures };
    const id = inputs.replicatedItemId;
    const target = parseTarget(id);
    const siteRecovery = target && context.connect(target.vault);
    const item = await siteRecovery?.findItem(id);
    if (!target || !siteRecovery || !item) {
      throw new NotFound(
        `listing recovery points: replicated item "${target?.name ?? id}" is not in vault "${target?.vault.vaultName ?? ""}"`,
        { resourceId: id },
      );
    }
    const result: GetRecoveryPointsResult = { recoveryPoints: await siteRecovery.getRecoveryPoints(item.id) };
    return { result: { ...result }, failures };
  },
};
