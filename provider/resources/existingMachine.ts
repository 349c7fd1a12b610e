/** Whether a machine has the adapters and disks that inputs name, as `existing.ts` asks of everything else. */

import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import type { ReplicatedItem, SiteRecovery } from "../siterecovery/siteRecovery.js";
import { discoveredMachines } from "./declared.js";
import { type Asking, given, ifAnswered, isNew, refuse, sameText } from "./existing.js";
import type { Properties } from "./handler.js";
import { nameOf } from "./ids.js";
import { sharedList } from "./sharedLists.js";

interface Part {
  name: string;
  friendlyName?: string | undefined;
}

/** What is known of a machine; undefined = its kind, or Azure now, does not tell. */
interface Parts {
  name: string;
  nics: Part[] | undefined;
  disks: Part[] | undefined;
}

/**
 * The adapters and disks of a machine: those that replicate where it does, else those that were discovered.
 *
 * @param id of the replicated item, which may not be there yet
 */
export async function requireParts(asking: Asking, siteRecovery: SiteRecovery, id: string): Promise<void> {
  const { inputs } = asking;
  const sources = ["fabricDiscoveryMachineId", "protectableItemId"] as const;
  if (!isNew(asking, ...sources, "nics", "disks", "diskIds", "osDiskId")) return;
  const parts = await ifAnswered(
    async () =>
      partsOf(await siteRecovery.findItem(id)) ??
      (await discoveredParts(asking, siteRecovery)) ??
      (await hostParts(asking, siteRecovery)),
  );
  if (!parts) return;
  for (const [index, nic] of listOf(inputs.nics).entries())
    requireOne(asking, `nics[${index}].nicId`, (nic as Properties | null)?.nicId, parts.nics, [
      parts.name,
      "adapter",
    ]);
  for (const [index, disk] of listOf(inputs.disks).entries())
    requireOne(asking, `disks[${index}].diskId`, (disk as Properties | null)?.diskId, parts.disks, [
      parts.name,
      "disk",
    ]);
  for (const [index, id] of listOf(inputs.diskIds).entries())
    requireOne(asking, `diskIds[${index}]`, id, parts.disks, [parts.name, "disk"]);
  requireOne(asking, "osDiskId", inputs.osDiskId, parts.disks, [parts.name, "disk"]);
}

function requireOne(
  asking: Asking,
  property: string,
  value: unknown,
  known: Part[] | undefined,
  [machine, word]: [machine: string, word: string],
): void {
  if (typeof value !== "string" || containsUnknown(value) || known === undefined || known.length === 0) return;
  if (known.some(({ name }) => sameText(name, value))) return;
  refuse(asking, property, {
    what: `is no ${word} of machine "${machine}"`,
    things: known,
    none: `none: the machine has no ${word}`,
    value,
  });
}

function partsOf(item: ReplicatedItem | undefined): Parts | undefined {
  if (!item) return undefined;
  return {
    name: item.friendlyName,
    nics: item.nics.map(({ nicId, sourceIpAddress }) => ({ name: nicId, friendlyName: sourceIpAddress })),
    disks: item.disks.map(({ diskId, diskName }) => ({ name: diskId, friendlyName: diskName })),
  };
}

/** Of VMware and physical machines: what the appliance's site tells. */
async function discoveredParts(asking: Asking, siteRecovery: SiteRecovery): Promise<Parts | undefined> {
  const id = given(asking, "fabricDiscoveryMachineId");
  const machine =
    id === undefined ? undefined : (await discoveredMachines(siteRecovery, id))?.get(id.toLowerCase());
  if (!machine) return undefined;
  const { displayName, networkAdapters, disks } = machine.properties;
  return {
    name: displayName ?? nameOf(machine.id),
    nics: networkAdapters?.map(({ macAddress, ipAddressList }) => ({
      name: macAddress,
      friendlyName: ipAddressList?.[0],
    })),
    disks: disks?.flatMap(({ uuid }) => (uuid ? [{ name: uuid }] : [])),
  };
}

const protectableShape = z.object({
  id: z.string(),
  properties: z.object({
    friendlyName: z.string(),
    customDetails: z
      .object({
        diskDetails: z.array(z.object({ vhdId: z.string().nullish(), vhdName: z.string().nullish() })).nullish(),
      })
      .nullish(),
  }),
});

/** Of Hyper-V machines: what their host tells, which are the disks but not the adapters. */
async function hostParts(asking: Asking, siteRecovery: SiteRecovery): Promise<Parts | undefined> {
  const id = given(asking, "protectableItemId");
  const list = /^(.*\/replicationProtectableItems)\/[^/]+$/i.exec(id ?? "")?.[1];
  if (id === undefined || list === undefined) return undefined;
  const machines = await sharedList(siteRecovery, list, protectableShape);
  const machine = machines.find((each) => sameText(each.id, id));
  if (!machine) {
    // Of a list that is empty nothing is concluded: the hosts may not have reported yet.
    if (machines.length > 0)
      refuse(asking, "protectableItemId", {
        what: "is no machine that the hosts have reported",
        things: machines.map((each) => ({ name: each.id, friendlyName: each.properties.friendlyName })),
        none: "none",
      });
    return undefined;
  }
  const { friendlyName, customDetails } = machine.properties;
  return {
    name: friendlyName,
    nics: undefined,
    disks: customDetails?.diskDetails?.flatMap(({ vhdId, vhdName }) =>
      vhdId ? [{ name: vhdId, friendlyName: vhdName ?? undefined }] : [],
    ),
  };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
