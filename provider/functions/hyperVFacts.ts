/** What a Hyper-V host tells of its machines and a replicated item does not: read for the readiness checks. */

import { z } from "zod";
import type { HyperVFacts } from "../lifecycle/readiness.js";
import { fabricId } from "../resources/ids.js";
import type { ReplicatedItem, SiteRecovery, VaultCoordinates } from "../siterecovery/siteRecovery.js";

const presence = z.string().nullish();

const protectableItemShape = z.object({
  id: z.string(),
  properties: z.object({
    customDetails: z.object({
      generation: z.string().nullish(),
      hasPhysicalDisk: presence,
      hasFibreChannelAdapter: presence,
      hasSharedVhd: presence,
    }),
  }),
});

/**
 * The facts by the ARM id, in lower case, of the machine's protectable item: one list for each container that the items
 * stand in. Items that a host no longer lists are left out.
 *
 * @see https://learn.microsoft.com/rest/api/site-recovery/replication-protectable-items
 */
export async function hyperVFacts(
  siteRecovery: SiteRecovery,
  vault: VaultCoordinates,
  items: readonly ReplicatedItem[],
): Promise<Map<string, HyperVFacts>> {
  const containers = new Set(
    items
      .filter(({ instanceType }) => instanceType === "HyperVReplicaAzure")
      .map(
        ({ fabricName, protectionContainerName }) =>
          `${fabricId(vault, fabricName)}/replicationProtectionContainers/${protectionContainerName}`,
      ),
  );
  const lists = await Promise.all(
    [...containers].map((container) => siteRecovery.listResources(`${container}/replicationProtectableItems`)),
  );
  return new Map(lists.flat().flatMap(read));
}

function read(resource: unknown): [string, HyperVFacts][] {
  const { data } = protectableItemShape.safeParse(resource);
  if (!data) return [];
  const { generation, hasPhysicalDisk, hasFibreChannelAdapter, hasSharedVhd } = data.properties.customDetails;
  const present: [string | null | undefined, string][] = [
    [hasPhysicalDisk, "a pass-through disk"],
    [hasFibreChannelAdapter, "a Fibre Channel adapter"],
    [hasSharedVhd, "a shared virtual hard disk"],
  ];
  return [
    [
      data.id.toLowerCase(),
      {
        isGeneration2: generation === "2",
        unsupportedDisks: present.flatMap(([said, what]) => (said === "Present" ? [what] : [])),
      },
    ],
  ];
}
