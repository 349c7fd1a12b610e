/**
 * Who can connect to a machine that a run made, as Azure answers: IP flow verify for the way in, effective routes for the
 * way back. The plan is only compared with it.
 */

import { formatAddress, parseAddress, parsePrefix, prefixSet } from "../connectivity/address.js";
import { contains } from "../connectivity/rangeSet.js";
import type { AccessVerdict, ConnectivityPlan } from "../connectivity/types.js";
import type { AccessEvidence } from "../evidence/types.js";
import { Unauthorized } from "../siterecovery/errors.js";
import type { EffectiveRoute, ReplicatedItem, SiteRecovery } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";

/** Every wanted access of the plan, asked of Azure; empty where there is no such machine. */
export async function verifyAccess(
  siteRecovery: SiteRecovery,
  item: ReplicatedItem,
  vmName: string,
  plan: ConnectivityPlan,
): Promise<AccessEvidence[]> {
  const found = await findMachine(siteRecovery, item, vmName);
  return found === undefined ? [] : verifyAccessTo(siteRecovery, found, plan, item);
}

/** Every wanted access of the plan to a machine that was found. */
export async function verifyAccessTo(
  siteRecovery: SiteRecovery,
  machine: FoundMachine,
  plan: ConnectivityPlan | undefined,
  item: ReplicatedItem,
): Promise<AccessEvidence[]> {
  const planned = plan?.machines.find(({ name }) => name === item.friendlyName);
  const verdicts = planned?.nics.find((nic) => nic.isPrimary)?.access ?? [];
  return Promise.all(verdicts.map((verdict) => askAzure(siteRecovery, machine, verdict)));
}

/** A machine that a run made, with its primary adapter. */
export interface FoundMachine {
  id: string;
  nicId?: string;
  privateIp?: string;
  hasPublicIp: boolean;
}

/** The machine in the item's target resource group, with its primary adapter. */
export async function findMachine(
  siteRecovery: SiteRecovery,
  item: ReplicatedItem,
  vmName: string | undefined,
): Promise<FoundMachine | undefined> {
  if (!vmName || !item.targetResourceGroupId) return undefined;
  const id = `${item.targetResourceGroupId}/providers/Microsoft.Compute/virtualMachines/${vmName}`;
  const machine = await siteRecovery.getResource(id);
  if (!machine) return undefined;
  const references = list(get(machine, "properties", "networkProfile", "networkInterfaces"));
  const primary =
    references.find((reference) => get(reference, "properties", "primary") === true) ?? references[0];
  const nicId = text(get(primary, "id"));
  const nic = nicId ? await siteRecovery.getResource(nicId) : undefined;
  const configurations = list(get(nic, "properties", "ipConfigurations"));
  const configuration =
    configurations.find((entry) => get(entry, "properties", "primary") === true) ?? configurations[0];
  return defined({
    id,
    nicId,
    privateIp: text(get(configuration, "properties", "privateIPAddress")),
    hasPublicIp: text(get(configuration, "properties", "publicIPAddress", "id")) !== undefined,
  });
}

/** One wanted access, asked of Azure: the inbound flow, the way back, and for the Internet path a public address. */
async function askAzure(
  siteRecovery: SiteRecovery,
  machine: FoundMachine,
  verdict: AccessVerdict,
): Promise<AccessEvidence> {
  const source = representative(verdict.sources);
  const planned = verdict.outcome === "unknown" ? undefined : verdict.outcome === "allowed";
  const answer = await reach(siteRecovery, machine, verdict, source).catch(withoutAnswer);
  return defined({
    path: verdict.path,
    protocol: verdict.protocol,
    port: verdict.port,
    source: source ?? verdict.sources.join(", "),
    ...answer,
    planned,
    differsFromPlan: planned !== undefined && answer.reachable !== null && answer.reachable !== planned,
  });
}

/** What Azure refuses to answer must not lose everything else that a run proved. */
function withoutAnswer(error: unknown): Pick<AccessEvidence, "reachable" | "decidedBy"> {
  const { code } = error as { code?: unknown };
  if (code === "TargetVmNotRunning") return { reachable: false, decidedBy: "the machine does not run" };
  // Failing over needs lesser rights than asking Network Watcher: a run that went well is not to fail over that.
  if (error instanceof Unauthorized) return { reachable: null, decidedBy: `not asked: ${error.message}` };
  throw error;
}

async function reach(
  siteRecovery: SiteRecovery,
  machine: FoundMachine,
  verdict: AccessVerdict,
  source: string | undefined,
): Promise<{ reachable: boolean | null; decidedBy: string }> {
  if (source === undefined) return { reachable: false, decidedBy: `no way for path ${verdict.path}` };
  if (!machine.privateIp || !machine.nicId)
    return { reachable: false, decidedBy: "the machine has no private address" };
  if (verdict.path === "internet" && !machine.hasPublicIp)
    return { reachable: false, decidedBy: "no public IP address" };
  const flow = await siteRecovery.verifyIpFlow({
    virtualMachineId: machine.id,
    nicId: machine.nicId,
    direction: "Inbound",
    protocol: verdict.protocol === "Udp" ? "UDP" : "TCP",
    localIpAddress: machine.privateIp,
    localPort: String(verdict.port),
    remoteIpAddress: source,
    remotePort: "60000",
  });
  if (!flow) return { reachable: null, decidedBy: "not asked: the region has no Network Watcher" };
  if (flow.access !== "Allow") return { reachable: false, decidedBy: flow.ruleName };
  const route = longestPrefix(await siteRecovery.getEffectiveRoutes(machine.nicId), source);
  if (!route || breaksReturn(route.nextHopType, verdict.path)) {
    return {
      reachable: false,
      decidedBy: route ? `route ${route.prefix} to ${route.nextHopType}` : "no route back",
    };
  }
  return { reachable: true, decidedBy: flow.ruleName };
}

/** Answers of an Internet client must leave by Internet, all others by anything but None and Internet. */
function breaksReturn(nextHopType: string, path: string): boolean {
  const hop = nextHopType.toLowerCase();
  return path === "internet" ? hop !== "internet" : hop === "none" || hop === "internet";
}

function longestPrefix(
  routes: readonly EffectiveRoute[],
  address: string,
): { prefix: string; nextHopType: string } | undefined {
  const number = parseAddress(address);
  if (number === undefined) return undefined;
  let best: { prefix: string; nextHopType: string; length: number } | undefined;
  for (const route of routes) {
    if (route.state.toLowerCase() !== "active") continue;
    for (const text of route.addressPrefixes) {
      const prefix = parsePrefix(text);
      if (!prefix || !contains(prefixSet(prefix), number)) continue;
      if (!best || prefix.length > best.length)
        best = { prefix: text, nextHopType: route.nextHopType, length: prefix.length };
    }
  }
  return best;
}

/** An address to ask about: the tenth of a range (the first ones are gateways), a documentation address for Internet. */
function representative(sources: readonly string[]): string | undefined {
  for (const source of sources) {
    if (source === "*" || source.toLowerCase() === "internet") return "203.0.113.10";
    const address = parseAddress(source);
    if (address !== undefined) return source;
    const prefix = parsePrefix(source);
    if (!prefix) continue;
    const size = 2 ** (32 - prefix.length);
    return formatAddress(prefix.first + Math.min(10, Math.floor(size / 2)));
  }
  return undefined;
}

function get(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
