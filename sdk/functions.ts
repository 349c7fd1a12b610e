/** Functions that read the vault while a program runs; they change nothing. */

import * as pulumi from "@pulumi/pulumi";
import type { ConnectivityPlan } from "../provider/connectivity/types.js";
import type { FabricAppliances, GetAppliancesResult } from "../provider/functions/getAppliances.js";
import type {
  GetProtectableMachinesResult,
  ProtectableMachine,
} from "../provider/functions/getProtectableMachines.js";
import type { GetReadinessResult } from "../provider/functions/getReadiness.js";
import type { GetRecoveryPointsResult, MachineRecoveryPoint } from "../provider/functions/getRecoveryPoints.js";
import type { GetReplicatedItemsResult, ReplicatedMachine } from "../provider/functions/getReplicatedItems.js";
import { functions } from "../provider/functions/index.js";
import type { PlanConnectivityResult } from "../provider/functions/planConnectivity.js";
import type { Properties } from "../provider/resources/handler.js";
import { ownConfig } from "../provider/shells/config.js";
import { createContext } from "../provider/shells/context.js";
import { InvalidInput, SiteRecoveryError } from "../provider/siterecovery/errors.js";
import type {
  GetAppliancesArgs,
  GetProtectableMachinesArgs,
  GetReadinessArgs,
  GetRecoveryPointsArgs,
  GetReplicatedItemsArgs,
  PlanConnectivityArgs,
} from "./generated/functionArgs.js";
import { programError } from "./programError.js";
import { chosenShell } from "./shell.js";

export type { ProtectableMachine } from "../provider/functions/getProtectableMachines.js";

/**
 * The machines that were discovered on-premises: modernised VMware and physical ones by an appliance, or those on the
 * Hyper-V hosts of a site or a VMM server.
 *
 * @throws Error naming every wrong argument, or that the fabric is not there or is of another kind
 * @see https://learn.microsoft.com/rest/api/migrate/ (Microsoft.OffAzure machines)
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-protectable-items
 * @example
 * const machines = await getProtectableMachines({ fabricName: "shop-fabric" });
 */
export async function getProtectableMachines(
  args: GetProtectableMachinesArgs,
  options?: pulumi.InvokeOptions,
): Promise<ProtectableMachine[]> {
  const { machines } = await call<GetProtectableMachinesResult>("getProtectableMachines", { ...args }, options);
  return machines;
}

/**
 * Who can connect to machines after a failover or in a drill, what blocks them, and the smallest fix: from what Azure
 * holds now. Changes nothing; `describePlan` gives the plan as text.
 *
 * @throws Error naming every wrong argument, or that the target is not there
 * @example
 * const plan = await planConnectivity({ targetId, purpose: "failover", access: [{ path: "bastion" }] });
 * export const rulesMissing = plan.fix.rules.length;
 */
export async function planConnectivity(
  args: PlanConnectivityArgs = {},
  options?: pulumi.InvokeOptions,
): Promise<ConnectivityPlan> {
  const { plan } = await call<PlanConnectivityResult>("planConnectivity", { ...args }, options);
  return plan;
}

/**
 * The machines of a vault that replicate, in either direction, and the stage that each is at.
 *
 * @example
 * const items = await getReplicatedItems();
 */
export async function getReplicatedItems(
  args: GetReplicatedItemsArgs = {},
  options?: pulumi.InvokeOptions,
): Promise<ReplicatedMachine[]> {
  return (await call<GetReplicatedItemsResult>("getReplicatedItems", { ...args }, options)).items;
}

/**
 * The recovery points of a machine, newest first; none after a commit.
 *
 * @throws Error where the machine does not replicate
 */
export async function getRecoveryPoints(
  args: GetRecoveryPointsArgs,
  options?: pulumi.InvokeOptions,
): Promise<MachineRecoveryPoint[]> {
  return (await call<GetRecoveryPointsResult>("getRecoveryPoints", { ...args }, options)).recoveryPoints;
}

/**
 * The servers of a vault's fabrics: process servers, reprotect agents with their datastores, master targets, run-as
 * accounts, Hyper-V hosts; the ids that set-up and the way back need.
 *
 * @example
 * const [site] = await getAppliances({ fabricName: "shop-fabric" });
 * const [agent] = site.reprotectAgents;
 */
export async function getAppliances(
  args: GetAppliancesArgs = {},
  options?: pulumi.InvokeOptions,
): Promise<FabricAppliances[]> {
  return (await call<GetAppliancesResult>("getAppliances", { ...args }, options)).fabrics;
}

/**
 * What stands in the way of a failover, machine by machine, the worst first, with what to do about it.
 *
 * @example
 * const { isReady, checks } = await getReadiness({ testFailoverMaxAgeDays: 30 });
 */
export async function getReadiness(
  args: GetReadinessArgs = {},
  options?: pulumi.InvokeOptions,
): Promise<GetReadinessResult> {
  return call<GetReadinessResult>("getReadiness", { ...args }, options);
}

/** On the plugin the provider answers, with its own configuration; without it the program asks by itself. */
async function call<T>(token: string, args: Properties, options: pulumi.InvokeOptions | undefined): Promise<T> {
  if (chosenShell() === "plugin") {
    const invoked = pulumi.runtime.invoke(`siterecovery:index:${token}`, args, { ...options, async: true });
    return invoked.catch((error: unknown) => {
      throw programError(error instanceof Error ? error.message : String(error));
    }) as Promise<T>;
  }
  const called = functions.get(token);
  if (!called) throw new Error(`there is no function ${token}`);
  const environment = { ...process.env, PULUMI_NODEJS_PROJECT: pulumi.getProject() };
  try {
    const context = createContext(ownConfig(pulumi.runtime.allConfig()), environment, {
      log: () => undefined,
      beforeWrite: () => Promise.reject(new Error("functions only read")),
    });
    const { result, failures } = await called.call(context, args);
    if (failures.length > 0)
      throw new InvalidInput(failures.map(({ property, reason }) => `${property} ${reason}`.trim()).join("; "));
    return result as T;
  } catch (error) {
    // Of any other error Pulumi prints the stack, which leads through files that are none of the program's.
    if (error instanceof SiteRecoveryError) throw programError(`${token}: ${error.message}`);
    throw error;
  }
}
