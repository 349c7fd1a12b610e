/** From machines and what ARM answers of their networks to a connectivity plan. Reads only. */

import {
  type ArmResources,
  type ConnectivityPlan,
  checkWantedAccess,
  containsUnknown,
  describePlan,
  fromArm,
  type MachineInput,
  planConnectivity,
  type WantedAccess,
} from "../connectivity/index.js";
import type { ReplicatedItem, SiteRecovery } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import type { CheckFailure, Properties } from "./handler.js";
import type { LoadedTarget } from "./target.js";

export interface PlanRequest {
  purpose: "failover" | "testFailover";
  /** The network that the run names; default each machine's own. */
  networkId?: string;
  allowProductionNetwork?: boolean;
  /** As given in `connectivity.access`, checked already. */
  access?: unknown;
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
  const machines = loaded.items.map(machineOf);
  const networkIds = loaded.items.flatMap((item) => {
    const id = request.networkId ?? (request.purpose === "failover" ? item.targetNetworkId : item.testNetworkId);
    return id ? [id] : [];
  });
  const resources = await readNetworks(loaded.siteRecovery, [
    ...networkIds,
    ...loaded.items.flatMap((item) => item.targetNetworkId ?? []),
  ]);
  const own = loaded.items.flatMap((item) => {
    const name = item.targetVmName ?? item.friendlyName;
    return request.purpose === "failover" ? [name] : [`${name}-test`];
  });
  const model = fromArm(resources, { ownVirtualMachines: own });
  const plan = planConnectivity({
    ...model,
    ...defined({
      purpose: request.purpose,
      networkId: request.networkId,
      allowProductionNetwork: request.allowProductionNetwork,
      machines,
      access: request.access as WantedAccess[] | undefined,
    }),
  });
  return { plan, lines: describePlan(plan) };
}

/** The wanted access as given in `connectivity.access`. */
export function accessOf(inputs: Properties): unknown {
  return (inputs.connectivity as Properties | undefined)?.access;
}

/** What is wrong with a given `connectivity.access`, beyond its shape. */
export function accessFailures(inputs: Properties): CheckFailure[] {
  const access = accessOf(inputs);
  if (!Array.isArray(access) || containsUnknown(access)) return [];
  return checkWantedAccess(access as WantedAccess[]).map((problem) => ({
    property: `connectivity.${problem.property}`,
    reason: problem.reason,
  }));
}

function machineOf(item: ReplicatedItem): MachineInput {
  const osType: MachineInput["osType"] =
    item.osType === "Windows" || item.osType === "Linux" ? item.osType : undefined;
  return defined({
    name: item.friendlyName,
    osType,
    targetNetworkId: item.targetNetworkId,
    testNetworkId: item.testNetworkId,
    nics: item.nics.map((nic) =>
      defined({
        nicId: nic.nicId,
        isPrimary: nic.isPrimary,
        selected: nic.isSelectedForFailover,
        sourceIp: nic.sourceIpAddress,
        target: defined({
          networkId: item.targetNetworkId,
          subnetName: nic.targetSubnetName,
          staticIp: nic.targetIpAddress,
        }),
        test: defined({
          networkId: item.testNetworkId,
          subnetName: nic.testSubnetName,
          staticIp: nic.testIpAddress,
        }),
      }),
    ),
  });
}

interface Cached {
  at: number;
  resources: Promise<ArmResources>;
}

/** Long enough for the checks of one command, short enough to see what the same `up` has just made. */
const freshForMs = 5_000;
const cache = new WeakMap<SiteRecovery, Map<string, Cached>>();

/** Everything of Microsoft.Network around some virtual networks: a fixed number of lists, whatever their number. */
function readNetworks(siteRecovery: SiteRecovery, networkIds: readonly string[]): Promise<ArmResources> {
  const groups = [
    ...new Set(
      networkIds.flatMap(
        (id) => /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+)\//i.exec(id)?.[1]?.toLowerCase() ?? [],
      ),
    ),
  ].sort();
  const key = groups.join("|");
  const entries = cache.get(siteRecovery) ?? new Map<string, Cached>();
  cache.set(siteRecovery, entries);
  const entry = entries.get(key);
  if (entry && Date.now() - entry.at < freshForMs) return entry.resources;
  const resources = listNetworks(siteRecovery, groups);
  entries.set(key, { at: Date.now(), resources });
  // A failure must not be remembered.
  resources.catch(() => entries.delete(key));
  return resources;
}

async function listNetworks(siteRecovery: SiteRecovery, groups: readonly string[]): Promise<ArmResources> {
  const subscriptions = [...new Set(groups.map((group) => group.split("/").slice(0, 3).join("/")))];
  const list = async (scopes: readonly string[], type: string) =>
    (
      await Promise.all(
        scopes.map((scope) => siteRecovery.listResources(`${scope}/providers/Microsoft.Network/${type}`)),
      )
    ).flat();
  const [
    virtualNetworks,
    networkSecurityGroups,
    routeTables,
    networkInterfaces,
    publicIPAddresses,
    // ARM lists gateways and their connections by resource group only.
    virtualNetworkGateways,
    localNetworkGateways,
    connections,
  ] = await Promise.all([
    list(subscriptions, "virtualNetworks"),
    list(subscriptions, "networkSecurityGroups"),
    list(subscriptions, "routeTables"),
    list(subscriptions, "networkInterfaces"),
    list(subscriptions, "publicIPAddresses"),
    list(groups, "virtualNetworkGateways"),
    list(groups, "localNetworkGateways"),
    list(groups, "connections"),
  ]);
  return {
    virtualNetworks,
    networkSecurityGroups,
    routeTables,
    networkInterfaces,
    publicIPAddresses,
    virtualNetworkGateways,
    localNetworkGateways,
    connections,
  };
}
