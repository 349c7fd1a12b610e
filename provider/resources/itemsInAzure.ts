/**
 * Machines that replicate back, as they stand in Azure. A reprotect turns an item round: it then names the settings of the
 * way back and no Azure network any more. What its machine has in Azure is read from Azure, and which NIC is which from
 * the plan that was made while the item still named it.
 */

import { z } from "zod";
import type { ConnectivityPlan, MachinePlan, NicPlan } from "../connectivity/index.js";
import {
  type ReplicatedItem,
  type ReplicatedNic,
  type SiteRecovery,
  sameId,
} from "../siterecovery/siteRecovery.js";
import { defined } from "./compare.js";
import { nameOf } from "./ids.js";
import { readNetworks } from "./networks.js";

/** True while an item names what it fails over to. */
export function namesItsTarget({ instanceType }: ReplicatedItem): boolean {
  return !/^(InMageRcmFailback|InMage)$/i.test(instanceType);
}

const machineShape = z.object({
  id: z.string(),
  properties: z.object({
    networkProfile: z.object({ networkInterfaces: z.array(z.object({ id: z.string() })).nullish() }).nullish(),
  }),
});
const cardShape = z.object({
  id: z.string(),
  properties: z.object({
    primary: z.boolean().nullish(),
    macAddress: z.string().nullish(),
    virtualMachine: z.object({ id: z.string() }).nullish(),
    ipConfigurations: z
      .array(
        z.object({
          properties: z.object({
            primary: z.boolean().nullish(),
            privateIPAddress: z.string().nullish(),
            subnet: z.object({ id: z.string() }).nullish(),
          }),
        }),
      )
      .nullish(),
  }),
});
type Card = z.infer<typeof cardShape>;

/**
 * The items with the target settings that their machines have in Azure; one whose machine and network are both unknown is
 * left out. Items that still name their target are given back as they are.
 *
 * @param plan the last plan of these items; default none
 */
export async function itemsInAzure(
  siteRecovery: SiteRecovery,
  items: readonly ReplicatedItem[],
  plan?: ConnectivityPlan,
): Promise<ReplicatedItem[]> {
  const found = await Promise.all(
    items.map(async (item) => {
      if (namesItsTarget(item)) return item;
      const planned = plan?.machines.find(({ name }) => name.toLowerCase() === item.friendlyName.toLowerCase());
      return forwardItem(item, await cardsOf(siteRecovery, item, planned), planned);
    }),
  );
  return found.flatMap((item) => item ?? []);
}

/** Classic items do not name their machine in Azure: it is looked for by its name in the network of the plan. */
async function cardsOf(
  siteRecovery: SiteRecovery,
  item: ReplicatedItem,
  planned: MachinePlan | undefined,
): Promise<Card[]> {
  if (item.azureVirtualMachineId !== undefined) {
    const machine = machineShape.safeParse(await siteRecovery.getResource(item.azureVirtualMachineId)).data;
    const ids = machine?.properties.networkProfile?.networkInterfaces?.map(({ id }) => id) ?? [];
    const cards = await Promise.all(ids.map((id) => siteRecovery.getResource(id)));
    return cards.flatMap((raw) => cardShape.safeParse(raw).data ?? []);
  }
  const networkId = planned?.nics.find((nic) => nic.networkId !== undefined)?.networkId;
  if (networkId === undefined) return [];
  const { networkInterfaces } = await readNetworks(siteRecovery, [networkId]);
  return (networkInterfaces ?? [])
    .flatMap((raw) => cardShape.safeParse(raw).data ?? [])
    .filter((card) => {
      const machine = card.properties.virtualMachine?.id;
      const isNamed = machine !== undefined && nameOf(machine).toLowerCase() === item.friendlyName.toLowerCase();
      return isNamed && sameId(networkOf(card), networkId);
    });
}

function forwardItem(
  item: ReplicatedItem,
  cards: readonly Card[],
  planned: MachinePlan | undefined,
): ReplicatedItem | undefined {
  const machineId = item.azureVirtualMachineId ?? cards[0]?.properties.virtualMachine?.id;
  const targetNetworkId =
    cards.map(networkOf).find((id) => id !== undefined) ??
    planned?.nics.find(({ networkId }) => networkId !== undefined)?.networkId;
  if (targetNetworkId === undefined) return undefined;
  return defined({
    ...item,
    targetVmName: machineId === undefined ? item.friendlyName : nameOf(machineId),
    targetResourceGroupId: /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(machineId ?? "")?.[0],
    targetNetworkId,
    nics:
      planned === undefined || planned.nics.length === 0
        ? cards.map((card) => nicOfCard(card, cards.length === 1))
        : planned.nics.map(nicOfPlan),
  });
}

function nicOfPlan({ nicId, isPrimary, subnetName, address }: NicPlan): ReplicatedNic {
  return defined({
    nicId,
    isPrimary,
    isSelectedForFailover: true,
    targetSubnetName: subnetName,
    targetIpAddress: address.address,
  });
}

function nicOfCard(card: Card, isOnly: boolean): ReplicatedNic {
  const { primary, macAddress } = card.properties;
  const first = primaryOf(card);
  return defined({
    nicId: macAddress ?? nameOf(card.id),
    isPrimary: primary ?? isOnly,
    isSelectedForFailover: true,
    targetSubnetName: first?.subnet == null ? undefined : nameOf(first.subnet.id),
    targetIpAddress: first?.privateIPAddress ?? undefined,
  });
}

function primaryOf({ properties }: Card) {
  const list = properties.ipConfigurations?.map((configuration) => configuration.properties);
  return list?.find(({ primary }) => primary === true) ?? list?.[0];
}

function networkOf(card: Card): string | undefined {
  return /^(.+)\/subnets\/[^/]+$/i.exec(primaryOf(card)?.subnet?.id ?? "")?.[1];
}
