/** Functions that read the vault while a program runs; they change nothing. */

import * as pulumi from "@pulumi/pulumi";
import type { ConnectivityPlan, WantedAccess } from "../provider/connectivity/types.js";
import type {
  GetProtectableMachinesResult,
  ProtectableMachine,
} from "../provider/functions/getProtectableMachines.js";
import { functions } from "../provider/functions/index.js";
import type { PlanConnectivityResult } from "../provider/functions/planConnectivity.js";
import type { Properties } from "../provider/resources/handler.js";
import { createContext } from "../provider/shells/context.js";
import type { VaultCoordinates } from "../provider/siterecovery/siteRecovery.js";
import { chosenShell } from "./shell.js";

export type { ProtectableMachine } from "../provider/functions/getProtectableMachines.js";

export interface GetProtectableMachinesArgs extends Partial<VaultCoordinates> {
  /** Name of the fabric whose appliance discovered the machines. */
  fabricName: string;
}

/**
 * The machines that the appliance of a fabric discovered: modernised VMware and physical ones.
 *
 * @throws Error naming every wrong argument, or that the fabric is not there or has no appliance of that kind
 * @see https://learn.microsoft.com/rest/api/migrate/ (Microsoft.OffAzure machines)
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

export interface PlanConnectivityArgs extends Partial<VaultCoordinates> {
  /** ARM id of a replicated item or a recovery plan of the vault. Default: all machines that replicate to Azure. */
  targetId?: string;
  /** The run to plan for. Default failover. */
  purpose?: "failover" | "testFailover";
  /** ARM id of the virtual network of the run. Default: each machine's own setting. */
  networkId?: string;
  /** Allows the network of a real failover for a drill. Default false. */
  allowProductionNetwork?: boolean;
  /** Who must be able to connect. Default: RDP or SSH over the gateways that reach the network, else Bastion. */
  access?: WantedAccess[];
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

/** On the plugin the provider answers, with its own configuration; without it the program asks by itself. */
async function call<T>(token: string, args: Properties, options: pulumi.InvokeOptions | undefined): Promise<T> {
  if (chosenShell() === "plugin") {
    return (await pulumi.runtime.invoke(`siterecovery:index:${token}`, args, { ...options, async: true })) as T;
  }
  const called = functions.get(token);
  if (!called) throw new Error(`there is no function ${token}`);
  const config = new pulumi.Config("siterecovery");
  const context = createContext((key) => config.get(key), process.env, {
    log: () => undefined,
    beforeWrite: () => Promise.reject(new Error("functions only read")),
  });
  const { result, failures } = await called.call(context, args);
  if (failures.length > 0)
    throw new Error(`${token}: ${failures.map((failure) => `${failure.property} ${failure.reason}`).join("; ")}`);
  return result as T;
}
