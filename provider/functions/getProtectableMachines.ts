/** `getProtectableMachines`: what the appliance of a fabric discovered on-premises. */

import { z } from "zod";
import type { CheckFailure, Context, Properties } from "../resources/handler.js";
import { fabricId } from "../resources/ids.js";
import { existingName, vaultFields, vaultOf, withVault } from "../resources/schema.js";
import { validate } from "../resources/validate.js";
import { NotFound } from "../siterecovery/errors.js";
import type { FunctionHandler } from "./function.js";

export const getProtectableMachinesSchema = z.strictObject({
  ...vaultFields,
  /** Name of the fabric whose appliance discovered the machines. */
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
  /** What `diskId` of a replicated item takes. */
  id: string;
  /** Size in bytes. */
  sizeInBytes?: number;
}

/** A machine that the appliance discovered on-premises, whether it replicates or not. */
export interface ProtectableMachine {
  /** ARM id: what `fabricDiscoveryMachineId` of a replicated item takes. */
  id: string;
  /** The machine's name on-premises. */
  name: string;
  /** Where the machine runs. */
  kind: "vmware" | "physical";
  /** Windows or Linux; left out where discovery could not tell. */
  osType?: "Windows" | "Linux";
  /** In the order of discovery; the first is the primary one. */
  nics: ProtectableMachineNic[];
  /** In the order of discovery. */
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

/**
 * The machines that the appliance of a fabric discovered: modernised VMware and physical ones.
 *
 * @see https://learn.microsoft.com/rest/api/migrate/ (Microsoft.OffAzure machines)
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
  const fabric = siteShape.safeParse(await siteRecovery.getResource(fabricId(vault, fabricName)));
  if (!fabric.success) {
    throw new NotFound(
      `reading fabric "${fabricName}": it is not in vault "${vault.vaultName}", or has no replication appliance (InMageRcm)`,
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
  const osType = os?.startsWith("win") ? "Windows" : os?.startsWith("lin") ? "Linux" : undefined;
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
