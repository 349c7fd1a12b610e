/**
 * Machines and plans that a program declares and Azure does not have yet: a drill's first preview plans with their
 * declarations and with what the appliance discovered on-premises.
 */

import { z } from "zod";
import { isUnknown } from "../connectivity/unknown.js";
import type {
  RecoveryPlan,
  RecoveryPlanAction,
  RecoveryPlanGroup,
  ReplicatedItem,
  ReplicatedNic,
  SiteRecovery,
} from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import type { Context, Properties } from "./handler.js";
import { nameOf } from "./ids.js";

/** The protection state of an item that is only declared. */
export const notReplicatedYet = "not replicated yet";

/** The item that a declaration would make; undefined where the program declares none of this id. */
export async function declaredItem(
  context: Context,
  siteRecovery: SiteRecovery,
  id: string,
): Promise<ReplicatedItem | undefined> {
  const inputs = context.declared.get(id.toLowerCase());
  if (!inputs) return undefined;
  const machine = await discovered(siteRecovery, text(inputs.fabricDiscoveryMachineId));
  const given = Array.isArray(inputs.nics) ? (inputs.nics as Properties[]) : [];
  const adapters = machine?.properties.networkAdapters ?? [];
  const known =
    adapters.length > 0 ? adapters.map((adapter) => adapter.macAddress) : given.map((nic) => String(nic.nicId));
  // Hyper-V tells a machine's adapters only once it replicates; it has one in any case.
  const nicIds = known.length === 0 && inputs.instanceType === "HyperVReplicaAzure" ? ["not known yet"] : known;
  const nics = nicIds.map((nicId, index): ReplicatedNic => {
    const own = given.find((nic) => String(nic.nicId).toLowerCase() === nicId.toLowerCase());
    const isAnyPrimary = given.some((nic) => nic.isPrimary === true);
    return defined({
      nicId,
      isPrimary: isAnyPrimary ? own?.isPrimary === true : index === 0,
      isSelectedForFailover: own?.isSelectedForFailover !== false,
      sourceIpAddress: adapters[index]?.ipAddressList?.find((address) => !address.includes(":")),
      targetSubnetName: text(own?.targetSubnetName) ?? text(inputs.targetSubnetName),
      targetIpAddress: text(own?.targetStaticIpAddress),
      testSubnetName: text(own?.testSubnetName) ?? text(inputs.testSubnetName),
      testIpAddress: text(own?.testStaticIpAddress),
    });
  });
  const osType = machine?.properties.operatingSystemDetails?.osType?.toLowerCase();
  return defined({
    id,
    name: nameOf(id),
    friendlyName: machine?.properties.displayName ?? nameOf(id),
    fabricName: String(inputs.fabricName),
    protectionContainerName: String(inputs.protectionContainerName),
    instanceType: String(inputs.instanceType),
    protectionState: notReplicatedYet,
    protectionStateDescription: notReplicatedYet,
    policyId: text(inputs.policyId),
    activeLocation: "Primary",
    testFailoverState: "None",
    allowedOperations: [],
    replicationHealth: "None",
    healthErrors: [],
    osType: osType === undefined ? text(inputs.guestOsType) : osType.startsWith("win") ? "Windows" : "Linux",
    targetVmName: text(inputs.targetVmName),
    targetNetworkId: text(inputs.targetNetworkId),
    testNetworkId: text(inputs.testNetworkId),
    targetResourceGroupId: text(inputs.targetResourceGroupId),
    targetBootDiagnosticsStorageAccountId: text(inputs.targetBootDiagnosticsStorageAccountId),
    usesManagedDisks: inputs.instanceType === "HyperVReplicaAzure" ? Array.isArray(inputs.disks) : undefined,
    nics,
    disks: [],
  });
}

export function declaredPlan(context: Context, id: string): RecoveryPlan | undefined {
  const inputs = context.declared.get(id.toLowerCase());
  if (!inputs || !Array.isArray(inputs.bootGroups)) return undefined;
  return {
    id,
    name: String(inputs.name),
    primaryFabricId: "",
    recoveryFabricId: String(inputs.recoveryFabricId),
    failoverDeploymentModel: String(inputs.failoverDeploymentModel),
    replicationProviders: [],
    allowedOperations: [],
    groups: groupsOf(inputs),
    isSummary: false,
  };
}

/** The groups of a plan in Azure's order: one Shutdown, one Failover, then Boot; what a preview does not know yet is left out. */
export function groupsOf(inputs: Properties): RecoveryPlanGroup[] {
  const known = <T>(list: unknown, isKnown: (entry: T) => boolean) =>
    Array.isArray(list) ? (list as T[]).filter(isKnown) : [];
  const group = (groupType: RecoveryPlanGroup["groupType"], given: unknown): RecoveryPlanGroup => {
    const { replicatedItemIds, startGroupActions, endGroupActions } = (given ?? {}) as Properties;
    const isNamed = (action: RecoveryPlanAction) => !isUnknown(action) && !isUnknown(action.name);
    return {
      groupType,
      replicatedItemIds: known<string>(replicatedItemIds, (id) => !isUnknown(id)),
      startGroupActions: known(startGroupActions, isNamed),
      endGroupActions: known(endGroupActions, isNamed),
    };
  };
  return [
    group("Shutdown", inputs.shutdownGroup),
    group("Failover", inputs.failoverGroup),
    ...known(inputs.bootGroups, () => true).map((boot) => group("Boot", boot)),
  ];
}

const machineShape = z.object({
  id: z.string(),
  properties: z.object({
    displayName: z.string().optional(),
    networkAdapters: z
      .array(z.object({ macAddress: z.string(), ipAddressList: z.array(z.string()).nullish() }))
      .nullish(),
    disks: z.array(z.object({ uuid: z.string().nullish() })).nullish(),
    operatingSystemDetails: z.object({ osType: z.string().nullish() }).nullish(),
  }),
});

export type DiscoveredMachine = z.infer<typeof machineShape>;

const sites = new WeakMap<SiteRecovery, Map<string, Promise<Map<string, DiscoveredMachine>>>>();

/** A machine of the appliance's site. */
async function discovered(
  siteRecovery: SiteRecovery,
  machineId: string | undefined,
): Promise<DiscoveredMachine | undefined> {
  return machineId === undefined
    ? undefined
    : (await discoveredMachines(siteRecovery, machineId))?.get(machineId.toLowerCase());
}

/**
 * The machines of the site that a discovered machine belongs to, by their ids in lower case: one paged list per site and
 * process. Undefined where the id names no site.
 */
export async function discoveredMachines(
  siteRecovery: SiteRecovery,
  machineId: string,
): Promise<ReadonlyMap<string, DiscoveredMachine> | undefined> {
  const site = /^(.*)\/machines\/[^/]+$/i.exec(machineId)?.[1];
  if (site === undefined) return undefined;
  const known = sites.get(siteRecovery) ?? new Map<string, Promise<Map<string, DiscoveredMachine>>>();
  sites.set(siteRecovery, known);
  const listed = known.get(site.toLowerCase()) ?? listMachines(siteRecovery, site);
  known.set(site.toLowerCase(), listed);
  listed.catch(() => known.delete(site.toLowerCase()));
  return listed;
}

async function listMachines(siteRecovery: SiteRecovery, site: string): Promise<Map<string, DiscoveredMachine>> {
  const machines = (await siteRecovery.listResources(`${site}/machines`)).flatMap((resource) => {
    const parsed = machineShape.safeParse(resource);
    return parsed.success ? [parsed.data] : [];
  });
  return new Map(machines.map((machine) => [machine.id.toLowerCase(), machine]));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && !isUnknown(value) ? value : undefined;
}
