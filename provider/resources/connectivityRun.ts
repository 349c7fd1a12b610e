/** What a drill and a failover do with `connectivity.apply`: apply once the machines exist, and take back. */

import type { ConnectivityPlan } from "../connectivity/index.js";
import type { ReplicatedItem, SiteRecovery } from "../siterecovery/siteRecovery.js";
import { changedKeys } from "./compare.js";
import { accessOf, machineNameOf, networkIdsOf, type PlanRequest } from "./connectivity.js";
import { type AppliedConnectivity, applyConnectivity } from "./connectivityApply.js";
import type { Owner } from "./connectivityOwned.js";
import { type TakenBack, takeBackConnectivity } from "./connectivityTakeBack.js";
import type { Context, Properties } from "./handler.js";
import { nameOf, parseTarget } from "./ids.js";
import { describeTarget, type LoadedTarget } from "./target.js";

/** The output in which a run keeps what it added. */
export const appliedKey = "appliedConnectivity";

export function appliesConnectivity(inputs: Properties): boolean {
  return (inputs.connectivity as Properties | undefined)?.apply === true;
}

/** True where the fix that a run carries out opens something for a machine. */
export function isOpenedFor(inputs: Properties, machine: string): boolean {
  const plan = inputs.connectivityPlan as ConnectivityPlan | undefined;
  if (!appliesConnectivity(inputs) || plan === undefined) return false;
  const { rules, networkSecurityGroups, publicIps } = plan.fix;
  return (
    rules.some(({ machines }) => machines.includes(machine)) ||
    networkSecurityGroups.some(({ attachTo }) => attachTo.some((entry) => entry.machine === machine)) ||
    publicIps.some((entry) => entry.machine === machine)
  );
}

/** True where a run that is over must look at its connectivity again. */
export function isConnectivityChanged(olds: Properties, news: Properties): boolean {
  const wanted = appliesConnectivity(news);
  if (!wanted) return recordOf(olds) !== undefined;
  return recordOf(olds) === undefined || changedKeys(olds, news, ["connectivity"]).length > 0;
}

/** What a preview says of the fix: that `up` carries it out, or how to let it. */
export function applyLines(
  inputs: Properties,
  plan: ConnectivityPlan | undefined,
  purpose: PlanRequest["purpose"],
) {
  if (plan === undefined) return [];
  const { rules, networkSecurityGroups, publicIps } = plan.fix;
  const isEmpty = rules.length + networkSecurityGroups.length + publicIps.length === 0;
  const end = purpose === "testFailover" ? "the clean-up" : "the failback";
  if (appliesConnectivity(inputs)) {
    return [
      isEmpty
        ? "connectivity.apply: nothing has to be added."
        : `connectivity.apply: once the machines exist, \`up\` adds this fix, asks Azure whether it works, and takes exactly that back at ${end}.`,
    ];
  }
  return isEmpty ? [] : ["Nothing of the fix is done by `up`; connectivity: { apply: true } lets it."];
}

/** How a run is told from others. */
export interface ConnectivityRun extends Pick<PlanRequest, "purpose" | "networkId" | "allowProductionNetwork"> {
  /** Name of the machine that the run made for an item. */
  machineName(item: ReplicatedItem): string;
}

export interface SettledConnectivity {
  /** As Azure is after the fix; undefined where nothing was to be applied. */
  plan?: ConnectivityPlan;
  /** Outputs to keep. */
  outputs: Properties;
}

/**
 * Brings connectivity to what the arguments say: applied, or taken back where it was applied and is not wanted any more.
 *
 * @throws what Azure refused; what was made before that is found by its mark in the next run
 */
export async function settleConnectivity(
  context: Context,
  loaded: LoadedTarget,
  news: Properties,
  prior: Properties | undefined,
  run: ConnectivityRun,
): Promise<SettledConnectivity> {
  const owner = ownerOf(loaded.id, run.purpose);
  if (!appliesConnectivity(news)) {
    const recorded = prior === undefined ? undefined : recordOf(prior);
    if (recorded === undefined) return { outputs: {} };
    const taken = await takeBackConnectivity(loaded.siteRecovery, {
      owner,
      recorded,
      networkIds: networkIdsOf(loaded.items, run),
      machineNames: loaded.items.map((item) => run.machineName(item)),
    });
    tell(context, owner, taken);
    return { outputs: {} };
  }
  const { parts, plan, notes } = await applyConnectivity(loaded, {
    ...run,
    owner,
    access: accessOf(news),
    machineIdOf: (item) =>
      item.targetResourceGroupId === undefined
        ? undefined
        : `${item.targetResourceGroupId}/providers/Microsoft.Compute/virtualMachines/${run.machineName(item)}`,
    ...(news.connectivityPlan === undefined ? {} : { announced: news.connectivityPlan as ConnectivityPlan }),
  });
  for (const note of notes) context.log("warning", `${owner.name}: ${note}`);
  const made = describeParts(parts);
  const before = prior === undefined ? undefined : recordOf(prior);
  const isKept = made !== "" && before !== undefined && describeParts(before) === made;
  context.log(
    "info",
    `${owner.name}: connectivity ${isKept ? "stays applied" : "applied"}: ${made || "nothing had to be added"}`,
  );
  return { plan, outputs: { [appliedKey]: parts } };
}

/**
 * Takes back what a run added, with the target or without: its outputs and the marks in Azure tell what it was. Does
 * nothing where nothing was ever to be applied.
 */
export async function takeBack(
  context: Context,
  id: string,
  outputs: Properties,
  run: Pick<PlanRequest, "purpose" | "networkId">,
  items: readonly ReplicatedItem[],
): Promise<TakenBack | undefined> {
  const recorded = recordOf(outputs);
  const parsed = parseTarget(id);
  if (parsed === undefined || (recorded === undefined && !appliesConnectivity(outputs))) return undefined;
  const siteRecovery: SiteRecovery = context.connect(parsed.vault);
  const owner = ownerOf(id, run.purpose);
  const taken = await takeBackConnectivity(siteRecovery, {
    owner,
    ...(recorded === undefined ? {} : { recorded }),
    networkIds: [...networkIdsOf(items, run), ...(run.networkId === undefined ? [] : [run.networkId])],
    machineNames: [...items.map((item) => machineNameOf(item, run.purpose)), ...machinesIn(outputs)],
  });
  tell(context, owner, taken);
  return taken;
}

function ownerOf(targetId: string, kind: Owner["kind"]): Owner {
  const parsed = parseTarget(targetId);
  return { kind, targetId, name: parsed ? describeTarget(parsed) : targetId };
}

function recordOf(outputs: Properties): AppliedConnectivity | undefined {
  return outputs[appliedKey] as AppliedConnectivity | undefined;
}

/** Names of the machines that the evidence speaks of. */
function machinesIn(outputs: Properties): string[] {
  const machines = Array.isArray(outputs.machines) ? (outputs.machines as Properties[]) : [];
  return machines.flatMap(({ virtualMachineId }) =>
    typeof virtualMachineId === "string" ? [nameOf(virtualMachineId)] : [],
  );
}

function tell(context: Context, owner: Owner, { removed, leftAlone }: TakenBack): void {
  if (removed.length > 0)
    context.log("info", `${owner.name}: connectivity taken back: ${removed.map(nameOf).join(", ")}`);
  for (const line of leftAlone) context.log("warning", `${owner.name}: ${line}; it was left alone.`);
}

function describeParts({ rules, networkSecurityGroups, publicIps }: AppliedConnectivity): string {
  return [
    ...rules.map(({ name, nsgName }) => `rule ${name} in NSG ${nsgName}`),
    ...networkSecurityGroups.map(({ id }) => `NSG ${nameOf(id)}`),
    ...publicIps.map(
      ({ id, address }) => `public IP ${nameOf(id)}${address === undefined ? "" : ` (${address})`}`,
    ),
  ].join(", ");
}
