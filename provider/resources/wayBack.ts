/**
 * What the way back needs, checked while the workload is still at `protected`: what is given must be right, what is
 * missing is said, and a walk that needs it is refused before its first step.
 */

import { containsUnknown } from "../connectivity/unknown.js";
import type { Step, StepAction } from "../lifecycle/path.js";
import { type Scenario, scenarioOf } from "../lifecycle/stages.js";
import { InvalidInput } from "../siterecovery/errors.js";
import {
  type Fabric,
  type FailbackSettings,
  type ReplicatedItem,
  type ReplicationPolicy,
  type ReprotectSettings,
  type ReverseSettings,
  sameId,
} from "../siterecovery/siteRecovery.js";
import type { CheckFailure, Context, Properties } from "./handler.js";
import { fabricId } from "./ids.js";
import type { LoadedTarget } from "./target.js";
import { show } from "./validate.js";
import { rules, scenarioName, type WayBackArgument, wayBackArguments } from "./wayBackArgs.js";

/** Which argument a step takes its settings from. */
const argumentOf: Partial<Record<StepAction, WayBackArgument>> = {
  reprotect: "reprotect",
  failback: "failback",
  reverseReplicate: "reverse",
};

/** A machine by its names: the item's own and the machine's. */
export type NamedItem = Pick<ReplicatedItem, "name" | "friendlyName">;

/** The settings that hold for one machine: those for all, with its own over them. */
export function argumentsFor(argument: WayBackArgument, item: NamedItem, inputs: Properties): Properties {
  const { perItem, ...common } = (inputs[argument] ?? {}) as Properties & { perItem?: Record<string, Properties> };
  const own = Object.entries(perItem ?? {}).find(([name]) => isNamed(item, name))?.[1];
  return { ...common, ...own };
}

/**
 * True where a plan's one call cannot carry what a failback is to do: a machine has settings of its own, or another host
 * takes the machines, which only a machine's call can say.
 */
export function needsItemCalls(inputs: Properties): boolean {
  const given = inputs.failback as
    | { perItem?: Record<string, Properties>; providerIdForAlternateRecovery?: string }
    | undefined;
  return given?.providerIdForAlternateRecovery !== undefined || Object.keys(given?.perItem ?? {}).length > 0;
}

export function reprotectSettings(item: ReplicatedItem, inputs: Properties): ReprotectSettings {
  return argumentsFor("reprotect", item, inputs) as ReprotectSettings;
}

export function reverseSettings(item: ReplicatedItem, inputs: Properties): ReverseSettings {
  return argumentsFor("reverse", item, inputs) as ReverseSettings;
}

export function failbackSettings(item: ReplicatedItem, inputs: Properties): FailbackSettings {
  const { kind, ...given } = argumentsFor("failback", item, inputs);
  return {
    recoveryPointType: "CrashConsistent",
    dataSyncOption: "ForSynchronization",
    recoveryVmCreationOption: "NoAction",
    ...given,
    isPlanned: kind !== "unplanned",
  };
}

/** Everything wrong with what is given of `reprotect`, `failback` and `reverse`. */
export async function wayBackFailures(
  context: Context,
  loaded: LoadedTarget,
  scenario: Scenario,
  inputs: Properties,
): Promise<CheckFailure[]> {
  const given = wayBackArguments.filter((argument) => inputs[argument] !== undefined);
  if (given.length === 0) return [];
  const failures: CheckFailure[] = [];
  for (const argument of given) {
    const { perItem, ...common } = inputs[argument] as Properties & { perItem?: Record<string, Properties> };
    failures.push(...refusedKeys(argument, argument, common, scenario));
    for (const [name, own] of Object.entries(perItem ?? {})) {
      const property = `${argument}.perItem[${JSON.stringify(name)}]`;
      if (!loaded.items.some((item) => isNamed(item, name))) {
        failures.push({
          property,
          reason: `names no machine of this target; allowed: ${loaded.items.map((item) => item.name).join(", ")}`,
        });
      }
      failures.push(...refusedKeys(argument, property, own, scenario));
    }
  }
  if (given.some((argument) => containsUnknown(inputs[argument]))) return failures;
  const [fabrics, policies] = await Promise.all([fabricsOf(loaded), loaded.siteRecovery.listPolicies()]);
  for (const argument of given) {
    for (const item of loaded.items)
      failures.push(...strangers(context, argument, item, inputs, scenario, { fabrics, policies }));
  }
  return distinct(failures);
}

/** The fabrics that a target's machines belong to, with their servers. */
export async function fabricsOf({ items, siteRecovery, vault }: LoadedTarget): Promise<Fabric[]> {
  const names = [...new Set(items.map((item) => item.fabricName))];
  const found = await Promise.all(names.map((name) => siteRecovery.findFabric(fabricId(vault, name))));
  return found.flatMap((fabric) => fabric ?? []);
}

function refusedKeys(
  argument: WayBackArgument,
  property: string,
  given: Properties,
  scenario: Scenario,
): CheckFailure[] {
  const { allowed } = rules[scenario][argument];
  return Object.keys(given)
    .filter((key) => given[key] !== undefined && !allowed.includes(key))
    .map((key) => ({
      property: `${property}.${key}`,
      reason: `value ${show(given[key])} is not for ${scenarioName[scenario]}; allowed in ${argument}: ${allowed.join(", ") || "nothing"}`,
    }));
}

/** Ids that the vault does not have. Lists that a fabric leaves empty prove nothing, so they refuse nothing. */
function strangers(
  context: Context,
  argument: WayBackArgument,
  item: ReplicatedItem,
  inputs: Properties,
  scenario: Scenario,
  { fabrics, policies }: { fabrics: readonly Fabric[]; policies: readonly ReplicationPolicy[] },
): CheckFailure[] {
  const settings = argumentsFor(argument, item, inputs);
  const failures: CheckFailure[] = [];
  const own = fabrics.filter((fabric) => fabric.name.toLowerCase() === item.fabricName.toLowerCase());
  const known = (kind: "reprotectAgents" | "processServers" | "masterTargets" | "runAsAccounts" | "hyperVHosts") =>
    own.flatMap((fabric) => fabric[kind]);
  const at = (key: string) => `${originOf(argument, key, item, inputs)}.${key}`;
  const refuseUnlessKnown = (key: string, entries: readonly { id: string; name: string }[]) => {
    const value = settings[key];
    if (typeof value !== "string" || entries.length === 0 || entries.some((entry) => isServer(entry.id, value)))
      return;
    failures.push({
      property: at(key),
      reason: `value ${show(value)} is not in fabric ${item.fabricName} of ${item.friendlyName}; allowed: ${entries.map((entry) => `${entry.id} (${entry.name})`).join(", ")}`,
    });
  };
  refuseUnlessKnown("reprotectAgentId", known("reprotectAgents"));
  refuseUnlessKnown("processServerId", known("processServers"));
  refuseUnlessKnown("masterTargetId", known("masterTargets"));
  refuseUnlessKnown("runAsAccountId", known("runAsAccounts"));
  refuseUnlessKnown("providerIdForAlternateRecovery", known("hyperVHosts"));
  const agent = own
    .flatMap((fabric) => fabric.reprotectAgents)
    .find((entry) => sameId(entry.id, String(settings.reprotectAgentId)));
  const target = own
    .flatMap((fabric) => fabric.masterTargets)
    .find((entry) => sameId(entry.id, String(settings.masterTargetId)));
  const refuseUnlessReached = (key: string, reached: readonly string[], by: string) => {
    const value = settings[key];
    if (typeof value !== "string" || reached.length === 0 || reached.includes(value)) return;
    failures.push({
      property: at(key),
      reason: `value ${show(value)} cannot be reached by ${by}; allowed: ${reached.join(", ")}`,
    });
  };
  refuseUnlessReached("datastoreName", agent?.accessibleDatastores ?? [], `reprotect agent ${agent?.name}`);
  refuseUnlessReached("datastoreName", target?.datastores ?? [], `master target ${target?.name}`);
  refuseUnlessReached("retentionDrive", target?.retentionVolumes ?? [], `master target ${target?.name}`);
  if (typeof settings.policyId === "string" && !context.declared.has(settings.policyId.toLowerCase())) {
    const kinds = policyKinds[scenario][argument] ?? [];
    const policy = policies.find((entry) => sameId(entry.id, settings.policyId as string));
    if (!policy || (kinds.length > 0 && !kinds.includes(policy.instanceType))) {
      const fitting = policies.filter((entry) => kinds.includes(entry.instanceType)).map((entry) => entry.id);
      failures.push({
        property: at("policyId"),
        reason: `value ${show(settings.policyId)} is ${policy ? `a policy for ${policy.instanceType}` : "not in the vault"}; allowed: a policy for ${kinds.join(" or ")}${fitting.length > 0 ? ` such as ${fitting.join(", ")}` : ""}`,
      });
    }
  }
  return failures;
}

/** Where a machine's setting stands: among its own, or among those for all. */
function originOf(argument: WayBackArgument, key: string, item: NamedItem, inputs: Properties): string {
  const { perItem } = (inputs[argument] ?? {}) as { perItem?: Record<string, Properties> };
  const own = Object.entries(perItem ?? {}).find(([name]) => isNamed(item, name));
  return own?.[1][key] === undefined ? argument : `${argument}.perItem[${JSON.stringify(own[0])}]`;
}

/** Whether a setting names a server: by its id, or by an ARM id that ends with it. */
export function isServer(id: string, value: string): boolean {
  return sameId(id, value) || value.toLowerCase().endsWith(`/${id.toLowerCase()}`);
}

const policyKinds: Record<Scenario, Partial<Record<WayBackArgument, readonly string[]>>> = {
  vmware: { reprotect: ["InMageRcmFailback"], reverse: ["InMageRcm"] },
  vmwareClassic: { reprotect: ["InMage"], reverse: ["InMageAzureV2"] },
  hyperV: {},
  vmmToVmm: {},
};

/** What steps need and nobody gave, machine by machine. */
export function missingFor(
  actions: readonly StepAction[],
  scenario: Scenario,
  items: readonly NamedItem[],
  inputs: Properties,
): CheckFailure[] {
  const needed = new Set(actions.flatMap((action) => argumentOf[action] ?? []));
  return [...needed].flatMap((argument) =>
    rules[scenario][argument].required.flatMap((key) => {
      const lacking = items.filter((item) => argumentsFor(argument, item, inputs)[key] === undefined);
      if (lacking.length === 0) return [];
      return [
        {
          property: `${argument}.${key}`,
          reason: `is required for ${lacking.map((item) => item.friendlyName).join(", ")}: ${argument} of ${scenarioName[scenario]} needs ${rules[scenario][argument].required.join(", ")}`,
        },
      ];
    }),
  );
}

/** What a way back lacks, as one line of a preview; undefined where nothing does. */
export function wayBackWarning(
  scenario: Scenario,
  items: readonly ReplicatedItem[],
  inputs: Properties,
): string | undefined {
  const missing = missingFor(["reprotect", "failback", "reverseReplicate"], scenario, items, inputs);
  if (missing.length === 0) return undefined;
  return `The way back is not prepared: ${missing.map((failure) => failure.property).join(", ")} will be needed to go on from committed and to return to protected. They are checked as soon as they are given; getAppliances lists the ids.`;
}

/** Refusals of steps by the machine itself, whatever the arguments are. */
export function impossibleSteps(
  actions: readonly StepAction[],
  items: readonly Pick<
    ReplicatedItem,
    "friendlyName" | "instanceType" | "usesManagedDisks" | "multiVmGroupName"
  >[],
): string[] {
  const managed = items.filter((item) => scenarioOf(item.instanceType) === "hyperV" && item.usesManagedDisks);
  const grouped = items.filter(
    (item) => scenarioOf(item.instanceType) === "vmwareClassic" && item.multiVmGroupName !== undefined,
  );
  return [
    ...(actions.includes("failback") ? managed.map(managedDisksFinding) : []),
    ...(actions.includes("reprotect")
      ? grouped.map(
          (item) =>
            `${item.friendlyName} is in multi-VM group ${item.multiVmGroupName}: classic machines of a group are reprotected through their recovery plan only, and Azure no longer takes that call. Reprotect it in the portal, or fail back by another way`,
        )
      : []),
  ];
}

/** What will stand in the way of coming back, told while the machines go to Azure. */
export function wayBackFindings(items: readonly ReplicatedItem[]): string[] {
  return impossibleSteps(["reprotect", "failback"], items).map((reason) => `Finding: ${reason}.`);
}

function managedDisksFinding(item: Pick<ReplicatedItem, "friendlyName">): string {
  return `${item.friendlyName} replicates to managed disks: Azure fails back to Hyper-V only what replicates to a storage account, so there is no way back for it`;
}

/** @throws InvalidInput naming everything that is missing for the steps */
export function requireForSteps(
  loaded: LoadedTarget,
  scenario: Scenario,
  steps: readonly Step[],
  items: readonly ReplicatedItem[],
  inputs: Properties,
): void {
  const actions = steps.map((step) => step.action);
  const lines = [
    ...missingFor(actions, scenario, items, inputs).map((failure) => `${failure.property} ${failure.reason}`),
    ...impossibleSteps(actions, items),
  ];
  if (lines.length === 0) return;
  throw new InvalidInput(`Failover of ${loaded.name}: ${lines.join("; ")}. Nothing was started.`, {
    resourceId: loaded.id,
  });
}

function isNamed(item: NamedItem, name: string): boolean {
  const wanted = name.toLowerCase();
  return item.name.toLowerCase() === wanted || item.friendlyName.toLowerCase() === wanted;
}

function distinct(failures: readonly CheckFailure[]): CheckFailure[] {
  const seen = new Set<string>();
  return failures.filter((failure) => {
    const key = `${failure.property}\n${failure.reason}`;
    return !seen.has(key) && seen.add(key);
  });
}
