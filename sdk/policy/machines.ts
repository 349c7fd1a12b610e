/** The machines that a resource is about, as the readiness checks know them. */

import { checkMachine, type MachineFacts } from "../../provider/lifecycle/readiness.js";
import { type Scenario, type Stage, stages } from "../../provider/lifecycle/stages.js";
import { observedMachinesKey } from "../../provider/resources/observedMachines.js";
import {
  asList,
  asNumber,
  asObject,
  asText,
  asTexts,
  isUnknown,
  listSome,
  own,
  type PlainObject,
} from "./plain.js";
import { type RuleResource, type Surroundings, undecided, type Verdict, violation } from "./rule.js";

/** A machine as a rule sees it. */
export interface RuleMachine extends MachineFacts {
  /** ARM id of the replicated item, in lower case. */
  itemId: string;
  /** Name of the replicated item. */
  itemName: string;
  /** False where it is only declared. */
  isReplicated: boolean;
  /** ISO 8601; undefined = never. */
  lastFailover?: string | undefined;
  multiVmGroupName?: string | undefined;
  bootDiagnosticsStorageAccountId?: string | undefined;
}

const scenarios: readonly unknown[] = ["vmware", "vmwareClassic", "hyperV", "vmmToVmm"] satisfies Scenario[];

/** The machines that the provider found behind a plan, a drill or a failover; undefined where it could not tell. */
export function machinesOf(resource: RuleResource): RuleMachine[] | undefined {
  const found = own(resource.inputs, observedMachinesKey);
  return Array.isArray(found) ? found.flatMap((entry) => machineOf(entry) ?? []) : undefined;
}

/** As `machinesOf`; where the target itself is not known yet, the verdict says so. */
export function machinesOrUndecided(resource: RuleResource): { machines: RuleMachine[]; verdicts: Verdict[] } {
  const machines = machinesOf(resource);
  if (machines !== undefined) return { machines, verdicts: [] };
  const isTargetUnknown = isUnknown(own(resource.inputs, "targetId"));
  return { machines: [], verdicts: isTargetUnknown ? [undecided(resource, ["targetId"])] : [] };
}

/** The machine that a `ReplicatedItem` declares; undefined where it lacks a name. */
function declaredMachine(inputs: PlainObject): RuleMachine | undefined {
  const itemName = asText(own(inputs, "name"));
  if (itemName === undefined) return undefined;
  const isHyperV = own(inputs, "instanceType") === "HyperVReplicaAzure";
  return {
    ...neutral,
    name: itemName,
    itemName,
    itemId: (asText(own(inputs, "replicatedItemId")) ?? itemName).toLowerCase(),
    isReplicated: false,
    scenario: isHyperV ? "hyperV" : "vmware",
    stage: undefined,
    isDrillPending: false,
    isPhysical: false,
    targetVmName: asText(own(inputs, "targetVmName")),
    targetNetworkId: asText(own(inputs, "targetNetworkId")),
    testNetworkId: asText(own(inputs, "testNetworkId")),
    disks: [],
    ...(isHyperV ? { usesManagedDisks: Array.isArray(own(inputs, "disks")) } : {}),
  };
}

/** The machines of a plan, a drill or a failover, or the one that a `ReplicatedItem` declares. */
export function allMachines(resource: RuleResource): { machines: RuleMachine[]; verdicts: Verdict[] } {
  if (resource.kind !== "ReplicatedItem") return machinesOrUndecided(resource);
  const machine = declaredMachine(resource.inputs);
  return { machines: machine === undefined ? [] : [machine], verdicts: [] };
}

/** What the readiness checks of these ids say of machines: one violation for all that share text and remedy. */
export function readinessVerdicts(
  machines: readonly RuleMachine[],
  ids: readonly string[],
  surroundings: Surroundings,
  drillNotBefore?: string,
): Verdict[] {
  const groups = new Map<string, { text: string; remedy: string; names: string[] }>();
  for (const machine of machines) {
    for (const check of checkMachine(machine, drillNotBefore)) {
      if (!ids.includes(check.id) || !surroundings.isFirst(`${check.id} ${machine.itemId}`)) continue;
      const key = JSON.stringify([check.text, check.remedy]);
      const group = groups.get(key) ?? { text: check.text, remedy: check.remedy, names: [] };
      group.names.push(machine.name);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ text, remedy, names }) =>
    violation(`${listSome(names)}: ${text}`, { remedy }),
  );
}

/** Facts that no rule here asks for, so that the checks about them stay silent. */
const neutral = {
  isReady: true,
  replicationHealth: "Normal",
  healthErrors: [],
  missingBootDrivers: [],
  isDhcpDisabled: false,
} as const;

function machineOf(entry: unknown): RuleMachine | undefined {
  const facts = asObject(entry);
  const name = asText(own(facts, "name"));
  const scenario = own(facts, "scenario");
  if (facts === undefined || name === undefined || !scenarios.includes(scenario)) return undefined;
  const text = (key: string): string | undefined => asText(own(facts, key));
  const stage = own(facts, "stage");
  const usesManagedDisks = own(facts, "usesManagedDisks");
  return {
    ...neutral,
    name,
    itemName: text("itemName") ?? name,
    itemId: (text("replicatedItemId") ?? name).toLowerCase(),
    isReplicated: own(facts, "isReplicated") !== false,
    scenario: scenario as Scenario,
    stage: stages.find((known): known is Stage => known === stage),
    isDrillPending: own(facts, "isDrillPending") === true,
    isPhysical: own(facts, "isPhysical") === true,
    osType: text("osType"),
    targetVmName: text("targetVmName"),
    targetNetworkId: text("targetNetworkId"),
    testNetworkId: text("testNetworkId"),
    agentVersion: text("agentVersion"),
    lastTestFailover: text("lastTestFailover"),
    lastFailover: text("lastFailover"),
    multiVmGroupName: text("multiVmGroupName"),
    bootDiagnosticsStorageAccountId: text("bootDiagnosticsStorageAccountId"),
    usesManagedDisks: typeof usesManagedDisks === "boolean" ? usesManagedDisks : undefined,
    disks: asList(own(facts, "disks")).flatMap((disk) => {
      const diskId = asText(own(disk, "diskId"));
      return diskId === undefined
        ? []
        : [
            {
              diskId,
              isOsDisk: own(disk, "isOsDisk") === true,
              capacityInBytes: asNumber(own(disk, "capacityInBytes")),
            },
          ];
    }),
  };
}

/** The replicated items that a plan's groups name, in boot order, and whether some of them are not known yet. */
export function membersOf(plan: RuleResource): { ids: string[]; unknownAt: readonly string[] | undefined } {
  const groups = own(plan.inputs, "bootGroups");
  if (isUnknown(groups)) return { ids: [], unknownAt: ["bootGroups"] };
  let unknownAt: readonly string[] | undefined;
  const ids = asList(groups).flatMap((group, index) => {
    const members = own(group, "replicatedItemIds");
    if (isUnknown(group)) unknownAt ??= ["bootGroups", String(index)];
    else if (isUnknown(members)) unknownAt ??= ["bootGroups", String(index), "replicatedItemIds"];
    const at = asList(members).findIndex(isUnknown);
    if (at >= 0) unknownAt ??= ["bootGroups", String(index), "replicatedItemIds", String(at)];
    return asTexts(members);
  });
  return { ids, unknownAt };
}
