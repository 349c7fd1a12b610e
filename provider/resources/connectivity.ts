/** From machines and what ARM answers of their networks to a connectivity plan. Reads only. */

import {
  type ArmResources,
  type ConnectivityPlan,
  checkWantedAccess,
  containsUnknown,
  describePlan,
  fromArm,
  isUnknown,
  type MachineInput,
  type NicInput,
  type NicSettings,
  planConnectivity,
  type WantedAccess,
} from "../connectivity/index.js";
import type { ReplicatedItem } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import type { CheckFailure, Properties } from "./handler.js";
import { readNetworks } from "./networks.js";
import type { LoadedTarget } from "./target.js";

export interface PlanRequest {
  purpose: "failover" | "testFailover";
  /** The network that the run names; default each machine's own. */
  networkId?: string;
  allowProductionNetwork?: boolean;
  /** As given in `connectivity.access`, checked already. */
  access?: unknown;
  /** What NICs that are there already carry, by machine and NIC; default nothing. */
  attached?: (machine: string, nicId: string) => Pick<NicSettings, "nsgId" | "publicIpId">;
}

/** The plan as data and as the lines that a preview shows; no plan while the wanted access is unknown. */
export async function planConnectivityOf(
  loaded: LoadedTarget,
  request: PlanRequest,
): Promise<{ plan: ConnectivityPlan | undefined; lines: string[] }> {
  if (containsUnknown(request.access)) {
    return {
      plan: undefined,
      lines: ["Who can connect is known after apply: the wanted access is not known yet."],
    };
  }
  const resources = await readNetworks(loaded.siteRecovery, networkIdsOf(loaded.items, request));
  const plan = planIn(resources, loaded.items, request);
  return { plan, lines: describePlan(plan) };
}

/** The networks that a run touches: those it names or the machines' own, and those of a real failover. */
export function networkIdsOf(
  items: readonly ReplicatedItem[],
  request: Pick<PlanRequest, "purpose" | "networkId">,
): string[] {
  const wanted = items.flatMap((item) => {
    const id = request.networkId ?? (request.purpose === "failover" ? item.targetNetworkId : item.testNetworkId);
    return id ? [id] : [];
  });
  return [...wanted, ...items.flatMap((item) => item.targetNetworkId ?? [])];
}

/** The plan for machines in networks that were read already. */
export function planIn(
  resources: ArmResources,
  items: readonly ReplicatedItem[],
  request: PlanRequest,
): ConnectivityPlan {
  const own = items.map((item) => machineNameOf(item, request.purpose));
  const model = fromArm(resources, { ownVirtualMachines: own });
  return planConnectivity({
    ...model,
    ...defined({
      purpose: request.purpose,
      networkId: request.networkId,
      allowProductionNetwork: request.allowProductionNetwork,
      machines: items.map((item) => machineOf(item, request)),
      access: request.access as WantedAccess[] | undefined,
    }),
  });
}

/** The name of the machine that a run makes: the target machine's own, in a drill with `-test` (published sample). */
export function machineNameOf(
  item: { targetVmName?: string; friendlyName: string },
  purpose: PlanRequest["purpose"],
): string {
  const name = item.targetVmName ?? item.friendlyName;
  return purpose === "failover" ? name : `${name}-test`;
}

/** The wanted access as given in `connectivity.access`. */
export function accessOf(inputs: Properties): unknown {
  return (inputs.connectivity as Properties | null | undefined)?.access;
}

/**
 * What is wrong with a given `connectivity.access`, beyond its shape.
 *
 * @param told What the shape says already; the same value is not complained of twice.
 */
export function accessFailures(inputs: Properties, told: readonly CheckFailure[] = []): CheckFailure[] {
  const access = accessOf(inputs);
  if (!Array.isArray(access)) return [];
  return checkWantedAccess(access as WantedAccess[], undefined, isUnknown).flatMap(({ property, reason }) => {
    const own = `connectivity.${property}`;
    return told.some((failure) => failure.property === own) ? [] : [{ property: own, reason }];
  });
}

/** Machines that the wanted access names and the target does not have: it would be wanted of nobody. */
export function accessNameFailures(items: readonly ReplicatedItem[], inputs: Properties): CheckFailure[] {
  const access = accessOf(inputs);
  if (!Array.isArray(access)) return [];
  const names = items.map((item) => item.friendlyName);
  return checkWantedAccess(access as WantedAccess[], names, isUnknown)
    .filter(({ property }) => /\.machines\[\d+\]$/.test(property))
    .map(({ property, reason }) => ({ property: `connectivity.${property}`, reason }));
}

function machineOf(item: ReplicatedItem, request: PlanRequest): MachineInput {
  const osType: MachineInput["osType"] =
    item.osType === "Windows" || item.osType === "Linux" ? item.osType : undefined;
  const nicOf = (nic: ReplicatedItem["nics"][number]): NicInput => {
    const attached = request.attached?.(item.friendlyName, nic.nicId) ?? {};
    return defined({
      nicId: nic.nicId,
      isPrimary: nic.isPrimary,
      selected: nic.isSelectedForFailover,
      sourceIp: nic.sourceIpAddress,
      target: defined({
        networkId: item.targetNetworkId,
        subnetName: nic.targetSubnetName,
        staticIp: nic.targetIpAddress,
        ...(request.purpose === "failover" ? attached : {}),
      }),
      test: defined({
        networkId: item.testNetworkId,
        subnetName: nic.testSubnetName,
        staticIp: nic.testIpAddress,
        ...(request.purpose === "testFailover" ? attached : {}),
      }),
    });
  };
  return defined({
    name: item.friendlyName,
    osType,
    instanceType: item.instanceType,
    targetNetworkId: item.targetNetworkId,
    testNetworkId: item.testNetworkId,
    nics: item.nics.map(nicOf),
  });
}
