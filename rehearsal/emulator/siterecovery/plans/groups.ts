/** Checking the groups of a recovery plan, and bringing them into the order that Azure keeps. */

import { z } from "zod";
import type { Problem } from "../kinds/kind.js";
import { itemId, itemKey, lastSegment, sameName } from "../names.js";
import type { ItemState, PlanAction, PlanGroup, VaultState } from "../state.js";

/** @see https://learn.microsoft.com/azure/site-recovery/recovery-plan-overview */
const mostItems = 100;
const mostBootGroups = 7;

const failoverTypes = [
  "ReverseReplicate",
  "Commit",
  "PlannedFailover",
  "UnplannedFailover",
  "DisableProtection",
  "TestFailover",
  "TestFailoverCleanup",
  "Failback",
  "FinalizeFailback",
  "CancelFailover",
  "ChangePit",
  "RepairReplication",
  "SwitchProtection",
  "CompleteMigration",
];
const fabricLocation = z.enum(["Primary", "Recovery"]);
const actionSchema = z.object({
  actionName: z.string().min(1),
  failoverTypes: z.array(z.enum(failoverTypes)),
  failoverDirections: z.array(z.enum(["PrimaryToRecovery", "RecoveryToPrimary"])),
  customDetails: z.discriminatedUnion("instanceType", [
    z.object({ instanceType: z.literal("ManualActionDetails"), description: z.string().nullish() }),
    z.object({
      instanceType: z.literal("ScriptActionDetails"),
      path: z.string(),
      timeout: z.string().nullish(),
      fabricLocation,
    }),
    z.object({
      instanceType: z.literal("AutomationRunbookActionDetails"),
      runbookId: z.string().nullish(),
      timeout: z.string().nullish(),
      fabricLocation,
    }),
  ]),
});

export const groupsSchema = z.array(
  z.object({
    groupType: z.enum(["Shutdown", "Failover", "Boot"]),
    replicationProtectedItems: z
      .array(z.object({ id: z.string().nullish(), virtualMachineId: z.string().nullish() }))
      .nullish(),
    startGroupActions: z.array(actionSchema).nullish(),
    endGroupActions: z.array(actionSchema).nullish(),
  }),
);
type GroupsInput = z.output<typeof groupsSchema>;

/** The groups in Azure's order: one Shutdown, one Failover (empty where not given), then Boot groups as given. */
export function readGroups(
  vault: VaultState,
  input: GroupsInput,
  primaryFabric: string,
  problems: Problem[],
): PlanGroup[] {
  const path = "properties.groups";
  const seen = new Map<string, number>();
  const groups = input.map((group, index): PlanGroup => {
    const items = (group.replicationProtectedItems ?? []).flatMap((each, position) => {
      const at = `${path}.${index}.replicationProtectedItems.${position}`;
      const item = findItem(vault, each);
      if (item === undefined) {
        problems.push({
          path: `${at}.id`,
          message: `"${each.id ?? each.virtualMachineId}" is not a replication protected item of this vault`,
        });
        return [];
      }
      if (!sameName(item.fabricName, primaryFabric)) {
        const message = `'${item.name}' belongs to the fabric '${item.fabricName}'; allowed: items of '${primaryFabric}'`;
        problems.push({ path: `${at}.id`, message });
      }
      const other = seen.get(itemKey(item));
      if (other !== undefined) {
        problems.push({
          path: `${at}.id`,
          message: `'${item.name}' is already in group ${other}; allowed: one group of a plan`,
        });
      }
      seen.set(itemKey(item), index);
      return [{ id: itemId(vault, item), virtualMachineId: item.internalIdentifier }];
    });
    if (group.groupType !== "Boot" && items.length > 0) {
      const message = `a ${group.groupType} group stands for all machines and holds no items; allowed: Boot`;
      problems.push({ path: `${path}.${index}.groupType`, message });
    }
    return {
      groupType: group.groupType,
      items,
      startGroupActions: (group.startGroupActions ?? []).map(clean),
      endGroupActions: (group.endGroupActions ?? []).map(clean),
    };
  });
  const of = (type: PlanGroup["groupType"]) => groups.filter((group) => group.groupType === type);
  const [shutdown, failover, boot] = [of("Shutdown"), of("Failover"), of("Boot")];
  if (boot.length === 0) problems.push({ path, message: "has no Boot group; at least one is required" });
  if (boot.length > mostBootGroups)
    problems.push({ path, message: `has ${boot.length} Boot groups; allowed: 1-${mostBootGroups}` });
  for (const [type, found] of [
    ["Shutdown", shutdown],
    ["Failover", failover],
  ] as const) {
    if (found.length > 1) problems.push({ path, message: `has ${found.length} ${type} groups; allowed: one` });
  }
  if (seen.size > mostItems)
    problems.push({ path, message: `holds ${seen.size} items; allowed: ${mostItems} for each plan` });
  return [shutdown[0] ?? emptyGroup("Shutdown"), failover[0] ?? emptyGroup("Failover"), ...boot];
}

function emptyGroup(groupType: PlanGroup["groupType"]): PlanGroup {
  return { groupType, items: [], startGroupActions: [], endGroupActions: [] };
}

/** JSON only: what was not given is left out. */
function clean(action: z.output<typeof actionSchema>): PlanAction {
  return JSON.parse(JSON.stringify(action)) as PlanAction;
}

function findItem(
  vault: VaultState,
  wanted: { id?: string | null; virtualMachineId?: string | null },
): ItemState | undefined {
  const { id, virtualMachineId } = wanted;
  return Object.values(vault.items).find((item) =>
    id != null
      ? sameName(lastSegment(id), item.name) && sameName(id, itemId(vault, item))
      : virtualMachineId != null && sameName(item.internalIdentifier, virtualMachineId),
  );
}
