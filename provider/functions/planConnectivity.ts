/** `planConnectivity`: who can connect the day after, for a plan, a machine or a whole vault. */

import { z } from "zod";
import { type ConnectivityPlan, describePlan } from "../connectivity/index.js";
import { accessFailures, networkIdsOf, planIn } from "../resources/connectivity.js";
import type { CheckFailure, Context, Properties } from "../resources/handler.js";
import { parseTarget, vaultId } from "../resources/ids.js";
import { readNetworks } from "../resources/networks.js";
import { withoutPreparedRules } from "../resources/preparedParts.js";
import { wantedAccess } from "../resources/preview.js";
import { armId, vaultFields, vaultOf, withVault } from "../resources/schema.js";
import { loadTarget } from "../resources/target.js";
import { show, validate } from "../resources/validate.js";
import { NotFound } from "../siterecovery/errors.js";
import { type ReplicatedItem, sameId } from "../siterecovery/siteRecovery.js";
import type { FunctionHandler } from "./function.js";

export const planConnectivitySchema = z.strictObject({
  ...vaultFields,
  /** ARM id of a replicated item or a recovery plan of the vault. Default: all machines that replicate to Azure. */
  targetId: z.string({ error: "allowed: the ARM id of a replicated item or of a recovery plan" }).optional(),
  /** The run to plan for. */
  purpose: z.enum(["failover", "testFailover"]).default("failover"),
  /** ARM id of the virtual network of the run. Default: each machine's own setting. */
  networkId: armId("Microsoft.Network/virtualNetworks").optional(),
  /** Allows the network of a real failover for a drill. Default false. */
  allowProductionNetwork: z.boolean({ error: "allowed: true, false" }).default(false),
  /** Leaves out rules that `PreparedConnectivity` made, for the plan that it is made from. Default false. */
  ignorePrepared: z.boolean({ error: "allowed: true, false" }).default(false),
  /** Who must be able to connect. Default: RDP or SSH over the gateways that reach the network, else Bastion. */
  access: wantedAccess.optional(),
});

/** The answer of `planConnectivity`. */
export interface PlanConnectivityResult {
  /** Who can connect, why not, and the smallest fix. */
  plan: ConnectivityPlan;
  /** The plan as lines of text for a person. */
  lines: string[];
}

/** Plans who can connect to machines after a failover or in a drill, from what Azure holds now; changes nothing. */
export const planConnectivity: FunctionHandler = {
  token: "planConnectivity",
  schema: planConnectivitySchema,

  async call(context, args) {
    const { inputs, failures } = validate(planConnectivitySchema, args);
    const filled = withVault(context, inputs, failures);
    if (failures.length === 0) failures.push(...problemsOf(filled));
    if (failures.length > 0) return { failures };
    const { siteRecovery, items } = await machinesOf(context, filled);
    const request = {
      purpose: filled.purpose as "failover" | "testFailover",
      ...(filled.networkId === undefined ? {} : { networkId: String(filled.networkId) }),
      allowProductionNetwork: filled.allowProductionNetwork === true,
      access: filled.access,
    };
    const present = await readNetworks(siteRecovery, networkIdsOf(items, request));
    const resources = filled.ignorePrepared === true ? withoutPreparedRules(present) : present;
    const plan = planIn(resources, items, request);
    const result: PlanConnectivityResult = { plan, lines: describePlan(plan) };
    return { result: { ...result }, failures };
  },
};

function problemsOf(args: Properties): CheckFailure[] {
  const failures = accessFailures({ connectivity: { access: args.access } }).map(({ property, reason }) => ({
    property: property.replace(/^connectivity\./, ""),
    reason,
  }));
  if (args.targetId === undefined) return failures;
  const target = parseTarget(String(args.targetId));
  const vault = vaultId(vaultOf(args));
  if (target === undefined || !sameId(vaultId(target.vault), vault))
    failures.push({
      property: "targetId",
      reason: `value ${show(args.targetId)} is not allowed; allowed: the ARM id of a replicated item or of a recovery plan of ${vault}`,
    });
  return failures;
}

async function machinesOf(context: Context, args: Properties) {
  if (args.targetId !== undefined) return loadTarget(context, String(args.targetId), { isFresh: false });
  const vault = vaultOf(args);
  const siteRecovery = context.connect(vault);
  const items = (await siteRecovery.listItems()).filter(replicatesToAzure);
  if (items.length === 0)
    throw new NotFound(
      `planning connectivity in vault "${vault.vaultName}": no machine replicates to Azure there. Enable replication first, or check the name of the vault.`,
    );
  return { siteRecovery, items };
}

/** On the way back an item names the settings of the other direction. */
function replicatesToAzure({ instanceType }: ReplicatedItem): boolean {
  return !/^(InMageRcmFailback|InMage)$/i.test(instanceType);
}
