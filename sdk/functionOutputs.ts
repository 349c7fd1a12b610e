/** The functions for arguments that are outputs of resources; they change nothing. */

import * as pulumi from "@pulumi/pulumi";
import type { ConnectivityPlan } from "../provider/connectivity/types.js";
import type { FabricAppliances } from "../provider/functions/getAppliances.js";
import type { ProtectableMachine } from "../provider/functions/getProtectableMachines.js";
import type { GetReadinessResult } from "../provider/functions/getReadiness.js";
import type { MachineRecoveryPoint } from "../provider/functions/getRecoveryPoints.js";
import type { ReplicatedMachine } from "../provider/functions/getReplicatedItems.js";
import {
  getAppliances,
  getProtectableMachines,
  getReadiness,
  getRecoveryPoints,
  getReplicatedItems,
  planConnectivity,
} from "./functions.js";
import type {
  GetAppliancesArgs,
  GetProtectableMachinesArgs,
  GetReadinessArgs,
  GetRecoveryPointsArgs,
  GetReplicatedItemsArgs,
  PlanConnectivityArgs,
} from "./generated/functionArgs.js";
import type { InputOf } from "./inputOf.js";

/** Arguments of a function, each a value or an output of a resource. */
export type FunctionInputs<A> = { [K in keyof A]: InputOf<A[K]> };

/**
 * `getProtectableMachines` for outputs: asked as soon as the arguments are known.
 *
 * @example
 * const machines = getProtectableMachinesOutput({ fabricName: site.name });
 */
export function getProtectableMachinesOutput(
  args: FunctionInputs<GetProtectableMachinesArgs>,
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<ProtectableMachine[]> {
  return whenKnown(getProtectableMachines, args, options);
}

/**
 * `getReplicatedItems` for outputs.
 *
 * @example
 * const items = getReplicatedItemsOutput({}, { dependsOn: [item] });
 */
export function getReplicatedItemsOutput(
  args: FunctionInputs<GetReplicatedItemsArgs> = {},
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<ReplicatedMachine[]> {
  return whenKnown(getReplicatedItems, args, options);
}

/**
 * `getRecoveryPoints` for outputs.
 *
 * @example
 * const points = getRecoveryPointsOutput({ replicatedItemId: item.replicatedItemId });
 */
export function getRecoveryPointsOutput(
  args: FunctionInputs<GetRecoveryPointsArgs>,
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<MachineRecoveryPoint[]> {
  return whenKnown(getRecoveryPoints, args, options);
}

/** `getAppliances` for outputs. */
export function getAppliancesOutput(
  args: FunctionInputs<GetAppliancesArgs> = {},
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<FabricAppliances[]> {
  return whenKnown(getAppliances, args, options);
}

/**
 * `getReadiness` for outputs.
 *
 * @example
 * const { isReady } = getReadinessOutput({ targetId: plan.recoveryPlanId });
 */
export function getReadinessOutput(
  args: FunctionInputs<GetReadinessArgs> = {},
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<GetReadinessResult> {
  return whenKnown(getReadiness, args, options);
}

/**
 * `planConnectivity` for outputs.
 *
 * @example
 * const plan = planConnectivityOutput({ targetId: plan.recoveryPlanId, access: [{ path: "bastion" }] });
 */
export function planConnectivityOutput(
  args: FunctionInputs<PlanConnectivityArgs> = {},
  options?: pulumi.InvokeOutputOptions,
): pulumi.Output<ConnectivityPlan> {
  return whenKnown(planConnectivity, args, options);
}

/**
 * Asks when the arguments are known and the resources that they come from, and those of `dependsOn`, exist. In a preview
 * that would make one of them the answer is unknown: the ARM id of a plan is known before there is one to ask for.
 */
function whenKnown<A extends object, R>(
  ask: (args: A, options?: pulumi.InvokeOptions) => Promise<R>,
  args: FunctionInputs<A>,
  { dependsOn, ...options }: pulumi.InvokeOutputOptions = {},
): pulumi.Output<R> {
  const given = pulumi.output(args);
  const sources = (given as unknown as { allResources(): Promise<Set<pulumi.Resource>> }).allResources();
  const named = pulumi.output(dependsOn ?? []).apply((one) => idsOf(Array.isArray(one) ? one : [one]));
  return pulumi
    .all([given, sources.then((resources) => pulumi.all(idsOf([...resources]))), named])
    .apply(([known]) => ask(known as A, options)) as pulumi.Output<R>;
}

/** Of each resource what is unknown until it exists. */
function idsOf(resources: readonly unknown[]): pulumi.Output<string>[] {
  return resources.flatMap((resource) => (pulumi.CustomResource.isInstance(resource) ? [resource.id] : []));
}
