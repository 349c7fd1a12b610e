/** Functions that read the vault while a program runs; they change nothing. */

import * as pulumi from "@pulumi/pulumi";
import type {
  GetProtectableMachinesResult,
  ProtectableMachine,
} from "../provider/functions/getProtectableMachines.js";
import { functions } from "../provider/functions/index.js";
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
