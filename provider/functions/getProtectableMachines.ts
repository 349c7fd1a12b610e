/** `getProtectableMachines`: what was discovered on-premises, by an appliance or on Hyper-V hosts. */

import { z } from "zod";
import { defined } from "../resources/compare.js";
import type { CheckFailure, Context, Properties } from "../resources/handler.js";
import { fabricId } from "../resources/ids.js";
import { existingName, vaultFields, vaultOf, withVault } from "../resources/schema.js";
import { validate } from "../resources/validate.js";
import { NotFound } from "../siterecovery/errors.js";
import type { SiteRecovery } from "../siterecovery/siteRecovery.js";
import type { FunctionHandler } from "./function.js";

export const getProtectableMachinesSchema = z.strictObject({
  ...vaultFields,
  /** Name of the fabric: of an appliance, a Hyper-V site or a VMM server. */
  fabricName: existingName,
});

/** A network adapter of a discovered machine. */
export interface ProtectableMachineNic {
  /** What `nicId` of a replicated item takes. */
  macAddress: string;
  /** IPv4 and IPv6 addresses, as discovered. */
  ipAddresses: string[];
  /** Name of the on-premises network. */
  networkName?: string;
}

/** A disk of a discovered machine. */
export interface ProtectableMachineDisk {
  /** What `diskId` of a replicated item takes; on Hyper-V `diskIds` and `osDiskId`. */
  id: string;
  /** Name of the virtual hard disk, on Hyper-V. */
  name?: string;
  /** Size in bytes. */
  sizeInBytes?: number;
}

/** A machine that was discovered on-premises, whether it replicates or not. */
export interface ProtectableMachine {
  /** ARM id: what `fabricDiscoveryMachineId` of a replicated item takes, or on Hyper-V `protectableItemId`. */
  id: string;
  /** The machine's name on-premises. */
  name: string;
  /** Where the machine runs. */
  kind: "vmware" | "physical" | "hyperv";
  /** Hyper-V: name of the container that the machine stands in, of the site or of a VMM cloud. */
  protectionContainerName?: string;
  /** Windows or Linux; left out where discovery could not tell. Hyper-V tells it only while the machine runs. */
  osType?: "Windows" | "Linux";
  /** In the order of discovery; the first is the primary one. Hyper-V tells them only once a machine replicates. */
  nics: ProtectableMachineNic[];
  /** In the order of discovery. Hyper-V does not tell which one holds the operating system. */
  disks: ProtectableMachineDisk[];
}

/** The answer of `getProtectableMachines`. */
export interface GetProtectableMachinesResult {
  /** The machines, by name. */
  machines: ProtectableMachine[];
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

const hyperVFabrics = ["HyperVSite", "VMM"];

const fabricShape = z.object({
  properties: z.object({ customDetails: z.object({ instanceType: z.string().nullish() }).nullish() }),
});

const protectableItemShape = z.object({
  id: z.string(),
  properties: z.object({
    friendlyName: z.string(),
    customDetails: z.object({
      osDetails: z.object({ osType: z.string().nullish() }).nullish(),
      diskDetails: z
        .array(
          z.object({
            vhdId: z.string().nullish(),
            vhdName: z.string().nullish(),
            maxSizeMB: z.number().nullish(),
          }),
        )
        .nullish(),
    }),
  }),
});

/**
 * The machines that the appliance of a fabric discovered, modernised VMware and physical ones, or those that stand on the
 * Hyper-V hosts of a site or a VMM server.
 *
 * @see https://learn.microsoft.com/rest/api/migrate/ (Microsoft.OffAzure machines)
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-protectable-items
 */
export const getProtectableMachines: FunctionHandler = {
  token: "getProtectableMachines",
  schema: getProtectableMachinesSchema,

  async call(context, args) {
    const failures: CheckFailure[] = [];
    const validated = validate(getProtectableMachinesSchema, args);
    failures.push(...validated.failures);
    const filled = withVault(context, validated.inputs, failures);
    if (failures.length > 0) return { failures };
    const result: GetProtectableMachinesResult = { machines: await discovered(context, filled) };
    return { result: { ...result }, failures };
  },
};

async function discovered(context: Context, args: Properties): Promise<ProtectableMachine[]> {
  const vault = vaultOf(args);
  const fabricName = String(args.fabricName);
  const siteRecovery = context.connect(vault);
  const id = fabricId(vault, fabricName);
  const resource = await siteRecovery.getResource(id);
  const kind = fabricShape.safeParse(resource).data?.properties.customDetails?.instanceType ?? "";
  if (hyperVFabrics.includes(kind)) return byName(await onHyperV(siteRecovery, id));
  const fabric = siteShape.safeParse(resource);
  if (!fabric.success) {
    throw new NotFound(
      `reading fabric "${fabricName}": it is not in vault "${vault.vaultName}", or has neither a replication appliance (InMageRcm) nor Hyper-V hosts`,
    );
  }
  const { vmwareSiteId, physicalSiteId } = fabric.data.properties.customDetails;
  const list = async (siteId: string | null | undefined, kind: ProtectableMachine["kind"]) =>
    siteId
      ? (await siteRecovery.listResources(`${siteId}/machines`)).flatMap((resource) => read(resource, kind))
      : [];
  const machines = [...(await list(vmwareSiteId, "vmware")), ...(await list(physicalSiteId, "physical"))];
  return byName(machines);
}

function byName(machines: ProtectableMachine[]): ProtectableMachine[] {
  return machines.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** A site has one container, a VMM server one for each cloud. */
async function onHyperV(siteRecovery: SiteRecovery, fabric: string): Promise<ProtectableMachine[]> {
  const containers = await siteRecovery.listResources(`${fabric}/replicationProtectionContainers`);
  const listed = await Promise.all(
    containers.map(async ({ name }) => {
      const path = `${fabric}/replicationProtectionContainers/${String(name)}/replicationProtectableItems`;
      const items = await siteRecovery.listResources(path);
      return items.flatMap((item) => readHyperV(item, String(name)));
    }),
  );
  return listed.flat();
}

function readHyperV(resource: unknown, protectionContainerName: string): ProtectableMachine[] {
  const parsed = protectableItemShape.safeParse(resource);
  if (!parsed.success) return [];
  const { friendlyName, customDetails } = parsed.data.properties;
  return [
    defined({
      id: parsed.data.id,
      name: friendlyName,
      kind: "hyperv" as const,
      protectionContainerName,
      osType: osTypeOf(customDetails.osDetails?.osType),
      nics: [],
      disks: (customDetails.diskDetails ?? []).flatMap(({ vhdId, vhdName, maxSizeMB }) =>
        vhdId
          ? [
              defined({
                id: vhdId,
                name: vhdName ?? undefined,
                sizeInBytes: maxSizeMB ? maxSizeMB * 2 ** 20 : undefined,
              }),
            ]
          : [],
      ),
    }),
  ];
}

function osTypeOf(told: string | null | undefined): ProtectableMachine["osType"] {
  const os = told?.toLowerCase();
  return os?.startsWith("win") ? "Windows" : os?.startsWith("lin") ? "Linux" : undefined;
}

function read(resource: unknown, kind: ProtectableMachine["kind"]): ProtectableMachine[] {
  const parsed = machineShape.safeParse(resource);
  if (!parsed.success || parsed.data.properties.isDeleted === true) return [];
  const { displayName, operatingSystemDetails, networkAdapters, disks } = parsed.data.properties;
  const osType = osTypeOf(operatingSystemDetails?.osType);
  return [
    {
      id: parsed.data.id,
      name: displayName,
      kind,
      ...(osType === undefined ? {} : { osType }),
      nics: (networkAdapters ?? []).map(({ macAddress, ipAddressList, networkName }) => ({
        macAddress,
        ipAddresses: ipAddressList ?? [],
        ...(networkName ? { networkName } : {}),
      })),
      disks: (disks ?? []).flatMap(({ uuid, maxSizeInBytes }) =>
        uuid ? [{ id: uuid, ...(maxSizeInBytes ? { sizeInBytes: maxSizeInBytes } : {}) }] : [],
      ),
    },
  ];
}
