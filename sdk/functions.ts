/** Functions that read the vault while a program runs; they change nothing. */

import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { fabricId } from "../provider/resources/ids.js";
import { createContext } from "../provider/shells/context.js";
import { NotFound } from "../provider/siterecovery/errors.js";
import type { VaultCoordinates } from "../provider/siterecovery/siteRecovery.js";

export interface GetProtectableMachinesArgs extends Partial<VaultCoordinates> {
  /** Name of the fabric whose appliance discovered the machines. */
  fabricName: string;
}

/** A machine that the appliance discovered on-premises, whether it replicates or not. */
export interface ProtectableMachine {
  /** ARM id: what `fabricDiscoveryMachineId` of a `ReplicatedItem` takes. */
  id: string;
  /** The machine's name on-premises. */
  name: string;
  kind: "vmware" | "physical";
  /** Windows or Linux; undefined where discovery could not tell. */
  osType: "Windows" | "Linux" | undefined;
  /** In the order of discovery; the first is the primary one. */
  nics: { macAddress: string; ipAddresses: string[]; networkName: string | undefined }[];
  disks: { id: string; sizeInBytes: number | undefined }[];
}

const siteShape = z.object({
  properties: z.object({
    customDetails: z.object({ vmwareSiteId: z.string().nullish(), physicalSiteId: z.string().nullish() }),
  }),
});

const machineShape = z.object({
  id: z.string(),
  properties: z.object({
    displayName: z.string(),
    isDeleted: z.boolean().nullish(),
    operatingSystemDetails: z.object({ osType: z.string().nullish() }).nullish(),
    networkAdapters: z
      .array(
        z.object({
          macAddress: z.string(),
          ipAddressList: z.array(z.string()).nullish(),
          networkName: z.string().nullish(),
        }),
      )
      .nullish(),
    disks: z.array(z.object({ uuid: z.string().nullish(), maxSizeInBytes: z.number().nullish() })).nullish(),
  }),
});

/**
 * The machines that the appliance of a fabric discovered: modernised VMware and physical ones.
 *
 * @throws NotFound where the fabric is not there or has no appliance of that kind
 * @see https://learn.microsoft.com/rest/api/migrate/ (Microsoft.OffAzure machines)
 * @example
 * const machines = await getProtectableMachines({ fabricName: "shop-fabric" });
 */
export async function getProtectableMachines(args: GetProtectableMachinesArgs): Promise<ProtectableMachine[]> {
  try {
    return await listMachines(args);
  } catch (error) {
    // Pulumi shows the message of this error alone; of any other it prints the stack and every field.
    throw new pulumi.RunError(`getProtectableMachines: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function listMachines(args: GetProtectableMachinesArgs): Promise<ProtectableMachine[]> {
  const config = new pulumi.Config("siterecovery");
  const context = createContext((key) => config.get(key), process.env, {
    log: () => undefined,
    beforeWrite: () => Promise.reject(new Error("functions only read")),
  });
  const vault = { ...context.defaults, ...args };
  const missing = (["subscriptionId", "resourceGroupName", "vaultName"] as const).filter((key) => !vault[key]);
  if (missing.length > 0) {
    throw new Error(
      `${missing.map((key) => `${key} is required: give it, or set siterecovery:${key} for the stack`).join("; ")}`,
    );
  }
  const { subscriptionId = "", resourceGroupName = "", vaultName = "" } = vault;
  const coordinates = { subscriptionId, resourceGroupName, vaultName };
  const siteRecovery = context.connect(coordinates);
  const fabric = siteShape.safeParse(await siteRecovery.getResource(fabricId(coordinates, args.fabricName)));
  if (!fabric.success) {
    throw new NotFound(
      `reading fabric "${args.fabricName}": it is not in vault "${vaultName}", or has no replication appliance (InMageRcm)`,
    );
  }
  const { vmwareSiteId, physicalSiteId } = fabric.data.properties.customDetails;
  const list = async (siteId: string | null | undefined, kind: ProtectableMachine["kind"]) =>
    siteId
      ? (await siteRecovery.listResources(`${siteId}/machines`)).flatMap((resource) => read(resource, kind))
      : [];
  const machines = [...(await list(vmwareSiteId, "vmware")), ...(await list(physicalSiteId, "physical"))];
  return machines.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function read(resource: unknown, kind: ProtectableMachine["kind"]): ProtectableMachine[] {
  const parsed = machineShape.safeParse(resource);
  if (!parsed.success || parsed.data.properties.isDeleted === true) return [];
  const { displayName, operatingSystemDetails, networkAdapters, disks } = parsed.data.properties;
  const os = operatingSystemDetails?.osType?.toLowerCase();
  return [
    {
      id: parsed.data.id,
      name: displayName,
      kind,
      osType: os?.startsWith("win") ? "Windows" : os?.startsWith("lin") ? "Linux" : undefined,
      nics: (networkAdapters ?? []).map((adapter) => ({
        macAddress: adapter.macAddress,
        ipAddresses: adapter.ipAddressList ?? [],
        networkName: adapter.networkName ?? undefined,
      })),
      disks: (disks ?? []).flatMap((disk) =>
        disk.uuid ? [{ id: disk.uuid, sizeInBytes: disk.maxSizeInBytes ?? undefined }] : [],
      ),
    },
  ];
}
