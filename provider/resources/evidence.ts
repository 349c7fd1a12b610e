/**
 * What a run proved, machine by machine: how long recovery took, how old the data was, and who can connect. Durations
 * come from the job's own times; reachability comes from Azure's IP flow verify and effective routes on the adapters
 * that the run made, never from the plan.
 */

import { formatAddress, parseAddress, parsePrefix, prefixSet } from "../connectivity/address.js";
import { contains } from "../connectivity/rangeSet.js";
import type { AccessVerdict, ConnectivityPlan } from "../connectivity/types.js";
import type { EffectiveRoute, Job, JobTask, ReplicatedItem, SiteRecovery } from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import type { LoadedTarget } from "./target.js";

export interface AccessEvidence {
  path: string;
  protocol: string;
  port: number;
  /** The address that was asked about. */
  source: string;
  /** null where Azure could not be asked, with the reason in `decidedBy`. */
  reachable: boolean | null;
  /** The rule or route that decided, in Azure's spelling. */
  decidedBy: string;
  /** What the plan said; absent where there was none. */
  planned?: boolean;
  differsFromPlan: boolean;
}

export interface MachineEvidence {
  name: string;
  replicatedItemId: string;
  /** 1-based. */
  bootGroup: number;
  virtualMachineId?: string;
  privateIp?: string;
  /** From the start of the run to the machine running. */
  recoveryTimeSeconds?: number;
  /** ISO 8601. */
  recoveryPointTime?: string;
  /** Age of the recovery point when the run started. */
  recoveryPointAgeSeconds?: number;
  access: AccessEvidence[];
}

export interface TaskEvidence {
  name: string;
  state: string;
  seconds?: number;
}

export interface RunEvidence {
  jobName: string;
  state: string;
  seconds?: number;
  machines: MachineEvidence[];
  tasks: TaskEvidence[];
  findings: string[];
}

export async function collectEvidence(
  loaded: LoadedTarget,
  job: Job,
  plan: ConnectivityPlan | undefined,
  nameOfVm: (item: ReplicatedItem) => string | undefined,
): Promise<RunEvidence> {
  const machines = await Promise.all(
    loaded.items.map((item) => machineEvidence(loaded, item, job, plan, vmNameOf(job, item) ?? nameOfVm(item))),
  );
  const findings = machines.flatMap((machine) => [
    ...(machine.virtualMachineId
      ? []
      : [`${machine.name}: the machine that the run should have made was not found`]),
    ...machine.access
      .filter((access) => access.differsFromPlan)
      .map(
        (access) =>
          `${machine.name}: ${access.protocol}/${access.port} by ${access.path} was planned ${access.planned ? "reachable" : "blocked"}, Azure says ${access.reachable ? "reachable" : "blocked"} (${access.decidedBy})`,
      ),
  ]);
  return defined({
    jobName: job.name,
    state: job.state,
    seconds: secondsBetween(job.startTime, job.endTime),
    machines,
    tasks: flatten(job.tasks).map((task) =>
      defined({
        name: task.machineName ? `${task.friendlyName} (${task.machineName})` : task.friendlyName,
        state: task.state,
        seconds: secondsBetween(task.startTime, task.endTime),
      }),
    ),
    findings,
  });
}

async function machineEvidence(
  loaded: LoadedTarget,
  item: ReplicatedItem,
  job: Job,
  plan: ConnectivityPlan | undefined,
  vmName: string | undefined,
): Promise<MachineEvidence> {
  const point = protectedItemOf(job, item);
  const found = await findMachine(loaded.siteRecovery, item, vmName);
  const verdicts = verdictsFor(plan, item);
  return defined({
    name: item.friendlyName,
    replicatedItemId: item.id,
    bootGroup: loaded.bootGroup(item),
    virtualMachineId: found?.id,
    privateIp: found?.privateIp,
    recoveryTimeSeconds: secondsBetween(job.startTime, runningSince(job, item)),
    recoveryPointTime: point?.recoveryPointTime,
    recoveryPointAgeSeconds: ageAtStart(point?.recoveryPointTime, job.startTime),
    access: found
      ? await Promise.all(verdicts.map((verdict) => askAzure(loaded.siteRecovery, found, verdict)))
      : [],
  });
}

/** Who can connect to the machine that a run made, as Azure answers; empty where there is no such machine. */
export async function verifyAccess(
  siteRecovery: SiteRecovery,
  item: ReplicatedItem,
  vmName: string,
  plan: ConnectivityPlan,
): Promise<AccessEvidence[]> {
  const found = await findMachine(siteRecovery, item, vmName);
  if (found === undefined) return [];
  return Promise.all(verdictsFor(plan, item).map((verdict) => askAzure(siteRecovery, found, verdict)));
}

function verdictsFor(plan: ConnectivityPlan | undefined, item: ReplicatedItem): AccessVerdict[] {
  const machine = plan?.machines.find(({ name }) => name === item.friendlyName);
  return machine?.nics.find((nic) => nic.isPrimary)?.access ?? [];
}

function protectedItemOf(job: Job, item: ReplicatedItem): Job["protectedItems"][number] | undefined {
  const names = [item.name, item.friendlyName, item.internalId].flatMap((name) =>
    name ? [name.toLowerCase()] : [],
  );
  return job.protectedItems.find((entry) =>
    [entry.name, entry.friendlyName].some((name) => name !== undefined && names.includes(name.toLowerCase())),
  );
}

/** The name of the machine that a drill made, where its job says it. */
export function vmNameOf(job: Job, item: ReplicatedItem): string | undefined {
  return protectedItemOf(job, item)?.testVmName;
}

/** When the machine ran: the end of the last good task that names it, or of all tasks where none names a machine. */
function runningSince(job: Job, item: ReplicatedItem): string | undefined {
  const tasks = flatten(job.tasks);
  const own = tasks.filter((task) => task.machineName?.toLowerCase() === item.friendlyName.toLowerCase());
  const relevant = own.length > 0 ? own : tasks.some((task) => task.machineName) ? [] : tasks;
  const ends = relevant.flatMap((task) => (task.state === "Succeeded" && task.endTime ? [task.endTime] : []));
  return ends.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}

function flatten(tasks: readonly JobTask[]): JobTask[] {
  return tasks.flatMap((task) => [task, ...flatten(task.children)]);
}

/** Whole seconds between two ISO times; undefined where one is missing. */
function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** A point that the run itself made ("latest") has age 0 when it starts. */
function ageAtStart(pointTime: string | undefined, startTime: string | undefined): number | undefined {
  const age = secondsBetween(pointTime, startTime);
  return age === undefined ? undefined : Math.max(0, age);
}

interface FoundMachine {
  id: string;
  nicId?: string;
  privateIp?: string;
  hasPublicIp: boolean;
}

/** The machine in the item's target resource group, with its primary adapter. */
async function findMachine(
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
  const answer = await reach(siteRecovery, machine, verdict, source);
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
