/** `getReplicatedItems`: the machines of a vault that replicate, and where they are. */

import { z } from "zod";
import { observe, type Stage } from "../lifecycle/stages.js";
import { defined } from "../resources/compare.js";
import type { CheckFailure } from "../resources/handler.js";
import { existingName, vaultFields, vaultOf, withVault } from "../resources/schema.js";
import { validate } from "../resources/validate.js";
import type { ReplicatedItem } from "../siterecovery/siteRecovery.js";
import type { FunctionHandler } from "./function.js";

export const getReplicatedItemsSchema = z.strictObject({
  ...vaultFields,
  /** Name of a fabric. Default: all of them. */
  fabricName: existingName.optional(),
});

/** A machine that replicates. */
export interface ReplicatedMachine {
  /** ARM id: what `targetId` of a Failover and a recovery plan's groups take. */
  id: string;
  /** Name of the replicated item. */
  name: string;
  /** The machine's name as it was discovered. */
  friendlyName: string;
  /** Name of its fabric. */
  fabricName: string;
  /** What replicates it now, e.g. InMageRcm, InMageRcmFailback, HyperVReplicaAzure. */
  instanceType: string;
  /** Where it is; left out while a job runs on it, or where this version does not know. */
  stage?: Stage;
  /** Azure's word, e.g. Protected. */
  protectionState: string;
  /** Normal, Warning or Critical. */
  replicationHealth: string;
  /** Windows or Linux. */
  osType?: string;
  /** Name of the machine that a failover makes. */
  targetVmName?: string;
  /** ISO 8601; left out where it never failed over. */
  lastFailover?: string;
  /** ISO 8601; left out where no test failover ever succeeded. */
  lastTestFailover?: string;
  /** What Azure offers now. */
  allowedOperations: string[];
}

/** The answer of `getReplicatedItems`. */
export interface GetReplicatedItemsResult {
  /** The machines, by name. */
  items: ReplicatedMachine[];
}

/** Lists the machines that replicate; changes nothing. */
export const getReplicatedItems: FunctionHandler = {
  token: "getReplicatedItems",
  schema: getReplicatedItemsSchema,

  async call(context, args) {
    const failures: CheckFailure[] = [];
    const validated = validate(getReplicatedItemsSchema, args);
    failures.push(...validated.failures);
    const filled = withVault(context, validated.inputs, failures);
    if (failures.length > 0) return { failures };
    const fabricName = filled.fabricName as string | undefined;
    const items = (await context.connect(vaultOf(filled)).listItems())
      .filter((item) => fabricName === undefined || item.fabricName.toLowerCase() === fabricName.toLowerCase())
      .map(describe)
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    const result: GetReplicatedItemsResult = { items };
    return { result: { ...result }, failures };
  },
};

function describe(item: ReplicatedItem): ReplicatedMachine {
  const observation = observe(item);
  return defined({
    id: item.id,
    name: item.name,
    friendlyName: item.friendlyName,
    fabricName: item.fabricName,
    instanceType: item.instanceType,
    stage: observation.kind === "stage" ? observation.stage : undefined,
    protectionState: item.protectionState,
    replicationHealth: item.replicationHealth,
    osType: item.osType,
    targetVmName: item.targetVmName,
    lastFailover: item.lastSuccessfulFailoverTime,
    lastTestFailover: item.lastSuccessfulTestFailoverTime,
    allowedOperations: item.allowedOperations,
  });
}
