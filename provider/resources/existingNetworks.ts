/** Whether the virtual networks and subnets that inputs name are in Azure, as `existing.ts` asks of everything else. */

import { z } from "zod";
import {
  formatAddress,
  parseAddress,
  parsePrefix,
  type StaticAddressProblem,
  staticAddressProblem,
} from "../connectivity/address.js";
import { containsUnknown } from "../connectivity/unknown.js";
import { type SiteRecovery, sameId } from "../siterecovery/siteRecovery.js";
import { type Asking, given, ifAnswered, isNew, madeHere, refuse, refuseAbsent, sameText } from "./existing.js";
import type { Properties } from "./handler.js";
import { nameOf } from "./ids.js";
import { sharedList } from "./sharedLists.js";
import { show } from "./validate.js";

const subnetShape = z.object({
  name: z.string(),
  properties: z
    .object({ addressPrefix: z.string().nullish(), addressPrefixes: z.array(z.string()).nullish() })
    .nullish(),
});
const networkShape = z.object({
  id: z.string(),
  properties: z.object({ subnets: z.array(subnetShape).nullish() }).nullish(),
});
type Network = z.infer<typeof networkShape>;

/** A virtual network among the inputs, and the subnets of it that they name. */
export interface NetworkUse {
  property: string;
  /** Subnets, each by its path among the inputs. */
  subnets: readonly { property: string; name: unknown }[];
}

const networkIdPattern =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+$/i;

/** Virtual networks and subnets, of whatever subscription. What may not be read is not asked for. */
export async function requireNetworks(
  asking: Asking,
  siteRecovery: SiteRecovery,
  uses: readonly NetworkUse[],
): Promise<void> {
  for (const { property, subnets } of uses) {
    const id = given(asking, property);
    const keys = [property, ...subnets.map((subnet) => subnet.property.split(/[.[]/)[0] ?? "")];
    if (id === undefined || !networkIdPattern.test(id) || !isNew(asking, ...keys)) continue;
    const found = await ifAnswered(async () => {
      const listed = await networksBeside(siteRecovery, id);
      return { listed, network: await findNetwork(siteRecovery, id, listed, subnets) };
    });
    if (found) requireNetwork(asking, { property, id, subnets, ...found });
  }
}

const addressProblems: Readonly<Record<StaticAddressProblem, string>> = {
  "out-of-range": "is not in it",
  "reserved-first-four": "is reserved: Azure keeps the first four addresses of a subnet",
  "reserved-last": "is reserved: Azure keeps the last address of a subnet",
  "in-use": "is in use",
};

/** The static addresses of adapters: each in the subnet that its machine comes up in, and none that Azure keeps. */
export async function requireAddresses(asking: Asking, siteRecovery: SiteRecovery): Promise<void> {
  const { inputs } = asking;
  const nics = Array.isArray(inputs.nics) ? (inputs.nics as (Properties | null)[]) : [];
  for (const side of ["target", "test"] as const) {
    const id = given(asking, `${side}NetworkId`);
    if (id === undefined || !isNew(asking, "nics", `${side}NetworkId`, `${side}SubnetName`)) continue;
    const networks = await ifAnswered(() => networksBeside(siteRecovery, id));
    const network = networks?.find((each) => sameId(each.id, id));
    for (const [index, nic] of nics.entries()) {
      const address = nic?.[`${side}StaticIpAddress`];
      const subnetName = nic?.[`${side}SubnetName`] ?? inputs[`${side}SubnetName`];
      const subnet = network?.properties?.subnets?.find(({ name }) => sameText(name, String(subnetName)));
      const number = typeof address === "string" ? parseAddress(address) : undefined;
      const texts = subnet?.properties?.addressPrefixes ?? [subnet?.properties?.addressPrefix ?? ""];
      const prefixes = texts.flatMap((text) => parsePrefix(text) ?? []);
      const [first] = prefixes;
      if (number === undefined || first === undefined || subnet === undefined) continue;
      const own = prefixes.find((prefix) => number >= prefix.first && number <= prefix.last) ?? first;
      const problem = staticAddressProblem(own, number, () => false);
      if (!problem) continue;
      const usable = prefixes.map(
        (prefix) => `${formatAddress(prefix.first + 4)}-${formatAddress(prefix.last - 1)}`,
      );
      const reason = `value ${show(address)} does not fit subnet ${show(subnet.name)} of network ${show(nameOf(id))} (${texts.join(", ")}): it ${addressProblems[problem]}; allowed: ${usable.join(", ")}`;
      asking.failures.push({ property: `nics[${index}].${side}StaticIpAddress`, reason });
    }
  }
}

/** The virtual networks of the subscription that an id names; none where it names none. */
async function networksBeside(siteRecovery: SiteRecovery, id: string): Promise<Network[]> {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(id)?.[0];
  if (subscription === undefined) return [];
  return sharedList(siteRecovery, `${subscription}/providers/Microsoft.Network/virtualNetworks`, networkShape);
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
    refuseAbsent(asking, { property, id, word: "network", listed });
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
