/**
 * What rules of a policy pack need to know of machines and a program does not declare, as an input that `check` computes:
 * rules see a resource's checked inputs, in a preview and in an update, and cannot ask Azure themselves. No digest and no
 * comparison looks at it, so that a machine that was drilled or failed over since makes no update.
 */

import { isUnknown } from "../connectivity/unknown.js";
import type { ItemAtStage } from "../lifecycle/authorise.js";
import type { MachineFacts } from "../lifecycle/readiness.js";
import { type ReplicatedItem, sameId } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import { declaredItem, notReplicatedYet } from "./declared.js";
import type { Context, Properties } from "./handler.js";
import { machineFacts } from "./machineFacts.js";
import { vaultOf } from "./schema.js";

/** The key of the computed input. */
export const observedMachinesKey = "observedMachines";

/** The facts of the readiness checks, but for health and recovery points, which come and go by the minute. */
export interface ObservedMachine
  extends Omit<MachineFacts, "isReady" | "replicationHealth" | "healthErrors" | "lastRecoveryPoint"> {
  replicatedItemId: string;
  /** Name of the replicated item; `name` is the machine's own. */
  itemName: string;
  /** False where the machine does not replicate yet and only its declaration is known. */
  isReplicated: boolean;
  /** ISO 8601; absent = never. */
  lastFailover?: string;
  multiVmGroupName?: string;
  bootDiagnosticsStorageAccountId?: string;
}

/** Machines as rules see them; kinds out of scope are left out. */
export function observedMachines(items: readonly ReplicatedItem[]): ObservedMachine[] {
  return items.flatMap((item) => {
    const facts = machineFacts(item);
    if (facts === undefined) return [];
    const { isReady, replicationHealth, healthErrors, lastRecoveryPoint, ...lasting } = facts;
    return [
      defined({
        ...lasting,
        disks: lasting.disks.map(({ diskId, isOsDisk, capacityInBytes }) =>
          defined({ diskId, isOsDisk, capacityInBytes }),
        ),
        replicatedItemId: item.id,
        itemName: item.name,
        isReplicated: item.protectionState !== notReplicatedYet,
        lastFailover: item.lastSuccessfulFailoverTime,
        multiVmGroupName: item.multiVmGroupName,
        bootDiagnosticsStorageAccountId: item.targetBootDiagnosticsStorageAccountId,
      }),
    ];
  });
}

/** The same machines with the times of failovers that Azure's jobs tell where the machines no longer do. */
export function withFailoverTimes(
  machines: readonly ObservedMachine[],
  items: readonly ItemAtStage[],
): ObservedMachine[] {
  return machines.map((machine) => {
    const told = items.find(({ id }) => sameId(id, machine.replicatedItemId))?.lastFailoverTime;
    return defined({ ...machine, lastFailover: told ?? machine.lastFailover });
  });
}

/** The machines of a recovery plan's groups; absent where the vault cannot be read, which is no reason to refuse a plan. */
export async function observedMembers(context: Context, inputs: Properties): Promise<Properties> {
  const groups = Array.isArray(inputs.bootGroups) ? (inputs.bootGroups as Properties[]) : [];
  const ids = groups
    .flatMap((group) => (Array.isArray(group?.replicatedItemIds) ? group.replicatedItemIds : []))
    .filter((id): id is string => typeof id === "string" && !isUnknown(id));
  if (ids.length === 0) return {};
  try {
    const siteRecovery = context.connect(vaultOf(inputs));
    const present = new Map((await siteRecovery.listItems()).map((item) => [item.id.toLowerCase(), item]));
    const items = await Promise.all(
      ids.map(async (id) => present.get(id.toLowerCase()) ?? (await declaredItem(context, siteRecovery, id))),
    );
    return { [observedMachinesKey]: observedMachines(items.flatMap((item) => item ?? [])) };
  } catch {
    return {};
  }
}
