/** Whether the virtual networks and subnets that inputs name are in Azure, as `existing.ts` asks of everything else. */

import { z } from "zod";
import { containsUnknown } from "../connectivity/unknown.js";
import { type SiteRecovery, sameId } from "../siterecovery/siteRecovery.js";
import { type Asking, given, ifAnswered, isNew, refuse, sameText } from "./existing.js";
import { nameOf } from "./ids.js";
import { sharedList } from "./sharedLists.js";
import { show } from "./validate.js";

const networkShape = z.object({
  id: z.string(),
  properties: z.object({ subnets: z.array(z.object({ name: z.string() })).nullish() }).nullish(),
});
type Network = z.infer<typeof networkShape>;

/** A virtual network among the inputs, and the subnets of it that they name. */
export interface NetworkUse {
  property: string;
  /** Subnets, each by its path among the inputs. */
  subnets: readonly { property: string; name: unknown }[];
}

/** Virtual networks and subnets, of whatever subscription. What may not be read is not asked for. */
export async function requireNetworks(
  asking: Asking,
  siteRecovery: SiteRecovery,
  uses: readonly NetworkUse[],
): Promise<void> {
  for (const { property, subnets } of uses) {
    const id = given(asking, property);
    const scope =
      /^(\/subscriptions\/[^/]+)\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+$/i;
    const subscription = scope.exec(id ?? "")?.[1];
    const keys = [property, ...subnets.map((subnet) => subnet.property.split(/[.[]/)[0] ?? "")];
    if (id === undefined || subscription === undefined || !isNew(asking, ...keys)) continue;
    const path = `${subscription}/providers/Microsoft.Network/virtualNetworks`;
    const found = await ifAnswered(async () => {
      const listed = (await sharedList(siteRecovery, path)).flatMap(
        (resource) => networkShape.safeParse(resource).data ?? [],
      );
      return { listed, network: await findNetwork(siteRecovery, id, listed, subnets) };
    });
    if (found) requireNetwork(asking, { property, id, subnets, ...found });
  }
}

interface AskedNetwork extends NetworkUse {
  id: string;
  /** Those of the network's subscription. */
  listed: readonly Network[];
  network: Network | undefined;
}

/** What this run made since the list, or what the list does not tell: one that looks missing is asked for by itself. */
async function findNetwork(
  siteRecovery: SiteRecovery,
  id: string,
  listed: readonly Network[],
  subnets: NetworkUse["subnets"],
): Promise<Network | undefined> {
  const network = listed.find((each) => sameId(each.id, id));
  if (network !== undefined && missingSubnets(network, subnets).length === 0) return network;
  return networkShape.safeParse(await siteRecovery.getResource(id)).data;
}

function missingSubnets(network: Network, subnets: NetworkUse["subnets"]): NetworkUse["subnets"] {
  const present = network.properties?.subnets ?? [];
  return subnets.filter(
    ({ name: wanted }) =>
      typeof wanted === "string" &&
      !containsUnknown(wanted) &&
      !present.some(({ name }) => sameText(name, wanted)),
  );
}

function requireNetwork(asking: Asking, { property, id, subnets, listed, network }: AskedNetwork): void {
  if (network === undefined) {
    const group = groupOf(id);
    const near = listed.filter((each) => sameText(groupOf(each.id), group));
    const place = near.length > 0 ? ` of resource group ${show(group)}` : "";
    refuse(asking, property, {
      what: "is not in Azure",
      things:
        near.length > 0
          ? near.map((each) => ({ name: nameOf(each.id) }))
          : listed.map((each) => ({ name: each.id })),
      none: "none is there",
      more: `${place}${madeHere("network", "id")}`,
    });
    return;
  }
  const { subnets: present } = network.properties ?? {};
  for (const { property: path, name } of missingSubnets(network, subnets)) {
    refuse(asking, path, {
      what: `is no subnet of network ${show(nameOf(id))}`,
      things: present ?? [],
      none: "none: the network has no subnet",
      more: madeHere("subnet", "name"),
      value: name,
    });
  }
}

/** How a preview learns that something is still to be made. */
function madeHere(what: string, output: string): string {
  return `; a ${what} that this program makes is given as its output ${output}, not as a text`;
}

function groupOf(id: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? "";
}
