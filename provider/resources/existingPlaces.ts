/**
 * Whether what a failed-over machine is to be made in and with is in Azure, as `existing.ts` asks of everything else:
 * its resource group, storage accounts, and what else of compute its inputs name by ARM ids.
 */

import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import { type SiteRecovery, sameId } from "../siterecovery/siteRecovery.js";
import { type Asking, ifAnswered, isNew, refuseAbsent } from "./existing.js";
import type { Properties } from "./handler.js";
import { sharedList } from "./sharedLists.js";

/** What an input names: the list of a subscription that has it, and what people call it. */
interface Kind {
  list: string;
  word: string;
}

const group: Kind = { list: "resourceGroups", word: "resource group" };
const account: Kind = { list: "providers/Microsoft.Storage/storageAccounts", word: "storage account" };
const encryption: Kind = { list: "providers/Microsoft.Compute/diskEncryptionSets", word: "disk encryption set" };

const kinds: Readonly<Record<string, Kind>> = {
  targetResourceGroupId: group,
  targetStorageAccountId: account,
  logStorageAccountId: account,
  targetBootDiagnosticsStorageAccountId: account,
  targetAvailabilitySetId: { list: "providers/Microsoft.Compute/availabilitySets", word: "availability set" },
  targetProximityPlacementGroupId: {
    list: "providers/Microsoft.Compute/proximityPlacementGroups",
    word: "proximity placement group",
  },
};
const diskKinds: Readonly<Record<string, Kind>> = {
  logStorageAccountId: account,
  diskEncryptionSetId: encryption,
};

const placeShape = z.object({ id: z.string() });

/** Everything that the inputs of a replicated item name so; what may not be read is not asked for. */
export async function requirePlaces(asking: Asking, siteRecovery: SiteRecovery): Promise<void> {
  const { inputs } = asking;
  const disks = Array.isArray(inputs.disks) ? (inputs.disks as unknown[]) : [];
  await requireEach(asking, siteRecovery, kinds, inputs, "");
  await requireEach(asking, siteRecovery, diskKinds, inputs.disksDefault, "disksDefault.");
  for (const [index, disk] of disks.entries())
    await requireEach(asking, siteRecovery, diskKinds, disk, `disks[${index}].`);
}

async function requireEach(
  asking: Asking,
  siteRecovery: SiteRecovery,
  wanted: Readonly<Record<string, Kind>>,
  holder: unknown,
  path: string,
): Promise<void> {
  if (typeof holder !== "object" || holder === null) return;
  for (const [key, kind] of Object.entries(wanted)) {
    const property = `${path}${key}`;
    const id = (holder as Properties)[key];
    const subscription = /^\/subscriptions\/[^/]+/i.exec(String(id))?.[0];
    if (typeof id !== "string" || containsUnknown(id) || subscription === undefined) continue;
    if (asking.failures.some((failure) => failure.property === property)) continue;
    if (!isNew(asking, property.split(/[.[]/)[0] ?? property)) continue;
    await requirePlace(asking, siteRecovery, { property, id, kind, list: `${subscription}/${kind.list}` });
  }
}

async function requirePlace(
  asking: Asking,
  siteRecovery: SiteRecovery,
  { property, id, kind, list }: { property: string; id: string; kind: Kind; list: string },
): Promise<void> {
  const found = await ifAnswered(async () => {
    const listed = await sharedList(siteRecovery, list, placeShape);
    // Made since the list: one that looks missing is asked for by itself.
    const isThere =
      listed.some((each) => sameId(each.id, id)) || (await siteRecovery.getResource(id)) !== undefined;
    return { listed, isThere };
  });
  if (!found || found.isThere) return;
  refuseAbsent(asking, { property, id, word: kind.word, listed: found.listed, isGroup: kind === group });
}
