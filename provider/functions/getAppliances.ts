/** `getAppliances`: the servers of a vault's fabrics, with the ids that set-up and the way back need. */

import { z } from "zod";
import { defined } from "../resources/compare.js";
import type { CheckFailure, Properties } from "../resources/handler.js";
import { fabricId } from "../resources/ids.js";
import { existingName, vaultFields, vaultOf, withVault } from "../resources/schema.js";
import { show, validate } from "../resources/validate.js";
import type { ApplianceServer, Fabric, SiteRecovery } from "../siterecovery/siteRecovery.js";
import type { FunctionHandler } from "./function.js";

export const getAppliancesSchema = z.strictObject({
  ...vaultFields,
  /** Name of a fabric. Default: all of them. */
  fabricName: existingName.optional(),
});

/** A server of an appliance, of a configuration server or of a Hyper-V site. */
export interface ApplianceComponent {
  /** What `processServerId`, `masterTargetId` and the like take. */
  id: string;
  /** Name of the server. */
  name: string;
  /** Normal, Warning or Critical. */
  health?: string;
  /** Version of its agent. */
  version?: string;
}

/** What takes machines back. */
export interface ReprotectAgent {
  /** What `reprotect.reprotectAgentId` takes. */
  id: string;
  /** Name of the appliance. */
  name: string;
  /** Normal, Warning or Critical. */
  health?: string;
  /** Names of the datastores that it reaches: what `reprotect.datastoreName` takes. */
  accessibleDatastores: string[];
}

/** What takes classic machines back. */
export interface MasterTarget {
  /** What `reprotect.masterTargetId` takes. */
  id: string;
  /** Name of the server. */
  name: string;
  /** Normal, Warning or Critical. */
  health?: string;
  /** Version of its agent. */
  version?: string;
  /** Names of the datastores that it reaches: what `reprotect.datastoreName` takes. */
  datastores: string[];
  /** Names of its retention volumes: what `reprotect.retentionDrive` takes. */
  retentionVolumes: string[];
}

/** An account that installs the mobility agent. */
export interface RunAsAccount {
  /** What `runAsAccountId` takes. */
  id: string;
  /** Name of the account. */
  name: string;
}

/** A network on-premises that a VMM server knows. */
export interface VmmNetwork {
  /** What `networkName` of a `NetworkMapping` takes. */
  name: string;
  /** The network's name on-premises. */
  friendlyName: string;
}

/** The servers of one fabric. */
export interface FabricAppliances {
  /** Name of the fabric. */
  fabricName: string;
  /** InMageRcm (appliance), VMware (configuration server), HyperVSite, VMM, ... */
  instanceType: string;
  /** Normal, Warning or Critical. */
  health: string;
  /** Receive replication data. */
  processServers: ApplianceComponent[];
  /** Take classic machines back. */
  masterTargets: MasterTarget[];
  /** Take modernised machines back. */
  reprotectAgents: ReprotectAgent[];
  /** Accounts that install the mobility agent. */
  runAsAccounts: RunAsAccount[];
  /** Hyper-V hosts of a site. */
  hyperVHosts: ApplianceComponent[];
  /** VM networks of a VMM server. */
  networks: VmmNetwork[];
}

/** The answer of `getAppliances`. */
export interface GetAppliancesResult {
  /** The fabrics, by name. */
  fabrics: FabricAppliances[];
}

/** Lists the servers of the vault's fabrics; changes nothing. */
export const getAppliances: FunctionHandler = {
  token: "getAppliances",
  schema: getAppliancesSchema,

  async call(context, args) {
    const failures: CheckFailure[] = [];
    const validated = validate(getAppliancesSchema, args);
    failures.push(...validated.failures);
    const filled = withVault(context, validated.inputs, failures);
    if (failures.length > 0) return { failures };
    const siteRecovery = context.connect(vaultOf(filled));
    const fabrics = await fabricsOf(siteRecovery, filled, failures);
    if (failures.length > 0) return { failures };
    const result: GetAppliancesResult = {
      fabrics: await Promise.all(
        fabrics.map((fabric) => describe(siteRecovery, fabric, fabricId(vaultOf(filled), fabric.name))),
      ),
    };
    return { result: { ...result }, failures };
  },
};

/** Azure itself is a fabric too, without servers. */
async function fabricsOf(
  siteRecovery: SiteRecovery,
  args: Properties,
  failures: CheckFailure[],
): Promise<Fabric[]> {
  const listed = (await siteRecovery.listFabrics()).filter((fabric) => fabric.instanceType !== "Azure");
  const name = args.fabricName as string | undefined;
  const chosen = listed.filter((fabric) => name === undefined || fabric.name.toLowerCase() === name.toLowerCase());
  if (name !== undefined && chosen.length === 0) {
    failures.push({
      property: "fabricName",
      reason: `value ${show(name)} is not in the vault; allowed: ${listed.map((fabric) => fabric.name).join(", ") || "none is there"}`,
    });
  }
  const vault = vaultOf(args);
  const found = await Promise.all(chosen.map((fabric) => siteRecovery.findFabric(fabricId(vault, fabric.name))));
  return found.flatMap((fabric) => fabric ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function describe(siteRecovery: SiteRecovery, fabric: Fabric, id: string): Promise<FabricAppliances> {
  return {
    fabricName: fabric.name,
    instanceType: fabric.instanceType,
    health: fabric.health,
    processServers: fabric.processServers.map(component),
    masterTargets: fabric.masterTargets.map((server) => ({
      ...component(server),
      datastores: server.datastores,
      retentionVolumes: server.retentionVolumes,
    })),
    reprotectAgents: fabric.reprotectAgents.map(({ id, name, health, accessibleDatastores }) =>
      defined({ id, name, health, accessibleDatastores }),
    ),
    runAsAccounts: [...fabric.runAsAccounts, ...(await accountsOf(siteRecovery, fabric))],
    hyperVHosts: fabric.hyperVHosts.map(component),
    networks: fabric.instanceType === "VMM" ? await networksOf(siteRecovery, id) : [],
  };
}

function component({ id, name, health, version }: ApplianceServer): ApplianceComponent {
  return defined({ id, name, health, version });
}

const networkShape = z.object({
  name: z.string(),
  properties: z.object({ friendlyName: z.string().nullish() }).nullish(),
});

async function networksOf(siteRecovery: SiteRecovery, fabric: string): Promise<VmmNetwork[]> {
  const listed = await siteRecovery.listResources(`${fabric}/replicationNetworks`);
  return listed.flatMap((resource) => {
    const { data } = networkShape.safeParse(resource);
    return data ? [{ name: data.name, friendlyName: data.properties?.friendlyName ?? data.name }] : [];
  });
}

const accountShape = z.object({
  id: z.string(),
  name: z.string().nullish(),
  properties: z.object({ displayName: z.string().nullish() }).nullish(),
});

/** A modernised appliance keeps its accounts at its site. */
async function accountsOf(siteRecovery: SiteRecovery, fabric: Fabric): Promise<RunAsAccount[]> {
  const sites = [fabric.vmwareSiteId, fabric.physicalSiteId].flatMap((id) => id ?? []);
  const listed = await Promise.all(sites.map((site) => siteRecovery.listResources(`${site}/runasaccounts`)));
  return listed.flat().flatMap((resource) => {
    const parsed = accountShape.safeParse(resource);
    if (!parsed.success) return [];
    const { id, name, properties } = parsed.data;
    return [{ id, name: properties?.displayName ?? name ?? id }];
  });
}
